"""`commonground reindex` and POST /api/v1/reindex: who may, what is said, and what a wrong name leads to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors import client
from connectors.cli import app
from connectors.client import CommandError
from connectors.local import LocalService
from knowledge.home import Home
from tests.connectors.test_upkeep import lines, send
from tests.homes import activity, opened, put


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "a", [activity("XX-1", "Wells"), activity("XX-2", "Meals")])
        yield home


def test_only_the_operator_may(home: Home) -> None:
    asked = send(home, "/api/v1/reindex", {}, **{"X-Forwarded-For": "203.0.113.9"})
    assert asked.status_code in (401, 403)


def test_a_running_server_does_it_and_says_how_far_it_is(home: Home) -> None:
    said = lines(send(home, "/api/v1/reindex", {"model": "packaged"}))
    report = said[-1]["report"]
    assert (report["model"], report["texts"], report["embedded"], report["swapped"]) == ("packaged", 2, 0, False)
    assert any("stage" in line for line in said[:-1])


def test_a_name_that_is_no_model_is_wrong_input(home: Home) -> None:
    said = lines(send(home, "/api/v1/reindex", {"model": "no/such-model"}))
    assert said[-1]["code"] == 2
    assert "no/such-model" in said[-1]["error"]
    with pytest.raises(CommandError, match="extra"):
        LocalService(home).work("/api/v1/reindex", {"extra": 1}, _Silent())


class _Silent:
    def start(self, stage: str, total: int) -> None: ...
    def advance(self, by: int = 1) -> None: ...
    def finish(self) -> None: ...


def test_the_command_reports(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def local() -> Iterator[LocalService]:
        yield LocalService(home)

    monkeypatch.setattr(client, "open_service", local)
    ended = CliRunner().invoke(app, ["reindex", "--json"])
    assert json.loads(ended.stdout)["dimension"] == 384
    ended = CliRunner().invoke(app, ["reindex"])
    assert "Answers now: packaged (384 numbers a vector), 2 texts, of which 0 were embedded" in ended.stdout
