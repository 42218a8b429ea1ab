"""Two records side by side: what they are to each other, how surely, on what numbers, and in which clauses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import decide
from knowledge.overlap.evidence import NAMES, evidence
from knowledge.overlap.explaining import Clause, explain
from knowledge.overlap.labels import LABELS, Label


@dataclass(frozen=True, slots=True)
class Compared:
    """`confidence` is the probability of `label`; `evidence` holds what is not 0, by name; `rules` those that fired."""

    a: str
    b: str
    label: Label
    confidence: float
    probabilities: dict[Label, float]
    rules: tuple[str, ...]
    evidence: dict[str, float]
    clauses: list[Clause]


def compare(corpus: Corpus, pairs: Sequence[tuple[str, str]], *, links: bool = True) -> list[Compared]:
    """Each of these pairs of identifiers, in their order. Raises KeyError for one that the corpus does not hold."""
    left = np.array([corpus.index[a] for a, _ in pairs], np.int64)
    right = np.array([corpus.index[b] for _, b in pairs], np.int64)
    found = evidence(corpus, left, right, links=links)
    decided = decide(found, links=links)
    return [
        Compared(
            a=a,
            b=b,
            label=decided.label(k),
            confidence=decided.confidence(k),
            probabilities={label: float(decided.probabilities[k, c]) for c, label in enumerate(LABELS)},
            rules=decided.rules[k],
            evidence={name: float(value) for name, value in zip(NAMES, found.values[k], strict=True) if value},
            clauses=explain(corpus.profiles[left[k]], corpus.profiles[right[k]], links=links),
        )
        for k, (a, b) in enumerate(pairs)
    ]


def missing(corpus: Corpus, ids: Iterable[str]) -> list[str]:
    """The identifiers that the corpus does not hold: unknown, or not to be seen."""
    return [ident for ident in dict.fromkeys(ids) if ident not in corpus.index]
