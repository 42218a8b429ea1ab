"""What two records are to each other, with probabilities: regressions whose every number can be read, and named rules.

The parameters stand in `knowledge/tables/overlap_model.json`, two sets: one for when declared links are in sight, one
for when they are not. Nothing here is trained; `knowledge.overlap.training` writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.overlap.evidence import Evidence
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.sparse import Floats
from knowledge.vocabulary import table_text

PARAMETERS = "overlap_model.json"
OWN_INITIATIVE = "same_reporter"
"""The rule that records of one publisher never overlap: it knows of both already."""
AMOUNTS_DIFFER, PLACES_DIFFER, PERIODS_DIFFER = "amounts_differ", "places_differ", "periods_differ"
"""Rules that no record is a duplicate of one of another amount, other countries or another time."""
_SAME_AMOUNT, _SAME_PERIOD = 0.9, 0.25
SAME_GRANT = "same_grant"
"""The rule that what carries the same title, number and amount is one grant reported twice."""
_SAME_TITLE, _SAME_TOTAL, _SURE = 0.9, 0.999, 0.9
_DUPLICATE_FROM = 0.35
_TELLING = 0.05
"""A rule is named where what it excludes was probable at all."""


OTHERS = LABELS[1:]
"""The labels of pairs that are no duplicates."""


@dataclass(frozen=True, slots=True)
class Regression:
    """P(class) is the softmax over classes of intercept + the sum of coefficient * (input - mean) / scale."""

    classes: tuple[str, ...]
    inputs: tuple[str, ...]
    mean: Floats
    scale: Floats
    coefficients: NDArray[np.float64]
    intercept: NDArray[np.float64]

    def probabilities(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """(pairs, classes) from (pairs, inputs)."""
        scores = ((inputs - self.mean) / self.scale) @ self.coefficients.T + self.intercept
        scores -= scores.max(axis=1, keepdims=True)
        weights = np.exp(scores)
        return np.asarray(weights / weights.sum(axis=1, keepdims=True))

    def as_json(self) -> dict[str, Any]:
        return {
            "intercept": {name: round(float(self.intercept[k]), 4) for k, name in enumerate(self.classes)},
            "inputs": {
                name: {
                    "mean": round(float(self.mean[c]), 5),
                    "scale": round(float(self.scale[c]), 5),
                    "coefficients": {
                        one: round(float(self.coefficients[k, c]), 4) for k, one in enumerate(self.classes)
                    },
                }
                for c, name in enumerate(self.inputs)
            },
        }


def regression_from(data: Mapping[str, Any]) -> Regression:
    """What `Regression.as_json` gave."""
    rows, classes = data["inputs"], tuple(data["intercept"])
    return Regression(
        classes=classes,
        inputs=tuple(rows),
        mean=np.array([row["mean"] for row in rows.values()], np.float32),
        scale=np.array([row["scale"] for row in rows.values()], np.float32),
        coefficients=np.array([[row["coefficients"][name] for row in rows.values()] for name in classes], np.float64),
        intercept=np.array([data["intercept"][name] for name in classes], np.float64),
    )


@dataclass(frozen=True, slots=True)
class Model:
    """First whether a pair is a duplicate, then, where it is none, what else: P(label) is (1 - P(duplicate)) * P(label
    of `label`). `preference` is what the probability of each of `OTHERS` is multiplied with before the most probable is
    taken, so that a rare label is found at all; probabilities stay as they are."""

    duplicate: Regression
    label: Regression
    preference: NDArray[np.float64]

    def probabilities(self, evidence: Evidence) -> NDArray[np.float64]:
        """(pairs, `LABELS`)."""
        again = self.duplicate.probabilities(inputs(evidence, self.duplicate.inputs))[:, :1]
        others = self.label.probabilities(inputs(evidence, self.label.inputs))
        return np.hstack([again, (1.0 - again) * others])

    def taken(self, probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
        """The column of `LABELS` that is taken for each pair."""
        others = np.argmax(probabilities[:, 1:] * self.preference, axis=1) + 1
        return np.where(probabilities[:, 0] >= _DUPLICATE_FROM, 0, others).astype(np.int64)

    def as_json(self) -> dict[str, Any]:
        preference = {label.value: round(float(self.preference[k]), 4) for k, label in enumerate(OTHERS)}
        return {"preference": preference, "duplicate": self.duplicate.as_json(), "label": self.label.as_json()}


def model_from(data: Mapping[str, Any]) -> Model:
    """What `Model.as_json` gave."""
    preference = np.array([data["preference"][label] for label in OTHERS], np.float64)
    return Model(regression_from(data["duplicate"]), regression_from(data["label"]), preference)


@lru_cache(maxsize=1)
def models() -> Mapping[str, Model]:
    """The shipped models: "declared", with links in sight, and "hidden", without."""
    data = json.loads(table_text(PARAMETERS))
    return {name: model_from(data[name]) for name in ("declared", "hidden")}


@dataclass(frozen=True, slots=True)
class Decisions:
    """`probabilities[k, c]`: how probable `LABELS[c]` is for pair k; `best[k]` is the column that is taken; `rules[k]`
    names the rules that fired."""

    probabilities: NDArray[np.float64]
    best: NDArray[np.int64]
    rules: list[tuple[str, ...]]

    def label(self, k: int) -> Label:
        return LABELS[int(self.best[k])]

    def confidence(self, k: int) -> float:
        """The probability of the label that is taken."""
        return float(self.probabilities[k, self.best[k]])


def decide(evidence: Evidence, *, links: bool, model: Model | None = None) -> Decisions:
    """Decides every pair. `links`: whether the evidence was taken with declared links in sight."""
    model = model or models()["declared" if links else "hidden"]
    probabilities = model.probabilities(evidence)
    fired: list[tuple[str, NDArray[np.bool_]]] = []
    for rule, applies, label in _rules(evidence):
        at = LABELS.index(label)
        applies = applies & (probabilities[:, at] < 1.0)
        # What the rule takes away goes to the other labels in their proportion.
        fired.append((rule, applies & (probabilities[:, at] >= _TELLING)))
        probabilities[applies, at] = 0.0
        probabilities[applies] /= probabilities[applies].sum(axis=1, keepdims=True)
    same = _same_grant(evidence) & (probabilities[:, 0] > 0.0)
    raised = np.maximum(probabilities[same, 0], _SURE)
    probabilities[same, 1:] *= ((1.0 - raised) / np.maximum(1.0 - probabilities[same, 0], 1e-9))[:, None]
    probabilities[same, 0] = raised
    fired.append((SAME_GRANT, same))
    best = model.taken(probabilities)
    rules: list[tuple[str, ...]] = [()] * len(evidence)
    for rule, applies in fired:
        for k in np.flatnonzero(applies).tolist():
            rules[k] = (*rules[k], rule)
    return Decisions(probabilities, best, rules)


def _same_grant(evidence: Evidence) -> NDArray[np.bool_]:
    """The same title, number and amount, from two publishers of which neither takes part in the other's record."""
    of = evidence.of
    named = (of("who_implements") > 0) | (of("who_funds") > 0) | (of("who_reporter") > 0)
    same = (of("code_shared") > 0) & (of("text_title") > _SAME_TITLE) & (of("money_ratio") > _SAME_TOTAL)
    return np.asarray(same & ~named)


