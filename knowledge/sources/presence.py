"""3W, 4W and 5W tables and harmonised presence tables: one row is one presence `Record`."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.records import (
    Item,
    OrganisationMention,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import guard
from knowledge.sources import header_words as words
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.headers import Field, is_cluster
from knowledge.sources.layouts import Layout, layout
from knowledge.sources.matrices import unfolded
from knowledge.sources.table_rows import TableRows, as_of_tables, country_name, period_of
from knowledge.sources.tables import Row, Sheet, sheets, slug

_ROLES = (Role.IMPLEMENTING, Role.ACCOUNTABLE, Role.FUNDING)
_PLACES = {"adm", "site", "country", "pcode"}
_LONGEST_TOTAL = 60


def read_presence(path: Path, given: Given) -> Iterator[Item]:
    """Yield a presence per row. `given.as_of` is the day the table speaks of, for rows without a period of their own.

    Raises `guard.Refused` where no sheet has recognised columns.
    """
    tables = recognised(path)
    as_of = given.as_of or as_of_tables(path, tables)
    times: Counter[str] = Counter()
    for sheet, columns in tables:
        yield from _Presence(TableRows(path, sheet, columns, as_of, times)).read()


def recognised(path: Path) -> list[tuple[Sheet, Layout]]:
    """The sheets with a table of presence. Raises `guard.Refused` where there are none."""
    if found := presences(sheets(path)):
        return found
    raise guard.Refused(unrecognised(path))


def presences(all_sheets: Sequence[Sheet]) -> list[tuple[Sheet, Layout]]:
    """The sheets that hold presence, each with its table. Lookup lists, notes and pivot tables are no presence."""
    found = [(sheet, table) for sheet in all_sheets if (table := _table(sheet))]
    data = [
        (sheet, table) for sheet, table in found if not set(guard.fold(sheet.name).split()) & words.SIDE_SHEETS
    ] or found
    split = len(data) > 1 and not any(_PLACES & table.subjects for _, table in data)
    complete = [(sheet, _with_sheet_name(sheet, table, split)) for sheet, table in data]
    return [(sheet, table) for sheet, table in complete if table.subjects & _PLACES or "cluster" in table.subjects]


def _table(sheet: Sheet) -> Layout | None:
    table = layout(sheet)
    if table is None or not {"organisation", "cluster"} <= table.subjects or not table.subjects & _PLACES:
        table = unfolded(sheet) or table
    if table is None or "organisation" not in table.subjects or _is_pivot(table) or _is_lists(table):
        return None
    return table


def _is_pivot(table: Layout) -> bool:
    return any(words.PIVOT.fullmatch(guard.fold(part)) for i in table.columns for part in table.headings.get(i, ()))


def _is_lists(table: Layout) -> bool:
    """Whether columns are lists of their own side by side: each without gaps or repeats, and of several lengths."""
    lengths = set()
    for i in table.columns:
        filled = [bool(row.at(i)) for row in table.rows]
        values = [row.at(i) for row in table.rows if row.at(i)]
        if len(set(values)) < len(values) or not all(filled[: len(values)]):
            return False
        lengths.add(len(values))
    return len(lengths) > 1 and len(table.rows) > 2 and len(table.columns) > 1


def _with_sheet_name(sheet: Sheet, table: Layout, by_region: bool) -> Layout:
    """Where one table is split over sheets, the sheet's name is the cluster or the region that has no column."""
    if "cluster" not in table.subjects and is_cluster(sheet.name):
        return table.with_column(Field("cluster"), sheet.name)
    spelt = guard.fold(sheet.name).split()
    generic = {
        *words.CLUSTER,
        *words.ACTIVITY,
        *words.ORGANISATION,
        "sheet",
        "feuil",
        "feuille",
        "hoja",
        "folha",
        "data",
    }
    if by_region and spelt and not set(spelt) & generic and not any(c.isdigit() for c in sheet.name):
        return table.with_column(Field("adm", "name", "", 1.0), sheet.name)
    return table


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


READER: Reader[list[Sheet]] = Reader(Format.PRESENCE, lambda tops: bool(presences(tops)), read_presence, _facts)


