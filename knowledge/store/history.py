"""What became of records, written in the transaction that changes them: so "what changed since" is told, not guessed.

A re-reading of the same bytes is no change of what a source says, nor is a record's new place in its file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from knowledge.records import Record, Source
from knowledge.store import models as m
from knowledge.store import state
from knowledge.store.sql import in_parts

ADDED, CHANGED, WITHDRAWN, CLOSED = "added", "changed", "withdrawn", "closed"
FIELDS = (
    "title", "status", "start", "end", "texts", "organisations", "places", "themes", "money", "links", "indicators",
    "documents", "figures", "contacts", "extra",
)  # fmt: skip
"""The fields of which a change is told, in this order."""

_SHOWN = ("title", "status", "start", "end")

Row = dict[str, Any]


class History:
    """The rows of one run. `reread`: the bytes of the source are those that were read before."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session = session
        self._now = now
        self._version = state.version(session) + 1
        self._new: list[Row] = []
        self.reread = False

    def added(self, record_id: str, source: Source, source_id: int) -> None:
        self._add(record_id, source_id, ADDED, _permission(source))

    def replaced(self, pk: int, record: Record, body: bytes, source: Source, source_id: int) -> None:
        """To be told before the row of `pk` is overwritten with `record`."""
        row = m.RecordRow
        old = self._session.execute(
            select(row.source_id, row.level, row.owner, row.retired_at, row.body).where(row.pk == pk)
        ).one()
        before = self._permission_of(pk, old.level, old.owner)
        after = _permission(source)
        same_bytes = self.reread and old.source_id == source_id
        fields = [] if same_bytes else differences(old.body, body)
        if old.retired_at is not None:
            self._add(record.id, source_id, ADDED, after, fields)
        elif before != after:
            self._add(record.id, old.source_id, CLOSED, before)
            self._add(record.id, source_id, ADDED, after, fields)
        elif fields:
            self._add(record.id, source_id, CHANGED, after, fields)

    def withdrawn(self, pks: Sequence[int]) -> None:
        """To be told of records that their source no longer holds."""
        row = m.RecordRow
        for part in in_parts(pks):
            rows = select(row.pk, row.id, row.source_id, row.level, row.owner).where(row.pk.in_(part)).order_by(row.pk)
            for gone in self._session.execute(rows).all():
                permission = self._permission_of(gone.pk, gone.level, gone.owner)
                self._add(gone.id, gone.source_id, WITHDRAWN, permission)

    def write(self) -> None:
        """Writes what was told since the last call."""
        if self._new:
            table: Any = m.RecordChangeRow.__table__
            self._session.connection().execute(insert(table), self._new)
            self._new = []

    def _permission_of(self, pk: int, level: str, owner: str) -> Row:
        named: Iterable[str] = ()
        if level == "named":
            audience = m.RecordAudienceRow
            named = self._session.scalars(select(audience.organisation).where(audience.record_pk == pk))
        return {"level": level, "owner": owner, "named": sorted(named)}

    def _add(self, record_id: str, source_id: int, what: str, permission: Row, fields: Sequence[Row] = ()) -> None:
        self._new.append(
            {
                "record_id": record_id,
                "source_id": source_id,
                "version": self._version,
                "at": self._now,
                "what": what,
                **permission,
                "fields": list(fields),
            }
        )


def _permission(source: Source) -> Row:
    access = source.access
    named = sorted(access.named) if access.level.value == "named" else []
    return {"level": access.level.value, "owner": access.owner or "home", "named": named}


def differences(before: bytes, after: bytes) -> list[Row]:
    """The fields that differ between two bodies of a record: {field, was, is} with digests of the values, and
    {before, after} as text for fields of one short value."""
    old, new = _values(before), _values(after)
    found = []
    for field in FIELDS:
        if old[field] == new[field]:
            continue
        row: Row = {"field": field, "was": _digest(old[field]), "is": _digest(new[field])}
        if field in _SHOWN:
            row |= {"before": old[field] or "", "after": new[field] or ""}
        found.append(row)
    return found


def _values(body: bytes) -> Row:
    record: Row = orjson.loads(body)
    period = record.get("period") or {}
    return {field: record.get(field) for field in FIELDS} | {
        "start": period.get("actual_start") or period.get("planned_start"),
        "end": period.get("actual_end") or period.get("planned_end"),
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()[:12]
