"""Which initiatives should be brought together: what a question about overlap is answered with, as data and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from knowledge.finding import Hit
from knowledge.overlap.explaining import Clause
from knowledge.overlap.judgements import Judgement
from knowledge.overlap.labels import Label
from knowledge.records import Period
from knowledge.timing import Timing

_LISTED = 100


class When(StrEnum):
    """When two or more can still act on their meeting, in the order in which meetings are of use."""

    NOW = "now"
    AHEAD = "ahead"
    OPEN = "open"
    """Reported as under way, but the planned end has passed, or no end is stated."""
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Fold:
    """Records that stand under a heading besides the one that leads it. `kind` is what each of them is to that one:
    a duplicate, a part of a chain of money, or of one programme."""

    kind: Label
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """One initiative, however often it is reported. `publishers`: who reports it, each once, that of `lead` first
    (parts of the same programme aside); `organisations`: who does the work, as all its records write it."""

    lead: str
    folded: tuple[Fold, ...] = ()
    publishers: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()

    @property
    def records(self) -> tuple[str, ...]:
        return (self.lead, *(ident for fold in self.folded for ident in fold.records))

    @property
    def reported(self) -> int:
        """How often the same work is reported: parts of the same programme are other work."""
        return 1 + sum(len(fold.records) for fold in self.folded if fold.kind is not Label.FAMILY)

    def as_json(self) -> dict[str, Any]:
        return {
            "lead": self.lead,
            "records": list(self.records),
            "folded": [{"kind": fold.kind.value, "records": list(fold.records)} for fold in self.folded],
            "reported": self.reported,
            "publishers": list(self.publishers),
            "organisations": list(self.organisations),
        }


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records that make a meeting, with the reasons. `judgement` is what people said of them, where they did."""

    a: str
    b: str
    label: Label
    probability: float
    clauses: tuple[Clause, ...] = ()
    rules: tuple[str, ...] = ()
    evidence: Mapping[str, float] = field(default_factory=dict)
    probabilities: Mapping[Label, float] = field(default_factory=dict)
    judgement: Judgement | None = None

    @property
    def judged(self) -> bool:
        """Whether it is a person who says what the two are."""
        return self.judgement is not None

    @property
    def speaking_for(self) -> tuple[Clause, ...]:
        return tuple(clause for clause in self.clauses if not clause.fact.against)

    @property
    def speaking_against(self) -> tuple[Clause, ...]:
        return tuple(clause for clause in self.clauses if clause.fact.against)

    def as_json(self) -> dict[str, Any]:
        return {
            "a": self.a,
            "b": self.b,
            "label": self.label.value,
            "probability": round(self.probability, 4),
            "probabilities": {label.value: round(chance, 4) for label, chance in self.probabilities.items()},
            "judged": self.judged,
            "judgement": judgement_json(self.judgement) if self.judgement is not None else None,
            "rules": list(self.rules),
            "for": [clause_json(clause) for clause in self.speaking_for],
            "against": [clause_json(clause) for clause in self.speaking_against],
            "evidence": {name: round(value, 4) for name, value in self.evidence.items()},
        }


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two or more headings to bring together. Where a record or a proposal is asked about, its own heading is the
    first. `pairs`: the pair that decides between each two of them, the surest first. `place`: the district, by id,
    where that is what they have in common."""

    label: Label
    probability: float
    when: When
    headings: tuple[Heading, ...]
    pairs: tuple[Pair, ...]
    place: str = ""

    @property
    def leads(self) -> tuple[str, ...]:
        return tuple(heading.lead for heading in self.headings)

    def as_json(self) -> dict[str, Any]:
        first = self.pairs[0].as_json() if self.pairs else {}
        return {
            "label": self.label.value,
            "probability": round(self.probability, 4),
            "when": self.when.value,
            "place": self.place,
            "records": list(self.leads),
            "folded": [
                {"under": heading.lead, "kind": fold.kind.value, "records": list(fold.records)}
                for heading in self.headings
                for fold in heading.folded
            ],
            "headings": [heading.as_json() for heading in self.headings],
            "for": first.get("for", []),
            "against": first.get("against", []),
            "evidence": first.get("evidence", {}),
            "rules": first.get("rules", []),
            "judged": any(pair.judged for pair in self.pairs),
            "pairs": [pair.as_json() for pair in self.pairs],
        }


@dataclass(frozen=True, slots=True)
class Covered:
    """What the index holds on the places asked for. `state`: "reported", "none_reported" although the area is covered,
    or "not_covered" by any source. `presence`: rows of presence tables that answer the same; they are no initiatives
    and are not compared."""

    state: str
    as_of: date
    publishers: int = 0
    tables: tuple[tuple[str, date | None], ...] = ()
    newest: date | None = None
    presence: int = 0

    def as_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "as_of": self.as_of.isoformat(),
            "publishers": self.publishers,
            "tables": [{"title": title, "as_of": _iso(day)} for title, day in self.tables],
            "newest": _iso(self.newest),
            "presence_rows": self.presence,
        }


@dataclass(frozen=True, slots=True)
class Meetings:
    """The answer. `meetings` are those from `offset` on of `total`, in order; `by_label` counts all of them.

    `subject` is the heading of what was asked about, and `same` what else is the same work or the same programme: its
    duplicates, chains and family, one pair each. Where a place or theme was asked for, `initiatives` are the headings
    there, current ones first. `hits` holds every record that is named, by identifier, but the proposal.
    `names` are names of the places that clauses and meetings speak of. `left_out`: what is complementary and of so
    little use (over, in another country, of the same owner) that nobody should meet for it. `where`, of what one
    organisation meets and of what is one work: (place id, how many meetings are there), most first. `planned`: when the
    proposal runs, where one is asked about.
    """

    meetings: tuple[Meeting, ...]
    total: int
    offset: int
    limit: int
    by_label: Mapping[Label, int]
    today: date
    coverage: Covered
    hits: Mapping[str, Hit]
    names: Mapping[str, str]
    subject: Heading | None = None
    proposal: str = ""
    same: tuple[Meeting, ...] = ()
    initiatives: tuple[Heading, ...] = ()
    compared: int = 0
    left_out: int = 0
    where: tuple[tuple[str, int], ...] = ()
    planned: Period | None = None

    @property
    def more(self) -> int:
        """How many meetings come after these."""
        return max(0, self.total - self.offset - len(self.meetings))

    def as_json(self) -> dict[str, Any]:
        """Stable names; records each once under `records`, those that are the same work as what was asked about
        first, then in the order of the meetings. Of very many initiatives the first are listed."""
        listed = self.initiatives[:_LISTED]
        named = [
            ident for each in (*self.same, *self.meetings) for heading in each.headings for ident in heading.records
        ]
        named += [ident for heading in listed for ident in heading.records]
        first = list(self.subject.records) if self.subject else []
        order = [ident for ident in dict.fromkeys([*first, *named]) if ident in self.hits]
        return {
            "total": self.total,
            "offset": self.offset,
            "limit": self.limit,
            "by_label": {label.value: number for label, number in self.by_label.items()},
            "subject": self.subject.as_json() if self.subject else None,
            "proposal": self.proposal,
            "same": [each.as_json() for each in self.same],
            "meetings": [each.as_json() for each in self.meetings],
            "initiatives": [heading.as_json() for heading in listed],
            "initiatives_total": len(self.initiatives),
            "records": [record_json(self.hits[ident], self.today) for ident in order],
            "places": dict(self.names),
            "compared": self.compared,
            "left_out": self.left_out,
            "where": [{"place": place, "meetings": meetings} for place, meetings in self.where],
            "coverage": self.coverage.as_json(),
        }


def judgement_json(judgement: Judgement) -> dict[str, Any]:
    """What people said of a pair: who for, when and why, and whether somebody else says otherwise."""
    return {
        "id": judgement.id,
        "what": judgement.what.value,
        "label": judgement.label.value if judgement.label is not None else None,
        "reason": judgement.reason,
        "by": judgement.by,
        "at": judgement.at.isoformat(timespec="seconds"),
        "disputed": judgement.disputed,
    }


def clause_json(clause: Clause) -> dict[str, Any]:
    """`both`, `one` and `other` are ids (places, services, groups, sectors) or names as written, by `fact`."""
    return {
        "fact": clause.fact.value,
        "fields": list(clause.fields),
        "both": list(clause.both),
        "one": list(clause.one),
        "other": list(clause.other),
        "days": {name: day.isoformat() for name, day in clause.days.items()},
    }


def record_json(hit: Hit, today: date) -> dict[str, Any]:
    """What a person needs to know of a record in a list of meetings. `timing` is what the dates say today, with
    `months` since the date that makes it so: "stale" is reported as under way although the planned end has passed."""
    stands = hit.standing(today)
    return {
        "id": hit.id,
        "kind": hit.kind.value,
        "title": hit.title,
        "language": hit.language,
        "publisher": hit.publisher,
        "secondary_reporter": hit.secondary,
        "organisations": [
            {"id": o.organisation, "name": o.written, "kind": o.kind, "role": o.role.value} for o in hit.organisations
        ],
        "places": [{"id": p.place, "name": p.name, "level": p.level} for p in hit.places],
        "themes": hit.themes,
        "start": _iso(hit.start),
        "end": _iso(hit.end),
        "status": hit.status,
        "timing": stands.timing.value,
        "months": stands.months,
        "stale": stands.timing is Timing.STALE,
        "reported_on": _iso(hit.reported_on),
        "source": {"file": hit.source, "element": hit.element, "line": hit.line, "as_of": _iso(hit.as_of)},
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
