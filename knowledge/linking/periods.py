"""Periods in words: "since June", "entre mars et juillet 2025", "los próximos seis meses", "منذ ٢٠٢٢", "Q3 2026"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from knowledge.linking import seasons
from knowledge.linking.calendar import DAY, Span, month_span, shift, year_span
from knowledge.linking.period_words import TimeWords
from knowledge.linking.points import Point, PointReader
from knowledge.linking.seasons import SeasonReading
from knowledge.text import Token

_YEAR = re.compile(r"^(19[89]\d|20[0-4]\d)$")
_DASHES = frozenset({"-", "–", "—"})
_SINCE_BY_ITSELF = frozenset({"depuis", "desde", "hace", "ha", "منذ"})
_HAS = frozenset({"has", "have", "had", "s", "ve"})
_DONE = frozenset({"been", "done", "run", "led", "held", "stood", "gone", "kept", "had", "built", "taught", "fed"})
_LEADS_TO = frozenset({"to", "is", "es", "est", "sera", "a", "e"})
_MONTHS_THAT_ARE_WORDS = frozenset({"may", "march", "mars", "mai", "marzo", "sept", "sep", "mar", "jan", "dec"})
_SOMETHING_BEFORE = 2


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """Tokens `first` to `last` (exclusive) mean this period; None is an open end."""

    first: int
    last: int
    start: date | None
    end: date | None


class PeriodReader:
    """Reads the periods of one text. `today` is what "this year" and "last month" are counted from."""

    def __init__(self, tokens: Sequence[Token], today: date) -> None:
        self._tokens = tokens
        self._today = today
        self._words = TimeWords(tokens)
        self._points = PointReader(self._words, today)
        self._tag, self._number, self._skip = self._words.tag, self._words.number, self._words.skip

    def read(self) -> Iterator[PeriodReading]:
        position = 0
        waiting: PeriodReading | None = None
        while position < len(self._tokens):
            found = self._period(position)
            if not found:
                position += 1
                continue
            position = found.last
            if waiting and (joined := self._joined(waiting, found)):
                waiting = joined
                continue
            if waiting:
                yield waiting
            waiting = found
        if waiting:
            yield waiting

    def _joined(self, before: PeriodReading, found: PeriodReading) -> PeriodReading | None:
        """ "2024 and 2025", "Q1 and Q2 2025": two that follow upon each other are one."""
        behind = found.first == before.last and not self._tokens[found.first].before.strip(" -–—,")
        if not behind and self._tag(before.last, "and") != found.first:
            return None
        if not (before.start and before.end and found.start and found.end):
            return None
        if before.end + DAY == found.start:
            return PeriodReading(before.first, found.last, before.start, found.end)
        return None

    def seasons(self) -> Iterator[SeasonReading]:
        """Seasons with a turn or a year; their dates depend on the country."""
        years = {}
        for position in range(len(self._tokens)):
            if year := self._points.year(position):
                years[position] = (year.span[0].year, year.last)
        yield from seasons.seasons(self._words, years)

    def _period(self, first: int) -> PeriodReading | None:
        return (
            self._so_far(first)
            or self._range(first)
            or self._lasting(first)
            or self._open(first, "since")
            or self._open(first, "starting")
            or self._open(first, "after")
            or self._open(first, "before")
            or self._open(first, "until")
            or self._within(first)
            or self._month_at_the_end(first)
            or self._alone(first)
        )

    def _so_far(self, first: int) -> PeriodReading | None:
        after = self._tag(first, "sofar")
        return PeriodReading(first, after, year_span(self._today.year)[0], self._today) if after else None

    def _lasting(self, first: int) -> PeriodReading | None:
        """ "For two years", "depuis six mois", "within 90 days": counted from today."""
        for key, sign in (("for", -1), ("within", 1)):
            after = self._tag(first, key)
            counted = self._points.counted(after) if after else None
            if not counted:
                continue
            unit, count, last = counted
            if key == "for" and not self._tag(first, "since") and not self._may_be_past(first, last):
                continue
            other = shift(self._today, unit, sign * count)
            if key == "within":
                return PeriodReading(first, last, self._today, other)
            return PeriodReading(first, last, other, None if self._tag(first, "since") else self._today)
        return None

    def _may_be_past(self, first: int, last: int) -> bool:
        """ "Has worked there for two years" is past; "funded for two years" is a length and no period."""
        if self._tokens[first].form in _SINCE_BY_ITSELF:
            return True
        has = next((number for number in range(first) if self._tokens[number].form in _HAS), None)
        return has is not None and any(
            token.form in _DONE or token.form.endswith("ed") for token in self._tokens[has + 1 : first]
        )

    def lengths(self) -> Iterator[tuple[int, int]]:
        """Tokens that say how long something lasts and not when it is: "for two weeks", "six months"."""
        for first in range(len(self._tokens)):
            if not self._number(first, "numbers") and not self._words.dual(first):
                continue
            if counted := self._points.counted(first):
                yield first, counted[2]

    def _month_at_the_end(self, first: int) -> PeriodReading | None:
        """ "Change it to December", "the start is June": a month and nothing behind it."""
        if self._tokens[first].form not in _LEADS_TO or first + 2 != len(self._tokens):
            return None
        month, token = self._number(first + 1, "months"), self._tokens[first + 1]
        if not month or token.before.strip() or (token.form in _MONTHS_THAT_ARE_WORDS and first < _SOMETHING_BEFORE):
            return None
        if token.form in _MONTHS_THAT_ARE_WORDS and not token.capitalised:
            return None
        return PeriodReading(first + 1, first + 2, *month_span(self._today.year, month[0]))

    def _range(self, first: int) -> PeriodReading | None:
        between = self._tag(first, "between")
        opener = between or self._tag(first, "from") or self._tag(first, "since") or self._tag(first, "in")
        low = self._points.point(self._skip(opener or first), bound=bool(opener) or bool(self._number(first, "months")))
        if not low or low.last >= len(self._tokens):
            return None
        if opener and (now := self._tag(low.last, "todate")) and low.span[0] <= self._today:
            return PeriodReading(first, now, low.span[0], self._today)
        gap = self._tokens[low.last].before.strip()
        middle = low.last if gap in _DASHES else self._tag(low.last, "and" if between else "to")
        if not middle and not between and opener:
            middle = self._tag(low.last, "until")
        if not middle:
            return None
        high = self._points.point(self._skip(middle), bound=True)
        if not high:
            return None
        start, end = low.span[0], high.span[1]
        if not low.year_given and low.month:
            year = high.span[0].year - (low.month > high.span[0].month)
            start = date(year, low.month, 1)
        if low.bare and not opener and not (high.year_given and (high.month or self._tokens[first].capitalised)):
            return None
        return PeriodReading(first, high.last, start, end) if start <= end else None

    def _open(self, first: int, key: str) -> PeriodReading | None:
        after = self._tag(first, key)
        if not after:
            return None
        point = self._points.point(self._skip(after), bound=True)
        if not point or self._names_event(after, point):
            return None
        start, end = point.span
        if not point.year_given:
            start, end = self._turned(point, past=key in ("since", "after"))
        if key == "since" or key == "starting":
            return PeriodReading(first, point.last, start, None)
        if key == "after":
            return PeriodReading(first, point.last, end + DAY, None)
        return PeriodReading(first, point.last, None, start - DAY if key == "before" else end)

    def _turned(self, point: Point, *, past: bool) -> Span:
        """A month without a year: the last one that has begun, or the next one not yet over."""
        year = self._today.year
        if past and point.month > self._today.month:
            year -= 1
        if not past and point.month < self._today.month:
            year += 1
        return month_span(year, point.month)

    def _within(self, first: int) -> PeriodReading | None:
        after = self._tag(first, "in")
        start = self._skip(after) if after else 0
        point = self._points.point(start, bound=True) if after else None
        if not point or (point.last == start + 1 and self._of_a_meeting(start)):
            return None
        return PeriodReading(first, point.last, *point.span)

    def _names_event(self, first: int, point: Point) -> bool:
        """ "After the 2015 earthquake": a year behind an article tells which event, not when."""
        bare_year = point.last - 1 < len(self._tokens) and _YEAR.match(self._tokens[point.last - 1].form)
        if not bare_year or point.last != self._skip(first) + 1 or self._skip(first) == first:
            return False
        last = point.last
        return last < len(self._tokens) and not self._tokens[last].before.strip() and not self._tag(last, "to")

    def _alone(self, first: int) -> PeriodReading | None:
        point = self._points.point(first, bound=False)
        if not point or point.bare:
            return None
        opener = max(self._words.tag_before(first, "event"), 0)
        turned = opener and any(self._words.tag_before(opener, key) >= 0 for key in ("after", "before", "since"))
        if turned and self._names_event(opener, point):
            return None
        if point.last == first + 1 and self._of_a_meeting(first):
            return None
        return PeriodReading(first, point.last, *point.span)

    def _of_a_meeting(self, first: int) -> bool:
        """ "Tomorrow's meeting", "el comité de mañana": says of what, not when the work is."""
        if not any(self._tag(first, key) for key in ("tomorrow", "today", "yesterday")):
            return False
        owned = first + 1 < len(self._tokens) and self._tokens[first + 1].form == "s"
        return owned or (first > 0 and self._tokens[first - 1].form in {"de", "du", "do", "del"})
