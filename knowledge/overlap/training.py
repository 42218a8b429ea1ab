"""Fitting the regressions of `knowledge.overlap.decision`: ridge-penalised multinomial likelihood, by Newton."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.decision import Regression

INPUTS = (
    "work", "meet", "purpose", "disjoint", "area", "place_depth", "theme_sector", "theme_category",
    "time_union", "time_same", "time_gap", "text_cosine", "text_terms", "text_rare", "twin", "text_same",
    "who_reporter", "who_owner", "named", "named_both", "named_text", "who_confirmed",
    "who_implementer", "who_funder", "who_parts", "own_number", "own_text", "money_ratio", "code_shared",
)  # fmt: skip
"""What is read to tell the labels of pairs that are no duplicates."""
LINK_INPUTS = ("link_money", "link_any")
"""What is read besides where declared links are in sight."""
DUPLICATE_INPUTS = (
    "place_share", "area", "disjoint", "theme_category", "theme_cosine", "time_same", "time_union", "purpose",
    "text_title", "text_within", "text_named", "text_same", "text_rare", "text_cosine", "who_alike", "who_outside",
    "repeated",
    "repeated_work",
    "named", "named_both", "who_confirmed", "who_parts", "money_ratio", "same_amount", "money_amount", "code_shared",
    "who_reporter",
)  # fmt: skip
"""What is read to tell a duplicate."""

_STEPS = 60
_ENOUGH = 1e-6

Weights = NDArray[np.float64]


def fit(
    inputs: NDArray[np.float32],
    wanted: NDArray[np.int64],
    names: Sequence[str],
    classes: Sequence[str],
    *,
    weights: Weights | None = None,
    penalty: float,
) -> Regression:
    """The regression of `names` for (pairs, inputs) and the column of each pair's class in `classes`.

    `penalty` is that on the square of each standardised coefficient; `weights` say how much each pair counts.
    """
    weights = np.ones(len(wanted)) if weights is None else weights
    mean = np.average(inputs, axis=0, weights=weights)
    scale = np.sqrt(np.average((inputs - mean) ** 2, axis=0, weights=weights))
    scale[scale < 1e-6] = 1.0
    design = np.hstack([(inputs - mean) / scale, np.ones((len(inputs), 1))]).astype(np.float64)
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 1e-3
    parameters = _newton(design, np.eye(len(classes))[wanted], weights, ridge)
    return Regression(
        classes=tuple(classes),
        inputs=tuple(names),
        mean=mean.astype(np.float32),
        scale=scale.astype(np.float32),
        coefficients=parameters[:, :-1],
        intercept=parameters[:, -1],
    )


def _newton(design: Weights, wanted: Weights, weights: Weights, ridge: Weights) -> Weights:
    """Damped Newton steps on the penalised likelihood, which has one maximum; (labels, columns)."""
    classes, width = wanted.shape[1], design.shape[1]
    found = np.zeros((classes, width))
    value = _loss(design, wanted, weights, ridge, found)
    for _ in range(_STEPS):
        chance = _softmax(design @ found.T)
        gradient = ((chance - wanted) * weights[:, None]).T @ design + ridge * found
        curvature = np.zeros((classes * width, classes * width))
        for a in range(classes):
            for b in range(a, classes):
                shared = chance[:, a] * ((a == b) - chance[:, b]) * weights
                block = (design * shared[:, None]).T @ design
                curvature[a * width : (a + 1) * width, b * width : (b + 1) * width] = block
                curvature[b * width : (b + 1) * width, a * width : (a + 1) * width] = block
        curvature[np.diag_indices_from(curvature)] += np.tile(ridge, classes)
        step = np.linalg.solve(curvature, gradient.ravel()).reshape(classes, width)
        size = 1.0
        while size > 1e-4:
            after = _loss(design, wanted, weights, ridge, found - size * step)
            if after < value:
                break
            size /= 2
        else:
            break
        found = found - size * step
        if value - after < _ENOUGH * abs(value):
            break
        value = after
    return found


def _loss(design: Weights, wanted: Weights, weights: Weights, ridge: Weights, found: Weights) -> float:
    chance = _softmax(design @ found.T)
    likelihood = np.log(np.maximum((chance * wanted).sum(axis=1), 1e-12)) @ weights
    return float(-likelihood + 0.5 * (ridge * found**2).sum())


def _softmax(scores: Weights) -> Weights:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))
