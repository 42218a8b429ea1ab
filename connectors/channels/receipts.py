r"""Receipts: each event of a channel once, and how far its answer got.

    received -> answered -> sending -> sent
                         \-> failed      the channel refuses it for good
                         \-> unknown     cut off while sending, and the channel cannot say whether it arrived
    received -> refused                  over a limit that was told already, or nothing to say that anybody asked for

What was asked for is dropped as soon as it is settled; the answer stays for `KEEP_SECONDS`, for its further pages and
its buttons.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from connectors.channels.database import joined, receipts

KEEP_SECONDS = 30 * 24 * 3600.0
"""How long an event id is known after it was settled, longer than any channel repeats one."""


class State(StrEnum):
    RECEIVED = "received"
    ANSWERED = "answered"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


SETTLED = frozenset({State.SENT, State.REFUSED, State.FAILED, State.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Event:
    """What a channel hands in. `lane` is the conversation, whose events are answered in order; `person` is opaque, ""
    where nobody asked.

    `message` names the message that the event tells of, "" for none. `payload` is all that answering and sending need.
    """

    channel: str
    tenant: str
    event: str
    lane: str
    person: str
    message: str = ""
    payload: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Receipt:
    id: int
    event: Event
    state: State
    answer: dict[str, Any] | None
    progress_id: str
    sent_id: str


class Receipts:
    """What is done with receipts, each a piece of work for `ChannelDatabase.do`."""

    def accept(self, connection: Connection, event: Event) -> Receipt | None:
        """Writes the event down; None where it, or its message, is known already."""
        row = insert(receipts).values(
            channel=event.channel,
            tenant=event.tenant,
            event=event.event,
            message=event.message or None,
            lane=event.lane,
            person=event.person,
            state=State.RECEIVED.value,
            payload=json.dumps(event.payload),
            received_at=time.time(),
        )
        made = connection.execute(row.on_conflict_do_nothing().returning(receipts.c.id)).scalar_one_or_none()
        return None if made is None else Receipt(made, event, State.RECEIVED, None, "", "")

    def open_(self, connection: Connection, channel: str) -> list[Receipt]:
        """Those of `channel` that are not settled, in the order received."""
        rows = select(receipts).where(receipts.c.channel == channel, receipts.c.settled_at.is_(None))
        return [_receipt(row) for row in connection.execute(rows.order_by(receipts.c.id))]

    def find(self, connection: Connection, receipt_id: int) -> Receipt | None:
        row = connection.execute(select(receipts).where(receipts.c.id == receipt_id)).one_or_none()
        return _receipt(row) if row else None

    def shows_progress(self, connection: Connection, receipt_id: int, progress_id: str) -> None:
        self._set(connection, receipt_id, progress_id=progress_id)

    def answered(self, connection: Connection, receipt_id: int, answer: dict[str, Any]) -> None:
        self._set(connection, receipt_id, state=State.ANSWERED.value, answer=json.dumps(answer))

    def sending(self, connection: Connection, receipt_id: int) -> None:
        self._set(connection, receipt_id, state=State.SENDING.value)

    def not_sent(self, connection: Connection, receipt_id: int) -> None:
        """Back from sending: it is certain that nothing arrived."""
        self._set(connection, receipt_id, state=State.ANSWERED.value)

    def settle(self, connection: Connection, receipt_id: int, state: State, sent_id: str = "") -> None:
        """The end of it; what was asked is forgotten."""
        self._set(connection, receipt_id, state=state.value, sent_id=sent_id, payload="{}", settled_at=time.time())

    def _set(self, connection: Connection, receipt_id: int, **values: Any) -> None:
        connection.execute(update(receipts).where(receipts.c.id == receipt_id).values(**values))

    def join(self, connection: Connection, lane: str) -> None:
        connection.execute(insert(joined).values(lane=lane, joined_at=time.time()).on_conflict_do_nothing())

    def has_joined(self, connection: Connection, lane: str) -> bool:
        return connection.execute(select(joined.c.lane).where(joined.c.lane == lane)).first() is not None

    def counts(self, connection: Connection) -> dict[str, int]:
        """Number of receipts by state."""
        rows = connection.execute(select(receipts.c.state, func.count()).group_by(receipts.c.state))
        return {str(state): int(number) for state, number in rows}

    def forget(self, connection: Connection, tenant: str, channel: str) -> None:
        """All of a tenant that left."""
        connection.execute(delete(receipts).where(receipts.c.channel == channel, receipts.c.tenant == tenant))

    def purge(self, connection: Connection, before: float) -> int:
        """Removes what was settled before that time; returns how many."""
        return connection.execute(delete(receipts).where(receipts.c.settled_at < before)).rowcount


def _receipt(row: Row[Any]) -> Receipt:
    event = Event(
        channel=row.channel,
        tenant=row.tenant,
        event=row.event,
        lane=row.lane,
        person=row.person,
        message=row.message or "",
        payload=json.loads(row.payload),
    )
    answer = json.loads(row.answer) if row.answer else None
    return Receipt(row.id, event, State(row.state), answer, row.progress_id, row.sent_id)
