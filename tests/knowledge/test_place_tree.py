"""The tree of places beyond single codes: new codes, namesakes, and what private mentions may not change."""

from __future__ import annotations

import random

import pytest

from knowledge.places import SITE_LEVEL, Mention, PlaceTree, build
from knowledge.records import GazetteerPlace

GAZETTEER = [GazetteerPlace("TD", 2, "TCD1901", "Mamdi", "TCD19"), GazetteerPlace("TD", 1, "TCD19", "Lac")]


def mention(number: int, country: str, *names: str, pcode: str = "", privacy: int = 0) -> Mention:
    return Mention(number, country, names, pcode, "", privacy=privacy)


def placed(*rows: Mention) -> tuple[PlaceTree, list[str | None]]:
    tree = build([], rows)
    return tree, [tree.of_mention.get(row.id) for row in rows]


def test_a_new_code_makes_the_places_above_it() -> None:
    tree, found = placed(mention(1, "ET", "Region", "Zone", "Woreda", pcode="ET991122"))
    assert found == ["ET991122"]
    assert tree.places["ET991122"].path == "ET|ET99|ET9911|ET991122|"
    assert [tree.places[code].name for code in ("ET99", "ET9911", "ET991122")] == ["Region", "Zone", "Woreda"]


def test_namesakes_stay_apart_and_a_bare_name_means_none_of_them() -> None:
    rows = mention(1, "KE", "Garissa", "Bura"), mention(2, "KE", "Tana River", "Bura"), mention(3, "KE", "Bura")
    tree, (one, two, bare) = placed(*rows)
    assert len({one, two, bare}) == 3
    assert {tree.places[ident or ""].name for ident in (one, two, bare)} == {"Bura"}
    assert bare is not None
    assert tree.places[bare].level == SITE_LEVEL
    assert placed(*rows[::2])[1][0] == placed(*rows[::2])[1][1], "where one alone bears the name, it is meant"


@pytest.mark.parametrize("text", ["Various locations, the east, and the west", "12 sites", ";", "x", "a" * 50])
def test_what_is_no_name_stands_for_the_country(text: str) -> None:
    assert placed(mention(1, "KE", text))[1] == ["KE"]


CROWD = [
    mention(1, "KE", "Turkana", pcode="KE023"),
    mention(2, "KE", "Turkana County"),
    mention(3, "KE", "Turkana", "Loima", pcode="KE0231"),
    mention(4, "KE", "Loima"),
    mention(5, "KE", "Garissa", "Bura"),
    mention(6, "KE", "Tana River", "Bura"),
    mention(7, "KE", "Bura"),
    mention(8, "TD", "Lac", pcode="TCD19"),
    mention(9, "TD", "Lac Region", pcode="TD19"),
    mention(10, "KE", "Nairobi, Kenya"),
    mention(11, "KE", "Turkana West", pcode="KE0231", privacy=2),
    mention(12, "KE", "Hidden", "Loima", privacy=3),
]


def test_the_order_of_open_and_private_mentions_changes_nothing() -> None:
    def built(seed: int) -> tuple[dict[int, str], set[tuple[str, str, str, frozenset[str]]]]:
        rows, gazetteer = CROWD.copy(), GAZETTEER.copy()
        random.Random(seed).shuffle(rows)
        random.Random(seed).shuffle(gazetteer)
        tree = build(gazetteer, rows)
        return tree.of_mention, {(p.id, p.name, p.path, frozenset(p.aliases)) for p in tree.places.values()}

    first = built(0)
    assert all(built(seed) == first for seed in range(1, 8))


def test_every_path_leads_from_the_country_down() -> None:
    tree = build(GAZETTEER, CROWD)
    for place in tree.places.values():
        steps = place.path.strip("|").split("|")
        assert steps[-1] == place.id
        assert [tree.places[step].parent for step in steps] == [None, *steps[:-1]]


def test_what_is_open_is_named_and_laid_out_by_open_mentions_alone() -> None:
    open_rows = [mention(1, "KE", pcode="KE077"), mention(2, "KE", "Bura"), mention(3, "KE", "Coast", "Lamu")]
    private = [
        mention(10, "KE", "A Hidden Name", pcode="KE077", privacy=3),
        mention(11, "KE", "Hidden Region", "Bura", privacy=2),
        mention(12, "KE", "Hidden Coast", "Lamu", "Safe House", privacy=3),
    ]
    bare, tree = build([], open_rows), build([], [*private, *open_rows])
    for ident, place in bare.places.items():
        assert (tree.places[ident].name, tree.places[ident].path) == (place.name, place.path)
    assert {row.id: tree.of_mention[row.id] for row in open_rows} == bare.of_mention
