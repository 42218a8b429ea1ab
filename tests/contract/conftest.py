"""One real product for all conversations (Rasa, the shipped corpus, every channel), and one with a stub for Rasa."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import pytest

from tests.contract.driving import Driver, Product
from tests.contract.product import switched_on
from tests.contract.rest import Rest
from tests.contract.stubbed import Stubbed, stubbed_channels
from tests.serving import running

_NOT_OF_A_COPY = shutil.ignore_patterns("logs", "server.json", "home.lock", "dialogue.db*", "conversation.key")


@dataclass(frozen=True)
class On:
    """The product, switched on, with the drivers of its channels by name."""

    product: Product
    drivers: dict[str, Driver]

    @property
    def rest(self) -> Rest:
        return cast(Rest, self.drivers["rest"])


@pytest.fixture(scope="package")
def any_browser(request: pytest.FixtureRequest) -> Callable[[], Any]:
    """The browser of the test run, started when the first channel needs it."""
    return cache(lambda: request.getfixturevalue("browser"))


@pytest.fixture(scope="package")
def on(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, any_browser: Callable[[], Any]
) -> Iterator[On]:
    @contextmanager
    def start(settings: dict[str, str]) -> Iterator[Product]:
        # A home of its own: what people set up and judge here must not show in other tests.
        home = tmp_path_factory.mktemp("contract") / "home"
        shutil.copytree(request.getfixturevalue("corpus_home"), home, ignore=_NOT_OF_A_COPY)
        with running(home, **{f"COMMONGROUND_{name.upper()}": value for name, value in settings.items()}) as url:
            yield Product(url, home)

    with switched_on(any_browser, start) as (product, drivers):
        yield On(product, drivers)


@pytest.fixture(scope="package")
def stubbed(tmp_path_factory: pytest.TempPathFactory, any_browser: Callable[[], Any]) -> Iterator[Stubbed]:
    with stubbed_channels(any_browser, tmp_path_factory.mktemp("stubbed") / "home") as found:
        yield found
