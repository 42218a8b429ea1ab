"""The product with every channel switched on, and the far sides of the channels around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

from tests.contract import rest, slack, teams, widget
from tests.contract.driving import BASE, Driver, Product, Side

Sides = Mapping[str, Callable[[Callable[[], Any]], AbstractContextManager[Side]]]
SIDES: Sides = {"rest": rest.side, "slack": slack.side, "teams": teams.side, "widget": widget.side}
Start = Callable[[dict[str, str]], AbstractContextManager[Product]]


@contextmanager
def switched_on(
    browser: Callable[[], Any], start: Start, sides: Sides = SIDES
) -> Iterator[tuple[Product, dict[str, Driver]]]:
    """The product and the drivers of its channels by name. `start` runs the product with the settings it is given, by
    the names of the fields of Settings."""
    with ExitStack() as stack:
        running = {name: stack.enter_context(side(browser)) for name, side in sides.items()}
        settings = {"public_url": BASE, "turns_per_minute": "100000", "tenant_turns_per_minute": "100000"}
        for one in running.values():
            settings |= one.settings
        product = stack.enter_context(start(settings))
        yield product, {name: stack.enter_context(one.driver(product)) for name, one in running.items()}
