"""Two indices over folded names: whole phrases, and names one slip of the pen away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Generic, TypeVar

import numpy as np
from rapidfuzz.distance import OSA

from knowledge.text import Token, stem, stems

T = TypeVar("T")

_MAX_VARIANTS = 8
SHORTEST_FUZZY = 5
LONGEST_FUZZY = 28
_MOVED_LETTER_FROM = 7


def phrase_forms(tokens: Sequence[Token]) -> Iterator[str]:
    """The folded phrase, then, for Arabic, the phrase with attached particles taken off its words."""
    if sum(len(token.forms) for token in tokens) == len(tokens):
        yield " ".join(token.form for token in tokens)
        return
    for count, forms in enumerate(product(*(token.forms for token in tokens))):
        if count == _MAX_VARIANTS:
            return
        yield " ".join(forms)


def reach_by_first_word(phrases: Iterable[str]) -> dict[str, int]:
    """First word -> number of words of the longest phrase that begins with it."""
    reach: dict[str, int] = {}
    for phrase in phrases:
        word, _, rest = phrase.partition(" ")
        length = 1 + (rest.count(" ") + 1 if rest else 0)
        if length > reach.get(word, 0):
            reach[word] = length
    return reach


class PhraseTable(Generic[T]):
    """Folded phrases to values; a phrase is also found by its stems, so plurals need no listing."""

    def __init__(self, phrases: Mapping[str, T]) -> None:
        self._exact = dict(phrases)
        self._stems: dict[str, T] = {}
        for phrase, value in phrases.items():
            self._stems.setdefault(stems(phrase), value)
        self._reach = reach_by_first_word(self._stems)

    def get(self, tokens: Sequence[Token]) -> T | None:
        """The value of exactly these tokens."""
        for phrase in phrase_forms(tokens):
            found = self._exact.get(phrase)
            if found is None:
                found = self._stems.get(" ".join(stem(word) for word in phrase.split(" ")))
            if found is not None:
                return found
        return None

    def find(self, tokens: Sequence[Token]) -> Iterator[tuple[int, int, T]]:
        """(first, last, value) of every phrase in the tokens, the longest at each place only."""
        for first in range(len(tokens)):
            longest = max(self._reach.get(stem(form), 0) for form in tokens[first].forms)
            for last in range(min(len(tokens), first + longest), first, -1):
                value = self.get(tokens[first:last])
                if value is not None:
                    yield first, last, value
                    break

    def __contains__(self, phrase: str) -> bool:
        return phrase in self._exact or stems(phrase) in self._stems


class SpellingIndex:
    """Names by every form that lacks a letter: finds one letter too many, too few, wrong, swapped or moved.

    Names are compared without spaces. Holds two flat arrays: hashes of shortened forms, and the names they come from.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [name for name in dict.fromkeys(names) if SHORTEST_FUZZY <= len(name) <= LONGEST_FUZZY]
        hashes: list[int] = []
        owners: list[int] = []
        for number, name in enumerate(self._names):
            forms = _shortened(name)
            hashes.extend(map(hash, forms))
            owners.extend([number] * len(forms))
        keys = np.array(hashes, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        self._hashes = keys[order]
        self._owners = np.array(owners, dtype=np.int32)[order]

    def near(self, word: str) -> list[str]:
        """Names one slip away from the word, those that begin alike first; never the word itself."""
        if not SHORTEST_FUZZY - 1 <= len(word) <= LONGEST_FUZZY or not self._names:
            return []
        keys = np.array([hash(form) for form in _shortened(word)], dtype=np.int64)
        low = np.searchsorted(self._hashes, keys, side="left")
        high = np.searchsorted(self._hashes, keys, side="right")
        numbers = {int(owner) for start, end in zip(low, high, strict=True) for owner in self._owners[start:end]}
        return sorted(name for name in map(self._names.__getitem__, numbers) if name != word and _near(word, name))


def _shortened(name: str) -> set[str]:
    return {name, *(name[:i] + name[i + 1 :] for i in range(len(name)))}


def _near(word: str, name: str) -> bool:
    if word[0] != name[0] and word[:2] != name[1::-1]:
        return False
    distance = OSA.distance(word, name, score_cutoff=2)
    return distance <= 1 or (distance == 2 and min(len(word), len(name)) >= _MOVED_LETTER_FROM)
