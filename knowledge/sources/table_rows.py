"""What the rows of a table have in common whatever they are of: place, position, period, numbers of people."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.countries import country_names, iso2
from knowledge.records import Figure, Period, PlaceMention, Problem
from knowledge.sources import dates, guard
from knowledge.sources.country_words import country_code_in, country_in, country_named, country_of_pcode
from knowledge.sources.headers import PCODE
from knowledge.sources.layouts import Layout
from knowledge.sources.tables import Row, Sheet

_PLANNED = ("plan", "prevu", "previst", "programad", "a venir", "upcoming", "pipeline", "مخطط")
_COMPLETED = ("complet", "termin", "acheve", "finaliz", "finish", "conclu", "closed", "ended", "مكتمل", "منجز")


def as_of_tables(path: Path, tables: Sequence[tuple[Sheet, Layout]]) -> date | None:
    """The last day the rows speak of, else what the file name says."""
    by_name = dates.from_file_name(path.stem)
    latest: date | None = None
    for _, columns in tables:
        at = [*columns.find("end", "reported"), *columns.find("period")]
        months, years = columns.find("month"), columns.find("year")
        for row in columns.rows:
            spans = [dates.period(row.at(i)) for i in at]
            if months and years:
                spans.append(month_span(row.at(months[0]), year_in(row.at(years[0]))))
            elif months:
                spans.append(month_span(row.at(months[0]), None))
            latest = max([span[1] for span in spans if span] + ([latest] if latest else []), default=latest)
    return latest or by_name


def year_in(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 and text > "0000" else None


_GROUPED = re.compile(r"[1-9]\d{0,2}(?:([,.' ])\d{3})(?:\1\d{3})*")

_WITH_DECIMALS = re.compile(r"[1-9]\d{0,2}(?:([,.' ])\d{3})(?:\1\d{3})*((?!\1)[.,]\d{1,2})")


def number(text: str) -> float | None:
    """The count in a cell: "1200", "1,200", "1 200", "1.200" (twelve hundred) or "12.5"; None for others."""
    compact = text.replace("\u00a0", " ").replace("\u202f", " ").replace("\u2019", "'").strip()
    if _GROUPED.fullmatch(compact):
        compact = re.sub(r"[,.' ]", "", compact)
    elif found := _WITH_DECIMALS.fullmatch(compact):
        compact = compact[: -len(found[2])].replace(found[1], "") + "." + found[2][1:]
    if not re.fullmatch(r"\d{1,16}([.,]\d+)?", compact, re.ASCII):
        return None
    value = float(compact.replace(",", "."))
    return value if value <= guard.MAX_NUMBER else None


def month_span(text: str, year: int | None) -> tuple[date, date] | None:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
        return (date(year, int(text), 1), dates.month_end(year, int(text))) if year else None
    return dates.period(text, year)


def _whole_year(text: str) -> tuple[date, date] | None:
    year = year_in(text)
    return (date(year, 1, 1), date(year, 12, 31)) if year else None


def _agreement(pairs: Counter[tuple[str, str]], side: int) -> float:
    """The share of rows whose pair is the usual one for the value on `side`."""
    usual: Counter[str] = Counter()
    for pair, rows in pairs.items():
        usual[pair[side]] = max(usual[pair[side]], rows)
    return usual.total() / pairs.total()


@dataclass(frozen=True, slots=True)
class _Level:
    """One administrative level of a sheet: the columns of its name, of the name as first written, and of its p-code."""

    rank: float
    name: int | None
    written: int | None
    code: int | None


class TableRows:
    """Reads the cells of one table by what they mean. `times` counts identifiers over all tables of a file."""

    def __init__(
        self, path: Path, sheet: Sheet, table: Layout, as_of: date | None, times: Counter[str] | None = None
    ) -> None:
        self.path, self.sheet, self.table, self.as_of = path, sheet, table, as_of
        self._times: Counter[str] = Counter() if times is None else times
        self._levels = self._administrative_levels()
        self._home = self._usual_country()
        self._day_first = self._dates_are_day_first()

    def cell(self, row: Row, subject: str, attribute: str = "name") -> str:
        return next((value for i in self.table.find(subject, attribute) if (value := row.at(i))), "")

    def problem(self, row: Row, reason: str, mend: str) -> Problem:
        where = self.sheet.locator(row)
        return Problem(self.path.name, where.element, where.line, reason, mend)

    def identifier(self, prefix: str, row: Row, *also: str, without: frozenset[str] = frozenset()) -> str:
        """An id by what the understood cells say, wherever they stand, `without` some; repeated rows are numbered."""
        said = sorted(
            (field.subject, field.attribute, field.role, field.rank, guard.fold(value))
            for i, field in self.table.columns.items()
            if field.subject not in without and (value := row.at(i))
        )
        return self.numbered(f"{prefix}:{digest((said, *also))}")

    def numbered(self, identifier: str) -> str:
        self._times[identifier] += 1
        return identifier if self._times[identifier] == 1 else f"{identifier}-{self._times[identifier]}"

    def figures(self, row: Row) -> list[tuple[Figure, str]]:
        """Numbers of people, each with the cluster that its column is for ("" for none)."""
        found = []
        group = self.cell(row, "group")
        for i, field in self.table.columns.items():
            if field.subject == "people" and (value := number(row.at(i))) is not None:
                name, whom = (
                    (field.attribute, field.group) if field.attribute != "affected" else ("population", "affected")
                )
                found.append((Figure(name, value, " ".join(filter(None, (group, whom)))), field.theme))
        return found

    # --- what the sheet as a whole says -----------------------------------------------------------------------------

    def _administrative_levels(self) -> list[_Level]:
        columns: dict[float, dict[str, int]] = defaultdict(dict)
        for i, field in self.table.columns.items():
            if field.subject == "adm":
                columns[field.rank][field.attribute] = i
        if loose := self.table.find("pcode", "code"):
            columns[self._rank_of_pcodes(loose[0], columns)].setdefault("code", loose[0])
        return [_Level(rank, at.get("name"), at.get("written"), at.get("code")) for rank, at in sorted(columns.items())]

    def _rank_of_pcodes(self, column: int, levels: dict[float, dict[str, int]]) -> float:
        """The level a column of p-codes belongs to: the outermost whose names and codes go one to one."""
        named = sorted((rank, at["name"]) for rank, at in levels.items() if "name" in at)
        for rank, name in named:
            pairs = Counter((row.at(name), row.at(column)) for row in self.table.rows)
            pairs = Counter({pair: rows for pair, rows in pairs.items() if all(pair)})
            if pairs and _agreement(pairs, 0) > 0.9 and _agreement(pairs, 1) > 0.9:
                return rank
        return named[-1][0] if named else 1.0

    def _usual_country(self) -> str:
        """The country of the rows that name none: that of most p-codes, else the one in the file or sheet name."""
        codes = Counter(
            country
            for level in self._levels
            if level.code is not None
            for row in self.table.rows
            if (country := country_of_pcode(row.at(level.code)))
        )
        if codes:
            return codes.most_common(1)[0][0]
        return country_in(self.path.stem) or country_in(self.sheet.name) or country_code_in(self.path.stem)

    def _dates_are_day_first(self) -> bool:
        at = [i for i, field in self.table.columns.items() if field.subject in ("start", "end", "period")]
        for row in self.table.rows:
            for i in at:
                if (found := re.match(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{4}", row.at(i))) and int(found[2]) > 12:
                    return False
        return True

    def place(self, row: Row, problems: list[Problem]) -> tuple[PlaceMention, list[tuple[str, str]]]:
        names: list[str] = []
        pcode, above = "", []
        for level in self._levels:
            name = row.at(level.name) if level.name is not None else ""
            if not name and level.written is not None:
                name = row.at(level.written)
            code = row.at(level.code).upper() if level.code is not None else ""
            if code and not PCODE.fullmatch(code):
                problems.append(
                    self.problem(row, f"{code[:40]!r} is not a p-code", "Write country letters and digits: ET0602")
                )
                code = ""
            if (name or code) and pcode:
                above.append(("pcode", pcode))
                pcode = ""
            if name:
                names.append(name)
            pcode = code or pcode
        country = (
            iso2(self.cell(row, "country", "code"))
            or iso2(self.cell(row, "country"))
            or country_named(self.cell(row, "country"))
            or country_in(self.cell(row, "country"))
            or country_of_pcode(pcode)
            or self._home
        )
        latitude, longitude = self._position(row, problems)
        site = self.cell(row, "site")
        if above and not pcode:  # the code of a level above the deepest name: it says where, but not which
            return PlaceMention(country, tuple(names), "", site, latitude, longitude), above[-1:]
        return PlaceMention(country, tuple(names), pcode, site, latitude, longitude), []

    def _position(self, row: Row, problems: list[Problem]) -> tuple[float | None, float | None]:
        written = self.cell(row, "latitude"), self.cell(row, "longitude")
        if not any(written) or not {"latitude", "longitude"} <= self.table.subjects:
            return None, None
        try:
            latitude, longitude = (float(value.replace(",", ".")) for value in written)
        except ValueError:
            latitude = longitude = float("nan")
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
        reason = f"{' '.join(written)[:40]!r} is not a latitude and a longitude"
        problems.append(self.problem(row, reason, "Write decimal degrees"))
        return None, None

    def period(self, row: Row, problems: list[Problem]) -> tuple[date | None, date | None, date | None]:
        """(start, end, reported on): from the row where it says, else the month of the table."""
        year = year_in(self.cell(row, "year")) or self._year_of(self.cell(row, "month"))
        start, end = self._date(row, "start", problems), self._date(row, "end", problems)
        reported = self._date(row, "end", problems, "reported")
        if reported:
            start = start or self._date(row, "start", problems, "reported")
            return start, end or reported, reported
        if start or end:
            return start, end, self.as_of
        for subject in ("month", "period"):
            if text := self.cell(row, subject):
                span = month_span(text, year) or _whole_year(text)
                if span is None and (day := dates.cell_date(text, self._day_first)):
                    span = day, day
                if span:
                    return span[0], span[1], span[1]
                problems.append(
                    self.problem(row, f"{text[:40]!r} is not a month or date", "Write 2025-08 or August 2025")
                )
        if span := _whole_year(self.cell(row, "year")):
            return *span, self.as_of
        if self.as_of is None:
            return None, None, None
        return self.as_of.replace(day=1), dates.month_end(self.as_of.year, self.as_of.month), self.as_of

    def _year_of(self, month: str) -> int | None:
        """The year of a month without one: that of the table, or the one before where the month comes later."""
        if self.as_of is None:
            return None
        span = month_span(month, self.as_of.year)
        return self.as_of.year - 1 if span and span[0] > self.as_of else self.as_of.year

    def _date(self, row: Row, subject: str, problems: list[Problem], attribute: str = "name") -> date | None:
        text = self.cell(row, subject, attribute)
        if not text:
            return None
        found = dates.cell_date(text, self._day_first)
        if found is None and (span := dates.period(text)):
            found = span[0] if subject == "start" else span[1]
        if found is None:
            problems.append(self.problem(row, f"{text[:40]!r} is not a date", "Write it as YYYY-MM-DD"))
        return found


def digest(said: object) -> str:
    """Twelve hexadecimal digits that stand for what was said."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:12]


def period_of(status: str, start: date | None, end: date | None) -> Period:
    """What is planned is planned; an end is actual only where the row says that the work is completed."""
    said = guard.fold(status)
    if said.startswith(_PLANNED):
        return Period(planned_start=start, planned_end=end)
    if said.startswith(_COMPLETED):
        return Period(actual_start=start, actual_end=end)
    return Period(actual_start=start, planned_end=end)


def country_name(code: str) -> str:
    names = country_names().get(code, ())
    return names[0] if names else code
