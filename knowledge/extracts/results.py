"""What records report of their results: each indicator's target and actual value compared by code, and nothing else.

Values are compared only where both are numbers of one period and one kind. Nothing is added up over records or periods:
periods may be cumulative, and records may report the same people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience
from knowledge.extracts import cues
from knowledge.extracts.fields import load, whole
from knowledge.extracts.questions import Concept
from knowledge.finding import Facets, Hit
from knowledge.records import Indicator, Record, RecordKind
from knowledge.reply import Evidence
from knowledge.store import models as m

KINDS = (RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.CONTRACT)
_HOLDS_SOME = b'"indicators":[{'
_READ = 400
"""Records whose results are read for one answer, the most recently reported first."""
_AT_ONCE = 400
_NUMBER = re.compile(r"[-+]?\d+(?:[.,\u00a0\u202f' ]\d{3})+(?:[.,]\d+)?|[-+]?\d+(?:[.,]\d+)?")
_NOTHING_TITLE = re.compile(r"\W*(?:not applicable|n/?a|none|tbd)?\W*", re.IGNORECASE)


class State(StrEnum):
    """How an actual value stands to its target. `REACHED` may mean a decrease that was wanted."""

    REACHED = "reached"
    BELOW = "below"
    NO_TARGET = "no_target"
    NO_ACTUAL = "no_actual"
    NOT_NUMBERS = "not_numbers"


@dataclass(frozen=True, slots=True)
class Reading:
    """One period of one indicator. `percent`: the actual value as per cent of the target, whole numbers, None where
    they cannot be compared so or where less is better."""

    hit: Hit
    number: int
    indicator: Indicator
    state: State
    percent: int | None
    evidence: tuple[Evidence, ...]
    relevance: float = 0.0

    @property
    def unchanged(self) -> bool:
        """Whether the figure is the baseline still: a share of the target would read as progress."""
        baseline, actual = number_of(self.indicator.baseline), number_of(self.indicator.actual)
        return self.state is State.BELOW and baseline is not None and actual is not None and baseline[0] == actual[0]

    @property
    def title(self) -> str:
        return title_of(self.indicator)


@dataclass(frozen=True, slots=True)
class Results:
    """`readings`: the latest comparable period of each indicator, the best fitting first. `records`: all records that
    report any result. `unread`: how many records with results were not read, older than those that were."""

    readings: tuple[Reading, ...] = ()
    records: tuple[Hit, ...] = ()
    unread: int = 0
    without: int = 0
    """Records that answer the question and report no result."""

    def counted(self, state: State) -> int:
        return sum(reading.state is state for reading in self.readings)


def title_of(indicator: Indicator) -> str:
    """What is measured: the indicator's own title with the result's, where the title alone says too little."""
    title, result = indicator.title.strip(), indicator.result.strip()
    if not title or _NOTHING_TITLE.fullmatch(title):
        return result
    if result and (len(title.split()) < 3 or title.isupper()) and title.casefold() not in result.casefold():
        return f"{result}: {title}"
    return title


def number_of(value: str) -> tuple[float, bool] | None:
    """(the number, whether it is per cent) of a value as written, None where it is not one number: "1,200", "80 %"."""
    text = value.strip()
    found = _NUMBER.findall(text)
    if len(found) != 1:
        return None
    rest = text.replace(found[0], "", 1).strip()
    if (
        rest
        and len(rest) > 1
        and not re.fullmatch(r"%|per ?cent|percent|pour cent|por ciento|por cento", rest.casefold())
    ):
        return None
    parsed = _parsed(found[0])
    return None if parsed is None else (parsed, bool(rest))


def _parsed(digits: str) -> float | None:
    """The number, None where "1.200" may be twelve hundred or one and a fifth."""
    plain = re.sub(r"[\u00a0\u202f' ]", "", digits)
    marks = [mark for mark in plain if mark in ".,"]
    if not marks:
        return float(plain)
    last = marks[-1]
    by_three = len(plain) - plain.rfind(last) - 1 == 3 and len(set(marks)) == 1
    if by_three and not plain.lstrip("+-").startswith("0"):
        return float(plain.replace(last, "")) if last == "," or len(marks) > 1 else None
    before = plain[: plain.rfind(last)].replace(",", "").replace(".", "")
    return float(f"{before}.{plain[plain.rfind(last) + 1 :]}")


def compare(indicator: Indicator) -> tuple[State, int | None]:
    """How the actual value stands to the target, and its share of the target in whole per cent."""
    if not any(map(str.isalnum, indicator.actual)):
        return State.NO_ACTUAL, None
    if not any(map(str.isalnum, indicator.target)):
        return State.NO_TARGET, None
    target, actual, baseline = map(number_of, (indicator.target, indicator.actual, indicator.baseline))
    if target is None or actual is None:
        return State.NOT_NUMBERS, None
    if target[1] != actual[1] and not _both_shares(indicator):
        return State.NOT_NUMBERS, None
    if baseline is not None and baseline[0] > target[0]:
        # Less is better: mortality, prevalence. A share of the target would read the wrong way round.
        return (State.REACHED if actual[0] <= target[0] else State.BELOW), None
    if target[0] <= 0:
        return State.NOT_NUMBERS, None
    share = 100 * actual[0] / target[0]
    # Never rounded up to a target that was missed.
    return (State.REACHED if share >= 100 else State.BELOW), (round(share) if share >= 100 else min(99, round(share)))


def _both_shares(indicator: Indicator) -> bool:
    return "percent" in indicator.unit.casefold()


def find(session: Session, facets: Facets, concepts: Sequence[Concept], audience: Audience) -> Results:
    """The results of the records that answer `facets`; those that speak of `concepts` first."""
    where = finding.clauses(session, facets, audience)
    total = session.scalar(select(func.count()).select_from(m.RecordRow).where(*where)) or 0
    ranked = list(
        session.scalars(
            select(m.RecordRow.pk)
            .where(*where, func.instr(m.RecordRow.body, _HOLDS_SOME) > 0)
            .order_by(m.RecordRow.reported_on.desc(), m.RecordRow.pk)
        )
    )
    pks = ranked[:_READ]
    hits = {hit.pk: hit for hit in finding.find(session, Facets(kinds=tuple(RecordKind), pks=tuple(pks)), audience)}
    bodies = load(session, pks)
    readings = [reading for pk in pks if pk in hits for reading in of_record(hits[pk], bodies[pk], concepts)]
    readings.sort(key=_rank)
    # A record whose indicators all say "not applicable" reports no result.
    reporting = {reading.hit.pk for reading in readings}
    unread = len(ranked) - len(pks)
    return Results(
        tuple(readings),
        tuple(hits[pk] for pk in pks if pk in reporting),
        unread,
        total - unread - len(reporting),
    )


def _rank(reading: Reading) -> tuple[float, int, int, str]:
    comparable = reading.state in (State.REACHED, State.BELOW)
    day = (reading.indicator.end or reading.hit.reported_on or date.min).toordinal()
    return -reading.relevance, not comparable, -day, reading.title


def of_record(hit: Hit, record: Record, concepts: Sequence[Concept]) -> Iterable[Reading]:
    """The latest comparable period of each indicator, else its latest."""
    chosen: dict[tuple[str, str, str], tuple[bool, date, int]] = {}
    for number, indicator in enumerate(record.indicators):
        title = title_of(indicator)
        if _NOTHING_TITLE.fullmatch(title) or not (indicator.target.strip() or indicator.actual.strip()):
            continue
        state, _ = compare(indicator)
        rank = (state in (State.REACHED, State.BELOW), indicator.end or indicator.start or date.min, -number)
        key = (indicator.result, indicator.title, indicator.kind)
        if key not in chosen or rank > chosen[key]:
            chosen[key] = rank
    for _, _, number in chosen.values():
        yield _reading(hit, record, -number, concepts)


def _reading(hit: Hit, record: Record, number: int, concepts: Sequence[Concept]) -> Reading:
    indicator = record.indicators[number]
    state, percent = compare(indicator)
    names = ("title", "result", "baseline", "target", "actual", "start", "end")
    evidence = [whole(record, f"indicators/{number}/{name}") for name in names]
    said = f"{indicator.result} {indicator.title}"
    stemmed, forms = cues.spoken(said)
    relevance = sum(concept.stands_in(stemmed, forms) for concept in concepts) / max(1, len(concepts))
    return Reading(hit, number, indicator, state, percent, tuple(item for item in evidence if item.quote), relevance)
