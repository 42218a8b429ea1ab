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
from knowledge.overlap.decision import Regression
from knowledge.overlap.evidence import Evidence, evidence
from knowledge.overlap.graph import build
from knowledge.overlap.labels import LABELS, Label, LabelledPair, groups
from knowledge.overlap.measuring import Score
from knowledge.overlap.profiles import Profile, profile
from knowledge.overlap.rereporting import rereported
from knowledge.records import Record
from knowledge.store import models as m
from knowledge.store.copies import RECORD

FOLDS = 10
PENALTIES = (8.0, 16.0)
"""Of these the one is taken that tells best on parts of what is learned from, never on what is tested."""
_INNER_FOLDS = 3
_PENALTY_OF_NEARNESS = 0.4
"""It reads little, so that it may follow what it reads more closely."""
_PENALTY_OF_DUPLICATES = 4.0
_WEIGHT_OF_BESIDE = 0.3
"""What stands near a duplicate is many pairs, one of which is nearest at most: the graph keeps the nearest."""
_PREFERENCE = 0.4
_RAREST = 0.05
_OVERLAPS_FIRST = 1.2
"""An overlap that is missed costs more than a complementary pair that is taken for one."""
_PARTNER_FOLDS = 5
_FIRST = (1, 3, 10)
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
    seen = prepared.declared if links else prepared.hidden
    wanted, parts = prepared.wanted, groups(prepared.pairs)
    scores = []
    for seed in range(seeds):

        def run(train: NDArray[np.int64], test: NDArray[np.int64]) -> NDArray[np.float64]:
            model = _learned(prepared, seen, train, parts, links=links, names=inputs)
            some = _some(seen, test)
            if inputs is not None:
                # A baseline is its number alone, without rules.
                chances = model.probabilities(some)
                return np.hstack([chances, model.taken(chances)[:, None]])
            decided = decision.decide(some, links=links, model=model)
            return np.hstack([decided.probabilities, decided.best[:, None]])

        told = measuring.cross_validated(parts, FOLDS, seed, run)
        best = told[:, -1].astype(np.int64)
        scores.append(measuring.score(wanted, best, told[np.arange(len(best)), best]))
    return Run(scores)


def _learned(
    prepared: Prepared,
    seen: Evidence,
    train: NDArray[np.int64],
    parts: Sequence[int],
    *,
    links: bool,
    names: Sequence[str] | None = None,
) -> decision.Model:
    """A model of the pairs `train`, that reads nothing but `names` where they are given. Its penalty is chosen by
    dividing the pairs once more."""
    wanted = prepared.wanted
    train = train[wanted[train] > 0]
    inner = measuring.folds(_renumbered([parts[i] for i in train.tolist()]), _INNER_FOLDS, 0)
    again = _of_duplicates(prepared, seen, train, training.DUPLICATE_INPUTS if names is None else names)

    def fit(rows: NDArray[np.int64], strength: float) -> decision.Model:
        return _fitted(again, seen, wanted, rows, links=links, names=names, strength=strength)

    def loss(strength: float) -> float:
        lost = 0.0
        for fold in range(_INNER_FOLDS):
            test = train[inner == fold]
            told = fit(train[inner != fold], strength).probabilities(_some(seen, test))
            lost -= float(np.log(np.maximum(told[np.arange(len(test)), wanted[test]], 1e-9)).sum())
        return lost

    return fit(train, min(PENALTIES, key=loss))


def _fitted(
    again: decision.Regression,
    seen: Evidence,
    wanted: NDArray[np.int64],
    rows: NDArray[np.int64],
    *,
    links: bool,
    names: Sequence[str] | None,
    strength: float,
) -> decision.Model:
    """The model of the pairs `rows`, none of which is a duplicate."""
    more = training.LINK_INPUTS if links else ()
    labels = wanted[rows] - 1
    ties = len(decision.TIED)
    tied, near = rows[labels < ties], rows[labels >= ties]

    def columns(of: NDArray[np.int64], whole: Sequence[str]) -> tuple[NDArray[np.float32], Sequence[str]]:
        read = whole if names is None else names
        return decision.inputs(_some(seen, of), read), read

    def fit(of: NDArray[np.int64], to: NDArray[np.int64], whole: Sequence[str], kinds: Sequence[str]) -> Regression:
        values, read = columns(of, whole)
        return training.fit(values, to, read, kinds, penalty=strength)

    values, read = columns(near, training.NEAR_INPUTS)
    prior = np.bincount(labels, minlength=len(decision.OTHERS)) / max(1, len(rows))
    preference = np.maximum(prior, _RAREST) ** -_PREFERENCE
    preference[decision.OTHERS.index(Label.OVERLAP)] *= _OVERLAPS_FIRST
    return decision.Model(
        duplicate=again,
        tied=fit(rows, (labels >= ties).astype(np.int64), (*training.TIED_INPUTS, *more), ("tied", "apart")),
        kind=fit(tied, wanted[tied] - 1, (*training.KIND_INPUTS, *more), decision.TIED),
        near=training.fit_ladder(
            values, wanted[near] - 1 - ties, read, decision.STEPS, penalty=strength * _PENALTY_OF_NEARNESS
        ),
        preference=preference / preference.max(),
    )


