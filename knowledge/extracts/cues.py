"""Words that tell what a question wants and what a sentence tells, in all languages at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml

from knowledge.text import fold, stem, tokens
from knowledge.vocabulary import asking_words, function_words

_LEAST_LETTERS = 3


@lru_cache(maxsize=1)
def _table() -> Mapping[str, Any]:
    text = resources.files("knowledge.extracts").joinpath("cues.yml").read_text(encoding="utf-8")
    loaded: Mapping[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


@lru_cache(maxsize=128)
def phrases(table: str, key: str = "", language: str = "") -> tuple[str, ...]:
    """The folded phrases of a cue, longest first, with a blank on either side: in all languages, or in one."""
    by_language = _table()[table][key] if key else _table()[table]
    words_of = [by_language.get(language, "")] if language else by_language.values()
    found = {fold(phrase) for words in words_of for phrase in str(words).split(",")} - {""}
    return tuple(f" {phrase} " for phrase in sorted(found, key=lambda phrase: (-len(phrase), phrase)))


def padded(text: str) -> str:
    """The text folded, with a blank before the first and after the last word: the form in which cues are looked for."""
    return f" {fold(text)} "


def holds(folded: str, table: str, key: str = "", language: str = "") -> bool:
    """Whether a `padded` text holds a phrase of the cue."""
    return any(phrase in folded for phrase in phrases(table, key, language))


def count(folded: str, table: str, key: str = "") -> int:
    return sum(phrase in folded for phrase in phrases(table, key))


def wanted(question: str) -> str:
    """The kind of answer that a question asks for: purpose, about, manner, cause, amount, number, date or ""."""
    folded = padded(question)
    found = [
        (folded.find(phrase), -len(phrase), kind)
        for kind in _table()["asked"]
        for phrase in phrases("asked", kind)
        if phrase in folded
    ]
    return min(found)[2] if found else ""


def topic(words: str, asked: str) -> str:
    """What is left of a question's words when those are taken off that only ask for a "mandate", "results" or a
    "contact", in the form in which they were typed."""
    read = tokens(words)
    kept = [True] * len(read)
    folded = [token.form for token in read]
    for phrase in phrases("asking", asked):
        parts = phrase.split()
        for first in range(len(read) - len(parts) + 1):
            if folded[first : first + len(parts)] == parts:
                kept[first : first + len(parts)] = [False] * len(parts)
    return " ".join(token.text for token, keep in zip(read, kept, strict=True) if keep and topical(token.form))


def topical(form: str) -> bool:
    """Whether a folded word says what something is about, rather than how a sentence is built."""
    if len(form) < _LEAST_LETTERS and not form.isdigit():
        return False
    return form not in asking_words() and not any(form in words for words in function_words().values())


@lru_cache(maxsize=8192)
def spoken(text: str) -> tuple[str, frozenset[str]]:
    """The stems of a text in order, with blanks around them: the form in which phrases are looked for; and the stems
    of its words, for Arabic also without the particles attached to them."""
    read = tokens(text)
    return (
        f" {' '.join(stem(token.forms[-1]) for token in read)} ",
        frozenset(stem(form) for token in read for form in token.forms),
    )


def stemmed_phrases(spellings: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for spelling in spellings if (found := spoken(spelling)[0]).strip()))
