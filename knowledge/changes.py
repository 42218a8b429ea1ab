"""What changed in the index since a day, a version or the last look: counted by code, for one audience.

A record is new to an audience when it could not see it before, whoever else could; so nothing is told of what a record
was while it was hidden.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, allows
from knowledge.finding import Facets, Hit
from knowledge.keeping import REGISTERED
from knowledge.records import UNDER_WAY, Access, Level, RecordKind
from knowledge.store import models as m
from knowledge.store.history import ADDED, CHANGED, FIELDS, WITHDRAWN
from knowledge.store.sql import in_parts
from knowledge.timing import Timing, standing

TOLD = tuple(kind for kind in RecordKind if kind not in (RecordKind.EVENT, RecordKind.NEED, RecordKind.INDEX))
"""Kinds of which changes are told unless others are asked for; figures come anew with every table."""

_OVER = (Timing.ENDED, Timing.CANCELLED, Timing.STALE)

Since = datetime | date | int
"""A time (UTC, without a zone), the beginning of a day, or the number of a published version."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment of the index: the last change that belongs to it, and its time."""

    change: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`before` and `after` are texts where the field is one short value ("" for none), else None."""

    field: str
    before: str | None = None
    after: str | None = None


_Fields = dict[int, tuple[FieldChange, ...]]
_Days = dict[int, date | None]
"""Record -> the day that it was reported on."""


@dataclass(frozen=True, slots=True)
class Change:
    hit: Hit
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`total` counts all of them; `changes` are the latest reported ones."""

    total: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """No record stands in two groups. `ended`: the planned end passed, or it was reported as closed or cancelled.
    `withdrawn`: its source no longer holds it. `first_read`: (title, new records) of sources that are new themselves:
    their records may be old ones.
    """

    since: datetime
    new: Group = field(default_factory=Group)
    ended: Group = field(default_factory=Group)
    changed: Group = field(default_factory=Group)
    withdrawn: Group = field(default_factory=Group)
    first_read: tuple[tuple[str, int], ...] = ()

    @property
    def total(self) -> int:
        return self.new.total + self.ended.total + self.changed.total + self.withdrawn.total


def mark(session: Session, at: datetime) -> Mark:
    """The present moment; `at` is its time."""
    return Mark(session.scalar(select(func.max(m.RecordChangeRow.id))) or 0, at)


def mark_of(session: Session, since: Since) -> Mark:
    """The moment after which everything is since `since`."""
    row = m.RecordChangeRow
    if isinstance(since, int):
        number, at = session.execute(select(func.max(row.id), func.max(row.at)).where(row.version <= since)).one()
        return Mark(number or 0, at or datetime.min)
    at = since if isinstance(since, datetime) else datetime.combine(since, time.min)
    return Mark(session.scalar(select(func.max(row.id)).where(row.at < at)) or 0, at)


def since(
    session: Session,
    audience: Audience,
    facets: Facets,
    moment: Mark,
    today: date,
    *,
    until: Mark | None = None,
    limit: int = 20,
) -> Changes:
    """What became of the records that answer `facets`, after `moment` and up to `until` (None: today).

    Of each group at most `limit` records are given. They are shown, and found, as they are now.
    """
    told = _told(session, audience, facets, moment, until)
    last_day = min(today, until.at.date()) if until else today
    new: _Days = {}
    stays: _Days = {}
    withdrawn: _Days = {}
    for pk, rows in told.items():
        there = rows[-1].what in (ADDED, CHANGED)
        was_there = rows[0].what != ADDED
        if there:
            (stays if was_there else new)[pk] = rows[-1].reported_on
        elif was_there and rows[-1].what == WITHDRAWN:
            withdrawn[pk] = rows[-1].reported_on
    fields = {pk: net for pk in sorted(stays) if (net := _net(session, told[pk]))}
    ended = _ended(session, audience, facets, moment.at.date(), last_day, fields)
    ended = {pk: day for pk, day in ended.items() if pk not in new}
    changed = {pk: stays[pk] for pk in fields if pk not in ended}
    return Changes(
        since=moment.at,
        new=_group(session, audience, new, fields, limit),
        ended=_group(session, audience, ended, fields, limit),
        changed=_group(session, audience, changed, fields, limit),
        withdrawn=_group(session, audience, withdrawn, fields, limit),
        first_read=_first_read(session, moment, Counter(told[pk][0].source_id for pk in new)),
    )