def _rules(evidence: Evidence) -> Iterable[tuple[str, NDArray[np.bool_], Label]]:
    """(name, the pairs it fires for, the label that it excludes)."""
    of = evidence.of
    yield OWN_INITIATIVE, of("who_reporter") > 0, Label.OVERLAP
    ratio = of("money_ratio")
    yield AMOUNTS_DIFFER, (ratio > 0) & (ratio < _SAME_AMOUNT), Label.DUPLICATE
    yield PLACES_DIFFER, of("place_apart") > 0, Label.DUPLICATE
    yield PERIODS_DIFFER, of("time_gap") > _SAME_PERIOD, Label.DUPLICATE


def inputs(evidence: Evidence, names: Sequence[str]) -> NDArray[np.float32]:
    """The columns that a model reads: evidence as it is, and what must come together to mean anything."""
    joint = _joint(evidence)
    return np.column_stack([joint[name] if name in joint else evidence.of(name) for name in names])


def _joint(evidence: Evidence) -> dict[str, Floats]:
    """Evidence that only counts together. Why each: docs/overlap.md."""
    of = evidence.of
    meet = np.minimum(of("place_share"), 1.0) * (of("time_share") > 0)
    purpose = (
        np.sqrt(of("text_terms")) + of("service_cosine") + 0.7 * of("theme_told") + 0.3 * of("group_cosine")
    ) / 3.0
    named = np.maximum(of("who_implements"), of("who_funds"))
    return {
        "meet": meet,
        "purpose": purpose,
        "work": meet * purpose * np.where(of("place_area") < 0, 0.6, 1.0),
        "disjoint": (of("place_area") < 0).astype(np.float32),
        "area": (of("place_area") > 0).astype(np.float32),
        "twin": of("text_title") * of("text_named") * (1.0 - of("who_reporter")),
        "named": named,
        "named_both": np.minimum(of("who_implements"), of("who_funds")),
        "named_text": named * np.minimum(1.0, of("text_terms") + 0.5 * of("text_title") + 0.3 * of("text_named")),
        "own_number": np.maximum(of("who_reporter"), of("who_owner")) * of("code_numbering"),
        "own_text": of("who_reporter") * of("text_terms"),
        "repeated": of("who_outside") * of("who_alike"),
        "repeated_money": of("who_outside") * np.maximum(of("money_amount"), (of("money_ratio") > 0.98) * 0.5),
        "repeated_work": of("who_outside") * of("who_alike") * purpose,
        "same_amount": ((of("money_ratio") > 0.999) | (of("money_amount") > 0.9)).astype(np.float32),
        "link_any": np.maximum.reduce([of("link_parent"), of("link_sibling"), of("link_common")]),
    }
