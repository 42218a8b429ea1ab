"""What each clause about two records rests on: spans of the fields of both, for their citations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from knowledge.extracts.fields import quoted, texts_of, whole
from knowledge.extracts.sentences import sentences
from knowledge.overlap.explaining import Clause, Fact
from knowledge.overlap.words import codes, own_numbers, told, words_of
from knowledge.records import Record, Role
from knowledge.reply import Evidence
from knowledge.text import fold, stem

_MOST = 3
"""Spans of one record for one clause: enough to check it by."""


def evidence(clause: Clause, record: Record, mine: Collection[str], places: Mapping[str, str]) -> list[Evidence]:
    """Spans of `record` that the clause rests on; none where it says that something is lacking.

    `mine`: ids, names or numbers that the clause states of this record; `places` names places by id.
    """
    found: Iterable[Evidence] = ()
    match clause.fact:
        case Fact.SAME_SERVICES | Fact.OTHER_SERVICES:
            found = _told(record, lambda stems: told(stems).services & set(mine))
        case Fact.SAME_GROUPS:
            found = _told(record, lambda stems: told(stems).groups & set(mine))
        case Fact.SAME_NUMBER:
            found = _numbers(record, set(mine))
        case Fact.PART_OF_NUMBER:
            found = _own_numbers(record, mine)
        case Fact.SAME_SECTORS:
            found = _stated(record, "themes", "code", lambda code: code[:5] in mine)
        case Fact.SAME_AREAS | Fact.OTHER_AREAS | Fact.SAME_COUNTRIES | Fact.OTHER_COUNTRIES:
            found = _places(record, mine, places)
        case Fact.AT_ONE_TIME | Fact.ONE_AFTER_OTHER | Fact.UNDATED:
            found = _dates(record)
        case Fact.NAMED | Fact.SAME_PARTNERS | Fact.SAME_PUBLISHER:
            found = _organisations(record, mine)
        case Fact.OTHER_FUNDERS:
            found = _organisations(record, mine, Role.FUNDING)
        case Fact.SAME_AMOUNT:
            found = _stated(record, "money", "amount", lambda text: _amount(text) in {_amount(one) for one in mine})
        case Fact.LINKED:
            found = [*_stated(record, "links", "target", bool), *_stated(record, "organisations", "activity_id", bool)]
        case _:
            return []
    return [item for item in found if item.quote][:_MOST]


def _told(record: Record, says: Callable[[list[str]], Collection[str]]) -> Iterator[Evidence]:
    """The first sentence for each thing that sentences of the record name."""
    seen: set[str] = set()
    for field in texts_of(record):
        for sentence in sentences(field.text):
            named = set(says([stem(word) for word in words_of(sentence.text)])) - seen
            if named:
                seen |= named
                yield quoted(field, sentence)


def _numbers(record: Record, numbers: Collection[str]) -> Iterator[Evidence]:
    for field in texts_of(record):
        for sentence in sentences(field.text):
            if codes(sentence.text) & set(numbers):
                yield quoted(field, sentence)


def _own_numbers(record: Record, numbers: Collection[str]) -> Iterator[Evidence]:
    if record.id.casefold() in numbers:
        yield whole(record, "id")
    for at, (_, value) in enumerate(record.extra):
        if not set(own_numbers([value])).isdisjoint(numbers):
            yield whole(record, f"extra/{at}/1")


def _stated(record: Record, of: str, name: str, fits: Callable[[str], object]) -> Iterator[Evidence]:
    """Values of one field of every entry of a list of the record."""
    for number in range(len(getattr(record, of))):
        item = whole(record, f"{of}/{number}/{name}")
        if item.quote and fits(item.quote):
            yield item


def _places(record: Record, mine: Collection[str], places: Mapping[str, str]) -> Iterator[Evidence]:
    names = {fold(places[ident]) for ident in mine if ident in places}
    for number, mention in enumerate(record.places):
        if mention.pcode in mine:
            yield whole(record, f"places/{number}/pcode")
        elif (step := next((k for k, name in enumerate(mention.names) if fold(name) in names), -1)) >= 0:
            yield whole(record, f"places/{number}/names/{step}")
        elif mention.country in mine and not mention.names:
            yield whole(record, f"places/{number}/country")
    for field in texts_of(record):
        for sentence in sentences(field.text):
            if any(f" {name} " in f" {fold(sentence.text)} " for name in names):
                yield quoted(field, sentence)


def _dates(record: Record) -> Iterator[Evidence]:
    period = record.period
    for name, actual, planned in (
        ("start", period.actual_start, period.planned_start),
        ("end", period.actual_end, period.planned_end),
    ):
        if actual or planned:
            yield whole(record, f"period/{'actual' if actual else 'planned'}_{name}")


def _organisations(record: Record, names: Collection[str], role: Role | None = None) -> Iterator[Evidence]:
    wanted = {fold(name) for name in names}
    for number, mention in enumerate(record.organisations):
        if fold(mention.name) in wanted and (role is None or mention.role is role):
            yield whole(record, f"organisations/{number}/name")
    for number, money in enumerate(record.money):
        for side in ("provider", "receiver"):
            if fold(getattr(money, side)) in wanted:
                yield whole(record, f"money/{number}/{side}")


def _amount(text: str) -> str:
    """The whole number of an amount as a clause or a field writes it: "120,000 USD", "120000.0"."""
    digits = text.split()[0].replace(",", "") if text.split() else ""
    try:
        return str(round(float(digits)))
    except ValueError:
        return ""
