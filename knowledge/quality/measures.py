"""How often each note occurs with each publisher, among the records that an audience may see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.quality.catalogue import dimensions, note_kind, note_kinds
from knowledge.quality.notes import passing_notes
from knowledge.records import RecordKind
from knowledge.store import models as m

_ENOUGH = 5
"""Records of a dimension's kinds from which on a publisher counts for the median."""


@dataclass(slots=True)
class Measure:
    """One publisher: records by kind, records by note, and by dimension those with a fault or gap in it."""

    records: Counter[RecordKind] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    wanting: Counter[str] = field(default_factory=Counter)

    def add(self, other: Measure) -> None:
        self.records += other.records
        self.notes += other.notes
        self.wanting += other.wanting

    def applicable(self, dimension: str) -> int:
        """Records that a dimension asks something of; all of them where a note is of no dimension."""
        if not dimension:
            return self.records.total()
        return sum(self.records[kind] for kind in dimensions()[dimension].kinds)

    def share(self, code: str) -> float | None:
        """Share of the records the note could stand on; None where there are none."""
        asked = self.applicable(note_kind(code).dimension)
        return self.notes[code] / asked if asked else None

    def score(self, dimension: str) -> float | None:
        """100 x the share of records without fault or gap; None where nothing is asked."""
        asked = self.applicable(dimension)
        return 100 * (1 - self.wanting[dimension] / asked) if asked else None


Measures = Mapping[str, Measure]
"""Name of a publisher as records give it -> its measure."""


def measure(session: Session, audience: Audience, today: date) -> Measures:
    """Every publisher's measure over the records that `audience` may see."""
    seen: tuple[ColumnElement[bool], ...] = (visible(audience), m.RecordRow.retired_at.is_(None))
    found: dict[str, Measure] = defaultdict(Measure)
    for publisher, kind, number in session.execute(
        select(m.RecordRow.publisher, m.RecordRow.kind, func.count())
        .where(*seen)
        .group_by(m.RecordRow.publisher, m.RecordRow.kind)
    ):
        found[publisher].records[RecordKind(kind)] += number
    noted = select(m.RecordRow.publisher, m.RecordNoteRow.code, func.count()).join(
        m.RecordNoteRow, m.RecordNoteRow.record_pk == m.RecordRow.pk
    )
    for publisher, code, number in session.execute(
        noted.where(*seen).group_by(m.RecordRow.publisher, m.RecordNoteRow.code)
    ):
        found[publisher].notes[code] += number
    passing = _passing(session, seen, today, found)
    for dimension in dimensions():
        codes = [kind.code for kind in note_kinds().values() if kind.dimension == dimension and kind.weight != "hint"]
        kinds = [kind.value for kind in dimensions()[dimension].kinds]
        wanting = (
            select(m.RecordRow.publisher, m.RecordRow.pk)
            .join(m.RecordNoteRow, m.RecordNoteRow.record_pk == m.RecordRow.pk)
            .where(*seen, m.RecordNoteRow.code.in_(codes), m.RecordRow.kind.in_(kinds))
            .distinct()
        )
        if dimension == "timeliness":
            records = {(publisher, pk) for publisher, pk in session.execute(wanting)} | passing
            for publisher, _ in records:
                found[publisher].wanting[dimension] += 1
            continue
        pairs = wanting.subquery()
        for publisher, number in session.execute(select(pairs.c.publisher, func.count()).group_by(pairs.c.publisher)):
            found[publisher].wanting[dimension] = number
    return found


def _passing(
    session: Session, seen: Iterable[ColumnElement[bool]], today: date, found: Mapping[str, Measure]
) -> set[tuple[str, int]]:
    """Counts the notes that depend on the day; (publisher, pk) of the records that carry one."""
    carrying = set()
    for row in session.execute(
        select(
            m.RecordRow.pk,
            m.RecordRow.publisher,
            m.RecordRow.kind,
            m.RecordRow.status,
            m.RecordRow.start,
            m.RecordRow.end,
            m.RecordRow.reported_on,
        ).where(*seen)
    ):
        for note in passing_notes(RecordKind(row.kind), row.status, row.start, row.end, row.reported_on, today):
            found[row.publisher].notes[note.code] += 1
            carrying.add((row.publisher, row.pk))
    return carrying


def merged(measures: Iterable[Measure]) -> Measure:
    whole = Measure()
    for one in measures:
        whole.add(one)
    return whole


def median_share(measures: Measures, code: str) -> float | None:
    """The median publisher's share of records with a note; None where no publisher has enough records."""
    dimension = note_kind(code).dimension
    shares = [one.share(code) for one in measures.values() if one.applicable(dimension) >= _ENOUGH]
    return median(share for share in shares if share is not None) if shares else None


def median_score(measures: Measures, dimension: str) -> float | None:
    """The median publisher's score; None where no publisher has enough records."""
    scores = [one.score(dimension) for one in measures.values() if one.applicable(dimension) >= _ENOUGH]
    return median(score for score in scores if score is not None) if scores else None
