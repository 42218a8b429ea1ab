"""From the lines of pages to headings and paragraphs: by size, weight, numbering and the space between lines."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.sources.sections import Block, is_shouted, numbered_depth

_EDGE = 3
"""Lines from the top and the bottom of a page among which running heads and feet are looked for."""
_LONGEST_EDGE = 110
"""Characters of a running head: what is longer is a sentence, even where it stands on many pages."""
_SHORT_EDGE = 60
_LARGER = 1.15
_WIDE_GAP = 1.45
_SHORT_LINE = 0.7
_LONGEST_HEADING = 160
_LONGEST_BOLD = 90
_LEADERS = re.compile(r"(?:\.\s?){4,}\s*[\divxlc]+$|(?:\s\.){4,}", re.IGNORECASE)
_OUTER_NUMBER = re.compile(r"^\d{1,4}\b(?![.)])|\b\d{1,4}$")
_PAGE_NUMBER = re.compile(
    r"[-–—|\s]*(?:page|página|p[aá]g\.?|p\.|صفحة)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*(?:(?:of|de|sur|/|من)\s*\d{1,4})?[-–—|\s]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
_LIST_ITEM = re.compile(r"(?:[•▪●◦‣·*–-]|\(?[a-z]{1,3}\)|\(?[ivx]{1,5}\)|\(?\d{1,2}\))\s+")
_BROKEN_WORD = re.compile(r"([^\W\d_]{2,})-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_SENTENCE_END = re.compile(r"[.!?:;؟]['\"”»)]*$")


@dataclass(frozen=True, slots=True)
class Line:
    """One line as drawn: `size` of its letters in points, `height` of its foot above that of the page (or whatever
    origin the page has), 0 where unknown."""

    text: str
    size: float = 0.0
    bold: bool = False
    height: float = 0.0


@dataclass(slots=True)
class _Open:
    """A block that lines are still added to."""

    text: str
    page: int
    level: int
    line: Line


def blocks_of(pages: Sequence[Sequence[Line]]) -> Iterator[Block]:
    """Headings and paragraphs in reading order. What a page breaks off stays with the page where it began."""
    kept = _without_repeats(pages)
    words = Counter(word.casefold() for page in kept for line in page for word in _WORD.findall(line.text))
    levels = _Levels(kept)
    current: _Open | None = None
    for number, page in enumerate(kept, 1):
        gap = _usual_gap(page)
        before: Line | None = None
        for line in page:
            level = levels.of(line)
            if current is not None and _goes_on(current, line, level, before, gap):
                current.text = _joined(current.text, line.text, words)
                current.line = line
            else:
                if current is not None:
                    yield Block(current.text, current.level, current.page)
                current = _Open(line.text, number, level, line)
            before = line
    if current is not None:
        yield Block(current.text, current.level, current.page)


def _goes_on(current: _Open, line: Line, level: int, before: Line | None, gap: float) -> bool:
    apart = before is not None and gap > 0 and abs(before.height - line.height) > _WIDE_GAP * max(gap, line.size)
    if current.level or level:
        # A heading of several lines: the same letters, close together, and no number that begins a new one.
        same = level == current.level and line.size == current.line.size and line.bold == current.line.bold
        close = before is not None and abs(before.height - line.height) <= 1.6 * max(line.size, 1.0)
        short = len(current.text) + len(line.text) <= _LONGEST_HEADING
        return same and close and short and not numbered_depth(line.text)
    if _LIST_ITEM.match(line.text):
        return False
    if before is None:
        # The first line of a page: the paragraph goes on where its last sentence has not ended, and no other begins.
        begins = not line.text[0].isalpha() or line.text[0].isupper()
        return not begins and not _SENTENCE_END.search(current.text)
    return not apart


def _joined(text: str, more: str, words: Counter[str]) -> str:
    """Two lines of a paragraph as one. A word broken at the line's end is whole again, unless the document writes it
    with its hyphen elsewhere ("long-" "term")."""
    if text.endswith("\u00ad"):
        return text[:-1] + more
    broken = _BROKEN_WORD.search(text)
    rest = re.match(r"[^\W\d_]+", more)
    if broken and rest and more[0].islower():
        whole = f"{broken[1]}{rest[0]}".casefold()
        hyphened = f"{broken[1]}-{rest[0]}".casefold()
        return text + more if words[hyphened] > words[whole] else text[:-1] + more
    return text + more if text.endswith(("-", "/")) else f"{text} {more}"


def _usual_gap(page: Sequence[Line]) -> float:
    gaps = [
        one.height - two.height
        for one, two in pairwise(page)
        if 0 < one.height - two.height < 4 * max(one.size, two.size, 1.0)
    ]
    # Most lines follow each other within a paragraph; on a page of headings and short ones they are still a quarter.
    return sorted(gaps)[len(gaps) // 4] if gaps else 0.0


# --- what repeats on pages --------------------------------------------------------------------------------------------


def _without_repeats(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Pages without page numbers, running heads and feet, and the dotted lines of a table of contents."""
    edges: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        for index in _edge(page):
            for key in _keys(page[index].text, number):
                edges[key].add(number)
    least = 2 if len(pages) <= 3 else max(3, len(pages) // 10)
    repeated = {key for key, found in edges.items() if len(found) >= least}
    printed = _printed_numbers(pages)
    kept = []
    for number, page in enumerate(pages):
        edge = set(_edge(page))
        running = {
            index
            for index in edge
            if _is_page_number(page[index].text, index, len(page))
            or (index in (0, len(page) - 1) and printed is not None and number + printed in _outer(page[index].text))
            or any(key in repeated for key in _keys(page[index].text, number))
        }
        if len(running) == len(page) and any(len(line.text) > _SHORT_EDGE for line in page):
            # All there is on the page: a slide, or a sentence that stands on several.
            running = set()
        kept.append(
            [line for index, line in enumerate(page) if index not in running and not _LEADERS.search(line.text)]
        )
    return kept


def _printed_numbers(pages: Sequence[Sequence[Line]]) -> int | None:
    """What the number printed on a page is more than its place in the file, where most pages agree on it: a head that
    ends in it is a running one, even where a short chapter shows it once."""
    found = Counter(
        value - number
        for number, page in enumerate(pages)
        for value in {value for line in (*page[:1], *page[-1:]) for value in _outer(line.text)}
    )
    offset, count = max(found.items(), key=lambda item: (item[1], -abs(item[0])), default=(0, 0))
    return offset if count >= 4 and count * 2 > len(pages) else None


def _outer(text: str) -> set[int]:
    """The numbers that a line begins or ends with."""
    return {int(found[0]) for found in _OUTER_NUMBER.finditer(text)} if len(text) <= _LONGEST_EDGE else set()


def _edge(page: Sequence[Line]) -> list[int]:
    near = (index for index in range(len(page)) if index < _EDGE or index >= len(page) - _EDGE)
    return [index for index in near if len(page[index].text) <= _LONGEST_EDGE and not page[index].text.endswith(".")]


def _keys(text: str, page: int) -> Iterator[tuple[str, int]]:
    """The line as it is, and with each of its numbers read as the page's: "Plan 2026 | 7" is, on page 7, what
    "Plan 2026 | 8" is on page 8; "Recommendation 2" is not what "Recommendation 1" is, two pages before."""
    yield text.casefold(), 0
    for found in _NUMBER.finditer(text):
        if len(found[0]) <= 4:
            yield f"{text[: found.start()]}#{text[found.end() :]}".casefold(), int(found[0]) - page


def _is_page_number(text: str, index: int, count: int) -> bool:
    return (index == 0 or index == count - 1) and _PAGE_NUMBER.fullmatch(text) is not None


# --- headings ---------------------------------------------------------------------------------------------------------


class _Levels:
    """Which lines are headings: larger than the body, or numbered, bold or in upper case at its size."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        sizes: Counter[float] = Counter()
        bold = 0
        for page in pages:
            for line in page:
                sizes[line.size] += len(line.text)
                bold += len(line.text) if line.bold else 0
        self._body = max(sorted(sizes), key=lambda size: sizes[size]) if sizes else 0.0
        self._all_bold = bold * 2 > sizes.total()
        lengths = sorted(len(line.text) for page in pages for line in page if line.size == self._body)
        self._full = lengths[len(lengths) * 9 // 10] if lengths else 0
        larger = {
            line.size
            for page in pages
            for line in page
            if line.size > self._body * _LARGER and len(line.text) <= _LONGEST_HEADING
        }
        self._larger = {size: level for level, size in enumerate(sorted(larger, reverse=True), 1)}

    def of(self, line: Line) -> int:
        """The level of a heading from 1, 0 for any other line."""
        text = line.text
        if len(text) > _LONGEST_HEADING or sum(map(str.isalpha, text)) < 2 or _LIST_ITEM.match(text):
            return 0
        if line.size in self._larger:
            return min(self._larger[line.size], 5)
        if line.size < self._body:
            return 0
        below = min(len(self._larger), 3)
        bold = line.bold and not self._all_bold
        if depth := numbered_depth(text):
            # The first line of a numbered paragraph is as long as lines are; an unmarked heading is not.
            marked = bold or is_shouted(text) or (depth > 1 and len(text) <= _SHORT_LINE * self._full)
            return below + depth if marked else 0
        if bold and len(text) <= _LONGEST_BOLD and not text.endswith((".", ",", ";")):
            return below + 3
        return below + 2 if is_shouted(text) else 0
