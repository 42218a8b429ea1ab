"""Conversations on the one server that holds the shipped corpus."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conversations.talking import NewTalk, Speaker, Talk
from tests.serving import running


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


@pytest.fixture(scope="package")
def own_client(corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of a home of its own: what these conversations store must not show in other tests."""
    home = tmp_path_factory.mktemp("forms") / "home"
    left = shutil.ignore_patterns("logs", "server.json", "home.lock", "dialogue.db*", "conversation.key")
    shutil.copytree(corpus_home, home, ignore=left)
    with running(home) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client


@pytest.fixture
def speaker(own_client: httpx.Client) -> Speaker:
    return lambda who: Talk(own_client, speaks=who)