def _some(seen: Evidence, rows: NDArray[np.int64]) -> Evidence:
    return Evidence(seen.left[rows], seen.right[rows], seen.values[rows])


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


def partners(corpus: Corpus, prepared: Prepared, *, sample: int, seed: int) -> dict[str, Any]:
    """Of `sample` records with declared links to another publisher's, which are hidden: the share whose linked one is
    among the first, by how surely they tell of the same work or money. No record is ranked by a model that was learned
    from a pair with it."""
    linked = _linked_elsewhere(corpus)
    rows = np.random.default_rng(seed).permutation(np.array(sorted(linked), np.int64))[:sample]
    parts = groups(prepared.pairs)
    fold_of_part = measuring.folds(parts, _PARTNER_FOLDS, seed)
    fold_of = {
        corpus.index[one]: fold
        for pair, fold in zip(prepared.pairs, fold_of_part.tolist(), strict=True)
        for one in (pair.a, pair.b)
    }
    folds = np.array([fold_of.get(row, row % _PARTNER_FOLDS) for row in rows.tolist()], np.int64)
    places: list[int] = []
    for fold in range(_PARTNER_FOLDS):
        asked = np.sort(rows[folds == fold])
        if not len(asked):
            continue
        model = _learned(prepared, prepared.hidden, np.flatnonzero(fold_of_part != fold), parts, links=False)
        found = build(corpus, links=False, of=asked, model=model)
        for row in asked.tolist():
            around = found.around(row)
            same = found.probabilities[around][:, [LABELS.index(Label.DUPLICATE), LABELS.index(Label.CHAIN)]]
            around = around[np.argsort(-same.astype(np.float32).sum(axis=1), kind="stable")]
            ranked = [int(found.left[k] + found.right[k] - row) for k in around.tolist()]
            places.append(min((at for at, other in enumerate(ranked, 1) if other in linked[row]), default=0))
    return {
        "records": len(places),
        **{f"in_first_{most}": _share(0 < at <= most for at in places) for most in _FIRST},
        "never": _share(at == 0 for at in places),
    }


def _share(of: Iterable[bool]) -> float:
    found = list(of)
    return round(sum(found) / max(1, len(found)), 4)


def _linked_elsewhere(corpus: Corpus) -> dict[int, set[int]]:
    """For each row the rows that it is linked with and that another publisher reports."""
    found: dict[int, set[int]] = {}
    for keys in corpus.links.direct.values():
        left, right = keys // corpus.links.size, keys % corpus.links.size
        apart = corpus.reporters[left] != corpus.reporters[right]
        for one, other in zip(left[apart].tolist(), right[apart].tolist(), strict=True):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return found


def trained(prepared: Prepared, *, seeds: int) -> dict[str, Any]:
    """The content of `overlap_model.json`: both models, of all pairs, with the report of their cross-validation."""
    everything, parts = np.arange(len(prepared.pairs), dtype=np.int64), groups(prepared.pairs)
    counts = {label.value: int((prepared.wanted == c).sum()) for c, label in enumerate(LABELS)}
    found: dict[str, Any] = {
        "about": "Written by training on labelled pairs (docs/overlap.md). Each part says what stands in the softmax "
        "of intercept + sum of coefficient * (input - mean) / scale, or, of near, in the logistic function of that sum "
        "minus height; preference multiplies probabilities before the best is taken.",
        "trained_on": {"pairs": counts, "made_on_purpose": len(prepared.again), "beside_those": len(prepared.beside)},
    }
    for name, links in (("hidden", False), ("declared", True)):
        seen = prepared.declared if links else prepared.hidden
        model = _learned(prepared, seen, everything, parts, links=links)
        report = evaluate(prepared, links=links, seeds=seeds).as_json()
        found[name] = model.as_json() | {"cross_validation": {"folds": FOLDS, "seeds": seeds, **report}}
    return found
