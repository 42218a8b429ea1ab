"""What was erased on request stays out, though nothing here says what it was.

A tombstone is a hash of the identifier under a random key of the home, with a date and a reason. So it recognises what
comes back, and whoever reads the table learns of nothing that they could not name themselves.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, insert, or_, select
from sqlalchemy.orm import Session

from knowledge.records import Item, Problem, Record
from knowledge.store import models as m
from knowledge.store import state
from knowledge.store.sql import utc_now

RECORD = "record"
SOURCE = "source"
_KEY = "forgotten-key"
LIFT = "commonground forget --allow-again lifts this"
"""The advice of every problem that says that something was left out."""


class Tombstones:
    """The tombstones of a home, read once for a run."""

    def __init__(self, session: Session) -> None:
        self._key = state.meta(session, _KEY)
        self._dates = {row.hash: row.forgotten_at for row in session.scalars(select(m.ForgottenRow))}

    def __bool__(self) -> bool:
        return bool(self._dates)

    def date_of(self, kind: str, identifier: str) -> datetime | None:
        """When it was erased; None for what was not."""
        return self._dates.get(_hash(self._key, kind, identifier)) if self._dates else None

    def source_problem(self, path: Path, *names: str) -> Problem | None:
        """What to say of a file that is left out whole, known by any of `names`: its key, its checksum."""
        date = next(filter(None, (self.date_of(SOURCE, name) for name in names)), None)
        reason = f"left out: this source was forgotten on {date:%Y-%m-%d}" if date else ""
        return Problem(path.name, "", 0, reason, LIFT) if date else None

    def left_out(self, path: Path, items: Iterable[Item]) -> Iterator[Item]:
        """The items with a problem in place of each record that was erased."""
        for item in items:
            date = self.date_of(RECORD, item.id) if self._dates and isinstance(item, Record) else None
            if date is None or not isinstance(item, Record):
                yield item
            else:
                reason = f"left out: this record was forgotten on {date:%Y-%m-%d}"
                yield Problem(path.name, item.locator.element, item.locator.line, reason, LIFT)


def bury(session: Session, kind: str, identifiers: Iterable[str], reason: str, within: str = "") -> None:
    """Marks identifiers as erased, now; `within`: the key of the source that was erased with all it held."""
    key = state.meta(session, _KEY)
    if not key:
        key = secrets.token_hex(32)
        state.set_meta(session, _KEY, key)
    now = utc_now()
    source = _hash(key, SOURCE, within) if within else ""
    rows = [
        {"hash": _hash(key, kind, identifier), "kind": kind, "within": source, "forgotten_at": now, "reason": reason}
        for identifier in identifiers
    ]
    if rows:
        session.execute(insert(m.ForgottenRow).prefix_with("OR REPLACE"), rows)


def lift(session: Session, kind: str, identifier: str) -> int:
    """Lets a record in again, or a source with all that it held; returns how many marks there were."""
    key = state.meta(session, _KEY)
    if not key:
        return 0
    mark = _hash(key, kind, identifier)
    marks = session.scalars(
        select(m.ForgottenRow.hash).where(or_(m.ForgottenRow.hash == mark, m.ForgottenRow.within == mark))
    ).all()
    if marks:
        session.execute(delete(m.ForgottenRow).where(or_(m.ForgottenRow.hash == mark, m.ForgottenRow.within == mark)))
    return len(marks)


def _hash(key: str, kind: str, identifier: str) -> str:
    return hmac.digest(bytes.fromhex(key), f"{kind}\0{identifier}".encode(), "sha256").hex()[:32]
