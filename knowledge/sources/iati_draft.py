"""One activity while it is being read: what was found so far, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Protocol, overload

from knowledge.records import (
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
from knowledge.sources.guard import one_line, paragraphs

# the same organisations, sectors and currencies come thousands of times in a file
_line = lru_cache(maxsize=16_384)(one_line)


def _short(text: str) -> str:
    return _line(text) if len(text) < 200 else one_line(text)


XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


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
    def __getitem__(self, key: slice) -> list[Element]: ...


def line_of(element: Element) -> int:
    """The line of the file, or 0 from a parser that does not say."""
    return getattr(element, "sourceline", 0) or 0


class Draft:
    """Lists that the handlers of `iati_parts` and `iati_details` fill while they walk an `iati-activity`."""

    __slots__ = (
        "currency",
        "dates",
        "documents",
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
        "organisations",
        "places",
        "problems",
        "secondary",
        "status",
        "texts",
        "themes",
        "title",
    )  # fmt: skip

    def __init__(self, file: str, label: str, line: int, language: str, currency: str) -> None:
        self.file = file
        self.label = label
        self.line = line
        self.language = language
        self.currency = currency
        self.identifier = ""
        self.title = ""
        self.status = ""
        self.secondary = False
        self.dates: dict[str, date] = {}
        self.texts: list[Text] = []
        self.organisations: list[OrganisationMention] = []
        # dicts as ordered sets: transactions repeat the same place and sector over and over
        self.places: dict[PlaceMention, None] = {}
        self.themes: dict[ThemeMention, None] = {}
        self.money: list[Money] = []
        self.links: list[Link] = []
        self.indicators: list[Indicator] = []
        self.documents: list[Document] = []
        self.notes: list[Note] = []
        self.extra: list[tuple[str, str]] = []
        self.problems: list[Problem] = []

    def problem(self, element: Element, reason: str, mend: str) -> None:
        path = f"{self.label} {self.identifier} {element.tag}".replace("  ", " ")
        self.problems.append(Problem(self.file, one_line(path), line_of(element), one_line(reason)[:200], mend))

    def note(self, code: str, text: str) -> None:
        note = Note(code, text)
        if note not in self.notes:
            self.notes.append(note)

    def words(self, parent: Element | None) -> str:
        """The narrative in the activity's language, else the first, on one line; the bare text where there is none."""
        if parent is None:
            return ""
        first = ""
        # [:] here and in the handlers: lxml hands out a list of children faster than it iterates over them
        for child in parent[:]:
            if child.tag == "narrative" and (text := child.text) and (line := _short(text)):
                lang = child.get(XML_LANG)
                if lang is None or lang.lower() == self.language:
                    return line
                first = first or line
        return first or one_line(parent.text or "")

    def narratives(self, parent: Element) -> list[tuple[str, str]]:
        """(language, text with its paragraphs) of every narrative."""
        inherited = (parent.get(XML_LANG) or self.language).lower()
        found = [
            ((child.get(XML_LANG) or inherited).lower(), paragraphs(child.text))
            for child in parent[:]
            if child.tag == "narrative" and child.text
        ]
        if not found and parent.text:
            found = [(inherited, paragraphs(parent.text))]
        return [(language, text) for language, text in found if text]

    def date_of(self, element: Element | None, attribute: str = "iso-date") -> date | None:
        """The date in an attribute; one that is there and unreadable becomes a problem and costs only itself."""
        if element is None or not (text := element.get(attribute)):
            return None
        found = iso_date(text)
        if found is None:
            self.problem(element, f"{attribute} {text[:40]!r} is not a date", "Write it as YYYY-MM-DD")
        return found

    def number_of(self, element: Element, text: str | None, what: str) -> float | None:
        """The finite number in `text`, or None with a problem. An empty text is None without one."""
        if not text or not (text := text.strip()):
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if number - number != 0 or "_" in text:  # NaN and infinities
            self.problem(element, f"{what} {text[:40]!r} is not a number", "Write digits and a decimal point only")
            return None
        return number

    def percentage_of(self, element: Element) -> float | None:
        percentage = self.number_of(element, element.get("percentage"), "percentage")
        if percentage is not None and not 0 <= percentage <= 100:
            self.problem(element, f"percentage {percentage:g} is not between 0 and 100", "Write a share of 100")
            return None
        return percentage
