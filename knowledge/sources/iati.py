"""IATI activity files, 1.01 to 1.05 and 2.01 to 2.03: bytes in, `Record`s and `Problem`s out, in memory that does not
grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from knowledge.records import Item, Locator, Period, Problem, Record, RecordKind
from knowledge.sources import guard
from knowledge.sources.dates import iso_date
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.iati_checks import check
from knowledge.sources.iati_contact import CONTACTS, note_dropped
from knowledge.sources.iati_details import DETAILS
from knowledge.sources.iati_draft import Draft, Element
from knowledge.sources.iati_parts import HANDLERS
from knowledge.sources.iati_places import PLACES, within_the_country
from knowledge.sources.iati_v1 import VERSION_1
from knowledge.sources.iati_xml import elements, prolog_of
from knowledge.sources.making import maker

ROOT = "iati-activities"
ACTIVITY = "iati-activity"
_record, _locator, _period = maker(Record), maker(Locator), maker(Period)
_VERSION_2 = HANDLERS | PLACES | DETAILS | CONTACTS
_VERSION_1 = _VERSION_2 | VERSION_1


def read_activities(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a `Record` per activity, and a `Problem` for each bad element.

    Raises `guard.Refused` before, or in the middle of, a file that is no well-formed IATI: what was yielded before must
    then be dropped.
    """
    prolog = prolog_of(path, ROOT, "an IATI activity file")
    old, problems = version_of(path, prolog)
    yield from problems
    for number, element in enumerate(elements(path, prolog, ACTIVITY), 1):
        draft = draft_of(element, path.name, number, old)
        if draft.problems:
            yield from draft.problems
        if not draft.identifier:
            yield _left_out(draft, "no iati-identifier", "Give the activity its identifier")
        else:
            yield record_of(draft, element)


def version_of(path: Path, prolog: guard.Prolog) -> tuple[bool, list[Problem]]:
    """(whether a file is of IATI 1.0x, what is wrong with its first line)."""
    version = prolog.attributes.get("version", "").strip()
    problems = []
    if not version.startswith(("1.", "2.")) and version not in ("1", "2"):
        reason = f"version {guard.one_line(version)[:20]!r} is not 1.0x or 2.0x; read as 2.03"
        problems.append(Problem(path.name, prolog.root, 1, reason, 'Write version="2.03"'))
    if prolog.encoding:
        reason = f"declares {prolog.declared} but is UTF-8; read as UTF-8"
        problems.append(Problem(path.name, prolog.root, 1, reason, 'Write encoding="UTF-8"'))
    return version.startswith("1"), problems


def _left_out(draft: Draft, reason: str, mend: str) -> Problem:
    return Problem(draft.file, draft.label, draft.line, f"{reason[:200]}; the activity is left out", mend)


def draft_of(element: Element, file: str, number: int, old: bool = False) -> Draft:
    if (version := element.get("version")) is not None:
        old = version.strip().startswith("1")
    draft = Draft(file, f"iati-activity[{number}]", element, old=old)
    if len(element.attrib) > guard.MAX_ATTRIBUTES:
        draft.problem(element, f"{len(element.attrib)} attributes; the activity is left out", "Check the export")
        return draft
    handler_of = (_VERSION_1 if old else _VERSION_2).get
    for child in element[:]:
        handler = handler_of(child.tag)
        if handler is not None:
            handler(draft, child)
    return draft


def record_of(draft: Draft, element: Element) -> Record:
    reported_on = None
    if updated := element.get("last-updated-datetime"):
        reported_on = iso_date(updated)
    check(draft)
    note_dropped(draft)
    for name in ("humanitarian", "hierarchy", "linked-data-uri"):
        if (value := element.get(name)) and (value := guard.one_line(value)):
            draft.extra.append((name, value))
    dates = draft.dates.get
    return _record(
        id=draft.identifier,
        kind=RecordKind.ACTIVITY,
        title=draft.title or draft.identifier,
        locator=_locator(draft.label, draft.line),
        language=draft.language,
        texts=tuple(draft.texts),
        organisations=tuple(draft.organisations),
        places=within_the_country(draft),
        themes=tuple(draft.themes.values()),
        period=_period(dates("planned_start"), dates("actual_start"), dates("planned_end"), dates("actual_end")),
        status=draft.status,
        reported_on=reported_on,
        secondary_reporter=draft.secondary,
        money=tuple(draft.money),
        links=tuple(draft.links),
        indicators=tuple(draft.indicators),
        documents=tuple(draft.documents),
        contacts=tuple(draft.contacts),
        notes=tuple(draft.notes),
        extra=tuple(draft.extra),
    )


def first(element: Element, tag: str) -> Element | None:
    """The first child of that name."""
    return next((child for child in element[:] if child.tag == tag), None)


def publisher_of(element: Element) -> str:
    """Who reports an activity or an organisation: the name, else the ref."""
    reporting = first(element, "reporting-org")
    if reporting is None:
        return ""
    return Draft("", "", element).words(reporting) or guard.one_line(reporting.get("ref") or "")


def _facts(path: Path) -> SourceFacts:
    prolog = guard.xml_prolog(path)
    generated = iso_date(prolog.attributes.get("generated-datetime", ""))
    publisher, latest = "", None
    for element in elements(path, prolog, ACTIVITY):
        publisher = publisher or publisher_of(element)
        if publisher and generated:
            break
        updated = iso_date(element.get("last-updated-datetime") or "")
        latest = max(filter(None, (latest, updated)), default=None)
    title = f"IATI activities of {publisher}" if publisher else title_of(path)
    return SourceFacts(Format.IATI_ACTIVITY, title, publisher, generated or latest)


READER: Reader[str] = Reader(Format.IATI_ACTIVITY, lambda root: root == ROOT, read_activities, _facts)
