"""All channels at once on loopback, with a stub in place of the conversation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from connectors.messages import IncomingMessage
from connectors.serving import free_port
from knowledge.reply import Answer
from knowledge.settings import Settings
from tests.connectors.slack.served import Stub, Turn, application, echo, eventually
from tests.contract.driving import Driver, Product
from tests.contract.product import SIDES, switched_on

PER_MINUTE = 6
"""Messages that one person may send in a minute here."""


class Stubbed:
    """`turn` is what the conversation does, and may be changed at any time; `asked` is what it was asked, in order.
    `url` is where it is served."""

    def __init__(self) -> None:
        self.turn: Turn = echo
        self.drivers: dict[str, Driver] = {}
        self.url = ""
        self._stub = Stub(self._turned)

    @property
    def asked(self) -> list[IncomingMessage]:
        return self._stub.asked

    async def _turned(self, message: IncomingMessage) -> Answer:
        return await self.turn(message)

    @contextmanager
    def start(self, home: Path, settings: dict[str, str]) -> Iterator[Product]:
        given: dict[str, Any] = {**settings, "turns_per_minute": PER_MINUTE, "home": home}
        port = free_port()
        config = uvicorn.Config(application(Settings(**given), self._stub), port=port, log_level="error", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="application", daemon=True)
        thread.start()
        try:
            eventually(lambda: server.started or not thread.is_alive(), 30)
            assert server.started
            yield Product(f"http://127.0.0.1:{port}", home)
        finally:
            server.should_exit = True
            thread.join(30)


@contextmanager
def stubbed_channels(browser: Callable[[], Any], home: Path) -> Iterator[Stubbed]:
    stubbed = Stubbed()
    sides = {name: side for name, side in SIDES.items() if name != "rest"}
    with switched_on(browser, lambda settings: stubbed.start(home, settings), sides) as (product, drivers):
        stubbed.drivers, stubbed.url = drivers, product.url
        yield stubbed
