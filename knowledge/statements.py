"""What each source says under one identifier, and where they differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.access import Audience, allows
from knowledge.records import Record, Role, Source
from knowledge.store import models as m
from knowledge.store.copies import RECORD, source_of


@dataclass(frozen=True, slots=True)
class Statement:
    """One source's word on a record. `withdrawn_on`: since when that source no longer holds it."""

    record: Record
    source: Source
    shown: bool
    withdrawn_on: date | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that sources state differently: each value with the names of the files that state it.

    `field` is one of: title, status, start, end, reporting, funding, accountable, extending, implementing, countries,
    budget.
    """

    field: str
    values: tuple[tuple[str, tuple[str, ...]], ...]


def of_record(session: Session, pk: int, audience: Audience) -> list[Statement]:
    """The statement that is shown, then the others that `audience` may see, newest first.

    The caller has already found the record `pk` within its audience.
    """
    row = session.get_one(m.RecordRow, pk)
    source = source_of(session.get_one(m.SourceRow, row.source_id))
    gone = row.retired_at.date() if row.retired_at else None
    shown = Statement(RECORD.validate_json(row.body), source, True, gone)
    copies = session.execute(
        select(m.RecordCopyRow, m.SourceRow)
        .join(m.SourceRow, m.SourceRow.id == m.RecordCopyRow.source_id)
        .where(m.RecordCopyRow.record_id == row.id)
    )
    others = [
        Statement(RECORD.validate_json(copy.body), origin, False, copy.retired_at.date() if copy.retired_at else None)
        for copy, stored in copies
        if allows(audience, (origin := source_of(stored)).access)
    ]
    others.sort(key=lambda other: (other.record.reported_on or other.source.as_of or date.min, other.source.name))
    return [shown, *reversed(others)]


def differences(found: Sequence[Statement]) -> list[Difference]:
    """Fields on which standing statements differ. A source that is silent on a field differs from none."""
    standing = [statement for statement in found if statement.withdrawn_on is None]
    result = []
    for field, value_of in FIELDS.items():
        files: dict[str, list[str]] = defaultdict(list)
        for statement in standing:
            if value := value_of(statement.record):
                files[value].append(statement.source.name)
        if len(files) > 1:
            result.append(Difference(field, tuple((value, tuple(names)) for value, names in files.items())))
    return result


def _organisations(role: Role) -> Callable[[Record], str]:
    def value_of(record: Record) -> str:
        names = {o.name or o.acronym or o.ref for o in record.organisations if o.role is role}
        return ", ".join(sorted(names - {""}))

    return value_of


def _countries(record: Record) -> str:
    return ", ".join(sorted({place.country for place in record.places if place.country}))


def _budget(record: Record) -> str:
    totals: dict[str, float] = defaultdict(float)
    for money in record.money:
        if money.kind == "budget":
            totals[money.currency] += money.amount
    return ", ".join(f"{amount:,.0f} {currency}".strip() for currency, amount in sorted(totals.items()))


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


FIELDS: dict[str, Callable[[Record], str]] = {
    "title": lambda record: record.title,
    "status": lambda record: record.status,
    "start": lambda record: _day(record.period.start),
    "end": lambda record: _day(record.period.end),
    **{role.value: _organisations(role) for role in Role},
    "countries": _countries,
    "budget": _budget,
}
