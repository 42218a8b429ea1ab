"""What a session still has to be told: answers as the receipts hold them, and progress for who listens just now."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Select, select

from connectors.channels.database import receipts
from connectors.channels.receipts import SETTLED, Receipt, Receipts, State
from connectors.widget.tokens import NAME

Json = dict[str, Any]
MOST_AT_ONCE = 50
MOST_OF_SESSION = 4
MOST_LISTENING = 1_000
_TOLD = (State.SENDING.value, *(state.value for state in SETTLED))


def event_id(session: str, message: str) -> str:
    """The event's id for the inbox: that of the client within its session."""
    return f"{session}:{message}"


def message_of(receipt: Receipt) -> str:
    """The client's own id of the message."""
    return receipt.event.event.partition(":")[2]


def answered(connection: Connection, origin: str, session: str, after: int) -> list[Receipt]:
    """The next receipts of the session that have an end, in the order asked."""
    return _found(connection, _of(origin, session).where(receipts.c.id > after, receipts.c.state.in_(_TOLD)))


def waiting(connection: Connection, origin: str, session: str) -> list[Receipt]:
    """Those that have none yet."""
    return _found(connection, _of(origin, session).where(receipts.c.state.not_in(_TOLD)))


def _found(connection: Connection, idents: Select[tuple[int]]) -> list[Receipt]:
    known = Receipts()
    found: list[int] = list(connection.scalars(idents.order_by(receipts.c.id).limit(MOST_AT_ONCE)))
    return [receipt for ident in found if (receipt := known.find(connection, ident)) is not None]


def _of(origin: str, session: str) -> Select[tuple[int]]:
    # A range, which the index of event ids answers; ";" follows ":".
    mine = (receipts.c.event > f"{session}:", receipts.c.event < f"{session};")
    return select(receipts.c.id).where(receipts.c.channel == NAME, receipts.c.tenant == origin, *mine)


class Crowded(Exception):
    """More streams are open than one session, or all of them together, may have."""


class Listeners:
    """The streams that are open, by lane. What is told here is lost on nobody: the receipts have what lasts."""

    def __init__(self) -> None:
        self._queues: dict[str, list[asyncio.Queue[Json | None]]] = {}
        self.closed = False

    @contextmanager
    def listening(self, lane: str) -> Iterator[asyncio.Queue[Json | None]]:
        """A queue of what is told; None says that the receipts have something new, or that it ends. Raises Crowded."""
        if len(self._queues.get(lane, ())) >= MOST_OF_SESSION:
            raise Crowded
        if sum(map(len, self._queues.values())) >= MOST_LISTENING:
            raise Crowded
        queue: asyncio.Queue[Json | None] = asyncio.Queue()
        self._queues.setdefault(lane, []).append(queue)
        try:
            yield queue
        finally:
            self._queues[lane].remove(queue)
            if not self._queues[lane]:
                del self._queues[lane]

    def tell(self, lane: str, told: Json | None = None) -> None:
        for queue in self._queues.get(lane, ()):
            queue.put_nowait(told)

    def close(self) -> None:
        self.closed = True
        for lane in self._queues:
            self.tell(lane)
