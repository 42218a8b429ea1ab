"""Where initiatives meet most: cells of a place and a theme; and which initiatives hang together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.graph import Graph
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.sparse import Ints
from knowledge.vocabulary import ancestors, themes

TOGETHER = (Label.DUPLICATE, Label.CHAIN, Label.FAMILY)
"""Labels of pairs that are one work, or parts of one."""
_CELLS, _EXAMPLES = 50, 5


@dataclass(frozen=True, slots=True)
class Cell:
    """`path` leads to the place, country first; `theme` is an id. `publishers` counts owners, not their departments;
    `pairs` those of the labels asked for between two records of the cell, of which `examples` are the surest."""

    path: str
    theme: str
    initiatives: int
    publishers: int
    pairs: int
    examples: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """The id of the place."""
        return self.path.strip("|").rpartition("|")[2]

    def as_json(self) -> dict[str, Any]:
        return {
            "place": self.place,
            "path": self.path,
            "theme": self.theme,
            "initiatives": self.initiatives,
            "publishers": self.publishers,
            "pairs": self.pairs,
            "examples": [list(pair) for pair in self.examples],
        }


def busiest(
    graph: Graph,
    *,
    within: str = "",
    theme: str = "",
    below: bool = False,
    open_on: int = 0,
    labels: Sequence[Label] = (Label.OVERLAP,),
    judged: Mapping[frozenset[str], Label] | None = None,
    limit: int = _CELLS,
) -> list[Cell]:
    """The cells with the most pairs, at least one.

    A record is in the areas that it states and in those that its text names. `within`: only at this path of a place or
    under it; `theme`: only this one and those under it, where undeclared those that stand under no other. `below`:
    areas below the country instead of countries. `open_on`: the ordinal of a day; only initiatives that run then or
    later. `judged`: labels that people gave, which outrank the model's.
    """
    corpus, ends, ids = graph.corpus, graph.corpus.ends, graph.corpus.raw.ids
    each: dict[int, tuple[frozenset[str], frozenset[str]]] = {}

    def cells_of(row: int) -> tuple[frozenset[str], frozenset[str]]:
        if row not in each:
            each[row] = _paths(corpus, row, within, below), _themes(corpus, row, theme)
        return each[row]

    def counts(row: int) -> bool:
        return not open_on or ends[row] == 0 or int(ends[row]) >= open_on

    pairs: Counter[tuple[str, str]] = Counter()
    examples: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for left, right in _pairs(graph, labels, judged or {}):
        if counts(left) and counts(right):
            (here, about), (there, of) = cells_of(left), cells_of(right)
            for path in here & there:
                for ident in about & of:
                    pairs[path, ident] += 1
                    if len(examples[path, ident]) < _EXAMPLES:
                        examples[path, ident].append((ids[left], ids[right]))
    top = sorted(pairs, key=lambda cell: (-pairs[cell], cell))[:limit]
    initiatives: Counter[tuple[str, str]] = Counter()
    publishers: dict[tuple[str, str], set[str]] = defaultdict(set)
    wanted = set(top)
    for row in range(len(graph.corpus)) if wanted else ():
        if counts(row):
            paths, themes = cells_of(row)
            for cell in wanted.intersection((path, ident) for path in paths for ident in themes):
                initiatives[cell] += 1
                publishers[cell].add(corpus.raw.owners[row])
    return [
        Cell(path, ident, initiatives[path, ident], len(publishers[path, ident]), pairs[path, ident], tuple(found))
        for path, ident in top
        for found in (examples[path, ident],)
    ]


def _paths(corpus: Corpus, row: int, within: str, below: bool) -> frozenset[str]:
    areas = corpus.areas.row(row)
    if below:
        return frozenset(path for path in areas if path.startswith(within))
    stands = not within or any(path.startswith(within) for path in areas)
    countries = (f"{name}|" for name in corpus.countries.row(row))
    return frozenset(path for path in countries if path == within or (stands and within.startswith(path)) or not within)


def _themes(corpus: Corpus, row: int, under: str) -> frozenset[str]:
    idents = list(themes())
    found = {idents[c] for c in np.flatnonzero(corpus.themes[row]).tolist()}
    if under:
        return frozenset(ident for ident in found if ident == under or under in ancestors(ident))
    return frozenset(ident for ident in found if not ancestors(ident))


def _pairs(graph: Graph, labels: Sequence[Label], judged: Mapping[frozenset[str], Label]) -> Iterable[tuple[int, int]]:
    """Pairs of rows of these labels, the surest first; what people said of a pair counts as sure."""
    index = graph.corpus.index
    said = {
        tuple(sorted(index[ident] for ident in pair)): label
        for pair, label in judged.items()
        if len(pair) == 2 and all(ident in index for ident in pair)
    }
    yield from sorted((rows[0], rows[1]) for rows, label in said.items() if label in labels)
    columns = [LABELS.index(label) for label in labels]
    found = np.flatnonzero(np.isin(graph.best, columns))
    chance = graph.probabilities[found][:, columns].astype(np.float32).sum(axis=1)
    for k in found[np.argsort(-chance, kind="stable")].tolist():
        rows = int(graph.left[k]), int(graph.right[k])
        if rows not in said:
            yield rows


def components(graph: Graph, labels: Sequence[Label] = TOGETHER) -> list[list[str]]:
    """Records that hang together over pairs of these labels, as lists of identifiers: largest first, none of one."""
    wanted = np.isin(graph.best, [LABELS.index(label) for label in labels])
    number = _numbers(len(graph.corpus), graph.left[wanted], graph.right[wanted])
    order = np.argsort(number, kind="stable")
    bounds = np.flatnonzero(np.diff(number[order], prepend=-1, append=-1))
    found = [
        [graph.corpus.raw.ids[row] for row in order[first:last].tolist()]
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        if last - first > 1
    ]
    return sorted(found, key=lambda ids: (-len(ids), ids[0]))


def _numbers(size: int, left: Ints, right: Ints) -> Ints:
    """For each row the smallest row that it hangs together with."""
    number = np.arange(size, dtype=np.int64)
    while len(left):
        least = np.minimum(number[left], number[right])
        before = number.copy()
        np.minimum.at(number, left, least)
        np.minimum.at(number, right, least)
        number = np.minimum(number, number[number])
        if np.array_equal(number, before):
            break
    return number
