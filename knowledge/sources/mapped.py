"""Tables of any shape, read by the mapping that stands beside them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as Pairs
from dataclasses import replace
from datetime import date
from pathlib import Path

from knowledge.countries import iso2
from knowledge.records import (
    Document,
    Figure,
    Item,
    Money,
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
from knowledge.sources import header_words as words
from knowledge.sources.country_words import country_named, country_of_pcode
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.headers import PCODE
from knowledge.sources.hxl_tags import are_tags
from knowledge.sources.mapping import MappedColumn, Mapping, beside, read_mapping
from knowledge.sources.table_rows import country_name, digest, number, period_of
from knowledge.sources.tables import Row, Sheet, sheets, slug


def read_mapped(path: Path, given: Given) -> Iterator[Item]:
    """Yield a record per row. Raises `guard.Refused` where the mapping is wrong or does not fit the table."""
    mapping = _mapping_of(path, given)
    sheet = _sheet(path, mapping)
    times: Counter[str] = Counter()
    header = next((row for row in sheet.rows if row.number == mapping.header), None)
    if header is None:
        reason = f"row {mapping.header} of the table is empty, so it is no row of headers"
        raise guard.refused(mapping.path, reason, "Write the number of the row of headers as the spreadsheet shows it")
    places = _places(mapping, header)
    for row in sheet.rows:
        first = guard.fold(next(filter(None, row.cells), ""))
        if row.number <= header.number or are_tags(row.cells) or first in words.TOTALS:
            continue
        yield from _MappedRow(path, sheet, mapping, places, row, given).items(times)


def _mapping_of(path: Path, given: Given) -> Mapping:
    found = given.mapping or beside(path)
    if found is None:
        raise guard.refused(
            path, "there is no mapping beside the table", "Write one with the command map, and correct it"
        )
    return read_mapping(found)


def _sheet(path: Path, mapping: Mapping) -> Sheet:
    found = sheets(path)
    if not mapping.sheet:
        return found[0]
    for sheet in found:
        if guard.fold(sheet.name) == guard.fold(mapping.sheet):
            return sheet
    names = ", ".join(sheet.name for sheet in found if sheet.name)[:200] or "none that is named"
    raise guard.refused(mapping.path, f"sheet {mapping.sheet[:40]!r} is not in the table", f"The sheets are: {names}")


def _places(mapping: Mapping, header: Row) -> dict[int, MappedColumn]:
    """Column number -> what it means. Every column that is not in the table is a problem of its line."""
    names = [guard.fold(cell) for cell in header.cells]
    found: dict[int, MappedColumn] = {}
    problems = []
    for column in mapping.columns:
        folded = guard.fold(column.header)
        at = column.at if column.at is not None else names.index(folded) if folded in names else None
        if at is not None:
            found[at] = column
        else:
            mend = f"The headers of row {header.number} are: {', '.join(filter(None, header.cells))[:200]}"
            reason = f"column {column.header[:60]!r} is not in the table"
            problems.append(Problem(mapping.path.name, "", column.line, reason, mend, fatal=True))
    if problems:
        raise guard.Refused(*problems)
    return {at: column for at, column in sorted(found.items()) if column.means != "ignore"}


class _MappedRow:
    """One row while it becomes a record."""

    def __init__(
        self, path: Path, sheet: Sheet, mapping: Mapping, columns: Pairs[int, MappedColumn], row: Row, given: Given
    ) -> None:
        self._path, self._mapping, self._given = path, mapping, given
        self._where = sheet.locator(row)
        self._cells = [(column, value) for at, column in columns.items() if (value := row.at(at))]
        self._problems: list[Problem] = []

    def items(self, times: Counter[str]) -> Iterator[Item]:
        record = self._record(times) if self._cells else None
        yield from self._problems
        if record is not None:
            yield record

    def _one(self, means: str) -> str:
        return next((value for column, value in self._cells if column.means == means), "")

    def _problem(self, reason: str, mend: str) -> None:
        self._problems.append(Problem(self._path.name, self._where.element, self._where.line, reason, mend))

    def _record(self, times: Counter[str]) -> Record | None:
        organisations = self._organisations()
        place = self._place()
        themes = self._themes()
        figures = tuple(self._figures())
        title, about = self._one("title"), self._one("description")
        where = (place.names[-1] if place.names else "") or place.site or country_name(place.country)
        if not title and not organisations and not about and not figures:
            self._problem("neither title nor organisation nor figure; the row is left out", "Fill one of them")
            return None
        what = about[:80] or (themes[0].name if themes else "") or self._mapping.kind.value
        made = f"{organisations[0].name}: {what}" if organisations and organisations[0].name else what
        title = title or (f"{made} in {where}" if where else made)
        start, end = self._date("start"), self._date("end")
        period = period_of(self._one("status"), start, end or start if self._mapping.kind is RecordKind.EVENT else end)
        if self._mapping.kind is RecordKind.EVENT:
            period = Period(actual_start=start, actual_end=end or start)
        url = self._one("url")
        identifier = self._identifier()
        times[identifier] += 1
        return Record(
            id=identifier if times[identifier] == 1 else f"{identifier}-{times[identifier]}",
            kind=self._mapping.kind,
            title=title,
            locator=self._where,
            language=self._mapping.language or self._given.language,
            texts=(Text("general", about, self._mapping.language),) if about else (),
            organisations=organisations,
            places=(place,) if place != PlaceMention() else (),
            themes=themes,
            period=period,
            status=self._one("status"),
            reported_on=self._given.as_of,
            money=tuple(self._money(start, end)),
            documents=(Document(title, url),) if url.startswith(("https://", "http://")) else (),
            figures=figures,
        )

    def _identifier(self) -> str:
        dataset = slug(self._path.stem)
        if own := self._one("id"):
            return f"table:{dataset}:{own[:200]}"
        said = sorted((c.means, c.role, c.figure, guard.fold(value)) for c, value in self._cells if c.means != "people")
        return f"table:{dataset}:{digest(said)}"

    def _organisations(self) -> tuple[OrganisationMention, ...]:
        found: list[OrganisationMention] = []
        for role in dict.fromkeys(column.role for column, _ in self._cells):
            parts = {
                means: [value for column, value in self._cells if column.means == means and column.role == role]
                for means in ("organisation", "organisation_acronym", "organisation_ref", "organisation_kind")
            }
            names, acronyms, refs, kinds = parts.values()
            for i in range(max(len(names), len(acronyms), len(refs))):
                name, acronym, ref, kind = (of[i] if i < len(of) else "" for of in (names, acronyms, refs, kinds))
                found.append(OrganisationMention(Role(role), name, acronym, ref, kind))
        return tuple(found)

    def _place(self) -> PlaceMention:
        written, pcode = self._one("country"), self._one("pcode").upper()
        if pcode and not PCODE.fullmatch(pcode):
            self._problem(f"{pcode[:40]!r} is not a p-code", "Write country letters and digits: ET0602")
            pcode = ""
        country = iso2(written) or country_named(written)
        if written and not country:
            self._problem(f"{written[:40]!r} names no country", "Write its name or its ISO code")
        country = country or country_of_pcode(pcode) or self._mapping.country
        names = tuple(name for means in ("adm1", "adm2", "adm3") if (name := self._one(means)))
        place = PlaceMention(country, names, pcode, self._one("site"))
        latitude, longitude = self._one("latitude"), self._one("longitude")
        if latitude or longitude:
            try:
                at = float(latitude.replace(",", ".")), float(longitude.replace(",", "."))
            except ValueError:
                at = math.nan, math.nan
            if abs(at[0]) <= 90 and abs(at[1]) <= 180:
                return replace(place, latitude=at[0], longitude=at[1])
            self._problem(
                f"{f'{latitude} {longitude}'[:40]!r} is not a latitude and a longitude", "Write decimal degrees"
            )
        return place

    def _themes(self) -> tuple[ThemeMention, ...]:
        found = []
        for vocabulary in dict.fromkeys(c.vocabulary for c, _ in self._cells if c.means in ("theme", "theme_code")):
            named = [value for c, value in self._cells if c.means == "theme" and c.vocabulary == vocabulary]
            codes = [value for c, value in self._cells if c.means == "theme_code" and c.vocabulary == vocabulary]
            for i in range(max(len(named), len(codes))):
                name, code = (of[i] if i < len(of) else "" for of in (named, codes))
                found.append(ThemeMention(vocabulary, code, name))
        return tuple(found)

    def _date(self, means: str) -> date | None:
        text = self._one(means)
        if not text:
            return None
        found = dates.cell_date(text, self._mapping.day_first)
        if found is None and (span := dates.period(text)):
            found = span[0] if means == "start" else span[1]
        if found is None:
            self._problem(f"{text[:40]!r} is not a date", "Write it as YYYY-MM-DD")
        return found

    def _number(self, text: str) -> float | None:
        found = number(text)
        if found is None:
            self._problem(f"{text[:40]!r} is not a number", "Write digits and a decimal point only")
        return found

    def _money(self, start: date | None, end: date | None) -> Iterator[Money]:
        kind = "awarded" if self._mapping.kind is RecordKind.GRANT else "budget"
        for column, value in self._cells:
            if column.means == "amount" and (amount := self._number(value)) is not None:
                currency = (self._one("currency") or column.currency).upper()
                if not (currency.isascii() and currency.isalpha() and len(currency) == 3):
                    self._problem(
                        "the amount has no currency; it is left out", "Map a column to currency, or add currency: USD"
                    )
                else:
                    yield Money(kind, amount, currency, start, end)

    def _figures(self) -> Iterator[Figure]:
        for column, value in self._cells:
            if column.means == "people" and (count := self._number(value)) is not None:
                yield Figure(column.figure, count, column.group)


READER: Reader[list[Sheet]] = Reader(
    # known by the mapping beside the file, not by what stands in it
    Format.MAPPED,
    lambda tops: False,
    read_mapped,
    lambda path: SourceFacts(Format.MAPPED, title_of(path), as_of=dates.from_file_name(path.stem)),
)