def _told(
    session: Session, audience: Audience, facets: Facets, moment: Mark, until: Mark | None
) -> dict[int, list[Any]]:
    """Record -> its changes that this audience may know of, in their order."""
    row = m.RecordChangeRow
    where = [row.id > moment.change, *finding.clauses(session, facets, audience, retired=True)]
    if until is not None:
        where.append(row.id <= until.change)
    columns = select(m.RecordRow.pk, m.RecordRow.reported_on, row.id, row.what, row.source_id)
    columns = columns.join(row, row.record_id == m.RecordRow.id)
    rows = list(session.execute(columns.where(_tellable(audience), *where)))
    # Whom a change is told by name stands in a list, which is read only where it has a say.
    named = columns.add_columns(row.owner, row.named).where(row.level == Level.NAMED.value, *where)
    rows += [
        change
        for change in session.execute(named)
        if allows(audience, Access(Level.NAMED, change.owner, tuple(change.named)))
    ]
    found: dict[int, list[Any]] = defaultdict(list)
    for change in sorted(rows, key=lambda change: change.id):
        found[change.pk].append(change)
    return found


def _tellable(audience: Audience) -> ColumnElement[bool]:
    """The rule of `access.visible` for changes, without those for named organisations."""
    row = m.RecordChangeRow
    own = row.owner.in_(sorted(audience.organisations)) if audience.organisations else false()
    community = true() if audience.community else false()
    return or_(
        row.level == Level.PUBLIC.value,
        and_(row.level == Level.COMMUNITY.value, or_(community, own)),
        and_(row.level == Level.OWN.value, own),
    )


def _net(session: Session, rows: Sequence[Any]) -> tuple[FieldChange, ...]:
    """What the changes come to: a field that is as it was before is left out."""
    first: dict[str, Any] = {}
    last: dict[str, Any] = {}
    stored = session.scalars(
        select(m.RecordChangeRow.fields)
        .where(m.RecordChangeRow.id.in_([row.id for row in rows]))
        .order_by(m.RecordChangeRow.id)
    )
    for fields in stored:
        for entry in fields:
            first.setdefault(entry["field"], entry)
            last[entry["field"]] = entry
    return tuple(
        FieldChange(name, first[name].get("before"), last[name].get("after"))
        for name in FIELDS
        if name in last and first[name]["was"] != last[name]["is"]
    )


def _ended(
    session: Session,
    audience: Audience,
    facets: Facets,
    then: date,
    today: date,
    changed: _Fields,
) -> _Days:
    """Records that were going on, or to come, on the day `then` and are over today, by their dates or their status.

    Rows of presence age by themselves: only one that says so is over.
    """
    row = m.RecordRow
    columns = select(row.pk, row.kind, row.status, row.start, row.end, row.reported_on)
    kinds = tuple(kind for kind in facets.kinds if kind in UNDER_WAY)
    where = finding.clauses(session, replace(facets, kinds=kinds), audience)
    dated = columns.where(*where, row.end >= then, row.end < today, row.kind != RecordKind.PRESENCE.value)
    candidates = {found.pk: found for found in session.execute(dated)}
    restated = [pk for pk, fields in changed.items() if {f.field for f in fields} & {"status", "start", "end"}]
    for part in in_parts(restated):
        candidates.update({found.pk: found for found in session.execute(columns.where(*where, row.pk.in_(part)))})
    ended: _Days = {}
    for pk, found in candidates.items():
        before = {f.field: f.before for f in changed.get(pk, ())}
        kind = RecordKind(found.kind)
        was = standing(
            kind,
            before.get("status", found.status) or "",
            _day(before["start"]) if "start" in before else found.start,
            _day(before["end"]) if "end" in before else found.end,
            found.reported_on,
            then,
        )
        stands = standing(kind, found.status, found.start, found.end, found.reported_on, today)
        aged = kind is RecordKind.PRESENCE and stands.timing is Timing.STALE
        if stands.timing in _OVER and was.timing not in _OVER and not aged:
            ended[pk] = found.reported_on
    return ended


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value[:10]) if value else None


def _group(session: Session, audience: Audience, days: _Days, fields: _Fields, limit: int) -> Group:
    """The group of these records, the latest reported first."""
    order = sorted(days, key=lambda pk: (-(days[pk] or date.min).toordinal(), pk))[:limit]
    wanted = Facets(kinds=tuple(RecordKind), pks=tuple(order))
    hits = {hit.pk: hit for hit in finding.find(session, wanted, audience, retired=True)} if order else {}
    return Group(len(days), tuple(Change(hits[pk], fields.get(pk, ())) for pk in order if pk in hits))


def _first_read(session: Session, moment: Mark, new: Counter[int]) -> tuple[tuple[str, int], ...]:
    """Of the sources of new records those of which nothing was held before."""
    row = m.RecordChangeRow
    titles: Counter[str] = Counter()
    for part in in_parts(sorted(new)):
        first = select(func.min(row.id)).where(row.source_id == m.SourceRow.id).scalar_subquery()
        sources = select(m.SourceRow.id, m.SourceRow.title, m.SourceRow.name).where(m.SourceRow.format != REGISTERED)
        for source in session.execute(sources.where(m.SourceRow.id.in_(part), first > moment.change)):
            titles[source.title or source.name] += new[source.id]
    return tuple(sorted(titles.items(), key=lambda pair: (-pair[1], pair[0])))
