"""The tree of places: p-codes in either spelling, names at their level, nothing that depends on the order of files."""

from __future__ import annotations

import random

import pytest

from knowledge.places import Mention, PlaceTree, build, canonical_pcode
from knowledge.records import GazetteerPlace

GAZETTEER = [
    GazetteerPlace("ET", 1, "ET06", "Benishangul Gumz"),
    GazetteerPlace("ET", 2, "ET0602", "Metekel", "ET06"),
    GazetteerPlace("TD", 1, "TCD19", "Barh-El-Gazel"),
    GazetteerPlace("UG", 1, "UG1", "Central"),
    GazetteerPlace("ET", 2, "ET0102", "Central", "ET01"),
]


def mention(number: int, country: str, *names: str, pcode: str = "", region: str = "") -> Mention:
    return Mention(number, country, names, pcode, region)


def placed(tree: PlaceTree, number: int) -> str:
    return tree.of_mention[number]


@pytest.mark.parametrize(
    ("written", "country", "expected"),
    [("TCD19", "TD", "TD19"), ("TD19", "TD", "TD19"), ("et060205", "ET", "ET060205"), ("TCD19", "", "TCD19")],
)
def test_a_pcode_has_one_form(written: str, country: str, expected: str) -> None:
    assert canonical_pcode(written, country) == expected


def test_a_table_and_the_gazetteer_meet_in_one_place() -> None:
    tree = build(
        GAZETTEER, [mention(1, "TD", "Barh El Gazel", pcode="TD19"), mention(2, "TD", "Barh-El-Gazel", pcode="TCD19")]
    )
    assert placed(tree, 1) == placed(tree, 2) == "TD19"
    assert tree.places["TD19"].path == "TD|TD19|"


def test_a_district_no_gazetteer_has_hangs_under_its_zone() -> None:
    tree = build(GAZETTEER, [mention(1, "ET", "Benishangul-Gumuz", "Metekel", "Dibate", pcode="ET060205")])
    assert tree.places["ET060205"].path == "ET|ET06|ET0602|ET060205|"
    assert (tree.places["ET060205"].name, tree.places["ET060205"].level) == ("Dibate", 3)


def test_a_name_is_found_without_its_level_word_and_only_in_its_country() -> None:
    tree = build(
        GAZETTEER, [mention(1, "ET", "Metekel Zone"), mention(2, "UG", "Central Region"), mention(3, "KE", "Metekel")]
    )
    assert (placed(tree, 1), placed(tree, 2)) == ("ET0602", "UG1")
    assert placed(tree, 3) not in ("ET0602",)
    assert tree.places[placed(tree, 3)].country == "KE"


def test_a_sentence_is_no_place_name() -> None:
    tree = build(GAZETTEER, [mention(1, "ET", "Schools in 14 districts of the northern and the western regions")])
    assert placed(tree, 1) == "ET"


def test_a_region_without_country_is_kept_as_a_region() -> None:
    tree = build(GAZETTEER, [mention(1, "", region="298")])
    assert tree.places[placed(tree, 1)].level == -1


def test_the_order_of_mentions_changes_nothing() -> None:
    mentions = [
        mention(1, "ET", "Benishangul-Gumuz", "Metekel", "Dibate", pcode="ET060205"),
        mention(2, "ET", "Dibate"),
        mention(3, "TD", "Barh El Gazel", pcode="TD19"),
        mention(4, "TD", "Barh El Gazel", "Barh-El-Gazel Sud", "Moussoro"),
        mention(5, "TD", "Moussoro"),
        mention(6, "ET", "Addis Ababa, Ethiopia"),
    ]
    expected = build(GAZETTEER, mentions)
    for seed in range(10):
        shuffled = mentions.copy()
        random.Random(seed).shuffle(shuffled)
        tree = build(GAZETTEER, shuffled)
        assert tree.of_mention == expected.of_mention
        assert {i: p.path for i, p in tree.places.items()} == {i: p.path for i, p in expected.places.items()}
