"""The ladder of nearness, the rules beside it, and what is taken for reported again where siblings are alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from knowledge.overlap import decision, graph, training
from knowledge.overlap.evidence import evidence
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.words import numbers
from knowledge.records import Record
from tests.knowledge.overlap.making import corpus, others, record


def decided(one: Record, two: Record) -> tuple[decision.Decisions, dict[Label, float]]:
    found = decision.decide(evidence(corpus(one, two, *others(30)), np.array([0]), np.array([1])), links=True)
    return found, dict(zip(LABELS, found.probabilities[0].tolist(), strict=True))


def test_a_ladder_finds_the_order_of_its_steps_and_survives_being_written() -> None:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(400, 2)).astype(np.float32)
    wanted = np.where(inputs[:, 0] > 1.0, 0, np.where(inputs[:, 0] > 0.0, 1, 2))
    fitted = training.fit_ladder(inputs, wanted, ("near", "noise"), ("overlap", "complementary"), penalty=0.5)
    chance = fitted.probabilities(inputs)
    assert chance.sum(axis=1) == pytest.approx(1.0)
    assert (chance >= 0.0).all()
    assert (chance.argmax(axis=1) == wanted).mean() > 0.85
    assert fitted.heights[0] > fitted.heights[1]
    assert abs(fitted.coefficients[1]) < 0.2 * fitted.coefficients[0]
    again = decision.ladder_from(fitted.as_json())
    assert again.probabilities(inputs) == pytest.approx(chance, abs=1e-3)


def test_a_ladder_of_labels_that_nobody_gave_can_still_be_fitted() -> None:
    none = np.zeros((0, 2), np.float32)
    fitted = training.fit_ladder(none, np.zeros(0, np.int64), ("x", "y"), ("overlap", "complementary"), penalty=1.0)
    assert np.isfinite(fitted.probabilities(np.ones((1, 2), np.float32))).all()


def test_without_any_organisation_number_or_amount_nothing_ties_two_records() -> None:
    text = "Treatment of severe acute malnutrition of children under five in mobile clinics."
    one, two = record("a", "Nutrition", text), record("b", "Mobile clinics", text, by="Bolt Trust")
    found, chance = decided(one, two)
    assert decision.NOTHING_TIES in found.rules[0]
    assert chance[Label.CHAIN] == chance[Label.FAMILY] == 0.0
    tied = record("b", "Mobile clinics", text, by="Bolt Trust", funds=["Acme Relief"])
    found, chance = decided(one, tied)
    assert decision.NOTHING_TIES not in found.rules[0]
    assert chance[Label.CHAIN] > 0.3


def test_disjoint_areas_never_overlap() -> None:
    one = record("a", "School meals", "Daily school meals for pupils.", area="Lamu")
    two = record("b", "School lunches", "Cooks prepare school meals for pupils.", by="Bolt Trust", area="Kitui")
    found, chance = decided(one, two)
    assert chance[Label.OVERLAP] == 0.0
    assert decision.AREAS_APART in found.rules[0]


def test_the_numbers_of_titles_are_phases_and_not_the_pandemic() -> None:
    assert numbers("COVID-19 response, phase II (2021)") == {"ii", "2021"}
    assert numbers("COVID-19 response") == frozenset()


def test_of_a_publishers_siblings_one_at_most_was_reported_again() -> None:
    text = "Hives and training for bee keepers in Kitui, who sell honey and wax through their cooperative."
    by, given = "Honey Trust", {"funds": ["Nordia Aid"], "does": ["Kitui Bees"], "amount": 61_500.0}
    siblings = [record(f"s{n}", "Bee keeping in Kitui", text, by=by, **given) for n in range(2)]  # type: ignore[arg-type]
    again = record("again", "Bee keeping in Kitui", text, by="Open Ledger", **given)  # type: ignore[arg-type]
    whole = corpus(*siblings, replace(again, secondary_reporter=True), *others(30))
    found = graph.build(whole, of=np.array([2], np.int64))
    taken = [k for k in found.of(Label.DUPLICATE).tolist() if 2 in (found.left[k], found.right[k])]
    assert len(taken) == 1
