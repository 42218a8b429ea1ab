"""The one rule of who may see what, in its two forms, and how people are named to it."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge.access import (
    HOME_OWNER,
    PUBLIC,
    Audience,
    allows,
    member,
    named,
    operator,
    organisation_key,
    visible,
    visible_source,
)
from knowledge.records import Access, Level
from knowledge.store import models as m
from tests.homes import activity, opened, source, write

ACCESSES = [
    Access(level, owner, named_to)
    for level in Level
    for owner in ("", "acme", "bolt")
    for named_to in ((), ("cove",), ("acme", "cove"))
    if level is Level.NAMED or not named_to
]
AUDIENCES = [
    PUBLIC,
    Audience(community=True),
    operator(),
    operator("Acme"),
    member("Acme"),
    member("Bolt"),
    member("Cove"),
    member("Cove", "Bolt"),
    Audience(organisations=frozenset({"acme"})),
]


@pytest.mark.parametrize(
    ("access", "who"),
    [
        (Access(Level.PUBLIC), {"visitor", "community", "owner", "named", "other", "operator"}),
        (Access(Level.COMMUNITY, "owner"), {"community", "owner", "named", "other", "operator"}),
        (Access(Level.NAMED, "owner", ("named",)), {"owner", "named"}),
        (Access(Level.OWN, "owner"), {"owner"}),
        (Access(Level.OWN), {"operator"}),
        (Access(Level.NAMED, "", ("named",)), {"operator", "named"}),
        (Access(), {"operator"}),
    ],
)
def test_each_level_is_for_whom_it_says(access: Access, who: set[str]) -> None:
    people = {
        "visitor": PUBLIC,
        "community": named("community"),
        "owner": member("Owner"),
        "named": member("Named"),
        "other": member("Other"),
        "operator": operator("Installation"),
    }
    assert {name for name, audience in people.items() if allows(audience, access)} == who


def test_the_query_and_the_rule_in_memory_agree_everywhere(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        for number, access in enumerate(ACCESSES):
            write(home, source(f"s{number}", access), [activity(f"r{number}")])
        with home.database.read() as session:
            for audience in AUDIENCES:
                rows = set(session.scalars(select(m.RecordRow.id).where(visible(audience))))
                keys = set(session.scalars(select(m.SourceRow.key).where(visible_source(audience))))
                wanted = {number for number, access in enumerate(ACCESSES) if allows(audience, access)}
                assert rows == {f"r{number}" for number in wanted}, audience
                assert keys == {f"s{number}" for number in wanted}, audience


def test_more_rights_never_show_less() -> None:
    for smaller, larger in itertools.permutations(AUDIENCES, 2):
        if smaller.organisations <= larger.organisations and smaller.community <= larger.community:
            assert all(allows(larger, access) for access in ACCESSES if allows(smaller, access))


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Médecins du Fleuve", "MEDECINS DU FLEUVE"),
        ("Coast Women's Legal Aid Circle", "coast women s legal-aid circle"),
        ("  Acme  Relief ", "acme_relief"),
        ("Ａｃｍｅ", "acme"),
        ("هيئة الإغاثة", "هيئة  الإغاثة"),
    ],
)
def test_spellings_of_a_name_are_one_key(one: str, two: str) -> None:
    assert organisation_key(one) == organisation_key(two) != ""


def test_different_organisations_have_different_keys() -> None:
    names = ["African Development Bank", "Asian Development Bank", "هيئة الإغاثة", "هيئة التنمية", "ACF", "AFC"]
    assert len({organisation_key(name) for name in names}) == len(names)


@pytest.mark.parametrize("name", ["", " ", "---", "\u0301", "()"])
def test_a_name_without_letters_is_nobody(name: str) -> None:
    assert member(name).organisations == frozenset()
    assert not allows(member(name), Access(Level.NAMED, "acme", (organisation_key(name),)))


@pytest.mark.parametrize("name", ["home", "Home", " HOME "])
def test_nobody_becomes_the_owner_of_the_installation_by_their_name(name: str) -> None:
    assert HOME_OWNER not in member(name).organisations
    assert not allows(named(name), Access())
    assert not allows(member("Acme", name), Access(Level.OWN, HOME_OWNER))


def test_who_is_meant_by_as() -> None:
    assert named("public") == named("Visitor") == PUBLIC
    assert PUBLIC.is_public
    assert named("COMMUNITY").community
    assert not named("community").organisations
    assert named("operator", organisation="Acme") == named("", organisation="Acme") == operator("Acme")
    assert named("ACME", organisation="Acme").organisations == {"acme", HOME_OWNER}
    assert named("Bolt", organisation="Acme").organisations == {"bolt"}
    assert not named("Bolt").is_public
