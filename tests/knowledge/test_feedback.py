"""Feedback: kept for the operator, in no log, gone with the record it is about."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge import feedback, forgetting
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.feedback import Feedback, FeedbackKind
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing, Who
from knowledge.records import Access, Level
from tests.homes import activity, opened, put

BRAMBLE, CEDAR = Who(member("Bramble Fund"), "p1"), Who(member("Cedar Trust"), "p2")
OPERATOR = Who(operator(), "operator")
WRONG = Feedback(FeedbackKind.WRONG, "The well is dry.\n\nSince May.", ("KE-1",), "Who works in Turkana?")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "a", [activity("KE-1"), activity("KE-2")])
        put(home, "secret", [activity("XX-1")], Access(Level.OWN, "cedar-trust"))
        yield home


def note(home: Home, who: Who, said: Feedback, **more: str) -> str:
    with home.database.write() as session:
        return feedback.note(session, who, said, **more)


def said_to(home: Home, who: Who) -> list[Feedback]:
    with home.database.read() as session:
        return [kept.feedback for kept in feedback.list_(session, who)]


def test_the_operator_reads_all_and_others_their_own(home: Home) -> None:
    helpful = Feedback(FeedbackKind.HELPFUL, question="Who works in Kitui?")
    note(home, BRAMBLE, WRONG)
    note(home, CEDAR, helpful)
    assert sorted(said_to(home, OPERATOR), key=lambda one: one.kind) == [helpful, WRONG]
    assert said_to(home, BRAMBLE) == [WRONG]
    assert said_to(home, CEDAR) == [helpful]


def test_said_twice_it_is_kept_once(home: Home) -> None:
    made = note(home, BRAMBLE, WRONG)
    assert note(home, BRAMBLE, WRONG) == made
    assert note(home, Who(member("Bramble Fund"), "p8"), WRONG) != made
    assert note(home, BRAMBLE, WRONG, key="1") == note(home, BRAMBLE, Feedback(FeedbackKind.OTHER, "x"), key="1")


def test_who_may_and_about_what(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for audience in (VISITOR, Audience(community=True)):
        with pytest.raises(NotAMember):
            note(home, Who(audience, "v"), WRONG)
    said = set()
    for record in ("XX-1", "XX-2"):
        with pytest.raises(NotKept) as refused:
            note(home, BRAMBLE, Feedback(FeedbackKind.WRONG, "No.", (record,)))
        said.add(str(refused.value).replace(record, "*"))
    assert len(said) == 1
    assert note(home, CEDAR, Feedback(FeedbackKind.WRONG, "No.", ("XX-1",)))
    for code, wrong in (
        ("empty", Feedback(FeedbackKind.OTHER)),
        ("too_long", Feedback(FeedbackKind.OTHER, "x" * 5_000)),
    ):
        with pytest.raises(NotKept) as refused:
            note(home, BRAMBLE, wrong)
        assert refused.value.code == code
    monkeypatch.setattr(feedback, "MOST_OF_A_PERSON", 0)
    with pytest.raises(TooMany):
        note(home, BRAMBLE, WRONG)


def test_erased_by_its_organisation_or_the_operator(home: Home) -> None:
    made, other = note(home, BRAMBLE, WRONG), note(home, CEDAR, WRONG)
    with home.database.write() as session:
        with pytest.raises(UnknownThing):
            feedback.erase(session, CEDAR, made)
        feedback.erase(session, BRAMBLE, made)
        feedback.erase(session, OPERATOR, other)
    assert said_to(home, OPERATOR) == []


def test_it_goes_with_the_record_it_is_about(home: Home) -> None:
    note(home, BRAMBLE, WRONG)
    kept = Feedback(FeedbackKind.HELPFUL, "Thanks.", ("KE-2",))
    note(home, BRAMBLE, kept)
    report = forgetting.forget(home, Wanted(records=("KE-1",)))
    assert report.rows["feedback"] == 1
    assert said_to(home, OPERATOR) == [kept]
    data = b"".join(path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file())
    assert b"The well is dry" not in data


def test_its_words_stand_in_no_log(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        note(home, BRAMBLE, WRONG)
    assert "The well is dry" not in caplog.text