class _Presence:
    def __init__(self, rows: TableRows) -> None:
        self._rows = rows
        self._table = rows.table
        self._dataset = slug(rows.path.stem)
        self._alone = self._standing_alone()

    def read(self) -> Iterator[Item]:
        for row in self._table.rows:
            problems: list[Problem] = []
            record = self._record(row, problems)
            yield from problems
            if record is not None:
                yield record

    def _record(self, row: Row, problems: list[Problem]) -> Record | None:
        organisations = self._organisations(row)
        if self._is_total(row, bool(organisations)):
            return None
        if not organisations:
            reason, mend = "no organisation; the row is left out", "Fill the organisation's column"
            problems.append(self._rows.problem(row, reason, mend))
            return None
        cell = self._rows.cell
        place, extra = self._rows.place(row, problems)
        cluster, cluster_code = cell(row, "cluster"), cell(row, "cluster", "code")
        activity = cell(row, "activity")
        if not self._table.find("cluster") and not self._table.find("activity"):
            activity = "physical presence"
        status = cell(row, "status")
        start, end, reported_on = self._rows.period(row, problems)
        figures = [
            replace(figure, group=", ".join(filter(None, (figure.group, theme))))
            for figure, theme in self._rows.figures(row)
        ]
        if not figures and (people := self._people_in_words(row)):
            extra.append(("people", people))
        extra += [(subject, value) for subject in ("group", "count") if (value := cell(row, subject))]
        who = organisations[0].name or organisations[0].acronym
        where = (place.names[-1] if place.names else "") or place.site or country_name(place.country)
        title = f"{who}: {activity or cluster or 'presence'}" + (f" in {where}" if where else "")
        themes = (ThemeMention("cluster", cluster_code, cluster),) if cluster or cluster_code else ()
        return Record(
            id=self._rows.identifier(f"3w:{self._dataset}", row, activity),
            kind=RecordKind.PRESENCE,
            title=title,
            locator=self._rows.sheet.locator(row),
            texts=(Text("general", activity),) if activity else (),
            organisations=tuple(organisations),
            places=(place,) if place != PlaceMention() else (),
            themes=themes,
            period=period_of(status, start, end),
            status=status,
            reported_on=reported_on,
            figures=tuple(figures),
            extra=tuple(extra),
        )

    def _people_in_words(self, row: Row) -> str:
        at = [i for i, field in self._table.columns.items() if field.subject == "people"]
        return next((value for i in at if (value := row.at(i))), "")

    def _is_total(self, row: Row, has_organisation: bool) -> bool:
        """A row of totals says so where an organisation, a place or a cluster would stand."""
        if not any(words.LIKE_TOTAL.search(cell) for cell in row.cells if len(cell) < _LONGEST_TOTAL):
            return False
        named = [
            guard.fold(value)
            for i, field in self._table.columns.items()
            if field.subject in {"organisation", "cluster", *_PLACES} and (value := row.at(i))
        ]
        first = guard.fold(next(filter(None, row.cells), ""))
        if words.TOTALS & {*named, first}:
            return True
        return not has_organisation and any(
            text.startswith(tuple(f"{word} " for word in words.TOTALS)) for text in (*named, first)
        )

    # --- organisations ----------------------------------------------------------------------------------------------

    def _organisations(self, row: Row) -> list[OrganisationMention]:
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for i, field in self._table.columns.items():
            if field.subject == "organisation" and (value := row.at(i)):
                found[field.role][field.attribute] = value
        return [
            mention
            for role in _ROLES
            if (given := found.get(role.value, {})) and given.keys() & {"name", "acronym", "code"}
            for mention in self._mentions(role, given)
        ]

    def _mentions(self, role: Role, given: dict[str, str]) -> list[OrganisationMention]:
        """One organisation as a rule; several where a cell lists them, with their acronyms if as many."""
        names, acronyms = self._listed(given.get("name", "")), self._listed(given.get("acronym", ""))
        code, kind = given.get("code", ""), given.get("kind", "")
        if max(len(names), len(acronyms)) < 2:
            return [OrganisationMention(role, given.get("name", ""), given.get("acronym", ""), code, kind)]
        if len(names) < 2 and len(acronyms) > 1:
            names = [""] * len(acronyms)
        if len(acronyms) != len(names):
            acronyms = [""] * len(names)
        return [OrganisationMention(role, *pair, "", kind) for pair in zip(names, acronyms, strict=True)]

    def _listed(self, cell: str) -> list[str]:
        """The organisations of a cell. A semicolon parts them; a slash, comma or plus sign only where each part also
        stands by itself in the table, or where a semicolon parts others in the cell: "Health Limited/HPA" is one."""
        if not cell:
            return []
        parts = _parts(_SURE, cell)
        parts = [piece for part in parts for piece in (_parts(_UNSURE, part) if len(parts) > 1 else [part])]
        if len(parts) > 1:
            return parts
        unsure = _parts(_UNSURE_OR_COMMA, cell)
        return unsure if len(unsure) > 1 and all(guard.fold(part) in self._alone for part in unsure) else [cell]

    def _standing_alone(self) -> set[str]:
        at = [
            i
            for i, field in self._table.columns.items()
            if field.subject == "organisation" and field.attribute in ("name", "acronym")
        ]
        return {guard.fold(row.at(i)) for i in at for row in self._table.rows} - {""}


_SURE = re.compile(r"\s*[;|؛]\s*")
_UNSURE = re.compile(r"\s*/\s*")
_UNSURE_OR_COMMA = re.compile(r"\s*[/,+،]\s*")


def _parts(separator: re.Pattern[str], cell: str) -> list[str]:
    return list(dict.fromkeys(part for part in separator.split(cell) if part))
