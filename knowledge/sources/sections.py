"""What all documents have in common: paragraphs under headings, on pages, become one text per section and page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.language import of_text
from knowledge.records import Problem, Text
from knowledge.sources import guard

_MOST = 50_000
"""Characters of one text: a section that is longer goes on in the next one, under the same heading."""
_HEADING_CHARACTERS = 200
_LONGEST_PLAIN_HEADING = 120
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or a heading of `level` 1, 2 ... from the top. `page` counts from 1; 0 where there are no pages."""

    text: str
    level: int = 0
    page: int = 0


@dataclass(frozen=True, slots=True)
class Content:
    """A document as its format gives it. `title`, `author`, `language` and `written` are what the file says of itself,
    "" or None where it does not; `pages` is 0 where the format knows none."""

    blocks: tuple[Block, ...] = ()
    title: str = ""
    author: str = ""
    language: str = ""
    written: date | None = None
    pages: int = 0
    problems: tuple[Problem, ...] = ()


def sections(blocks: Iterable[Block], language: str = "") -> tuple[Text, ...]:
    """One text per heading and page. `heading` holds the headings above it too: "Mandate > Core functions".

    Each text has the language its own words tell; `language`, or that of most of the document, where they do not.
    """
    texts = list(_sections(blocks))
    told = [of_text(text.text) for text in texts]
    if not language:
        spoken: Counter[str] = Counter()
        for one, text in zip(told, texts, strict=True):
            spoken[one] += len(text.text) if one else 0
        language = max(sorted(spoken), key=lambda one: spoken[one]) if spoken else ""
    return tuple(
        Text("section", text.text, one or language, text.heading, text.page)
        for one, text in zip(told, texts, strict=True)
    )


def _sections(blocks: Iterable[Block]) -> Iterator[Text]:
    trail: list[tuple[int, str]] = []
    held: list[str] = []
    size = page = 0
    bare = False

    def heading(depth: int = _DEEPEST) -> str:
        return " > ".join(words for _, words in trail[:depth])

    def flushed() -> Iterator[Text]:
        nonlocal size
        if text := guard.paragraphs("\n\n".join(held)):
            yield Text("section", text, "", heading(), page)
        held.clear()
        size = 0

    for block in blocks:
        level = min(block.level, _DEEPEST)
        if level:
            yield from flushed()
            if bare and trail and level <= trail[-1][0]:
                # A heading with nothing under it: its words are all there is.
                yield Text("section", trail[-1][1], "", heading(len(trail) - 1), page)
            page = block.page
            words = guard.one_line(block.text)[:_HEADING_CHARACTERS]
            trail = [(depth, other) for depth, other in trail if depth < level] + ([(level, words)] if words else [])
            bare = bool(words)
            continue
        if block.page != page:
            yield from flushed()
            page = block.page
        for piece in _pieces(block.text):
            if size + len(piece) > _MOST:
                yield from flushed()
            held.append(piece)
            size += len(piece)
            bare = bare and not piece.strip()
    yield from flushed()
    if bare and trail:
        yield Text("section", trail[-1][1], "", heading(len(trail) - 1), page)


def _pieces(text: str) -> Iterator[str]:
    while len(text) > _MOST:
        cut = max(text.rfind("\n", 0, _MOST), text.rfind(" ", _MOST - 2_000, _MOST))
        cut = cut if cut > 0 else _MOST
        yield text[:cut]
        text = text[cut:]
    yield text


# --- headings that only their words show ------------------------------------------------------------------------------

_DECIMAL = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})[.)]?\s+(\S.*)")
_ROMAN = re.compile(r"[IVXL]{1,6}[.)]\s+(\S.*)")
_LETTER = re.compile(r"[A-Z][.)]\s+(\S.*)")
_PART = re.compile(
    r"(?:chapter|part|section|article|annex|appendix|chapitre|partie|titre|annexe|capítulo|título|parte|sección|artículo"
    r"|anexo|seção|secção|artigo)\s+(?:[\dIVXLC]{1,6}|[A-Z])\b.*|(?:الفصل|الباب|القسم|المادة|الملحق)\s+\S.*",
    re.IGNORECASE,
)
_ENDS_A_SENTENCE = (".", ",", ";", ":", "،", "؛", "…")


def numbered_depth(line: str) -> int:
    """How deep the number before a line says it stands ("2.1 Mandate": 2); 0 where the line is no numbered heading."""
    if not line or len(line) > _LONGEST_PLAIN_HEADING or line.endswith(_ENDS_A_SENTENCE):
        return 0
    if _PART.fullmatch(line):
        return 1
    if found := _DECIMAL.fullmatch(line):
        return 1 + found[1].count(".") if _opens(found[2]) else 0
    if (found := _ROMAN.fullmatch(line)) and _opens(found[1]):
        return 1
    if (found := _LETTER.fullmatch(line)) and _opens(found[1]):
        return 2
    return 0


def _opens(words: str) -> bool:
    return words[0].isalpha() and not words[0].islower()


def is_shouted(line: str) -> bool:
    """Whether a line is in upper case as headings are: several letters, and few digits among them."""
    letters = sum(map(str.isalpha, line))
    return line.isupper() and letters >= 4 and letters * 2 > len(line) and len(line) <= _LONGEST_PLAIN_HEADING


def element_of(page: int, heading: str) -> str:
    """Where a text stands, as people would find it: "page 7, 2.1 Mandate"; "" where the document tells neither."""
    return ", ".join(part for part in (f"page {page}" if page else "", heading.rpartition(" > ")[2]) if part)
