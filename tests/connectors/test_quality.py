"""`commonground quality` and GET /api/v1/quality: one report by all ways in, as a table and as documents to send."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import html
from typer.testing import CliRunner

from connectors import cli, client
from connectors import quality_documents as documents
from connectors.api import quality
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.quality import noted
from tests import homes

HOSTILE = '=HYPERLINK("x") | <script>alert(1)</script> *wells*'


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with homes.opened(tmp_path_factory.mktemp("quality")) as opened:
        records = [homes.activity("XX-1", "PRJ-7", who=["Saltmarsh Aid"]), homes.activity("=XX-2", HOSTILE)]
        homes.put(opened, HOSTILE, noted(records))
        yield opened


@pytest.fixture
def told(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = LocalService(home).get("/api/v1/quality", {"publisher": f"Title of {HOSTILE}"})
    return found


def test_rest_gives_the_same_report(home: Home, told: dict[str, Any]) -> None:
    app = FastAPI()
    add_handlers(app)
    app.include_router(quality.router(Index(home), Identities(home.settings)))
    with TestClient(app) as caller:
        answer = caller.get("/api/v1/quality", params={"publisher": f"title of {HOSTILE}"})
        assert answer.status_code == 200
        assert answer.json() == told | {"audience": "public"}
        unknown = caller.get("/api/v1/quality", params={"publisher": "Nobody"})
        assert unknown.status_code == 404
        assert "Nearest names: Title of" in unknown.json()["detail"]
        assert caller.get("/api/v1/quality", params={"publisher": ""}).status_code == 422


def test_an_unknown_publisher_ends_with_the_nearest_names(home: Home) -> None:
    with pytest.raises(CommandError, match="Nearest names: Title of") as refused:
        LocalService(home).get("/api/v1/quality", {"publisher": "Nobody", "as": "public"})
    assert refused.value.code == 1


def test_markdown_says_all_and_keeps_marks_of_others_out(told: dict[str, Any]) -> None:
    text = documents.markdown(told)
    assert text.startswith("# Data quality: Title of =HYPERLINK")
    assert "<script>" not in text.replace("\\<script\\>", "")
    assert "## What to mend" in text
    assert "The title is a code" in text
    assert "XX-1 (" in text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert {line.replace("\\|", "").count("|") for line in rows} <= {5, 8}


def test_html_is_one_page_without_script(told: dict[str, Any]) -> None:
    page = html.fromstring(documents.html(told))
    assert not page.xpath("//script")
    assert HOSTILE in page.xpath("string(//h1)")
    assert page.xpath("//th[@scope='row'][text()='The title is a code']")
    assert not page.xpath("//*[@src or @href]")


def test_csv_has_a_row_for_each_example_and_no_formula(told: dict[str, Any]) -> None:
    rows = list(csv.DictReader(io.StringIO(documents.table(told))))
    assert len(rows) == sum(len(note["examples"]) for note in told["notes"])
    assert not [value for row in rows for value in row.values() if value.startswith("=")]
    assert {row["code"] for row in rows} == {note["code"] for note in told["notes"]}


def test_shares_are_never_rounded_to_nothing() -> None:
    assert [documents.percent(share) for share in (None, 0.0, 0.004, 0.5, 1.0)] == [
        "–",
        "0 %",
        "under 1 %",
        "50 %",
        "100 %",
    ]


def test_nothing_to_mend_is_said(told: dict[str, Any]) -> None:
    good = told | {"notes": [], "good": [], "personal_data_left_out": {"name": 2}}
    assert "Nothing." in documents.markdown(good)
    assert "<p>Nothing.</p>" in documents.html(good)
    assert "2 × name" in documents.markdown(good)


@pytest.mark.parametrize("options", [[], ["--json"], ["--format", "md"], ["--format", "html"], ["--format", "csv"]])
def test_the_command_prints_every_format(home: Home, monkeypatch: pytest.MonkeyPatch, options: list[str]) -> None:
    from contextlib import contextmanager

    @contextmanager
    def opened() -> Any:
        yield LocalService(home)

    monkeypatch.setattr(client, "open_service", opened)
    ended = CliRunner().invoke(cli.app, ["quality", f"Title of {HOSTILE}", "--as", "public", *options])
    assert ended.exit_code == 0, ended.output
    if options == ["--json"]:
        assert json.loads(ended.stdout)["records"] == 2
    else:
        assert "XX-1" in ended.stdout


def test_a_record_tells_what_the_day_adds(home: Home, tmp_path: Path) -> None:
    service = LocalService(home)
    assert "title-is-identifier" in {note["code"] for note in service.get("/api/v1/records/XX-1", {})["notes"]}
    with homes.opened(tmp_path) as other:
        from datetime import date

        from knowledge.records import Period

        ended = Period(planned_start=date(2025, 1, 1), planned_end=date(2026, 1, 1))
        homes.put(other, "one", [homes.activity("XX-3", "Wells", period=ended)])
        notes = LocalService(other).get("/api/v1/records/XX-3", {})["notes"]
        assert [note["code"] for note in notes] == ["ended-but-active"]
