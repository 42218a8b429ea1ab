"""3W, 4W and 5W tables and harmonised presence tables: one row is one presence `Record`."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.countries import country_names, iso2
from knowledge.records import (
    Item,
    OrganisationMention,
    Period,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import dates, guard
from knowledge.sources.country_words import country_in, country_named, country_of_pcode
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.headers import PCODE, Layout, layout
from knowledge.sources.tables import Row, Sheet, sheets, slug

_ROLES = (Role.IMPLEMENTING, Role.ACCOUNTABLE, Role.FUNDING)
_PLANNED = ("plan", "prevu", "previst", "programad", "a venir", "upcoming", "pipeline", "مخطط")
_COMPLETED = ("complet", "termin", "acheve", "finaliz", "finish", "conclu", "closed", "ended", "مكتمل", "منجز")


def read_presence(path: Path, given: Given) -> Iterator[Item]:
    """Yield a presence per row. `given.as_of` is the day the table speaks of, for rows without a period of their own.

    Raises `guard.Refused` where no sheet has recognised columns.
    """
    tables = recognised(path)
    as_of = given.as_of or as_of_tables(path, tables)
    times: Counter[str] = Counter()
    for sheet, columns in tables:
        yield from _SheetReader(path, sheet, columns, as_of, times).read()


def recognised(path: Path) -> list[tuple[Sheet, Layout]]:
    """The sheets with recognised columns. Raises `guard.Refused` where there are none."""
    found = [(sheet, columns) for sheet in sheets(path) if (columns := layout(sheet))]
    if not found:
        raise guard.Refused(unrecognised(path))
    return found


def unrecognised(path: Path) -> Problem:
    """What is wrong with a table in which no reader finds its columns."""
    return Problem(
        path.name,
        "",
        0,
        "no column for an organisation together with a place or a cluster is recognised",
        "Name the columns as in a 3W table, or add a row of HXL tags such as #org, #adm1+name, #sector",
        fatal=True,
    )


def _facts(path: Path) -> SourceFacts:
    return SourceFacts(Format.PRESENCE, title_of(path), as_of=as_of_tables(path, recognised(path)))


READER: Reader[list[Sheet]] = Reader(Format.PRESENCE, lambda tops: any(map(layout, tops)), read_presence, _facts)


def as_of_tables(path: Path, tables: Sequence[tuple[Sheet, Layout]]) -> date | None:
    """The last day the rows speak of, else what the file name says."""
    by_name = dates.from_file_name(path.stem)
    latest: date | None = None
    for _, columns in tables:
        at = [*columns.find("end", "reported"), *columns.find("period")]
        months, years = columns.find("month"), columns.find("year")
        for row in columns.rows:
            spans = [dates.period(_at(row, i)) for i in at]
            if months and years:
                spans.append(_month(_at(row, months[0]), _number(_at(row, years[0]))))
            elif months:
                spans.append(_month(_at(row, months[0]), None))
            latest = max([span[1] for span in spans if span] + ([latest] if latest else []), default=latest)
    return latest or by_name


def _at(row: Row, column: int) -> str:
    return row.cells[column] if column < len(row.cells) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def _month(text: str, year: int | None) -> tuple[date, date] | None:
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 12:
        return (date(year, int(text), 1), dates.month_end(year, int(text))) if year else None
    return dates.period(text, year)


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


class _SheetReader:
    def __init__(self, path: Path, sheet: Sheet, columns: Layout, as_of: date | None, times: Counter[str]) -> None:
        self._path = path
        self._sheet = sheet
        self._columns = columns
        self._as_of = as_of
        self._times = times
        self._dataset = slug(path.stem)
        self._levels = self._administrative_levels()
        self._home = self._usual_country()
        self._day_first = self._dates_are_day_first()

    def read(self) -> Iterator[Item]:
        for row in self._columns.rows:
            problems: list[Problem] = []
            record = self._record(row, problems)
            yield from problems
            if record is not None:
                yield record

    # --- what the sheet as a whole says -----------------------------------------------------------------------------

    def _administrative_levels(self) -> list[_Level]:
        columns: dict[float, dict[str, int]] = defaultdict(dict)
        for i, field in self._columns.columns.items():
            if field.subject == "adm":
                columns[field.rank][field.attribute] = i
        if loose := self._columns.find("pcode", "code"):
            columns[self._rank_of_pcodes(loose[0], columns)].setdefault("code", loose[0])
        return [_Level(rank, at.get("name"), at.get("written"), at.get("code")) for rank, at in sorted(columns.items())]

    def _rank_of_pcodes(self, column: int, levels: dict[float, dict[str, int]]) -> float:
        """The level a column of p-codes belongs to: the outermost whose names and codes go one to one."""
        named = sorted((rank, at["name"]) for rank, at in levels.items() if "name" in at)
        for rank, name in named:
            pairs = Counter((_at(row, name), _at(row, column)) for row in self._columns.rows)
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
            for row in self._columns.rows
            if (country := country_of_pcode(_at(row, level.code)))
        )
        if codes:
            return codes.most_common(1)[0][0]
        return country_in(self._path.stem) or country_in(self._sheet.name)

    def _dates_are_day_first(self) -> bool:
        at = [i for i, field in self._columns.columns.items() if field.subject in ("start", "end", "period")]
        for row in self._columns.rows:
            for i in at:
                if (found := re.match(r"(\d{1,2})[/.\-](\d{1,2})[/.\-]\d{4}", _at(row, i))) and int(found[2]) > 12:
                    return False
        return True

    # --- a row ------------------------------------------------------------------------------------------------------

    def _record(self, row: Row, problems: list[Problem]) -> Record | None:
        organisations = self._organisations(row)
        if not organisations:
            self._problem(problems, row, "no organisation; the row is left out", "Fill the organisation's column")
            return None
        place, extra = self._place(row, problems)
        cluster, cluster_code = self._cell(row, "cluster"), self._cell(row, "cluster", "code")
        activity = self._cell(row, "activity")
        if not self._columns.find("cluster") and not self._columns.find("activity"):
            activity = "physical presence"
        status = self._cell(row, "status")
        start, end, reported_on = self._period(row, problems)
        if people := self._cell(row, "people"):
            extra.append(("people", people))
        who = organisations[0].name or organisations[0].acronym
        where = (place.names[-1] if place.names else "") or place.site or _country_name(place.country)
        title = f"{who}: {activity or cluster or 'presence'}" + (f" in {where}" if where else "")
        themes = (ThemeMention("cluster", cluster_code, cluster),) if cluster or cluster_code else ()
        return Record(
            id=self._identifier(row, activity),
            kind=RecordKind.PRESENCE,
            title=title,
            locator=self._sheet.locator(row),
            texts=(Text("general", activity),) if activity else (),
            organisations=tuple(organisations),
            places=(place,) if place != PlaceMention() else (),
            themes=themes,
            period=_period(status, start, end),
            status=status,
            reported_on=reported_on,
            extra=tuple(extra),
        )

    def _cell(self, row: Row, subject: str, attribute: str = "name") -> str:
        return next((value for i in self._columns.find(subject, attribute) if (value := _at(row, i))), "")

    def _problem(self, problems: list[Problem], row: Row, reason: str, mend: str) -> None:
        where = self._sheet.locator(row)
        problems.append(Problem(self._path.name, where.element, where.line, reason, mend))

    def _organisations(self, row: Row) -> list[OrganisationMention]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for i, field in self._columns.columns.items():
            if field.subject == "organisation" and (value := _at(row, i)):
                found[field.role][field.attribute] = value
        return [
            OrganisationMention(role, *(given.get(attribute, "") for attribute in ("name", "acronym", "code", "kind")))
            for role in _ROLES
            if (given := found.get(role.value, {})) and given.keys() & {"name", "acronym", "code"}
        ]  # fmt: skip

    def _place(self, row: Row, problems: list[Problem]) -> tuple[PlaceMention, list[tuple[str, str]]]:
        names: list[str] = []
        pcode, above = "", []
        for level in self._levels:
            name = _at(row, level.name) if level.name is not None else ""
            if not name and level.written is not None:
                name = _at(row, level.written)
            code = _at(row, level.code).upper() if level.code is not None else ""
            if code and not PCODE.fullmatch(code):
                self._problem(
                    problems, row, f"{code[:40]!r} is not a p-code", "Write country letters and digits: ET0602"
                )
                code = ""
            if (name or code) and pcode:
                above.append(("pcode", pcode))
                pcode = ""
            if name:
                names.append(name)
            pcode = code or pcode
        country = (
            iso2(self._cell(row, "country", "code"))
            or iso2(self._cell(row, "country"))
            or country_named(self._cell(row, "country"))
            or country_in(self._cell(row, "country"))
            or country_of_pcode(pcode)
            or self._home
        )
        latitude, longitude = self._position(row, problems)
        site = self._cell(row, "site")
        if above and not pcode:  # the code of a level above the deepest name: it says where, but not which
            return PlaceMention(country, tuple(names), "", site, latitude, longitude), above[-1:]
        return PlaceMention(country, tuple(names), pcode, site, latitude, longitude), []

    def _position(self, row: Row, problems: list[Problem]) -> tuple[float | None, float | None]:
        written = self._cell(row, "latitude"), self._cell(row, "longitude")
        if not any(written):
            return None, None
        try:
            latitude, longitude = (float(value.replace(",", ".")) for value in written)
        except ValueError:
            latitude = longitude = float("nan")
        if abs(latitude) <= 90 and abs(longitude) <= 180:
            return latitude, longitude
        reason = f"{' '.join(written)[:40]!r} is not a latitude and a longitude"
        self._problem(problems, row, reason, "Write decimal degrees")
        return None, None

    def _period(self, row: Row, problems: list[Problem]) -> tuple[date | None, date | None, date | None]:
        """(start, end, reported on): from the row where it says, else the month of the table."""
        year = _number(self._cell(row, "year")) or self._year_of(self._cell(row, "month"))
        start, end = self._date(row, "start", problems), self._date(row, "end", problems)
        reported = self._date(row, "end", problems, "reported")
        if reported:
            start = start or self._date(row, "start", problems, "reported")
            return start, end or reported, reported
        if start or end:
            return start, end, self._as_of
        for subject in ("month", "period"):
            if text := self._cell(row, subject):
                span = _month(text, year)
                if span is None and (day := dates.cell_date(text, self._day_first)):
                    span = day, day
                if span:
                    return span[0], span[1], span[1]
                self._problem(problems, row, f"{text[:40]!r} is not a month or date", "Write 2025-08 or August 2025")
        if self._as_of is None:
            return None, None, None
        return self._as_of.replace(day=1), dates.month_end(self._as_of.year, self._as_of.month), self._as_of

    def _year_of(self, month: str) -> int | None:
        """The year of a month without one: that of the table, or the one before where the month comes later."""
        if self._as_of is None:
            return None
        span = _month(month, self._as_of.year)
        return self._as_of.year - 1 if span and span[0] > self._as_of else self._as_of.year

    def _date(self, row: Row, subject: str, problems: list[Problem], attribute: str = "name") -> date | None:
        text = self._cell(row, subject, attribute)
        if not text:
            return None
        found = dates.cell_date(text, self._day_first)
        if found is None and (span := dates.period(text)):
            found = span[0] if subject == "start" else span[1]
        if found is None:
            self._problem(problems, row, f"{text[:40]!r} is not a date", "Write it as YYYY-MM-DD")
        return found

    def _identifier(self, row: Row, activity: str) -> str:
        said = sorted(
            (field.subject, field.attribute, field.role, field.rank, guard.fold(value))
            for i, field in self._columns.columns.items()
            if (value := _at(row, i))
        )
        digest = hashlib.sha256(repr((said, activity)).encode()).hexdigest()[:12]
        identifier = f"3w:{self._dataset}:{digest}"
        self._times[identifier] += 1
        return identifier if self._times[identifier] == 1 else f"{identifier}-{self._times[identifier]}"


def _period(status: str, start: date | None, end: date | None) -> Period:
    """What is planned is planned; an end is actual only where the row says that the work is completed."""
    said = guard.fold(status)
    if said.startswith(_PLANNED):
        return Period(planned_start=start, planned_end=end)
    if said.startswith(_COMPLETED):
        return Period(actual_start=start, actual_end=end)
    return Period(actual_start=start, planned_end=end)


def _country_name(code: str) -> str:
    names = country_names().get(code, ())
    return names[0] if names else code
