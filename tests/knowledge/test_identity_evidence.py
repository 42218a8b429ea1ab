"""Organisations under dirty identifiers, in private records, and in curated lists of one country."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from knowledge.identity import Mention, is_generic, resolve
from knowledge.records import OrganisationName


def mentions(*rows: str | dict[str, object]) -> list[Mention]:
    """Names, or fields of mentions; ids are positions."""
    empty = {"ref": "", "name": "", "acronym": "", "kind": "", "country": ""}
    return [
        Mention(id=number, **{**empty, **({"name": row} if isinstance(row, str) else row)})  # type: ignore[arg-type]
        for number, row in enumerate(rows)
    ]


def groups(rows: Iterable[Mention], curated: Iterable[OrganisationName] = ()) -> set[frozenset[int]]:
    return {frozenset(organisation.members) for organisation in resolve(list(rows), curated)}


@pytest.mark.parametrize(
    ("ref", "one", "two"),
    [
        ("XM-46002", "African Development Bank", "Asian Development Bank"),
        ("XM-46002", "African Development Bank (AfDB)", "Asian Development Bank (ADB)"),
        ("XM-46012", "Inter-American Development Bank", "Asian Development Bank"),
        ("11001", "Ministry of Finance", "Ministry of Water"),
        ("XX-1", "Light of Hope", "Green Valley Trust"),
    ],
)
def test_one_identifier_on_two_organisations_does_not_make_them_one(ref: str, one: str, two: str) -> None:
    rows = mentions({"ref": ref, "name": one}, {"ref": ref, "name": two}, {"name": one}, {"name": two})
    assert groups(rows) == {frozenset({0, 2}), frozenset({1, 3})}


@pytest.mark.parametrize(
    "rows",
    [
        ({"ref": "XM-1", "name": "Acme Relief Kenya"}, {"ref": "xm-1", "name": "Acme Relief"}),
        ({"ref": "XM-1", "name": "Acme Relief", "own_ref": True}, {"ref": "XM-1"}),
        ({"ref": "XM-1", "name": "U.S. Agency for Aid"}, {"ref": "XM-1", "name": "United States Agency for Aid (USAA)"},
         {"ref": "XM-1", "name": "U.S. Agency for Aid (USAA)"}),
    ],
)  # fmt: skip
def test_an_identifier_joins_names_that_say_the_same(rows: tuple[dict[str, object], ...]) -> None:
    assert len(groups(mentions(*rows))) == 1


def test_an_identifier_under_which_everybody_is_written_joins_nobody() -> None:
    rows = mentions(*({"ref": "22000", "name": f"Village Group {n:02d} Acme"} for n in range(60)))
    assert len(groups(rows)) == 60


def test_a_list_gives_the_acronym_of_a_well_known_organisation_to_nobody_else() -> None:
    listed = [OrganisationName("AFD", "Action for Development", "AFD")]
    bank = ({"name": "AFD", "ref": "FR-3"}, {"name": "Agence Française de Développement", "ref": "FR-3"})
    assert groups(mentions("Action for Development", *bank), listed) == {frozenset({0}), frozenset({1, 2})}
    assert groups(mentions("Action for Development", "AFD"), listed) == {frozenset({0, 1})}


def test_a_curated_name_of_one_country_means_nothing_in_another() -> None:
    listed = [OrganisationName("Hope", "Hope Kenya Trust", country="KE")]
    rows = mentions({"name": "Hope", "country": "KE"}, {"name": "Hope", "country": "TD"}, "Hope Kenya Trust")
    assert groups(rows, listed) == {frozenset({0, 2}), frozenset({1})}


def test_generic_names_need_their_country() -> None:
    assert is_generic("Ministry of Health")
    assert not is_generic("Ministries Without Borders")
    ids = {o.id for o in resolve(mentions(*({"name": "Ministry of Health", "country": c} for c in ("KE", "ET"))))}
    assert ids == {"ministry-of-health-ke", "ministry-of-health-et"}


def test_the_publishers_own_name_is_shown_before_the_one_mostly_written() -> None:
    (organisation,) = resolve(
        mentions(
            {"name": "ACME Relief", "ref": "X", "weight": 9},
            {"name": "Acme relief", "ref": "X", "weight": 2},
            {"name": "Acme Relief", "ref": "X", "own_ref": True},
        )
    )
    assert (organisation.name, organisation.refs) == ("Acme Relief", ["X"])


CROWD = mentions(
    "World Food Programme (WFP)", "WFP", {"name": "World Food Program", "acronym": "PAM"}, "PAM",
    {"ref": "XM-41", "name": "Acme Relief Kenya", "own_ref": True}, {"ref": "XM-41", "name": "Acme Relief"},
    {"ref": "XM-41"}, {"acronym": "AR", "name": "Acme Relief", "country": "KE"}, {"acronym": "AR", "country": "KE"},
    "African Development Bank", "Asian Development Bank", "African Development Bank Group", "ADB",
    "Danish Refugee Council (DRC)", "Desert Rose Committee (DRC)", {"name": "Whisper (WL)", "privacy": 3}, "DRC",
    {"name": "Whisper League (WFP)", "privacy": 3}, {"name": "DRC", "ref": "XM-41", "privacy": 2},
)  # fmt: skip


def test_the_order_of_open_and_private_mentions_changes_nothing() -> None:
    def resolved(rows: list[Mention]) -> list[tuple[str, str, str, tuple[int, ...]]]:
        return [(o.id, o.name, o.acronym, tuple(o.members)) for o in resolve(rows)]

    first = resolved(CROWD)
    assert len({ident for ident, *_ in first}) == len(first)
    assert sorted(member for *_, members in first for member in members) == [mention.id for mention in CROWD]
    for seed in range(15):
        shuffled = CROWD.copy()
        random.Random(seed).shuffle(shuffled)
        assert resolved(shuffled) == first


def test_private_mentions_neither_rename_nor_bridge_what_is_open() -> None:
    open_rows = mentions("Free Voices", "FV", {"name": "Acme Relief", "kind": "International NGO"})
    private = [
        Mention(10, "XX-1", "Free Voices (FV)", "", "National NGO", "", weight=900, own_ref=True, privacy=3),
        Mention(11, "XX-2", "Acme Relief Secret Wing", "Acme", "80", "", weight=900, privacy=2),
        Mention(12, "XX-2", "Acme Relief", "", "80", "", weight=900, privacy=2),
    ]
    before = {o.id: o for o in resolve(open_rows)}
    after = {o.id: o for o in resolve([*private, *open_rows])}
    assert before.keys() <= after.keys()
    for ident, one in before.items():
        two = after[ident]
        assert (two.name, two.acronym, two.kind, two.refs, two.aliases) == (
            one.name, one.acronym, one.kind, one.refs, one.aliases,
        )  # fmt: skip
        assert set(two.members) - {10, 11, 12} == set(one.members)
    assert 10 in after["free-voices"].members, "a private mention of a known name still belongs to it"
