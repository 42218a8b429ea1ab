"""A text as sentences with the characters they span, for the languages of the index.

Every sentence is a slice of the text as it is stored: what is quoted can be found again and compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_LONGEST = 420
"""Characters of a sentence; one that is longer is taken clause by clause."""
_SHORT_LINE = 60
"""A line this short that ends in no stop is a heading or an entry of a list, not half a sentence."""
_WRAPPED = 120
"""No text is wrapped at more characters than this."""

_STOP = re.compile(r"(?:[.!?\u061f\u06d4\u2026\u3002\u0964\u1362]+)(?:[\"'\u2019\u201d\u00bb)\]*]|\s\u00bb)*(?=\s|$)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")
_LINE_END = re.compile(r"[ \t]*\n[ \t]*")
_MARKER = re.compile(
    r"(?:[-*\u2022\u2023\u25aa\u25cf\u25e6\u2013\u2014\u00b7]\s+"  # bullets
    r"|\(?(?:\d{1,2}|[a-zA-Z]|[ivxIVX]{1,5}|[\u0660-\u0669]{1,2}|[\u0621-\u064a])[.)\u2013-]\s+"  # 1. (a) iv)
    r"(?![^\W\d_]\.)"  # not J. K.
    r"|\#{1,6}\s+)"
)
_CLAUSE = re.compile(r"[;\u061b:]\s+")
_ABBREVIATION = re.compile(
    r"mrs?|ms|mmes?|mlles?|dra?|prof|st|gen|col|capt|hon|rev|sra?|sres|uds?|approx|aprox|env|vs|cf|al|incl|excl|dept|govt"
    r"|est|ext|inc|ltd|bros|e\.g|i\.e|p\.ex|p\.ej|ee\.uu|op|ibid|hab|tel|bd"
)
_BEFORE_A_NUMBER = re.compile(
    r"nos?|nr|n[\u00fau]m|n\u00ba|arts?|art[\u00bao]|figs?|p{1,2}|p[\u00e1a]gs?|vol|paras?|sec|ch|chap|cap|max|min"
    r"|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|janv|f\u00e9vr|avr|juil|d\u00e9c|ene|abr|ago|dic|fev|set|out|dez"
)
_INITIALS = re.compile(r"(?:^|[\s(\u00ab\u201c\"'])(?:[^\W\d_]\.)*[^\W\d_]$")
_LAST_WORD = re.compile(r"[^\s(\u00ab\u201c\"']+$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` is exactly `whole[start:end]` of the text it was taken from; a list's marker before it is left out."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=4096)
def sentences(whole: str) -> tuple[Sentence, ...]:
    """The sentences, list entries and headings of `whole` in order. They overlap nowhere and leave out only blanks,
    and the markers of lists."""
    return tuple(
        Sentence(first, last, whole[first:last])
        for start, end in _lines(whole)
        for piece_start, piece_end in _stops(whole, start, end)
        for first, last in _shortened(whole, piece_start, piece_end)
    )


def _lines(whole: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, entries of lists and lines that stand alone; a line that only wraps goes on in the next."""
    position = 0
    for block in [*_BLANK_LINE.finditer(whole), None]:
        block_end = block.start() if block else len(whole)
        start = position
        for end in _LINE_END.finditer(whole, position, block_end):
            line = whole[whole.rfind("\n", start, end.start()) + 1 if "\n" in whole[start : end.start()] else start :]
            line = line[: end.start() - (len(whole) - len(line))]
            following = whole[end.end() : end.end() + 12]
            if _breaks(line, following):
                yield start, end.start()
                start = end.end()
        yield start, block_end
        position = block.end() if block else len(whole)


def _breaks(line: str, following: str) -> bool:
    if _MARKER.match(following):
        return True
    if re.search(r"[.!?:;\u061f\u061b\u2026]\W*$", line):
        return True
    if following[:1].islower():
        return False
    # Lines that wrap are of a width; a longer one is a paragraph whose last stop is missing.
    return not _SHORT_LINE <= len(line.strip()) <= _WRAPPED


def _stops(whole: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    marker = _MARKER.match(whole, start + _blank(whole, start, end), end)
    first = marker.end() if marker else start
    for stop in _STOP.finditer(whole, first, end):
        if stop.end() < end and not _ends(whole, first, stop, end):
            continue
        yield first, stop.end()
        first = stop.end()
    yield first, end


def _blank(whole: str, start: int, end: int) -> int:
    return len(whole[start:end]) - len(whole[start:end].lstrip())


def _ends(whole: str, first: int, stop: re.Match[str], end: int) -> bool:
    """Whether the stop ends a sentence, and not an abbreviation, an initial or the number before a heading."""
    following = whole[stop.end() : min(end, stop.end() + 40)].lstrip().lstrip("\"'\u201c\u00ab([*")
    if following[:1].islower():
        return False
    if stop.group()[0] != "." or len(stop.group().rstrip("\"'\u2019\u201d\u00bb)]*")) > 1:
        return True
    before = whole[max(first, stop.start() - 24) : stop.start()]
    if _INITIALS.search(before):
        return False
    word = _LAST_WORD.search(before)
    if word is None:
        return True
    form = word.group().casefold()
    if _ABBREVIATION.fullmatch(form) or (following[:1].isdigit() and _BEFORE_A_NUMBER.fullmatch(form)):
        return False
    # The number before the first words of an article or a section.
    return not (word.group().isdigit() and len(word.group()) < 3 and stop.start() - len(word.group()) == first)


def _shortened(whole: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The sentence without blanks around it; clause by clause where it is very long."""
    while start < end and whole[start].isspace():
        start += 1
    while end > start and whole[end - 1].isspace():
        end -= 1
    while end - start > _LONGEST:
        cuts = [cut.end() for cut in _CLAUSE.finditer(whole, start + 1, start + _LONGEST)]
        if not cuts:
            break
        last = max(start, cuts[-1])
        yield start, last - _blank(whole[start:last][::-1], 0, last - start)
        start = last
    if any(map(str.isalnum, whole[start:end])):
        yield start, end
