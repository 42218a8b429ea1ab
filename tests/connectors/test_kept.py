"""Alerts, initiatives, introductions, feedback and changes over REST, on the command line, and without a server."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from typer.testing import CliRunner

from connectors import cli, client
from connectors.api import kept
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from tests.asynchronous import run
from tests.homes import activity, opened, place, put

VISITOR = {"x-forwarded-for": "203.0.113.9"}
WATCH = {"places": ["Turkana"], "themes": ["water"], "as": "Bramble Fund"}
DRAFT = {"title": "Wells", "places": ["Turkana"], "themes": ["Water"], "as": "Bramble Fund", "end": "2027-12-31"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path, "Quiet Office") as home:
        who = ["Cedar Trust", "Bramble Fund"]
        put(home, "a", [activity("KE-1", who=who, where=[place("Turkana")], sectors=["14031"])])
        yield home


class Door:
    """The API of a home, asked from the machine it runs on."""

    def __init__(self, home: Home) -> None:
        app = FastAPI()
        app.include_router(kept.router(Index(home), Identities(home.settings)))
        add_handlers(app)
        self._app = app

    def __call__(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http:
                return await http.request(method, f"/api/v1/{path}", headers=headers, **more)

        return run(exchange())

    def ok(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        response = self(method, path, **more)
        assert response.status_code == 200, response.text
        content: dict[str, Any] = response.json()
        return content


@pytest.fixture
def door(home: Home) -> Door:
    return Door(home)


def test_an_alert_from_first_to_last(door: Door, home: Home) -> None:
    made = door.ok("POST", "watches", json=WATCH)
    assert [one["id"] for one in made["places"]] == ["KE:turkana"]
    assert (made["by"], made["mine"], made["events"]) == ("Bramble Fund", True, ["new", "ended", "changed"])
    assert door.ok("POST", "watches", json=WATCH)["id"] == made["id"]
    put(home, "b", [activity("KE-2", where=[place("Turkana")], sectors=["14031"])])
    asker = {"as": "Bramble Fund"}
    (listed,) = door.ok("GET", "watches", params=asker)["watches"]
    assert listed["found"] == {"new": 1, "ended": 0, "changed": 0, "withdrawn": 0}
    seen = door.ok("GET", f"watches/{made['id']}", params=asker)
    assert [record["id"] for record in seen["changes"]["new"]["records"]] == ["KE-2"]
    since_ever = door.ok("GET", f"watches/{made['id']}", params={**asker, "since": "0"})
    assert since_ever["changes"]["new"]["total"] == 2
    assert door.ok("POST", f"watches/{made['id']}/looked", params=asker)["found"]["new"] == 0
    assert door.ok("GET", "watches", params={"as": "Cedar Trust"}) == {"watches": []}
    assert door("DELETE", f"watches/{made['id']}", params={"as": "Cedar Trust"}).status_code == 404
    assert door.ok("DELETE", f"watches/{made['id']}", params=asker)["removed"] == made["id"]
    assert door.ok("GET", "watches", params=asker) == {"watches": []}


def test_an_initiative_from_first_to_last(door: Door, home: Home) -> None:
    made = door.ok("POST", "initiatives", json=DRAFT)
    assert (made["title"], made["by"], made["audience"]) == ("Wells", "Bramble Fund", "own")
    assert door.ok("POST", "initiatives", json=DRAFT)["record"] == made["record"]
    service = LocalService(home)
    found = service.get(f"/api/v1/records/{made['record']}", {"as": "Bramble Fund"})
    assert found["source"]["file"] == "Registered in conversation"
    with pytest.raises(CommandError):
        service.get(f"/api/v1/records/{made['record']}", {"as": "Cedar Trust"})
    assert door("DELETE", f"initiatives/{made['record']}", params={"as": "Cedar Trust"}).status_code == 404
    door.ok("DELETE", f"initiatives/{made['record']}", params={"as": "Bramble Fund"})
    (listed,) = door.ok("GET", "initiatives", params={"as": "Bramble Fund"})["initiatives"]
    assert listed["withdrawn_at"]


def test_an_introduction_from_first_to_last(door: Door) -> None:
    body = {"organisation": "Cedar Trust", "about": "Cholera", "message": "Hello.", "as": "Bramble Fund"}
    made = door.ok("POST", "introductions", json=body)
    (waiting,) = door.ok("GET", "introductions", params={"as": "Cedar Trust"})["introductions"]
    assert (waiting["other"], waiting["about"], waiting["message"]) == ("Bramble Fund", "Cholera", "")
    answer = f"introductions/{made['id']}/answer"
    assert door("POST", answer, json={"answer": "accept", "as": "Acme Relief"}).status_code == 404
    assert door("POST", answer, json={"answer": "maybe", "as": "Cedar Trust"}).status_code == 422
    said = door.ok("POST", answer, json={"answer": "accept", "contact": "desk@cedar.example", "as": "Cedar Trust"})
    assert (said["state"], said["message"]) == ("accepted", "Hello.")
    (ours,) = door.ok("GET", "introductions", params={"as": "Bramble Fund"})["introductions"]
    assert ours["contact"] == "desk@cedar.example"


def test_feedback_from_first_to_last(door: Door) -> None:
    made = door.ok(
        "POST", "feedback", json={"kind": "wrong", "text": "Dry.", "records": ["KE-1"], "as": "Bramble Fund"}
    )
    (listed,) = door.ok("GET", "feedback")["feedback"]
    assert (listed["id"], listed["by"], listed["records"]) == (made["id"], "Bramble Fund", ["KE-1"])
    assert door.ok("GET", "feedback", params={"as": "Cedar Trust"}) == {"feedback": []}
    door.ok("DELETE", f"feedback/{made['id']}")
    assert door.ok("GET", "feedback") == {"feedback": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "watches", {"themes": ["water"]}),
        ("POST", "initiatives", {"title": "X", "themes": ["water"]}),
        ("POST", "introductions", {"organisation": "Cedar Trust", "about": "X"}),
        ("POST", "feedback", {"kind": "wrong", "text": "Dry."}),
        ("GET", "watches", None),
        ("GET", "initiatives", None),
        ("GET", "introductions", None),
        ("GET", "feedback", None),
        ("DELETE", "watches/x", None),
        ("DELETE", "initiatives/x", None),
        ("DELETE", "feedback/x", None),
    ],
)
def test_a_visitor_may_have_nothing_kept(door: Door, method: str, path: str, body: dict[str, Any] | None) -> None:
    for headers, speak_as in ((VISITOR, ""), (None, "public"), (None, "community")):
        more = {"json": {**body, "as": speak_as}} if body else {"params": {"as": speak_as}}
        response = door(method, path, headers, **more)
        assert response.status_code in (403, 404), response.text
        assert response.headers["content-type"] == "application/problem+json"
        if response.status_code == 404:
            assert path.startswith(("feedback/",))
    assert door("POST", "watches", VISITOR, json={**WATCH}).status_code == 403


def test_a_visitor_may_ask_what_changed(door: Door) -> None:
    response = door("GET", "changes", VISITOR, params={"since": "0", "place": "Turkana", "theme": "water"})
    assert response.status_code == 200
    assert [record["id"] for record in response.json()["new"]["records"]] == ["KE-1"]
    assert door.ok("GET", "changes", params={"since": "2030-01-01"})["new"]["total"] == 0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"since": "yesterday"}, "is no date, time or version"),
        ({"since": "0", "place": "Nowhere"}, "Nowhere is not known"),
        ({"since": "0", "org": "Whisper League"}, "Whisper League is not known"),
        ({"since": "0", "theme": "astrology"}, "astrology is not known"),
        ({"since": "0", "kind": "song"}, "kind"),
        ({}, "since"),
    ],
)
def test_wrong_questions_are_named(door: Door, query: dict[str, str], said: str) -> None:
    response = door("GET", "changes", params=query)
    assert response.status_code == 422
    assert said in response.json()["detail"]


def test_wrong_requests_are_named_without_their_words(door: Door) -> None:
    response = door("POST", "watches", json={"places": ["Turkana"], "colour": "secret words"})
    assert (response.status_code, response.json()["title"]) == (422, "Wrong request")
    assert "secret words" not in response.text
    response = door("POST", "watches", json={"as": "Bramble Fund"})
    assert (response.status_code, response.json()["status"]) == (422, 422)
    assert "Name a place" in response.json()["detail"]


def test_while_the_index_is_written_it_says_to_try_again(door: Door, home: Home) -> None:
    other = sqlite3.connect(home.database.path, isolation_level=None)
    event.listen(home.database.engine, "connect", lambda opened, _: opened.execute("PRAGMA busy_timeout=50"))
    home.database.engine.dispose()
    try:
        other.execute("BEGIN IMMEDIATE")
        response = door("POST", "watches", json=WATCH)
        assert response.status_code == 503
        assert "Try again" in response.json()["detail"]
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert door.ok("POST", "watches", json=WATCH)


@pytest.fixture
def command(home: Home, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def service() -> Iterator[LocalService]:
        yield LocalService(home)

    monkeypatch.setattr(client, "open_service", service)

    def call(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli.app, [*arguments, "--json"])
        assert result.exit_code == code, (result.output, result.exception)
        return json.loads(result.stdout) if code == 0 else result.exception

    return call


def test_the_command_line_does_the_same(command: Any, home: Home) -> None:
    made = command("watch", "add", "--place", "Turkana", "--event", "new", "--as", "Bramble Fund")
    assert made["events"] == ["new"]
    put(home, "b", [activity("KE-2", where=[place("Turkana")], sectors=["14031"])])
    assert command("watch", "list", "--as", "Bramble Fund")["watches"][0]["found"]["new"] == 1
    assert command("watch", "show", made["id"], "--as", "Bramble Fund")["changes"]["new"]["total"] == 1
    found = command("changes", "--since", "0", "--place", "Turkana")
    assert found["new"]["total"] == 2
    assert command("watch", "remove", made["id"], "--as", "Bramble Fund")["removed"] == made["id"]
    assert isinstance(command("watch", "remove", made["id"], "--as", "Bramble Fund", code=1), CommandError)
    asked = command("introductions", "ask", "Cedar Trust", "--about", "Cholera", "--as", "Bramble Fund")
    said = command("introductions", "decline", asked["id"], "--reason", "Later.", "--as", "Cedar Trust")
    assert (said["state"], said["reason"]) == ("declined", "Later.")
    (listed,) = command("introductions", "list", "--as", "Bramble Fund")["introductions"]
    assert listed["reason"] == "Later."


def test_the_command_line_shows_tables(command: Any, home: Home) -> None:
    runner = CliRunner()

    def shown(*arguments: str) -> str:
        return runner.invoke(cli.app, list(arguments), env={"COLUMNS": "200"}).stdout

    assert "Alert" in shown("watch", "add", "--theme", "water", "--as", "Bramble Fund")
    put(home, "b", [activity("KE-2", "[red]Wells", sectors=["14031"])])
    assert "Bramble Fund" in shown("watch", "list", "--as", "Bramble Fund")
    assert "[red]Wells" in shown("changes", "--since", "0")
    made = shown("introductions", "ask", "Cedar Trust", "--about", "Cholera", "--as", "Bramble Fund")
    assert "they see it when they ask here" in made
    assert "they ask" in shown("introductions", "list", "--as", "Cedar Trust")


def test_wrong_input_ends_with_2(command: Any) -> None:
    wrong = command("watch", "add", "--place", "Nowhere", "--as", "Bramble Fund", code=1)
    assert isinstance(wrong, CommandError)
    assert wrong.code == 2
    assert isinstance(command("watch", "add", "--theme", "water", "--as", "public", code=1), CommandError)
