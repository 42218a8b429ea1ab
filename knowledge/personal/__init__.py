"""Personal data in free text: what it is known by, and its replacement by a neutral mark.

A mailbox of a role and a website stay, and so does an organisation, a place or a building that is named after somebody.
What is doubtful and may be a person's is left out: a mail address of unknown kind is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from knowledge.personal.mails import is_role_mailbox, mails
from knowledge.personal.names import after_dashes, after_honorifics, after_labels, signatures
from knowledge.personal.numbers import numbers
from knowledge.personal.words import (
    ACCOUNT,
    ADDRESS,
    DASHES,
    HANDLE,
    IDENTITY,
    KINDS,
    MAIL,
    NAME,
    PHONE,
    Found,
    lexicon,
)
from knowledge.records import Note

__all__ = [
    "ACCOUNT",
    "ADDRESS",
    "HANDLE",
    "IDENTITY",
    "KINDS",
    "MAIL",
    "MARK",
    "NAME",
    "NOTE",
    "PHONE",
    "Found",
    "counts_of",
    "find",
    "is_role_mailbox",
    "note",
    "scrub",
    "without",
]

MARK = "[left out]"
NOTE = "personal-data"

_PLURALS = {kind: f"{kind}{'es' if kind.endswith('s') else 's'}" for kind in KINDS}
_COUNTED = re.compile(rf"(\d+) ({'|'.join(sorted((*_PLURALS.values(), *KINDS), key=len, reverse=True))})")


def note(counts: Counter[str]) -> Note:
    """What the publisher of a record is told: kinds and numbers, never a value."""
    said = ", ".join(
        f"{counts[kind]} {kind if counts[kind] == 1 else _PLURALS[kind]}" for kind in KINDS if counts[kind]
    )
    return Note(
        NOTE, f"personal data was left out ({said}): publish the office's website or the mailbox of a role instead"
    )


def counts_of(notes: Iterable[Note]) -> Counter[str]:
    """The numbers by kind that notes made by `note` tell."""
    singular = {plural: kind for kind, plural in _PLURALS.items()}
    found: Counter[str] = Counter()
    for one in notes:
        if one.code == NOTE:
            for number, kind in _COUNTED.findall(one.text):
                found[singular.get(kind, kind)] += int(number)
    return found


def scrub(text: str, *, prose: bool = True) -> tuple[str, Counter[str]]:
    """The text with personal data replaced by `MARK`, and how many of each kind were.

    `prose` is False for names, codes and other short fields, where digits without a label are no phone number.
    """
    found = find(text, prose=prose)
    return (without(text, found), Counter(one.kind for one in found)) if found else (text, Counter())


def without(text: str, found: Iterable[Found]) -> str:
    """The text with what `find` found in it replaced by `MARK`."""
    pieces, at = [], 0
    for start, end, _ in found:
        pieces += [text[at:start], MARK]
        at = end
    pieces.append(text[at:])
    return _REPEATED.sub(MARK, "".join(pieces))


_REPEATED = re.compile(r"\[left out\](?:[\s,;/|<>()&-]{1,4}\[left out\][)>]?)+")


def find(text: str, *, prose: bool = True) -> list[Found]:
    """Stretches of personal data in order, none within another."""
    found: list[Found] = []
    if "@" in text or "(at)" in text or "[at]" in text:
        found += mails(text)
    # nearly all texts end here: reading them again and again for each kind would cost more than parsing their XML
    typed = text.replace(" :", ":").replace(":", ": ").split() if ":" in text else text.split()
    words = lexicon()
    signals = words.signals.intersection(typed) if not words.signals.isdisjoint(typed) else _NONE
    if not signals.isdisjoint(words.number_signals) or "+" in text or (prose and _may_be_local(text)):
        found += numbers(text, prose)
    if not signals:
        return _apart(found) if found else found
    if not signals.isdisjoint(DASHES):
        found += after_dashes(text)
    if not signals.isdisjoint(words.label_signals):
        found += after_labels(text)
        found += signatures(text)
    if not signals.isdisjoint(words.titles):
        found += after_honorifics(text)
    return _apart(found) if found else found


_NONE: frozenset[str] = frozenset()
_LOCAL_OPENING = re.compile(r"(?<!\S)\(?0\d{1,4}[ )-]")


def _may_be_local(text: str) -> bool:
    return (" 0" in text or text.startswith("0")) and _LOCAL_OPENING.search(text) is not None


def _apart(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end:
            kept[-1] = kept[-1]._replace(end=one.end)
    return kept
