"""Who may not ask is told so, whatever they show and send: never an answer, and never a fault of the server."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.channels.database import ChannelDatabase
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.vault import Vault
from connectors.widget import tokens
from connectors.widget.tokens import Session, Tokens
from tests.connectors.widget.served import SITE, Running, Visit, served

FOREIGN = [
    "https://evil.example",
    "https://www.example.org.evil.example",
    "https://evil.example/https://www.example.org",
    "http://www.example.org",
    "https://www.example.org:8443",
    "https://WWW.example.org",
    "https://example.org",
    "null",
    "file://",
    "",
    "*",
]
TAKES = {
    "messages": {"id": "message-of-tests", "text": "who does water?"},
    "feedback": {"receipt": 1, "kind": "helpful"},
    "session": {},
}


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_site_gets_no_token_and_reads_no_response(
    running: Running, http: httpx.Client, origin: str
) -> None:
    stranger = Visit(running.url, http, origin)
    for path, body in TAKES.items():
        response = stranger.post(path, body)
        assert response.status_code == 403, (path, response.text)
        assert "access-control-allow-origin" not in response.headers
    headers = {"origin": origin, "access-control-request-method": "POST"}
    response = http.options(f"{running.url}/widget/messages", headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert running.stub.asked == []


def test_a_page_that_may_ask_is_told_so_and_it_alone(running: Running, http: httpx.Client) -> None:
    for origin in (SITE, running.url):
        response = http.options(f"{running.url}/widget/messages", headers={"origin": origin})
        assert (response.status_code, response.headers["access-control-allow-origin"]) == (204, origin)
        assert "authorization" in response.headers["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in response.headers
        begun = Visit(running.url, http, origin).post("session", {})
        assert begun.headers["access-control-allow-origin"] == origin
        assert begun.headers["vary"] == "Origin"
        assert "set-cookie" not in begun.headers


def test_a_token_is_of_one_site(visit: Visit, running: Running, http: httpx.Client) -> None:
    thief = Visit(running.url, http, running.url)
    thief.token = visit.token
    assert thief.ask("mine?").status_code == 403
    assert thief.post("session", {}).status_code == 403
    assert http.get(f"{running.url}/widget/events", headers=thief.headers()).status_code == 403
    bare = {"authorization": f"Bearer {visit.token}"}
    assert http.get(f"{running.url}/widget/events", headers=bare).status_code == 403
    assert running.stub.asked == []


def changed(token: str, **fields: Any) -> str:
    """The token with other content under its old signature."""
    body, _, signature = token.partition(".")
    ident, origin, renewed, ends = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    values = {"ident": ident, "origin": origin, "renewed": renewed, "ends": ends} | fields
    written = base64.urlsafe_b64encode(json.dumps(list(values.values())).encode()).decode().rstrip("=")
    return f"{written}.{signature}"


FORGED: dict[str, Callable[[str], str]] = {
    "none": lambda token: "",
    "garbage": lambda token: "garbage",
    "dots": lambda token: "...",
    "no signature": lambda token: token.partition(".")[0] + ".",
    "another signature": lambda token: token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB"),
    "another session": lambda token: changed(token, ident="another-session-x"),
    "longer life": lambda token: changed(token, ends=time.time() + 10**6),
    "another site": lambda token: changed(token, origin="https://evil.example"),
    "an unsigned JWT": lambda token: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    "very long": lambda token: token + "A" * 5_000,
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
def test_a_forged_token_is_refused(
    visit: Visit, running: Running, http: httpx.Client, forge: Callable[[str], str]
) -> None:
    visit.token = forge(visit.token)
    for path, body in TAKES.items():
        if path == "session" and not visit.token:
            continue  # that is how one begins
        assert visit.post(path, body).status_code == 401, path
    assert visit.post("file", files={"file": ("a.txt", b"water")}, data={"id": "message-1"}).status_code == 401
    assert http.get(f"{running.url}/widget/events", headers=visit.headers()).status_code == 401
    assert running.stub.asked == []


@pytest.mark.parametrize("shown", ["Basic abc", "bearer", "Bearer", "Bearer \xe9", "Token x"])
def test_other_ways_to_sign_in_are_refused(running: Running, http: httpx.Client, shown: str) -> None:
    headers = {"origin": SITE, "authorization": shown.encode("latin-1"), "content-type": "application/json"}
    response = http.post(f"{running.url}/widget/messages", headers=headers, content=b"{}")
    assert response.status_code == 401


def test_an_expired_token_asks_nothing_but_renews_for_a_day(tmp_path: Path, http: httpx.Client) -> None:
    home = tmp_path / "home"
    with served(home) as running:
        now = time.time()
        visit = Visit(running.url, http)
        made = Opaque(home)
        database = ChannelDatabase(home / "channels.db")
        issue = Tokens(made, Vault("widget", sealing_key(home)), database)
        visit.token = issue.token(Session("a-session-of-tests", SITE, 0, now - 60))
        assert visit.ask("late").status_code == 401
        response = visit.post("session", {})
        assert response.status_code == 200
        visit.token = response.json()["token"]
        assert visit.ask("in time").status_code == 202
        visit.token = issue.token(Session("another-of-tests", SITE, 0, now - tokens.RENEW_SECONDS - 60))
        assert visit.ask("late").status_code == 401
        assert visit.post("session", {}).status_code == 401
        database.close()


def test_a_renewed_token_takes_the_place_of_the_one_before(visit: Visit, running: Running, http: httpx.Client) -> None:
    visit.ask("before")
    old = visit.token
    lost = visit.post("session", {}).json()["token"]
    # A response that never arrived ends nothing.
    assert visit.ask("still there").status_code == 202
    visit.token = visit.post("session", {}).json()["token"]
    assert visit.ask("renewed").status_code == 202
    assert [event["question"] for event in visit.events(3)] == ["before", "still there", "renewed"]
    new, visit.token = visit.token, old
    assert visit.ask("reused").status_code == 401
    assert visit.post("session", {}).status_code == 401
    assert http.get(f"{running.url}/widget/events", headers=visit.headers()).status_code == 401
    visit.token = new
    assert visit.ask("last").status_code == 202
    assert lost != old


def test_a_replaced_token_stays_so_after_a_restart(visit: Visit, running: Running) -> None:
    old = visit.token
    visit.token = visit.post("session", {}).json()["token"]
    visit.ask("renewed")
    running.stop()
    running.start()
    assert visit.ask("again").status_code == 202
    visit.token = old
    assert visit.ask("reused").status_code == 401


ODD: list[tuple[bytes, str, int]] = [
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"null", "application/json", 400),
    (b"\xff\xfe", "application/json", 400),
    (b'{"id": "message-1", "text": "\xe9"}', "application/json", 400),
    (b'{"id": "message-1", "text": "\\ud800"}', "application/json", 400),
    (b"[" * 100_000 + b"]" * 100_000, "application/json", 413),
    (b"[" * 20_000 + b"]" * 20_000, "application/json", 400),
    (b'{"a":' * 9_000 + b"1" + b"}" * 9_000, "application/json", 400),
    (b'{"id": "message-1", "text": "' + b"a" * 70_000 + b'"}', "application/json", 413),
    (b'{"id": "message-1", "text": "' + b"a" * 30_000 + b'"}', "application/json", 422),
    (b'{"id": "message-1", "text": ""}', "application/json", 422),
    (b'{"id": "message-1", "text": 7}', "application/json", 422),
    (b'{"id": 7, "text": "a"}', "application/json", 422),
    (b'{"id": "a:b;c--------", "text": "a"}', "application/json", 422),
    (b'{"id": "short", "text": "a"}', "application/json", 422),
    (b'{"id": "' + b"a" * 65 + b'", "text": "a"}', "application/json", 422),
    (b'{"id": "message-1", "text": "a", "conversation": "somebody-elses-one"}', "application/json", 422),
    (b'{"id": "message-1", "text": "a", "as": "operator"}', "application/json", 422),
    (b'{"id": "message-1", "text": "a"}', "text/plain", 415),
    (b'{"id": "message-1", "text": "a"}', "", 415),
    (b"id=message-1&text=a", "application/x-www-form-urlencoded", 415),
]


@pytest.mark.parametrize(("body", "kind", "status"), ODD)
def test_what_cannot_be_read_is_said_to_be_so(
    visit: Visit, running: Running, body: bytes, kind: str, status: int
) -> None:
    for path in ("messages", "feedback"):
        response = visit.post(path, content=body, headers={"content-type": kind})
        wanted = (status, 422) if path == "feedback" else (status,)
        assert response.status_code in wanted, (path, response.status_code, response.text)
        assert response.headers["access-control-allow-origin"] == SITE
    assert running.stub.asked == []


FORMS: list[tuple[bytes, str, int]] = [
    (b"", "multipart/form-data", 400),
    (b"nothing", "multipart/form-data; boundary=x", 400),
    (b"--x\r\n\r\n", "multipart/form-data; boundary=x", 400),
    (
        b'--x\r\nContent-Disposition: form-data; name="id"\r\n\r\nmessage-1\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
        422,
    ),
    (b"%PDF-1.4", "application/pdf", 422),
    (b"GIF89a", "image/gif", 415),
    (b'{"id": ["message-1"]}', "application/json", 422),
    (b'{"id": "message-1", "file": {"name": "a.txt", "content": "%"}}', "application/json", 422),
]


@pytest.mark.parametrize(("body", "kind", "status"), FORMS)
def test_a_file_that_cannot_be_read_is_said_to_be_so(
    visit: Visit, running: Running, body: bytes, kind: str, status: int
) -> None:
    response = visit.post("file", content=body, headers={"content-type": kind})
    assert response.status_code == status, response.text
    assert running.stub.asked == []


def test_a_file_that_is_too_large_is_not_read_to_its_end(visit: Visit) -> None:
    def parts() -> Any:
        for _ in range(2_000):
            yield b"a" * 65_536

    kind = {"content-type": "multipart/form-data; boundary=x"}
    try:
        response = visit.post("file", content=parts(), headers=kind)
    except httpx.WriteError:
        return  # hung up on before all of it was sent
    assert response.status_code == 413


@pytest.mark.parametrize("seen", ["-1", "x", "1" * 60, "\u0663", "1.5", ""])
def test_any_last_event_is_taken_for_the_beginning_where_it_is_none(
    visit: Visit, http: httpx.Client, seen: str
) -> None:
    visit.ask("one")
    visit.events(1)
    headers = visit.headers() | {"last-event-id": seen.encode()}
    with http.stream("GET", f"{visit.url}/widget/events", headers=headers) as response:
        assert response.status_code == 200
        assert next(response.iter_text())


def test_streams_of_one_session_are_few(visit: Visit, http: httpx.Client) -> None:
    from contextlib import ExitStack

    from tests.connectors.widget.served import client

    with ExitStack() as stack:
        statuses = []
        for _ in range(6):
            each = stack.enter_context(client())
            response = stack.enter_context(each.stream("GET", f"{visit.url}/widget/events", headers=visit.headers()))
            statuses.append(response.status_code)
    assert statuses == [200] * 4 + [429] * 2


def test_no_token_and_no_word_of_a_message_is_logged(
    visit: Visit, running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    visit.ask("a very personal question")
    visit.events(1)
    visit.post(
        "messages",
        content=b'{"id": "message-1", "text": "a very personal',
        headers={"content-type": "application/json"},
    )
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )
    assert "personal" not in ours
    assert visit.token not in ours
