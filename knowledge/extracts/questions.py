"""What a question asks of texts: the concepts that an answer must speak of, and the kind of answer that is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain

from knowledge.countries import LANGUAGES
from knowledge.extracts import cues
from knowledge.retrieval.lexical import forms
from knowledge.text import Token, fold, stem, tokens
from knowledge.vocabulary import theme

_ENDING = 4
"""Letters that an ending has at most: "train-ings"."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing a sentence may speak of: any of `phrases` does (stems with blanks around them). `said`: as asked.

    `beginnings`: one of them stands in the lower-cased text wherever a phrase does, which is quickly seen.
    """

    said: str
    phrases: tuple[str, ...]
    beginnings: tuple[str, ...] = field(compare=False, repr=False)
    theme: str = ""
    root: str = ""
    """Of a single word: what its inflected forms begin with."""

    def spoken(self, language: str) -> Concept:
        """The concept as texts of a language speak of it: "minas" are mines in Spanish, and a place in English."""
        return concept_of_theme(self.theme, language) if self.theme and language in LANGUAGES else self

    def may_stand_in(self, lowered: str) -> bool:
        return any(beginning in lowered for beginning in self.beginnings)

    def stands_in(self, stemmed: str, forms: frozenset[str]) -> bool:
        """Whether a text speaks of it, given as `cues.spoken` gives it; of a word also where it is inflected."""
        if any(phrase in stemmed or phrase.strip() in forms for phrase in self.phrases):
            return True
        return bool(self.root) and any(
            form.startswith(self.root) and len(form) <= len(self.root) + _ENDING for form in forms
        )


@dataclass(frozen=True, slots=True)
class Question:
    """`concepts`: what must be spoken of; `around`: themes and names that narrow the records and count little; `about`:
    those of `around` that a text must speak of where its record carries no codes."""

    text: str
    wanted: str = ""
    concepts: tuple[Concept, ...] = ()
    around: tuple[Concept, ...] = ()
    about: tuple[Concept, ...] = ()

    @property
    def words(self) -> str:
        """What full text is searched for."""
        return " ".join(concept.said for concept in (*self.concepts, *self.around))


@lru_cache(maxsize=256)
def theme_words(theme_id: str) -> tuple[str, ...]:
    """All words for a theme, in all languages; its label in English first."""
    item = theme(theme_id)
    words = chain(item.labels.values(), *item.words.values())
    return tuple(dict.fromkeys((item.labels["en"], *words)))


@lru_cache(maxsize=256)
def theme_spellings(theme_id: str) -> tuple[str, ...]:
    """The words for a theme as texts may spell them."""
    return spelt(theme_words(theme_id))


def spelt(words: Iterable[str]) -> tuple[str, ...]:
    """Words and phrases, each in the singular and the plural of its last word."""
    found: dict[str, None] = {}
    for word in words:
        before, _, last = word.lower().rpartition(" ")
        found.update(dict.fromkeys(f"{before} {form}".strip() for form in forms(last)))
    return tuple(found)


@lru_cache(maxsize=512)
def concept_of_theme(theme_id: str, language: str = "") -> Concept:
    """`language`: only with the words of this one; "" for those of all."""
    item = theme(theme_id)
    words = (item.labels[language], *item.words.get(language, ())) if language else theme_words(theme_id)
    return Concept(item.labels["en"], cues.stemmed_phrases(words), _beginnings(words), theme_id)


def concept_of_name(name: str) -> Concept:
    return concept_of_names([name])


def concept_of_names(names: Sequence[str]) -> Concept:
    """One thing under several names, the usual one first."""
    return Concept(names[0], cues.stemmed_phrases(names), _beginnings(names))


def _root(form: str) -> str:
    """ "trained" -> "train", "fail" -> "fail"; "" for what is too short, or a figure, to be inflected."""
    if len(form) < 4 or not form.isalpha():
        return ""
    return form[: max(4, len(form) - (2 if len(form) > 6 else 1 if len(form) > 4 else 0))]


def _beginnings(words: Iterable[str]) -> tuple[str, ...]:
    """What neither number nor case changes of the words' first words; letters with marks may stand bare."""
    found: dict[str, None] = {}
    for word in words:
        for first in tokens(word)[:1]:
            for form in {first.text.lower(), *first.forms, stem(first.forms[-1])}:
                found[form[: max(3, len(form) - 2)]] = None
    return tuple(found)


def read(
    text: str,
    themes: Sequence[str] = (),
    places: Iterable[Sequence[str]] = (),
    organisations: Iterable[str] = (),
    unknown: str | None = None,
) -> Question:
    """`text`: the question; `themes`: ids of those it names; `places`: the names of each, the usual one first;
    `organisations`: their names; `unknown`: the words of it that name nothing known, where that was looked up.

    What it must be answered on are its other words; words that only ask are none.
    """
    about = (*map(concept_of_theme, themes), *(concept_of_names(names) for names in places))
    around = (*about, *map(concept_of_name, organisations))
    spoken_for = {word for concept in around for phrase in concept.phrases for word in phrase.split()}
    folded = cues.padded(text)
    for kind in ("purpose", "about", "manner", "cause", "amount", "number", "date"):
        for phrase in cues.phrases("asked", kind):
            folded = folded.replace(phrase, " ")
    kept = set(folded.split())
    unnamed = None if unknown is None else set(fold(unknown).split())
    words = (
        token.text
        for token in tokens(text)
        if token.form in kept and spoken_for.isdisjoint(map(stem, token.forms)) and not _names(token, unnamed)
    )
    return Question(text, cues.wanted(text), tuple(concepts(cues.topic(" ".join(words), "open"))), around, about)


def _names(token: Token, unnamed: set[str] | None) -> bool:
    """Whether a word is part of a name that is known: written as one, and not among those that name nothing."""
    return unnamed is not None and token.capitalised and not token.opens_sentence and token.form not in unnamed


def concepts(words: str) -> list[Concept]:
    """A concept for each word that says what something is about."""
    return [
        Concept(
            token.text,
            tuple(f" {form} " for form in sorted(cues.spoken(token.text)[1])),
            _beginnings([token.text]),
            root=_root(token.form),
        )
        for token in tokens(words)
        if cues.topical(token.form)
    ]
