"""Which place each name means: decided over all names of a text together, because they explain each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from knowledge.countries import country_labels
from knowledge.linking.context import Context
from knowledge.linking.cues import cue_words, place_words
from knowledge.linking.entities import Claim, PlaceEntry
from knowledge.linking.lexicon import SITE_LEVEL, Bond
from knowledge.linking.mention import Mention
from knowledge.text import fold
from knowledge.vocabulary import country_forms

_LEVEL_PRIOR = {-1: 3.0, 0: 3.2, 1: 1.8, 2: 0.5}
_OWN_NAME, _IN_CONTEXT, _HINTED, _HINTED_AGAINST = 0.6, 2.0, 3.0, -4.0
_AROUND, _NEIGHBOUR = 4.0, 1.5
_MAX_READINGS = 8
_LEAST_PROBABILITY = 0.01
_ROUNDS = 3
_RENOWN, _OTHERS_LANGUAGE, _HOME, _OVER_DISTRICTS, _CRISIS = 2.5, -3.0, 1.5, 0.7, 0.8
_TELLING = 3
"""Words from which a text tells its language."""
_NEAREST = 6
_EXACT_FROM, _LEAST_OF_SLIP = 0.9, 0.3


def value(context: Context, place: PlaceEntry) -> dict[str, Any]:
    """A place as readers of a link result get it; `members` stands only where it is an area of several places."""
    within = [around.name for around in context.lexicon.ancestors(place)]
    given: dict[str, Any] = {
        "id": place.id,
        "name": place.name,
        "country": place.country,
        "level": place.level,
        "within": within,
    }
    if place.members:
        inside = [context.lexicon.places[ident] for ident in place.members if ident in context.lexicon.places]
        given["members"] = [value(context, member) for member in inside if context.visible(member)]
    return given


def resolve(context: Context, found: Sequence[Mention], homes: frozenset[str] = frozenset()) -> None:
    """Gives every mention the probabilities of its candidates, in rounds, as the places around explain each other.

    `homes` are the countries of organisations that the text names and that work in one country only.
    """
    for mention in found:
        mention.candidates = _without_inner_namesakes(context, mention)
        mention.probabilities = _softmax(context, mention, [], homes)
    found = [mention for mention in found if len(found) == 1 or not _denied(context, mention)]
    for _ in range(_ROUNDS):
        new = [_softmax(context, mention, _beside(found, number), homes) for number, mention in enumerate(found)]
        for mention, probabilities in zip(found, new, strict=True):
            mention.probabilities = probabilities


def _beside(found: Sequence[Mention], number: int) -> list[Mention]:
    """The nearest other mentions on either side."""
    return [*found[max(0, number - _NEAREST) : number], *found[number + 1 : number + 1 + _NEAREST]]


def _without_inner_namesakes(context: Context, mention: Mention) -> list[tuple[PlaceEntry, Bond]]:
    """Conakry the district lies in Conakry the region: the name means the outer one, unless a level word denies it."""
    by_id = {place.id: place for place, _ in mention.candidates}
    hinted = {ident for ident, place in by_id.items() if place.level in mention.hint}
    kept = []
    even = mention.name in place_words()["even"]
    for place, bond in mention.candidates:
        if even and place.level > 1 and place.id not in hinted:
            continue
        if _same_under_heavier(context, mention, place):
            continue
        around = [other.id for other in context.lexicon.ancestors(place) if other.id in by_id]
        if around and (place.id not in hinted or any(ident in hinted for ident in around)):
            continue
        inside_hinted = not hinted.isdisjoint(
            ident for ident in hinted if place.id in {other.id for other in context.lexicon.ancestors(by_id[ident])}
        )
        if not (inside_hinted and place.id not in hinted):
            kept.append((place, bond))
    return kept


def _same_under_heavier(context: Context, mention: Mention, place: PlaceEntry) -> bool:
    """A site of which no more is known than what lies around a unit of the same name too: one has the records."""
    for other, _ in mention.candidates:
        if other.id == place.id or other.country != place.country or 0 in (other.level, place.level):
            continue
        around = {outer.id for one in (place, other) for outer in context.lexicon.ancestors(one)} | {""}
        loose = [one for one in (place, other) if one.level == SITE_LEVEL and one.parent in around]
        if len(loose) != 1 or place.members or other.members:
            continue
        if (place.weight, place is not loose[0]) < (other.weight, other is not loose[0]):
            return True
    return False


def _softmax(context: Context, mention: Mention, others: Sequence[Mention], homes: frozenset[str]) -> dict[str, float]:
    scores = {
        place.id: _score(context, mention, place, bond, others) + _HOME * (place.level > 0 and place.country in homes)
        for place, bond in mention.candidates
    }
    top = max(scores.values())
    total = sum(math.exp(score - top) for score in scores.values())
    return {ident: math.exp(score - top) / total for ident, score in scores.items()}


def _score(context: Context, mention: Mention, place: PlaceEntry, bond: Bond, others: Sequence[Mention]) -> float:
    lexicon = context.lexicon
    even = mention.name in place_words()["even"] and not context.countries
    prior = _LEVEL_PRIOR[1] if even and place.level == 0 else _LEVEL_PRIOR.get(place.level, 0.0)
    score = prior + _OWN_NAME * (bond >= Bond.OWN) + _RENOWN * (bond == Bond.KNOWN) + mention.slips.get(place.id, 0.0)
    elsewhere = any(other.level > 0 for other, _ in mention.candidates)
    if place.level == 0 and elsewhere and _named_in_others(context, mention.name, place):
        score += _OTHERS_LANGUAGE
    if not even:
        score += 0.5 * math.log1p(place.weight) + 0.15 * math.log1p(lexicon.country_weight.get(place.country, 0))
    if place.level == 1 and any(other.country == place.country and other.level > 1 for other, _ in mention.candidates):
        score += _OVER_DISTRICTS
    score += _CRISIS * (place.country.lower() in place_words()["crises"] or place.level < 0)
    if place.country in context.countries:
        score += _IN_CONTEXT
    if mention.hint:
        score += _HINTED if place.level in mention.hint else _HINTED_AGAINST if place.level == 0 else 0.0
    around = {other.id for other in lexicon.ancestors(place)}
    namesake_of_country = place.level > 0 and any(other.level == 0 for other, _ in mention.candidates)
    for other in others:
        if namesake_of_country and not (_locates(context, mention, other) and not _in_list(context, mention, others)):
            continue
        score += _AROUND * sum(share for ident, share in other.probabilities.items() if ident in around)
        score += _NEIGHBOUR * sum(
            share
            for candidate, _ in other.candidates
            if candidate.country == place.country and candidate.id not in around
            for share in (other.probabilities.get(candidate.id, 0.0),)
        )
    return score


def _named_in_others(context: Context, name: str, country: PlaceEntry) -> bool:
    """A country under a name of another language: "Equateur" in an English text is the province."""
    if name in country_forms().get(country.id, frozenset()):
        return False
    languages = {language for language, label in country_labels().get(country.id, {}).items() if fold(label) == name}
    return bool(languages) and context.language not in languages and len(context.tokens) >= _TELLING


def _locates(context: Context, mention: Mention, other: Mention) -> bool:
    """Whether the other name stands behind this one to say where it lies: "Niger, Nigeria", "Central in Chad"."""
    gap = context.tokens[mention.last : other.first]
    if other.first < mention.last or len(gap) > 2:
        return False
    return all(token.form in place_words()["locatives"] | place_words()["joiners"] for token in gap)


def spoken_for(context: Context, found: Sequence[Mention]) -> set[int]:
    """Positions in `found` that are not asked for: around another place, denied, or a people's name beside a place."""
    dropped = {number for number, mention in enumerate(found) if len(found) > 1 and _denied(context, mention)}
    asked = [mention for number, mention in enumerate(found) if number not in dropped and not mention.weak]
    inner = {around.id for mention in asked for around in context.lexicon.ancestors(mention.best)}
    for number, mention in enumerate(found):
        if (mention.best.id in inner and not _named_with_inner(context, mention, asked)) or (mention.weak and asked):
            dropped.add(number)
    return dropped


