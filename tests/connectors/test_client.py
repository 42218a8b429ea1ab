"""How commands reach an index: exit codes, streams that break off, servers that are no longer there."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest

from connectors import client
from connectors.client import CommandError, HttpService, open_service, quoted, schema_probe
from connectors.identity import write_server_file
from connectors.local import LocalService
from knowledge.home import Home
from knowledge.indexing import NoProgress
from knowledge.records import Level
from knowledge.settings import Settings
from knowledge.store.database import Database


def service(answer: Callable[[httpx.Request], httpx.Response]) -> HttpService:
    return HttpService(httpx.Client(transport=httpx.MockTransport(answer), base_url="http://server"))


@pytest.mark.parametrize(
    ("status", "code"), [(400, 2), (413, 2), (422, 2), (403, 1), (404, 1), (429, 1), (500, 1), (503, 1)]
)
def test_a_refusal_becomes_its_reason_and_an_exit_code(status: int, code: int) -> None:
    with pytest.raises(CommandError, match="Say it so") as refused:
        service(lambda _: httpx.Response(status, json={"title": "No", "detail": "Say it so"})).get("/x", {})
    assert refused.value.code == code


def test_a_refusal_without_detail_still_says_something() -> None:
    with pytest.raises(CommandError, match="Not found"):
        service(lambda _: httpx.Response(404, json={"title": "Not found"})).post("/x", {})
    with pytest.raises(CommandError, match="502 without JSON"):
        service(lambda _: httpx.Response(502, text="<html>")).get("/x", {})


def test_empty_fields_are_not_sent_and_lists_are_repeated() -> None:
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.query.decode())
        return httpx.Response(200, json={})

    service(answer).get("/x", {"q": "", "place": ["a", "b"], "as": "", "limit": 5})
    assert seen == ["place=a&place=b&limit=5"]


@pytest.mark.parametrize(
    ("identifier", "path"), [("a/b", "a%2Fb"), ("a b?#", "a%20b%3F%23"), ("é", "%C3%A9"), ("..", "..")]
)
def test_identifiers_are_one_step_of_an_address(identifier: str, path: str) -> None:
    assert quoted(identifier) == path


class Heard(NoProgress):
    def __init__(self) -> None:
        self.said: list[object] = []

    def start(self, stage: str, total: int) -> None:
        self.said.append((stage, total))

    def advance(self, by: int = 1) -> None:
        self.said.append(by)


def stream(*lines: dict[str, object]) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(200, content="\n".join(map(json.dumps, lines)))


def test_reading_by_a_server_is_followed_to_its_report() -> None:
    heard = Heard()
    answer = stream(
        {"stage": "reading", "total": 2}, {"advance": 1}, {"advance": 1}, {"finish": True}, {"report": {"added": 3}}
    )
    report = service(answer).ingest([Path("x")], Level.NAMED, "Acme", ["Bolt"], heard)
    assert report == {"added": 3}
    assert heard.said == [("reading", 2), 1, 1]


def test_a_server_is_told_whole_paths_and_permissions() -> None:
    seen: list[dict[str, object]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(json.loads(request.content))
        return stream({"report": {}})(request)

    service(answer).ingest([Path("x")], None, "", [], NoProgress())
    assert seen == [{"paths": [str(Path("x").absolute())], "audience": None, "owner": "", "named": []}]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (stream({"stage": "reading", "total": 1}), "goes on"),
        (stream({"error": "OSError: disk full"}), "disk full"),
        (lambda _: httpx.Response(403, json={"detail": "Only the operator"}), "Only the operator"),
    ],
)
def test_a_reading_that_breaks_off_is_no_success(answer: Callable[[httpx.Request], httpx.Response], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        service(answer).ingest([Path("x")], None, "", [], NoProgress())


def test_where_no_server_answers_the_home_is_opened_here(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with open_service(settings) as here:
        assert isinstance(here, LocalService)
    # The file of a server that was killed names an address where nobody listens.
    write_server_file(settings.server_path, "http://127.0.0.1:9", "token")
    with open_service(settings) as here:
        assert isinstance(here, LocalService)


def test_a_running_server_is_asked_with_its_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(home=tmp_path)
    write_server_file(settings.server_path, "http://127.0.0.1:9", "the-token")
    monkeypatch.setattr(client.serving, "answers", lambda url: lambda: True)
    with open_service(settings) as there:
        assert isinstance(there, HttpService)
        assert there._client.headers["authorization"] == "Bearer the-token"


class Silent(BaseHTTPRequestHandler):
    """Says that it runs, and answers nothing else."""

    def do_GET(self) -> None:
        if self.path == "/healthz":
            self.send_response(200)
            self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_a_server_that_stops_answering_is_one_line(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), Silent) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        write_server_file(settings.server_path, f"http://127.0.0.1:{server.server_port}", "token")
        try:
            with pytest.raises(CommandError, match="stopped answering"), open_service(settings) as running:
                running.get("/api/v1/records/x", {})
        finally:
            server.shutdown()


def test_a_home_that_is_in_use_is_one_line_with_the_way_out(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with Home(settings), pytest.raises(CommandError) as refused, open_service(settings):
        pass
    assert "open in another process" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_looking_at_the_schema_changes_nothing(tmp_path: Path) -> None:
    database = Database(tmp_path / "commonground.db")
    database.close()
    before = (tmp_path / "commonground.db").read_bytes()
    schema = schema_probe(tmp_path / "commonground.db")
    assert schema.current == schema.needed != ""
    assert (tmp_path / "commonground.db").read_bytes() == before
