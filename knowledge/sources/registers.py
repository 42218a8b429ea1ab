"""Registers of mandates in JSON: what IATI publishers say of themselves, the entities of the United Nations, and the
plans and mandates that the United Nations' programme budget writes down for each of its entities."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from knowledge.identity import is_generic
from knowledge.records import (
    Contact,
    Document,
    Item,
    Locator,
    OrganisationMention,
    OrganisationName,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
)
from knowledge.sources import guard, json_files
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.sections import Block, sections
from knowledge.sources.tables import slug

_UNITED_NATIONS = "United Nations"
_LEAST_WORDS = 3
"""Words that a description has at least: less is a job title or "n/a"."""
_ENTRY = (("document-type", "register-entry"),)

Entry = dict[str, Any]


def _text(entry: Entry, field: str) -> str:
    value = entry.get(field)
    return guard.one_line(value) if isinstance(value, str) else ""


def _narrative(entry: Entry, field: str) -> str:
    value = entry.get(field)
    return guard.paragraphs(_unmarked(value)) if isinstance(value, str) else ""


_MARKED_LINK = re.compile(r"\[([^\]\[]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_ADDRESS = re.compile(r"<?https?://[^\s<>]+>?")
_OPENING_ADDRESS = re.compile(r"^\s*<?(https?://[^\s<>]+)>?", re.MULTILINE)
_EMPHASIS = re.compile(r"\*\*|__")


def _unmarked(text: str) -> str:
    """Markdown without its marks: the words of a link stay, its address goes."""
    return _EMPHASIS.sub("", _ADDRESS.sub("", _MARKED_LINK.sub(r"\1", text)))


def _address(entry: Entry, field: str) -> str:
    address = _text(entry, field)
    return address if re.fullmatch(r"https?://[^\s<>\"]+", address) else ""


# --- IATI publishers --------------------------------------------------------------------------------------------------


def _publisher(entry: Entry, where: Locator) -> Iterator[Item]:
    """A publisher's name, and a record of what it says of itself where it says anything."""
    title, country, kind = (_text(entry, f) for f in ("title", "publisher_country", "publisher_organization_type"))
    country = country if re.fullmatch("[A-Z]{2}", country) else ""
    if country or not is_generic(title):
        yield OrganisationName(title, title, kind=kind, country=country)
    words = _narrative(entry, "publisher_description") or _narrative(entry, "description")
    if len(re.findall(r"[^\W\d_]+", words)) < _LEAST_WORDS or guard.fold(words) == guard.fold(title):
        return
    licence = _text(entry, "license_id")
    texts = sections([Block(words)])
    yield Record(
        id=f"iati-publisher:{_text(entry, 'name') or _text(entry, 'publisher_iati_id') or slug(title)}",
        kind=RecordKind.MANDATE,
        title=title,
        locator=where,
        language=texts[0].language,
        texts=texts,
        organisations=(OrganisationMention(Role.REPORTING, title, ref=_text(entry, "publisher_iati_id"), kind=kind),),
        # A ministry's name says which one it is only together with its country; elsewhere the seat is no place of work.
        places=(PlaceMention(country=country),) if country and is_generic(title) else (),
        extra=_ENTRY
        + tuple((name, value) for name, value in (("country", country), ("publisher-licence", licence)) if value),
    )


# --- entities of the United Nations -----------------------------------------------------------------------------------

_LINKS = {
    "strategic_plan_link": "Strategic plan",
    "results_framework_link": "Results framework",
    "annual_reports_link": "Annual reports",
    "budget_financial_reporting_link": "Budget and financial reports",
    "transparency_portal_link": "Transparency portal",
    "entity_mandate_registry": "Mandate registry",
    "entity_custom_mandate_registry": "Mandate registry",
    "organizational_chart_link": "Organizational chart",
}


