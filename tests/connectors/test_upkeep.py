"""Sync and forget over HTTP and on the command line: who may, what is asked before, what is said after."""

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

from connectors import client
from connectors.api import upkeep
from connectors.cli import app
from connectors.client import CommandError, HttpService
from connectors.identity import Identities
from connectors.local import LocalService
from connectors.problems import add_handlers
from knowledge.home import Home
from knowledge.index import Index
from knowledge.progress import NoProgress
from tests.asynchronous import run
from tests.fetching import serving, status
from tests.homes import activity, opened, put
from tests.knowledge.test_forgetting import iati

RUNNER = CliRunner()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "a", [activity("XX-1", "Wells"), activity("XX-2", "Meals")])
        yield home


def send(home: Home, path: str, body: Any, **headers: str) -> httpx.Response:
    api = FastAPI()
    api.include_router(upkeep.router(Index(home), Identities(home.settings)))
    add_handlers(api)

    async def exchange() -> httpx.Response:
        transport = httpx.ASGITransport(api, raise_app_exceptions=False, client=("127.0.0.1", 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as caller:
            return await caller.post(path, json=body, headers=headers)

    return run(exchange())


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


@pytest.mark.parametrize(
    ("path", "body"), [("/api/v1/sync", {}), ("/api/v1/forget", {"records": ["XX-1"], "confirm": True})]
)
def test_only_the_operator_may(path: str, body: dict[str, Any], home: Home) -> None:
    for headers in (
        {"x-forwarded-for": "192.0.2.7"},
        {"authorization": "Bearer guessed"},
        {"origin": "https://evil.example"},
    ):
        assert send(home, path, body, **headers).status_code == 403
    assert send(home, "/api/v1/forget", {"records": ["XX-1"]}).json()["records"] == 1


def test_nothing_is_erased_before_it_is_confirmed(home: Home) -> None:
    shown = send(home, "/api/v1/forget", {"records": ["XX-1"]})
    assert shown.json() == {
        "records": 1, "ids": ["XX-1"], "kinds": {"activity": 1}, "sources": [], "kept": 0, "copies": 0, "for_people": 0
    }  # fmt: skip
    report = lines(send(home, "/api/v1/forget", {"records": ["XX-1"], "confirm": True}))[-1]["report"]
    assert (report["records"], report["unfinished"]) == (1, "")
    assert report["rows"]["record"] == 1
    assert report["left"]
    assert send(home, "/api/v1/forget", {"records": ["XX-1"]}).status_code == 404
    gone = lines(send(home, "/api/v1/forget", {"records": ["XX-1"], "confirm": True}))[-1]
    assert gone["code"] == 1
    assert "was forgotten on" in gone["error"]
    lifted = lines(send(home, "/api/v1/forget", {"records": ["XX-1"], "allow_again": True}))
    assert lifted == [{"report": {"lifted": 1}}]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"records": ["XX-1"], "source": "a"},
        {"records": []},
        {"records": ["XX-1"], "everything": True},
        {"records": ["XX-1"], "reason": "x" * 201},
    ],
)
def test_what_to_forget_must_be_said_in_one_way(body: dict[str, Any], home: Home) -> None:
    assert send(home, "/api/v1/forget", body).status_code == 422
    with pytest.raises(CommandError) as refused:
        LocalService(home).work("/api/v1/forget", body, NoProgress())
    assert refused.value.code == 2


def test_sync_says_what_became_of_each_source(tmp_path: Path, home: Home) -> None:
    with serving() as server:
        home.settings = home.settings.model_copy(update={"fetch_allow_private": "127.0.0.1"})
        url = server.put("/a.xml", iati({"id": "XX-1-1", "title": "Wells"}))
        manifest = tmp_path / "sources.yml"
        manifest.write_text(f"sources:\n- url: {url}\n- path: missing.xml\n", encoding="utf-8")
        report = lines(send(home, "/api/v1/sync", {"manifests": [str(manifest)]}))[-1]["report"]
        (source,) = report["sources"]
        assert (source["result"], source["added"], source["next_try"][-1]) == ("fetched", 1, "Z")
        assert (report["wrong"], report["trouble"]) == (1, False)
        again = LocalService(home).work("/api/v1/sync", {"manifests": [str(manifest)]}, NoProgress())
        assert again["sources"][0]["result"] == "not due"
    missing = lines(send(home, "/api/v1/sync", {"manifests": [str(tmp_path / "nowhere.yml")]}))[-1]
    assert missing["code"] == 2
    assert "does not exist" in missing["error"]


