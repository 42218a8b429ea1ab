"""Stretches of the calendar in words: "March 2025", "last two years", "Q3 2026", "early 2024", "Ramadan 2025"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta

from knowledge.linking.calendar import Span, edge, month_span, months_span, rolling_span, shift, unit_span, year_span
from knowledge.linking.period_words import UNITS, TimeWords
from knowledge.linking.seasons import ramadan

_YEAR = re.compile(r"^(19[89]\d|20[0-4]\d)$")
_QUARTER = re.compile(r"^[qt]([1-4])$")
_HALF = re.compile(r"^[hs]([12])$")
_VERBS, _TURNS = frozenset({"end", "start"}), frozenset({"this", "next", "last"})
_FISCAL = re.compile(r"^fy(20\d\d|\d\d)$")
_DECADE = re.compile(r"^(20[0-4]|19[89])0s$")
_DASHES = frozenset({"-", "–", "—"})
_MAX_COUNT = 120


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of the calendar. `year_given` is false for a bare month, `bare` for one that needs a word before it."""

    span: Span
    last: int
    year_given: bool = True
    bare: bool = False
    month: int = 0
    open_start: bool = False


class PointReader:
    """Reads one stretch of the calendar at a time. `today` is what "this year" is counted from."""

    def __init__(self, words: TimeWords, today: date) -> None:
        self._words = words
        self._tokens = words.tokens
        self._today = today
        self._tag, self._number, self._skip = words.tag, words.number, words.skip

    def point(self, first: int, *, bound: bool) -> Point | None:
        """A stretch of the calendar that begins here. `bound`: a word before it says that a time follows."""
        if first >= len(self._tokens):
            return None
        for part in ("early", "mid", "late"):
            after = 0 if self._is_verb(first) else self._tag(first, part)
            whole = (self.point(self._skip(after), bound=True) or self._running(self._skip(after))) if after else None
            if whole:
                return replace(whole, span=edge(whole.span, part))
        if found := ramadan(self._words, first, self._today):
            return Point(*found)
        return (
            self._day(first)
            or self._of_year(first)
            or (self._part(first) if self._tag(first, "last") else None)
            or self._relative(first)
            or self._fiscal(first)
            or self._part(first)
            or self._month(first, bound)
            or self.year(first)
        )

    def _is_verb(self, first: int) -> bool:
        """ "Which end this year?" asks for the whole year; "end 2026" and "the end of this year" for its end."""
        following = self._tokens[first + 1 : first + 2]
        return self._tokens[first].form in _VERBS and any(token.form in _TURNS for token in following)

    def _fiscal(self, first: int) -> Point | None:
        """ "FY2024", "année fiscale 2024/25": read as the calendar year, for each funder has its own."""
        if match := _FISCAL.match(self._tokens[first].form):
            year = int(match.group(1)[-2:]) + 2000
            return Point(year_span(year), first + 1)
        after = self._tag(first, "fiscal")
        return self.year(self._skip(after)) if after else None

    def _of_year(self, first: int) -> Point | None:
        """ "The last three months of 2025", "the first two quarters of 2024"."""
        turn = "last" if self._tag(first, "last") else ""
        after = self._tag(first, "last")
        if not turn and (ordinal := self._number(first, "ordinals")) and ordinal[0] == 1:
            turn, after = "first", ordinal[1]
        counted = self.counted(after) if turn else None
        if not counted or counted[0] not in ("month", "quarter"):
            return None
        months = counted[1] * (3 if counted[0] == "quarter" else 1)
        year = self.year(self._skip(counted[2])) if counted[2] < len(self._tokens) else None
        if not year or not 0 < months < 12:
            return None
        start = 1 if turn == "first" else 13 - months
        return Point(months_span(year.span[0].year, start, months), year.last)

    def _running(self, first: int) -> Point | None:
        """ "the year", "du mois" after "the end of": the one we are in."""
        for unit in ("month", "quarter", "year"):
            if first < len(self._tokens) and (after := self._tag(first, unit)):
                return Point(unit_span(self._today, unit, 0), after)
        return None

    def _day(self, first: int) -> Point | None:
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
            year_at = self.year(self._skip(month_at[1]))
            year = year_at.span[0].year if year_at else self._today.year
            return _on(year, month_at[0], number, year_at.last if year_at else month_at[1])
        for key, days in (("today", 0), ("now", 0), ("yesterday", -1), ("tomorrow", 1)):
            if after := self._tag(first, key):
                day_found = self._today + timedelta(days=days)
                return Point((day_found, day_found), after)
        return None

    def _relative(self, first: int) -> Point | None:
        """A turn (this, last, next, ago), a unit and perhaps a number, in the order of any of the languages."""
        turn = unit = ""
        count = 0
        position = first
        last = 0
        for _ in range(4):
            start = self._skip(position) if position > first else position
            if start >= len(self._tokens):
                break
            found = self._piece(start, turn, unit, count)
            if not found:
                break
            key, value, position = found
            if key == "number":
                count = value
            elif key in UNITS:
                unit, count = key, value or count
            else:
                turn = key
            if turn and unit:
                last = position
        if not (turn and unit and last):
            return None
        rolling = any(self._tag(place, "rolling") for place in range(first, last))
        return self._turn(turn, unit, count or (1 if rolling and turn == "last" else 0), last, rolling)

    def _piece(self, position: int, turn: str, unit: str, count: int) -> tuple[str, int, int] | None:
        if not unit and (dual := self._words.dual(position)):
            return dual, 2, position + 1
        if not unit and (found := self._words.unit(position)):
            return found[0], 0, found[1]
        if turn in ("", "this"):
            for key in ("last", "next", "ago", "this") if not turn else ("last", "next"):
                if after := self._tag(position, key):
                    return key, 0, after
        if not count and (number := self._number(position, "numbers")) and 0 < number[0] <= _MAX_COUNT:
            return "number", number[0], number[1]
        return None

    def _turn(self, turn: str, unit: str, count: int, last: int, rolling: bool) -> Point | None:
        if turn == "ago":
            if not count:
                return None
            day = shift(self._today, unit, -count)
            return Point((day, day), last)
        if turn == "this" and count > 1:
            return None
        if turn == "this":
            return Point(unit_span(self._today, unit, 0), last)
        sign = -1 if turn == "last" else 1
        if unit == "decade" and turn == "last":
            return Point(rolling_span(self._today, unit, -(count or 1)), last)
        if count > 1 or rolling or (count and unit in ("day", "week")):
            return Point(rolling_span(self._today, unit, sign * count), last)
        return Point(unit_span(self._today, unit, sign), last)

    def _part(self, first: int) -> Point | None:
        """A quarter or half of a year: "Q3 2026", "third quarter of 2026", "premier semestre 2025"."""
        form = self._tokens[first].form
        number, months, after = 0, 3, first + 1
        if match := _QUARTER.match(form):
            number = int(match.group(1))
        elif match := _HALF.match(form):
            number, months = int(match.group(1)), 6
        else:
            ordinal = self._number(first, "ordinals")
            last = self._tag(first, "last")
            for key, size in (("quarter", 3), ("half", 6)):
                if ordinal and (unit := self._tag(ordinal[1], key)):
                    number, months, after = ordinal[0], size, unit
                elif last and (unit := self._tag(last, key)) and self.year(self._skip_to_year(unit)):
                    number, months, after = 12 // size, size, unit
                elif (unit := self._tag(first, key)) and (behind := self._number(unit, "ordinals")):
                    number, months, after = behind[0], size, behind[1]
        if not 1 <= number <= 12 // months:
            return None
        year_at = self.year(self._skip_to_year(after))
        if not year_at and len(form) == 2:
            return None
        year = year_at.span[0].year if year_at else self._today.year
        return Point(months_span(year, (number - 1) * months + 1, months), year_at.last if year_at else after)

    def _skip_to_year(self, position: int) -> int:
        start = self._skip(position)
        return self._tag(start, "from") or start if start < len(self._tokens) else start

    def _month(self, first: int, bound: bool) -> Point | None:
        month_at = self._number(first, "months") or self._short_month(first)
        if not month_at:
            return None
        month, after = month_at
        year_at = self.year(self._skip_to_year(after))
        if year_at and year_at.last - after <= 2:
            return Point(month_span(year_at.span[0].year, month), year_at.last, month=month)
        token = self._tokens[first]
        if not bound and not token.capitalised:
            return None
        return Point(month_span(self._today.year, month), after, year_given=False, bare=True, month=month)

    def _short_month(self, first: int) -> tuple[int, int] | None:
        """ "Mar", "out", "dic": months only beside a year or a dash."""
        found = self._number(first, "short_months")
        if not found:
            return None
        dash = self._tokens[first].before.strip() in _DASHES and first > 0
        if found[1] < len(self._tokens):
            dash = dash or self._tokens[found[1]].before.strip() in _DASHES
        return found if dash or self.year(found[1]) else None

    def year(self, first: int) -> Point | None:
        if first >= len(self._tokens):
            return None
        if decade := _DECADE.match(self._tokens[first].form):
            start = int(decade.group(1)) * 10
            return Point((date(start, 1, 1), date(start + 9, 12, 31)), first + 1)
        if not _YEAR.match(self._tokens[first].form):
            return None
        year = int(self._tokens[first].form)
        if first + 1 < len(self._tokens) and self._tokens[first + 1].before == "/":
            following = self._tokens[first + 1].form
            if following in (str(year + 1), str(year + 1)[2:]):
                return Point((date(year, 1, 1), date(year + 1, 12, 31)), first + 2)
        return Point(year_span(year), first + 1)

    def counted(self, position: int) -> tuple[str, int, int] | None:
        """(unit, count, position after it) of "two years", "شهرين"."""
        start = self._skip(position)
        if unit := self._words.dual(start):
            return unit, 2, start + 1
        number = self._number(start, "numbers")
        if not number or not 0 < number[0] <= _MAX_COUNT:
            return None
        found = self._words.unit(number[1])
        return (found[0], number[0], found[1]) if found else None


def _on(year: int, month: int, day: int, last: int) -> Point | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return Point((found, found), last)
