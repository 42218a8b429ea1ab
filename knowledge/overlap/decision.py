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
AREAS_APART, THEMES_APART, TITLE_ONLY = "areas_apart", "themes_apart", "title_only"
"""Rules that nothing overlaps in areas that are disjoint, without any theme in common, or with a like title for other
services."""
_ALIKE_TITLE = 0.4
AMOUNTS_DIFFER, PLACES_DIFFER, PERIODS_DIFFER = "amounts_differ", "places_differ", "periods_differ"
"""Rules that no record is a duplicate of one of another amount, other countries or another time."""
YEARS_APART = "years_apart"
"""The rule that what lies more than a year apart does not meet: at most it is a next phase."""
NUMBERS_DIFFER = "numbers_differ"
"""The rule that the next phase or another quarter, by the numbers of titles that are alike, is no duplicate."""
NAME_EACH_OTHER = "name_each_other"
"""The rule that publishers which take part in each other's record report two ends of a chain, or two parts."""
NAMES_ONE_ONLY = "names_one_only"
"""The rule that a publisher which names the other's, and nobody whom the other names as well, reports an end of a
chain: who reports somebody else's work again names those who take part in it."""
NOTHING_TIES = "nothing_ties"
"""The rule that without any organisation, number or amount in common nothing shows a chain or a family."""
NOTHING_ALIKE = "nothing_alike"
"""The rule that what has neither work, amount nor number in common is no duplicate, whoever takes part."""
_SAME_AMOUNT, _SAME_PERIOD = 0.9, 0.25
_YEARS = 1.0
_TELLING_TITLE = 0.7
SAME_GRANT = "same_grant"
"""The rule that what carries the same title, number and amount is one grant reported twice."""
RULES = (
    *(OWN_INITIATIVE, AREAS_APART, THEMES_APART, TITLE_ONLY, AMOUNTS_DIFFER, PLACES_DIFFER, PERIODS_DIFFER),
    *(YEARS_APART, NUMBERS_DIFFER, NAME_EACH_OTHER, NAMES_ONE_ONLY, NOTHING_TIES, NOTHING_ALIKE, SAME_GRANT),
)
"""Every rule that a decision may name; each is told in words."""
_SAME_TITLE, _SAME_TOTAL, _SURE = 0.9, 0.999, 0.9
_DUPLICATE_FROM, _AGAINST_CHAIN = 0.15, 0.4
"""A duplicate is taken from this probability, and from this share of that of a chain."""
_TELLING = 0.05
"""A rule is named where what it excludes was probable at all; that of one publisher where both do much the same."""


OTHERS = LABELS[1:]
"""The labels of pairs that are no duplicates."""
TIED = (Label.CHAIN, Label.FAMILY)
"""The labels of pairs that money or a programme ties."""
STEPS = (Label.OVERLAP, Label.COMPLEMENTARY)
"""The labels of pairs that nothing ties, the nearest first; below them stand unrelated pairs."""
_MUCH_WORK = 0.3
"""Above so much work in common each bit more tells more."""


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
class Ladder:
    """How near two records come that no money and no programme ties. P(`steps[k]` or nearer) is the logistic function
    of the sum of coefficient * (input - mean) / scale, minus `heights[k]`. Steps go from the nearest; below the last of
    them stands what is not near at all."""

    steps: tuple[str, ...]
    inputs: tuple[str, ...]
    mean: Floats
    scale: Floats
    coefficients: NDArray[np.float64]
    heights: NDArray[np.float64]

    def probabilities(self, inputs: NDArray[Any]) -> NDArray[np.float64]:
        """(pairs, steps and what is below them) from (pairs, inputs)."""
        height = ((inputs - self.mean) / self.scale) @ self.coefficients
        reached = 1.0 / (1.0 + np.exp(np.clip(self.heights[None, :] - height[:, None], -50, 50)))
        return np.diff(np.hstack([np.zeros((len(inputs), 1)), reached, np.ones((len(inputs), 1))]), axis=1)

    def as_json(self) -> dict[str, Any]:
        return {
            "heights": {name: round(float(height), 4) for name, height in zip(self.steps, self.heights, strict=True)},
            "inputs": {
                name: {
                    "mean": round(float(self.mean[c]), 5),
                    "scale": round(float(self.scale[c]), 5),
                    "coefficient": round(float(self.coefficients[c]), 4),
                }
                for c, name in enumerate(self.inputs)
            },
        }


