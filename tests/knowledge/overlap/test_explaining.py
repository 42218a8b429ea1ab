"""What is said of two records: facts of both, for and against, in five languages."""

from __future__ import annotations

from datetime import date

import pytest

from bot.answers.overlaps import sentence
from bot.words import LANGUAGES, Words
from knowledge.overlap.comparing import compare, missing
from knowledge.overlap.explaining import Clause, Fact, explain
from knowledge.overlap.labels import Label
from knowledge.overlap.profiles import profile
from knowledge.records import Link, Record
from tests.knowledge.overlap.making import RESOLVER, corpus, others, record

MIDWIVES = "Training of midwives for mothers."
NAMES = {"KE010": "Lamu", "KE020": "Kitui", "KE0101": "Mpeketoni"}


def facts(one: Record, other: Record, *, links: bool = True) -> dict[Fact, Clause]:
    clauses = explain(profile(one, RESOLVER), profile(other, RESOLVER), links=links)
    assert len({clause.fact for clause in clauses}) == len(clauses)
    assert all(clause.fields[0] and clause.fields[1] for clause in clauses)
    return {clause.fact: clause for clause in clauses}


def test_what_two_strangers_share_is_said_with_what_they_do_not_know() -> None:
    one = record("a", "Births", MIDWIVES, area="Lamu", funds=["Nordia Aid"], sectors=[("12240", 100.0)])
    other = record(
        "b",
        "Mothers",
        MIDWIVES,
        by="Bolt Trust",
        area="Lamu",
        funds=["Westland Trust"],
        sectors=[("12240", 100.0)],
        end=date(2025, 6, 30),
    )
    found = facts(one, other)
    assert found[Fact.SAME_GROUPS].both == ("mothers",)
    assert found[Fact.SAME_AREAS].both == ("KE010",)
    assert found[Fact.AT_ONE_TIME].days == {"start": date(2025, 1, 1), "end": date(2025, 6, 30)}
    assert found[Fact.OTHER_FUNDERS].one == ("Nordia Aid",)
    assert Fact.STRANGERS in found
    assert not [fact for fact in found if fact.against]


def test_what_speaks_against_is_said() -> None:
    one = record("a", "Births", MIDWIVES, area="Lamu", start=date(2023, 1, 1), end=date(2023, 12, 31))
    other = record("b", "Mothers", "Drinking water from boreholes.", by="Bolt Trust", area="Kitui")
    found = facts(one, other)
    assert (found[Fact.OTHER_AREAS].one, found[Fact.OTHER_AREAS].other) == (("KE010",), ("KE020",))
    assert found[Fact.ONE_AFTER_OTHER].days["end"] == date(2023, 12, 31)
    assert Fact.OTHER_COUNTRIES in facts(one, record("c", "Work", by="Bolt Trust", country="UG"))
    assert Fact.UNDATED in facts(one, record("c", "Work", by="Bolt Trust", end=None))
    assert all(fact.against for fact in (Fact.OTHER_AREAS, Fact.ONE_AFTER_OTHER, Fact.UNDATED))


def test_an_organisation_that_only_may_be_the_same_is_not_said_to_be() -> None:
    one = record("a", "Clinics", by="Oxfam GB", does=["Acme Relief"])
    named = facts(one, record("b", "Clinics", by="Acme Relief"))
    assert named[Fact.NAMED].both == ("Acme Relief",)
    assert Fact.NAMED not in facts(one, record("c", "Clinics", by="Bolt Trust", does=["Oxfam Novib"]))


def test_links_are_not_spoken_of_where_they_are_hidden() -> None:
    one, other = record("a", "Clinics", links=[Link("parent", "b")]), record("b", "Clinics", by="Bolt Trust")
    assert Fact.LINKED in facts(one, other)
    assert Fact.LINKED not in facts(one, other, links=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_fact_has_words(language: str) -> None:
    days = {"start": date(2025, 1, 1), "end": date(2025, 6, 30)}
    values = {
        Fact.SAME_SERVICES: ("cash",),
        Fact.SAME_GROUPS: ("refugees",),
        Fact.SAME_SECTORS: ("12240",),
        Fact.SAME_AREAS: ("KE010",),
        Fact.SAME_COUNTRIES: ("KE",),
        Fact.PART_OF_NUMBER: ("2017000043", "2017000043057"),
    }
    said = set()
    for fact in Fact:
        both = values.get(fact, ("Acme",))
        places = (Fact.OTHER_AREAS, Fact.OTHER_COUNTRIES)
        shown = ("KE010",) if fact in places else ("cash",)
        text = sentence(
            Words(language), Clause(fact, ("text", "text"), both, shown, shown, days), "ONE", "OTHER", NAMES
        )
        assert "{" not in text
        assert "KE010" not in text
        said.add(text)
    assert len(said) == len(Fact) - 1  # other areas and other countries read alike


def test_a_comparison_holds_label_numbers_and_clauses_and_is_symmetric() -> None:
    one = record("a", "Clinics of Lamu", MIDWIVES, by="Nordia Aid", does=["Acme Relief"], area="Lamu")
    other = record("b", "Clinics of Lamu", MIDWIVES, by="Acme Relief", funds=["Nordia Aid"], area="Lamu")
    whole = corpus(one, other, *others(20))
    (found,), (back,) = compare(whole, [("a", "b")]), compare(whole, [("b", "a")])
    assert found.label is back.label is Label.CHAIN
    assert found.confidence == found.probabilities[Label.CHAIN] == pytest.approx(back.confidence)
    assert found.evidence["who_confirmed"] == 1.0
    assert 0.0 not in found.evidence.values()
    assert Fact.NAMED in {clause.fact for clause in found.clauses}
    assert missing(whole, ["a", "gone", "gone"]) == ["gone"]
