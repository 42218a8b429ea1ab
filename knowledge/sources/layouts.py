"""Where the table of a sheet stands: rows of headers (also merged or grouped ones), of HXL tags, and of data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.sources import header_words as words
from knowledge.sources import hxl_tags
from knowledge.sources.headers import Field, from_header, is_cluster, is_pcodes, words_of
from knowledge.sources.tables import Row, Sheet

_SEARCHED_ROWS = 25
_MOST_HEADER_ROWS = 3
_LONGEST_HEADER = 120

Headings = dict[int, tuple[str, ...]]
"""Column -> its headers, the group's before its own."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are understood, what all columns are headed, and the rows that hold data."""

    columns: dict[int, Field]
    rows: tuple[Row, ...]
    headings: Headings
    tags: dict[int, str]

    def find(self, subject: str, attribute: str = "name") -> list[int]:
        return [i for i, field in self.columns.items() if (field.subject, field.attribute) == (subject, attribute)]

    @property
    def subjects(self) -> set[str]:
        return {field.subject for field in self.columns.values()}

    def heading(self, column: int) -> str:
        return " ".join(self.headings.get(column, ()))

    def with_column(self, field: Field, value: str) -> Layout:
        """The table with one more column that holds the same value in every row."""
        width = max([len(row.cells) for row in self.rows] + [*self.columns, 0]) + 1
        rows = tuple(replace(row, cells=(*row.cells, *[""] * (width - len(row.cells)), value)) for row in self.rows)
        return replace(self, columns=self.columns | {width: field}, rows=rows)


def layout(sheet: Sheet, matrix: bool = False) -> Layout | None:
    """The table of a sheet, or None where fewer than two columns are understood. Tags win over headers.

    `matrix`: names of clusters count as understood headers, and one other understood column is enough.
    """
    top = sheet.rows[:_SEARCHED_ROWS]
    tagged = next((i for i, row in enumerate(top) if hxl_tags.are_tags(row.cells)), None)
    headings, columns, last = _header(sheet, top, range(len(top)) if tagged is None else range(tagged)[-1:], matrix)
    tags: dict[int, str] = {}
    if tagged is not None:
        last = tagged
        tags = {i: "".join(cell.split()) for i, cell in enumerate(top[tagged].cells) if cell.startswith("#")}
        by_tag = {i: field for i, tag in tags.items() if (field := hxl_tags.from_tag(tag))}
        columns = {i: field for i, field in columns.items() if field not in by_tag.values()} | by_tag
    elif len(columns) < (1 if matrix else 2):
        return None
    rows = sheet.rows[last + 1 :]
    return Layout(dict(sorted(_with_pcodes(columns, rows).items())), rows, headings, tags)


def _header(sheet: Sheet, top: Sequence[Row], ends: range, matrix: bool) -> tuple[Headings, dict[int, Field], int]:
    """The headers that say most, what they say, and the last of their rows."""
    best: tuple[Headings, dict[int, Field], int] = {}, {}, -1
    most = 0, 0, 0
    widths = [sum(map(bool, row.cells)) for row in top]
    for end in ends:
        # What stands above a table is narrow: titles, notes, groups. Below full rows stands data, whatever it says.
        if sum(width >= widths[end] for width in widths[:end]) > _MOST_HEADER_ROWS - 1:
            continue
        for span in range(1, min(_MOST_HEADER_ROWS, end + 1) + 1):
            if span > 1 and not _grouped(sheet, top, end - span + 1):
                break
            headings = _headings(sheet, top[end - span + 1 : end + 1])
            if matrix:
                headings = _without_groups(sheet, top[end], headings)
            found = _read(headings)
            score = len(found), 0, 0
            if matrix and found:
                clusters = sum(is_cluster(part) for i, parts in headings.items() if i not in found for part in parts)
                score = len(found) + clusters, len(headings), sum(map(len, headings.values()))
            if score > most or not best[0]:
                best, most = (headings, found, end), score
    return best


