"""What people said that two records are to each other, as one audience may know it.

Of what an audience may see the newest counts: who judged last could read what was said before. A view is made of
visible rows alone; `knowledge.overlap.judging` writes them so that this tells nothing of others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.keeping import Who
from knowledge.overlap.labels import Label
from knowledge.records import Access, Level
from knowledge.store import models as m
from knowledge.store.sql import in_parts

Pair = frozenset[str]
"""Two identifiers of records."""


class What(StrEnum):
    """What is said of the label that was shown: that it is right, that it is wrong, that another one is right. An undo
    takes one of these back; a skip is no judgement: it says why somebody cannot tell."""

    CONFIRM = "confirm"
    REJECT = "reject"
    RELABEL = "relabel"
    UNDO = "undo"
    SKIP = "skip"


JUDGEMENTS = (What.CONFIRM, What.REJECT, What.RELABEL)


@dataclass(frozen=True, slots=True)
class Told:
    """What the model said, and which: `model` is a hash of its parameters. `chances`: all probabilities, not kept."""

    label: Label
    probability: float
    model: str
    chances: Mapping[Label, float] = field(default_factory=dict, compare=False)

    def as_json(self) -> dict[str, Any]:
        return {"label": self.label.value, "probability": round(self.probability, 4), "parameters": self.model}


@dataclass(frozen=True, slots=True)
class Judgement:
    """`a` < `b`. `label` is what the pair is taken for: with "reject" the likeliest that is not `shown`, as the model
    had it then; None for an undo and a skip. `by` is the organisation that says so, `mine` whether it is that of who
    asks. `told`: what the model said then, which only that organisation is shown, for a probability tells of the
    records that were in sight. `others`: what other people say of the pair, newest first."""

    id: str
    a: str
    b: str
    what: What
    label: Label | None
    shown: Label | None
    reason: str
    sure: int
    by: str
    mine: bool
    at: datetime
    access: Access
    told: Told | None = None
    others: tuple[Judgement, ...] = ()

    @property
    def pair(self) -> Pair:
        return frozenset((self.a, self.b))

    @property
    def disputed(self) -> bool:
        """Whether somebody else says what cannot be true beside this."""
        return any(_differ(self, other) for other in self.others)

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "a": self.a,
            "b": self.b,
            "what": self.what.value,
            "label": self.label.value if self.label else None,
            "shown": self.shown.value if self.shown else None,
            "reason": self.reason,
            "sure": self.sure,
            "by": self.by,
            "mine": self.mine,
            "at": f"{self.at:%Y-%m-%dT%H:%M:%SZ}",
            "audience": self.access.level.value,
            "named": list(self.access.named),
            "model": self.told.as_json() if self.told else None,
            "disputed": self.disputed,
            "others": [other.as_json() for other in self.others],
        }


class State(StrEnum):
    """What has become of an entry: it counts, it stands beside one that counts, its maker said something else since, it
    was taken back; or it is itself a taking back, or a skip that stands."""

    COUNTS = "counts"
    STANDS = "stands"
    REPLACED = "replaced"
    TAKEN_BACK = "taken_back"
    UNDO = "undo"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the history. `undoes` is the id of what it takes back."""

    judgement: Judgement
    state: State
    undoes: str = ""

    def as_json(self) -> dict[str, Any]:
        return {**self.judgement.as_json(), "state": self.state.value, "undoes": self.undoes or None}


@dataclass(slots=True)
class _Thread:
    """Rows of one pair: the newest of each person, and what was taken back."""

    newest: dict[tuple[str, str], m.OverlapJudgementRow] = field(default_factory=dict)
    undone: set[str] = field(default_factory=set)

    def add(self, row: m.OverlapJudgementRow) -> None:
        if row.what == What.UNDO:
            self.undone.add(row.undoes)
        elif row.what != What.SKIP:
            self.newest[row.owner, row.person] = row

    def standing(self) -> list[m.OverlapJudgementRow]:
        """Newest first."""
        rows = [row for row in self.newest.values() if row.id not in self.undone]
        return sorted(rows, key=lambda row: -row.number)


def ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a <= b else (b, a)


def judged(
    session: Session, audience: Audience, pairs: Iterable[tuple[str, str]] | None = None
) -> dict[Pair, Judgement]:
    """The judgement that counts for each pair, of those that `audience` may see; of all pairs where none are given."""
    threads = _threads(_rows(session, audience, pairs))
    return {pair: found for pair, thread in threads.items() if (found := _counting(thread, audience)) is not None}


def history(session: Session, audience: Audience, record: str = "") -> list[Entry]:
    """All entries that `audience` may see, of one record or of all, the newest first."""
    rows = _rows(session, audience, record=record)
    threads = _threads(rows)
    counting = {pair: _counting(thread, audience) for pair, thread in threads.items()}
    found = []
    for row in reversed(rows):
        pair = frozenset((row.a, row.b))
        state = _state(row, threads[pair], counting[pair])
        counts = counting[pair] if state is State.COUNTS else None
        found.append(Entry(counts or read(row, audience), state, row.undoes))
    return found


