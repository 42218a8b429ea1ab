"""A person joins or parts organisations: that outranks every rule, lasts, and can be taken back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge import indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, named, operator
from knowledge.home import Home
from knowledge.identity import Decision, Mention, Name, Reason, Verdict, resolution
from knowledge.identity_decisions import Undecidable, decide, decisions, evidence, possible, undecide
from knowledge.records import Access, Level, OrganisationName
from knowledge.store import models as m
from tests.homes import activity, implementer, opened, put

NOON = datetime(2026, 11, 23, 12)


def mentions(*names: str) -> list[Mention]:
    return [Mention(number, "", name, "", "", "") for number, name in enumerate(names)]


def said(*verdicts: tuple[str, str, str]) -> list[Decision]:
    """Decisions (verdict, one, other), one a minute."""
    return [
        Decision(number, Verdict(verdict), Name(one), Name(other), "Ada", NOON + timedelta(minutes=number))
        for number, (verdict, one, other) in enumerate(verdicts)
    ]


def together(rows: list[Mention], decided: list[Decision]) -> set[frozenset[int]]:
    return {frozenset(organisation.members) for organisation in resolution(rows, (), decided).organisations}


def test_a_person_joins_what_no_rule_would() -> None:
    found = resolution(
        mentions("Nile Hands", "Hands of the Nile"), (), said(("same", "Nile Hands", "Hands of the Nile"))
    )
    assert [organisation.members for organisation in found.organisations] == [[0, 1]]
    assert [(row.reason, row.detail) for row in found.evidence] == [(Reason.DECISION, "Ada")]
    assert found.possible == []


@pytest.mark.parametrize(
    "rows",
    [
        [Mention(0, "X-1", "Acme Relief", "AR", "", ""), Mention(1, "X-1", "Acme Relief Kenya", "AR", "", "")],
        mentions("World Food Programme", "Programme Alimentaire Mondial"),
        mentions("Danish Refugee Council (DRC)", "DRC"),
        mentions("Acme Water Ltd", "Acme Water"),
    ],
)
def test_a_person_parts_what_a_rule_joins(rows: list[Mention]) -> None:
    assert len(together(rows, [])) == 1
    parted = said(("different", rows[0].name, rows[1].name))
    assert together(rows, parted) == {frozenset({0}), frozenset({1})}
    assert resolution(rows, (), parted).possible == [], "what a person parted is not shown as possibly the same"


def test_a_curated_list_does_not_undo_a_parting() -> None:
    rows = mentions("Hope Circle", "Circle of Hope")
    listed = [(0, OrganisationName("Circle of Hope", "Hope Circle"))]
    assert len(resolution(rows, listed).organisations) == 1
    assert len(resolution(rows, listed, said(("different", *(row.name for row in rows)))).organisations) == 2


def test_parting_holds_against_joins_by_steps() -> None:
    rows = [
        Mention(n, "GB-CHC-7", name, "", "", "") for n, name in enumerate(["Bramble", "Bramble Ltd", "Bramble Kenya"])
    ]
    assert together(rows, []) == {frozenset({0, 1, 2})}
    groups = together(rows, said(("different", "Bramble", "Bramble Kenya")))
    assert not any({0, 2} <= group for group in groups)
    assert sum(map(len, groups)) == 3


def test_of_two_decisions_that_contradict_the_later_holds() -> None:
    rows = mentions("Nile Hands", "Hands of the Nile")
    back_and_forth = said(("same", "Nile Hands", "Hands of the Nile"), ("different", "nile hands", "HANDS OF THE NILE"))
    found = resolution(rows, (), back_and_forth)
    assert (len(found.organisations), found.overruled) == (2, {0})
    found = resolution(rows, (), [*back_and_forth, said(*[("same", "Hands of the Nile", "Nile Hands")] * 3)[2]])
    assert (len(found.organisations), found.overruled) == (1, {1})


def test_decisions_contradict_by_steps_too() -> None:
    rows = mentions("A Trust", "B Trust", "C Trust")
    joined, parted = (
        [("same", "A Trust", "B Trust"), ("same", "B Trust", "C Trust")],
        ("different", "A Trust", "C Trust"),
    )
    found = resolution(rows, (), said(*joined, parted))
    assert found.overruled == {0}, "the oldest of the three gives way"
    assert together(rows, said(*joined, parted)) == {frozenset({0}), frozenset({1, 2})}
    assert resolution(rows, (), said(parted, *joined)).overruled == {0}
    assert together(rows, said(parted, *joined)) == {frozenset({0, 1, 2})}


def test_the_order_in_which_decisions_are_stored_changes_nothing() -> None:
    names = [f"Group {letter}" for letter in "ABCDEF"]
    draw = random.Random(4)
    decided = said(*((draw.choice(["same", "different"]), *draw.sample(names, 2)) for _ in range(20)))
    rows = mentions(*names)
    expected = together(rows, decided)
    for seed in range(8):
        shuffled, people = decided.copy(), rows.copy()
        random.Random(seed).shuffle(shuffled)
        random.Random(seed).shuffle(people)
        assert together(people, shuffled) == expected


def test_a_name_of_each_country_is_joined_within_each_country() -> None:
    rows = [
        Mention(n, "", name, "", "", country)
        for n, (name, country) in enumerate(
            (name, country) for country in ("KE", "UG") for name in ("Ministry of Health", "Ministry of Public Health")
        )
    ]
    decided = said(("same", "Ministry of Health", "Ministry of Public Health"))
    assert together(rows, decided) == {frozenset({0, 1}), frozenset({2, 3})}


def test_a_decision_about_private_names_changes_nothing_that_is_open() -> None:
    opens = mentions("Free Voices", "Acme Relief")
    private = Mention(9, "", "Whisper League", "", "", "", weight=99, own_ref=True, privacy=3)
    decided = said(("same", "Whisper League", "Free Voices"), ("same", "Whisper League", "Acme Relief"))
    before, after = resolution(opens).organisations, resolution([private, *opens], (), decided).organisations
    assert [(o.id, o.name, o.aliases) for o in after] == [(o.id, o.name, o.aliases) for o in before]
    assert sum(9 in organisation.members for organisation in after) == 1


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path) as home:
        put(
            home,
            "open",
            [
                activity("KE-1-1", "Wells", who=["Sahel Water Fund", implementer("Acme Relief", ref="GB-CHC-11")]),
                activity(
                    "KE-1-2", "Meals", who=["Sahel Watter Fund", implementer("Acme Relief Kenya", ref="GB-CHC-11")]
                ),
            ],
        )
        put(home, "own", [activity("KE-1-3", "Night", who=["Sahel Waterr Fund"])], Access(Level.OWN, "cedar"))
        yield home


def groups(home: Home) -> set[frozenset[str]]:
    found: dict[str, set[str]] = {}
    with home.database.read() as session:
        for name, organisation in session.execute(
            select(m.OrganisationMentionRow.name, m.OrganisationMentionRow.organisation_id)
        ):
            found.setdefault(organisation or "", set()).add(name)
    return {frozenset(names) for names in found.values()}


def test_decisions_take_effect_last_and_can_be_undone(home: Home) -> None:
    apart = {frozenset({"Sahel Water Fund"}), frozenset({"Sahel Watter Fund"})}
    assert apart <= groups(home)
    with home.database.write() as session:
        made = decide(session, "same", "sahel-water-fund", "Sahel Watter Fund", "Ada", "a slip of the pen")
    assert (made["verdict"], made["one"], made["other"], made["by"], made["state"]) == (
        "same", "Sahel Water Fund", "Sahel Watter Fund", "Ada", "holds",
    )  # fmt: skip
    indexing.finish(home)
    assert frozenset({"Sahel Water Fund", "Sahel Watter Fund"}) in groups(home)
    put(home, "later", [activity("KE-2-1", "More", who=["SAHEL WATTER FUND", "Nile Hands"])])
    assert frozenset({"Sahel Water Fund", "Sahel Watter Fund", "SAHEL WATTER FUND"}) in groups(home)
    with home.database.write() as session:
        assert undecide(session, made["id"], "Ben")["state"] == "undone"
    indexing.finish(home)
    assert frozenset({"Sahel Water Fund"}) in groups(home)
    with home.database.read() as session:
        ((entry,), reason) = decisions(session), "a slip of the pen"
    assert (entry["state"], entry["undone_by"], entry["reason"]) == ("undone", "Ben", reason)


def test_parting_by_id_and_overruling(home: Home) -> None:
    assert frozenset({"Acme Relief", "Acme Relief Kenya"}) in groups(home)
    with home.database.write() as session:
        first = decide(session, Verdict.DIFFERENT, "Acme Relief", "Acme Relief Kenya", "Ada")
    indexing.finish(home)
    assert frozenset({"Acme Relief Kenya"}) in groups(home)
    with home.database.write() as session:
        decide(session, Verdict.SAME, "acme-relief", "acme-relief-kenya", "Ben")
        states = {entry["id"]: entry["state"] for entry in decisions(session)}
    assert states[first["id"]] == "overruled"
    assert sorted(states.values()) == ["holds", "overruled"]
    indexing.finish(home)
    assert frozenset({"Acme Relief", "Acme Relief Kenya"}) in groups(home)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("Acme Relief", "ACME relief", "written the same"),
        ("Acme Relief", "Nobody of this Name", "no organisation in the index"),
        ("", "Acme Relief", "no organisation in the index"),
    ],
)
def test_what_cannot_be_decided_says_why_and_is_not_kept(home: Home, one: str, other: str, said: str) -> None:
    with home.database.write() as session:
        with pytest.raises(Undecidable, match=said) as refused:
            decide(session, "same", one, other, "Ada")
        assert refused.value.mend
        assert decisions(session) == []
        with pytest.raises(Undecidable, match="no decision 7"):
            undecide(session, 7, "Ada")


def test_possible_pairs_and_evidence_show_only_what_the_audience_may_see(home: Home) -> None:
    def names(audience: Audience) -> set[frozenset[str]]:
        with home.database.read() as session:
            return {frozenset((pair["one"]["name"], pair["other"]["name"])) for pair in possible(session, audience)}

    opens = {frozenset({"Sahel Water Fund", "Sahel Watter Fund"})}
    for audience in (VISITOR, named("community"), member("Bramble"), operator()):
        assert names(audience) == opens
    assert names(member("Cedar")) > opens
    with home.database.read() as session:
        (pair,) = possible(session, VISITOR)
        assert possible(session, VISITOR, organisation="acme-relief") == []
        assert possible(session, VISITOR, organisation="sahel-water-fund", least=0.3) == [pair]
        assert possible(session, VISITOR, least=0.99) == []
        rows = evidence(session, VISITOR, "acme-relief")
    assert pair["one"]["organisation"] == "sahel-water-fund"
    assert [entry["likeness"] for entry in pair["evidence"]] == ["near-spelling"]
    assert {row["name"]: (row["reason"], row["with"], row["detail"]) for row in rows} == {
        "Acme Relief": ("", "", ""),
        "Acme Relief Kenya": ("identifier-and-words", "Acme Relief", "gb-chc-11"),
    }
