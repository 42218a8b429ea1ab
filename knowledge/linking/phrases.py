"""Themes and kinds of organisation by the words people use for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from knowledge.countries import LANGUAGES
from knowledge.linking.context import Context, capitals_only
from knowledge.linking.cues import cue_words, place_words
from knowledge.linking.entities import Claim
from knowledge.linking.lexicon import Bond
from knowledge.linking.matching import PhraseTable, SpellingIndex
from knowledge.text import fold
from knowledge.vocabulary import (
    ancestors,
    kinds,
    language_words,
    ordinary_words,
    split_words,
    table_yaml,
    theme_label,
    theme_words,
    themes,
)

_SURE, _MISSPELT = 0.97, 0.85
_THEME_STRENGTH, _KIND_STRENGTH = 3.0, 4.0
_FUZZY_FROM = 6
_TELLING = 6
"""Letters beyond which a word of another language is no other word of this one."""


@lru_cache(maxsize=1)
def _theme_table() -> PhraseTable[tuple[str, ...]]:
    return PhraseTable(theme_words())


@lru_cache(maxsize=1)
def _theme_languages() -> Mapping[str, frozenset[str]]:
    """Folded one-word theme word -> languages it belongs to."""
    found: dict[str, set[str]] = {}
    for item in themes().values():
        for language in LANGUAGES:
            for word in (item.labels[language], *item.words[language]):
                found.setdefault(fold(word), set()).add(language)
    return {word: frozenset(languages) for word, languages in found.items()}


@lru_cache(maxsize=1)
def _theme_spellings() -> tuple[SpellingIndex, dict[str, str]]:
    compact = {
        word.replace(" ", ""): word for word in theme_words() if len(word) >= _FUZZY_FROM and word.count(" ") < 2
    }
    return SpellingIndex(compact), compact


@lru_cache(maxsize=1)
def _idiom_table() -> PhraseTable[bool]:
    return PhraseTable({fold(phrase): True for phrase in split_words(table_yaml("extra_words.yml")["idioms"])})


@lru_cache(maxsize=1)
def _kind_table() -> PhraseTable[str]:
    asked = [kind for kind in kinds().values() if kind.asked]
    words = {fold(word): kind.id for kind in asked for word in (*kind.labels.values(), *kind.asked)}
    return PhraseTable({word: ident for word, ident in words.items() if word})


def theme_claims(context: Context) -> Iterator[Claim]:
    """Claims of theme words, longest at each place; misspelt ones where the word is no word of any language."""
    taken: set[int] = set()
    for first, last, _ in _idiom_table().find(context.tokens):
        taken.update(range(first, last))
        yield Claim("idiom", first, last, 10 * (last - first) + _THEME_STRENGTH, [], silent=True)
    for first, last, ids in _theme_table().find(context.tokens):
        if last - first == 1 and not _means_theme(context, first):
            continue
        taken.update(range(first, last))
        yield _theme_claim(context, first, last, ids, _SURE, 0.0)
    index, names = _theme_spellings()
    for first, token in enumerate(context.tokens):
        if (
            first in taken
            or len(token.form) < _FUZZY_FROM
            or token.form in ordinary_words()
            or not token.form.isascii()
        ):
            continue
        if context.names_place(token.form) or context.seen_organisations(token.form):
            continue
        if near := index.near(token.form):
            yield _theme_claim(context, first, first + 1, theme_words()[names[near[0]]], _MISSPELT, -8.0)


def _means_theme(context: Context, position: int) -> bool:
    """A single word is a theme unless it is an acronym not in capitals, or a mere word in the language of the text."""
    token = context.tokens[position]
    if token.form in capitals_only():
        return context.in_capitals(position, position + 1)
    languages = _theme_languages().get(token.form)
    if languages is None or context.language in languages:
        return True
    if any(bond == Bond.KNOWN for bond in context.seen_organisations(token.form).values()):
        return False  # "sida" in an English question is the Swedish agency
    return len(token.form) > _TELLING or token.form not in language_words()[context.language]


def is_theme_here(context: Context, phrase: str) -> bool:
    """Whether a folded phrase names a theme in the language of the text."""
    if phrase not in theme_words():
        return False
    languages = _theme_languages().get(phrase)
    return languages is None or context.language in languages


def _theme_claim(
    context: Context, first: int, last: int, ids: tuple[str, ...], probability: float, bonus: float
) -> Claim:
    readings = [({"id": ident, "name": theme_label(ident, context.language)}, probability) for ident in ids]
    return Claim("theme", first, last, 10 * (last - first) + _THEME_STRENGTH + bonus, list(readings), several=True)


def silence_wider_themes(context: Context, claims: Sequence[Claim]) -> None:
    """ "Health teams against malaria" asks for malaria: the wider theme goes,
    unless both are named in one breath."""
    found = [claim for claim in claims if claim.type == "theme"]
    above = [frozenset[str]().union(*(ancestors(str(value["id"])) for value, _ in claim.readings)) for claim in found]
    wider = frozenset[str]().union(*above)
    for wide in found:
        if not all(value["id"] in wider for value, _ in wide.readings):
            continue
        for fine, over in zip(found, above, strict=True):
            gap = context.tokens[min(wide.last, fine.last) : max(wide.first, fine.first)]
            side_by_side = len(gap) < 3 and all(token.form in cue_words()["and"] for token in gap)
            if all(value["id"] in over for value, _ in wide.readings) and not side_by_side:
                wide.silent = True


def kind_claims(context: Context) -> Iterator[Claim]:
    """Claims of words for kinds of organisation; the speaker's own kind holds its words and says nothing."""
    speaker = place_words()["speaker"]
    for first, last, ident in _kind_table().find(context.tokens):
        form = context.tokens[first].form
        if last - first == 1 and form in capitals_only() and not context.in_capitals(first, last):
            continue
        of_people = _beside_demonym(context, first, last)
        kind = "nngo" if ident == "ngo" and of_people else ident
        claim = Claim("organisation_kind", first, last, 10 * (last - first) + _KIND_STRENGTH, [({"id": kind}, _SURE)])
        claim.silent = context.cue_before(first, speaker)
        yield claim
    for position, token in enumerate(context.tokens):
        counted = _kind_table().get(context.tokens[position : position + 1])
        if token.form in cue_words()["partners"] and not counted and _beside_demonym(context, position, position + 1):
            yield Claim("organisation_kind", position, position + 1, 10 + _KIND_STRENGTH, [({"id": "nngo"}, 0.8)])


def _beside_demonym(context: Context, first: int, last: int) -> bool:
    """Beside "Ukrainian", "libanais": an organisation of that country."""
    demonyms = context.lexicon.demonyms
    before = first > 0 and any(form in demonyms for form in context.tokens[first - 1].forms)
    after = last < len(context.tokens) and any(form in demonyms for form in context.tokens[last].forms)
    return before or after
