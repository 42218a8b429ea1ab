"""All organisations behind a set of mentions: pure, whatever the order of files, and stable when more are read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from knowledge.identity.clusters import Clusters
from knowledge.identity.decided import Decided
from knowledge.identity.known import Curated
from knowledge.identity.nodes import Node, gather, key_of
from knowledge.identity.possible import possible_pairs
from knowledge.identity.presenting import number_equal_ids, present
from knowledge.identity.rules import (
    join_by_acronym,
    join_by_form,
    join_by_identifier_alone,
    join_by_lists,
    join_by_ref,
    join_scoped,
)
from knowledge.identity.shapes import Decision, Evidence, Mention, Organisation, Pair, Reason, Resolution
from knowledge.records import OrganisationName


def resolve(mentions: Sequence[Mention], curated: Iterable[OrganisationName] = ()) -> list[Organisation]:
    """All organisations behind `mentions`; each mention that names one stands in exactly one of them.

    Category names ("National NGO", "Recipient Government") name no organisation and are left out. What open records
    say is settled first and stays: private ones add to it, but change neither who is one organisation nor its name.
    """
    return resolution(mentions, [(0, row) for row in curated]).organisations


def resolution(
    mentions: Sequence[Mention],
    curated: Iterable[tuple[int, OrganisationName]] = (),
    decisions: Sequence[Decision] = (),
) -> Resolution:
    """As `resolve`, with the evidence for each mention, pairs that are possibly the same, and what persons decided.

    `curated`: (privacy of the list, row). Decisions outrank every rule; of contradicting ones the later holds, and the
    earlier ones are named in `overruled`.
    """
    lists = Curated(curated)
    keys = {mention.id: key_of(mention, lists) for mention in mentions}
    named = sorted((mention for mention in mentions if keys[mention.id][0]), key=_order)
    decided = Decided(decisions)
    clusters = Clusters()
    possible: list[Pair] = []
    nodes: dict[str, Node] = {}
    for privacy in sorted({mention.privacy for mention in named}):
        nodes = gather([mention for mention in named if mention.privacy <= privacy], keys)
        for key in nodes:
            clusters.add(key)
        decided.apply(nodes, clusters)
        join_by_lists(nodes, clusters, lists, privacy)
        join_by_form(nodes, clusters)
        join_scoped(nodes, clusters)
        join_by_ref(nodes, clusters)
        join_by_acronym(nodes, clusters)
        join_by_identifier_alone(nodes, clusters)
        clusters.settle(nodes)
        new = {mention.id for mention in named if mention.privacy == privacy}
        possible.extend(possible_pairs(nodes, clusters, decided, new))
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in named:
        groups[clusters.find(keys[mention.id][0])].append(mention)
    listed: dict[str, set[str]] = defaultdict(set)
    for key in clusters:
        listed[clusters.find(key)].add(key)
    organisations = []
    for root, members in groups.items():
        privacy = members[0].privacy
        open_members = [mention for mention in members if mention.privacy == privacy]
        own_keys = sorted({keys[mention.id][0] for mention in open_members})
        organisation = present([*own_keys, *listed[root]], open_members, lists, privacy)
        organisation.members = sorted(mention.id for mention in members)
        organisations.append((privacy, own_keys, organisation))
    ordered = [organisation for *_, organisation in sorted(organisations, key=lambda entry: entry[:2])]
    number_equal_ids(ordered)
    evidence = [row for members in groups.values() for row in _evidence(members, keys, nodes, clusters)]
    return Resolution(ordered, sorted(evidence, key=lambda row: row.mention), possible, decided.overruled)


def _order(mention: Mention) -> tuple[int, str, str, str, str, str]:
    return mention.privacy, mention.name, mention.ref, mention.acronym, mention.kind, mention.country


def _evidence(
    members: Sequence[Mention], keys: dict[int, tuple[str, str, str]], nodes: dict[str, Node], clusters: Clusters
) -> Iterator[Evidence]:
    """Why each mention but the best known stands with another one that is at least as open."""
    best = max(members, key=lambda mention: (-mention.privacy, bool(mention.name), mention.own_ref, mention.weight))
    root = keys[best.id][0]
    reasons = clusters.reasons(root)
    firsts: dict[str, int] = {root: nodes[root].first}
    for mention in members:
        if mention.id == nodes[root].first:
            continue
        key = keys[mention.id][0]
        if key in firsts:
            yield Evidence(mention.id, firsts[key], Reason.SAME_NAME)
            continue
        firsts[key] = mention.id
        step, edge = reasons[key]
        while step not in nodes and step != root:
            # The name that a list gives stands in no record: what is behind it is joined by the same list.
            step = reasons[step][0]
        yield Evidence(mention.id, nodes[step].first, edge.reason, edge.detail)
