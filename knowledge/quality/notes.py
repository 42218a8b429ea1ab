"""Notes on one record, of any kind and format.

`lasting_notes` are made once, when a record is read. `passing_notes` depend on the day and are made when asked for:
"the end has passed", "planned although the start has passed", "closed although the end is to come", "start far ahead",
"not updated for two years".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from knowledge.countries import country_names, iso2
from knowledge.quality.catalogue import in_order
from knowledge.records import Item, Note, OrganisationMention, Record, RecordKind, Role, Text
from knowledge.text import fold, fold_word
from knowledge.vocabulary import function_words, status_code, themes_of_sector

_YEAR = timedelta(days=365)
_SPLIT_YEAR = timedelta(days=367)
_MONTH = timedelta(days=31)
_FAR_YEARS = 10
_FIRST_YEAR = 1970
_SHORT = 20
_TELLING_LETTERS = 120
_GENERAL = ("general", "section", "objectives")
_SPENT = frozenset({"3", "4"})
"""Transaction types: disbursement and expenditure."""
_MOVED = frozenset({"1", "3", "4", "11"})
"""With those that come in: incoming funds and incoming commitment."""
_PLANNED, _ACTIVE, _FINALISING, _CLOSED, _CANCELLED = "12345"

_DATED = frozenset(
    {RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.PRESENCE, RecordKind.CONTRACT}
)
_LOCATED = frozenset({RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.PRESENCE})
_DESCRIBED = frozenset({RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.CONTRACT})
_FOLLOWED = frozenset({RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT})


def noted(items: Iterable[Item]) -> Iterator[Item]:
    """The same items; records carry their lasting notes beside those of their reader."""
    for item in items:
        if isinstance(item, Record):
            known = {note.code for note in item.notes}
            if more := tuple(note for note in lasting_notes(item) if note.code not in known):
                item = replace(item, notes=(*item.notes, *more))
        yield item


def notes_of(record: Record, today: date) -> tuple[Note, ...]:
    """All that is to be said of a record as it is stored: what was noted when it was read, and what the day adds."""
    period = record.period
    return (
        *record.notes,
        *passing_notes(record.kind, record.status, period.start, period.end, record.reported_on, today),
    )


def shown_notes(record: Record, today: date) -> list[Note]:
    """`notes_of` with the gravest first."""
    return in_order(notes_of(record, today))


def passing_notes(
    kind: RecordKind, status: str, start: date | None, end: date | None, reported_on: date | None, today: date
) -> Iterator[Note]:
    """What depends on the day. `status` as reported: a code of ActivityStatus or words."""
    if kind not in _FOLLOWED:
        return
    code = status_code(status) if status else ""
    if start is not None and start.year > today.year + _FAR_YEARS:
        yield Note("far-start", f"starts on {start.isoformat()}, far in the future: check the year")
    if code == _ACTIVE and end is not None and end < today:
        yield Note(
            "ended-but-active",
            f"status says implementation, but the end {end.isoformat()} has passed: set the status, or a later end",
        )
    elif code == _CLOSED and end is not None and end > today:
        yield Note(
            "closed-but-continuing",
            f"status says closed, but the end is {end.isoformat()}: correct the status, or give the actual end",
        )
    elif code == _PLANNED and start is not None and today - start > _MONTH:
        yield Note(
            "planned-but-started",
            f"status says pipeline, but the start {start.isoformat()} has passed: set the status, or a later start",
        )
    open_still = code in (_PLANNED, _ACTIVE) and (end is None or end >= today)
    if open_still and reported_on is not None and today - reported_on > 2 * _YEAR:
        yield Note(
            "not-updated",
            f"still reported as going on, last updated on {reported_on.isoformat()}: confirm it, or close it",
        )


def lasting_notes(record: Record) -> Iterator[Note]:
    """What the record says of itself, whatever the day."""
    kind = record.kind
    if kind in _DATED:
        yield from _dates(record)
        yield from _organisations(record)
    if kind in _LOCATED:
        yield from _places(record)
        yield from _sectors(record)
    if kind in _DESCRIBED:
        yield from _texts(record)
        yield from _money(record)
        yield from _links(record)
    if kind is RecordKind.ACTIVITY:
        yield from _activity(record)
    if kind in (RecordKind.MANDATE, RecordKind.DOCUMENT) and not record.organisations:
        yield Note("no-organisation", "the document names no organisation: say in sources.yml whose it is")


def _dates(record: Record) -> Iterator[Note]:
    period = record.period
    start, end = period.start, period.end
    if start is None and end is None:
        yield Note("no-dates", "no dates, so nobody can tell whether it goes on: add start and end")
        return
    if start is None:
        yield Note("no-start-date", "no start date: add the planned or actual start")
    elif start.year < _FIRST_YEAR:
        yield Note("start-long-past", f"starts on {start.isoformat()}: check the year")
    if end is None:
        yield Note("no-end-date", "no end date, so nobody can tell whether it goes on: add a planned or actual end")
    elif start is not None and end < start:
        yield Note(
            "end-before-start", f"ends on {end.isoformat()}, before it starts on {start.isoformat()}: check both dates"
        )
    if record.kind is RecordKind.ACTIVITY and record.reported_on is not None:
        for what, day in (("start", period.actual_start), ("end", period.actual_end)):
            if day is not None and day - record.reported_on > _MONTH:
                yield Note(
                    "actual-date-to-come",
                    f"actual {what} {day.isoformat()} lies after the last update of {record.reported_on.isoformat()}: "
                    "publish it as a planned date",
                )
                break


def _places(record: Record) -> Iterator[Note]:
    places = record.places
    if not places:
        if country := _country_in(record):
            yield Note("country-in-text-only", f"{country} is named in the text only: add it as recipient country")
        else:
            yield Note("no-place", "no country, region or location: say where it is")
        return
    countries = {place.country for place in places if place.country}
    for code in sorted(countries):
        if not iso2(code):
            yield Note("unknown-country", f"country {code!r} is not a code of ISO 3166-1: use one that is")
            break
    detailed = any(place.names or place.pcode or place.site or place.latitude is not None for place in places)
    if len(countries) == 1 and not detailed:
        yield Note(
            "no-place-below-country", "no place below the country: add locations with a name, p-code or position"
        )
    if record.kind is RecordKind.PRESENCE and any(place.names and not place.pcode for place in places):
        yield Note("no-pcode", "a place is named without its p-code: add the code of the lowest level")
    scopes = {place.scope for place in places if place.country or place.region}
    if {"activity", "transaction"} <= scopes:
        yield Note(
            "country-on-two-levels",
            "countries stand on the activity and on its transactions: keep them on one of the two levels",
        )


def _country_in(record: Record) -> str:
    """The name of a country that stands in the title or the first description as whole words."""
    texts = [record.title, *(text.text for text in record.texts[:2])]
    words = fold(" ".join(texts)[:2_000]).split()
    found = [
        (order, name)
        for at, word in enumerate(words)
        for order, country, name in _country_words().get(word, ())
        if words[at : at + len(country)] == country
    ]
    return min(found)[1] if found else ""


@lru_cache(maxsize=1)
def _country_words() -> dict[str, list[tuple[int, list[str], str]]]:
    """First word of a country's name -> (order, all its words, the name as written)."""
    found: dict[str, list[tuple[int, list[str], str]]] = {}
    names = (name for names in country_names().values() for name in names)
    for order, name in enumerate(names):
        if len(words := fold(name)) > 3:
            found.setdefault(words.split()[0], []).append((order, words.split(), name))
    return found


