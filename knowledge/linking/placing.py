"""Which place each name means: decided over all names of a text together, because they explain each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from knowledge.linking.context import Context
from knowledge.linking.entities import Claim, PlaceEntry
from knowledge.linking.lexicon import Bond, place_words
from knowledge.linking.places import Mention

_LEVEL_PRIOR = {0: 3.2, 1: 1.8, 2: 0.5}
_OWN_NAME, _IN_CONTEXT, _HINTED, _HINTED_AGAINST = 0.6, 2.0, 3.0, -4.0
_AROUND, _NEIGHBOUR = 4.0, 1.5
_MAX_READINGS = 8
_LEAST_PROBABILITY = 0.01
_ROUNDS = 3
_NEAREST = 6


def value(context: Context, place: PlaceEntry) -> dict[str, Any]:
    within = [around.name for around in context.lexicon.ancestors(place)]
    return {"id": place.id, "name": place.name, "country": place.country, "level": place.level, "within": within}


def resolve(context: Context, found: Sequence[Mention]) -> None:
    """Gives every mention the probabilities of its candidates, in rounds, as the places around explain each other."""
    for mention in found:
        mention.candidates = _without_inner_namesakes(context, mention)
        mention.probabilities = _softmax(context, mention, [])
    found = [mention for mention in found if len(found) == 1 or not _denied(context, mention)]
    for _ in range(_ROUNDS):
        new = [_softmax(context, mention, _beside(found, number)) for number, mention in enumerate(found)]
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
    for place, bond in mention.candidates:
        around = [other.id for other in context.lexicon.ancestors(place) if other.id in by_id]
        if around and (place.id not in hinted or any(ident in hinted for ident in around)):
            continue
        inside_hinted = not hinted.isdisjoint(
            ident for ident in hinted if place.id in {other.id for other in context.lexicon.ancestors(by_id[ident])}
        )
        if not (inside_hinted and place.id not in hinted):
            kept.append((place, bond))
    return kept


def _softmax(context: Context, mention: Mention, others: Sequence[Mention]) -> dict[str, float]:
    scores = {place.id: _score(context, mention, place, bond, others) for place, bond in mention.candidates}
    top = max(scores.values())
    total = sum(math.exp(score - top) for score in scores.values())
    return {ident: math.exp(score - top) / total for ident, score in scores.items()}


def _score(context: Context, mention: Mention, place: PlaceEntry, bond: Bond, others: Sequence[Mention]) -> float:
    lexicon = context.lexicon
    score = _LEVEL_PRIOR.get(place.level, 0.0) + _OWN_NAME * (bond >= Bond.OWN)
    score += 0.5 * math.log1p(place.weight) + 0.15 * math.log1p(lexicon.country_weight.get(place.country, 0))
    if place.country in context.countries:
        score += _IN_CONTEXT
    if mention.hint:
        score += _HINTED if place.level in mention.hint else _HINTED_AGAINST if place.level == 0 else 0.0
    around = {other.id for other in lexicon.ancestors(place)}
    namesake_of_country = place.level > 0 and any(other.level == 0 for other, _ in mention.candidates)
    for other in others:
        if namesake_of_country and not _locates(context, mention, other):
            continue
        score += _AROUND * sum(share for ident, share in other.probabilities.items() if ident in around)
        score += _NEIGHBOUR * sum(
            share
            for candidate, _ in other.candidates
            if candidate.country == place.country and candidate.id not in around
            for share in (other.probabilities.get(candidate.id, 0.0),)
        )
    return score


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
        if mention.best.id in inner or (mention.weak and asked):
            dropped.add(number)
    return dropped


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
