"""Who is taken for the operator by a running server, and who is only a visitor."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from urllib.parse import urlsplit

import pytest

COMMUNITY_RECORD = "/api/v1/records/XX-CGD-INGO-1002-BW-4425"
"""A record that visitors may not see and the operator may."""


def _get(url: str, path: str, headers: dict[str, str] | None = None, *, old: bool = False) -> tuple[int, str]:
    """A request whose Host can be anything, which ordinary clients do not allow."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    if old:
        connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"
    try:
        connection.putrequest("GET", path, skip_host=True)
        for name, value in {"Host": parts.netloc, **(headers or {})}.items():
            connection.putheader(name, value)
        connection.endheaders()
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"X-Forwarded-For": "127.0.0.1"}, id="behind a proxy"),
        pytest.param({"Forwarded": "for=127.0.0.1"}, id="behind a proxy that keeps the standard"),
        pytest.param({"Via": "1.1 edge"}, id="behind a gateway"),
        pytest.param({"CF-Connecting-IP": "198.51.100.4"}, id="behind a content network"),
        pytest.param({"Host": "evil.example"}, id="a name made to point here"),
        pytest.param({"Host": "127.0.0.1.evil.example"}, id="a name that looks local"),
        pytest.param({"Host": "["}, id="a Host that is none"),
        pytest.param({"Host": ""}, id="no Host"),
        pytest.param({"Origin": "https://evil.example"}, id="a page of another site"),
        pytest.param({"Origin": "http://localhost:1"}, id="a page of another server of this machine"),
        pytest.param({"Origin": "null"}, id="a page of no site"),
        pytest.param({"Origin": "http://["}, id="an Origin that is none"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="fetched by another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="fetched by a neighbour"),
        pytest.param({"Authorization": "Bearer wrong"}, id="a wrong token"),
        pytest.param({"Authorization": "Bearer "}, id="an empty token"),
        pytest.param({"Authorization": "Basic b3BlcmF0b3I6"}, id="another scheme"),
    ],
)
def test_whoever_is_not_plainly_here_is_a_visitor(corpus_server: str, headers: dict[str, str]) -> None:
    status, body = _get(corpus_server, COMMUNITY_RECORD, headers)
    assert status in (400, 404), body
    assert "Cash for the lean months" not in body
    if status == 404:
        assert _get(corpus_server, COMMUNITY_RECORD + "?as=community", headers)[0] == 403
        assert _get(corpus_server, COMMUNITY_RECORD + "?as=Bridgewell%20Relief", headers)[0] == 403
        assert _get(corpus_server, COMMUNITY_RECORD + "?as=public", headers)[0] == 404


def test_a_proxy_that_says_nothing_speaks_the_old_protocol(corpus_server: str) -> None:
    assert _get(corpus_server, COMMUNITY_RECORD, old=True)[0] == 404


def test_the_person_at_the_machine_is_the_operator(corpus_server: str, corpus_home: Path) -> None:
    port = urlsplit(corpus_server).port
    for headers in (
        {},
        {"Host": f"localhost:{port}", "Origin": f"http://localhost:{port}", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        assert _get(corpus_server, COMMUNITY_RECORD, headers)[0] == 200
    assert _get(corpus_server, COMMUNITY_RECORD + "?as=public")[0] == 404
    token = json.loads((corpus_home / "server.json").read_text(encoding="utf-8"))["token"]
    through_proxy = {"Authorization": f"Bearer {token}", "X-Forwarded-For": "198.51.100.4"}
    assert _get(corpus_server, COMMUNITY_RECORD, through_proxy)[0] == 200
    assert (corpus_home / "server.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("path", ["/internal/link", "/internal/actions"])
def test_call_backs_of_the_engine_are_closed_to_everybody_else(corpus_server: str, path: str) -> None:
    parts = urlsplit(corpus_server)
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer wrong"}):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
        connection.request("POST", path, json.dumps({"text": "Turkana", "turn": "x"}), headers)
        assert connection.getresponse().status == 401
        connection.close()


def test_visitors_cannot_make_the_server_read_files(corpus_server: str) -> None:
    parts = urlsplit(corpus_server)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    headers = {"X-Forwarded-For": "198.51.100.4", "Content-Type": "application/json"}
    connection.request("POST", "/api/v1/ingest", json.dumps({"paths": ["/etc"], "audience": "public"}), headers)
    assert connection.getresponse().status == 403
    connection.close()
