"""Judgements: whose they are, who may know of them, which one counts, and that they outlast all but forgetting."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge import forgetting, indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.index import Index
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing, Who
from knowledge.overlap import judging
from knowledge.overlap.judging import Judgement, Opinion, Pair, State, What
from knowledge.overlap.labels import LABELS, Label
from knowledge.records import Access, Level, OrganisationMention, Record, Role
from tests.homes import activity, opened, place, put, source, write

BRAMBLE, CEDAR = Who(member("Bramble Fund"), "p1"), Who(member("Cedar Trust"), "p2")
ACME = Who(member("Acme Relief"), "p3")
OPERATOR = Who(operator("Quiet Office"), "operator")
PAIR = frozenset(("KE-1", "KE-2"))
OVERLAP = Opinion("KE-2", "KE-1", Label.OVERLAP, reason="The same villages.")
SHARED = replace(OVERLAP, level=Level.PUBLIC)


def wells(ident: str, by: str = "", text: str = "Drilling boreholes for villages in Turkana.") -> Record:
    who = [OrganisationMention(Role.REPORTING, by)] if by else []
    return activity(ident, f"Wells of {ident}", who=who, where=[place("Turkana")], sectors=["14031"], text=text)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home", "Quiet Office") as home:
        put(home, "a", [wells("KE-1", "Bramble Fund"), wells("KE-2", "Cedar Trust"), wells("KE-3")])
        put(home, "secret", [wells("XX-1", "Cedar Trust")], Access(Level.OWN, "cedar-trust"))
        yield home


def judge(home: Home, who: Who, opinion: Opinion, key: str = "") -> Judgement:
    return judging.judge(Index(home), who, opinion, key=key)


def known(home: Home, who: Who | Audience) -> dict[Pair, Judgement]:
    with home.database.read() as session:
        return judging.judged(session, who.audience if isinstance(who, Who) else who)


def states(home: Home, who: Who | Audience, record: str = "") -> list[tuple[What, State]]:
    with home.database.read() as session:
        entries = judging.history(session, who.audience if isinstance(who, Who) else who, record)
    return [(entry.judgement.what, entry.state) for entry in entries]


def undo(home: Home, who: Who, ident: str) -> None:
    with home.database.write() as session:
        judging.undo(session, who, ident)


def test_it_is_kept_for_the_own_organisation_unless_it_is_shared(home: Home) -> None:
    made = judge(home, BRAMBLE, OVERLAP)
    assert (made.a, made.b, made.label, made.by, made.mine) == ("KE-1", "KE-2", Label.OVERLAP, "Bramble Fund", True)
    assert made.told is not None
    assert made.told.model == judging.model_hash()
    assert 0.0 < made.told.probability <= 1.0
    assert known(home, BRAMBLE)[PAIR] == made
    for other in (CEDAR, OPERATOR, VISITOR, Audience(community=True)):
        assert known(home, other) == {}
        assert states(home, other) == []
    judge(home, BRAMBLE, replace(OVERLAP, level=Level.NAMED, named=("Acme Relief",)))
    assert known(home, ACME)[PAIR].by == "Bramble Fund"
    assert known(home, ACME)[PAIR].told is None
    assert known(home, CEDAR) == {}
    judge(home, BRAMBLE, SHARED)
    assert not known(home, VISITOR)[PAIR].mine


def test_who_may_share_and_who_may_judge(home: Home) -> None:
    for who in (BRAMBLE, CEDAR, OPERATOR):
        assert judge(home, who, SHARED).access.level is Level.PUBLIC
    with pytest.raises(NotKept) as refused:
        judge(home, ACME, SHARED)
    assert refused.value.code == "not_yours_to_share"
    assert judge(home, ACME, OVERLAP)
    for audience in (VISITOR, Audience(community=True)):
        with pytest.raises(NotAMember):
            judge(home, Who(audience, "v"), OVERLAP)


def test_only_who_sees_both_records_judges_them_or_knows_of_it(home: Home) -> None:
    secret = Opinion("KE-1", "XX-1", Label.CHAIN, level=Level.PUBLIC)
    said = set()
    for record in ("XX-1", "XX-2"):
        with pytest.raises(NotKept) as refused:
            judge(home, BRAMBLE, replace(secret, b=record))
        said.add(str(refused.value).replace(record, "*"))
    assert len(said) == 1
    judge(home, CEDAR, secret)
    assert len(known(home, CEDAR)) == 1
    for other in (BRAMBLE, OPERATOR, VISITOR):
        assert known(home, other) == {}
        assert states(home, other, "KE-1") == []


def test_the_newest_counts_and_others_are_shown_beside_it(home: Home) -> None:
    judge(home, CEDAR, replace(SHARED, label=Label.COMPLEMENTARY))
    judge(home, BRAMBLE, SHARED)
    found = known(home, VISITOR)[PAIR]
    assert (found.label, found.by, found.disputed) == (Label.OVERLAP, "Bramble Fund", True)
    assert [(one.label, one.by) for one in found.others] == [(Label.COMPLEMENTARY, "Cedar Trust")]
    agreed = judge(home, CEDAR, SHARED)
    found = known(home, VISITOR)[PAIR]
    assert (found.id, found.disputed, len(found.others)) == (agreed.id, False, 1)
    assert [state for _, state in states(home, VISITOR)] == [State.COUNTS, State.STANDS, State.REPLACED]


def test_confirm_and_reject_are_about_the_label_that_was_shown(home: Home) -> None:
    rejected = judge(home, BRAMBLE, Opinion("KE-1", "KE-2", what=What.REJECT, shown=Label.OVERLAP, level=Level.PUBLIC))
    assert rejected.shown is Label.OVERLAP
    assert rejected.label in set(LABELS) - {Label.OVERLAP}
    other = next(label for label in LABELS if label not in (Label.OVERLAP, rejected.label))
    judge(home, CEDAR, replace(SHARED, label=other))
    again = judge(
        home, BRAMBLE, Opinion("KE-1", "KE-2", what=What.REJECT, shown=Label.OVERLAP, level=Level.PUBLIC, sure=2)
    )
    # The last word only says what it is not; somebody else says what it is, and that agrees.
    assert again.label is not other
    found = known(home, VISITOR)[PAIR]
    assert (found.label, found.disputed) == (other, False)
    judge(home, CEDAR, SHARED)
    assert known(home, VISITOR)[PAIR].disputed
    shown = judge(home, ACME, Opinion("KE-1", "KE-3", what=What.CONFIRM))
    assert shown.told is not None
    assert (shown.what, shown.label) == (What.CONFIRM, shown.told.label)
    assert judge(home, ACME, Opinion("KE-1", "KE-3", shown.label, shown=shown.label, sure=1)).what is What.CONFIRM


def test_taking_back_is_an_entry_of_its_own(home: Home) -> None:
    first = judge(home, BRAMBLE, SHARED)
    second = judge(home, BRAMBLE, replace(SHARED, label=Label.CHAIN))
    for stranger in (CEDAR, Who(VISITOR, "v")):
        with pytest.raises((UnknownThing, NotAMember)):
            undo(home, stranger, second.id)
    undo(home, Who(member("Bramble Fund"), "p9"), second.id)
    undo(home, BRAMBLE, second.id)
    assert known(home, BRAMBLE) == {}
    assert states(home, VISITOR) == [
        (What.UNDO, State.UNDO),
        (What.RELABEL, State.TAKEN_BACK),
        (What.RELABEL, State.REPLACED),
    ]
    third = judge(home, BRAMBLE, SHARED)
    assert third.id not in (first.id, second.id)
    undo(home, OPERATOR, third.id)
    assert known(home, BRAMBLE) == {}
    with pytest.raises(UnknownThing):
        undo(home, BRAMBLE, "000000000000")


def test_a_new_word_for_fewer_eyes_takes_the_old_one_back_before_the_others(home: Home) -> None:
    judge(home, BRAMBLE, SHARED)
    judge(home, BRAMBLE, replace(OVERLAP, label=Label.UNRELATED))
    assert known(home, VISITOR) == {}
    assert states(home, VISITOR) == [(What.UNDO, State.UNDO), (What.RELABEL, State.TAKEN_BACK)]
    assert known(home, BRAMBLE)[PAIR].label is Label.UNRELATED


def test_a_skip_is_no_judgement(home: Home) -> None:
    judge(home, BRAMBLE, OVERLAP)
    made = judge(home, BRAMBLE, Opinion("KE-1", "KE-2", what=What.SKIP, reason="No idea.", level=Level.PUBLIC))
    assert known(home, BRAMBLE)[PAIR].label is Label.OVERLAP
    assert states(home, CEDAR) == []
    with home.database.read() as session:
        assert judging.skipped(session, BRAMBLE) == {PAIR}
        assert judging.skipped(session, CEDAR) == set()
    undo(home, BRAMBLE, made.id)
    with home.database.read() as session:
        assert judging.skipped(session, BRAMBLE) == set()
    assert known(home, BRAMBLE)[PAIR].label is Label.OVERLAP


def test_said_twice_it_is_kept_once(home: Home) -> None:
    made = judge(home, BRAMBLE, OVERLAP)
    assert judge(home, BRAMBLE, replace(OVERLAP, a="ke-1", b=" KE-2 ")).id == made.id
    assert judge(home, Who(member("Bramble Fund"), "p8"), OVERLAP).id != made.id
    keyed = judge(home, CEDAR, OVERLAP, key="1")
    assert judge(home, CEDAR, replace(OVERLAP, label=Label.CHAIN), key="1").id == keyed.id


@pytest.mark.parametrize(
    ("code", "opinion"),
    [
        ("same_record", Opinion("KE-1", "ke-1", Label.CHAIN)),
        ("unknown_record", Opinion("KE-1", "", Label.CHAIN)),
        ("unknown_record", Opinion("KE-1", "K" * 3_000_000, Label.CHAIN)),
        ("verdict", Opinion("KE-1", "KE-2")),
        ("verdict", Opinion("KE-1", "KE-2", what=What.UNDO)),
        ("sure", Opinion("KE-1", "KE-2", Label.CHAIN, sure=4)),
        ("too_long", Opinion("KE-1", "KE-2", Label.CHAIN, reason="x" * 10_000_000)),
        ("nobody_named", Opinion("KE-1", "KE-2", Label.CHAIN, level=Level.NAMED, named=("", "-"))),
    ],
)
def test_what_cannot_be_kept_is_named(home: Home, code: str, opinion: Opinion) -> None:
    with pytest.raises(NotKept) as refused:
        judge(home, BRAMBLE, opinion)
    assert refused.value.code == code
    assert len(str(refused.value)) < 500
    assert states(home, BRAMBLE) == []


def test_reasons_are_plain_text_without_personal_data_and_in_no_log(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    reason = "Asked\u202e them\x00 twice.\n\nWrite to jane.roe@bramble.example, phone +254 712 345 678."
    with caplog.at_level(logging.DEBUG):
        kept = judge(home, BRAMBLE, replace(OVERLAP, reason=reason)).reason
    assert kept.startswith("Asked them twice.\n\nWrite to [left out]")
    assert "712" not in kept
    assert "twice" not in caplog.text


def test_it_has_an_end(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MOST_OF_A_PERSON", 1)
    judge(home, BRAMBLE, OVERLAP)
    with pytest.raises(TooMany):
        judge(home, BRAMBLE, replace(OVERLAP, label=Label.CHAIN))


def test_it_outlasts_new_words_of_the_record_and_a_withdrawal(home: Home) -> None:
    def read_again(sha: str, *records: Record) -> None:
        write(home, source("a", sha=sha), records)
        indexing.finish(home)

    one, other = wells("KE-1", "Bramble Fund"), wells("KE-2", "Cedar Trust")
    judge(home, BRAMBLE, SHARED)
    read_again("2", wells("KE-1", "Bramble Fund", "Now latrines."), other)
    assert known(home, VISITOR)[PAIR].label is Label.OVERLAP
    read_again("3", one)
    assert known(home, VISITOR)[PAIR].label is Label.OVERLAP
    with pytest.raises(NotKept) as refused:
        judge(home, BRAMBLE, replace(SHARED, label=Label.CHAIN))
    assert refused.value.code == "not_compared"
    read_again("4", one, other)
    assert judge(home, BRAMBLE, replace(SHARED, label=Label.CHAIN)).label is Label.CHAIN


def test_it_goes_with_either_record_and_with_its_organisation(home: Home) -> None:
    judge(home, BRAMBLE, replace(OVERLAP, reason="Zwirbeltal villages."))
    judge(home, CEDAR, SHARED)
    kept = judge(home, ACME, Opinion("KE-1", "KE-3", Label.CHAIN))
    report = forgetting.forget(home, Wanted(records=("KE-2",)))
    assert report.rows["overlap_judgement"] == 2
    data = b"".join(path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file())
    assert b"Zwirbeltal" not in data
    assert set(known(home, ACME)) == {kept.pair}
    with home.database.read() as session:
        assert forgetting.selected(session, Wanted(organisation="Acme Relief")).for_people == 1
    forgetting.forget(home, Wanted(organisation="Acme Relief"))
    assert known(home, ACME) == {}
