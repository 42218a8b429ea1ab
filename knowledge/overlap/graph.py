"""Every candidate pair of a corpus with what the two are to each other: the whole graph, or what one record touches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.candidates import Candidates, Limits, candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import Model, decide
from knowledge.overlap.evidence import evidence
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.sparse import Ints

_AT_ONCE = 50_000
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
) -> Graph:
    """The graph of all candidates, or with `of` of those of these rows. `on_pairs(done, all)` is told how far it is."""
    found: Candidates = candidates(corpus, limits or Limits(), of=of, links=links)
    kept: list[Ints] = []
    chances: list[NDArray[np.float16]] = []
    labels: list[NDArray[np.uint8]] = []
    for at in range(0, len(found), _AT_ONCE):
        part = evidence(corpus, found.left[at : at + _AT_ONCE], found.right[at : at + _AT_ONCE], links=links)
        decided = decide(part, links=links, model=model)
        related = np.flatnonzero(decided.best != _UNRELATED)
        kept.append(related + at)
        chances.append(decided.probabilities[related].astype(np.float16))
        labels.append(decided.best[related].astype(np.uint8))
        if on_pairs is not None:
            on_pairs(min(at + _AT_ONCE, len(found)), len(found))
    rows = np.concatenate([np.zeros(0, np.int64), *kept])
    left, right = found.left[rows], found.right[rows]
    probabilities = np.concatenate([np.zeros((0, len(LABELS)), np.float16), *chances])
    best = np.concatenate([np.zeros(0, np.uint8), *labels])
    best = _nearest_duplicates(len(corpus), left, right, probabilities, best)
    related = best != _UNRELATED
    return Graph(corpus, left[related], right[related], probabilities[related], best[related], len(found))


def _nearest_duplicates(
    size: int, left: Ints, right: Ints, probabilities: NDArray[np.float16], best: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """A record is reported again of one other, or of several that are as near: where another pair of either record is
    clearly nearer, siblings of a duplicate are not duplicates, and the next label is taken."""
    chance = probabilities[:, _DUPLICATE].astype(np.float32)
    nearest = np.zeros(size, np.float32)
    np.maximum.at(nearest, left, chance)
    np.maximum.at(nearest, right, chance)
    behind = (best == _DUPLICATE) & (chance < _AS_NEAR * np.maximum(nearest[left], nearest[right]))
    found = best.copy()
    found[behind] = np.argmax(np.delete(probabilities[behind], _DUPLICATE, axis=1), axis=1) + 1
    return found
