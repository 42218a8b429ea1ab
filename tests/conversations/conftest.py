"""Conversations on the one server that holds the shipped corpus."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.conversations.talking import NewTalk, Talk


@pytest.fixture(scope="module")
def client(corpus_server: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=corpus_server, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def talk(client: httpx.Client) -> Talk:
    return Talk(client)


@pytest.fixture
def new_talk(client: httpx.Client) -> NewTalk:
    return lambda: Talk(client)