def _in_list(context: Context, mention: Mention, others: Sequence[Mention]) -> bool:
    """ "Mali, Niger, Nigeria": a country right before makes it one of a list."""
    return any(
        other.last <= mention.first
        and all(token.form in cue_words()["and"] for token in context.tokens[other.last : mention.first])
        and any(place.level == 0 for place, _ in other.candidates)
        for other in others
    )


def _named_with_inner(context: Context, mention: Mention, asked: Sequence[Mention]) -> bool:
    """ "Tessalit and Kidal": joined to the place inside it, so that both are asked for."""
    for other in asked:
        first, last = min(mention.last, other.last), max(mention.first, other.first)
        between = context.tokens[first:last]
        if len(between) == 1 and other is not mention and between[0].form in cue_words()["and"]:
            return True
    return False


def mere_slips(context: Context, found: Sequence[Mention]) -> set[int]:
    """Positions of words near to the names of many places and clearly none of them: rather no place at all."""
    return {
        number
        for number, mention in enumerate(found)
        if (mention.sure < _EXACT_FROM or context.is_long)
        and not mention.hint
        and max(mention.probabilities.values()) < _LEAST_OF_SLIP
    }


def _denied(context: Context, mention: Mention) -> bool:
    denials = place_words()["negations"] - (frozenset() if context.language in ("en", "es") else frozenset({"no"}))
    first = mention.first
    if context.cue_before(first, denials):
        return True
    return (
        first > 1 and context.cue_before(first, place_words()["locatives"]) and context.cue_before(first - 1, denials)
    )


def as_claim(context: Context, mention: Mention, strength: float) -> Claim:
    """The claim of a resolved mention."""
    ranked = sorted(
        mention.candidates, key=lambda candidate: (-mention.probabilities[candidate[0].id], candidate[0].id)
    )
    readings = [
        (value(context, place), round(mention.sure * mention.probabilities[place.id], 4))
        for place, _ in ranked[:_MAX_READINGS]
        if mention.probabilities[place.id] >= _LEAST_PROBABILITY or place is ranked[0][0]
    ]
    return Claim(
        "place",
        mention.first,
        mention.last,
        strength,
        list(readings),
        [place for place, _ in ranked],
        weak=mention.weak,
    )
