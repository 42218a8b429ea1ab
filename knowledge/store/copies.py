"""Several sources under one identifier: one statement is shown, the others are kept beside it, whoever came first.

Shown is the most open statement, so that nothing hidden replaces what the public sees; of equally open ones the newest,
then one at first hand rather than a secondary reporter's, then the one whose file's key is last in the alphabet.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from knowledge.access import PRIVACY
from knowledge.records import Access, Level, Record, Source
from knowledge.store import models as m
from knowledge.store.rows import RecordRows, content_hash, reported_on
from knowledge.store.sql import in_parts

RECORD: TypeAdapter[Record] = TypeAdapter(Record)


@dataclass(frozen=True, slots=True, order=True)
class Rank:
    """The greatest is shown."""

    openness: int
    day: date
    first_hand: bool
    key: str


def rank_of(record: Record, source: Source) -> Rank:
    day = reported_on(record, source) or date.min
    return Rank(-PRIVACY[source.access.level], day, not record.secondary_reporter, source.key)


def known(session: Session, ids: Sequence[str]) -> dict[str, Any]:
    """Identifier -> the record that the store shows under it, with what its rank is made of."""
    return {
        row.id: row
        for row in session.execute(
            select(
                m.RecordRow.id,
                m.RecordRow.pk,
                m.RecordRow.source_id,
                m.RecordRow.content_hash,
                m.RecordRow.retired_at,
                m.RecordRow.reported_on,
                m.RecordRow.level,
                m.RecordRow.secondary,
                m.SourceRow.key,
            )
            .join(m.SourceRow, m.SourceRow.id == m.RecordRow.source_id)
            .where(m.RecordRow.id.in_(ids))
        )
    }


def rank_of_shown(row: Any) -> Rank:
    return Rank(-PRIVACY[Level(row.level)], row.reported_on or date.min, not row.secondary, row.key)


def source_of(row: m.SourceRow) -> Source:
    """A source as the store holds it."""
    access = Access(Level(row.level), row.owner, tuple(row.named))
    return Source(row.key, row.name, row.format, row.sha256, row.title, row.publisher, row.licence, row.as_of, access)


class Copies:
    """What one source says under identifiers that another source is shown for."""

    def __init__(self, session: Session, source: Source, source_id: int, rows: RecordRows, now: datetime) -> None:
        self._session = session
        self._source = source
        self._source_id = source_id
        self._rows = rows
        self._now = now
        self._held: dict[str, str] = dict(
            session.execute(
                select(m.RecordCopyRow.record_id, m.RecordCopyRow.content_hash).where(
                    m.RecordCopyRow.source_id == source_id, m.RecordCopyRow.retired_at.is_(None)
                )
            ).all()
        )
        self._kept: set[str] = set()

    def keep(self, record: Record, body: bytes) -> bool:
        """Keeps the statement beside the one that is shown; says whether it is new or changed."""
        digest = content_hash(body, self._source)
        self._kept.add(record.id)
        if self._held.get(record.id) == digest:
            return False
        self._drop([record.id], self._source_id)
        self._insert(record.id, self._source_id, digest, body, record.locator.element, record.locator.line, None)
        return True

    def displace(self, row: Any) -> None:
        """Keeps what is shown now as a copy, because a statement of this source takes its place."""
        shown = self._session.execute(
            select(m.RecordRow.body, m.RecordRow.element, m.RecordRow.line).where(m.RecordRow.pk == row.pk)
        ).one()
        self._drop([row.id], row.source_id)
        self._drop([row.id], self._source_id)
        self._insert(row.id, row.source_id, row.content_hash, shown.body, shown.element, shown.line, row.retired_at)

    def withdraw(self) -> int:
        """Copies of this source that it no longer holds get today's date; returns how many."""
        gone = sorted(self._held.keys() - self._kept - self._shown_of(self._held))
        for part in in_parts(gone):
            self._session.execute(
                update(m.RecordCopyRow)
                .where(m.RecordCopyRow.source_id == self._source_id, m.RecordCopyRow.record_id.in_(part))
                .values(retired_at=self._now)
            )
        return len(gone)

    def _shown_of(self, ids: Iterable[str]) -> set[str]:
        """Those whose shown statement is by now this source's own: nothing of it was withdrawn."""
        found: set[str] = set()
        for part in in_parts(sorted(ids)):
            rows = select(m.RecordRow.id).where(m.RecordRow.id.in_(part), m.RecordRow.source_id == self._source_id)
            found.update(self._session.scalars(rows))
        return found

    def _drop(self, ids: Sequence[str], source_id: int) -> None:
        self._session.execute(
            delete(m.RecordCopyRow).where(m.RecordCopyRow.record_id.in_(ids), m.RecordCopyRow.source_id == source_id)
        )

    def _insert(
        self,
        record_id: str,
        source_id: int,
        digest: str,
        body: bytes,
        element: str,
        line: int,
        retired_at: datetime | None,
    ) -> None:
        self._session.execute(
            insert(m.RecordCopyRow).values(
                record_id=record_id,
                source_id=source_id,
                content_hash=digest,
                body=body,
                element=element,
                line=line,
                read_at=self._now,
                retired_at=retired_at,
            )
        )


def reconsider(session: Session, rows: RecordRows, now: datetime, *, source_id: int | None = None) -> int:
    """Shows, of every identifier that has copies, the statement that ranks first; returns how many changed.

    With `source_id` only where that source is shown. A retired statement ranks below every live one.
    """
    query = (
        select(m.RecordCopyRow, m.SourceRow, m.RecordRow.pk)
        .join(m.SourceRow, m.SourceRow.id == m.RecordCopyRow.source_id)
        .join(m.RecordRow, m.RecordRow.id == m.RecordCopyRow.record_id)
        .where(m.RecordCopyRow.retired_at.is_(None))
    )
    if source_id is not None:
        query = query.where(m.RecordRow.source_id == source_id)
    candidates: dict[int, list[tuple[Rank, m.RecordCopyRow, m.SourceRow]]] = defaultdict(list)
    for copy, source, pk in session.execute(query):
        candidates[pk].append((rank_of(RECORD.validate_json(copy.body), source_of(source)), copy, source))
    changed = 0
    for _, statements in sorted(candidates.items()):
        record_id = statements[0][1].record_id
        shown = known(session, [record_id])[record_id]
        rank, copy, source = max(statements, key=lambda statement: statement[0])
        if shown.retired_at is None and rank_of_shown(shown) >= rank:
            continue
        _swap(session, rows, shown, copy, source, now)
        changed += 1
    rows.write()
    return changed


def _swap(
    session: Session, rows: RecordRows, shown: Any, copy: m.RecordCopyRow, source: m.SourceRow, now: datetime
) -> None:
    """The copy is shown from now on, and what was shown becomes a copy with the date of its withdrawal, if any."""
    row = session.get_one(m.RecordRow, shown.pk)
    displaced = {
        "record_id": shown.id,
        "source_id": shown.source_id,
        "content_hash": shown.content_hash,
        "body": row.body,
        "element": row.element,
        "line": row.line,
        "read_at": now,
        "retired_at": shown.retired_at,
    }
    body, newly_shown = copy.body, copy.source_id
    session.expunge(row)
    session.delete(copy)
    session.flush()
    rows.replace(shown.pk, RECORD.validate_json(body), body, source_of(source), newly_shown)
    session.execute(insert(m.RecordCopyRow).values(**displaced))
