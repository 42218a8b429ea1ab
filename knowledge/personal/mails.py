"""Mail addresses of persons, and the names that stand before them. Those of an office stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.personal.names import PERSON, WORD, person
from knowledge.personal.words import MAIL, NAME, Found, lexicon
from knowledge.text import fold_word

_AT = r" ?(?:@|[\[(]at[\])])"
_DOT = r"(?:\.| ?[\[(]dot[\])] ?)"
_MAIL = re.compile(rf"(?<![\w.+-])\w[\w.+'-]{{0,63}}{_AT} ?((?:[\w-]{{1,63}}{_DOT}){{1,6}}[^\W\d_]{{2,24}})(?![\w@])")
_LOCAL = re.compile(r"[^\W\d_]+")
_NAME_THEN_MAIL = re.compile(rf"({PERSON.pattern})(?:'s)?[\s,:;(<\[–-]{{1,4}}(?:e-?mail:? ?)?$")


def is_role_mailbox(address: str) -> bool:
    """Whether a mail address is an office's: "info@", "kenya.office@", "unicef@unicef.org"."""
    local, _, domain = address.partition("@")
    words = lexicon()
    parts = [fold_word(part) for part in _LOCAL.findall(local)]
    domains = {fold_word(part) for part in _LOCAL.findall(domain)}
    own = words.mailboxes | words.countries | domains
    return bool(parts) and all(part in own for part in parts)


def mails(text: str) -> Iterator[Found]:
    for mail in _MAIL.finditer(text):
        local = re.split(_AT, mail.group(), maxsplit=1)[0]
        if is_role_mailbox(f"{local}@{mail.group(1)}"):
            continue
        yield Found(mail.start(), mail.end(), MAIL)
        start = max(0, mail.start() - 70)
        if (named := _NAME_THEN_MAIL.search(text[start : mail.start()])) is not None:
            at = start + named.start(1)
            shift = _owner(named.group(1), local)
            if shift >= 0 and (end := person(text, at + shift, sure=True)) > at + shift:
                yield Found(at + shift, end, NAME)


def _owner(name: str, local: str) -> int:
    """Where in `name` the person begins whose mail it may be: at the first word that the address repeats."""
    address = fold_word(local)
    for word in WORD.finditer(name):
        form = fold_word(word.group())
        if len(form) > 2 and form in address:
            opening = name[: word.start()].rstrip()
            before = re.search(r"\S+$", opening)
            # the surname alone is repeated: the word before it is the first name
            repeated_later = any(
                len(later.group()) > 2 and fold_word(later.group()) in address
                for later in WORD.finditer(name, word.end())
            )
            return before.start() if before and not repeated_later else word.start()
    return 0
