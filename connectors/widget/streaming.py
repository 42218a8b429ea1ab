"""Events of one session as Server-Sent Events: what lasts carries an id, and goes on after the last one seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator

import orjson

from connectors.channels.database import ChannelDatabase
from connectors.widget import outbox
from connectors.widget.answering import answer_json, waiting_json
from connectors.widget.outbox import Json, Listeners
from connectors.widget.tokens import Session

BEAT = 15.0
"""Seconds of silence after which a line says that the stream is alive."""


async def stream(
    database: ChannelDatabase, listeners: Listeners, session: Session, lane: str, after: int, language: str
) -> AsyncGenerator[bytes]:
    """What the session has to be told, as long as its token lasts. Raises outbox.Crowded before the first part."""
    with listeners.listening(lane) as heard:
        yield b": open\n\n"
        for receipt in await database.do(outbox.waiting, session.origin, session.ident):
            yield _event("waiting", waiting_json(receipt))
        while not listeners.closed:
            while found := await database.do(outbox.answered, session.origin, session.ident, after):
                for receipt in found:
                    yield _event("answer", answer_json(receipt, language), receipt.id)
                    after = receipt.id
            left = session.ends - time.time()
            if left <= 0:
                return
            try:
                told = await asyncio.wait_for(heard.get(), min(BEAT, left))
            except TimeoutError:
                yield b": alive\n\n"
                continue
            while told is not None:
                yield _event(str(told["event"]), {name: value for name, value in told.items() if name != "event"})
                told = heard.get_nowait() if not heard.empty() else None


def _event(name: str, data: Json, ident: int = 0) -> bytes:
    head = f"id: {ident}\n" if ident else ""
    return f"{head}event: {name}\ndata: ".encode() + orjson.dumps(data) + b"\n\n"
