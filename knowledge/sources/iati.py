"""IATI 2.0x activity files: bytes in, `Record`s and `Problem`s out, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import BinaryIO, cast

from lxml import etree

from knowledge.records import Item, Locator, Period, Problem, Record, RecordKind
from knowledge.sources import guard
from knowledge.sources.dates import iso_date
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.iati_checks import check
from knowledge.sources.iati_details import DETAILS
from knowledge.sources.iati_draft import XML_LANG, Draft, Element, line_of
from knowledge.sources.iati_parts import HANDLERS, within_the_country

ROOT = "iati-activities"
_READERS = HANDLERS | DETAILS


def read_activities(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a `Record` per activity, and a `Problem` for each bad element.

    Raises `guard.Refused` before, or in the middle of, a file that is no well-formed IATI 2.0x: what was yielded before
    must then be dropped.
    """
    guard.check_file(path, guard.MAX_XML_BYTES)
    prolog = guard.xml_prolog(path)
    if prolog.root != ROOT:
        raise guard.refused(
            path, f"the root element is {prolog.root}, not {ROOT}", "Give an IATI activity file", line=1
        )
    version = prolog.attributes.get("version", "").strip()
    if version.startswith("1."):
        raise guard.refused(
            path, f"IATI {version} is not read yet", "Publish it as IATI 2.03 (convert with the IATI tools)"
        )
    if not version.startswith("2."):
        yield Problem(path.name, ROOT, 1, f"version {version!r} is not 2.0x; read as 2.03", 'Write version="2.03"')
    if prolog.encoding:
        yield Problem(
            path.name, ROOT, 1, f"declares {prolog.declared} but is UTF-8; read as UTF-8", 'Write encoding="UTF-8"'
        )
    today = iso_date(prolog.attributes.get("generated-datetime", "")) or date.today()
    seen: set[str] = set()
    for number, element in enumerate(elements(path, prolog.encoding), 1):
        draft = draft_of(element, path.name, number)
        yield from draft.problems
        if not draft.identifier:
            yield _left_out(draft, "no iati-identifier", "Give the activity its identifier")
        elif draft.identifier in seen:
            yield _left_out(draft, f"{draft.identifier} stands in the file already", "Keep one of the two")
        else:
            seen.add(draft.identifier)
            yield record_of(draft, element, today)


def _left_out(draft: Draft, reason: str, mend: str) -> Problem:
    return Problem(draft.file, draft.label, draft.line, f"{reason}; the activity is left out", mend)


def elements(path: Path, encoding: str | None) -> Iterator[Element]:
    """Each activity element, whole; forgotten as soon as the next one is asked for."""
    with guard.opened(path) as file:
        bounded = guard.BoundedReader(file, path)
        events = etree.iterparse(
            cast(BinaryIO, bounded),
            events=("end",),
            tag="iati-activity",
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_blank_text=True,
            remove_comments=True,
            remove_pis=True,
            collect_ids=False,
            huge_tree=False,
        )
        try:
            for _, element in events:
                bounded.mark()
                yield cast(Element, element)
                # the element itself must stay until the parser has moved on; what is in it and before it can go
                element.clear(keep_tail=False)
                parent = element.getparent()
                while parent is not None and element.getprevious() is not None:
                    del parent[0]
        except etree.XMLSyntaxError as error:
            _broken(path, error)


def _broken(path: Path, error: etree.XMLSyntaxError) -> None:
    line, column = error.position
    declared = guard.xml_prolog(path).declared
    if (bad := guard.bad_byte(path, declared)) and bad[0] <= line + 1:
        raise guard.refused(
            path,
            f"byte 0x{bad[1]:02X} is not {declared or 'UTF-8'}, which the file says it is",
            "Save it as UTF-8, or declare the encoding it really has",
            line=bad[0],
        )
    words = (error.msg or "not well-formed").split(", line ")[0]
    raise guard.refused(
        path,
        f"broken XML at column {column}: {words}; nothing of the file was kept",
        "Mend that line, or export the file again",
        line=line,
    )


def draft_of(element: Element, file: str, number: int) -> Draft:
    language = (element.get(XML_LANG) or "").strip().lower()
    draft = Draft(file, f"iati-activity[{number}]", line_of(element), language, element.get("default-currency") or "")
    if len(element.attrib) > guard.MAX_ATTRIBUTES:
        draft.problem(element, f"{len(element.attrib)} attributes; the activity is left out", "Check the export")
        return draft
    for child in element[:]:
        handler = _READERS.get(child.tag)
        if handler is not None:
            handler(draft, child)
    return draft


def record_of(draft: Draft, element: Element, today: date) -> Record:
    reported_on = None
    if updated := element.get("last-updated-datetime"):
        reported_on = iso_date(updated)
    check(draft, reported_on or today)
    for name in ("humanitarian", "hierarchy", "linked-data-uri"):
        if value := guard.one_line(element.get(name) or ""):
            draft.extra.append((name, value))
    return Record(
        id=draft.identifier,
        kind=RecordKind.ACTIVITY,
        title=draft.title or draft.identifier,
        locator=Locator(draft.label, draft.line),
        language=draft.language,
        texts=tuple(draft.texts),
        organisations=tuple(draft.organisations),
        places=tuple(within_the_country(draft)),
        themes=tuple(draft.themes),
        period=Period(**draft.dates),
        status=draft.status,
        reported_on=reported_on,
        secondary_reporter=draft.secondary,
        money=tuple(draft.money),
        links=tuple(draft.links),
        indicators=tuple(draft.indicators),
        documents=tuple(draft.documents),
        notes=tuple(draft.notes),
        extra=tuple(draft.extra),
    )


def _first(element: Element, tag: str) -> Element | None:
    return next((child for child in element[:] if child.tag == tag), None)


def _facts(path: Path) -> SourceFacts:
    generated = iso_date(guard.xml_prolog(path).attributes.get("generated-datetime", ""))
    publisher, latest = "", None
    for element in elements(path, None):
        if not publisher and (reporting := _first(element, "reporting-org")) is not None:
            publisher = Draft(path.name, "", 0, "", "").words(reporting) or guard.one_line(reporting.get("ref") or "")
        if publisher and generated:
            break
        updated = iso_date(element.get("last-updated-datetime") or "")
        latest = max(filter(None, (latest, updated)), default=None)
    title = f"IATI activities of {publisher}" if publisher else title_of(path)
    return SourceFacts(Format.IATI_ACTIVITY, title, publisher, generated or latest)


READER: Reader[str] = Reader(Format.IATI_ACTIVITY, lambda root: root == ROOT, read_activities, _facts)