def _entity(entry: Entry, where: Locator) -> Iterator[Item]:
    """An entity's name, acronym and aliases, and a record of its mandate where one is described."""
    name, acronym = _text(entry, "entity_long"), _text(entry, "entity")
    organs = entry.get("un_principal_organ")
    organ = ", ".join(str(one) for one in organs) if isinstance(organs, list) else _text(entry, "un_principal_organ")
    kind = "International Organization" if organ == "Related Organizations" else _UNITED_NATIONS
    short = acronym if _is_acronym(acronym) else ""
    yield OrganisationName(name, name, short, kind)
    aliases = re.split(r"[,;|]", _text(entry, "entity_aliases"))
    for alias in dict.fromkeys(alias.strip() for alias in aliases if alias.strip()):
        yield OrganisationName(alias, name, short, kind)
    told = [
        (heading, _narrative(entry, field))
        for field, heading in (("entity_description", "Description"), ("foundational_mandate", "Foundational mandate"))
    ]
    texts = sections([block for heading, words in told if words for block in (Block(heading, 1), Block(words))])
    if not texts:
        return
    origin = entry.get("foundational_mandate")
    mandate = _OPENING_ADDRESS.search(origin) if isinstance(origin, str) else None
    links = [(title, _address(entry, field)) for field, title in _LINKS.items()]
    links += [("Foundational mandate", mandate[1])] if mandate else []
    website = _address(entry, "entity_link")
    about = (
        ("principal-organ", organ),
        ("category", _text(entry, "category")),
        ("seat", _text(entry, "entity_headquarters")),
    )
    yield Record(
        id=f"un-entity:{acronym or slug(name)}",
        kind=RecordKind.MANDATE,
        title=name,
        locator=where,
        language=texts[0].language,
        texts=texts,
        organisations=(OrganisationMention(Role.REPORTING, name, short, kind=kind),),
        documents=tuple(Document(title, address, "mandate") for title, address in links if address),
        contacts=(Contact(name, website),) if website else (),
        extra=_ENTRY + tuple((field, value) for field, value in about if value),
    )


def _is_acronym(short: str) -> bool:
    """ "UN-OHRLLS" and "UNRoD" are acronyms, "Special-Exp" and "Fifth Committee" are keys of a file."""
    letters = [letter for letter in short if letter.isalpha()]
    return bool(letters) and " " not in short and sum(map(str.isupper, letters)) * 5 >= 3 * len(letters)


# --- the programme budget of the United Nations -----------------------------------------------------------------------

_HEADINGS = {"a/b", "heading", "subprogramme", "heading-sub", "heading-sub-sub", "heading-x", "italic"}
_LABELS = {"table", "figure", "image", "note"}
_RESOURCES = re.compile(r"B\.\s")
_OUTLINE_NUMBER = re.compile(r"(?:[A-Z]|[IVXL]+|\d{1,2})\.\s+")
_PARAGRAPH_NUMBER = re.compile(r"\d{1,2}[A-Z]?\.\d{1,3}\t")


def _budget(value: Entry, _given: Given) -> Iterator[Item]:
    """One entity's part of the programme budget as one record. Tables of posts and money in its part B are left out:
    they say what the entity costs, not what it is for."""
    name, short = _text(value, "entity"), _text(value, "entity_abbrev")
    parts = [part for part in value["content"] if isinstance(part, dict)]
    heading = _OUTLINE_NUMBER.sub("", _text(parts[0], "text"), count=1) if parts else ""
    blocks = [block for part in parts for block in _blocks(part, 1)]
    if blocks and heading and blocks[0].text == heading:
        # The title of the record says it already.
        del blocks[0]
    texts = sections(blocks)
    year = re.search(r"\b(20\d\d)\b", heading)
    if not name or not texts:
        return
    about = (("budget-section", _text(value, "section_title")), ("document", _text(value, "source_file")))
    yield Record(
        id=f"un-programme-budget:{year[1] if year else 'undated'}:{short or slug(name)}",
        kind=RecordKind.MANDATE,
        title=f"{name}: {heading[:1].lower()}{heading[1:]}" if heading else name,
        locator=Locator(f"content of {short or name}"),
        language=texts[0].language,
        texts=texts,
        organisations=(
            OrganisationMention(Role.REPORTING, name, short if _is_acronym(short) else "", kind=_UNITED_NATIONS),
        ),
        extra=(("document-type", "strategic-plan"), *((field, told) for field, told in about if told)),
    )


