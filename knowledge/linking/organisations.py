"""Organisations by name, acronym, alias or misspelt name."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from typing import Any

from knowledge.linking.context import Context, capitals_only
from knowledge.linking.cues import continent, continent_in_name, cue_words, place_words
from knowledge.linking.entities import Claim, OrganisationEntry
from knowledge.linking.known import GOVERNMENT, KNOWN
from knowledge.linking.lexicon import Bond
from knowledge.linking.matching import phrase_forms
from knowledge.linking.phrases import is_theme_here
from knowledge.text import fold
from knowledge.vocabulary import function_words, kind_of, ordinary_words, theme_words

_STRENGTH, _WEAK_STRENGTH, _FUZZY_STRENGTH = 6.0, 4.0, -2.0
_EXACT, _FUZZY = 0.97, 0.85
_MAX_READINGS = 6
_WELL_KNOWN_WEIGHT = 5
_RARELY = 20
_BOND_SCORE = {Bond.SHARED: 0.0, Bond.DERIVED: 0.5, Bond.OWN: 1.5, Bond.KNOWN: 3.5}
_HOME, _ELSEWHERE = 2.0, -1.0
_SHORT = 3
_NOT_NAMED_SO = 1_000
_WORLDWIDE = frozenset(["un", "multilateral", "ingo", "donor_government", "foundation"])
_FAMILY = frozenset({"un", "united nations", "onu", "nations unies", "naciones unidas", "nacoes unidas"})
_FUZZY_FROM, _FUZZY_ORDINARY_FROM, _FUZZY_LONG_FROM = 6, 9, 12


def value(entry: OrganisationEntry) -> dict[str, Any]:
    """An organisation as readers of a link result get it; `indexed` false where no record of the index names it."""
    given: dict[str, Any] = {"id": entry.id, "name": entry.name, "kind": entry.kind}
    return {**given, "indexed": False} if entry.id.startswith((KNOWN, GOVERNMENT)) else given


def organisation_claims(context: Context, places: frozenset[str]) -> Iterator[Claim]:
    """Claims of organisations. `places` are the countries the text and its context speak of: likelier homes."""
    tokens, lexicon = context.tokens, context.lexicon
    exact: dict[int, int] = {}
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + max(1, lexicon.organisation_reach(tokens[first]))), first, -1):
            if claim := _exact(context, first, last, places):
                exact.update(dict.fromkeys(range(first, last), last))
                yield _with_its_family(context, claim)
                break
    for first in range(len(tokens)):
        for last in range(min(len(tokens), first + 4), first, -1):
            if last <= exact.get(first, first):
                break  # what is spelt right stands, unless a longer name begins here
            if claim := _misspelt(context, first, last, places):
                yield claim
                break


def _exact(context: Context, first: int, last: int, places: frozenset[str]) -> Claim | None:
    for phrase in (*phrase_forms(context.tokens[first:last]), *_without_s(context, first, last)):
        bearers = context.seen_organisations(phrase)
        if bearers and _written_as_organisation(context, first, last, phrase, bearers):
            country = names_country(context, phrase)
            if country and not context.in_capitals(first, last):
                return None
            weaker = country and not _acts(context, first, last)
            return claim_of(context, first, last, bearers, places, _EXACT, _WEAK_STRENGTH if weaker else _STRENGTH)
    return None


def _with_its_family(context: Context, claim: Claim) -> Claim:
    """ "UN World Food Programme", "l'ONU Femmes": what it is part of stands before the name of an agency."""
    first = claim.first
    agency = claim.entries and isinstance(claim.entries[0], OrganisationEntry) and claim.entries[0].kind == "un"
    if not agency or not first or context.tokens[first].before.strip(" -"):
        return claim
    for size in (1, 2):
        words = context.tokens[max(0, first - size) : first]
        if " ".join(word.form for word in words) in _FAMILY and all(word.capitalised for word in words):
            claim.first, claim.strength = first - size, claim.strength + 10 * size
            return claim
    return claim


def _without_s(context: Context, first: int, last: int) -> Iterator[str]:
    """ "wfps job": an acronym with the s of an owner, typed in haste."""
    form = context.tokens[first].form
    if last - first == 1 and form.endswith("s") and len(form) > _SHORT and form not in ordinary_words():
        acronym = form[:-1]
        if any(spelling.isupper() for spelling in context.lexicon.spelt.get(acronym, ())):
            yield acronym


def names_country(context: Context, phrase: str) -> bool:
    return any(len(ident) == 2 for ident in context.lexicon.place_names.get(phrase, ()))


def _written_as_organisation(context: Context, first: int, last: int, phrase: str, bearers: Mapping[str, Bond]) -> bool:
    """Whether these words name an organisation here, or are words (plan, care, who), a theme or a kind."""
    count = last - first
    renowned = any(bond == Bond.KNOWN for bond in bearers.values())
    is_theme_or_kind = (phrase in theme_words() if not renowned else is_theme_here(context, phrase)) or bool(
        kind_of(phrase)
    )
    if count >= 3:
        return not is_theme_or_kind
    if phrase in cue_words()["jargon"] and not renowned:
        return False
    ordinary = context.is_ordinary(first, last)
    if count == 2 and renowned:
        return not is_theme_or_kind
    if count == 2:
        if is_theme_or_kind or (any(len(token.form) == 1 for token in context.tokens[first:last]) and ordinary):
            return False
        return not ordinary or (context.tokens[first].capitalised and context.tokens[last - 1].capitalised)
    return _one_word(context, first, phrase, bearers, ordinary or is_theme_or_kind)


def _one_word(context: Context, position: int, phrase: str, bearers: Mapping[str, Bond], ordinary: bool) -> bool:
    token = context.tokens[position]
    spellings = context.lexicon.spelt.get(phrase, set())
    if ordinary or phrase in capitals_only():
        if context.shouting or is_theme_here(context, phrase):
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
        spelt = token.text in spellings and (token.text != phrase or context.careless)
        return (known and not context.is_long) or spelt or (heavy and context.careless)
    if phrase in context.lexicon.place_names or phrase in context.lexicon.demonyms:
        return (token.text.isupper() and not context.shouting) or (
            not context.located(position) and token.text in spellings
        )
    return token.capitalised or not phrase.isascii() or _small_letters_may_be_a_name(context, phrase, bearers)


def _small_letters_may_be_a_name(context: Context, phrase: str, bearers: Mapping[str, Bond]) -> bool:
    """ "oxfam" is a name; "amis" is no AMIS, unless it is known or nothing in the text has capitals."""
    if any(bond == Bond.KNOWN for bond in bearers.values()):
        return True
    heavy = any(context.lexicon.organisations[ident].weight >= _WELL_KNOWN_WEIGHT for ident in bearers)
    only_capitals = all(spelling.isupper() for spelling in context.lexicon.spelt.get(phrase, ()))
    return heavy and (context.careless or not only_capitals)


def _among_names(context: Context, position: int) -> bool:
    """Whether a word such as Plan or Concern stands where a name would: beside "by", "vs", "does"."""
    outer = context.tokens[position - 1] if position > 0 and context.tokens[position].before == " " else None
    if outer is not None and outer.capitalised and outer.form not in cue_words()["before_name"]:
        return False  # "Municipal Development Plan"
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
    ordinary = context.is_ordinary(first, last)
    if len(compact) < _FUZZY_FROM or any(len(t.form) == 1 for t in tokens):
        return None
    if tokens[0].form in function_words()[context.language] or tokens[-1].form in function_words()[context.language]:
        return None
    if ordinary and not (last - first > 1 and len(compact) >= _FUZZY_ORDINARY_FROM):
        return None
    if any(token.form in context.lexicon.place_names for token in tokens) and last - first == 1:
        return None
    if last - first == 1 and (tokens[0].form in ordinary_words() or (not tokens[0].capitalised and len(compact) < 7)):
        return None
    bearers: dict[str, Bond] = {}
    for near in context.lexicon.organisation_spellings.near(compact):
        for name in context.lexicon.compact_organisations[near]:
            if len(name) >= _FUZZY_FROM and name not in ordinary_words() and not names_country(context, name):
                bearers.update(context.lexicon.organisation_names[name])
    if ordinary or (context.is_long and (last - first == 1 or len(compact) < _FUZZY_LONG_FROM)):
        bearers = {ident: bond for ident, bond in bearers.items() if bond == Bond.KNOWN}
    return claim_of(context, first, last, bearers, places, _FUZZY, _FUZZY_STRENGTH) if bearers else None


def claim_of(
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
    known = {entry.id for entry, _ in entries}
    entries = [(entry, bond) for entry, bond in entries if known.isdisjoint(_standing(context, entry.id))]
    if not entries:
        return None
    scores = [(_score(entry, bond, places, works_at_home(context, entry)), entry) for entry, bond in entries]
    scores.sort(key=lambda scored: (-scored[0], scored[1].id))
    scores = _without_doubles(context, scores)[:_MAX_READINGS]
    total = sum(math.exp(score - scores[0][0]) for score, _ in scores)
    readings = [(value(entry), round(sure * math.exp(score - scores[0][0]) / total, 4)) for score, entry in scores]
    strength = 10 * (last - first) + bonus
    return Claim("organisation", first, last, strength, list(readings), [entry for _, entry in scores])


def _without_doubles(
    context: Context, scores: list[tuple[float, OrganisationEntry]]
) -> list[tuple[float, OrganisationEntry]]:
    """Of several entries that are one well-known organisation only one: the one named so, else the likeliest. An entry
    that hardly any record speaks of is one of a slip, whatever its name."""
    kept: list[tuple[float, OrganisationEntry]] = []
    for score, entry in scores:
        known: Set[str] = context.lexicon.known_as.get(entry.id, frozenset())
        double = next(
            (
                number
                for number, (_, other) in enumerate(kept)
                if not known.isdisjoint(context.lexicon.known_as.get(other.id, ()))
            ),
            None,
        )
        if double is None:
            kept.append((score, entry))
        elif entry.weight * _RARELY >= kept[double][1].weight and (
            _named_as(context, entry) < _named_as(context, kept[double][1])
        ):
            kept[double] = (kept[double][0], entry)
    return kept


def _named_as(context: Context, entry: OrganisationEntry) -> int:
    """Which of the names of the well-known organisation its first name is, the best known first; more where none is."""
    own = [context.lexicon.own_names[known] for known in context.lexicon.known_as.get(entry.id, ())]
    name = fold(entry.name)
    return min((names.index(name) for names in own if name in names), default=_NOT_NAMED_SO)


def _standing(context: Context, ident: str) -> list[str]:
    """Organisations of the index that the reader may know of, in whose place this one does not stand."""
    lexicon = context.lexicon
    return [other for other in lexicon.stands_for.get(ident, ()) if context.visible(lexicon.organisations[other])]


def works_at_home(context: Context, entry: OrganisationEntry) -> bool:
    """Whether its country is where it works, and not where its seat is or where most of its records are."""
    known = [context.lexicon.organisations[ident] for ident in context.lexicon.known_as.get(entry.id, ())]
    if known and not any(other.country for other in known):
        return False
    return bool(entry.country) and entry.kind not in _WORLDWIDE


def _score(entry: OrganisationEntry, bond: Bond, places: frozenset[str], home: bool) -> float:
    score = _BOND_SCORE[bond] + 0.6 * math.log1p(entry.weight)
    if (own := continent_in_name(entry.name)) and places:
        score += _HOME if any(continent(country) == own for country in places) else _ELSEWHERE
    if places and home:
        score += _HOME if entry.country in places else _ELSEWHERE
    return score
