"""Concepts in a sentence: what its words tell of what somebody wants, the same in every language.

The words stand in cues/LANGUAGE.yml: concept -> words and phrases, with commas between. Case and accents do not count;
"fund*" stands for every word that begins so; Arabic words also count without the particles that are written together
with them. A word may stand under several concepts: the classifier learns from the training sentences what each concept,
and each pair of neighbours, is worth. So what was learned in one language helps in the others, and words of no training
sentence still count.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import yaml

from commonground_engine.folding import folded, pieces

TABLES = Path(__file__).with_name("cues")
_ANY_ENDING = "*"
_PARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال", "و", "ف", "ب", "ل", "ك")
_SHORTEST_ARABIC = 3


class Cues:
    """Finds concepts in folded words. `phrases`: concept -> phrases as in the table."""

    def __init__(self, phrases: dict[str, list[str]]) -> None:
        self._whole: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._beginnings: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._shortest = self._longest = 0
        for concept, listed in phrases.items():
            for phrase in listed:
                self._add(concept, phrase)
        lengths = [len(beginning) for beginning in self._beginnings] or [1]
        self._shortest, self._longest = min(lengths), max(lengths)

    def _add(self, concept: str, phrase: str) -> None:
        words = tuple(
            folded(word) + (_ANY_ENDING if phrase[end : end + 1] == _ANY_ENDING else "")
            for word, _, end in pieces(phrase)
        )
        if words[0].endswith(_ANY_ENDING):
            self._beginnings.setdefault(words[0][:-1], []).append((words[1:], concept))
        else:
            self._whole.setdefault(words[0], []).append((words[1:], concept))

    def find(self, words: Sequence[str]) -> list[tuple[int, str]]:
        """(position, concept) in order; a concept once for each position."""
        forms = [_forms(word) for word in words]
        found: list[tuple[int, str]] = []
        for position in range(len(words)):
            concepts: dict[str, None] = {}
            for form in forms[position]:
                for rest, concept in self._starting(form):
                    if concept not in concepts and _follow(rest, forms, position + 1):
                        concepts[concept] = None
            found += [(position, concept) for concept in concepts]
        return found

    def _starting(self, form: str) -> list[tuple[tuple[str, ...], str]]:
        found = list(self._whole.get(form, ()))
        for length in range(self._shortest, min(self._longest, len(form)) + 1):
            found += self._beginnings.get(form[:length], ())
        return found


def _follow(rest: tuple[str, ...], forms: list[tuple[str, ...]], position: int) -> bool:
    return len(forms) - position >= len(rest) and all(
        any(form == word or (word[-1] == _ANY_ENDING and form.startswith(word[:-1])) for form in forms[position + i])
        for i, word in enumerate(rest)
    )


def _forms(word: str) -> tuple[str, ...]:
    """The word, and what is left of an Arabic one without its particle."""
    if not "\u0600" <= word[:1] <= "\u06ff":
        return (word,)
    for particle in _PARTICLES:
        if word.startswith(particle) and len(word) - len(particle) >= _SHORTEST_ARABIC:
            return (word, word[len(particle) :])
    return (word,)


@lru_cache(maxsize=1)
def cues() -> Cues:
    """The cues of all shipped tables."""
    phrases: dict[str, list[str]] = {}
    for path in sorted(TABLES.glob("*.yml")):
        given: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8"))
        for concept, listed in given.items():
            phrases.setdefault(concept, []).extend(phrase.strip() for phrase in listed.split(","))
    return Cues(phrases)
