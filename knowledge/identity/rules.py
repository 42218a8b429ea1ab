"""The evidence on which two names are taken as one organisation. Nearness of spelling alone never suffices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations

from knowledge.identity.clusters import Clusters
from knowledge.identity.known import Curated, known_by_name, known_organisations
from knowledge.identity.names import (
    alike,
    countries_within,
    country_in,
    family_of,
    fold,
    is_bare_family,
    is_generic,
    is_initials,
    is_registered,
    member_of,
    only_padding,
    own_words,
    significant,
    without_articles,
    without_legal_form,
)
from knowledge.identity.nodes import Node
from knowledge.identity.shapes import Reason
from knowledge.vocabulary import ordinary_words

NAMES_OF_ONE_REF = 40
"""Identifiers under which more names are written identify nothing."""
_NAMES_OF_ONE_ACRONYM = 60
_TRUNCATED_FROM = 20
_OWNER_SHARE = 0.9
_SHORT = 3
_TELLING_FROM = 4
_RARE_FROM = 6
_INTERNATIONAL = frozenset(["ingo", "un", "multilateral", "red_cross", "donor_government"])
_WIDER = {"ingo": "ngo", "nngo": "ngo", "civil_society": "ngo", "red_cross": "ngo", "un": "multilateral"}
"""Kinds that publishers do not tell apart."""

Nodes = Mapping[str, Node]


def join_by_lists(nodes: Nodes, clusters: Clusters, curated: Curated, privacy: int) -> None:
    """What curated lists and the table of well-known organisations say."""
    by_words: dict[str, list[str]] = defaultdict(list)
    for key, node in nodes.items():
        if not node.nameless and not node.scoped:
            by_words[without_articles(node.base)].append(key)
    for key, node in nodes.items():
        for spelling, country in sorted(node.spellings):
            target, local = curated.target(spelling, node.country or country, privacy)
            if target and (local or not _stands_for_another(spelling, target, by_words)):
                clusters.join(key, target, Reason.CURATED_LIST, spelling)
    by_acronym: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        for acronym in node.acronyms:
            by_acronym[acronym].append(node)
    for organisation in known_organisations():
        words = dict.fromkeys(map(without_articles, organisation.names))
        present = [key for name in words for key in by_words.get(name, ())]
        short = (*organisation.acronyms, *(name for name in organisation.names if " " not in name))
        present.extend(
            node.key
            for acronym in short
            for node in by_acronym.get(acronym, ())
            if any(_but_for_spelling(node.name, name) for name in organisation.names)
        )
        for key in present[1:]:
            clusters.join(present[0], key, Reason.KNOWN_NAME, organisation.label)
        for name in organisation.apart:
            for key in by_words.get(without_articles(name), ()) if present else ():
                clusters.part(present[0], key)


def _stands_for_another(spelling: str, target: str, present: Mapping[str, Sequence[str]]) -> bool:
    """Whether a list that names no country gives the acronym of a well-known organisation, which records name in full,
    to another one: a list of one country says "AFD" of an NGO there, and means no bank elsewhere."""
    bearers = [one for one in known_organisations() if spelling in one.acronyms]
    others = [one for one in bearers if target not in one.names and target not in one.apart]
    return len(others) == len(bearers) and any(
        present.get(without_articles(name)) for one in others for name in one.names
    )


def join_scoped(nodes: Nodes, clusters: Clusters) -> None:
    """A name bound to a country is the same name unbound, where it is bound to one country alone."""
    bound: dict[str, list[str]] = defaultdict(list)
    for key, node in nodes.items():
        if node.scoped:
            bound[node.base].append(key)
    for base, keys in bound.items():
        if base not in nodes or is_generic(nodes[base].name):
            continue
        if len({clusters.find(key) for key in keys}) == 1 or base in known_by_name():
            homes = nodes[base].countries
            for key in keys:
                if not homes or nodes[key].country in homes or base in known_by_name():
                    clusters.join(base, key, Reason.SAME_NAME)


def join_by_form(nodes: Nodes, clusters: Clusters) -> None:
    """Names that differ by their legal form, and ways of writing one country's member of a federation."""
    by_form: dict[tuple[str, str], list[str]] = defaultdict(list)
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, node in nodes.items():
        if node.nameless:
            continue
        if not (is_generic(node.name) or family_of(node.name)) and (bare := without_legal_form(node.name)):
            by_form[bare, node.country].append(key)
        if member := member_of(node.name):
            members[member].append(key)
    for keys in by_form.values():
        for key in keys[1:]:
            clusters.join(keys[0], key, Reason.LEGAL_FORM)
    for (family, country), keys in members.items():
        for key in keys[1:]:
            clusters.join(keys[0], key, Reason.FAMILY_MEMBER, f"{family}, {country}")


