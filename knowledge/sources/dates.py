"""Dates as files write them: ISO dates, spreadsheet dates, month names in five languages, periods in file names."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from functools import lru_cache

from knowledge.sources.guard import fold

_MONTHS = (
    "january jan janvier janv enero ene janeiro يناير جانفي",
    "february feb fevrier fevr fev febrero fevereiro فبراير فيفري",
    "march mar mars marzo marco مارس",
    "april apr avril avr abril abr ابريل افريل",
    "may mai mayo maio مايو ماي",
    "june jun juin junio junho يونيو جوان",
    "july jul juillet juil julio julho يوليو جويلية",
    "august aug aout agosto ago اغسطس اوت",
    "september sep sept septembre septiembre setiembre setembro سبتمبر",
    "october oct octobre octubre outubro اكتوبر",
    "november nov novembre noviembre novembro نوفمبر",
    "december dec decembre diciembre dic dezembro dez ديسمبر",
)
MONTHS = {fold(word): number for number, words in enumerate(_MONTHS, 1) for word in words.split()}

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_YEAR = re.compile(r"(?<!\d)(20\d\d)(?!\d)")
_DIGITS = re.compile(r"(?<!\d)(20\d\d)[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_QUARTER = re.compile(r"\b[qt] ?([1-4])\b")


@lru_cache(maxsize=65_536)
def iso_date(text: str) -> date | None:
    """The date of "2025-08-31", "2025-08-31Z" or "2025-08-31T12:00:00"; None for anything else."""
    found = _ISO.match(text.strip())
    rest = text.strip()[10:11]
    if not found or (rest and rest not in "TZz+- "):
        return None
    try:
        return date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None


def month_end(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


@lru_cache(maxsize=4096)
def period(text: str, year: int | None = None) -> tuple[date, date] | None:
    """(first day, last day) of a date, month, quarter or range of months as written.

    `year` stands in where none is written. None where nothing is understood.
    """
    if exact := iso_date(text):
        return exact, exact
    if numeric := _DIGITS.search(text):
        first = int(numeric[1]), int(numeric[2])
        if numeric[3]:
            day = iso_date(f"{numeric[1]}-{numeric[2]}-{numeric[3]}")
            return (day, day) if day else None
        return date(*first, 1), month_end(*first)
    words = fold(text.replace("_", " "))
    years = [int(found) for found in _YEAR.findall(words)]
    written = years[-1] if years else year
    if written is None:
        return None
    months = [MONTHS[word] for word in words.split() if word in MONTHS]
    if months:
        first_year = years[0] if len(years) > 1 else written
        if first_year == written and months[0] > months[-1]:
            first_year -= 1
        return date(first_year, months[0], 1), month_end(written, months[-1])
    if quarter := _QUARTER.search(words):
        last = int(quarter[1]) * 3
        return date(written, last - 2, 1), month_end(written, last)
    return None


def cell_date(text: str, day_first: bool) -> date | None:
    """The date in a cell: ISO, d/m/y (m/d/y where `day_first` is false) with any of / . - between; or 12 March 2024."""
    if exact := iso_date(text):
        return exact
    if written := _written(text):
        return written
    found = re.fullmatch(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", text.strip())
    if not found:
        return None
    a, b, year = int(found[1]), int(found[2]), int(found[3])
    day, month = (a, b) if day_first else (b, a)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _written(text: str) -> date | None:
    """The date of a day, a month by its name and a year, in any order: "12 mars 2024", "March 12, 2024"."""
    words = [word for word in fold(text).split() if word != "de"] if len(text) < 40 else []
    months = [MONTHS[word] for word in words if word in MONTHS]
    days = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) <= 2]
    years = [int(word) for word in words if _YEAR.fullmatch(word)]
    if len(words) != 3 or not (len(months) == len(days) == len(years) == 1):
        return None
    try:
        return date(years[0], months[0], days[0])
    except ValueError:
        return None


def from_file_name(stem: str) -> date | None:
    """The last day of the period a file name speaks of: "ethiopia_5w_august_2025" is 2025-08-31."""
    found = period(re.sub(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", stem.replace("_", " ")))
    return found[1] if found else None
