"""Pairs that are possibly one organisation: strong evidence that does not suffice. Never joined, only shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Mapping, Sequence
from itertools import combinations

from knowledge.identity.clusters import Clusters
from knowledge.identity.decided import Decided
from knowledge.identity.known import known_organisations, successors
from knowledge.identity.names import (
    alike,
    countries_within,
    family_of,
    is_bare_family,
    is_generic,
    is_registered,
    near,
    own_words,
    significant,
)
from knowledge.identity.nodes import Node
from knowledge.identity.shapes import Likeness, Pair

_MOST_IN_BLOCK = 12
"""Blocks with more names than this tell nothing, and pairing them up would grow with the square of the dirt."""
_LEAST_SCORE = 0.3
_SCORES = {
    Likeness.SAME_WORDS: 0.8,
    Likeness.NEAR_SPELLING: 0.6,
    Likeness.SAME_IDENTIFIER: 0.25,
    Likeness.SUCCESSOR: 0.5,
    Likeness.KNOWN_NAME: 0.5,
    Likeness.COUNTRY_OFFICE: 0.5,
    Likeness.SAME_ACRONYM: 0.35,
    Likeness.FAMILY: 0.3,
}
_SHARED_WORDS, _SAME_COUNTRY, _OTHER_COUNTRY, _REGISTERED = 0.35, 0.15, 0.5, 0.1
_SPELLING_FROM = 6
_WORDS_OF_A_NAME = 12

_Found = tuple[Node, Node, Likeness, str]


def possible_pairs(nodes: Mapping[str, Node], clusters: Clusters, decided: Decided, new: Collection[int]) -> list[Pair]:
    """The strongest pair of names for each two organisations, where at least one of the names' mentions is in `new`."""
    named = [node for node in nodes.values() if not node.nameless]
    parted = decided.parted(clusters)
    found: dict[tuple[str, str], list[_Found]] = defaultdict(list)
    for one, other, likeness, detail in _candidates(named, nodes):
        roots = clusters.find(one.key), clusters.find(other.key)
        if roots[0] == roots[1] or (one.first not in new and other.first not in new):
            continue
        if (min(roots), max(roots)) not in parted:
            first, second = (one, other) if one.key <= other.key else (other, one)
            found[min(roots), max(roots)].append((first, second, likeness, detail))
    pairs = []
    for entries in found.values():
        one, other, _, _ = max(entries, key=lambda entry: (_score(entry), entry[0].key, entry[1].key))
        reasons: dict[Likeness, tuple[float, str]] = {}
        for entry in entries:
            reasons[entry[2]] = max(reasons.get(entry[2], (0.0, "")), (_score(entry), entry[3]))
        doubt = 1.0
        for score, _ in reasons.values():
            doubt *= 1 - score
        if 1 - doubt >= _LEAST_SCORE:
            ordered = sorted(reasons.items(), key=lambda reason: (-reason[1][0], reason[0]))
            evidence = tuple((likeness, detail) for likeness, (_, detail) in ordered)
            pairs.append(Pair(one.first, other.first, round(min(1 - doubt, 0.99), 3), evidence))
    return sorted(pairs, key=lambda pair: (-pair.score, pair.one, pair.other))


def _score(found: _Found) -> float:
    one, other, likeness, detail = found
    score = _SCORES[likeness]
    if likeness in (Likeness.SAME_IDENTIFIER, Likeness.SAME_ACRONYM):
        words, others = significant(one.name), significant(other.name)
        score += _SHARED_WORDS * len(words & others) / max(1, min(len(words), len(others)))
        if one.countries & other.countries:
            score += _SAME_COUNTRY
        if likeness is Likeness.SAME_IDENTIFIER and is_registered(detail):
            score += _REGISTERED
    if one.countries and other.countries and not one.countries & other.countries and (one.scoped or other.scoped):
        score *= _OTHER_COUNTRY
    return score


