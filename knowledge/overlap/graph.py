"""Every candidate pair of a corpus with what the two are to each other: the whole graph, or what one record touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.candidates import Candidates, Limits, candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import Model, decide
from knowledge.overlap.evidence import evidence
from knowledge.overlap.forking import spread
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.one_more import neighbours
from knowledge.overlap.parts import Wider
from knowledge.overlap.profiles import Profile
from knowledge.overlap.sparse import Floats, Ints

_AT_ONCE = 12_000
"""Pairs whose evidence stays near the processor while it is worked on."""
_UNRELATED, _DUPLICATE = LABELS.index(Label.UNRELATED), LABELS.index(Label.DUPLICATE)
_AS_NEAR = 0.95


@dataclass(frozen=True, slots=True)
class Graph:
    """Pairs of rows of `corpus`, `left` < `right`. `probabilities[k, c]` is that of `LABELS[c]`, float16, and `best[k]`
    the column taken. `looked_at`: how many candidate pairs were decided; those found unrelated are not kept."""

    corpus: Corpus
    left: Ints
    right: Ints
    probabilities: NDArray[np.float16]
    best: NDArray[np.uint8]
    looked_at: int

    def __len__(self) -> int:
        return len(self.left)

    def of(self, label: Label) -> Ints:
        """The pairs of this label."""
        return np.flatnonzero(self.best == LABELS.index(label))

    def around(self, row: int) -> Ints:
        """The pairs that one record is in, the surest of having to do with each other first."""
        found = np.flatnonzero((self.left == row) | (self.right == row))
        return found[np.argsort(self.probabilities[found, _UNRELATED], kind="stable")]


def build(
    corpus: Corpus,
    *,
    links: bool = True,
    limits: Limits | None = None,
    of: Ints | None = None,
    model: Model | None = None,
    on_pairs: Callable[[int, int], None] | None = None,
    workers: int = 1,
) -> Graph:
    """The graph of all candidates, or with `of` of those of these rows. `on_pairs(done, all)` is told how far it is.
    More `workers` than one are for a process without threads."""
    found: Candidates = candidates(corpus, limits or Limits(), of=of, links=links, workers=workers)

    def decided(at: int) -> tuple[Ints, NDArray[np.float16], NDArray[np.uint8]]:
        part = evidence(corpus, found.left[at : at + _AT_ONCE], found.right[at : at + _AT_ONCE], links=links)
        taken = decide(part, links=links, model=model)
        related = np.flatnonzero(taken.best != _UNRELATED)
        return (
            related + at,
            taken.probabilities[related].astype(np.float16),
            taken.best[related].astype(np.uint8),
        )

    kept: list[Ints] = [np.zeros(0, np.int64)]
    chances: list[NDArray[np.float16]] = [np.zeros((0, len(LABELS)), np.float16)]
    labels: list[NDArray[np.uint8]] = [np.zeros(0, np.uint8)]
    starts = range(0, len(found), _AT_ONCE)
    # The first part by itself: all columns that it needs are there then, once for all workers.
    parts = chain(map(decided, starts[:1]), spread(decided, starts[1:], workers if len(starts) > 2 else 1))
    for number, (related, chance, best) in enumerate(parts, 1):
        kept.append(related)
        chances.append(chance)
        labels.append(best)
        if on_pairs is not None:
            on_pairs(min(number * _AT_ONCE, len(found)), len(found))
    rows = np.concatenate(kept)
    return settled(
        corpus, found.left[rows], found.right[rows], np.concatenate(chances), np.concatenate(labels), len(found)
    )


def with_one(corpus: Corpus, one: Profile, vector: Floats, *, links: bool = True) -> tuple[Graph, int]:
    """The pairs of a record that is not in the corpus, weighed as those in it are, and the row it has behind them."""
    wider, row = Wider(corpus, one, vector), len(corpus)
    left = neighbours(wider, Limits().wider(), links=links)
    right = np.full(len(left), row, np.int64)
    decided = decide(evidence(wider, left, right, links=links), links=links)
    made = settled(
        wider, left, right, decided.probabilities.astype(np.float16), decided.best.astype(np.uint8), len(left)
    )
    return made, row


def settled(
    corpus: Corpus,
    left: Ints,
    right: Ints,
    probabilities: NDArray[np.float16],
    best: NDArray[np.uint8],
    looked_at: int,
) -> Graph:
    """The graph of these pairs, each decided by itself, after they were seen together."""
    best = _nearest_duplicates(corpus.reporters, left, right, probabilities, best)
    related = np.flatnonzero(best != _UNRELATED)
    return Graph(corpus, left[related], right[related], probabilities[related], best[related], looked_at)


def _nearest_duplicates(
    reporters: Ints, left: Ints, right: Ints, probabilities: NDArray[np.float16], best: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """A record is reported again of one other, or of others of several publishers that are as near: siblings of a
    duplicate are no duplicates, and the next label is taken for them."""
    size = len(reporters)
    chance = probabilities[:, _DUPLICATE].astype(np.float32)
    nearest = np.zeros(size, np.float32)
    np.maximum.at(nearest, left, chance)
    np.maximum.at(nearest, right, chance)
    behind = chance < _AS_NEAR * np.maximum(nearest[left], nearest[right])
    taken = np.flatnonzero(best == _DUPLICATE)
    for one, other in ((left, right), (right, left)):
        key = one[taken] * size + reporters[other[taken]]
        order = np.lexsort((taken, -chance[taken], key))
        behind[taken[order[np.diff(key[order], prepend=-1) == 0]]] = True
    behind &= best == _DUPLICATE
    found = best.copy()
    found[behind] = np.argmax(np.delete(probabilities[behind], _DUPLICATE, axis=1), axis=1) + 1
    return found
