"""One text being read: its tokens, its language, and what the reader of it may know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache

from knowledge.countries import LANGUAGES
from knowledge.language import of_text
from knowledge.linking.cues import place_words
from knowledge.linking.entities import Entry
from knowledge.linking.lexicon import Bond, Lexicon
from knowledge.linking.matching import phrase_forms
from knowledge.text import Token, fold, stem
from knowledge.vocabulary import asking_words, function_words, language_words, ordinary_words, table_yaml

_LONGEST_CUE = 3
_LONG, _TELLING, _TELLS_FIVE = 60, 20, 4
"""Words from which a text is long; from which its language is told beyond the five, and among the five."""


@lru_cache(maxsize=1)
def capitals_only() -> frozenset[str]:
    """Folded acronyms that are words as well: they count only in capitals."""
    return frozenset(fold(table_yaml("extra_words.yml")["capitals"]).split())


@lru_cache(maxsize=8)
def locatives_of(language: str) -> frozenset[str]:
    """Folded words of place of a language and of English; of all languages for ""."""
    every = place_words()["locatives"]
    if not language:
        return every
    others = frozenset(place_words()["locatives_elsewhere"])
    own = place_words()[f"locatives_{language}"]
    return (every - others) | own


@dataclass(frozen=True)
class Context:
    text: str
    tokens: Sequence[Token]
    language: str
    lexicon: Lexicon
    visible: Callable[[Entry], bool]
    countries: frozenset[str]
    today: date

    @cached_property
    def shouting(self) -> bool:
        """The whole text is in capitals, so that capitals tell nothing."""
        words = [token for token in self.tokens if len(token.text) > 1 and token.text.isalpha()]
        return len(words) > 2 and all(token.text.isupper() for token in words)

    @cached_property
    def is_long(self) -> bool:
        """A document or proposal rather than a question."""
        return len(self.tokens) > _LONG

    @cached_property
    def language_is_known(self) -> bool:
        """Whether it is in one of the five languages, as far as its length lets that be told."""
        return len(self.tokens) < _TELLING or of_text(self.text) in ("", *LANGUAGES)

    @cached_property
    def careless(self) -> bool:
        """Typed without capitals, so that small letters tell nothing."""
        return not any(token.capitalised for token in self.tokens)

    @cached_property
    def titled(self) -> bool:
        """Nearly every word begins with a capital, so that a first capital tells nothing."""
        words = [token for token in self.tokens if len(token.text) > 2 and token.text.isalpha()]
        return len(words) > 3 and sum(token.capitalised for token in words) > 0.7 * len(words)

    def written_as_name(self, first: int, last: int) -> bool:
        """Begins with a capital that neither the sentence nor the style of the text explains."""
        token = self.tokens[first]
        if not token.capitalised or self.shouting or self.titled:
            return False
        return not token.opens_sentence or (last - first > 1 and self.tokens[last - 1].capitalised)

    def in_capitals(self, first: int, last: int) -> bool:
        return not self.shouting and all(token.text.isupper() for token in self.tokens[first:last])

    def cue_before(self, position: int, cues: frozenset[str]) -> bool:
        """Whether one of the folded cue phrases ends right before this token (or is attached to it, in Arabic)."""
        return any(
            phrase in cues
            for size in range(1, min(_LONGEST_CUE, position) + 1)
            for phrase in phrase_forms(self.tokens[position - size : position])
        )

    def cue_after(self, position: int, cues: frozenset[str]) -> bool:
        """Whether one of the folded cue phrases begins at this token."""
        for size in range(1, _LONGEST_CUE + 1):
            if " ".join(token.form for token in self.tokens[position : position + size]) in cues:
                return True
        return False

    def located(self, position: int) -> bool:
        """A word of place stands before this token, or a particle of place is attached to it."""
        token = self.tokens[position]
        if any(len(other) < len(token.form) for other in token.forms[1:]):
            return True
        locatives = locatives_of(self.language if len(self.tokens) >= _TELLS_FIVE else "")
        if self.cue_before(position, locatives):
            return True
        joiners = place_words()["joiners"]
        return position > 1 and self.tokens[position - 1].form in joiners and self.cue_before(position - 1, locatives)

    def seen_organisations(self, name: str) -> dict[str, Bond]:
        """The organisations of that folded name that the reader may know of."""
        bearers = self.lexicon.organisation_names.get(name, {})
        return {ident: bond for ident, bond in bearers.items() if self.visible(self.lexicon.organisations[ident])}

    def names_place(self, name: str) -> bool:
        """Whether a place that the reader may know of bears that folded name."""
        return any(self.visible(self.lexicon.places[ident]) for ident in self.lexicon.place_names.get(name, ()))

    def is_grammar(self, first: int, last: int) -> bool:
        """All are words without which no sentence is made, in the language of the text or in English."""
        words = (function_words()[self.language], function_words()["en"])
        return all(any(token.form in known for known in words) for token in self.tokens[first:last])

    def is_ordinary_here(self, first: int, last: int) -> bool:
        """All are ordinary words of the language of the text."""
        words = (language_words()[self.language], function_words()[self.language], asking_words())
        return all(
            any(form in known for known in words for form in (token.form, stem(token.form)))
            for token in self.tokens[first:last]
        )

    def is_ordinary(self, first: int, last: int) -> bool:
        return all(
            token.form in ordinary_words() or stem(token.form) in ordinary_words() for token in self.tokens[first:last]
        )
