"""Periods in words: "since June", "entre mars et juillet 2025", "los próximos seis meses", "منذ ٢٠٢٢", "Q3 2026"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from knowledge.linking.calendar import DAY, Span, month_span, months_span, rolling_span, shift, unit_span, year_span
from knowledge.linking.matching import phrase_forms
from knowledge.text import Token, fold
from knowledge.vocabulary import split_words, table_yaml

_YEAR = re.compile(r"^(19[89]\d|20[0-4]\d)$")
_QUARTER = re.compile(r"^[qt]([1-4])$")
_HALF = re.compile(r"^[hs]([12])$")
_DASHES = frozenset({"-", "–", "—"})
_NUMBERED = ("numbers", "ordinals", "months", "weekdays")
_UNITS = ("day", "week", "fortnight", "month", "quarter", "half", "year")
_ARTICLES = frozenset(
    [
        "the",
        "les",
        "los",
        "las",
        "le",
        "la",
        "l",
        "el",
        "a",
        "o",
        "os",
        "as",
        "of",
        "de",
        "du",
        "del",
        "do",
        "da",
        "d",
        "et",
        "en",
        "no",
        "na",
        "au",
    ]
)
_LONGEST_PHRASE = 5
_MAX_COUNT = 120


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """Tokens `first` to `last` (exclusive) mean this period; None is an open end. `words` says what was read."""

    first: int
    last: int
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class _Point:
    """A stretch of the calendar. `year_given` is false for a bare month, `bare` for one that needs a word before it."""

    span: Span
    last: int
    year_given: bool = True
    bare: bool = False
    month: int = 0
    open_start: bool = False


@lru_cache(maxsize=1)
def _words() -> tuple[dict[str, frozenset[str]], dict[str, dict[str, int]]]:
    """Plain words: folded phrase -> what it does. Numbered words: category -> folded phrase -> number."""
    table = table_yaml("time_words.yml")
    plain: dict[str, set[str]] = {}
    numbered: dict[str, dict[str, int]] = {key: {} for key in _NUMBERED}
    for key, value in table.items():
        if key in _NUMBERED:
            for number, words in value.items():
                for word in split_words(words):
                    numbered[key][fold(word)] = int(number)
        else:
            for word in split_words(value):
                if folded := fold(word):
                    plain.setdefault(folded, set()).add(key)
    return {word: frozenset(keys) for word, keys in plain.items()}, numbered


class PeriodReader:
    """Reads the periods of one text. `today` is what "this year" and "last month" are counted from."""

    def __init__(self, tokens: Sequence[Token], today: date) -> None:
        self._tokens = tokens
        self._today = today
        self._tags: list[dict[str, int]] = []
        self._numbers: list[dict[str, tuple[int, int]]] = []
        for position in range(len(tokens)):
            self._look_up(position)

    def _look_up(self, position: int) -> None:
        """What begins at this token: the longest phrase of each use, with the position after it."""
        plain, numbered = _words()
        tags: dict[str, int] = {}
        numbers: dict[str, tuple[int, int]] = {}
        form = self._tokens[position].form
        if form.isdigit() and len(form) < 4:
            numbers["numbers"] = (int(form), position + 1)
        for last in range(position + 1, min(len(self._tokens), position + _LONGEST_PHRASE) + 1):
            for phrase in phrase_forms(self._tokens[position:last]):
                for key in plain.get(phrase, ()):
                    tags[key] = last
                for category, words in numbered.items():
                    if phrase in words:
                        numbers[category] = (words[phrase], last)
        self._tags.append(tags)
        self._numbers.append(numbers)

    def read(self) -> Iterator[PeriodReading]:
        position = 0
        while position < len(self._tokens):
            found = self._period(position)
            if found:
                yield found
                position = found.last
            else:
                position += 1

    def _tag(self, position: int, key: str) -> int:
        """The position after the longest phrase here that does `key`; 0 where there is none."""
        return self._tags[position].get(key, 0) if position < len(self._tokens) else 0

    def _number(self, position: int, key: str) -> tuple[int, int] | None:
        """(number, position after it) of a numbered word."""
        return self._numbers[position].get(key) if position < len(self._tokens) else None

    def _skip(self, position: int) -> int:
        while position < len(self._tokens) and self._tokens[position].form in _ARTICLES:
            position += 1
        return position

    def _period(self, first: int) -> PeriodReading | None:
        return (
            self._range(first)
            or self._open(first, "since")
            or self._open(first, "starting")
            or self._open(first, "after")
            or self._open(first, "before")
            or self._open(first, "until")
            or self._within(first)
            or self._alone(first)
        )

    def _range(self, first: int) -> PeriodReading | None:
        between = self._tag(first, "between")
        opener = between or self._tag(first, "from") or self._tag(first, "since") or self._tag(first, "in")
        low = self._point(self._skip(opener or first), bound=bool(opener))
        if not low or low.last >= len(self._tokens):
            return None
        gap = self._tokens[low.last].before.strip()
        middle = low.last if gap in _DASHES else self._tag(low.last, "and" if between else "to")
        if not middle and not between and opener:
            middle = self._tag(low.last, "until")
        if not middle:
            return None
        high = self._point(self._skip(middle), bound=True)
        if not high:
            return None
        start, end = low.span[0], high.span[1]
        if not low.year_given and low.month:
            year = high.span[0].year - (low.month > high.span[0].month)
            start = date(year, low.month, 1)
        if low.bare and not opener and not high.year_given:
            return None
        return PeriodReading(first, high.last, start, end) if start <= end else None

    def _open(self, first: int, key: str) -> PeriodReading | None:
        after = self._tag(first, key)
        if not after:
            return None
        point = self._point(self._skip(after), bound=True)
        if not point:
            return None
        start, end = point.span
        if not point.year_given:
            start, end = self._turned(point, past=key in ("since", "after"))
        if key == "since" or key == "starting":
            return PeriodReading(first, point.last, start, None)
        if key == "after":
            return PeriodReading(first, point.last, end + DAY, None)
        return PeriodReading(first, point.last, None, start - DAY if key == "before" else end)

    def _turned(self, point: _Point, *, past: bool) -> Span:
        """A month without a year: the last one that has begun, or the next one not yet over."""
        year = self._today.year
        if past and point.month > self._today.month:
            year -= 1
        if not past and point.month < self._today.month:
            year += 1
        return month_span(year, point.month)

    def _within(self, first: int) -> PeriodReading | None:
        after = self._tag(first, "in")
        point = self._point(self._skip(after), bound=True) if after else None
        return PeriodReading(first, point.last, *point.span) if point else None

    def _alone(self, first: int) -> PeriodReading | None:
        point = self._point(first, bound=False)
        if not point or point.bare:
            return None
        return PeriodReading(first, point.last, *point.span)

    def _point(self, first: int, *, bound: bool) -> _Point | None:
        """A stretch of the calendar that begins here. `bound`: a word before it says that a time follows."""
        if first >= len(self._tokens):
            return None
        for edge in ("early", "late"):
            after = self._tag(first, edge)
            whole = (self._point(self._skip(after), bound=True) or self._running(self._skip(after))) if after else None
            if whole:
                return _Point(_edge(whole.span, edge), whole.last, whole.year_given, whole.bare, whole.month)
        return (
            self._day(first)
            or self._relative(first)
            or self._part(first)
            or self._month(first, bound)
            or self._year(first)
        )

    def _running(self, first: int) -> _Point | None:
        """ "the year", "du mois" after "the end of": the one we are in."""
        for unit in ("month", "quarter", "year"):
            if first < len(self._tokens) and (after := self._tag(first, unit)):
                return _Point(unit_span(self._today, unit, 0), after)
        return None

    def _day(self, first: int) -> _Point | None:
        forms = [token.form for token in self._tokens[first : first + 3]]
        seams = [token.before for token in self._tokens[first + 1 : first + 3]]
        if len(forms) == 3 and all(form.isdigit() for form in forms) and all(seam in ("-", "/", ".") for seam in seams):
            numbers = [int(form) for form in forms]
            year, month, day = numbers if len(forms[0]) == 4 else (numbers[2], numbers[1], numbers[0])
            if month > 12:
                month, day = day, month
            return _on(year, month, day, first + 3)
        number = int(forms[0]) if forms[0].isdigit() and len(forms[0]) < 3 else 0
        if 1 <= number <= 31 and (month_at := self._number(self._skip(first + 1), "months")):
            year_at = self._year(self._skip(month_at[1]))
            year = year_at.span[0].year if year_at else self._today.year
            return _on(year, month_at[0], number, year_at.last if year_at else month_at[1])
        for key, days in (("today", 0), ("now", 0), ("yesterday", -1), ("tomorrow", 1)):
            if after := self._tag(first, key):
                day_found = self._today + timedelta(days=days)
                return _Point((day_found, day_found), after)
        return None

    def _relative(self, first: int) -> _Point | None:
        """A turn (this, last, next, ago), a unit and perhaps a number, in the order of any of the languages."""
        turn = unit = ""
        count = 0
        position = first
        last = 0
        for _ in range(3):
            start = self._skip(position) if position > first else position
            if start >= len(self._tokens):
                break
            found = self._piece(start, turn, unit, count)
            if not found:
                break
            key, value, position = found
            if key == "number":
                count = value
            elif key in _UNITS:
                unit = key
            else:
                turn = key
            if turn and unit:
                last = position
        if not (turn and unit and last):
            return None
        return self._turn(turn, unit, count, last)

    def _piece(self, position: int, turn: str, unit: str, count: int) -> tuple[str, int, int] | None:
        if not unit:
            for key in _UNITS:
                if after := self._tag(position, key):
                    return key, 0, after
        if not turn:
            for key in ("this", "last", "next", "ago"):
                if after := self._tag(position, key):
                    return key, 0, after
        if not count and (number := self._number(position, "numbers")) and 0 < number[0] <= _MAX_COUNT:
            return "number", number[0], number[1]
        return None

    def _turn(self, turn: str, unit: str, count: int, last: int) -> _Point | None:
        if turn == "ago":
            if not count:
                return None
            day = shift(self._today, unit, -count)
            return _Point((day, day), last)
        if turn == "this":
            return _Point(unit_span(self._today, unit, 0), last)
        sign = -1 if turn == "last" else 1
        if count > 1 or (count and unit in ("day", "week")):
            return _Point(rolling_span(self._today, unit, sign * count), last)
        return _Point(unit_span(self._today, unit, sign), last)

    def _part(self, first: int) -> _Point | None:
        """A quarter or half of a year: "Q3 2026", "third quarter of 2026", "premier semestre 2025"."""
        form = self._tokens[first].form
        number, months, after = 0, 3, first + 1
        if match := _QUARTER.match(form):
            number = int(match.group(1))
        elif match := _HALF.match(form):
            number, months = int(match.group(1)), 6
        else:
            ordinal = self._number(first, "ordinals")
            for key, size in (("quarter", 3), ("half", 6)):
                if ordinal and (unit := self._tag(ordinal[1], key)):
                    number, months, after = ordinal[0], size, unit
                elif (unit := self._tag(first, key)) and (behind := self._number(unit, "ordinals")):
                    number, months, after = behind[0], size, behind[1]
        if not 1 <= number <= 12 // months:
            return None
        year_at = self._year(self._skip_to_year(after))
        if not year_at and len(form) == 2:
            return None
        year = year_at.span[0].year if year_at else self._today.year
        return _Point(months_span(year, (number - 1) * months + 1, months), year_at.last if year_at else after)

    def _skip_to_year(self, position: int) -> int:
        start = self._skip(position)
        return self._tag(start, "from") or start if start < len(self._tokens) else start

    def _month(self, first: int, bound: bool) -> _Point | None:
        month_at = self._number(first, "months")
        if not month_at:
            return None
        month, after = month_at
        year_at = self._year(self._skip_to_year(after))
        if year_at and year_at.last - after <= 2:
            return _Point(month_span(year_at.span[0].year, month), year_at.last, month=month)
        token = self._tokens[first]
        if not bound and not token.capitalised:
            return None
        return _Point(month_span(self._today.year, month), after, year_given=False, bare=True, month=month)

    def _year(self, first: int) -> _Point | None:
        if first >= len(self._tokens) or not _YEAR.match(self._tokens[first].form):
            return None
        year = int(self._tokens[first].form)
        if first + 1 < len(self._tokens) and self._tokens[first + 1].before == "/":
            following = self._tokens[first + 1].form
            if following in (str(year + 1), str(year + 1)[2:]):
                return _Point((date(year, 1, 1), date(year + 1, 12, 31)), first + 2)
        return _Point(year_span(year), first + 1)

    def season(self, first: int) -> int:
        """The position after a season with its turn ("last dry season"), 0 where there is none: no dates are read."""
        turn = self._tag(first, "last") or self._tag(first, "this") or self._tag(first, "next")
        if turn and (after := self._tag(self._skip(turn), "season")):
            return after
        season = self._tag(first, "season")
        if season and season < len(self._tokens):
            return self._tag(season, "last") or self._tag(season, "next") or 0
        return 0


def _edge(span: Span, edge: str) -> Span:
    """The first or last third of a stretch."""
    third = (span[1] - span[0]) / 3
    return (span[0], span[0] + third) if edge == "early" else (span[1] - third, span[1])


def _on(year: int, month: int, day: int, last: int) -> _Point | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return _Point((found, found), last)