def _sectors(record: Record) -> Iterator[Note]:
    themes = [theme for theme in record.themes if not theme.vocabulary.startswith("tag-") and theme.vocabulary != "sdg"]
    if record.kind is RecordKind.PRESENCE:
        clusters = [theme for theme in themes if theme.vocabulary == "cluster"]
        if not clusters and not record.texts:
            yield Note("no-cluster", "neither cluster nor activity: fill the column of the cluster")
        elif unknown := [t.name or t.code for t in clusters if not themes_of_sector(t.vocabulary, t.code, t.name)]:
            yield Note(
                "unknown-cluster", f"cluster {unknown[0][:60]!r} is not known: write it as the response plan does"
            )
        return
    if not themes:
        if record.kind is not RecordKind.GRANT:
            yield Note("no-sector", "no sector: add a five-digit DAC sector")
        return
    vocabularies = {theme.vocabulary for theme in themes}
    if record.kind is RecordKind.ACTIVITY and vocabularies == {"2"}:
        yield Note("coarse-sector", "only three-digit sectors: use five-digit purpose codes")
    if {"activity", "transaction"} <= {theme.scope for theme in themes}:
        yield Note(
            "sector-on-two-levels",
            "sectors stand on the activity and on its transactions: keep them on one of the two levels",
        )