def join_by_ref(nodes: Nodes, clusters: Clusters) -> None:
    """A shared identifier joins names only where they also share their significant words or their acronym."""
    by_ref: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        for ref in node.by_ref:
            if not node.nameless:
                by_ref[ref].append(node)
    for ref, members in sorted(by_ref.items()):
        if len(members) > NAMES_OF_ONE_REF:
            continue
        for position, one in enumerate(members):
            for other in members[position + 1 :]:
                if reason := _same_under(ref, one, other):
                    clusters.join(one.key, other.key, reason, ref)


def _same_under(ref: str, one: Node, other: Node) -> Reason | None:
    if not _may_be_one(one, other):
        return None
    if one.base == other.base:
        return Reason.IDENTIFIER_AND_WORDS
    acronyms, others = one.by_ref[ref], other.by_ref[ref]
    if is_generic(one.name) or is_generic(other.name):
        return Reason.IDENTIFIER_AND_ACRONYM if acronyms & others and is_registered(ref) else None
    if acronyms & (others | {other.base}) or one.base in others:
        return Reason.IDENTIFIER_AND_ACRONYM
    if is_initials(one.base, other.name) or is_initials(other.base, one.name):
        return Reason.IDENTIFIER_AND_ACRONYM
    if _same_words(one.name, other.name) or (is_registered(ref) and _adds_to(one.name, other.name)):
        return Reason.IDENTIFIER_AND_WORDS
    return None


def _may_be_one(one: Node, other: Node) -> bool:
    """False for members of a federation that are not written as the same one."""
    families = family_of(one.name), family_of(other.name)
    if not any(families):
        return True
    if families[0] != families[1]:
        # A full name beside the short one of which the federation's name is no part ("MSF").
        return not all(families) and (one.base in other.acronyms or other.base in one.acronyms)
    members = member_of(one.name), member_of(other.name)
    return members[0] == members[1] if any(members) else own_words(one.name) == own_words(other.name)


def _same_words(one: str, other: str) -> bool:
    places = countries_within(one), countries_within(other)
    if all(places) and places[0] != places[1]:
        return False
    words, others = significant(one), significant(other)
    if len(words) == 1 and places[0] != places[1] and len(min(words)) <= _TELLING_FROM:
        # "AAR" beside "AAR Japan": what is left without the country is too short to tell anything.
        return False
    if words == others or alike(one, other):
        return True
    shorter, longer = sorted((words, others), key=len)
    return len(shorter) >= 2 and shorter <= longer and only_padding(longer - shorter)


def _adds_to(one: str, other: str) -> bool:
    """Whether one name is the other with words added to it, and not just an everyday word with others."""
    if family_of(one) or family_of(other) or countries_within(one) != countries_within(other):
        return False
    shorter, longer = sorted((significant(one), significant(other)), key=len)
    return shorter <= longer and any(len(w) >= _TELLING_FROM and w not in ordinary_words() for w in shorter)


def join_by_acronym(nodes: Nodes, clusters: Clusters) -> None:
    """In tables of one country an acronym with the same words is one organisation; a bare one is its only bearer."""
    in_table: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in nodes.values():
        for entry in node.table_acronyms:
            in_table[entry].append(node)
    for (acronym, country), members in sorted(in_table.items()):
        if len(members) > _NAMES_OF_ONE_ACRONYM:
            continue
        for position, one in enumerate(members):
            for other in members[position + 1 :]:
                if _may_be_one(one, other) and _written_alike(one.name, other.name):
                    clusters.join(one.key, other.key, Reason.ACRONYM_AND_WORDS, f"{acronym}, {country}")
    by_acronym: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        for acronym in node.acronyms if not node.scoped else ():
            by_acronym[acronym].append(node)
    for acronym, members in sorted(by_acronym.items()):
        if len(acronym) < _SHORT or len(members) > _NAMES_OF_ONE_ACRONYM:
            continue
        for one, other in combinations(members, 2):
            if _may_be_one(one, other) and _but_for_spelling(one.name, other.name):
                clusters.join(one.key, other.key, Reason.ACRONYM_AND_WORDS, acronym)
    _join_bare_acronyms(nodes, clusters)


def _but_for_spelling(one: str, other: str) -> bool:
    """Whether two names are written alike and share two words at least, so that a slip is likelier than a namesake."""
    if is_generic(one) or is_generic(other) or countries_within(one) != countries_within(other):
        return False
    return len(own_words(one) & own_words(other)) >= 2 and alike(one, other)


def _written_alike(one: str, other: str) -> bool:
    if is_generic(one) or is_generic(other):
        return False
    first, second = sorted((fold(one), fold(other)), key=len)
    return _same_words(one, other) or (len(first) >= _TRUNCATED_FROM and second.startswith(first))


