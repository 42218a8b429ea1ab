"""What tells two records apart or ties them: regions around countries, days, names of one organisation, words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from knowledge.countries import iso3, region_names
from knowledge.overlap.evidence import NAMES, evidence
from knowledge.overlap.explaining import Fact, explain
from knowledge.overlap.parties import SAME_FAMILY, SAME_WORDS, keys
from knowledge.overlap.profiles import profile
from knowledge.overlap.resolver import Resolver
from knowledge.overlap.words import told, words_of
from knowledge.records import OrganisationMention, PlaceMention, Record, Role
from knowledge.text import stem
from knowledge.vocabulary import table_yaml
from tests.knowledge.overlap.making import RESOLVER, corpus, record

KNOWN = Resolver(
    organisations={
        ("", "World Health Organization", "", "", ""): "who",
        ("", "United Nations Development Programme", "", "", ""): "undp",
    }
)


def of(one: Record, two: Record) -> dict[str, float]:
    found = evidence(corpus(one, two), np.array([0]), np.array([1]))
    return dict(zip(NAMES, found.values[0].tolist(), strict=True))


def regional(ident: str, region: str) -> Record:
    return replace(record(ident, "Work"), places=(PlaceMention("", (), region=region),))


@pytest.mark.parametrize(
    ("region", "country", "within"),
    [("998", "KE", True), ("298", "KE", True), ("1027", "KE", True), ("589", "KE", False), ("589", "YE", True)],
)
def test_a_region_is_not_elsewhere_than_a_country_in_it(region: str, country: str, within: bool) -> None:
    found = of(regional("a", region), record("b", "Work", country=country))
    assert (found["place_region"], found["place_apart"]) == ((1.0, 0.0) if within else (0.0, 1.0))


def test_a_region_holds_the_regions_in_it() -> None:
    assert of(regional("a", "298"), regional("b", "289"))["place_region"] == 1.0
    assert of(regional("a", "798"), regional("b", "289"))["place_apart"] == 1.0


def test_the_table_of_regions_names_regions_and_countries() -> None:
    table = {str(code): str(held).split() for code, held in table_yaml("overlap_regions.yml").items()}
    assert set(table) == set(region_names())
    held = {one for members in table.values() for one in members} - set(table) - {"ALL"}
    assert all(len(iso3(one)) == 3 for one in held)


@pytest.mark.parametrize(
    ("start", "telling"), [(date(2024, 6, 26), 1.0), (date(2024, 2, 1), 0.5), (date(2024, 7, 1), 0.25)]
)
def test_a_day_that_few_periods_begin_on_tells_more(start: date, telling: float) -> None:
    one = record("a", "Work", start=start, end=date(2025, 3, 3))
    other = record("b", "Work", start=start, end=date(2025, 5, 5))
    assert of(one, other)["time_day"] == telling


def test_days_of_other_periods_tell_nothing() -> None:
    one = record("a", "Work", start=date(2024, 6, 26), end=date(2024, 12, 30))
    assert of(one, record("b", "Work", start=date(2024, 6, 27), end=date(2024, 12, 31)))["time_day"] == 0.0
    assert of(record("c", "Work", start=None, end=None), record("d", "Work", start=None, end=None))["time_day"] == 0.0


def met(name: str, ref: str = "") -> dict[str, float]:
    return keys(OrganisationMention(Role.IMPLEMENTING, name, ref=ref), KNOWN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nederlandse Rode Kruis (NRK)", "The Netherlands Red Cross"),
        ("Croix-Rouge française", "French Red Cross"),
        ("World Health Organization India Country Office", "World Health Organization"),
        ("United Nations Development Programme*Programme Des Nations Unies", "United Nations Development Programme"),
    ],
)
def test_one_organisation_is_met_under_names_of_several_languages_and_offices(one: str, other: str) -> None:
    left, right = met(one), met(other)
    assert max(min(left[key], right[key]) for key in left.keys() & right.keys()) >= SAME_WORDS


@pytest.mark.parametrize(
    ("name", "ref", "country"),
    [
        ("Department for International Development", "", "GB"),
        ("Ministerie van Buitenlandse Zaken (BuZa)", "", "NL"),
        ("Kreditanstalt für Wiederaufbau", "", "DE"),
        ("Aid agency", "XM-DAC-8-1", "NO"),
    ],
)
def test_a_body_of_a_government_is_known_whether_or_not_its_name_says_whose(name: str, ref: str, country: str) -> None:
    assert met(name, ref)[f"government {country}"] == SAME_FAMILY


def test_national_societies_of_two_countries_share_their_federation_only() -> None:
    shared = met("Danish Red Cross").keys() & met("Deutsches Rotes Kreuz").keys()
    assert shared == {"family red cross"}


def test_a_code_of_a_kind_of_organisation_names_nobody() -> None:
    assert met("International NGO", "21000") == {}
    assert met("UN Organisations") == {}
    assert "ref 21000" not in met("Acme Relief", "21000")
    assert "ref 41114" in met("United Nations Development Programme", "41114")


def test_an_identifier_where_a_name_belongs_is_no_name() -> None:
    assert met("XI-IATI-EC_INTPA") == {"ref xi-iati-ec-intpa": 1.0, "ref xi-iati-ec": SAME_WORDS}


def test_funders_that_differ_are_named_or_left_out() -> None:
    one = profile(record("a", "Births", funds=["Nordia Aid", "XM-DAC-7"]), RESOLVER)
    other = profile(record("b", "Mothers", by="Bolt Trust", funds=["Westland Trust"]), RESOLVER)
    clause = next(clause for clause in explain(one, other) if clause.fact is Fact.OTHER_FUNDERS)
    assert (clause.one, clause.other) == (("Nordia Aid",), ("Westland Trust",))
    coded = profile(record("c", "Mothers", by="Bolt Trust", funds=["XI-IATI-EC_INTPA"]), RESOLVER)
    assert all(clause.fact is not Fact.OTHER_FUNDERS for clause in explain(one, coded))


def test_funders_that_may_be_one_are_not_said_to_differ() -> None:
    one = profile(record("a", "Births", funds=["UK Department for International Development"]), RESOLVER)
    other = profile(record("b", "Mothers", by="Bolt Trust", funds=["DFID"]), RESOLVER)
    assert all(clause.fact is not Fact.OTHER_FUNDERS for clause in explain(one, other))


def services(text: str) -> frozenset[str]:
    return told(list(map(stem, words_of(text)))).services


@pytest.mark.parametrize(
    "text",
    [
        "Training of committees, as well as meetings.",
        "The port of entry.",
        "Gender equity, guaranteed for all.",
        "Une action à court terme en Afrique centrale.",
    ],
)
def test_words_that_mean_something_else_as_a_rule_name_no_service(text: str) -> None:
    assert not services(text) & {"water_points", "transport_works", "finance_access", "legal_aid", "energy_access"}


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("WASH in camps", "water_points"),
        ("Drilling of shallow wells", "water_points"),
        ("Trinkwasser und sanitäre Anlagen", "water_points"),
        ("Rent vatten för alla", "water_points"),
        ("Mänskliga rättigheter", "human_rights"),
        ("Articles non alimentaires", "shelter"),
    ],
)
def test_services_are_read_in_the_languages_that_publishers_write(text: str, service: str) -> None:
    assert service in services(text)
