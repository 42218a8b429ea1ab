"""Seasons and Ramadan: the months that "last dry season" means in a country, where that can be said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from babel.dates import get_month_names

from knowledge.countries import country_labels
from knowledge.linking.calendar import Span, month_span
from knowledge.linking.period_words import TimeWords
from knowledge.text import fold
from knowledge.vocabulary import split_words, table_yaml

_LONGEST = 4
_YEARS_AROUND = 3


@dataclass(frozen=True, slots=True)
class SeasonReading:
    """Tokens `first` to `last` (exclusive) name a season. `turn`: "last", "this" or "next"; or it begins in `year`."""

    first: int
    last: int
    kind: str
    turn: str = ""
    year: int = 0


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    table: Mapping[str, Any] = table_yaml("seasons.yml")
    return table


@lru_cache(maxsize=1)
def _season_words() -> dict[str, str]:
    return {fold(word): kind for kind, words in _table()["words"].items() for word in split_words(words)}


@lru_cache(maxsize=1)
def _ramadan_words() -> frozenset[str]:
    return frozenset(fold(word) for word in split_words(_table()["ramadan_words"]))


@lru_cache(maxsize=1)
def _months() -> dict[tuple[str, str], list[tuple[int, int]]]:
    """(season, country) -> first and last month of each time that it comes in a year."""
    return {
        (kind, country): [(first, last) for first, last in spans]
        for kind, rows in _table()["months"].items()
        for countries, spans in rows.items()
        for country in countries.split()
    }


def _named(words: TimeWords, position: int, names: Mapping[str, str] | frozenset[str]) -> tuple[str, int]:
    """(name, position after it) of the longest of `names` that begins here; ("", 0) where none does."""
    for last in range(min(len(words.tokens), position + _LONGEST), position, -1):
        tokens = words.tokens[position:last]
        for phrase in {" ".join(token.form for token in tokens), " ".join(token.forms[-1] for token in tokens)}:
            if phrase in names:
                return phrase, last
    return "", 0


def ramadan(words: TimeWords, first: int, today: date) -> tuple[Span, int] | None:
    """(days, position after it) of "Ramadan 2025", "last Ramadan", "رمضان الماضي"."""
    turn, position = _turn(words, first)
    name, after = _named(words, words.skip(position), _ramadan_words())
    if not name:
        return None
    year, last = _year(words, after)
    if not turn and not year:
        turn, last = _turn(words, after)
    spans = [(start, end) for start, end in _table()["ramadan"].values()]
    if year:
        found = _table()["ramadan"].get(year)
        return ((found[0], found[1]), last) if found else None
    span = _chosen(spans, turn, today) if turn else None
    return (span, max(last, after)) if span else None


def seasons(words: TimeWords, years: Mapping[int, tuple[int, int]]) -> Iterator[SeasonReading]:
    """Seasons with their turn or year. `years` maps positions of years to (year, position after it)."""
    taken = -1
    for first in range(len(words.tokens)):
        if first < taken:
            continue
        turn, position = _turn(words, first)
        year = 0
        if not turn and first in years:
            year, position = years[first]
        name, after = _named(words, words.skip(position) if turn else position, _season_words())
        if not name:
            continue
        last = after
        if not turn and not year:
            turn, last = _turn(words, after)
            if not turn:
                year, last = years.get(words.skip(after), (0, after))
            if not turn and not year and (unit := _of_this_year(words, after)):
                turn, last = unit
        if turn or year:
            taken = max(last, after)
            yield SeasonReading(first, taken, _season_words()[name], turn, year)


def _turn(words: TimeWords, position: int) -> tuple[str, int]:
    for key in ("last", "next", "this"):
        if after := words.tag(position, key):
            return key, after
    return "", position


def _of_this_year(words: TimeWords, position: int) -> tuple[str, int] | None:
    """ "of this year", "هذا العام" behind a season."""
    turn, after = _turn(words, words.skip(position))
    if turn and (unit := words.tag(words.skip(after), "year")):
        return turn, unit
    return None


def _year(words: TimeWords, position: int) -> tuple[int, int]:
    start = words.skip(position)
    if start < len(words.tokens):
        form = words.tokens[start].form
        if form.isdigit() and len(form) == 4:
            return int(form), start + 1
    return 0, position


def _spans(months: list[tuple[int, int]], around: date) -> list[Span]:
    """Each time the season comes, in some years around a day."""
    return sorted(
        (month_span(year, first)[0], month_span(year + (last < first), last)[1])
        for year in range(around.year - _YEARS_AROUND, around.year + _YEARS_AROUND)
        for first, last in months
    )


def _chosen(spans: list[Span], turn: str, today: date) -> Span | None:
    if turn == "last":
        return max((span for span in spans if span[1] < today), default=None)
    if turn == "next":
        return min((span for span in spans if span[0] > today), default=None)
    return min(spans, key=lambda span: max((span[0] - today).days, (today - span[1]).days, 0))


def dated(season: SeasonReading, country: str, today: date) -> Span | None:
    """The days of a season in a country; None where no months can be said, or several times a year come in question."""
    months = _months().get((season.kind, country))
    if not months:
        return None
    if season.turn:
        return _chosen(_spans(months, today), season.turn, today)
    spans = _spans(months, date(season.year, 6, 30))
    starting = [span for span in spans if span[0].year == season.year]
    return starting[0] if len(starting) == 1 else None


def said(season: SeasonReading, typed: str, country: str, span: Span | None, language: str) -> str:
    """The season as typed with its reading: "last dry season (dry season, South Sudan: November-April)"."""
    if span is None:
        return f"{typed} ({_table()['unread'].get(language, _table()['unread']['en'])})"
    label = _table()["labels"][season.kind].get(language, _table()["labels"][season.kind]["en"])
    labels = country_labels()[country]
    names = get_month_names("wide", locale=language)
    return f"{typed} ({label}, {labels.get(language, labels['en'])}: {names[span[0].month]}–{names[span[1].month]})"