def _organisations(record: Record) -> Iterator[Note]:
    found = record.organisations
    if not found:
        yield Note("no-organisation", "no organisation: say whose record it is")
        return
    if record.kind is RecordKind.PRESENCE:
        if not any(mention.kind for mention in found):
            yield Note("no-organisation-type", "no organisation type: fill its column")
        return
    taking_part = [mention for mention in found if mention.role is not Role.REPORTING]
    if not taking_part:
        yield Note("no-participating-organisation", "no participating organisation: name who funds and who implements")
    elif not any(mention.role is Role.IMPLEMENTING for mention in taking_part):
        yield Note(
            "no-implementing-organisation", "no implementing organisation: name who implements, also where it is you"
        )
    if nameless := [mention.ref for mention in found if not mention.name and not mention.acronym]:
        yield Note("organisation-without-name", f"organisation {nameless[0]} has no name: add it beside the identifier")
    if record.kind is RecordKind.ACTIVITY and taking_part and not _reporter_takes_part(found):
        yield Note("reporter-not-participating", "the reporting organisation takes no part: add it with its role")


def _reporter_takes_part(found: Sequence[OrganisationMention]) -> bool:
    reporters = [mention for mention in found if mention.role is Role.REPORTING]
    refs = {mention.ref for mention in found if mention.role is not Role.REPORTING and mention.ref}
    if not reporters or any(mention.ref in refs for mention in reporters):
        return True
    names = {mention.name.casefold() for mention in found if mention.role is not Role.REPORTING}
    return any(mention.name and mention.name.casefold() in names for mention in reporters)


_A_WORD = re.compile(r"(?<![^\W_])(?:[^\W\d_]{4,}|[^\W\d_][^\W\d_A-Z]{2})(?![^\W_])")


def _texts(record: Record) -> Iterator[Note]:
    title = record.title.strip()
    if title and title != record.id and any(map(str.isdigit, title)) and not _A_WORD.search(title):
        yield Note("title-is-identifier", f"the title {title[:60]!r} is a code: say what is done and where")
    described = [text for text in record.texts if text.purpose != "title" and text.text.strip()]
    if not described:
        yield Note("no-description", "no description: say what is done, where and for whom")
        return
    longest = max((text.text.strip() for text in described), key=len)
    if longest.casefold() == title.casefold():
        yield Note("description-is-title", "the description repeats the title: say what is done, where and for whom")
    elif len(longest) < _SHORT:
        yield Note(
            "short-description", f"the description has {len(longest)} characters: say what is done, where and for whom"
        )
    if record.kind is RecordKind.ACTIVITY:
        if not record.language and not any(text.language for text in record.texts):
            yield Note("no-language", "no language is declared: add xml:lang")
        elif other := _other_language(described):
            declared, real = other
            yield Note("other-language", f"a description declared as {declared} is in {real}: correct xml:lang")


def _other_language(texts: list[Text]) -> tuple[str, str] | None:
    """(declared, real) language of the first long text whose small words are nearly all of another language."""
    for text in texts:
        declared = text.language[:2]
        small = function_words()
        if declared not in small or len(text.text) < _TELLING_LETTERS or text.purpose not in _GENERAL:
            continue
        words = text.text[:400].lower().split()
        known = small[declared]
        own = sum([word in known for word in words])
        if own * 6 > len(words):
            continue
        folded = [fold_word(word) for word in words]
        counts = {language: sum([word in known for word in folded]) for language, known in small.items()}
        best = max(counts, key=lambda language: counts[language])
        if counts[best] >= 8 and counts[best] * 5 >= len(words) and counts[declared] * 3 < counts[best]:
            return declared, best
    return None


