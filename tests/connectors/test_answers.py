"""`commonground mandate` and `results`, GET /mandates and /results: one answer by all ways in, and exit codes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from connectors import cli, client
from connectors.api import answers
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.records import Access, Indicator, Level, Locator, OrganisationMention, Record, RecordKind, Role, Text
from tests import homes

QUOTE = "The Authority is responsible for boreholes [bold]and[/bold] wells."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    charter = Record(
        "charter", RecordKind.MANDATE, "Charter", Locator("page 1"), "en",
        (Text("section", f"It sits by the river. {QUOTE}", "en", "Mandate", 2),),
        (OrganisationMention(Role.REPORTING, "Rivers Authority"),), extra=(("document-type", "statute"),),
    )  # fmt: skip
    wells = homes.activity("w1", "Wells", who=["Bureau Amber"], where=[homes.place()], sectors=["14031"])
    dug = Indicator("Water", "Wells dug by hand", target="100", actual="82")
    quiet = replace(charter, id="quiet", organisations=(OrganisationMention(Role.REPORTING, "Quiet Office"),))
    with homes.opened(tmp_path_factory.mktemp("home")) as opened:
        homes.put(opened, "a", [charter, replace(wells, indicators=(dug,))])
        homes.put(opened, "own", [quiet], Access(Level.OWN))
        yield opened


@pytest.fixture
def service(home: Home, monkeypatch: pytest.MonkeyPatch) -> LocalService:
    class Opened:
        def __enter__(self) -> LocalService:
            return LocalService(home)

        def __exit__(self, *_: object) -> None:
            return None

    monkeypatch.setattr(client, "open_service", Opened)
    return LocalService(home)


def asked(**more: Any) -> dict[str, Any]:
    return {"q": "", "place": [], "theme": [], "org": [], "limit": 50, "as": "public", **more}


def test_rest_and_local_give_the_same(home: Home) -> None:
    app = FastAPI()
    add_handlers(app)
    app.include_router(answers.router(Index(home), Identities(home.settings)))
    with TestClient(app) as caller:
        for path, query in (("mandates", {"q": "boreholes"}), ("results", {"theme": ["water"], "place": ["Kenya"]})):
            answer = caller.get(f"/api/v1/{path}", params=query)
            assert answer.status_code == 200
            assert answer.json() == LocalService(home).get(f"/api/v1/{path}", asked(**query))
        assert caller.get("/api/v1/mandates").status_code == 422
        refused = caller.get("/api/v1/results", params={"place": "Nowhereville"})
        assert refused.status_code == 422
        assert refused.headers["content-type"] == "application/problem+json"
        assert "Nowhereville" in refused.json()["detail"]


def test_a_statement_carries_its_span_and_only_what_may_be_seen(home: Home) -> None:
    public = LocalService(home).get("/api/v1/mandates", asked(q="boreholes"))
    assert [s["organisation"]["name"] for s in public["statements"]] == ["Rivers Authority"]
    (said,) = public["statements"]
    assert (said["quote"], said["field"], said["start"], said["page"]) == (QUOTE, "texts/0/text", 22, 2)
    mine = LocalService(home).get("/api/v1/mandates", asked(q="boreholes", **{"as": "operator"}))
    assert mine["total"] == 2


def test_results_compare_by_code(home: Home) -> None:
    found = LocalService(home).get("/api/v1/results", asked(theme=["water"]))
    (item,) = found["indicators"]
    assert (item["state"], item["percent_of_target"], item["secondary_reporter"]) == ("below", 82, False)
    assert found["coverage"]["state"] == "reported"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (["mandate", "boreholes"], 0),
        (["mandate", "falconry"], 1),
        (["results", "--theme", "water", "--place", "Kenya"], 0),
        (["results", "--theme", "nutrition"], 1),
        (["results", "--theme", "water", "--place", "Peru"], 1),
    ],
)
def test_commands_end_with_what_was_found(service: LocalService, line: list[str], code: int) -> None:
    told = CliRunner().invoke(cli.app, line)
    assert told.exit_code == code, told.output
    as_json = CliRunner().invoke(cli.app, [*line, "--json"])
    assert as_json.exit_code == code
    assert json.loads(as_json.output)["coverage"]["as_of"] == homes.TODAY.isoformat()


def test_words_of_records_are_no_markup_on_a_terminal(service: LocalService) -> None:
    assert "[bold]and[/bold]" in " ".join(CliRunner().invoke(cli.app, ["mandate", "boreholes"]).output.split())


@pytest.mark.parametrize("line", [["results"], ["results", "--place", "Nowhereville"], ["mandate", "?"]])
def test_wrong_input_is_told_apart(service: LocalService, line: list[str]) -> None:
    failed = CliRunner().invoke(cli.app, line)
    assert isinstance(failed.exception, CommandError)
    assert failed.exception.code == 2
