"""Introductions: both sides say yes before either sees more than a name and a subject."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge import forgetting, introductions
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.introductions import Introduction, State
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing, Who
from knowledge.records import Access, Level
from knowledge.store import models as m
from tests.homes import activity, opened, place, put

BRAMBLE, CEDAR, ACME = (
    Who(member("Bramble Fund"), "p1"),
    Who(member("Cedar Trust"), "p2"),
    Who(member("Acme Relief"), "p3"),
)
ABOUT, MESSAGE = "Joint cholera response", "We have two trucks in Lodwar."


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        who = ["Cedar Trust (CT)", "Acme Relief (AR)", "Bramble Fund"]
        put(home, "a", [activity("KE-1", who=who, where=[place("Turkana")])])
        yield home


def ask(home: Home, who: Who = BRAMBLE, whom: str = "cedar-trust", about: str = ABOUT, **more: Any) -> str:
    with home.database.write() as session:
        return introductions.request(session, who, whom, about, MESSAGE, contact="office@bramble.example", **more)


def answer(home: Home, who: Who, made: str, **said: Any) -> Introduction:
    with home.database.write() as session:
        return introductions.answer(session, who, made, **said)


def seen(home: Home, who: Who) -> list[Introduction]:
    with home.database.read() as session:
        return introductions.list_(session, who)


def test_before_they_agree_each_side_sees_a_name_and_the_subject(home: Home) -> None:
    ask(home)
    (theirs,), (ours,) = seen(home, CEDAR), seen(home, BRAMBLE)
    assert (theirs.ours, theirs.other, theirs.about, theirs.state) == (False, "Bramble Fund", ABOUT, State.ASKED)
    assert (theirs.message, theirs.contact, theirs.reason) == ("", "", "")
    assert (ours.ours, ours.other, ours.about, ours.message, ours.contact) == (
        True,
        "Cedar Trust (CT)",
        ABOUT,
        MESSAGE,
        "",
    )
    assert seen(home, ACME) == []


def test_once_both_agree_both_see_all(home: Home) -> None:
    made = ask(home)
    for _ in range(2):
        answer(home, CEDAR, made, accept=True, contact="desk@cedar.example")
    (theirs,), (ours,) = seen(home, CEDAR), seen(home, BRAMBLE)
    assert (theirs.state, theirs.message, theirs.contact) == (State.ACCEPTED, MESSAGE, "office@bramble.example")
    assert (ours.state, ours.contact) == (State.ACCEPTED, "desk@cedar.example")


def test_no_stays_no_and_its_reason_is_recorded(home: Home) -> None:
    made = ask(home)
    answer(home, CEDAR, made, accept=False, reason="Not before the elections.", contact="desk@cedar.example")
    (theirs,), (ours,) = seen(home, CEDAR), seen(home, BRAMBLE)
    assert (ours.state, ours.reason, ours.contact) == (State.DECLINED, "Not before the elections.", "")
    assert (theirs.message, theirs.contact) == ("", "")
    with pytest.raises(NotKept, match="declined already"):
        answer(home, CEDAR, made, accept=True)
    # To ask again in the same words asks nobody again.
    assert ask(home) == made
    with home.database.write() as session, pytest.raises(NotKept, match="declined already"):
        introductions.withdraw(session, BRAMBLE, made)


def test_withdrawn_it_shows_no_more_than_before(home: Home) -> None:
    made = ask(home)
    answer(home, CEDAR, made, accept=True, contact="desk@cedar.example")
    with home.database.write() as session:
        introductions.withdraw(session, BRAMBLE, made, reason="Plans changed.")
        introductions.withdraw(session, BRAMBLE, made)
    (theirs,), (ours,) = seen(home, CEDAR), seen(home, BRAMBLE)
    assert (theirs.state, theirs.message, theirs.contact, theirs.reason) == (State.WITHDRAWN, "", "", "Plans changed.")
    assert ours.contact == ""
    with pytest.raises(NotKept, match="withdrawn already"):
        answer(home, CEDAR, made, accept=True)
    assert ask(home) != made


def test_each_side_has_its_own_part(home: Home) -> None:
    made = ask(home)
    with pytest.raises(NotKept, match="the other side answers"):
        answer(home, BRAMBLE, made, accept=True)
    with home.database.write() as session, pytest.raises(NotKept, match="The other side asked"):
        introductions.withdraw(session, CEDAR, made)


def test_third_parties_are_told_nothing(home: Home) -> None:
    made, said = ask(home), set()
    for identifier in (made, "000000000000"):
        for call in (introductions.get, introductions.withdraw):
            with home.database.write() as session, pytest.raises(UnknownThing) as refused:
                call(session, ACME, identifier)
            said.add(str(refused.value).replace(identifier, "*"))
        with pytest.raises(UnknownThing):
            answer(home, ACME, identifier, accept=True)
    assert len(said) == 1


def test_who_may_ask_and_whom(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    for audience in (VISITOR, Audience(community=True)):
        with pytest.raises(NotAMember):
            ask(home, Who(audience, "v"))
    put(home, "secret", [activity("XX-1", who=["Whisper League"])], Access(Level.OWN, "cedar-trust"))
    for whom, code in (
        ("bramble-fund", "own_organisation"),
        ("nobody", "unknown_organisation"),
        ("whisper-league", "unknown_organisation"),
    ):
        with pytest.raises(NotKept) as refused:
            ask(home, whom=whom)
        assert refused.value.code == code
    with pytest.raises(NotKept) as empty:
        ask(home, about=" ")
    assert empty.value.code == "empty"
    monkeypatch.setattr(introductions, "MOST_OPEN_OF_A_PERSON", 1)
    made = ask(home)
    with pytest.raises(TooMany):
        ask(home, about="Seeds")
    answer(home, CEDAR, made, accept=False)
    assert ask(home, about="Seeds")


def test_an_acronym_that_two_bear_is_nobodys_key(home: Home) -> None:
    put(home, "b", [activity("KE-2", who=["Coral Team (CT)"])])
    ask(home)
    ask(home, whom="acme-relief")
    assert seen(home, Who(member("CT"), "p9")) == []
    assert [one.other for one in seen(home, Who(member("AR"), "p9"))] == ["Bramble Fund"]


def test_it_goes_with_either_side(home: Home) -> None:
    ask(home)
    ask(home, ACME)
    forgetting.forget(home, Wanted(organisation="Bramble Fund"))
    assert [one.other for one in seen(home, CEDAR)] == ["Acme Relief"]
    forgetting.forget(home, Wanted(organisation="Cedar Trust"))
    assert seen(home, ACME) == []
    with home.database.read() as session:
        for table in (m.IntroductionRow, m.IntroductionToRow):
            assert session.scalar(select(func.count()).select_from(table)) == 0
    data = b"".join(path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file())
    assert b"two trucks" not in data
