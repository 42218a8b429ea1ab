"""Joining and parting organisations over REST, on the command line, and without a server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from connectors.api import judging
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.progress import NoProgress
from knowledge.records import Access, Level
from tests.asynchronous import run
from tests.homes import activity, opened, put

DECISIONS = "/api/v1/organisation-decisions"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path, "Acme") as home:
        put(home, "a", [activity("r1", who=["Nile Hands"]), activity("r2", who=["Hands along the Nile"])])
        put(home, "b", [activity("r3", who=["Nile Hands Foundation Kenya"])], Access(Level.OWN, "acme"))
        yield home


def send(home: Home, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    app = FastAPI()
    app.include_router(judging.router(Index(home), Identities(home.settings)))
    add_handlers(app)

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.request(method, path, headers=headers, **more)

    return run(exchange())


def report(response: httpx.Response) -> dict[str, Any]:
    last: dict[str, Any] = json.loads(response.text.splitlines()[-1])
    return last


def organisation(home: Home, name: str) -> dict[str, Any]:
    return LocalService(home).get(f"/api/v1/organisations/{name}", {})  # type: ignore[no-any-return]


def test_a_decision_joins_lasts_and_is_taken_back(home: Home) -> None:
    body = {
        "verdict": "same",
        "one": "Nile Hands",
        "other": "Hands along the Nile",
        "by": "Ada",
        "reason": "one office",
    }
    made = report(send(home, "POST", DECISIONS, json=body))["report"]["decision"]
    assert (made["state"], made["by"], made["reason"]) == ("holds", "Ada", "one office")
    assert organisation(home, "nile-hands")["written_as"].keys() == {"Nile Hands", "Hands along the Nile"}
    put(home, "c", [activity("r4", who=["Hands along the Nile"])])
    assert organisation(home, "nile-hands")["records"]["implementing"] == ["r1", "r2", "r4"]
    evidence = {entry["name"]: entry["reason"] for entry in organisation(home, "nile-hands")["evidence"]}
    assert "decision" in evidence.values()
    undone = report(send(home, "POST", f"{DECISIONS}/undo", json={"decision": made["id"]}))["report"]["decision"]
    assert undone["state"] == "undone"
    assert organisation(home, "nile-hands")["written_as"].keys() == {"Nile Hands"}
    assert [entry["state"] for entry in send(home, "GET", DECISIONS).json()["decisions"]] == ["undone"]


def test_only_the_operator_decides_and_sees_decisions(home: Home) -> None:
    elsewhere = {"x-forwarded-for": "203.0.113.9"}
    body = {"verdict": "same", "one": "Nile Hands", "other": "Hands along the Nile"}
    assert send(home, "POST", DECISIONS, elsewhere, json=body).status_code == 403
    assert send(home, "POST", f"{DECISIONS}/undo", elsewhere, json={"decision": 1}).status_code == 403
    assert send(home, "GET", DECISIONS, elsewhere).status_code == 403
    hidden = send(home, "GET", "/api/v1/organisation-pairs", elsewhere)
    assert "Foundation" not in hidden.text


def test_a_name_that_no_record_has_is_refused_with_what_to_do(home: Home) -> None:
    body = {"verdict": "same", "one": "Nile Hands", "other": "Nobody at all"}
    refused = report(send(home, "POST", DECISIONS, json=body))
    assert refused["code"] == 2
    assert refused["error"].startswith("No organisation in the index is called 'Nobody at all'. ")
    with pytest.raises(CommandError, match="No organisation in the index"):
        LocalService(home).work(DECISIONS, body, NoProgress())


def test_a_wrong_verdict_is_named(home: Home) -> None:
    body = {"verdict": "similar", "one": "a", "other": "b"}
    assert send(home, "POST", DECISIONS, json=body).status_code == 422
    with pytest.raises(CommandError, match="verdict"):
        LocalService(home).work(DECISIONS, body, NoProgress())


def test_without_a_server_the_same(home: Home) -> None:
    service = LocalService(home)
    body = {"verdict": "same", "one": "Nile Hands", "other": "hands-along-the-nile"}
    made = service.work(DECISIONS, body, NoProgress())["decision"]
    assert made["by"] == "Acme"
    assert service.get(DECISIONS, {})["decisions"] == [made]
    assert isinstance(service.get("/api/v1/organisation-pairs", {"organisation": "", "limit": 5})["pairs"], list)
