"""How good decisions are: F1 per label, calibration, and cross-validation in which no record is on both sides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.labels import LABELS, Label

Columns = NDArray[np.int64]
_BINS = 10


@dataclass(frozen=True, slots=True)
class Score:
    """`f1` over the labels that are present; `calibration` is the expected calibration error of the probability of the
    label taken, in ten bins; `confusion[wanted][given]` counts pairs."""

    f1: dict[Label, float]
    macro_f1: float
    accuracy: float
    calibration: float
    confusion: dict[Label, dict[Label, int]]


def score(wanted: Columns, given: Columns, confidence: NDArray[np.float64]) -> Score:
    """`wanted` and `given` are columns of `LABELS`."""
    f1: dict[Label, float] = {}
    for c, label in enumerate(LABELS):
        if (wanted == c).any():
            right = int(((wanted == c) & (given == c)).sum())
            f1[label] = 2 * right / max(1, int((wanted == c).sum() + (given == c).sum()))
    return Score(
        f1=f1,
        macro_f1=float(np.mean(list(f1.values()))) if f1 else 0.0,
        accuracy=float((wanted == given).mean()) if len(wanted) else 0.0,
        calibration=calibration_error(wanted == given, confidence),
        confusion={
            label: {
                other: int(((wanted == c) & (given == d)).sum())
                for d, other in enumerate(LABELS)
                if ((wanted == c) & (given == d)).any()
            }
            for c, label in enumerate(LABELS)
            if (wanted == c).any()
        },
    )


def calibration_error(right: NDArray[np.bool_], confidence: NDArray[np.float64]) -> float:
    """The mean, over pairs, of the distance between how sure and how often right their tenth of the scale is."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    return float(
        sum(
            (bins == b).mean() * abs(right[bins == b].mean() - confidence[bins == b].mean())
            for b in range(_BINS)
            if (bins == b).any()
        )
    )


def folds(groups: Sequence[int], count: int, seed: int) -> Columns:
    """For each pair the fold it is tested in; pairs of one group share it. Folds are of nearly equal size."""
    sizes = np.bincount(np.asarray(groups, np.int64))
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load = np.zeros(count, np.int64)
    fold_of = np.zeros(len(sizes), np.int64)
    for group in order.tolist():
        fold_of[group] = int(load.argmin())
        load[fold_of[group]] += sizes[group]
    return np.asarray(fold_of[np.asarray(groups, np.int64)])


def cross_validated(
    groups: Sequence[int], count: int, seed: int, run: Callable[[Columns, Columns], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """What `run(train, test)`, given rows to learn from and rows to tell, gives for every row when it was not learned
    from."""
    fold_of = folds(groups, count, seed)
    parts = [(np.flatnonzero(fold_of != f), np.flatnonzero(fold_of == f)) for f in range(count)]
    results = [(test, run(train, test)) for train, test in parts if len(test)]
    width = results[0][1].shape[1]
    found = np.zeros((len(fold_of), width))
    for test, values in results:
        found[test] = values
    return found
