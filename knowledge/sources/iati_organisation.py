"""IATI organisation files, 1.0x and 2.0x: one `Record` of kind organisation with budgets, spending and documents."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from knowledge.records import Item, Locator, OrganisationMention, Problem, Record, RecordKind, Role
from knowledge.sources import guard
from knowledge.sources.dates import iso_date
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.iati import first, publisher_of, version_of
from knowledge.sources.iati_details import document_link, in_period, money
from knowledge.sources.iati_draft import Draft, Element, Handler, code_of, short
from knowledge.sources.iati_parts import identifier, note_secondary, organisation, title
from knowledge.sources.iati_places import country, region
from knowledge.sources.iati_v1 import named_again
from knowledge.sources.iati_xml import elements, prolog_of

ROOT = "iati-organisations"
ORGANISATION = "iati-organisation"


def read_organisations(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a `Record` per organisation, and a `Problem` for each bad element.

    Raises `guard.Refused` as `iati.read_activities` does.
    """
    prolog = prolog_of(path, ROOT, "an IATI organisation file")
    old, problems = version_of(path, prolog)
    yield from problems
    identified = False
    for number, element in enumerate(elements(path, prolog, ORGANISATION), 1):
        draft = _draft_of(element, path.name, number, old)
        yield from draft.problems
        if not draft.identifier:
            yield _left_out(draft, "no organisation-identifier", "Give the organisation its identifier")
        else:
            identified = True
            yield _record_of(draft, element)
    if not identified:
        raise guard.refused(path, "no iati-organisation with an identifier", "Give an IATI organisation file with one")


def _left_out(draft: Draft, reason: str, mend: str) -> Problem:
    return Problem(draft.file, draft.label, draft.line, f"{reason[:200]}; the organisation is left out", mend)


def _draft_of(element: Element, file: str, number: int, old: bool) -> Draft:
    draft = Draft(file, f"{ORGANISATION}[{number}]", element, old=old)
    if len(element.attrib) > guard.MAX_ATTRIBUTES:
        draft.problem(element, f"{len(element.attrib)} attributes; the organisation is left out", "Check the export")
        return draft
    for child in element[:]:
        handler = HANDLERS.get(child.tag)
        if handler is not None:
            handler(draft, child)
    return draft


def _name(draft: Draft, element: Element) -> None:
    (named_again if draft.old else title)(draft, element)


def _total_budget(draft: Draft, element: Element) -> None:
    in_period(draft, element, "total-budget")


def _total_expenditure(draft: Draft, element: Element) -> None:
    in_period(draft, element, "total-expenditure")


def _recipient_budget(draft: Draft, element: Element) -> None:
    """A budget for one country, region or organisation: the receiver is a country's code, or a name, or a ref."""
    parts: dict[object, Element] = {child.tag: child for child in element[:]}
    kind = str(element.tag)
    receiver = ""
    recipient = parts.get(kind.removesuffix("-budget"))
    if recipient is not None:
        if kind == "recipient-country-budget":
            country(draft, recipient)
            receiver = code_of(recipient).upper() or draft.words(recipient)
        elif kind == "recipient-region-budget":
            region(draft, recipient)
            receiver = draft.words(recipient) or code_of(recipient)
        else:
            receiver = draft.words(recipient) or short(recipient.get("ref"))
    money(draft, element, kind, parts.get("value"), parts.get("period-start"), parts.get("period-end"), to=receiver)


HANDLERS: dict[object, Handler] = {
    "organisation-identifier": identifier,
    # 1.0x
    "iati-identifier": identifier,
    "name": _name,
    "total-budget": _total_budget,
    "total-expenditure": _total_expenditure,
    "recipient-org-budget": _recipient_budget,
    "recipient-country-budget": _recipient_budget,
    "recipient-region-budget": _recipient_budget,
    "document-link": document_link,
}


def _record_of(draft: Draft, element: Element) -> Record:
    reporter = first(element, "reporting-org")
    _whose(draft, reporter)
    if not draft.title:
        draft.note("missing-title", "no name: give the organisation its name")
    return Record(
        id=f"organisation-file:{draft.identifier}",
        kind=RecordKind.ORGANISATION,
        title=draft.title or draft.identifier,
        locator=Locator(draft.label, draft.line),
        language=draft.language,
        texts=tuple(draft.texts),
        organisations=tuple(draft.organisations),
        places=tuple(draft.places.values()),
        reported_on=iso_date(element.get("last-updated-datetime") or ""),
        secondary_reporter=draft.secondary,
        money=tuple(draft.money),
        documents=tuple(draft.documents),
        notes=tuple(draft.notes),
        extra=tuple(draft.extra),
    )


def _whose(draft: Draft, reporter: Element | None) -> None:
    """The organisation itself, which a file of several (the funds of a bank) may let another one report."""
    if reporter is None:
        draft.organisations.append(OrganisationMention(Role.REPORTING, draft.title, "", draft.identifier))
        return
    note_secondary(draft, reporter)
    ref = short(reporter.get("ref"))
    if ref in ("", draft.identifier):
        organisation(draft, reporter, "", ref=draft.identifier, name=draft.title)
        return
    draft.organisations.append(OrganisationMention(Role.REPORTING, draft.title, "", draft.identifier))
    draft.extra.append(("reported-by", f"{ref} {draft.words(reporter)}".strip()))


def _facts(path: Path) -> SourceFacts:
    prolog = guard.xml_prolog(path)
    generated = iso_date(prolog.attributes.get("generated-datetime", ""))
    publisher, latest = "", None
    for element in elements(path, prolog, ORGANISATION):
        publisher = publisher or publisher_of(element)
        updated = iso_date(element.get("last-updated-datetime") or "")
        latest = max(filter(None, (latest, updated)), default=None)
    title_ = f"IATI organisation file of {publisher}" if publisher else title_of(path)
    return SourceFacts(Format.IATI_ORGANISATION, title_, publisher, generated or latest)


READER: Reader[str] = Reader(Format.IATI_ORGANISATION, lambda root: root == ROOT, read_organisations, _facts)
