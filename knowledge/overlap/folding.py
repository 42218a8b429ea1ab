"""Records that tell of the same work under one heading: who reports it again, who pays for it, what it is a part of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import decide
from knowledge.overlap.evidence import evidence
from knowledge.overlap.graph import Graph
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.sparse import Ints

SAME_WORK = (Label.DUPLICATE, Label.CHAIN)
_FROM = 0.5
_FAMILY_FROM = 0.7
_MOST = 12
"""Records under one heading. What a large donor pays for would otherwise all be one."""
_COLUMN = {label: c for c, label in enumerate(LABELS)}
_HOPS = 2


@dataclass(frozen=True, slots=True)
class Known:
    """What two records are to each other. `probabilities[c]` is that of `LABELS[c]`. `judged`: a person said so."""

    label: Label
    probabilities: tuple[float, ...]
    judged: bool = False

    @property
    def probability(self) -> float:
        """Of `label`."""
        return self.probabilities[_COLUMN[self.label]]

    def of(self, label: Label) -> float:
        return self.probabilities[_COLUMN[label]]


@dataclass(slots=True)
class Ties:
    """Pairs among some rows of a corpus, by row and other row, both ways."""

    by_row: dict[int, dict[int, Known]] = field(default_factory=dict)

    def add(self, one: int, other: int, known: Known) -> None:
        self.by_row.setdefault(one, {})[other] = known
        self.by_row.setdefault(other, {})[one] = known

    def remove(self, one: int, other: int) -> None:
        self.by_row.get(one, {}).pop(other, None)
        self.by_row.get(other, {}).pop(one, None)

    def between(self, one: int, other: int) -> Known | None:
        return self.by_row.get(one, {}).get(other)

    def around(self, row: int) -> Mapping[int, Known]:
        return self.by_row.get(row, {})


def judged_as(label: Label) -> Known:
    """What a person says is certain."""
    return Known(label, tuple(float(each is label) for each in LABELS), judged=True)


def ties(graph: Graph, rows: Iterable[int]) -> Ties:
    """All pairs of the graph among `rows` and the records that tell of their work."""
    asked = np.zeros(len(graph.corpus), np.bool_)
    asked[np.fromiter(rows, np.int64)] = True
    inside = asked.copy()
    telling = np.isin(graph.best, [_COLUMN[label] for label in SAME_WORK])
    joining = graph.probabilities[:, [_COLUMN[label] for label in SAME_WORK]].sum(axis=1) >= _FROM
    left, right = graph.left[telling & joining], graph.right[telling & joining]
    for _ in range(_HOPS):
        reached = inside[left] | inside[right]
        inside[left[reached]] = True
        inside[right[reached]] = True
    # Of records beside those asked for only what joins them or keeps them apart is of use.
    telling |= graph.best == _COLUMN[Label.OVERLAP]
    telling |= asked[graph.left] & asked[graph.right]
    # Also who meets nobody by the model, since people may say otherwise.
    found = Ties({int(row): {} for row in np.flatnonzero(asked)})
    take(found, graph, np.flatnonzero(telling & inside[graph.left] & inside[graph.right]))
    return found


def decided(corpus: Corpus, rows: Sequence[int], *, links: bool) -> Ties:
    """All pairs among `rows`, decided now."""
    at, other = np.triu_indices(len(rows), 1)
    numbers = np.asarray(rows, np.int64)
    left, right = np.minimum(numbers[at], numbers[other]), np.maximum(numbers[at], numbers[other])
    found = decide(evidence(corpus, left, right, links=links), links=links)
    pairs = Graph(corpus, left, right, found.probabilities.astype(np.float16), found.best.astype(np.uint8), len(left))
    kept = Ties()
    take(kept, pairs, np.flatnonzero(pairs.best != _COLUMN[Label.UNRELATED]))
    return kept


def take(found: Ties, graph: Graph, pairs: Ints) -> None:
    """Adds these pairs of the graph."""
    columns = zip(
        graph.left[pairs].tolist(),
        graph.right[pairs].tolist(),
        graph.best[pairs].tolist(),
        graph.probabilities[pairs].astype(np.float64).tolist(),
        strict=True,
    )
    for one, other, best, chances in columns:
        found.add(one, other, Known(LABELS[best], tuple(chances)))


def judge(found: Ties, index: Mapping[str, int], judged: Mapping[frozenset[str], Label]) -> None:
    """Puts what people said of pairs of identifiers in the place of what the model says. `index` gives their rows; of
    records beyond those that `found` speaks of nothing is said."""
    for pair, label in judged.items():
        rows = [index[ident] for ident in sorted(pair) if ident in index]
        if len(rows) != 2 or not any(row in found.by_row for row in rows):
            continue
        if label is Label.UNRELATED:
            found.remove(*rows)
        else:
            found.add(rows[0], rows[1], judged_as(label))


def headings(found: Ties, rows: Iterable[int], reporters: Ints) -> list[tuple[int, ...]]:
    """The rows with all that tell of the same work, each row once, the surest joined first.

    Two groups become one where at least half of the pairs between them are duplicates or chains, none is an overlap,
    and no publisher would stand there twice with different work: so the partners of one donor stay apart, and so do
    the grants of one donor to one partner. `reporters` gives a number for the publisher of each row.
    """

    def alike(one: int, other: int) -> bool:
        known = found.between(one, other)
        return reporters[one] != reporters[other] or (known is not None and known.label is Label.DUPLICATE)

    wanted = sorted({*rows, *found.by_row})
    edges = [
        (-sum(known.of(label) for label in SAME_WORK), one, other)
        for one, others in found.by_row.items()
        for other, known in others.items()
        if one < other and known.label in SAME_WORK
    ]

    def joins(mine: Sequence[int], theirs: Sequence[int]) -> bool:
        between = [found.between(a, b) for a in mine for b in theirs]
        if any(known is not None and known.label is Label.OVERLAP for known in between):
            return False
        same = sum(known is not None and known.label in SAME_WORK for known in between)
        return 2 * same >= len(between) and all(alike(a, b) for a in mine for b in theirs)

    group = _grouped(wanted, edges, joins)
    return list({id(group[row]): tuple(group[row]) for row in rows}.values())


def programmes(found: Ties, groups: Sequence[Sequence[int]]) -> list[tuple[int, ...]]:
    """The headings, by their place in the list, grouped by programme: each is of one family with at least half of the
    others, and overlaps with none."""
    of = {row: number for number, group in enumerate(groups) for row in group}
    best: dict[tuple[int, int], float] = {}
    apart: set[tuple[int, int]] = set()
    for one, others in found.by_row.items():
        for other, known in others.items():
            pair = of.get(one, -1), of.get(other, -1)
            if min(pair) < 0 or pair[0] >= pair[1]:
                continue
            if known.label is Label.FAMILY:
                best[pair] = max(best.get(pair, 0.0), known.probability)
            elif known.label is Label.OVERLAP:
                apart.add(pair)

    def joins(mine: Sequence[int], theirs: Sequence[int]) -> bool:
        between = [(min(a, b), max(a, b)) for a in mine for b in theirs]
        return apart.isdisjoint(between) and 2 * sum(pair in best for pair in between) >= len(between)

    edges = [(-chance, *pair) for pair, chance in best.items() if pair not in apart and chance >= _FAMILY_FROM]
    group = _grouped(range(len(groups)), edges, joins)
    return list({id(members): tuple(members) for members in group.values()}.values())


def _grouped(
    items: Iterable[int],
    edges: Iterable[tuple[float, int, int]],
    joins: Callable[[Sequence[int], Sequence[int]], bool],
) -> dict[int, list[int]]:
    """Item -> its group, with `edges` as (-probability, one, other) tried the surest first."""
    group = {item: [item] for item in items}
    for chance, one, other in sorted(edges):
        mine, theirs = group[one], group[other]
        if -chance < _FROM or mine is theirs or len(mine) + len(theirs) > _MOST:
            continue
        if joins(mine, theirs):
            mine += theirs
            for item in theirs:
                group[item] = mine
    return group
