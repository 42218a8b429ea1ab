"""What the columns of a table of no known shape mean: FILE.mapping.yml beside it, first proposed, then corrected.

text = propose(path)          # for a person to read and correct
mapping = read_mapping(beside(path))
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Mapping as Pairs
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openpyxl.utils import column_index_from_string, get_column_letter

from knowledge.countries import iso2
from knowledge.records import Problem, RecordKind, Role
from knowledge.sources import encodings, guard
from knowledge.sources import header_words as words
from knowledge.sources.headers import Field, from_header, words_of
from knowledge.sources.layouts import layout
from knowledge.sources.tables import Row, Sheet, sheets

SUFFIX = ".mapping.yml"
KINDS = tuple(
    kind.value
    for kind in (
        RecordKind.ACTIVITY,
        RecordKind.PROJECT,
        RecordKind.GRANT,
        RecordKind.PRESENCE,
        RecordKind.EVENT,
        RecordKind.NEED,
    )
)
MEANINGS = {
    "id": "the record's own identifier, stable over the years",
    "title": "its title",
    "description": "what it is about, in sentences",
    "organisation": "name of an organisation; role: implementing, funding, accountable, extending or reporting",
    "organisation_acronym": "its acronym, with the same role",
    "organisation_ref": "its identifier, with the same role",
    "organisation_kind": "what kind of organisation it is, with the same role",
    "country": "name or ISO code of the country",
    "adm1": "name of the first administrative level; adm2 and adm3 for those below",
    "adm2": "",
    "adm3": "",
    "pcode": "p-code of the deepest place named",
    "site": "village, camp or other site",
    "latitude": "decimal degrees",
    "longitude": "decimal degrees",
    "theme": "cluster or sector by name; vocabulary: cluster (as left out), 1 for DAC five digits, 2 for three, sdg",
    "theme_code": "its code, with the same vocabulary",
    "start": "first day, as YYYY-MM-DD or as `dates` says",
    "end": "last day",
    "status": "planned, ongoing, completed ...",
    "amount": "money; currency: USD where no column says it",
    "currency": "the currency of the amount",
    "people": "a number of people; figure: in_need, targeted, reached, population, deaths, injured or displaced; group",
    "url": "address of a page about it",
    "ignore": "not read; left-out columns are not read either",
}
FIGURES = ("in_need", "targeted", "reached", "population", "deaths", "injured", "displaced")
_OPTIONS = {
    "role": tuple(Role),
    "vocabulary": None,
    "currency": None,
    "figure": FIGURES,
    "group": None,
    "at": None,
}
_HEADS = ("kind", "sheet", "header", "country", "dates", "language", "columns")
_DEEPEST = 8
_MOST_EVENTS = 20_000
_SAMPLES = 3
_LONGEST_SAMPLE = 40


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """One column: its `header` as written or its place (`at` from 0), and what it means. `line` is the mapping's."""

    line: int
    header: str
    means: str
    at: int | None = None
    role: str = Role.IMPLEMENTING
    vocabulary: str = "cluster"
    currency: str = ""
    figure: str = "reached"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping as read. `header` is the number of the row of headers; `sheet` is empty for the first sheet."""

    path: Path
    kind: RecordKind
    columns: tuple[MappedColumn, ...]
    sheet: str = ""
    header: int = 1
    country: str = ""
    day_first: bool = True
    language: str = ""


def beside(path: Path) -> Path | None:
    """The mapping of a table, where there is one."""
    found = path.with_name(path.name + SUFFIX)
    return found if found.is_file() else None


def is_mapping(path: Path) -> bool:
    return path.name.endswith(SUFFIX)


# --- reading --------------------------------------------------------------------------------------------------------


class _Wrong(Exception):
    """(line, reason, mend)"""


def read_mapping(path: Path) -> Mapping:
    """Raises `guard.Refused` with a problem for each wrong line."""
    text, _ = encodings.decode(path, guard.read_bytes(path, guard.MAX_MAPPING_BYTES))
    try:
        depth = 0
        for number, event in enumerate(yaml.parse(text, yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > _DEEPEST:
                raise guard.refused(path, "uses YAML aliases or lists within lists", "Write each value out")
            if number > _MOST_EVENTS:
                raise guard.refused(path, "is longer than any table is wide", "Leave out columns that are ignored")
        root = yaml.compose(text, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        mend = "Indent with spaces and put texts with : or # in quotation marks"
        raise guard.refused(path, f"is not YAML ({error.problem or 'broken'})", mend, line=line) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise guard.refused(path, "is not YAML", "Write it again with the command map") from error
    problems: list[Problem] = []
    mapping = _mapping(path, root, problems)
    if problems or mapping is None:
        raise guard.Refused(*problems)
    return mapping


def _mapping(path: Path, root: yaml.Node | None, problems: list[Problem]) -> Mapping | None:
    def wrong(node: yaml.Node | None, reason: str, mend: str) -> None:
        line = node.start_mark.line + 1 if node is not None else 1
        problems.append(Problem(path.name, "", line, guard.one_line(reason)[:200], mend, fatal=True))

    if not isinstance(root, yaml.MappingNode):
        wrong(
            root, "is not a list of settings", f"Write `kind: presence` and `columns:`; allowed are {', '.join(_HEADS)}"
        )
        return None
    heads = _pairs(root)
    for name, (key, _) in heads.items():
        if name not in _HEADS:
            wrong(key, f"{name[:40]!r} is no setting", f"Use only {', '.join(_HEADS)}")
    plain = {name: _scalar(value) for name, (_, value) in heads.items() if name != "columns"}
    for name, value in plain.items():
        allowed = {"kind": KINDS, "dates": ("day-first", "month-first")}.get(name)
        if value is None or (allowed and value not in allowed):
            wrong(
                heads[name][1],
                f"{name} {(value or '')[:40]!r} is not understood",
                f"Use {' or '.join(allowed or ('one word',))}",
            )
    if "kind" not in heads:
        wrong(root, "does not say what kind of record a row is", f"Add `kind:` with one of {', '.join(KINDS)}")
    header = plain.get("header") or "1"
    if not (header.isascii() and header.isdigit() and 0 < int(header[:8]) <= guard.MAX_ROWS):
        wrong(heads["header"][1], "header is no row number", "Write the number of the row of headers, counted from 1")
        header = "1"
    country = plain.get("country") or ""
    if country and not iso2(country):
        wrong(heads["country"][1], f"country {country[:40]!r} is no ISO code", "Write two letters, as KE")
    listed = heads.get("columns", (None, None))[1]
    if not isinstance(listed, yaml.SequenceNode) or not listed.value:
        wrong(listed or root, "lists no columns", "Write `columns:` and under it `- column: NAME` with `means: title`")
        return None
    columns = [column for node in listed.value if (column := _column(node, wrong))]
    if problems:
        return None
    if not any(column.means in ("title", "organisation", "id", "description", "people") for column in columns):
        wrong(
            listed,
            "no column is a title, an organisation, an id or a number of people",
            "Say so of one, or nothing is read",
        )
        return None
    return Mapping(
        path, RecordKind(plain["kind"] or ""), tuple(columns), plain.get("sheet") or "", int(header),
        iso2(country), plain.get("dates") != "month-first", plain.get("language") or "",
    )  # fmt: skip


def _pairs(node: yaml.MappingNode) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    return {str(key.value): (key, value) for key, value in node.value if isinstance(key, yaml.ScalarNode)}


def _scalar(node: yaml.Node) -> str | None:
    return guard.one_line(node.value) if isinstance(node, yaml.ScalarNode) else None


def _column(node: yaml.Node, wrong: Any) -> MappedColumn | None:
    if not isinstance(node, yaml.MappingNode):
        wrong(node, "is no column", "Write `- column: NAME` and below it `means: title`")
        return None
    pairs = _pairs(node)
    values = {name: _scalar(value) or "" for name, (_, value) in pairs.items()}
    for name, (key, value) in pairs.items():
        allowed = _OPTIONS.get(name)
        if name not in ("column", "means", *_OPTIONS):
            wrong(key, f"{name[:40]!r} is no property of a column", f"Use column, means, {', '.join(_OPTIONS)}")
        elif allowed and values[name] not in allowed:
            wrong(value, f"{name} {values[name][:40]!r} is not known", f"Use one of {', '.join(allowed)}")
    if "at" not in pairs and not values.get("column"):
        wrong(node, "a column without its header", "Write `column:` with the header, or `at:` with the column's letter")
        return None
    means = values.get("means", "")
    if means not in MEANINGS:
        wrong(
            pairs.get("means", (node, node))[1],
            f"means {means[:40]!r} is not known",
            f"Use one of {', '.join(MEANINGS)}",
        )
        return None
    at = None
    if letter := values.get("at", "").upper():
        if not re.fullmatch(r"[A-Z]{1,2}", letter):
            wrong(pairs["at"][1], f"{letter[:10]!r} is no column's letter", "Write A, B ... as the spreadsheet does")
            return None
        at = column_index_from_string(letter) - 1
    given = {name: values[name] for name in ("role", "vocabulary", "currency", "figure", "group") if values.get(name)}
    return MappedColumn(node.start_mark.line + 1, values.get("column", ""), means, at, **given)


# --- proposing ------------------------------------------------------------------------------------------------------

_GUESSES = {
    ("organisation", "name"): "organisation",
    ("organisation", "acronym"): "organisation_acronym",
    ("organisation", "code"): "organisation_ref",
    ("organisation", "kind"): "organisation_kind",
    ("country", "name"): "country",
    ("country", "code"): "country",
    ("site", "name"): "site",
    ("cluster", "name"): "theme",
    ("cluster", "code"): "theme_code",
    ("activity", "name"): "description",
    ("status", "name"): "status",
    ("start", "name"): "start",
    ("end", "name"): "end",
    ("latitude", "name"): "latitude",
    ("longitude", "name"): "longitude",
    ("amount", "name"): "amount",
    ("pcode", "code"): "pcode",
}
_WORDS = (
    ("id", frozenset({"id", "identifier", "identifiant", "identificador", "reference", "ref", "code", "codigo"})),
    ("title", frozenset({"title", "titre", "titulo", "intitule", "name", "nom", "nombre", "nome", "عنوان", "العنوان"})),
    (
        "description",
        frozenset({"description", "descripcion", "descricao", "summary", "objective", "objectif", "objetivo", "وصف"}),
    ),
    ("url", frozenset({"url", "link", "website", "lien", "enlace", "web"})),
    ("currency", frozenset({"currency", "devise", "moneda", "moeda", "العمله"})),
)


def propose(path: Path) -> str:
    """The text of a mapping for a table: every column with a guess and samples. Raises `guard.Refused` for no table."""
    found = sheets(path)
    sheet = max(found, key=lambda one: _understood(one))
    header = _header_row(sheet)
    rows = sheet.rows[sheet.rows.index(header) + 1 :][:2000]
    guesses = dict(_guesses(sheet, header, rows))
    lines = [*_preface(path), f"kind: {_kind(guesses)}"]
    if sheet.name:
        lines.append(f"sheet: {_quoted(sheet.name)}")
    lines += [f"header: {header.number}", "dates: day-first", "columns:"]
    names = [guard.fold(cell) for cell in header.cells]
    width = max([len(header.cells), *(len(row.cells) for row in rows)])
    for i in range(width):
        name = header.at(i)
        samples = _samples(name, [row.at(i) for row in rows])
        if not name and not samples:
            continue
        lines.append(f"- column: {_quoted(name)}")
        if not name or names.count(guard.fold(name)) > 1:
            lines.append(f"  at: {get_column_letter(i + 1)}")
        lines += [f"  {key}: {value}" for key, value in guesses.get(i, {"means": "ignore"}).items()]
        if samples:
            lines.append(f"  # for example: {' | '.join(samples)}")
    return "\n".join(lines) + "\n"


def _preface(path: Path) -> Iterator[str]:
    yield f"# What the columns of {guard.one_line(path.name)} mean. Correct the guesses, then read the table again."
    yield "#"
    yield f"# kind: what a row is: {', '.join(KINDS)}"
    yield "# header: number of the row with the headers; sheet: its sheet; dates: day-first or month-first"
    yield "# country: ISO code for rows that name none; language: of the texts (en, fr, es, ar, pt)"
    yield "# means: one of"
    for name, meaning in MEANINGS.items():
        if meaning:
            yield f"#   {name}: {meaning}"
    yield "# at: the column's letter, where a header is empty or repeated"


def _understood(sheet: Sheet) -> tuple[int, int]:
    table = layout(sheet)
    return (len(table.columns) if table else 0), max(len(row.cells) for row in sheet.rows)


def _header_row(sheet: Sheet) -> Row:
    """The row above the data that is understood, else the first one that is nearly as full as any near the top."""
    top = sheet.rows[:25]
    table = layout(sheet)
    if table and table.rows and table.headings:
        before = sheet.rows[: sheet.rows.index(table.rows[0])]
        for row in reversed(before):
            if not any(cell.startswith("#") for cell in row.cells):
                return row
    fullest = max(sum(map(bool, row.cells)) for row in top)
    return next(row for row in top if sum(map(bool, row.cells)) >= 0.8 * fullest)


def _guesses(sheet: Sheet, header: Row, rows: tuple[Row, ...]) -> Iterator[tuple[int, Pairs[str, str]]]:
    table = layout(sheet)
    taken: set[str] = set()
    levels = (
        sorted({f.rank for f in table.columns.values() if f.subject == "adm" and f.attribute == "name"})
        if table
        else []
    )
    for i, cell in enumerate(header.cells):
        field = (table.columns.get(i) if table else None) or from_header(cell)
        guess = _guess(cell, field, levels, taken)
        if guess:
            if guess["means"] in ("id", "title", "url", "currency"):
                taken.add(guess["means"])
            yield i, guess


def _guess(header: str, field: Field | None, levels: list[float], taken: set[str]) -> dict[str, str]:
    known = set(words_of(header))
    if field is None or (field.subject == "activity" and known & dict(_WORDS)["title"]):
        means = next((means for means, vocabulary in _WORDS if known & vocabulary and means not in taken), "")
        return {"means": means} if means else {}
    if field.subject == "people":
        figure = field.attribute if field.attribute in FIGURES else "population"
        return {"means": "people", "figure": figure} | ({"group": _quoted(field.group)} if field.group else {})
    if field.subject == "adm":
        if field.attribute == "code":
            return {"means": "pcode"}
        place = min(levels.index(field.rank) + 1, 3) if field.rank in levels else 1
        return {"means": f"adm{place}"}
    means = _GUESSES.get((field.subject, field.attribute), "")
    if field.subject == "organisation":
        return {"means": means, "role": str(Role(field.role))}
    return {"means": means} if means else {}


def _kind(guesses: dict[int, Pairs[str, str]]) -> str:
    meant = {guess["means"] for guess in guesses.values()}
    figures = {guess.get("figure") for guess in guesses.values()}
    if "organisation" not in meant and figures & {"deaths", "injured"}:
        return "event"
    if "organisation" not in meant and figures & {"in_need", "targeted"}:
        return "need"
    if "amount" in meant:
        return "grant" if "title" not in meant else "project"
    return "project" if "title" in meant else "presence"


def _samples(header: str, cells: list[str]) -> list[str]:
    """Up to three values. Columns that may name or reach a person show none, and none shows a long number."""
    if set(words_of(header)) & words.CONTACTS or any("@" in cell for cell in cells):
        return []
    shown = (re.sub(r"\d(?:[ .-]?\d){6,}", "...", cell)[:_LONGEST_SAMPLE] for cell in dict.fromkeys(cells) if cell)
    return [sample for _, sample in zip(range(_SAMPLES), shown, strict=False)]


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