def _join_bare_acronyms(nodes: Nodes, clusters: Clusters) -> None:
    bearers = _bearers(nodes, clusters)
    by_ref: dict[str, set[str]] = defaultdict(set)
    grouped: dict[str, list[Node]] = defaultdict(list)
    bare: dict[str, list[Node]] = defaultdict(list)
    for node in nodes.values():
        root = clusters.find(node.key)
        grouped[root].append(node)
        for ref in node.by_ref:
            by_ref[ref].add(root)
        if node.base in bearers and not (len(node.base) > _SHORT and country_in(node.base.split())):
            bare[node.base].append(node)
    joins: list[tuple[str, str, str]] = []
    for acronym, written in sorted(bare.items()):
        roots = {clusters.find(key) for key in bearers[acronym]}
        for node in written:
            own = clusters.find(node.key)
            others = roots - {own}
            if len(others) > 1 and node.countries:
                others = _only_at_home(others, grouped, node)
            if len(others) != 1 or any(by_ref[ref] - {own} - others for ref in node.by_ref):
                continue
            if _bears(grouped[next(iter(others))], node, acronym):
                joins.append((node.key, min(k for k in bearers[acronym] if clusters.find(k) in others), acronym))
    for key, bearer, acronym in joins:
        clusters.join(key, bearer, Reason.ACRONYM_BORNE_BY_ONE, acronym)


def _only_at_home(roots: set[str], grouped: Mapping[str, Sequence[Node]], bare: Node) -> set[str]:
    """Of several bearers the one found where the bare acronym is, if all others are found in other countries alone."""
    near = {root for root in roots if any(not bare.countries.isdisjoint(node.countries) for node in grouped[root])}
    far = roots - near
    return near if not any(node.anywhere for root in far for node in grouped[root]) else roots


def _bears(bearer: Sequence[Node], bare: Node, acronym: str) -> bool:
    """Whether the organisation written as `bearer` is meant by its acronym, given where both are found."""
    if is_bare_family(bare.name) and any(member_of(node.name) for node in bearer):
        return False
    if any(not bare.by_ref.keys().isdisjoint(node.by_ref) for node in bearer):
        return True
    if any(not bare.countries.isdisjoint(node.countries) for node in bearer):
        return True
    # Short ones, and words such as hope or care, say too little without something else in common.
    telling = len(acronym) >= _SHORT and (acronym not in ordinary_words() or bare.name.isupper())
    if not telling and not bare.declared:
        return False
    if bare.scoped or all(node.scoped for node in bearer):
        return False
    kinds = {kind for node in bearer for kind in node.kinds}
    if bare.kinds and kinds and {_WIDER.get(k, k) for k in bare.kinds}.isdisjoint(_WIDER.get(k, k) for k in kinds):
        return False
    if any(node.anywhere for node in bearer) or not kinds.isdisjoint(_INTERNATIONAL):
        return True
    return len(acronym) >= _RARE_FROM and acronym not in ordinary_words()


def _bearers(nodes: Nodes, clusters: Clusters) -> Mapping[str, set[str]]:
    """Folded acronym -> keys of the names that are written with it, or have it in the table of well-known ones."""
    found: dict[str, set[str]] = defaultdict(set)
    for node in nodes.values():
        for acronym in node.acronyms:
            found[acronym].add(node.key)
    for organisation in known_organisations():
        present = [name for name in organisation.names if name in clusters]
        for acronym in organisation.acronyms if present else ():
            found[acronym].add(present[0])
    return found


def join_by_identifier_alone(nodes: Nodes, clusters: Clusters) -> None:
    """Where no name was written, the identifier says who it is, if it belongs to one organisation alone."""
    weights: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    owners: dict[str, set[str]] = defaultdict(set)
    heaviest: dict[tuple[str, str], Node] = {}
    for node in nodes.values():
        if node.nameless:
            continue
        root = clusters.find(node.key)
        for ref in node.by_ref:
            weights[ref][root] += node.weight
            if (ref, root) not in heaviest or node.weight > heaviest[ref, root].weight:
                heaviest[ref, root] = node
        for ref in node.owned:
            owners[ref].add(root)
    for node in nodes.values():
        if not node.nameless:
            continue
        ref = node.key.removeprefix("ref ")
        named = weights.get(ref, {})
        total = sum(named.values())
        chosen = owners.get(ref) or {root for root, weight in named.items() if weight >= _OWNER_SHARE * total}
        if len(chosen) == 1:
            clusters.join(node.key, heaviest[ref, next(iter(chosen))].key, Reason.IDENTIFIER_ALONE, ref)
