"""Words of time in a text: what each does in a sentence, and the numbers, months and ordinals among them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from knowledge.linking.matching import phrase_forms
from knowledge.text import Token, fold
from knowledge.vocabulary import split_words, table_yaml

UNITS = ("day", "week", "fortnight", "month", "quarter", "half", "decade", "year")
_NUMBERED = ("numbers", "ordinals", "months", "short_months", "weekdays")
_LONGEST_PHRASE = 5


@lru_cache(maxsize=1)
def _words() -> tuple[dict[str, frozenset[str]], dict[str, dict[str, int]], dict[str, str]]:
    """Plain words: folded phrase -> what it does. Numbered words: category -> phrase -> number. Duals: word -> unit."""
    table = table_yaml("time_words.yml")
    plain: dict[str, set[str]] = {}
    numbered: dict[str, dict[str, int]] = {key: {} for key in _NUMBERED}
    duals: dict[str, str] = {}
    for key, value in table.items():
        if key in _NUMBERED:
            for number, words in value.items():
                for word in split_words(words):
                    numbered[key][fold(word)] = int(number)
        elif key == "duals":
            duals = {fold(word): unit for unit, words in value.items() for word in split_words(words)}
        else:
            for word in split_words(value):
                if folded := fold(word):
                    plain.setdefault(folded, set()).add(key)
    return {word: frozenset(keys) for word, keys in plain.items()}, numbered, duals


_ENDS_PHRASE = re.compile(r"[,;:!?؟،]|\.\s")
"""What parts words: "Right. Now tell me" says nothing of the present."""


class TimeWords:
    """The words of time of one text, looked up once."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self._tags: list[dict[str, int]] = []
        self._numbers: list[dict[str, tuple[int, int]]] = []
        for position in range(len(tokens)):
            self._look_up(position)

    def _look_up(self, position: int) -> None:
        """What begins at this token: the longest phrase of each use, with the position after it."""
        plain, numbered, _ = _words()
        tags: dict[str, int] = {}
        numbers: dict[str, tuple[int, int]] = {}
        form = self.tokens[position].form
        if form.isdigit() and len(form) < 4:
            numbers["numbers"] = (int(form), position + 1)
        for last in range(position + 1, min(len(self.tokens), position + _LONGEST_PHRASE) + 1):
            if last > position + 1 and _ENDS_PHRASE.search(self.tokens[last - 1].before):
                break
            for phrase in phrase_forms(self.tokens[position:last]):
                for key in plain.get(phrase, ()):
                    tags[key] = last
                for category, words in numbered.items():
                    if phrase in words:
                        numbers[category] = (words[phrase], last)
        self._tags.append(tags)
        self._numbers.append(numbers)

    def tag(self, position: int, key: str) -> int:
        """The position after the longest phrase here that does `key`; 0 where there is none."""
        return self._tags[position].get(key, 0) if position < len(self.tokens) else 0

    def number(self, position: int, key: str) -> tuple[int, int] | None:
        """(number, position after it) of a numbered word."""
        return self._numbers[position].get(key) if position < len(self.tokens) else None

    def unit(self, position: int) -> tuple[str, int] | None:
        """(unit, position after it)."""
        return next(((key, after) for key in UNITS if (after := self.tag(position, key))), None)

    def dual(self, position: int) -> str:
        """The unit that the word here says two of, or ""."""
        if position >= len(self.tokens):
            return ""
        duals = _words()[2]
        return next((duals[form] for form in self.tokens[position].forms if form in duals), "")

    def skip(self, position: int) -> int:
        """The position behind articles."""
        while (
            position < len(self.tokens)
            and self.tokens[position].form in _words()[0]
            and "article" in _words()[0][self.tokens[position].form]
        ):
            position += 1
        return position

    def tag_before(self, position: int, key: str) -> int:
        """The position where a phrase that does `key` begins that ends right before here; -1 where there is none."""
        for first in range(position - 1, max(-1, position - 1 - _LONGEST_PHRASE), -1):
            if self.tag(first, key) == position:
                return first
        return -1