def ladder_from(data: Mapping[str, Any]) -> Ladder:
    """What `Ladder.as_json` gave."""
    rows = data["inputs"]
    return Ladder(
        steps=tuple(data["heights"]),
        inputs=tuple(rows),
        mean=np.array([row["mean"] for row in rows.values()], np.float32),
        scale=np.array([row["scale"] for row in rows.values()], np.float32),
        coefficients=np.array([row["coefficient"] for row in rows.values()], np.float64),
        heights=np.array(list(data["heights"].values()), np.float64),
    )


@dataclass(frozen=True, slots=True)
class Model:
    """Four questions, one after the other: is it the same again (`duplicate`); are the two tied by money or a programme
    (`tied`), and if so, are they a chain or a family (`kind`); if not, how near do they come (`near`). `preference` is
    what the probability of each of `OTHERS` is multiplied with before the most probable is taken, so that a rare label
    is found at all; probabilities stay as they are."""

    duplicate: Regression
    tied: Regression
    kind: Regression
    near: Ladder
    preference: NDArray[np.float64]

    def probabilities(self, evidence: Evidence, joint: Mapping[str, Floats] | None = None) -> NDArray[np.float64]:
        """(pairs, `LABELS`). `joint`: what `together` gave for the evidence, where it is at hand."""
        joint = together(evidence) if joint is None else joint
        again = self.duplicate.probabilities(inputs(evidence, self.duplicate.inputs, joint))[:, :1]
        tied = self.tied.probabilities(inputs(evidence, self.tied.inputs, joint))[:, :1]
        kind = self.kind.probabilities(inputs(evidence, self.kind.inputs, joint))
        near = self.near.probabilities(inputs(evidence, self.near.inputs, joint))
        return np.hstack([again, (1.0 - again) * np.hstack([tied * kind, (1.0 - tied) * near])])

    def taken(self, probabilities: NDArray[np.float64]) -> NDArray[np.int64]:
        """The column of `LABELS` that is taken for each pair."""
        others = np.argmax(probabilities[:, 1:] * self.preference, axis=1) + 1
        chain = probabilities[:, LABELS.index(Label.CHAIN)]
        again = (probabilities[:, 0] >= _DUPLICATE_FROM) & (probabilities[:, 0] >= _AGAINST_CHAIN * chain)
        return np.where(again, 0, others).astype(np.int64)

    def as_json(self) -> dict[str, Any]:
        preference = {label.value: round(float(self.preference[k]), 4) for k, label in enumerate(OTHERS)}
        parts = {name: getattr(self, name).as_json() for name in ("duplicate", "tied", "kind", "near")}
        return {"preference": preference} | parts


def model_from(data: Mapping[str, Any]) -> Model:
    """What `Model.as_json` gave."""
    preference = np.array([data["preference"][label] for label in OTHERS], np.float64)
    duplicate, tied, kind = (regression_from(data[name]) for name in ("duplicate", "tied", "kind"))
    return Model(duplicate, tied, kind, ladder_from(data["near"]), preference)


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
    joint = together(evidence)
    probabilities = model.probabilities(evidence, joint)
    fired: list[tuple[str, NDArray[np.bool_]]] = []
    for rule, applies, label in _rules(evidence, joint):
        at = LABELS.index(label)
        applies = applies & (probabilities[:, at] < 1.0)
        # What the rule takes away goes to the other labels in their proportion.
        telling = probabilities[:, at] >= _TELLING
        if rule == OWN_INITIATIVE:
            telling |= joint["much_work"] > 0
        fired.append((rule, applies & telling))
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
            rules[k] = tuple(dict.fromkeys((*rules[k], rule)))
    return Decisions(probabilities, best, rules)


def _same_grant(evidence: Evidence) -> NDArray[np.bool_]:
    """The same title, number and amount, from two publishers of which neither takes part in the other's record."""
    of = evidence.of
    named = (of("who_implements") > 0) | (of("who_funds") > 0) | (of("who_reporter") > 0)
    same = (of("code_shared") > 0) & (of("text_title") > _SAME_TITLE) & (of("money_ratio") > _SAME_TOTAL)
    return np.asarray(same & ~named)


