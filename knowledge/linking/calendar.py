"""Calendar arithmetic: units, months and quarters as spans of whole days, both ends included."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

Span = tuple[date, date]

DAY = timedelta(days=1)
UNIT_DAYS = {"day": 1, "week": 7, "fortnight": 14}
UNIT_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12, "decade": 120}


def month_span(year: int, month: int) -> Span:
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def months_span(year: int, first_month: int, count: int) -> Span:
    start = date(year, first_month, 1)
    return start, shift_months(start, count) - DAY


def year_span(year: int) -> Span:
    return date(year, 1, 1), date(year, 12, 31)


def shift_months(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that month is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def shift(day: date, unit: str, count: int) -> date:
    if unit in UNIT_DAYS:
        return day + timedelta(days=UNIT_DAYS[unit] * count)
    return shift_months(day, UNIT_MONTHS[unit] * count)


def unit_span(today: date, unit: str, offset: int) -> Span:
    """The calendar unit today lies in (offset 0), the one before (-1) or after (1). Weeks begin on Monday."""
    if unit == "day":
        day = today + timedelta(days=offset)
        return day, day
    if unit == "week":
        start = today - timedelta(days=today.weekday()) + timedelta(weeks=offset)
        return start, start + timedelta(days=6)
    if unit == "fortnight":
        if offset < 0:
            return today - timedelta(days=14), today
        return today, today + timedelta(days=14)
    months = UNIT_MONTHS[unit]
    first = (today.month - 1) // months * months + 1
    start = shift_months(date(today.year, first, 1), months * offset)
    return start, shift_months(start, months) - DAY


def rolling_span(today: date, unit: str, count: int) -> Span:
    """`count` units up to today where negative, from today where positive."""
    other = shift(today, unit, count)
    return (other, today) if count < 0 else (today, other)


def edge(span: Span, part: str) -> Span:
    """The first ("early"), middle ("mid") or last ("late") third of a stretch; of a year its four months."""
    start, end = span
    if span == year_span(start.year):
        first = {"early": 1, "mid": 5, "late": 9}[part]
        return months_span(start.year, first, 4)
    third = (end - start) / 3
    if part == "early":
        return start, start + third
    return (end - third, end) if part == "late" else (start + third, end - third)
