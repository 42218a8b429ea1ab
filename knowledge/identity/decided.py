"""What persons decided of names, applied before any rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from knowledge.identity.clusters import Clusters
from knowledge.identity.known import scoped
from knowledge.identity.names import fold, split_acronym
from knowledge.identity.nodes import Node
from knowledge.identity.shapes import Decision, Name, Reason, Verdict


def name_key(name: Name) -> str:
    """The form in which a decision's name is compared."""
    folded = fold(split_acronym(name.text)[0])
    return scoped(folded, name.country) if name.country else folded


class Decided:
    """Decisions that hold, the latest first; earlier ones that contradict later ones are `overruled` (their ids)."""

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self._holding: list[Decision] = []
        overruled: set[int] = set()
        believed = Clusters()
        for decision in sorted(decisions, key=lambda decision: (decision.at, decision.id), reverse=True):
            one, other = name_key(decision.one), name_key(decision.other)
            if decision.verdict is Verdict.SAME:
                holds = believed.join(one, other, Reason.DECISION)
            else:
                holds = believed.part(one, other)
            if holds:
                self._holding.append(decision)
            else:
                overruled.add(decision.id)
        self.overruled = frozenset(overruled)
        self._parted: set[tuple[str, str]] = set()

    def parted(self, clusters: Clusters) -> frozenset[tuple[str, str]]:
        """The roots of clusters, sorted within each pair, that a person has said are different."""
        roots = ((clusters.find(one), clusters.find(other)) for one, other in self._parted)
        return frozenset((min(pair), max(pair)) for pair in roots)

    def apply(self, nodes: Mapping[str, Node], clusters: Clusters) -> None:
        """Joins and parts the names that stand in records; a part holds against all that is joined later."""
        if not self._holding:
            return
        by_base: dict[str, list[str]] = defaultdict(list)
        for key, node in nodes.items():
            by_base[node.base].append(key)
        pairs = [
            (decision, _keys(decision.one, by_base, nodes), _keys(decision.other, by_base, nodes))
            for decision in self._holding
        ]
        for decision, ones, others in pairs:
            if decision.verdict is Verdict.DIFFERENT:
                self._parted.update((one, other) for one in ones for other in others)
        for one, other in sorted(self._parted):
            clusters.part(one, other)
        for decision, ones, others in pairs:
            if decision.verdict is Verdict.SAME:
                one_name = len(ones) == len(others) == 1
                for one in ones:
                    for other in others:
                        # A name that means another organisation in each country is joined within each country.
                        if one_name or nodes[one].country == nodes[other].country:
                            clusters.join(one, other, Reason.DECISION, decision.by)


def _keys(name: Name, by_base: Mapping[str, Sequence[str]], nodes: Mapping[str, Node]) -> list[str]:
    """Keys of the nodes that the name means: the one of its country, else the unbound one, else all of that name."""
    base = fold(split_acronym(name.text)[0])
    if name.country:
        bound = scoped(base, name.country)
        return [bound] if bound in nodes else [base] if base in nodes else []
    return [base] if base in nodes else sorted(by_base.get(base, ()))
