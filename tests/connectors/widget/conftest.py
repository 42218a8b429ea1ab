"""The application with the widget, and visitors of a site that may embed it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.connectors.widget.served import Running, Visit, client, echo, served


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with served(tmp_path_factory.mktemp("widget") / "home") as application:
        yield application


@pytest.fixture
def running(standing: Running) -> Running:
    """The application, whose stub was asked nothing yet."""
    standing.stub.asked.clear()
    standing.stub.turned = echo
    return standing


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with client() as made:
        yield made


@pytest.fixture
def visit(running: Running, http: httpx.Client) -> Visit:
    return Visit(running.url, http).begin()
