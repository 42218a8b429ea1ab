"""Fitting the regressions of `knowledge.overlap.decision`: ridge-penalised likelihood, by Newton."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.decision import Ladder, Regression

TIED_INPUTS = (
    "work", "meet", "purpose", "place_apart", "place_region", "disjoint", "area", "place_depth",
    "theme_sector", "theme_category", "time_union", "time_same", "time_day", "time_gap",
    "text_cosine", "text_terms", "text_rare", "twin", "text_same",
    "who_reporter", "who_owner", "named", "named_both", "named_text", "who_confirmed",
    "who_implementer", "who_funder", "who_parts", "own_number", "own_text", "money_ratio", "code_shared", "code_within",
    "sign",
)  # fmt: skip
"""What is read to tell whether money or a programme ties two records."""
KIND_INPUTS = (
    "named", "named_both", "named_text", "named_money", "who_confirmed", "who_denied", "who_owner", "who_reporter",
    "who_implementer", "who_funder", "twin", "text_title", "text_same", "text_terms", "time_same", "time_day",
    "place_apart", "place_region", "disjoint", "own_number", "own_text", "code_shared", "code_within",
)  # fmt: skip
"""What is read to tell a chain from a family."""
NEAR_INPUTS = (
    "work", "much_work", "disjoint", "place_apart", "place_share", "time_union", "service_cosine", "text_terms",
    "text_covered", "who_reporter", "who_parts",
)  # fmt: skip
"""What is read to tell how near two records come that nothing ties."""
LINK_INPUTS = ("link_money", "link_any")
"""What is read besides, of ties, where declared links are in sight."""
DUPLICATE_INPUTS = (
    "place_share", "area", "disjoint", "theme_category", "theme_cosine", "time_same", "time_union", "purpose",
    "text_title", "text_within", "text_named", "text_same", "text_rare", "text_cosine", "who_alike", "who_within",
    "who_outside", "who_bystander", "repeated", "repeated_money", "repeated_work",
    "named", "named_both", "who_confirmed", "who_parts", "money_ratio", "same_amount", "money_amount", "code_shared",
    "who_reporter",
    "place_apart", "time_gap", "text_covered", "service_cosine",
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
    mean, scale = _standard(inputs, weights)
    design = np.hstack([(inputs - mean) / scale, np.ones((len(inputs), 1))]).astype(np.float64)
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 1e-3
    parameters = _newton(design, np.eye(len(classes))[wanted], weights, ridge)
    return Regression(
        classes=tuple(classes),
        inputs=tuple(names),
        mean=mean,
        scale=scale,
        coefficients=parameters[:, :-1],
        intercept=parameters[:, -1],
    )


def fit_ladder(
    inputs: NDArray[np.float32],
    wanted: NDArray[np.int64],
    names: Sequence[str],
    steps: Sequence[str],
    *,
    penalty: float,
) -> Ladder:
    """The ladder of `names` for (pairs, inputs) and the column of each pair's step in `steps`, their number for those
    below all. Each step is asked of every pair, with the same coefficients and a height of its own."""
    mean, scale = _standard(inputs, np.ones(len(inputs)))
    scaled = ((inputs - mean) / scale).astype(np.float64)
    asked = [np.hstack([scaled, np.eye(len(steps))[[step] * len(inputs)]]) for step in range(len(steps))]
    below = np.concatenate([wanted > step for step in range(len(steps))]).astype(np.int64)
    ridge = np.full(len(names) + len(steps), penalty)
    ridge[len(names) :] = 1e-3
    # Each of two classes gets half of the difference, with the opposite sign, and so half of the penalty.
    parameters = _newton(np.vstack(asked), np.eye(2)[below], np.ones(len(below)), 2.0 * ridge)
    found = parameters[0] - parameters[1]
    return Ladder(
        steps=tuple(steps),
        inputs=tuple(names),
        mean=mean,
        scale=scale,
        coefficients=found[: len(names)],
        heights=-found[len(names) :],
    )


def _standard(inputs: NDArray[np.float32], weights: Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(mean, standard deviation) of each input."""
    if not len(inputs):
        return np.zeros(inputs.shape[1], np.float32), np.ones(inputs.shape[1], np.float32)
    mean = np.average(inputs, axis=0, weights=weights)
    scale = np.sqrt(np.average((inputs - mean) ** 2, axis=0, weights=weights))
    scale[scale < 1e-6] = 1.0
    return mean.astype(np.float32), scale.astype(np.float32)


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
