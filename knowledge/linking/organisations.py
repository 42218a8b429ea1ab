"""Organisations by name, acronym, alias or misspelt name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from knowledge.linking.context import Context, capitals_only
from knowledge.linking.entities import Claim, OrganisationEntry
from knowledge.linking.lexicon import Bond, continent, continent_in_name, cue_words, place_words
from knowledge.linking.matching import phrase_forms
from knowledge.vocabulary import kind_of, ordinary_words, theme_words

_STRENGTH, _WEAK_STRENGTH, _FUZZY_STRENGTH = 6.0, 4.0, -2.0
_EXACT, _FUZZY = 0.97, 0.85
_MAX_READINGS = 6
_WELL_KNOWN_WEIGHT = 5
_BOND_SCORE = {Bond.SHARED: 0.0, Bond.DERIVED: 0.5, Bond.OWN: 1.5, Bond.KNOWN: 2.5}
_HOME, _ELSEWHERE = 2.0, -1.0
_SHORT = 3
_FUZZY_FROM = 6


def value(entry: OrganisationEntry) -> dict[str, Any]:
    return {"id": entry.id, "name": entry.name, "kind": entry.kind}


def organisation_claims(context: Context, places: frozenset[str]) -> Iterator[Claim]:
    """Claims of organisations. `places` are the countries the text and its context speak of: likelier homes."""
    tokens, lexicon = context.tokens, context.lexicon
    exact: set[int] = set()
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + lexicon.organisation_reach(tokens[first])), first, -1):
            if claim := _exact(context, first, last, places):
                exact.update(range(first, last))
                yield claim
                break
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + 4), first, -1):
            if first not in exact and (claim := _misspelt(context, first, last, places)):
                yield claim
                break


def _exact(context: Context, first: int, last: int, places: frozenset[str]) -> Claim | None:
    for phrase in phrase_forms(context.tokens[first:last]):
        bearers = context.seen_organisations(phrase)
        if bearers and _written_as_organisation(context, first, last, phrase, bearers):
            country = any(len(ident) == 2 for ident in context.lexicon.place_names.get(phrase, ()))
            weaker = country and not _acts(context, first, last)
            return _claim(context, first, last, bearers, places, _EXACT, _WEAK_STRENGTH if weaker else _STRENGTH)
    return None


def _written_as_organisation(context: Context, first: int, last: int, phrase: str, bearers: Mapping[str, Bond]) -> bool:
    """Whether these words name an organisation here, or are words (plan, care, who), a theme or a kind."""
    count = last - first
    is_theme_or_kind = phrase in theme_words() or bool(kind_of(phrase))
    if count >= 3:
        return not is_theme_or_kind
    ordinary = context.is_ordinary(first, last)
    if count == 2:
        if is_theme_or_kind or (any(len(token.form) == 1 for token in context.tokens[first:last]) and ordinary):
            return False
        return not ordinary or (context.tokens[first].capitalised and context.tokens[last - 1].capitalised)
    return _one_word(context, first, phrase, bearers, ordinary or is_theme_or_kind)


def _one_word(context: Context, position: int, phrase: str, bearers: Mapping[str, Bond], ordinary: bool) -> bool:
    token = context.tokens[position]
    spellings = context.lexicon.spelt.get(phrase, set())
    if ordinary or phrase in capitals_only():
        if context.shouting or phrase in theme_words():
            return False
        if token.text.isupper() and len(token.text) > 1:
            return token.text in spellings or any(s.isupper() for s in spellings)
        return context.written_as_name(position, position + 1) and _among_names(context, position)
    if len(phrase) <= _SHORT:
        if token.text.isupper() and len(token.text) > 1 and not context.shouting:
            return True
        if len(phrase) < _SHORT:
            return token.text in spellings and context.written_as_name(position, position + 1)
        known = any(bond == Bond.KNOWN for bond in bearers.values())
        heavy = any(context.lexicon.organisations[ident].weight >= _WELL_KNOWN_WEIGHT for ident in bearers)
        return known or heavy or token.text in spellings
    if phrase in context.lexicon.place_names or phrase in context.lexicon.demonyms:
        return (token.text.isupper() and not context.shouting) or (
            not context.located(position) and token.text in spellings
        )
    return True


def _among_names(context: Context, position: int) -> bool:
    """Whether a word such as Plan or Concern stands where a name would: beside "by", "vs", "does"."""
    if position > 0 and context.tokens[position - 1].form in place_words()["joiners"] | {
        "our",
        "a",
        "an",
        "this",
        "your",
    }:
        return False
    before = position > 0 and context.tokens[position - 1].form in cue_words()["before_name"]
    after = (
        position + 1 == len(context.tokens)
        or context.tokens[position + 1].form in cue_words()["acts"]
        or bool(context.tokens[position + 1].before.strip())
    )
    return before or after


def _acts(context: Context, first: int, last: int) -> bool:
    """Stands where one who acts stands, so that DRC is the Danish Refugee Council and not the country."""
    after = (
        last < len(context.tokens)
        and context.tokens[last].form in cue_words()["acts"]
        and not context.tokens[last].before.strip()
    )
    return after or (first > 0 and context.tokens[first - 1].form in cue_words()["before_actor"])


def _misspelt(context: Context, first: int, last: int, places: frozenset[str]) -> Claim | None:
    tokens = context.tokens[first:last]
    compact = "".join(token.form for token in tokens)
    if len(compact) < _FUZZY_FROM or context.is_ordinary(first, last) or any(len(t.form) == 1 for t in tokens):
        return None
    if any(token.form in context.lexicon.place_names for token in tokens) and last - first == 1:
        return None
    if last - first == 1 and (tokens[0].form in ordinary_words() or (not tokens[0].capitalised and len(compact) < 7)):
        return None
    bearers: dict[str, Bond] = {}
    for near in context.lexicon.organisation_spellings.near(compact):
        for name in context.lexicon.compact_organisations[near]:
            if len(name) >= _FUZZY_FROM and name not in ordinary_words():
                bearers.update(context.lexicon.organisation_names[name])
    return _claim(context, first, last, bearers, places, _FUZZY, _FUZZY_STRENGTH) if bearers else None


def _claim(
    context: Context,
    first: int,
    last: int,
    bearers: Mapping[str, Bond],
    places: frozenset[str],
    sure: float,
    bonus: float,
) -> Claim | None:
    entries = [
        (entry, bond)
        for ident, bond in bearers.items()
        if context.visible(entry := context.lexicon.organisations[ident])
    ]
    if not entries:
        return None
    scores = [(_score(entry, bond, places), entry) for entry, bond in entries]
    scores.sort(key=lambda scored: (-scored[0], scored[1].id))
    scores = scores[:_MAX_READINGS]
    total = sum(math.exp(score - scores[0][0]) for score, _ in scores)
    readings = [(value(entry), round(sure * math.exp(score - scores[0][0]) / total, 4)) for score, entry in scores]
    strength = 10 * (last - first) + bonus
    return Claim("organisation", first, last, strength, list(readings), [entry for _, entry in scores])


def _score(entry: OrganisationEntry, bond: Bond, places: frozenset[str]) -> float:
    score = _BOND_SCORE[bond] + 0.6 * math.log1p(entry.weight)
    if (own := continent_in_name(entry.name)) and places:
        score += _HOME if any(continent(country) == own for country in places) else _ELSEWHERE
    if entry.country and places:
        score += _HOME if entry.country in places else _ELSEWHERE
    return score
