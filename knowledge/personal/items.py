"""Personal data out of what readers yield, whatever their format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from typing import Any, cast

from knowledge.personal import MAIL, MARK, NOTE, counts_of, find, is_role_mailbox, note, scrub, without
from knowledge.records import Contact, Document, Item, OrganisationName, Problem, Record

_SEEN_AT_MOST = 200_000
_PROSE_EXTRAS = frozenset({"location-description"})
_NEVER_TEXT = frozenset({"id", "kind", "locator", "notes", "contacts"})


class Scrubber:
    """Takes personal data out of items. It remembers which texts were clean: files repeat their texts over and over."""

    def __init__(self) -> None:
        self._clean: dict[bool, set[int]] = {True: set(), False: set()}

    def items(self, items: Iterable[Item]) -> Iterator[Item]:
        """The same items without personal data; a record that had some carries a note that counts it by kind."""
        for item in items:
            match item:
                case Record():
                    yield self.record(item)
                case Problem():
                    yield replace(item, reason=scrub(item.reason)[0], element=scrub(item.element, prose=False)[0])
                case OrganisationName():
                    # a name is kept whole or not at all: half a name links to nobody
                    if not find(f"{item.name}\n{item.canonical}", prose=False):
                        yield item
                case _:
                    yield item

    def record(self, record: Record) -> Record:
        found: dict[str, str] = {}
        values: set[tuple[str, str]] = set()
        for prose, texts in ((True, _prose(record)), (False, _fields(record))):
            clean = self._clean[prose]
            for text in texts:
                if (key := hash(text)) in clean:
                    continue
                if text not in found:
                    if here := find(text, prose=prose):
                        found[text] = without(text, here)
                        values.update((one.kind, text[one.start : one.end]) for one in here)
                        continue
                    if len(clean) >= _SEEN_AT_MOST:
                        clean.clear()
                    clean.add(key)
        # what a reader puts into two fields was published once
        counts = Counter(kind for kind, _ in values)
        contacts = tuple(filter(None, (_office(contact, counts) for contact in record.contacts)))
        documents = tuple(document for document in record.documents if not _personal_address(document, counts))
        if not counts:
            return record
        counts += counts_of(record.notes)
        notes = (*(one for one in record.notes if one.code != NOTE), note(counts))
        changed = cast(Record, _replaced(record, found)) if found else record
        organisations = tuple(o for o in changed.organisations if o.name != MARK or o.ref)
        if found:
            documents = tuple(_replaced(document, found) for document in documents)
            contacts = tuple(_replaced(contact, found) for contact in contacts)
        return replace(changed, notes=notes, contacts=contacts, documents=documents, organisations=organisations)


def scrubbed(items: Iterable[Item]) -> Iterator[Item]:
    """What a reader yields, without personal data."""
    return _shared().items(items)


@lru_cache(maxsize=1)
def _shared() -> Scrubber:
    return Scrubber()


def _prose(record: Record) -> set[str]:
    found = {record.title}
    for text in record.texts:
        found.add(text.text)
        found.add(text.heading)
    for indicator in record.indicators:
        found.update((indicator.result, indicator.title, indicator.comment))
    found.update([document.title for document in record.documents])
    found.update([value for name, value in record.extra if name in _PROSE_EXTRAS])
    return found


def _fields(record: Record) -> set[str]:
    found = {organisation.name for organisation in record.organisations}
    found.update([organisation.acronym for organisation in record.organisations])
    for place in record.places:
        found.add(place.site)
        found.update(place.names)
    found.update([theme.name for theme in record.themes])
    found.update([money.provider for money in record.money])
    found.update([money.receiver for money in record.money])
    for indicator in record.indicators:
        found.add(indicator.unit)
        found.update([value for value in (indicator.baseline, indicator.target, indicator.actual) if "@" in value])
    found.update([figure.group for figure in record.figures])
    found.update([value for name, value in record.extra if name not in _PROSE_EXTRAS])
    found.update([contact.organisation for contact in record.contacts])
    found.add(record.status)
    return found


def _replaced(value: Any, found: dict[str, str]) -> Any:
    """The value with every text in it that is a key of `found` exchanged for what it maps to."""
    if isinstance(value, str):
        return found.get(str(value), value)
    if isinstance(value, tuple):
        return tuple(_replaced(one, found) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {
            field.name: new
            for field in fields(value)
            if not (isinstance(value, Record) and field.name in _NEVER_TEXT)
            and (new := _replaced(old := getattr(value, field.name), found)) != old
        }
        return replace(value, **changes) if changes else value
    return value


def _office(contact: Contact, counts: Counter[str]) -> Contact | None:
    """The contact without a mailbox that may be a person's; None where nothing to turn to is left."""
    if contact.mailbox and not is_role_mailbox(contact.mailbox):
        counts[MAIL] += 1
        contact = replace(contact, mailbox="")
    if contact.website and find(contact.website, prose=False):
        counts[MAIL] += 1
        contact = replace(contact, website="")
    return contact if contact.mailbox or contact.website else None


def _personal_address(document: Document, counts: Counter[str]) -> bool:
    """Whether the web address of a document carries somebody's mail address; such a document is left out."""
    if "@" not in document.url or not find(document.url, prose=False):
        return False
    counts[MAIL] += 1
    return True
