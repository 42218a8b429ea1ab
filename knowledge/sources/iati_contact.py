"""`contact-info`: the office's website and the mailbox of a role. All that leads to a person is counted and dropped."""

from __future__ import annotations

import re
from functools import lru_cache

from knowledge import personal
from knowledge.records import Contact
from knowledge.sources.guard import one_line
from knowledge.sources.iati_draft import Draft, Element, Handler

_PERSONAL = {
    "person-name": personal.NAME,
    "telephone": personal.PHONE,
    "mailing-address": personal.ADDRESS,
}
_MAILBOX = re.compile(r"[\w.+'-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}")
_WEBSITE = re.compile(r"(?:https?://)?(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}(?:[:/?#][^\s<>\"'@]{0,500})?", re.IGNORECASE)


@lru_cache(maxsize=4_096)
def mailbox_of(text: str) -> tuple[str, int]:
    """(the first mailbox of a role in an `email`, how many others stand there)."""
    addresses = [address.strip("<>()") for address in re.split(r"[\s,;/]+", text) if "@" in address]
    roles = [a.lower() for a in addresses if _MAILBOX.fullmatch(a) and personal.is_role_mailbox(a)]
    return (roles[0] if roles else "", len(addresses) - len(roles) if addresses else int(bool(text)))


@lru_cache(maxsize=4_096)
def website_of(text: str) -> str:
    """A web address, with a scheme; empty where it is none."""
    if not _WEBSITE.fullmatch(text):
        return ""
    return text if text.lower().startswith(("http://", "https://")) else f"https://{text}"


def _contact_info(draft: Draft, element: Element) -> None:
    organisation = website = mailbox = ""
    for child in element[:]:
        tag = child.tag
        if tag == "organisation":
            organisation = draft.better(organisation, child)
        elif tag == "website":
            website = website or website_of(one_line(child.text or ""))
        elif tag == "email":
            found, others = mailbox_of(one_line(child.text or ""))
            mailbox = mailbox or found
            draft.dropped[personal.MAIL] += others
        elif isinstance(tag, str) and tag in _PERSONAL and draft.words(child):
            draft.dropped[_PERSONAL[tag]] += 1
    if website or mailbox:
        draft.contacts[Contact(organisation, website, mailbox)] = None


def note_dropped(draft: Draft) -> None:
    """Say in a note how much was dropped, and never what."""
    if draft.dropped.total():
        draft.notes.append(personal.note(draft.dropped))


CONTACTS: dict[object, Handler] = {"contact-info": _contact_info}
