"""Which mentions are one organisation: on evidence only, and in whatever order they come."""

from __future__ import annotations

import random

import pytest

from knowledge.identity import Mention, is_category_name, resolve, split_acronym
from knowledge.records import OrganisationName


def mention(
    number: int, name: str = "", *, acronym: str = "", ref: str = "", kind: str = "", country: str = ""
) -> Mention:
    return Mention(number, ref, name, acronym, kind, country)


def together(mentions: list[Mention], curated: list[OrganisationName] | None = None) -> set[frozenset[int]]:
    return {frozenset(organisation.members) for organisation in resolve(mentions, curated or [])}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("African Development Bank", "Asian Development Bank"),
        ("Ministry of Health", "Ministry of Wealth"),
        ("Norwegian Refugee Council", "Danish Refugee Council"),
        ("Save the Children Sweden", "Save Our Seas"),
    ],
)
def test_names_that_merely_look_alike_stay_apart(one: str, two: str) -> None:
    assert together([mention(1, one), mention(2, two)]) == {frozenset({1}), frozenset({2})}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("World vision International", "World Vision International"),
        ("World Food Programme (WFP)", "World Food Program"),
        ("WFP/World Food Programme", "The World Food Programme"),
        ("Médecins Sans Frontières", "MEDECINS SANS FRONTIERES"),
    ],
)
def test_one_name_written_two_ways_is_one_organisation(one: str, two: str) -> None:
    assert together([mention(1, one), mention(2, two)]) == {frozenset({1, 2})}


def test_a_bare_acronym_joins_where_one_organisation_alone_bears_it() -> None:
    alone = [mention(1, "World Food Programme", acronym="WFP"), mention(2, "WFP")]
    assert together(alone) == {frozenset({1, 2})}
    shared = [
        mention(1, "African Development Bank", acronym="ADB"),
        mention(2, "Asian Development Bank", acronym="ADB"),
        mention(3, "ADB"),
    ]
    assert together(shared) == {frozenset({1}), frozenset({2}), frozenset({3})}


def test_a_shared_identifier_joins_only_names_that_share_their_words() -> None:
    one_ref = [
        mention(1, "Stichting Simavi", ref="NL-KVK-40594571"),
        mention(2, "Simavi", ref="NL-KVK-40594571"),
        mention(3, "UNICEF", ref="NL-KVK-40594571"),
    ]
    assert together(one_ref) == {frozenset({1, 2}), frozenset({3})}


def test_the_same_ministry_of_two_countries_is_two() -> None:
    ministries = [mention(1, "Ministry of Finance", country="KE"), mention(2, "Ministry of Finance", country="UG")]
    found = resolve(ministries)
    assert {organisation.country for organisation in found} == {"KE", "UG"}
    assert len({organisation.id for organisation in found}) == 2


def test_a_curated_list_joins_what_no_rule_would() -> None:
    names = [
        OrganisationName("Programme Alimentaire Mondial", "World Food Programme", "WFP"),
        OrganisationName("PAM", "World Food Programme", "WFP"),
    ]
    mentions = [
        mention(1, "Programme alimentaire mondial"),
        mention(2, "World Food Programme"),
        mention(3, "", acronym="PAM"),
    ]
    (found,) = resolve(mentions, names)
    assert (found.members, found.name, found.acronym) == ([1, 2, 3], "World Food Programme", "WFP")


@pytest.mark.parametrize("name", ["National NGO", "Recipient Government", "INTERNATIONAL NGO", "Not applicable"])
def test_a_kind_of_organisation_is_no_organisation(name: str) -> None:
    assert is_category_name(name)
    assert resolve([mention(1, name)]) == []


def test_the_order_of_mentions_changes_nothing() -> None:
    mentions = [
        mention(1, "World Food Programme (WFP)", ref="41140"),
        mention(2, "WFP"),
        mention(3, "World Food Program", ref="XM-DAC-41140"),
        mention(4, "Asian Development Bank", acronym="ADB", ref="46004"),
        mention(5, "ADB"),
        mention(6, "Ministry of Health", country="ET"),
        mention(7, "World vision", acronym="WV", country="ET"),
        mention(8, "World Vision International", acronym="WV", country="ET"),
        mention(9, "", ref="41140"),
    ]
    expected = [(o.id, o.name, o.members) for o in resolve(mentions)]
    for seed in range(10):
        shuffled = mentions.copy()
        random.Random(seed).shuffle(shuffled)
        assert [(o.id, o.name, o.members) for o in resolve(shuffled)] == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("World Food Programme (WFP)", ("World Food Programme", "WFP")),
        ("SMR/Svenska Missionsrådet", ("Svenska Missionsrådet", "SMR")),
        ("Fundación Amref (España)", ("Fundación Amref (España)", "")),
        ("IOM - International Organization for Migration", ("International Organization for Migration", "IOM")),
        ("Swedish Red Cross - Kenya", ("Swedish Red Cross - Kenya", "")),
    ],
)
def test_an_acronym_is_split_off_only_where_it_stands_for_the_name(written: str, expected: tuple[str, str]) -> None:
    assert split_acronym(written) == expected