def _rules(evidence: Evidence, joint: Mapping[str, Floats]) -> Iterable[tuple[str, NDArray[np.bool_], Label]]:
    """(name, the pairs it fires for, the label that it excludes)."""
    of = evidence.of
    yield OWN_INITIATIVE, of("who_reporter") > 0, Label.OVERLAP
    yield AREAS_APART, of("place_area") < 0, Label.OVERLAP
    yield THEMES_APART, (of("theme_cosine") <= 0) & (of("theme_told") <= 0), Label.OVERLAP
    for label in STEPS:
        yield YEARS_APART, of("time_gap") > _YEARS, label
    yield TITLE_ONLY, (of("service_apart") > 0) & (of("text_title") >= _ALIKE_TITLE), Label.OVERLAP
    ratio = of("money_ratio")
    yield AMOUNTS_DIFFER, (ratio > 0) & (ratio < _SAME_AMOUNT), Label.DUPLICATE
    yield PLACES_DIFFER, of("place_apart") > 0, Label.DUPLICATE
    yield PERIODS_DIFFER, of("time_gap") > _SAME_PERIOD, Label.DUPLICATE
    yield NUMBERS_DIFFER, of("text_numbered") > 0, Label.DUPLICATE
    apart = (of("who_reporter") + of("who_owner")) == 0
    for label in TIED:
        yield NOTHING_TIES, joint["sign"] == 0, label
    alike = (joint["purpose"] > 0) | (joint["same_amount"] > 0) | (of("code_shared") > 0)
    yield NOTHING_ALIKE, ~alike, Label.DUPLICATE
    yield NAME_EACH_OTHER, apart & (of("who_outside") == 0), Label.DUPLICATE
    named = (of("who_implements") > 0) | (of("who_funds") > 0)
    yield NAMES_ONE_ONLY, apart & named & (of("who_alike") == 0), Label.DUPLICATE


def inputs(evidence: Evidence, names: Sequence[str], joint: Mapping[str, Floats] | None = None) -> NDArray[np.float32]:
    """The columns that a model reads: evidence as it is, and what must come together to mean anything."""
    joint = together(evidence) if joint is None else joint
    return np.column_stack([joint[name] if name in joint else evidence.of(name) for name in names])


_SIGNS = (
    "who_implements",
    "who_funds",
    "who_reporter",
    "who_owner",
    "code_shared",
    "code_within",
    "money_amount",
    "link_money",
)
"""Evidence of which some must be there where money or a programme ties two records."""
_SOME_PURPOSE = 0.1
"""That both name one organisation is a sign where both do something alike at least."""


def together(evidence: Evidence) -> dict[str, Floats]:
    """Evidence that only counts together. Why each: docs/overlap.md."""
    of = evidence.of
    meet = np.minimum(of("place_share"), 1.0) * (of("time_share") > 0)
    purpose = (
        np.sqrt(of("text_terms")) + of("service_cosine") + 0.7 * of("theme_told") + 0.3 * of("group_cosine")
    ) / 3.0
    named = np.maximum(of("who_implements"), of("who_funds"))
    work = meet * purpose * np.where(of("place_area") < 0, 0.6, 1.0)
    same_amount = ((of("money_ratio") > 0.999) | (of("money_amount") > 0.9)).astype(np.float32)
    partners = of("who_parts") * (purpose > _SOME_PURPOSE)
    link_any = np.maximum.reduce([of("link_parent"), of("link_sibling"), of("link_common")])
    # Who would share so telling a title and the same months by chance?
    twins = (of("text_title") >= _SAME_TITLE) & (of("text_named") >= _TELLING_TITLE) & (of("time_same") > 0)
    twins &= of("place_apart") == 0
    return {
        "meet": meet,
        "purpose": purpose,
        "work": work,
        "much_work": np.maximum(work - _MUCH_WORK, 0.0),
        "disjoint": (of("place_area") < 0).astype(np.float32),
        "area": (of("place_area") > 0).astype(np.float32),
        "twin": of("text_title") * of("text_named") * (1.0 - of("who_reporter")),
        "named": named,
        "named_both": np.minimum(of("who_implements"), of("who_funds")),
        "named_text": named * np.minimum(1.0, of("text_terms") + 0.5 * of("text_title") + 0.3 * of("text_named")),
        "own_number": np.maximum(of("who_reporter"), of("who_owner")) * of("code_numbering"),
        "own_text": of("who_reporter") * of("text_terms"),
        "sign": (np.maximum.reduce([*map(of, _SIGNS), link_any, twins, partners]) > 0).astype(np.float32),
        "repeated": of("who_bystander") * of("who_within"),
        "repeated_money": of("who_bystander") * np.maximum(of("money_amount"), (of("money_ratio") > 0.98) * 0.5),
        "repeated_work": of("who_bystander") * of("who_within") * purpose,
        "same_amount": same_amount,
        "named_money": named * np.maximum(of("money_amount"), same_amount),
        "link_any": link_any,
    }
