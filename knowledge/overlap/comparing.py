"""Two records side by side: what they are to each other, how surely, on what numbers, and in which clauses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import decide
from knowledge.overlap.evidence import NAMES, evidence
from knowledge.overlap.explaining import Clause, explain
from knowledge.overlap.judgements import Judgement
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


@dataclass(frozen=True, slots=True)
class Side:
    """Two identifiers as they were given, and what the two are to each other; None where one of them is not compared,
    which `unknown` then names. `judgement` is what people said of them: it outranks the model, which `compared` holds.
    """

    a: str
    b: str
    compared: Compared | None = None
    unknown: tuple[str, ...] = ()
    judgement: Judgement | None = None

    @property
    def label(self) -> Label | None:
        if self.judgement is not None and self.judgement.label is not None:
            return self.judgement.label
        return self.compared.label if self.compared is not None else None

    @property
    def confidence(self) -> float:
        """1 for what people said, else the probability of the label."""
        if self.judgement is not None:
            return 1.0
        return self.compared.confidence if self.compared is not None else 0.0


def compare_named(
    corpus: Corpus,
    pairs: Sequence[tuple[str, str]],
    judged: Mapping[frozenset[str], Judgement],
    *,
    links: bool = True,
) -> list[Side]:
    """Each pair as a person or a file names it, in their order. Letter case of identifiers does not matter."""
    folded: dict[str, str] = {}
    for ident in corpus.index:
        folded.setdefault(ident.casefold(), ident)

    def found(ident: str) -> str | None:
        ident = ident.strip()
        return ident if ident in corpus.index else folded.get(ident.casefold())

    known = [(found(a), found(b)) for a, b in pairs]
    whole = [(a, b) for a, b in known if a is not None and b is not None]
    compared = iter(compare(corpus, whole, links=links) if whole else [])
    sides = []
    for (a, b), (one, other) in zip(pairs, known, strict=True):
        if one is None or other is None:
            unknown = [ident for ident, ours in ((a, one), (b, other)) if ours is None]
            sides.append(Side(a, b, unknown=tuple(dict.fromkeys(unknown))))
        else:
            sides.append(Side(a, b, next(compared), judgement=judged.get(frozenset((one, other)))))
    return sides


def missing(corpus: Corpus, ids: Iterable[str]) -> list[str]:
    """The identifiers that the corpus does not hold: unknown, or not to be seen."""
    return [ident for ident in dict.fromkeys(ids) if ident not in corpus.index]
