"""The shipped corpus as its own sources.yml declares it, and people of every kind who ask a server about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from knowledge.corpus import FILES

VISITOR, OPERATOR, COMMUNITY = "visitor", "operator", "community"
FERNHILL, DISPLACED = "Fernhill Child Protection Network", "International Office for Displaced Peoples"
LANTERNWAY, PUENTE = "Lanternway International", "Puente Claro Internacional"
BRIDGEWELL = "Bridgewell Relief"
PEOPLE = (VISITOR, COMMUNITY, OPERATOR, FERNHILL, DISPLACED, LANTERNWAY, BRIDGEWELL)
"""Somebody of the network, who owns records; of an organisation named for records; of owners of private records; of
an organisation with no right of its own."""


def may_see(who: str, source: dict[str, Any]) -> bool:
    """The rule as people were told it, written apart from the code that is tested."""
    level, owner, named = source["audience"], source.get("owner"), source.get("named", ())
    if level == "public":
        return True
    if level == "community":
        return who != VISITOR
    return who == owner or (level == "named" and who in named)


@dataclass(frozen=True)
class Recorded:
    """One record of the corpus; `about` are its words that could give it away."""

    id: str
    kind: str
    title: str
    source: dict[str, Any] = field(hash=False)


@dataclass
class Person:
    """Somebody at the doors of one server."""

    who: str
    client: httpx.Client

    @property
    def speaks_as(self) -> dict[str, str]:
        return {} if self.who in (VISITOR, OPERATOR) else {"as": self.who}

    def get(self, path: str, **query: Any) -> httpx.Response:
        return self.client.get(path, params={**self.speaks_as, **query})

    def link(self, text: str) -> dict[str, Any]:
        return _json(self.client.post("/api/v1/link", json={"text": text, **self.speaks_as}))

    def ask(self, text: str, conversation: str = "") -> dict[str, Any]:
        body = {"text": text, "conversation": conversation, **self.speaks_as}
        return _json(self.client.post("/api/v1/chat", json=body))


def _json(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    content: dict[str, Any] = response.json()
    return content


@pytest.fixture(scope="session")
def declared() -> dict[str, dict[str, Any]]:
    """File name -> its entry in sources.yml."""
    entries = yaml.safe_load((FILES / "sources.yml").read_text(encoding="utf-8"))["sources"]
    return {Path(entry["path"]).name: entry for entry in entries}


@pytest.fixture(scope="session")
def recorded(corpus_home: Path, declared: dict[str, dict[str, Any]]) -> list[Recorded]:
    """Every record of the home with the declaration of its file, read past all filters."""
    connection = sqlite3.connect(f"file:{corpus_home / 'commonground.db'}?mode=ro", uri=True)
    try:
        rows = connection.execute(
            "SELECT record.id, record.kind, record.title, source.name FROM record"
            " JOIN source ON source.id = record.source_id"
        ).fetchall()
    finally:
        connection.close()
    return [Recorded(*row[:3], declared[row[3]]) for row in rows]


@pytest.fixture(scope="session")
def person(corpus_server: str) -> Iterator[Callable[[str], Person]]:
    """Makes people. A visitor comes through a proxy, as people from outside do."""
    clients: dict[str, httpx.Client] = {}

    def make(who: str) -> Person:
        if who not in clients:
            headers = {"X-Forwarded-For": "203.0.113.7"} if who == VISITOR else {}
            clients[who] = httpx.Client(base_url=corpus_server, headers=headers, timeout=60, trust_env=False)
        return Person(who, clients[who])

    yield make
    for client in clients.values():
        client.close()
