"""Words in the form in which they are compared: it knows nothing of Rasa, so that all components share it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex

_PIECE = regex.compile(r"[\w\p{M}]+|[?\u061f]|\p{So}")
_TATWEEL = "\u0640"


def pieces(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[str, int, int]]:
    """Words, question marks and symbols of `text[start:end]` with where they begin and end in `text`."""
    for match in _PIECE.finditer(text, start, len(text) if end is None else end):
        yield match.group(), match.start(), match.end()


def folded(word: str) -> str:
    """The word as people might also type it: without case, accents, vowel signs; one form of alef, ya and ta."""
    if word in "?\u061f":
        return "questionmark"
    bare = "".join(
        str(unicodedata.decimal(character, character))
        for character in unicodedata.normalize("NFKD", word.casefold())
        if not unicodedata.combining(character) and character != _TATWEEL
    )
    return bare.replace("\u0649", "\u064a").replace("\u0629", "\u0647").replace("\u0671", "\u0627") or word
