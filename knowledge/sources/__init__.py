"""Readers: one per format. Bytes in; records, places, names and problems out.

    facts = describe(path)
    for item in read(path): ...

A fatal `Problem` may come after records: a file can break in the middle. Whoever consumes `read` keeps nothing
of a file that yields one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path

from knowledge.records import Item, Problem
from knowledge.sources import gazetteer, guard, iati, mandate, organisation_names, presence
from knowledge.sources.dates import iso_date
from knowledge.sources.guard import Refused, UnknownType
from knowledge.sources.tables import sheets

__all__ = ["Format", "Refused", "SourceFacts", "UnknownType", "collect", "describe", "detect", "read", "survey"]

_HEAD_ROWS = 30
_NEVER_DATA = {"sources.yml"}


class Format(StrEnum):
    """The kinds of file that can be read, by the names that `sources.yml` uses."""

    IATI_ACTIVITY = "iati-activity"
    PRESENCE = "presence"
    GAZETTEER = "gazetteer"
    ORGANISATION_NAMES = "organisation-names"
    MANDATE = "mandate"


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What a file says of itself. `format` is empty where it is not recognised; other fields where it does not say."""

    format: str
    title: str = ""
    publisher: str = ""
    as_of: date | None = None
    licence: str = ""


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
    if start.startswith(b"<") or suffix == ".xml":
        return _detect_xml(path)
    if suffix in (".md", ".markdown", ".txt") or start.startswith(b"---"):
        if mandate.split_front_matter(path) is None:
            mend = "Begin with --- and the fields organisation, title, language, date"
            raise _unknown(path, "text without front matter", mend)
        return Format.MANDATE
    if suffix in (".csv", ".tsv", ".xlsx", ".xlsm", ".xls") or start.startswith((b"PK", b"\xd0\xcf\x11\xe0")):
        return _detect_table(path)
    raise _unknown(path, f"file type {suffix or 'without suffix'} is not known")


_KNOWN = "Give IATI XML, a presence table (CSV, XLSX), a gazetteer, a list of organisation names, or a mandate document"


def _unknown(path: Path, reason: str, mend: str = _KNOWN) -> UnknownType:
    return UnknownType(Problem(path.name, "", 0, reason, mend, fatal=True))


def _detect_xml(path: Path) -> Format:
    root = guard.xml_prolog(path).root
    if root == iati.ROOT:
        return Format.IATI_ACTIVITY
    if root == "iati-organisations":
        raise _unknown(path, "an IATI organisation file, which holds no activities", "Give the activity file")
    raise _unknown(path, f"XML with the root element {root[:60]} is not known")


def _detect_table(path: Path) -> Format:
    tops = sheets(path, _HEAD_ROWS)
    if any(organisation_names.columns_of(sheet) for sheet in tops):
        return Format.ORGANISATION_NAMES
    if any(gazetteer.columns_of(sheet) for sheet in tops):
        return Format.GAZETTEER
    presence.recognised(path, _HEAD_ROWS)
    return Format.PRESENCE


def read(path: Path, *, format: str | None = None, as_of: date | None = None) -> Iterator[Item]:  # noqa: A002
    """Yield what a file holds. `format` overrules detection; `as_of` is the day a table speaks of, where known better.

    Never raises for what is wrong in a file: the last item is then a fatal `Problem`, and nothing of the file counts.
    """
    try:
        match Format(format) if format else detect(path):
            case Format.IATI_ACTIVITY:
                yield from iati.read_activities(path)
            case Format.PRESENCE:
                yield from presence.read_presence(path, as_of)
            case Format.GAZETTEER:
                yield from gazetteer.read_gazetteer(path)
            case Format.ORGANISATION_NAMES:
                yield from organisation_names.read_organisation_names(path)
            case Format.MANDATE:
                yield from mandate.read_mandate(path)
    except Refused as refused:
        yield from refused.problems


def describe(path: Path) -> SourceFacts:
    """What a file says of itself; an unreadable one has no facts, and `read` says why."""
    title = _title_of(path)
    try:
        match found := detect(path):
            case Format.IATI_ACTIVITY:
                publisher, as_of = iati.facts(path)
                return SourceFacts(found, f"IATI activities of {publisher}" if publisher else title, publisher, as_of)
            case Format.PRESENCE:
                return SourceFacts(found, title, "", presence.as_of_tables(path, presence.recognised(path)))
            case Format.GAZETTEER:
                return SourceFacts(found, title, "", gazetteer.as_of(sheets(path)))
            case Format.MANDATE:
                fields, _, _ = mandate.split_front_matter(path) or ({}, [], 0)
                return SourceFacts(
                    found,
                    fields.get("title", title),
                    fields.get("publisher", "") or fields.get("organisation", ""),
                    iso_date(fields.get("date", "")),
                    fields.get("licence", "") or fields.get("license", ""),
                )
            case _:
                return SourceFacts(found, title)
    except Refused:
        return SourceFacts("", title)


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


def _title_of(path: Path) -> str:
    """The file's name as a title: "chad_3w_april_2025" -> "Chad 3W April 2025"."""
    words = guard.one_line(path.stem.replace("_", " ")).split()
    return " ".join(word.upper() if word[:1].isdigit() else word[:1].upper() + word[1:] for word in words)


def collect(paths: Sequence[Path]) -> list[Path]:
    """The files to read under `paths`, as `survey` finds them. Raises `Refused` with its fatal problems."""
    found, problems = survey(paths)
    if fatal := [problem for problem in problems if problem.fatal]:
        raise Refused(*fatal)
    return found


def _inside(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith((".", "~$")) for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden and path.name not in _NEVER_DATA and guard.inside(folder, path):
            yield path
