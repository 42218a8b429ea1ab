"""One activity, or one organisation, while it is being read: what was found so far, and what was wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol, overload

from knowledge.records import (
    Contact,
    Document,
    Indicator,
    Link,
    Money,
    Note,
    OrganisationMention,
    PlaceMention,
    Problem,
    Text,
    ThemeMention,
)
from knowledge.sources.dates import iso_date
from knowledge.sources.guard import MAX_NUMBER, one_line, paragraphs

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# the same organisations, sectors and currencies come thousands of times in a file
_SHORT = 200
_line = lru_cache(maxsize=16_384)(one_line)
_note = lru_cache(maxsize=4_096)(Note)


def short(text: str | None) -> str:
    """`one_line` of what may be absent; quick for what comes again and again."""
    if not text:
        return ""
    return _line(text) if len(text) < _SHORT else one_line(text)


class Element(Protocol):
    """What handlers need of an element; those of lxml and of the standard library both offer it."""

    @property
    def tag(self) -> object: ...
    @property
    def text(self) -> str | None: ...
    @property
    def attrib(self) -> Mapping[str, str]: ...
    @overload
    def get(self, key: str) -> str | None: ...
    @overload
    def get(self, key: str, default: str) -> str: ...
    @overload
    def __getitem__(self, key: int) -> Element: ...
    @overload
    def __getitem__(self, key: slice) -> list[Element]: ...
    def __len__(self) -> int: ...


def line_of(element: Element) -> int:
    """The line of the file, or 0 from a parser that does not say."""
    return getattr(element, "sourceline", 0) or 0


class Draft:
    """Lists that handlers fill while they walk an `iati-activity` or an `iati-organisation`.

    `old` is set for IATI 1.0x, where words stand for many codes.
    """

    __slots__ = (
        "contacts",
        "currency",
        "dates",
        "documents",
        "dropped",
        "extra",
        "file",
        "identifier",
        "indicators",
        "label",
        "language",
        "line",
        "links",
        "money",
        "notes",
        "old",
        "organisations",
        "places",
        "problems",
        "secondary",
        "status",
        "texts",
        "themes",
        "title",
        "title_language",
    )  # fmt: skip

    def __init__(self, file: str, label: str, element: Element | None = None, *, old: bool = False) -> None:
        self.file = file
        self.label = label
        self.old = old
        self.line = 0
        self.language = self.currency = ""
        if element is not None:
            self.line = line_of(element)
            self.language = (element.get(XML_LANG) or "").strip().lower()
            self.currency = short(element.get("default-currency")).upper()
        self.identifier = ""
        self.title = ""
        self.title_language = ""
        self.status = ""
        self.secondary = False
        self.dates: dict[str, date] = {}
        self.texts: list[Text] = []
        self.organisations: list[OrganisationMention] = []
        # keyed by what they say, as ordered sets: transactions repeat the same place and sector over and over
        self.places: dict[tuple[object, ...], PlaceMention] = {}
        self.themes: dict[tuple[object, ...], ThemeMention] = {}
        self.money: list[Money] = []
        self.links: list[Link] = []
        self.indicators: list[Indicator] = []
        self.documents: list[Document] = []
        self.contacts: dict[Contact, None] = {}
        self.dropped: Counter[str] = Counter()
        self.notes: list[Note] = []
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def problem(self, element: Element, reason: str, mend: str) -> None:
        path = f"{self.label} {self.identifier} {element.tag}".replace("  ", " ")
        self.problems.append(Problem(self.file, one_line(path)[:200], line_of(element), one_line(reason)[:200], mend))

    def note(self, code: str, text: str) -> None:
        note = _note(code, one_line(text)[:300])
        if note not in self.notes:
            self.notes.append(note)

    # --- words ------------------------------------------------------------------------------------------------------

    def words(self, parent: Element | None) -> str:
        """The narrative in the activity's language, else the first, on one line; the bare text where there is none."""
        if parent is None:
            return ""
        count = len(parent)
        if count == 0:
            return short(parent.text)
        if count == 1 and (child := parent[0]).tag == "narrative":
            # one narrative is the one, whatever its language
            text = child.text
            if text and len(text) < _SHORT:
                return _line(text) or short(parent.text)
            return short(text) or short(parent.text)
        first = ""
        # [:] here and in the handlers: lxml hands out a list of children faster than it iterates over them
        for child in parent[:]:
            if child.tag == "narrative" and (line := short(child.text)):
                lang = child.get(XML_LANG)
                if lang is None or lang.lower() == self.language:
                    return line
                first = first or line
        return first or short(parent.text)

    def better(self, so_far: str, parent: Element) -> str:
        """The words of an element that is repeated for each language: those in the activity's own, else the first."""
        if so_far and (parent.get(XML_LANG) or "").lower() != self.language:
            return so_far
        return self.words(parent) or so_far

    def narratives(self, parent: Element) -> list[tuple[str, str]]:
        """(language, text with its paragraphs) of every narrative."""
        inherited = (parent.get(XML_LANG) or self.language).lower()
        found = [
            ((child.get(XML_LANG) or inherited).lower(), paragraphs(text))
            for child in parent[:]
            if child.tag == "narrative" and (text := child.text)
        ]
        if not found and (text := parent.text):
            found = [(inherited, paragraphs(text))]
        return [(language, text) for language, text in found if text]

    # --- values -----------------------------------------------------------------------------------------------------

    def date_of(self, element: Element | None) -> date | None:
        """The date of `iso-date`, in 1.0x else of the text. One that cannot be read is a problem."""
        if element is None:
            return None
        text = element.get("iso-date") or (self.old and (element.text or "").strip())
        if not text:
            return None
        found = iso_date(text)
        if found is None:
            if not element.get("iso-date"):
                return None  # words beside a date that is missing, as in "Start of budget year 2013"
            self.problem(element, f"iso-date {text[:40]!r} is not a date", "Write it as YYYY-MM-DD")
        return found

    def number_of(self, element: Element, text: str | None, what: str) -> float | None:
        """The finite number in `text`, or None with a problem. An empty text is None without one."""
        if not text or not (text := text.strip()):
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if number - number != 0 or "_" in text or abs(number) > MAX_NUMBER:  # NaN and infinities
            self.problem(element, f"{what} {text[:40]!r} is not a number", "Write digits and a decimal point only")
            return None
        return number

    def percentage_of(self, element: Element) -> float | None:
        text = element.get("percentage")
        if text is None:
            return None
        percentage = self.number_of(element, text.strip().removesuffix("%"), "percentage")
        if percentage is not None and not 0 <= percentage <= 100:
            self.problem(element, f"percentage {percentage:g} is not between 0 and 100", "Write a share of 100")
            return None
        return percentage


Handler = Callable[[Draft, Element], None]
"""Reads one child of an activity, or of an organisation, into the draft."""


def code_of(element: Element, attribute: str = "code") -> str:
    return element.get(attribute, "").strip()