def test_a_client_reads_answers_reports_and_errors() -> None:
    answers = iter(
        [
            httpx.Response(200, json={"records": 3}),
            httpx.Response(
                200, content=b'{"report": {"lifted": 1}}\n', headers={"content-type": "application/x-ndjson"}
            ),
            httpx.Response(
                200, content=b'{"error": "Not so", "code": 2}\n', headers={"content-type": "application/x-ndjson"}
            ),
            httpx.Response(422, json={"detail": "Name one"}),
        ]
    )
    transport = httpx.MockTransport(lambda _: next(answers))
    with httpx.Client(transport=transport, base_url="http://server") as caller:
        service = HttpService(caller)
        assert service.work("/x", {}, NoProgress()) == {"records": 3}
        assert service.work("/x", {}, NoProgress()) == {"lifted": 1}
        for words in ("Not so", "Name one"):
            with pytest.raises(CommandError, match=words) as refused:
                service.work("/x", {}, NoProgress())
            assert refused.value.code == 2


@pytest.fixture
def commands(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands reach this home."""

    @contextmanager
    def service() -> Iterator[LocalService]:
        yield LocalService(home)

    monkeypatch.setattr(client, "open_service", service)


@pytest.mark.usefixtures("commands")
def test_forget_asks_first(home: Home) -> None:
    declined = RUNNER.invoke(app, ["forget", "XX-1"], input="n\n")
    assert declined.exit_code == 1
    assert "1 record would be erased" in declined.output
    assert "XX-1" in declined.output
    dry = json.loads(RUNNER.invoke(app, ["forget", "XX-1", "--json"]).stdout)
    assert (dry["would_erase"]["records"], dry["erased"]) == (1, None)
    agreed = RUNNER.invoke(app, ["forget", "XX-1"], input="y\n")
    assert agreed.exit_code == 0, agreed.output
    assert "Not erased" in agreed.output
    sure = json.loads(RUNNER.invoke(app, ["forget", "XX-2", "--yes", "--json"]).stdout)
    assert sure["erased"]["records"] == 1
    assert RUNNER.invoke(app, ["forget", "XX-1", "--allow-again"]).exit_code == 0
    assert isinstance(RUNNER.invoke(app, ["forget", "XX-1", "--allow-again"]).exception, CommandError)


@pytest.mark.usefixtures("commands")
def test_sync_ends_with_what_went_wrong(tmp_path: Path, home: Home) -> None:
    with serving() as server:
        home.settings = home.settings.model_copy(update={"fetch_allow_private": "127.0.0.1"})
        manifest = tmp_path / "sources.yml"
        url = server.put("/a.xml", iati({"id": "XX-1-1", "title": "Wells"}))
        manifest.write_text(f"sources:\n- url: {url}\n", encoding="utf-8")
        done = RUNNER.invoke(app, ["sync", str(manifest)])
        assert done.exit_code == 0, done.output
        assert "fetched" in done.stdout
        server.always = status(410)
        gone = RUNNER.invoke(app, ["sync", str(manifest), "--force"])
        assert gone.exit_code == 1
        assert "--retire-gone" in gone.stdout
        retired = json.loads(RUNNER.invoke(app, ["sync", str(manifest), "--force", "--retire-gone", "--json"]).stdout)
        assert (retired["sources"][0]["result"], retired["sources"][0]["retired"]) == ("retired", 1)
        manifest.write_text("sources:\n- path: [a]\n", encoding="utf-8")
        assert RUNNER.invoke(app, ["sync", str(manifest)]).exit_code == 2