def _blocks(part: Entry, level: int) -> list[Block]:
    """A heading with all that stands right under it, then the headings below it; nothing where there is no text."""
    own: list[str] = []
    below: list[Block] = []
    resources = level == 1 and bool(_RESOURCES.match(_text(part, "text")))
    _gather(part, own, below, level, tables=not resources)
    if not own and not below:
        return []
    title = _OUTLINE_NUMBER.sub("", _text(part, "text"), count=1)
    return [Block(title, level), *([Block("\n\n".join(own))] if own else []), *below]


def _gather(part: Entry, own: list[str], below: list[Block], level: int, *, tables: bool) -> None:
    if level > guard.MAX_REGISTER_DEPTH:
        return
    for child in part.get("children") or ():
        if not isinstance(child, dict):
            continue
        kind = child.get("block_type")
        if kind in _HEADINGS:
            inner: list[str] = []
            deeper: list[Block] = []
            _gather(child, inner, deeper, level + 1, tables=tables)
            if inner or deeper:
                below.append(Block(_OUTLINE_NUMBER.sub("", _text(child, "text"), count=1), level + 1))
                below += [Block("\n\n".join(inner))] if inner else []
                below += deeper
            continue
        if kind not in _LABELS and (words := guard.one_line(_PARAGRAPH_NUMBER.sub("", str(child.get("text") or "")))):
            own.append(words)
        if tables and isinstance(child.get("table_content"), list):
            own += ["\n".join(rows)] if (rows := _rows(child["table_content"])) else []
        _gather(child, own, below, level + 1, tables=tables)


def _rows(table: list[Any]) -> list[str]:
    """The rows of a table as lines; a cell that spans columns is written in each of them and is kept once."""
    lines = []
    for row in table:
        cells = [_text(cell, "text") for cell in row if isinstance(cell, dict)] if isinstance(row, list) else []
        told = [cell for place, cell in enumerate(cells) if cell and (not place or cell != cells[place - 1])]
        if any(any(map(str.isalpha, cell)) for cell in told):
            lines.append(" | ".join(told))
    return lines


# --- the reader -------------------------------------------------------------------------------------------------------

_LISTS: tuple[tuple[str, str, Callable[[Entry, Locator], Iterator[Item]]], ...] = (
    ("publisher_iati_id", "title", _publisher),
    ("entity", "entity_long", _entity),
)


def _list_reader(value: Any) -> tuple[str, Callable[[Entry, Locator], Iterator[Item]]] | None:
    first = value[0] if isinstance(value, list) and value else None
    if not isinstance(first, dict):
        return None
    return next(((name, read) for key, name, read in _LISTS if key in first and name in first), None)


def _is_budget(value: Any) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("content"), list) or "entity" not in value:
        return False
    return all(isinstance(part, dict) and "block_type" in part for part in value["content"][:1])


def _recognises(value: Any) -> bool:
    return _is_budget(value) or _list_reader(value) is not None


def read_register(path: Path, given: Given) -> Iterator[Item]:
    """Yield names of organisations and records of mandates. Raises `guard.Refused` where the file is no register."""
    value = json_files.load(path)
    if _is_budget(value):
        found = list(_budget(value, given))
        if not found:
            raise guard.refused(path, "the plan holds no entity or no text", "Export it again", element="content")
        yield from found
        return
    reader = _list_reader(value)
    if reader is None:
        mend = "Give a list of publishers or entities, or an entity's part of the programme budget"
        raise guard.refused(path, "JSON of no known register", mend)
    named, read = reader
    for number, entry in enumerate(value, 1):
        where = Locator(f"entry {number}")
        if isinstance(entry, dict) and _text(entry, named):
            yield from read(entry, where)
        else:
            yield Problem(path.name, where.element, 0, "no name; the entry is left out", f"Fill the field {named}")


def _facts(path: Path) -> SourceFacts:
    value = json_files.load(path)
    if _is_budget(value):
        return SourceFacts(Format.MANDATE_REGISTER, _text(value, "entity") or title_of(path), _UNITED_NATIONS)
    return SourceFacts(Format.MANDATE_REGISTER, title_of(path))


READER: Reader[Any] = Reader(Format.MANDATE_REGISTER, _recognises, read_register, _facts)
