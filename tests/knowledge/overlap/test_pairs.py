"""Evidence, candidates and decisions on pairs of invented records."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from knowledge.overlap import decision, graph, training
from knowledge.overlap.candidates import CHANNELS, Limits, candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.evidence import NAMES, evidence
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.rereporting import PUBLISHERS, rereported
from knowledge.records import Link, OrganisationMention, Record, Role
from tests.knowledge.overlap.making import corpus, others, record

WATER = "Drilling of boreholes and hygiene promotion for refugees and host communities."
HEALTH = [("12240", 100.0)]
WELLS = [("14030", 100.0)]


def of(one: Record, two: Record, *, links: bool = True) -> dict[str, float]:
    whole = corpus(one, two, *others(30))
    found = evidence(whole, np.array([0]), np.array([1]), links=links).values
    assert np.allclose(found, evidence(whole, np.array([1]), np.array([0]), links=links).values, atol=1e-6)
    return dict(zip(NAMES, found[0].tolist(), strict=True))


def told(one: Record, two: Record, *, links: bool = True) -> tuple[Label, tuple[str, ...]]:
    whole = corpus(one, two, *others(30))
    decided = decision.decide(evidence(whole, np.array([0]), np.array([1]), links=links), links=links)
    assert decided.probabilities.sum() == pytest.approx(1.0)
    return decided.label(0), decided.rules[0]


def test_places_are_shared_disjoint_or_unsaid() -> None:
    lamu, deeper = record("a", "Wells", area="Lamu"), record("b", "Wells", "Work in Mpeketoni.")
    kitui, anywhere = record("c", "Wells", area="Kitui"), record("d", "Wells")
    assert of(lamu, deeper)["place_area"] == 1.0
    assert of(lamu, deeper)["place_depth"] == 1.0
    assert of(lamu, kitui)["place_area"] == -1.0
    assert of(lamu, anywhere)["place_area"] == 0.0
    abroad = of(lamu, record("e", "Wells", country="UG"))
    assert (abroad["place_share"], abroad["place_apart"]) == (0.0, 1.0)
    nowhere = of(lamu, record("f", "Wells", country=""))
    assert (nowhere["place_share"], nowhere["place_apart"]) == (0.0, 0.0)


def test_sectors_count_with_their_shares() -> None:
    one = record("a", "Work", sectors=[("14030", 75.0), ("12240", 25.0)])
    two = record("b", "Work", sectors=[("14030", 50.0), ("14022", 50.0)])
    found = of(one, two)
    assert found["theme_sector"] == pytest.approx(0.5)
    assert found["theme_category"] == pytest.approx(0.75)


def test_time_overlaps_or_leaves_a_gap() -> None:
    one = record("a", "Work", start=date(2024, 1, 1), end=date(2024, 12, 31))
    inside = record("b", "Work", start=date(2024, 4, 1), end=date(2024, 6, 30))
    after = record("c", "Work", start=date(2026, 1, 1), end=date(2026, 12, 31))
    assert of(one, inside)["time_share"] == pytest.approx(1.0)
    assert of(one, after)["time_share"] == 0.0
    assert of(one, after)["time_gap"] == pytest.approx(1.0, abs=0.01)
    undated = record("d", "Work", start=None, end=None)
    assert of(one, undated)["time_share"] == 0.5


def test_funder_and_implementer_confirm_or_deny_a_chain() -> None:
    donor = record("a", "Clinics", by="Nordia Aid", does=["Acme Relief"])
    confirmed = record("b", "Clinics", by="Acme Relief", funds=["Nordia Aid"])
    denied = record("c", "Clinics", by="Acme Relief", funds=["Westland Trust"])
    found = of(donor, confirmed)
    assert (found["who_implements"], found["who_funds"], found["who_confirmed"]) == (1.0, 1.0, 1.0)
    assert found["who_denied"] == 0.0
    other = of(donor, denied)
    assert (other["who_implements"], other["who_confirmed"], other["who_denied"]) == (1.0, 0.0, 1.0)


def test_links_can_be_left_out_of_sight() -> None:
    one = record("a", "Clinics", by="Nordia Aid", links=[Link("child", "B")])
    two = record("b", "Wells", extra=[OrganisationMention(Role.FUNDING, "X", activity_id="c")])
    assert of(one, two)["link_parent"] == 1.0
    assert of(one, two, links=False)["link_parent"] == 0.0
    sibling = record("d", "Roads", extra=[OrganisationMention(Role.FUNDING, "X", activity_id="C")])
    assert of(two, sibling)["link_common"] == 1.0


def test_numbers_that_both_quote_are_found() -> None:
    one = record("a", "Clinics", "Under grant ZZ-2025-00417.")
    assert of(one, record("ZZ-2025-00417", "Wells"))["code_shared"] > 0.5
    assert of(one, record("ZZ-2025-00418", "Wells"))["code_shared"] == 0.0


def test_candidates_find_who_meets_and_who_pays() -> None:
    one = record("a", "Boreholes in Lamu", WATER, sectors=WELLS)
    two = record("b", "Wells for Lamu", WATER, by="Bolt Trust", sectors=WELLS)
    donor = record("c", "Grant 7", by="Nordia Aid", country="", does=["Acme Relief"])
    whole = corpus(one, two, donor, *others(40))
    found = candidates(whole)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert {(0, 1), (0, 2)} <= pairs
    assert all(left < right for left, right in pairs)
    assert len(pairs) == len(found)
    again = candidates(whole)
    assert np.array_equal(again.left, found.left)
    assert np.array_equal(again.right, found.right)


def test_candidates_of_one_record_all_have_it() -> None:
    whole = corpus(record("a", "Boreholes in Lamu", WATER), record("b", "Wells", WATER, by="Bolt Trust"), *others(40))
    found = candidates(whole, of=np.array([1]))
    assert len(found)
    assert ((found.left == 1) | (found.right == 1)).all()


def test_records_that_name_each_other_are_candidates_whatever_their_texts_say() -> None:
    """Beside many nearer ones that name only one of them, or that only one of them reports."""
    donor = record("donor", "COVID contribution 2020", by="Nordia Aid", does=["Acme Relief"], country="")
    doer = record("doer", "Masks for clinics", "Masks.", by="Acme Relief", funds=["Nordia Aid"], country="UG")
    nearer = [
        record(f"{title}{by}{named}{i}", title, by=by or f"Other {i}", does=[named or f"Other {i}"], country=country)
        for title, country in (("COVID contribution 2020", ""), ("Masks for clinics", "UG"))
        for by, named in (("", "Nordia Aid"), ("", "Acme Relief"), ("Nordia Aid", ""), ("Acme Relief", ""))
        for i in range(20)
    ]
    whole = corpus(donor, doer, *nearer)
    few = Limits(who=2, party=2)
    for asked in (None, np.array([0]), np.array([1])):
        found = candidates(whole, few, of=asked, links=False)
        (pair,) = np.flatnonzero((found.left == 0) & (found.right == 1)).tolist()
        assert [name for c, name in enumerate(CHANNELS) if found.channels[pair] >> c & 1] == ["mutual"]


def test_the_shipped_model_tells_a_chain_from_an_overlap() -> None:
    text = "Treatment of severe acute malnutrition for children under five in Lamu through mobile clinics."
    donor = record("a", "Nutrition in Lamu", text, by="Nordia Aid", does=["Acme Relief"], sectors=HEALTH, amount=80_000)
    doer = record("b", "Nutrition in Lamu", text, by="Acme Relief", funds=["Nordia Aid"], sectors=HEALTH)
    assert told(donor, doer)[0] is Label.CHAIN
    assert told(donor, doer, links=False)[0] is Label.CHAIN
    other = record(
        "c",
        "Stabilisation centres",
        "Stabilisation centres and mobile clinics treat children under five with severe acute malnutrition in Lamu.",
        by="Bolt Trust",
        funds=["Westland Trust"],
        sectors=HEALTH,
    )
    assert told(donor, other, links=False)[0] is Label.OVERLAP
    assert told(donor, record("d", "Roads", "Repair of roads.", by="Bolt Trust", country="TZ"))[0] is Label.UNRELATED


def test_records_of_one_publisher_never_overlap() -> None:
    one = record("a", "Boreholes in Lamu", WATER, sectors=WELLS)
    two = record("b", "Boreholes for Lamu", WATER, sectors=WELLS)
    label, rules = told(one, two)
    assert label is not Label.OVERLAP
    assert decision.OWN_INITIATIVE in rules


def test_a_record_reported_again_is_a_duplicate_and_one_of_another_amount_is_not() -> None:
    text = "Midwives are trained in four districts of Lamu so that mothers give birth safely."
    one = record(
        "a", "Midwives for Lamu", text, by="Acme Relief", funds=["Nordia Aid"], does=["Care of Lamu"], amount=81_250
    )
    again = record(
        "b", "Midwives for Lamu", text, by=PUBLISHERS[0], funds=["Nordia Aid"], does=["Care of Lamu"], amount=81_250
    )
    assert told(one, again)[0] is Label.DUPLICATE
    less = record(
        "c", "Midwives for Lamu", text, by=PUBLISHERS[0], funds=["Nordia Aid"], does=["Care of Lamu"], amount=9_000
    )
    label, rules = told(one, less)
    assert label is not Label.DUPLICATE
    assert decision.AMOUNTS_DIFFER in rules


def test_the_graph_keeps_what_is_related_whatever_the_order() -> None:
    records = [
        record("a", "Boreholes in Lamu", WATER, sectors=WELLS),
        record("b", "Wells for Lamu", WATER, by="Bolt Trust", sectors=WELLS),
        *others(20),
    ]
    forth, back = graph.build(corpus(*records)), graph.build(corpus(*reversed(records)))

    def named(found: graph.Graph) -> dict[frozenset[str], int]:
        ids = [one.id for one in found.corpus.profiles]
        return {
            frozenset((ids[i], ids[j])): int(label)
            for i, j, label in zip(found.left, found.right, found.best, strict=True)
        }

    assert named(forth) == named(back)
    assert frozenset(("a", "b")) in named(forth)
    assert forth.looked_at >= len(forth)
    row = forth.corpus.index["a"]
    assert all(row in (forth.left[k], forth.right[k]) for k in forth.around(row).tolist())


def test_one_more_record_is_weighed_as_the_others_are() -> None:
    whole = corpus(*others(30))
    alone = Corpus(whole.profiles[:1], whole.vectors[:1], whole.statistics)
    assert alone.terms.row(0) == pytest.approx(whole.terms.row(0))


def test_a_fit_finds_what_made_the_labels_and_survives_being_written() -> None:
    random = np.random.default_rng(0)
    inputs = random.normal(size=(300, 3)).astype(np.float32)
    wanted = np.where(inputs[:, 0] > 0.3, 2, np.where(inputs[:, 1] > 0.3, 1, 0))
    fitted = training.fit(inputs, wanted, ("x", "y", "noise"), ("none", "one", "both"), penalty=1.0)
    assert (fitted.probabilities(inputs).argmax(axis=1) == wanted).mean() > 0.85
    assert np.abs(fitted.coefficients[:, 2]).max() < 0.3 * np.abs(fitted.coefficients[:, 0]).max()
    again = decision.regression_from(fitted.as_json())
    assert np.allclose(again.probabilities(inputs), fitted.probabilities(inputs), atol=1e-3)


def test_the_shipped_models_read_evidence_that_exists() -> None:
    whole = corpus(*others(3))
    found = evidence(whole, np.array([0]), np.array([1]))
    for name, model in decision.models().items():
        chance = model.probabilities(found)
        assert chance.shape == (1, len(LABELS)), name
        assert (chance >= 0).all()


def test_who_names_the_other_and_nobody_else_of_its_record_does_not_report_it_again() -> None:
    own = record("a", "Clinics for Lamu", WATER, by="Acme Relief", does=["Health Trust"], area="Lamu")
    paying = record("b", "Clinics for Lamu", WATER, by="Northern Aid", does=["Acme Relief"], area="Lamu")
    again = record("b", "Clinics for Lamu", WATER, by="Northern Aid", does=["Acme Relief", "Health Trust"], area="Lamu")
    assert told(own, paying)[0] is Label.CHAIN
    assert decision.NAMES_ONE_ONLY in told(own, paying)[1]
    assert decision.NAMES_ONE_ONLY not in told(own, again)[1]


def test_reporting_again_is_the_same_for_the_same_number_and_by_somebody_else() -> None:
    one = record("a", "Midwives for Lamu", WATER, links=[Link("child", "b")], sectors=HEALTH, amount=5_000)
    assert rereported(one, 7) == rereported(one, 7)
    versions = [rereported(one, n) for n in range(20)]
    assert len({version.title for version in versions}) > 3
    for version in versions:
        assert version.links == ()
        assert version.id != one.id
        assert version.organisations[0].name in PUBLISHERS
