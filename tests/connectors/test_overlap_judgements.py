"""Judgements on pairs over REST, on the command line, and without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from connectors import cli, client
from connectors.api import overlap_judgements
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.overlap.standing import NotReady, Standing
from knowledge.records import OrganisationMention, Role
from tests.asynchronous import run
from tests.homes import activity, opened, place, put

VISITOR = {"x-forwarded-for": "203.0.113.9"}
SAYS = {"a": "KE-2", "b": "KE-1", "says": "chain", "reason": "KE-2 is paid from KE-1."}
SHARED = {**SAYS, "audience": "public", "as": "Bramble Fund"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    def work(ident: str, by: str, text: str) -> Any:
        who = [OrganisationMention(Role.REPORTING, by)]
        return activity(ident, f"Wells of {by}", who=who, where=[place("Turkana")], sectors=["14031"], text=text)

    with opened(tmp_path / "home", "Quiet Office") as home:
        wells, meals = "Drilling boreholes and repairing pumps for villages.", "School meals for girls."
        records = [work("KE-1", "Bramble Fund", wells), work("KE-2", "Cedar Trust", wells)]
        put(home, "a", [*records, work("KE-3", "Acme Relief", meals), work("KE-4", "Delta Aid", "Training of nurses.")])
        yield home


class Door:
    """The API of a home, asked from the machine it runs on."""

    def __init__(self, home: Home) -> None:
        app = FastAPI()
        app.include_router(overlap_judgements.router(Index(home), Identities(home.settings)))
        add_handlers(app)
        self._app = app

    def __call__(self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        async def exchange() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as http:
                return await http.request(method, f"/api/v1/overlaps/{path}", headers=headers, **more)

        return run(exchange())

    def ok(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        response = self(method, path, **more)
        assert response.status_code == 200, response.text
        content: dict[str, Any] = response.json()
        return content


@pytest.fixture
def door(home: Home) -> Door:
    return Door(home)


def test_a_judgement_from_first_to_last(door: Door) -> None:
    made = door.ok("POST", "judgements", json=SHARED)
    assert (made["a"], made["b"], made["label"], made["by"]) == ("KE-1", "KE-2", "chain", "Bramble Fund")
    assert made["model"]["parameters"]
    seen = door("GET", "judgements", VISITOR, params={"record": "KE-2"}).json()["judgements"]
    assert [(one["id"], one["state"], one["mine"], one["model"]) for one in seen] == [
        (made["id"], "counts", False, None)
    ]
    other = door.ok("POST", "judgements", json={**SHARED, "says": "overlap", "as": "Cedar Trust"})
    assert other["disputed"]
    assert [one["by"] for one in other["others"]] == ["Bramble Fund"]
    waits = door.ok("GET", "queue")
    assert (waits["disputed"], waits["pairs"][0]["disputed"]["label"]) == (1, "overlap")
    assert all(clause["text"] for clause in (*waits["pairs"][0]["for"], *waits["pairs"][0]["against"]))
    assert door("DELETE", f"judgements/{made['id']}", params={"as": "Cedar Trust"}).status_code == 404
    taken = door.ok("DELETE", f"judgements/{made['id']}", params={"as": "Bramble Fund"})
    assert taken["taken_back"]["id"] == made["id"]
    states = [one["state"] for one in door.ok("GET", "judgements")["judgements"]]
    assert states == ["undo", "counts", "taken_back"]
    assert door.ok("GET", "judgements", params={"limit": 1, "offset": 1})["judgements"][0]["state"] == "counts"


def test_confirm_reject_and_skip_are_said_of_what_is_shown(door: Door) -> None:
    rejected = door.ok("POST", "judgements", json={"a": "KE-1", "b": "KE-3", "says": "reject", "shown": "overlap"})
    assert (rejected["what"], rejected["shown"]) == ("reject", "overlap")
    assert rejected["label"] != "overlap"
    confirmed = door.ok("POST", "judgements", json={"a": "KE-1", "b": "KE-4", "says": "confirm"})
    assert confirmed["label"] == confirmed["shown"] == confirmed["model"]["label"]
    skipped = door.ok("POST", "judgements", json={"a": "KE-1", "b": "KE-2", "says": "skip", "reason": "Who knows."})
    assert (skipped["what"], skipped["label"]) == ("skip", None)
    assert not any({pair["a"]["id"], pair["b"]["id"]} == {"KE-1", "KE-2"} for pair in door.ok("GET", "queue")["pairs"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"says": "maybe"}, 422),
        ({"a": "KE-9"}, 422),
        ({"a": "KE-1"}, 422),
        ({"b": ""}, 422),
        ({"reason": "x" * 10_000_000}, 422),
        ({"reason": "x" * 5_000}, 422),
        ({"a": "\u202eKE-9\u0000"}, 422),
        ({"shown": "song"}, 422),
        ({"audience": "named"}, 422),
        ({"audience": "public", "as": "Acme Relief"}, 422),
        ({"as": "public"}, 403),
        ({"as": "community"}, 403),
        ({"colour": "red"}, 422),
    ],
)
def test_what_is_refused_is_a_problem_and_keeps_nothing(door: Door, body: dict[str, Any], status: int) -> None:
    response = door("POST", "judgements", json=SAYS | body)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert len(response.text) < 1_000
    assert "\\u" not in response.text
    assert "\u202e" not in response.text
    assert door.ok("GET", "judgements")["total"] == 0


def test_a_visitor_may_look_but_not_judge(door: Door) -> None:
    for method, path, more in (
        ("POST", "judgements", {"json": SAYS}),
        ("POST", "judgements/import", {"json": {"lines": []}}),
        ("DELETE", "judgements/000000000000", {}),
    ):
        assert door(method, path, VISITOR, **more).status_code == 403
    assert door("GET", "queue", VISITOR).status_code == 200
    assert door("GET", "judgements", VISITOR, params={"record": "' OR 1=1 --"}).json()["total"] == 0
    assert door("GET", "queue", VISITOR, params={"place": "Nowhere at all"}).status_code == 422
    assert door("GET", "queue", VISITOR, params={"place": ["Turkana"] * 60}).status_code == 422


def test_while_initiatives_are_compared_it_says_how_far_it_is(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise NotReady(3, 9)

    monkeypatch.setattr(Standing, "graph", never)
    monkeypatch.setattr(Standing, "around", never)
    for response in (door("GET", "queue"), door("POST", "judgements", json=SAYS)):
        assert (response.status_code, response.json()["compared"], response.json()["of"]) == (503, 3, 9)


def test_labelled_pairs_go_out_and_come_in(door: Door) -> None:
    body = {
        "lines": [
            {"line": 2, "a": "KE-1", "b": "KE-2", "label": "chain"},
            {"line": 3, "a": "KE-1", "b": "no", "label": "chain"},
        ]
    }
    report = door.ok("POST", "judgements/import", json={**body, "as": "Cedar Trust", "audience": "public"})
    assert (report["kept"], report["unchanged"], len(report["problems"])) == (1, 0, 1)
    assert report["problems"][0].startswith("line 3: no is not known")
    (pair,) = door.ok("GET", "judgements/export")["pairs"]
    assert pair == {"a": "KE-1", "b": "KE-2", "label": "chain", "confidence": 3, "stratum": "judged", "why": ""}
    csv = door("GET", "judgements/export", VISITOR, params={"format": "csv"})
    assert csv.text == "a,b,label,confidence,stratum,why\nKE-1,KE-2,chain,3,judged,\n"
    assert csv.headers["content-type"].startswith("text/csv")


@pytest.fixture
def command(home: Home, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def service() -> Iterator[LocalService]:
        yield LocalService(home)

    monkeypatch.setattr(client, "open_service", service)

    def call(*arguments: str, code: int = 0) -> Any:
        result = CliRunner().invoke(cli.app, ["overlaps", *arguments], env={"COLUMNS": "200"})
        assert result.exit_code == code, (result.output, result.exception)
        if isinstance(result.exception, CommandError):
            return result.exception
        return json.loads(result.stdout) if "--json" in arguments else result.stdout

    return call


def test_the_command_line_does_the_same(command: Any, tmp_path: Path) -> None:
    made = command("judge", "KE-1", "KE-2", "chain", "--reason", "[red]Paid.", "--as", "Bramble Fund", "--json")
    said = command("judge", "KE-1", "KE-2", "overlap", "--audience", "public")
    assert "Quiet Office says of KE-1 and KE-2: overlap" in said
    assert "disputed" in command("judge", "KE-1", "KE-2", "family", "--as", "Bramble Fund")
    listed = command("judgements", "list", "--record", "KE-1", "--as", "Bramble Fund")
    assert "[red]Paid." in listed
    assert "replaced" in listed
    assert "disputed" in command("queue", "--as", "Bramble Fund")
    assert command("queue", "--place", "Turkana", "--json")["total"] >= 0
    file = tmp_path / "pairs.csv"
    assert "1 labelled pairs" in command("judgements", "export", str(file))
    file.write_text(file.read_text() + "KE-1,KE-3,song,,,\nKE-3,KE-4,complementary,2,,Same schools.\n")
    shown = command("judgements", "import", str(file), "--as", "Cedar Trust", "--json", code=2)
    assert (shown["kept"], shown["problems"][0][:7]) == (2, "line 3:")
    assert isinstance(command("judgements", "import", str(tmp_path / "none.csv"), code=1), CommandError)
    mine = command("judgements", "list", "--json")["judgements"][0]
    assert "Taken back" in command("judgements", "undo", mine["id"])
    assert isinstance(command("judgements", "undo", made["id"], code=1), CommandError)
    assert isinstance(command("judge", "KE-1", "KE-2", "maybe", code=1), CommandError)
