"""Whose word a request carries: what counts as this machine, what a token opens, who may ask as somebody else."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest
from fastapi import HTTPException, Request

from connectors.identity import Identities, is_local, read_server_file, write_server_file
from knowledge.access import PUBLIC, operator
from knowledge.settings import Settings

HERE = {"host": "127.0.0.1:8000"}


def request(headers: dict[str, str] | None = None, client: str | None = "127.0.0.1", version: str = "1.1") -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in (HERE | (headers or {})).items()]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": "/", "headers": raw, "http_version": version}
    return Request({**scope, "client": (client, 5000) if client else None})


def identities(tmp_path: Path, **settings: Any) -> Identities:
    return Identities(Settings(home=tmp_path, **settings))


@pytest.mark.parametrize(
    ("headers", "client"),
    [
        ({}, "127.0.0.1"),
        ({}, "127.8.8.8"),
        ({"host": "[::1]:8000"}, "::1"),
        ({"host": "localhost"}, "127.0.0.1"),
        ({"origin": "http://127.0.0.1:8000", "sec-fetch-site": "same-origin"}, "127.0.0.1"),
        ({"sec-fetch-site": "none"}, "127.0.0.1"),
    ],
)
def test_a_request_of_this_machine(headers: dict[str, str], client: str) -> None:
    assert is_local(request(headers, client))


PROXIES = [
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "via",
    "cf-connecting-ip",
    "x-forwarded-host",
    "x-forwarded-proto",
    "true-client-ip",
]
HOSTS = [
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "localhost:8000@evil.example",
    "192.168.1.20:8000",
    "0.0.0.0",
    "[",
    "[::1",
    "2130706433",
    "127.1",
    "localhost.",
]
ORIGINS = [
    "https://evil.example",
    "null",
    "http://127.0.0.1:9000",
    "http://localhost:8000",
    "file://",
    "http://[",
    "127.0.0.1:8000",
]


@pytest.mark.parametrize("client", ["192.168.1.20", "203.0.113.7", "::ffff:203.0.113.7", "testclient", None])
def test_a_request_from_another_machine(client: str | None) -> None:
    assert not is_local(request(client=client))


@pytest.mark.parametrize(
    "headers",
    [
        *({name: "127.0.0.1"} for name in PROXIES),
        *({"host": host} for host in ["", *HOSTS]),
        *({"origin": origin} for origin in ["", *ORIGINS]),
        *({"sec-fetch-site": site} for site in ("cross-site", "same-site", "", "anything")),
        {"x-forwarded-for": ""},
    ],
)
def test_a_request_handed_on_to_this_machine(headers: dict[str, str]) -> None:
    assert not is_local(request(headers))


def test_a_silent_proxy_is_known_by_its_protocol() -> None:
    assert not is_local(request(version="1.0"))


def test_the_token_opens_from_anywhere_and_a_wrong_one_closes_even_here(tmp_path: Path) -> None:
    who = identities(tmp_path)
    outside = {"host": "hub.example", "x-forwarded-for": "203.0.113.7"}
    assert who.is_operator(request({**outside, "authorization": f"Bearer {who.token}"}, "10.0.0.9"))
    for wrong in (
        "Bearer",
        "Bearer ",
        "Bearer x",
        who.token,
        f"bearer {who.token}",
        f"Bearer {who.token} ",
        "Basic eDp5",
        "Béarer",
    ):
        assert not who.is_operator(request({"authorization": wrong})), wrong
    assert who.token != identities(tmp_path).token
    assert len(who.token) >= 32


def test_this_machine_counts_only_where_it_is_trusted(tmp_path: Path) -> None:
    assert identities(tmp_path).is_operator(request())
    assert not identities(tmp_path, trust_local=False).is_operator(request())
    assert not identities(tmp_path, public_url="https://hub.example").is_operator(request())
    assert identities(tmp_path, public_url="http://localhost:9000").is_operator(request())


def test_only_the_operator_asks_as_somebody_else(tmp_path: Path) -> None:
    who = identities(tmp_path, organisation="Acme")
    visitor = request({"x-forwarded-for": "203.0.113.7"})
    assert who.audience(request()) == operator("Acme")
    assert who.audience(request(), "Bolt").organisations == {"bolt"}
    assert who.audience(request(), "public") == PUBLIC
    for harmless in ("", "public", " Public ", "visitor"):
        assert who.audience(visitor, harmless) == PUBLIC
    for greedy in ("operator", "community", "Acme", "home", "Bolt"):
        with pytest.raises(HTTPException) as refused:
            who.audience(visitor, greedy)
        assert refused.value.status_code == 403


def test_what_only_the_operator_does_is_refused_to_others(tmp_path: Path) -> None:
    who = identities(tmp_path)
    who.require_operator(request())
    with pytest.raises(HTTPException) as refused:
        who.require_operator(request({"via": "1.1 edge"}))
    assert refused.value.status_code == 403


def test_the_server_file_is_for_its_owner_alone_and_replaces_an_open_one(tmp_path: Path) -> None:
    path = tmp_path / "server.json"
    path.write_text("old")
    path.chmod(0o644)
    write_server_file(path, "http://127.0.0.1:8000", "secret")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_server_file(path) == ("http://127.0.0.1:8000", "secret")


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"url": "http://x"}', '"text"', "null"])
def test_a_server_file_that_cannot_be_read_is_none(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "server.json"
    if content is not None:
        path.write_text(content)
    assert read_server_file(path) is None