def _grouped(sheet: Sheet, top: Sequence[Row], upper: int) -> bool:
    """Whether a row of headers stands above the next one as its groups: by merged cells, or by gaps in it
    where a table has none."""
    above, below = top[upper], top[upper + 1]
    if sheet.merges:
        width = sum(bool(cell) for cell in below.cells)
        return any(
            merge.top <= above.number <= merge.bottom
            and (merge.bottom > above.number or merge.right > merge.left)
            and merge.right - merge.left < 0.8 * width
            for merge in sheet.merges
        )
    filled = [cell for cell in below.cells if cell]
    gaps = [i for i, cell in enumerate(below.cells) if i and cell and not above.at(i)]
    short = all(len(cell) < 60 and not cell.replace(".", "").isdigit() for cell in filled)
    return bool(gaps) and sum(map(bool, above.cells)) > 1 and short and len(set(filled)) < len(filled)


def _headings(sheet: Sheet, rows: Sequence[Row]) -> Headings:
    width = max(len(row.cells) for row in rows)
    found: dict[int, list[str]] = {i: [] for i in range(width)}
    for position, row in enumerate(rows):
        cells = [row.at(i) for i in range(width)]
        if position < len(rows) - 1:
            if sheet.merges:
                for merge in sheet.merges:
                    if merge.top <= row.number <= merge.bottom and merge.left < width:
                        cells[merge.left : merge.right + 1] = [cells[merge.left]] * (
                            min(merge.right + 1, width) - merge.left
                        )
            else:
                for i in range(1, width):
                    if not cells[i] and rows[-1].at(i) and rows[-1].at(i - 1):
                        cells[i] = cells[i - 1]
        for i, cell in enumerate(cells):
            if cell and len(cell) < _LONGEST_HEADER and cell not in found[i]:
                found[i].append(cell)
    return {i: tuple(parts) for i, parts in found.items() if parts}


def _without_groups(sheet: Sheet, row: Row, headings: Headings) -> Headings:
    """Headings without those that a row merges over several columns: in a matrix they are the group of what follows."""
    groups = {m.left for m in sheet.merges if m.top <= row.number <= m.bottom and m.right > m.left}
    return {i: parts for i, parts in headings.items() if i not in groups}


def _read(headings: Headings) -> dict[int, Field]:
    """Recognised columns. Of several with one meaning the first stands."""
    groups = Counter(parts[0] for parts in headings.values() if len(parts) > 1)
    found: dict[int, Field] = {}
    seen: set[Field] = set()
    for i, parts in headings.items():
        field = from_header(parts[0]) if len(parts) == 1 else _in_group(parts, groups[parts[0]] > 1)
        if field and field not in seen:
            found[i] = field
            seen.add(field)
    return found


_ATTRIBUTE_WORDS = words.NAME | words.ACRONYM | words.KIND | words.CODE


def _in_group(parts: Sequence[str], shared: bool) -> Field | None:
    """What a column under a group header holds: its own header says it, unless it needs the group's words."""
    alone, whole = from_header(parts[-1]), from_header(" ".join(parts))
    if alone is not None and alone.subject not in ("organisation", "people", "group"):
        return alone
    if (
        alone is None
        and whole
        and whole.subject != "people"
        and shared
        and not set(words_of(parts[-1])) & _ATTRIBUTE_WORDS
    ):
        return None
    return whole or alone


def _with_pcodes(columns: dict[int, Field], rows: Sequence[Row]) -> dict[int, Field]:
    """Add columns whose values are p-codes of one country, whatever their header says ("Title" in some exports)."""
    if any(field.attribute == "code" and field.subject in ("adm", "pcode") for field in columns.values()):
        return columns
    width = max((len(row.cells) for row in rows), default=0)
    for i in range(width):
        if i not in columns and is_pcodes([row.cells[i] for row in rows if i < len(row.cells) and row.cells[i]]):
            return columns | {i: Field("pcode", "code")}
    return columns