def _candidates(named: Sequence[Node], nodes: Mapping[str, Node]) -> Iterator[_Found]:
    blocks: dict[tuple[Likeness, Hashable], list[Node]] = defaultdict(list)
    for node in named:
        for ref in node.by_ref:
            blocks[Likeness.SAME_IDENTIFIER, ref].append(node)
        for acronym in {*node.acronyms, node.base}:
            if " " not in acronym and len(acronym) > 1:
                blocks[Likeness.SAME_ACRONYM, acronym].append(node)
        if is_generic(node.name):
            continue
        words = significant(node.name)
        if len(words) >= 2 or own_words(node.name) != words:
            blocks[Likeness.SAME_WORDS, words].append(node)
        for key in _spelling_keys(node, words):
            blocks[Likeness.NEAR_SPELLING, key].append(node)
        if is_bare_family(node.name):
            blocks[Likeness.FAMILY, family_of(node.name)].append(node)
    for (likeness, detail), members in blocks.items():
        if 2 <= len(members) <= _MOST_IN_BLOCK:
            for one, other in combinations(members, 2):
                if found := _pair(one, other, likeness, detail):
                    yield found
    yield from _members(named, {str(key): nodes for (kind, key), nodes in blocks.items() if kind is Likeness.FAMILY})
    yield from _listed(nodes)


def _spelling_keys(node: Node, words: frozenset[str]) -> Iterator[Hashable]:
    """Keys that two names share where they differ by one word, or by a letter of their only word."""
    ordered = tuple(sorted(words))
    if len(ordered) >= 2:
        yield "".join(node.base.split())
        # Of two words only the longer one is kept; what has very many is a description and no name.
        longest = len(max(ordered, key=len)) if len(ordered) == 2 else 0
        for position, word in enumerate(ordered if len(ordered) <= _WORDS_OF_A_NAME else ()):
            if not longest or len(word) < longest:
                yield ordered[:position] + ordered[position + 1 :]
    elif ordered and len(ordered[0]) >= _SPELLING_FROM:
        word = ordered[0]
        yield from {word, *(word[:position] + word[position + 1 :] for position in range(len(word)))}


def _pair(one: Node, other: Node, likeness: Likeness, detail: Hashable) -> _Found | None:
    match likeness:
        case Likeness.NEAR_SPELLING:
            words, others = significant(one.name), significant(other.name)
            single = len(words) == len(others) == 1 and near(*words, *others)
            if words == others or not (single or (len(words) > 1 and alike(one.name, other.name))):
                return None
            return one, other, likeness, ""
        case Likeness.SAME_WORDS:
            places = countries_within(one.name), countries_within(other.name)
            if all(places) and places[0] != places[1]:
                return None
            if any(places) and places[0] != places[1]:
                return one, other, Likeness.COUNTRY_OFFICE, " ".join(sorted(places[0] ^ places[1]))
            return one, other, likeness, " ".join(sorted(own_words(one.name) & own_words(other.name)))
        case Likeness.SAME_ACRONYM | Likeness.SAME_IDENTIFIER if one.base == other.base:
            return None
        case _:
            return one, other, likeness, str(detail)


def _members(named: Sequence[Node], bare: Mapping[str, Sequence[Node]]) -> Iterator[_Found]:
    """Each member of a federation beside the federation's name alone."""
    for node in named:
        family = family_of(node.name)
        for other in bare.get(family, ())[:_MOST_IN_BLOCK] if family else ():
            if other is not node and not is_bare_family(node.name):
                yield node, other, Likeness.FAMILY, family


def _listed(nodes: Mapping[str, Node]) -> Iterator[_Found]:
    for before, afters in successors().items():
        for after in afters:
            if before in nodes and after in nodes:
                yield nodes[before], nodes[after], Likeness.SUCCESSOR, ""
    for organisation in known_organisations():
        own = [name for name in organisation.names if name in nodes]
        for name in organisation.apart:
            if own and name in nodes:
                yield nodes[own[0]], nodes[name], Likeness.KNOWN_NAME, organisation.label