def _money(record: Record) -> Iterator[Note]:
    codes: dict[str, str] = {}
    budgeted = False
    first = last = paid = moved = None
    for one in record.money:
        kind, start, end = one.kind, one.start, one.end
        if not one.currency:
            codes["no-currency"] = "an amount has no currency: give it"
        if kind == "budget":
            budgeted = True
            if one.amount <= 0:
                codes["budget-not-positive"] = (
                    "a budget is zero or less: give the amount, corrections as revised budgets"
                )
            if record.kind is not RecordKind.ACTIVITY:
                continue  # only IATI asks for budgets by the year
            if start is None or end is None:
                codes["budget-without-period"] = "a budget has no period: give its start and end"
            elif end - start > _SPLIT_YEAR:
                codes["budget-over-a-year"] = "a budget spans more than a year: split it into years"
        elif kind == "planned-disbursement":
            budgeted = True
        elif start is not None and kind.isdigit():
            last = start if last is None or start > last else last
            if kind in _SPENT:
                first = start if first is None or start < first else first
                paid = start if paid is None or start > paid else paid
            if kind in _MOVED and one.amount > 0:
                moved = start if moved is None or start > moved else moved
    if record.kind is RecordKind.ACTIVITY and not budgeted:
        codes["no-budget"] = "no budget: add one for each year"
    start, end, reported = record.period.start, record.period.end, record.reported_on
    early = first if first and start and start - first > _YEAR else None
    late = paid if paid and end and paid - end > _YEAR else None
    if day := early or late:
        codes["money-outside-dates"] = (
            f"money was spent on {day.isoformat()}, more than a year outside the dates: check both"
        )
    if last and reported and last - reported > _MONTH:
        codes["money-to-come"] = (
            f"a transaction of {last.isoformat()} lies after the last update: publish it as planned disbursement"
        )
    if moved and reported and reported - moved < _YEAR and status_code(record.status) == _CANCELLED:
        codes["cancelled-but-paid"] = (
            f"status says cancelled, but money moved on {moved.isoformat()}: correct the status or the transaction"
        )
    for code, text in codes.items():
        yield Note(code, text)


def _links(record: Record) -> Iterator[Note]:
    if any(link.target == record.id for link in record.links):
        yield Note("self-related", "related to itself: give the identifier of the other record")


def _activity(record: Record) -> Iterator[Note]:
    if not record.status:
        yield Note("no-status", "no activity status that is a code of the list: add it")
    level = next((value for name, value in record.extra if name == "hierarchy"), "")
    if level.isdigit() and int(level) > 1 and not any(link.kind == "parent" for link in record.links):
        yield Note(
            "hierarchy-without-parent",
            f"hierarchy {int(level)}, but no related activity of type parent: add the one above",
        )
    yield from _results(record)


def _results(record: Record) -> Iterator[Note]:
    indicators = record.indicators
    start = record.period.start
    if not indicators:
        seen_to = record.reported_on or record.period.end
        begun = status_code(record.status) in (_ACTIVE, _FINALISING, _CLOSED)
        if begun and start is not None and seen_to is not None and seen_to - start > _YEAR:
            yield Note("no-results", "no results after a year or more: publish indicators with targets and actuals")
        return
    if any(one.start is None and one.end is None for one in indicators):
        yield Note("results-without-period", "an indicator has no period: give its start and end")
    if any(one.actual and not one.target for one in indicators):
        yield Note("results-without-target", "an indicator tells what was reached but not the target: add it")
    reported = record.reported_on
    if reported and any(one.target and not one.actual and one.end and reported - one.end > _YEAR for one in indicators):
        yield Note(
            "results-without-actual", "an indicator's period was over a year ago and nothing reached is told: add it"
        )
