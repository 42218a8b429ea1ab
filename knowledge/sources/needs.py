"""Tables of people in need, targeted and reached, by place, cluster and group: one record for each place and cluster.

Totals and their parts stand in one table: every record says in `extra` which it is ("disaggregation": "total",
"sector", "group" or "sector and group"), and of which administrative level ("admin_level"), so that nobody adds both.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.records import Figure, Item, Problem, Record, RecordKind, ThemeMention
from knowledge.sources import guard
from knowledge.sources import header_words as words
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.headers import Field, is_cluster
from knowledge.sources.layouts import Layout, layout
from knowledge.sources.table_rows import TableRows, as_of_tables, country_name, period_of
from knowledge.sources.tables import Row, Sheet, sheets, slug

_COUNTED = {"in_need", "targeted", "reached", "affected"}
_PLACES = {"adm", "country", "pcode", "site"}
_STATUSES = {
    "inn": "in_need",
    "pin": "in_need",
    "tgt": "targeted",
    "rea": "reached",
    "aff": "affected",
    "all": "population",
}
_EVERYBODY = {
    "",
    "all",
    "total",
    "tous",
    "toutes",
    "todos",
    "todas",
    "everyone",
    "overall",
    "الكل",
    "المجموع",
    "الاجمالي",
}
_EVERY_SECTOR = _EVERYBODY | {
    "intersectoral",
    "inter sectoral",
    "inter sector",
    "intersector",
    "intercluster",
    "inter cluster",
    "intersectoriel",
    "intersectorial",
    "joint",
}


def tables(all_sheets: Sequence[Sheet]) -> list[tuple[Sheet, Layout]]:
    """The sheets that count people in need by place, each with its table."""
    found = [(sheet, table) for sheet in all_sheets if (table := layout(sheet)) and _counts_need(table)]
    return [
        (sheet, table.with_column(Field("cluster"), sheet.name))
        if "cluster" not in table.subjects and not _themes(table) and is_cluster(sheet.name)
        else (sheet, table)
        for sheet, table in found
        if not set(guard.fold(sheet.name).split()) & words.SIDE_SHEETS or len(found) == 1
    ]


def _counts_need(table: Layout) -> bool:
    figures = {field.attribute for field in table.columns.values() if field.subject == "people"}
    by_status = "figure" in table.subjects and "population" in figures
    roles = {field.role for field in table.columns.values() if field.subject == "organisation"}
    return bool(figures & _COUNTED or by_status) and not roles and bool(table.subjects & _PLACES)


def _themes(table: Layout) -> set[str]:
    return {field.theme for field in table.columns.values() if field.theme}


def read_needs(path: Path, given: Given) -> Iterator[Item]:
    """Yield a record per row, or per row and cluster where clusters stand side by side. Rows of totals are left out.

    Raises `guard.Refused` where no sheet counts people in need.
    """
    found = _recognised(path)
    as_of = given.as_of or as_of_tables(path, found)
    times: Counter[str] = Counter()
    for sheet, table in found:
        rows = TableRows(path, sheet, table, as_of, times)
        for row in table.rows:
            yield from _records(rows, row)


def _recognised(path: Path) -> list[tuple[Sheet, Layout]]:
    if found := tables(sheets(path)):
        return found
    reason = "no column of people in need, targeted or reached together with a place is recognised"
    raise guard.refused(path, reason, "Name the columns, or add HXL tags such as #adm1+code, #sector, #inneed")


def _records(rows: TableRows, row: Row) -> Iterator[Item]:
    problems: list[Problem] = []
    place, extra = rows.place(row, problems)
    named = {guard.fold(value) for value in (*place.names, place.site) if value}
    if named & words.TOTALS:
        return
    status = guard.fold(rows.cell(row, "figure"))
    by_theme: dict[str, list[Figure]] = {}
    for figure, theme in rows.figures(row):
        by_theme.setdefault(theme, []).append(_by_status(figure, status))
    if not by_theme:
        yield rows.problem(row, "no number of people; the row is left out", "Fill the column of people in need")
        return
    yield from problems
    start, end, reported_on = rows.period(row, problems := [])
    yield from problems
    group = rows.cell(row, "group")
    cluster, code = rows.cell(row, "cluster"), rows.cell(row, "cluster", "code")
    where = (place.names[-1] if place.names else "") or place.site or country_name(place.country) or place.pcode
    level = len(place.names) or (1 if place.pcode else 0)
    for theme, figures in by_theme.items():
        name = theme or cluster
        parts = []
        if not {guard.fold(name), guard.fold(code)} & (_EVERY_SECTOR - {""}) and (name or code):
            parts.append("sector")
        if guard.fold(group) not in _EVERYBODY:
            parts.append("group")
        of_what = name or code if "sector" in parts else "all sectors"
        title = f"People in need: {of_what} in {where}" + (f" ({group})" if "group" in parts else "")
        yield Record(
            id=rows.identifier(f"need:{slug(rows.path.stem)}", row, theme, without=frozenset({"people"})),
            kind=RecordKind.NEED,
            title=title,
            locator=rows.sheet.locator(row),
            places=(place,),
            themes=(ThemeMention("cluster", "" if theme else code, name),) if "sector" in parts else (),
            period=period_of("", start, end),
            reported_on=reported_on,
            figures=tuple(figures),
            extra=(*extra, ("disaggregation", " and ".join(parts) or "total"), ("admin_level", str(level))),
        )


def _by_status(figure: Figure, status: str) -> Figure:
    """A figure of a table that says in a column of its own what it counts."""
    if figure.name != "population" or not status:
        return figure
    counted = _STATUSES.get(status) or next((words.PEOPLE[word] for word in status.split() if word in words.PEOPLE), "")
    if counted == "affected":
        return replace(figure, group=" ".join(filter(None, (figure.group, "affected"))))
    return replace(figure, name=counted) if counted else figure


def _facts(path: Path) -> SourceFacts:
    return SourceFacts(Format.NEED, title_of(path), as_of=as_of_tables(path, _recognised(path)))


READER: Reader[list[Sheet]] = Reader(Format.NEED, lambda tops: bool(tables(tops)), read_needs, _facts)
