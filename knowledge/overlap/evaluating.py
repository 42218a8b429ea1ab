"""Measuring and training on labelled pairs: grouped cross-validation, baselines in the same run, the shipped model.

What a duplicate looks like is learned from records that are reported again on purpose; all else from the pairs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.overlap import decision, loading, measuring, training
from knowledge.overlap.candidates import candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.evidence import Evidence, evidence
from knowledge.overlap.labels import LABELS, Label, LabelledPair, groups
from knowledge.overlap.measuring import Score
from knowledge.overlap.profiles import Profile, profile
from knowledge.overlap.rereporting import rereported
from knowledge.records import Record
from knowledge.store import models as m
from knowledge.store.copies import RECORD

FOLDS = 10
PENALTIES = (10.0, 20.0)
"""Of these the one is taken that tells best on parts of what is learned from, never on what is tested."""
_INNER_FOLDS = 3
_PENALTY_OF_DUPLICATES = 3.0
_WEIGHT_OF_BESIDE = 0.3
"""What stands near a duplicate is many pairs, one of which is nearest at most: the graph keeps the nearest."""
_PREFERENCE = 0.3
_RAREST = 0.05
BASELINES = {"cosine alone": ("text_cosine",), "TF-IDF alone": ("text_terms",)}

Embed = Callable[[Record], NDArray[np.float32]]
"""The vector of a record that is not stored."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """`pairs` that the index holds, and their evidence with and without links. `again`: that of duplicates made on
    purpose; `beside`: of these with records that they are no duplicates of."""

    pairs: list[LabelledPair]
    missing: list[LabelledPair]
    declared: Evidence
    hidden: Evidence
    again: Evidence
    beside: Evidence

    @property
    def wanted(self) -> NDArray[np.int64]:
        return np.array([LABELS.index(pair.label) for pair in self.pairs], np.int64)


Again = tuple[str, Profile, NDArray[np.float32]]
"""(identifier of a record, its profile as reported again, the vector of that)."""


def with_again(corpus: Corpus, again: Sequence[Again]) -> Corpus:
    """The corpus with these duplicates behind its records."""
    vectors = np.vstack([corpus.vectors, *(vector[None, :] for _, _, vector in again)])
    return Corpus([*corpus.profiles, *(one for _, one, _ in again)], vectors, corpus.statistics)


def prepare(corpus: Corpus, again: Sequence[Again], pairs: Iterable[LabelledPair]) -> Prepared:
    """The evidence of all that is learned from."""
    here: list[LabelledPair] = []
    missing: list[LabelledPair] = []
    for pair in pairs:
        (here if pair.a in corpus.index and pair.b in corpus.index else missing).append(pair)
    both = with_again(corpus, again)
    left, right = _rows(both, [pair.a for pair in here]), _rows(both, [pair.b for pair in here])
    origin, copy = _rows(both, [ident for ident, _, _ in again]), _rows(both, [one.id for _, one, _ in again])
    near = candidates(both, of=copy, links=False)
    of = np.zeros(len(both), np.int64)
    of[copy] = origin
    # Rows behind the records are the copies; a copy is no duplicate of what is near its origin.
    others = (near.left < len(corpus)) & (near.right >= len(corpus)) & (near.left != of[near.right])
    return Prepared(
        here,
        missing,
        evidence(both, left, right),
        evidence(both, left, right, links=False),
        evidence(both, origin, copy, links=False),
        evidence(both, near.left[others], near.right[others], links=False),
    )


def _rows(corpus: Corpus, ids: Sequence[str]) -> NDArray[np.int64]:
    return np.array([corpus.index[ident] for ident in ids], np.int64)


def reported_again(
    session: Session, audience: Audience, ids: Sequence[str], embed: Embed, first: int = 0
) -> list[Again]:
    """Each of these records as another publisher reports it again; numbers count from `first`."""
    means = loading.resolver(session, audience)
    found = []
    for number, ident in enumerate(ids, start=first):
        body = session.scalar(select(m.RecordRow.body).where(m.RecordRow.id == ident, visible(audience)))
        if body is not None:
            again = rereported(RECORD.validate_json(body), number)
            found.append((ident, profile(again, means), embed(again)))
    return found


@dataclass(frozen=True, slots=True)
class Run:
    """Scores of several divisions into folds, one for each seed."""

    scores: list[Score] = field(default_factory=list)

    def f1(self, label: Label) -> float | None:
        values = [score.f1[label] for score in self.scores if label in score.f1]
        return float(np.mean(values)) if values else None

    @property
    def macro_f1(self) -> float:
        return float(np.mean([score.macro_f1 for score in self.scores]))

    @property
    def spread(self) -> float:
        """Standard deviation of the macro-F1 over seeds."""
        return float(np.std([score.macro_f1 for score in self.scores]))

    @property
    def calibration(self) -> float:
        return float(np.mean([score.calibration for score in self.scores]))

    def as_json(self) -> dict[str, Any]:
        return {
            "f1": {label.value: round(f1, 4) for label in LABELS if (f1 := self.f1(label)) is not None},
            "macro_f1": round(self.macro_f1, 4),
            "macro_f1_over_seeds": round(self.spread, 4),
            "accuracy": round(float(np.mean([score.accuracy for score in self.scores])), 4),
            "calibration_error": round(self.calibration, 4),
            "confusion": {
                label.value: {other.value: count for other, count in row.items()}
                for label, row in self.scores[0].confusion.items()
            },
        }


def evaluate(prepared: Prepared, *, links: bool, seeds: int, inputs: Sequence[str] | None = None) -> Run:
    """Grouped cross-validation, `seeds` times. `inputs` narrows what the model reads, for baselines."""
    names = tuple(inputs) if inputs is not None else _inputs(links)
    seen = prepared.declared if links else prepared.hidden
    wanted, parts = prepared.wanted, groups(prepared.pairs)
    whole = inputs is None
    scores = []
    for seed in range(seeds):

        def run(train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
            model = _learned(prepared, seen, train, names, parts, whole=whole)
            some = Evidence(seen.left[test], seen.right[test], seen.values[test])
            if not whole:
                # A baseline is its number alone, without rules.
                chances = model.probabilities(some)
                return np.hstack([chances, model.taken(chances)[:, None]])
            decided = decision.decide(some, links=links, model=model)
            return np.hstack([decided.probabilities, decided.best[:, None]])

        told = measuring.cross_validated(parts, FOLDS, seed, run)
        best = told[:, -1].astype(np.int64)
        scores.append(measuring.score(wanted, best, told[np.arange(len(best)), best]))
    return Run(scores)


def _inputs(links: bool) -> tuple[str, ...]:
    return training.INPUTS + (training.LINK_INPUTS if links else ())


def _learned(
    prepared: Prepared,
    seen: Evidence,
    train: NDArray[np.int64],
    names: Sequence[str],
    parts: Sequence[int],
    *,
    whole: bool,
) -> decision.Model:
    """A model of the pairs `train`. Its penalty is chosen by dividing them once more."""
    wanted = prepared.wanted
    train = train[wanted[train] > 0]
    columns = decision.inputs(seen, names)
    others = [label.value for label in decision.OTHERS]

    def fit(rows: NDArray[np.int64], strength: float) -> decision.Regression:
        return training.fit(columns[rows], wanted[rows] - 1, names, others, penalty=strength)

    inner = measuring.folds(_renumbered([parts[i] for i in train.tolist()]), _INNER_FOLDS, 0)

    def loss(strength: float) -> float:
        lost = 0.0
        for fold in range(_INNER_FOLDS):
            test = train[inner == fold]
            told = fit(train[inner != fold], strength).probabilities(columns[test])
            lost -= float(np.log(np.maximum(told[np.arange(len(test)), wanted[test] - 1], 1e-9)).sum())
        return lost

    prior = np.bincount(wanted[train] - 1, minlength=len(others)) / max(1, len(train))
    preference = np.maximum(prior, _RAREST) ** -_PREFERENCE
    return decision.Model(
        _of_duplicates(prepared, seen, train, names if not whole else training.DUPLICATE_INPUTS),
        fit(train, min(PENALTIES, key=loss)),
        preference / preference.max(),
    )


def _of_duplicates(
    prepared: Prepared, seen: Evidence, train: NDArray[np.int64], names: Sequence[str]
) -> decision.Regression:
    """Duplicates made on purpose against labelled pairs that are none, and against what stands near them."""
    parts = [decision.inputs(prepared.again, names), decision.inputs(prepared.beside, names)]
    parts.append(decision.inputs(seen, names)[train])
    wanted = np.repeat([0, 1, 1], [len(part) for part in parts])
    weights = np.repeat([1.0, _WEIGHT_OF_BESIDE, 1.0], [len(part) for part in parts])
    return training.fit(
        np.vstack(parts), wanted, names, ("duplicate", "other"), weights=weights, penalty=_PENALTY_OF_DUPLICATES
    )


def _renumbered(numbers: Sequence[int]) -> list[int]:
    known: dict[int, int] = {}
    return [known.setdefault(number, len(known)) for number in numbers]


def trained(prepared: Prepared, *, seeds: int) -> dict[str, Any]:
    """The content of `overlap_model.json`: both models, of all pairs, with the report of their cross-validation."""
    everything, parts = np.arange(len(prepared.pairs), dtype=np.int64), groups(prepared.pairs)
    counts = {label.value: int((prepared.wanted == c).sum()) for c, label in enumerate(LABELS)}
    found: dict[str, Any] = {
        "about": "Written by training on labelled pairs (docs/overlap.md). P(label) is the softmax over labels of "
        "intercept + sum of coefficient * (input - mean) / scale; preference multiplies it before the best is taken.",
        "trained_on": {"pairs": counts, "made_on_purpose": len(prepared.again), "beside_those": len(prepared.beside)},
    }
    for name, links in (("hidden", False), ("declared", True)):
        seen = prepared.declared if links else prepared.hidden
        model = _learned(prepared, seen, everything, _inputs(links), parts, whole=True)
        report = evaluate(prepared, links=links, seeds=seeds).as_json()
        found[name] = model.as_json() | {"cross_validation": {"folds": FOLDS, "seeds": seeds, **report}}
    return found