def of_id(session: Session, audience: Audience, judgement_id: str) -> Judgement | None:
    """One entry, with what others say where it is the one that counts; None where `audience` may not know of it."""
    row = session.scalar(
        select(m.OverlapJudgementRow).where(m.OverlapJudgementRow.id == judgement_id, may_know(audience))
    )
    if row is None:
        return None
    counts = judged(session, audience, [(row.a, row.b)]).get(frozenset((row.a, row.b)))
    return counts if counts is not None and counts.id == row.id else read(row, audience)


def skipped(session: Session, who: Who) -> set[Pair]:
    """The pairs of which this person said that they cannot tell."""
    table = m.OverlapJudgementRow
    rows = session.scalars(select(table).where(table.person == who.person, table.owner == who.organisation)).all()
    undone = {row.undoes for row in rows}
    return {frozenset((row.a, row.b)) for row in rows if row.what == What.SKIP and row.id not in undone}


def _threads(rows: Iterable[m.OverlapJudgementRow]) -> dict[Pair, _Thread]:
    found: dict[Pair, _Thread] = defaultdict(_Thread)
    for row in rows:
        found[frozenset((row.a, row.b))].add(row)
    return found


def _counting(thread: _Thread, audience: Audience) -> Judgement | None:
    """The newest; but where that one only says what the pair is not, and the newest label given agrees, that one: it
    says more."""
    standing = [read(row, audience) for row in thread.standing()]
    if not standing:
        return None
    first = standing[0]
    if first.what is What.REJECT:
        named = next((one for one in standing if one.what is not What.REJECT), first)
        first = first if _differ(first, named) else named
    return replace(first, others=tuple(one for one in standing if one is not first))


def _differ(one: Judgement, other: Judgement) -> bool:
    rejecting = [each for each in (one, other) if each.what is What.REJECT]
    if len(rejecting) == 1:
        (named,) = (each for each in (one, other) if each.what is not What.REJECT)
        return named.label is rejecting[0].shown
    return not rejecting and one.label is not other.label


def _state(row: m.OverlapJudgementRow, thread: _Thread, counting: Judgement | None) -> State:
    if row.what == What.UNDO:
        return State.UNDO
    if row.id in thread.undone:
        return State.TAKEN_BACK
    if row.what == What.SKIP:
        return State.SKIPPED
    if thread.newest[row.owner, row.person] is not row:
        return State.REPLACED
    return State.COUNTS if counting is not None and counting.id == row.id else State.STANDS


def _rows(
    session: Session, audience: Audience, pairs: Iterable[tuple[str, str]] | None = None, record: str = ""
) -> list[m.OverlapJudgementRow]:
    """In the order in which they were written."""
    table = m.OverlapJudgementRow
    query = select(table).where(may_know(audience)).order_by(table.number)
    if record:
        query = query.where(or_(table.a == record, table.b == record))
    if pairs is None:
        return list(session.scalars(query))
    wanted = {ordered(a, b) for a, b in pairs}
    rows = [
        row
        for part in in_parts(sorted({a for a, _ in wanted}))
        for row in session.scalars(query.where(table.a.in_(part)))
        if (row.a, row.b) in wanted
    ]
    return sorted(rows, key=lambda row: row.number)


def may_know(audience: Audience) -> ColumnElement[bool]:
    """The rule of `access.visible` for the judgement itself; and both records are to be seen."""
    table = m.OverlapJudgementRow
    keys = sorted(audience.organisations)
    named = func.json_each(table.named).table_valued("value")
    return and_(
        or_(
            table.level == Level.PUBLIC.value,
            table.owner.in_(keys) if keys else false(),
            and_(table.level == Level.COMMUNITY.value, true() if audience.community else false()),
            and_(
                table.level == Level.NAMED.value,
                select(named.c.value).where(named.c.value.in_(keys)).exists() if keys else false(),
            ),
        ),
        *(
            select(m.RecordRow.pk).where(m.RecordRow.id == side, visible(audience)).correlate(table).exists()
            for side in (table.a, table.b)
        ),
    )


def read(row: m.OverlapJudgementRow, audience: Audience) -> Judgement:
    mine = row.owner in audience.organisations
    told = Told(Label(row.model_label), row.model_probability, row.model_hash) if row.model_label else None
    return Judgement(
        id=row.id,
        a=row.a,
        b=row.b,
        what=What(row.what),
        label=Label(row.label) if row.label else None,
        shown=Label(row.shown) if row.shown else None,
        reason=row.reason,
        sure=row.sure,
        by=row.by,
        mine=mine,
        at=row.at,
        access=Access(Level(row.level), row.owner, tuple(row.named) if mine else ()),
        told=told if mine else None,
    )
