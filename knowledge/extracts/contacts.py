"""Where an organisation's office can be reached: its website and the mailboxes of roles, never a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import finding, personal
from knowledge.access import Audience
from knowledge.extracts.fields import load_contacts
from knowledge.finding import Facets, Hit
from knowledge.records import Contact, RecordKind, Role
from knowledge.reply import Evidence
from knowledge.store import models as m
from knowledge.text import fold

_HOLDS_SOME = b'"contacts":[{'
_PERSONAL_PAGE = re.compile(
    r"(?:^|\.)linkedin\.com/(?:in|pub)/|(?:^|\.)facebook\.com/(?:people/|profile\.php)|/~|/(?:people|person|staff|user|users)/",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Office:
    """One address of an organisation, with the newest record that gives it. `times`: how many records give it."""

    organisation: str
    kind: str
    address: str
    hit: Hit
    evidence: Evidence
    times: int


def of_organisations(session: Session, organisations: Sequence[str], audience: Audience) -> dict[str, list[Office]]:
    """Organisation id -> its addresses, those that most records give first.

    An address belongs to who publishes the record, unless the contact names another organisation.
    """
    if not organisations:
        return {}
    facets = Facets(organisations=tuple(organisations), kinds=tuple(RecordKind))
    return _offices(session, facets, set(organisations), audience)


def _offices(session: Session, facets: Facets, wanted: set[str], audience: Audience) -> dict[str, list[Office]]:
    where = finding.clauses(session, facets, audience)
    pks = list(
        session.scalars(
            select(m.RecordRow.pk)
            .where(*where, func.instr(m.RecordRow.body, _HOLDS_SOME) > 0)
            .order_by(m.RecordRow.reported_on.desc(), m.RecordRow.pk)
        )
    )
    hits = {hit.pk: hit for hit in finding.find(session, Facets(kinds=tuple(RecordKind), pks=tuple(pks)), audience)}
    given = load_contacts(session, pks)
    found: dict[str, dict[tuple[str, str], Office]] = {}
    for pk in pks:
        hit = hits[pk]
        for number, contact in enumerate(given[pk]):
            owner = _owner(hit, contact)
            if owner not in wanted:
                continue
            for kind, address in _addresses(contact):
                kept = found.setdefault(owner, {})
                key = (kind, re.sub(r"^https?://(?:www\.)?|/+$", "", address.casefold()))
                known = kept.get(key)
                kept[key] = (
                    Office(owner, kind, known.address, known.hit, known.evidence, known.times + 1)
                    if known
                    else Office(owner, kind, address, hit, _evidence(number, kind, contact), 1)
                )
    return {
        owner: sorted(offices.values(), key=lambda office: (office.kind != "mailbox", -office.times, office.address))
        for owner, offices in found.items()
    }


def _evidence(number: int, kind: str, contact: Contact) -> Evidence:
    address = contact.mailbox if kind == "mailbox" else contact.website
    return Evidence(field=f"contacts/{number}/{kind}", quote=address, start=0, end=len(address))


def _owner(hit: Hit, contact: Contact) -> str:
    """The organisation whose office it is; "" where the contact names one that has no part in the record."""
    if name := fold(contact.organisation):
        for part in hit.organisations:
            if name in (fold(part.written), fold(part.name), fold(part.acronym)):
                return part.organisation
        return ""
    return next((part.organisation for part in hit.organisations if part.role is Role.REPORTING), "")


def _addresses(contact: Contact) -> list[tuple[str, str]]:
    """(kind, address) of what leads to an office: kind is the field it stands in, "website" or "mailbox"."""
    found = []
    if contact.mailbox and personal.is_role_mailbox(contact.mailbox):
        found.append(("mailbox", contact.mailbox))
    if contact.website and is_office_page(contact.website):
        found.append(("website", contact.website))
    return found


def is_office_page(address: str) -> bool:
    """Whether a web address leads to an organisation and not to a person's page."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        return False
    return not _PERSONAL_PAGE.search(f"{parts.hostname}{parts.path}/{'?' + parts.query if parts.query else ''}")
