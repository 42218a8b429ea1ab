"""The conversations of conversations.yml, and what must hold of their answers whatever the channel."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.words import Words, _table
from tests.contract.driving import BASE, Driver, Heard, Person, squeezed

FILE = Path(__file__).with_name("conversations.yml")
_PLURAL = re.compile(r"_(zero|one|two|few|many|other)$")
_EMPTY = "–"
"""What a channel may put into a cell that holds nothing."""
_TELLING = (("channel_here", "channel_told"), ("watch_not_sent", "watch_told_here"), ("told_here", "told_in_chat"))
"""What is said of an alert where nothing is told unasked, and where it is."""


class Expected(BaseModel):
    """What an answer must be. `says` are keys of bot/words whose sentences stand in it, whatever they are filled with;
    `text` stands in it, `absent` does not; `records` are cited; `rows`, `sources` and `pictures` are the least number;
    `buttons` are keys or titles; `status` is the HTTP status of a question without an answer."""

    model_config = ConfigDict(extra="forbid")
    intent: str = ""
    says: list[str] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list)
    absent: list[str] = Field(default_factory=list)
    records: list[str] = Field(default_factory=list)
    rows: int = 0
    sources: int = 0
    pictures: int = 0
    notices: list[str] = Field(default_factory=list)
    buttons: list[str] = Field(default_factory=list)
    status: int = 200


class Turn(BaseModel):
    """`say` a text, so many `times` in one message, or `press` a button: the key of its title, the title, or "#2" for
    the second. `visitor`: what is expected instead where the person can speak for nobody."""

    model_config = ConfigDict(extra="forbid")
    say: str = ""
    times: int = 1
    press: str = ""
    expect: Expected
    visitor: Expected | None = None

    def expected(self, speaks: str) -> Expected:
        return self.expect if speaks or self.visitor is None else self.visitor


class Conversation(BaseModel):
    """`speaks`: for which of MEMBERS, "" for a visitor. `covers`: what it is about."""

    model_config = ConfigDict(extra="forbid")
    name: str
    covers: str
    language: str = "en"
    speaks: str = ""
    turns: list[Turn]


@lru_cache(maxsize=1)
def conversations() -> dict[str, Conversation]:
    """All of them by name."""
    found = [Conversation.model_validate(one) for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))]
    return {one.name: one for one in found}


@dataclass
class Going:
    """A conversation under way: the person, and what they heard last."""

    person: Person
    words: Words
    heard: Heard | None = None

    def take(self, turn: Turn) -> Heard:
        if turn.press:
            assert self.heard is not None
            self.heard = self.person.press(self._title(turn.press, self.heard.buttons))
        else:
            self.heard = self.person.say(turn.say * turn.times)
        return self.heard

    def _title(self, named: str, titles: tuple[str, ...]) -> str:
        return titles[int(named[1:]) - 1] if named.startswith("#") else spelled(self.words, named)


def spelled(words: Words, named: str) -> str:
    """The words of a key, or what is no key as it is."""
    return words(named) if named in _table(words.language) else named


def says(words: Words, key: str, text: str) -> bool:
    """Whether the sentence of `key` stands in the text, in any of its plural forms and whatever it is filled with."""
    table = _table(words.language)
    forms = [table[one] for one in table if one == key or _PLURAL.sub("", one) == key]
    assert forms, f"no words for {key}"
    patterns = [".*".join(map(re.escape, map(squeezed, re.split(r"\{\w+\}", form)))) for form in forms]
    return any(re.search(pattern, squeezed(text)) for pattern in patterns)


def unmet(expected: Expected, heard: Heard, words: Words, *, intent: str, cited: set[str]) -> list[str]:
    """What of `expected` the reference does not hold; `cited` are the records it cites."""
    faults = [f"says no {key}" for key in expected.says if not says(words, key, heard.text)]
    faults += [f"no {text!r}" for text in expected.text if text not in heard.text]
    faults += [f"{text!r} stands in it" for text in expected.absent if text in heard.text]
    faults += [f"{record} is not cited" for record in expected.records if record not in cited]
    titles = [spelled(words, button) for button in expected.buttons]
    faults += [f"no button {title!r}" for title in titles if title not in heard.buttons]
    for name in ("rows", "sources", "pictures"):
        if (found := len(getattr(heard, name))) < getattr(expected, name):
            faults.append(f"{found} {name}")
    if expected.intent and expected.intent != intent:
        faults.append(f"is read as {intent}")
    if expected.notices and list(heard.notices) != expected.notices:
        faults.append(f"notices {heard.notices}")
    if heard.answered != (expected.status == 200):
        faults.append("is no answer" if expected.status == 200 else "is answered")
    if heard.answered and heard.language != words.language:
        faults.append(f"is in {heard.language}")
    return faults


def differing(reference: Heard, heard: Heard, driver: Driver, words: Words) -> list[str]:
    """What a channel does not convey of the reference, or adds to it."""
    if driver.tells:
        reference = _telling(reference, words)
    if heard.answered != reference.answered:
        return [f"answered is {heard.answered}: {heard.text[:200]}"]
    if not reference.answered:
        # Why there is no answer, each channel says in its own words.
        return ([] if heard.text.strip() else ["no reason"]) + (["sources of nothing"] if heard.sources else [])
    faults = _texts(reference.parts, heard.text)
    faults += _each("row", list(map(_row, reference.rows)), list(map(_row, heard.rows)))
    faults += _each("button", list(reference.buttons), list(heard.buttons))
    faults += _each("notice", list(reference.notices), list(heard.notices))
    pictures = list(reference.pictures) if driver.shows_pictures else []
    faults += _each("picture", pictures, list(heard.pictures))
    numbers = [source.number for source in reference.sources]
    faults += _each("source", numbers, [source.number for source in heard.sources])
    for one, other in zip(reference.sources, heard.sources, strict=False):
        if not _same(one.title, other.title):
            faults.append(f"source {one.number} is {other.title!r}, not {one.title!r}")
        if not other.url.endswith(one.url):
            faults.append(f"source {one.number} leads to {other.url!r}, not {one.url!r}")
    if heard.language not in ("", reference.language):
        faults.append(f"language {heard.language}")
    if heard.direction != reference.direction:
        faults.append(f"runs {heard.direction}")
    return faults


def foreign(addresses: list[str], product: str) -> list[str]:
    """Addresses that are not of this installation."""
    ours = (f"{BASE}/", f"{product}/", "/", "#")
    return [one for one in addresses if not one.startswith(ours) or one.startswith("//")]


def _telling(reference: Heard, words: Words) -> Heard:
    """What is said instead where alerts are told unasked."""
    said = {words(here): words(there) for here, there in _TELLING}

    def instead(text: str) -> str:
        for here, there in said.items():
            text = text.replace(here, there)
        return text

    rows = tuple(tuple(map(instead, row)) for row in reference.rows)
    return replace(reference, rows=rows, parts=tuple(map(instead, reference.parts)))


def _texts(parts: tuple[str, ...], text: str) -> list[str]:
    """Parts that are missing or out of order, and what stands between them that is none of them."""
    whole = squeezed(text)
    wanted = [part for part in map(squeezed, parts) if part]
    faults, left, at = [], [], 0
    for part in wanted:
        found = whole.find(part, at)
        if found < 0:
            faults.append(f"does not say {part[:150]!r}{' in its place' if part in whole else ''}")
            continue
        left.append(whole[at:found])
        at = found + len(part)
    left.append(whole[at:])
    for rest in left:
        for part in sorted({*wanted, _EMPTY}, key=len, reverse=True):
            rest = rest.replace(part, "")  # the head of a table that was divided stands there again
        if rest and not faults:
            faults.append(f"adds {rest[:150]!r}")
    return faults


def _row(cells: tuple[str, ...]) -> tuple[str, ...]:
    return tuple("" if squeezed(cell) == _EMPTY else squeezed(cell) for cell in cells)


def _each(what: str, wanted: list[Any], found: list[Any]) -> list[str]:
    if len(wanted) != len(found):
        return [f"{len(found)} of {what}, not {len(wanted)}: {found[:9]} for {wanted[:9]}"]
    return [f"{what} {other!r}, not {one!r}" for one, other in zip(wanted, found, strict=True) if not _same(one, other)]


def _same(one: Any, other: Any) -> bool:
    """Equal; a long text may be shortened where the channel limits its length."""
    if not (isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    one, other = squeezed(one), squeezed(other)
    return one == other or (other.endswith("…") and len(other) > 40 and one.startswith(other[:-1]))
