"""Readers: one per format. Bytes in; records, places, names and problems out.

    facts = describe(path)
    for item in read(path): ...

A fatal `Problem` may come after records: a file can break in the middle. Whoever consumes `read` keeps nothing
of a file that yields one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from knowledge.personal.items import scrubbed
from knowledge.quality import noted
from knowledge.records import Item, Problem, Record
from knowledge.sources import (
    documents,
    events,
    fts,
    gazetteer,
    grants,
    guard,
    hpc,
    hpc_plan,
    iati,
    iati_organisation,
    indices,
    json_files,
    mandate,
    mapped,
    mapping,
    needs,
    ocds,
    organisation_names,
    presence,
    registers,
    world_bank,
)
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.guard import Refused, UnknownType
from knowledge.sources.tables import Sheet, sheets

__all__ = [
    "Format",
    "Given",
    "Refused",
    "SourceFacts",
    "UnknownType",
    "describe",
    "detect",
    "each_once",
    "read",
    "survey",
]

XML_READERS: tuple[Reader[str], ...] = (iati.READER, iati_organisation.READER)
JSON_READERS: tuple[Reader[Any], ...] = (
    hpc.READER,
    hpc_plan.READER,
    fts.READER,
    grants.READER,
    ocds.READER,
    world_bank.READER,
    registers.READER,
)
TABLE_READERS: tuple[Reader[list[Sheet]], ...] = (
    organisation_names.READER,
    gazetteer.READER,
    fts.TABLE_READER,
    grants.TABLE_READER,
    events.READER,
    needs.READER,
    indices.READER,
    mapped.READER,
    # the most tolerant stands last
    presence.READER,
)
DOCUMENT_READERS: tuple[Reader[Path], ...] = (mandate.READER, documents.READER)

_READERS: dict[Format, Reader[Any]] = {
    reader.format: reader
    for family in (XML_READERS, JSON_READERS, TABLE_READERS, DOCUMENT_READERS)
    for reader in family
}

_HEAD_ROWS = 30
_NEVER_DATA = {"sources.yml"}
_DOCUMENTS = (".md", ".markdown", ".txt", ".pdf", ".docx", ".html", ".htm")
_TABLES = (".csv", ".tsv", ".xlsx", ".xlsm", ".xls")
_KNOWN = (
    "Give IATI XML, a table (CSV, XLSX) of presence, flows, grants, events, needs, places or names, JSON of HPC, FTS, "
    "360Giving, OCDS or World Bank, or a document (PDF, DOCX, HTML, Markdown, text)"
)


def detect(path: Path) -> Format:
    """The format of a file, by its content.

    Raises `UnknownType` where it is none of ours and `Refused` where it is a broken one of ours, with one line that
    says why.
    """
    guard.check_file(path, guard.MAX_XML_BYTES)
    with guard.opened(path) as file:
        head = file.read(4096)
    suffix = path.suffix.casefold()
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    page = suffix in _DOCUMENTS[-2:] or (suffix != ".xml" and b"<html" in start[:1024].lower())
    marked_up = start.startswith(b"<") and not page
    if (suffix in _DOCUMENTS or page or start.startswith((b"%PDF-", b"---"))) and not marked_up:
        return _first(path, DOCUMENT_READERS, path) or _none(path, "text without front matter")
    if marked_up or suffix == ".xml":
        root = guard.xml_prolog(path).root
        return _first(path, XML_READERS, root) or _none(path, f"XML with the root element {root[:60]} is not known")
    if suffix in (".json", ".jsonl", ".ndjson", ".geojson") or start.startswith((b"{", b"[")):
        return _first(path, JSON_READERS, json_files.load(path)) or _none(path, "JSON of no known shape")
    if suffix in _TABLES or start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        if mapping.beside(path):
            return Format.MAPPED
        tops = sheets(path, _HEAD_ROWS)
        if found := _first(path, TABLE_READERS, tops):
            return found
        raise UnknownType(presence.unrecognised(path))
    raise UnknownType(Problem(path.name, "", 0, f"file type {suffix or 'without suffix'} is not known", _KNOWN, True))


def _first(path: Path, readers: Sequence[Reader[Any]], shape: Any) -> Format | None:
    return next((reader.format for reader in readers if reader.recognises(shape)), None)


def _none(path: Path, reason: str) -> Format:
    raise UnknownType(Problem(path.name, "", 0, reason, _KNOWN, fatal=True))


def read(path: Path, *, format: str | None = None, given: Given | None = None) -> Iterator[Item]:  # noqa: A002
    """Yield what a file holds. `format` overrules detection; `given` is what is known of it from elsewhere.

    Personal data is taken out of all of it, and records carry notes on their quality. Never raises for what is wrong in
    a file: the last item is then a fatal `Problem`, and nothing of the file counts.
    """
    yield from noted(scrubbed(each_once(_read(path, format, given or Given()), path.name)))


def each_once(items: Iterable[Item], file: str) -> Iterator[Item]:
    """The same items; of records with one identifier the first, and for each further one a problem."""
    seen: set[str] = set()
    for item in items:
        if not isinstance(item, Record):
            yield item
        elif item.id in seen:
            reason = f"{item.id[:200]} stands in the file already; this one is left out"
            mend = "Keep one of the two, or give each its own identifier"
            yield Problem(file, item.locator.element, item.locator.line, reason, mend)
        else:
            seen.add(item.id)
            yield item


def _read(path: Path, format: str | None, given: Given) -> Iterator[Item]:  # noqa: A002
    try:
        known = Format.MAPPED if given.mapping else Format(format) if format else detect(path)
        yield from _READERS[known].read(path, given)
    except Refused as refused:
        yield from refused.problems


def describe(path: Path) -> SourceFacts:
    """What a file says of itself; an unreadable one has no facts, and `read` says why."""
    try:
        return _READERS[detect(path)].facts(path)
    except Refused:
        return SourceFacts("", title_of(path))


def survey(paths: Sequence[Path]) -> tuple[list[Path], list[Problem]]:
    """The files to read under `paths`, and what is wrong before reading.

    A folder gives every file in sorted order, without hidden ones and without symbolic links that lead out of it. Its
    files of no known type are left out, each with a problem that is not fatal; a named file of no known type, or that
    cannot be read at all, is a fatal problem.
    """
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        if not path.is_dir():
            try:
                detect(path)
                found[path] = None
            except Refused as refused:
                problems += refused.problems
            continue
        for file in _inside(path):
            try:
                detect(file)
            except UnknownType as unknown:
                problems += [replace(problem, fatal=False) for problem in unknown.problems]
                continue
            except Refused:
                pass  # `read` says what is wrong with it
            found[file] = None
    return list(found), problems


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        data = path.is_file() and path.name not in _NEVER_DATA and not mapping.is_mapping(path)
        if data and not hidden and guard.inside(folder, path):
            yield path
