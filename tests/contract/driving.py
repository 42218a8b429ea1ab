"""What the contract suite needs of a channel: somebody who writes and presses buttons there, and what they get to see.

Each channel has a module beside this one (rest.py, slack.py, teams.py, widget.py) with one function:

    @contextmanager
    def side(browser: Callable[[], Browser]) -> Iterator[Side]

`browser()` gives the Chromium of the test run; only a channel that needs one calls it. A side runs before the product
does, since the product is told where it is; its driver is made when the product answers.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

BASE = "https://ground.example"
"""The public address of the installation (setting public_url), which all links of chat channels begin with."""
WAIT = 60.0
"""Seconds after which a person gives up on an answer."""

_UNSEEN = re.compile("[\\s\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Product:
    """The running application. `url` is its loopback address without a slash at the end, `home` its folder."""

    url: str
    home: Path


@dataclass(frozen=True)
class Source:
    """One line of the list of sources. `url` as it stands there, whole or a path; "" where the title is no link."""

    number: int
    title: str
    url: str = ""


@dataclass(frozen=True)
class Heard:
    """What a person sees of one answer, all its pages together, read back from what the channel was really sent.

    text: everything that can be read, in order: paragraphs, headings, list entries, captions and cells of tables (head
        first, row by row), quotations, notices. A citation stands as "[3]" where its mark stands. Without the list of
        sources, without buttons, without what the channel says around every answer; white space is not compared.
    rows: the rows of all tables in order, without their heads; a cell is its text with its citations as "[3]". A table
        that had to be divided is one after the other.
    sources: the list of sources, each number once, in ascending order.
    links: every address in the answer, also those behind marks and sources.
    buttons: titles of the next questions, in order. Not those that turn a page, share, keep, copy or judge.
    pictures: their alternative texts, in order.
    notices: "info", "warning" or "error", one for each notice, in order.
    language: two letters; "" where the channel has no way to tell it.
    direction: "ltr" or "rtl", as the text is shown.
    pages: how many messages or screens the answer came in.
    answered: False where the reply only says why there is no answer (too long, too many, something is down).
    progress: the words that were shown while the answer was on its way, "" where it came at once or none were seen.
    """

    text: str
    rows: tuple[tuple[str, ...], ...] = ()
    sources: tuple[Source, ...] = ()
    links: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    language: str = ""
    direction: str = "ltr"
    pages: int = 1
    answered: bool = True
    progress: str = ""
    parts: tuple[str, ...] = field(default=(), repr=False)
    """Of the reference alone: each paragraph, entry, cell, quotation and notice of `text` by itself."""


class Person(Protocol):
    """Somebody in one conversation. Each of these returns what they see when it is complete (at most WAIT seconds), and
    fails with AssertionError where nothing comes, or where the far side refused what was sent."""

    def say(self, text: str) -> Heard:
        """Sends a message as this person would type it: to us alone, or naming us where others are."""

    def press(self, title: str) -> Heard:
        """Presses the button of that title under the latest answer."""

    def rate(self, *, good: bool, reason: str = "") -> str:
        """Judges the latest answer by the channel's own means; `reason` goes into its form where it is bad. What the
        person is told then."""


class Driver(Protocol):
    """`name` as tests are named. `knows_members`: people can speak for an organisation here; where they cannot, all of
    them are visitors. `shows_pictures`: pictures of answers are shown, not only the tables beside them. `tells`: what
    an alert finds is told unasked in the conversation where it was set. `hears_visitors`: what visitors say of
    an answer is kept for the operator; elsewhere they are told who may have something kept."""

    name: str
    knows_members: bool
    shows_pictures: bool
    tells: bool
    hears_visitors: bool

    def person(self, speaks: str = "") -> Person:
        """A person in a new conversation. A visitor (`speaks` "") is somebody nobody has heard of before; `speaks` is
        one of MEMBERS, and asked for only where `knows_members`: that may be the same person each time."""

    def addresses(self) -> list[str]:
        """Every address that left the product so far: in messages, and those that a browser went to for them."""


class Side(Protocol):
    """The far side of a channel, running. `settings`: what the product has to be told, by the names of the fields of
    `knowledge.settings.Settings` ("slack_api_url"); public_url is given to all."""

    settings: dict[str, str]

    def driver(self, product: Product) -> AbstractContextManager[Driver]:
        """One after the other for several products, never for two at once."""


MEMBERS = ("Bridgewell Relief", "Lanternway International")
"""Organisations for which people of the suite speak. Slack has one workspace in which named people speak for them
("T0TEAM001/UMEMBER0=Bridgewell Relief"), Teams does it as its settings can."""


def squeezed(text: str) -> str:
    """The text without white space and without marks of direction: what has to be the same everywhere."""
    return _UNSEEN.sub("", text)
