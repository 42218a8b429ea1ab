"""Alerts: kept for an organisation, exact since the last look, unknown to others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge import forgetting, watches
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing, Who
from knowledge.records import Access, Level, Record, RecordKind
from knowledge.store import models as m
from knowledge.watches import Event, KeptWatch, Watch
from tests.homes import TODAY, activity, opened, place, put

BRAMBLE, COLLEAGUE, CEDAR = (
    Who(member("Bramble Fund"), "p1"),
    Who(member("Bramble Fund"), "p2"),
    Who(member("Cedar Trust"), "p3"),
)
OWN_OF_CEDAR = Access(Level.OWN, "cedar-trust")
TURKANA = Watch(places=("KE:turkana",), themes=("water",))


def well(record_id: str, title: str = "Wells", where: str = "Turkana", **more: Any) -> Record:
    return activity(record_id, title, who=["Acme Relief"], where=[place(where)], sectors=["14031"], **more)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "a", [well("KE-1")])
        yield home


def add(home: Home, who: Who, watch: Watch, **more: str) -> str:
    with home.database.write() as session:
        return watches.add(session, who, watch, **more)


def listed(home: Home, who: Who) -> list[KeptWatch]:
    with home.database.read() as session:
        return watches.list_(session, who, today=TODAY, limit=9)


def counts(kept: KeptWatch) -> tuple[int, int, int, int]:
    found = kept.found
    return found.new.total, found.ended.total, found.changed.total, found.withdrawn.total


def test_it_counts_from_when_it_was_kept_and_from_each_look(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    assert [counts(kept) for kept in listed(home, BRAMBLE)] == [(0, 0, 0, 0)]
    put(home, "b", [well("KE-2"), well("KE-3", where="Kitui")])
    put(home, "c", [well("KE-4", where="Loima"), well("KE-5")])
    (kept,) = listed(home, BRAMBLE)
    assert counts(kept) == (2, 0, 0, 0)
    assert sorted(change.hit.id for change in kept.found.new.changes) == ["KE-2", "KE-5"]
    with home.database.write() as session:
        watches.looked(session, BRAMBLE, made)
    assert [counts(kept) for kept in listed(home, BRAMBLE)] == [(0, 0, 0, 0)]
    with home.database.read() as session:
        assert watches.changes(session, BRAMBLE, 0, watch=made, today=TODAY).new.total == 3


def test_a_colleague_sees_it_and_does_not_look_for_its_maker(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    put(home, "b", [well("KE-2")])
    with home.database.write() as session:
        watches.looked(session, COLLEAGUE, made)
    assert [(kept.mine, counts(kept)) for kept in listed(home, COLLEAGUE)] == [(False, (1, 0, 0, 0))]
    assert [(kept.mine, counts(kept)) for kept in listed(home, BRAMBLE)] == [(True, (1, 0, 0, 0))]


def test_only_what_it_is_for(home: Home) -> None:
    for event in Event:
        add(home, BRAMBLE, replace(TURKANA, events=frozenset({event})))
    put(home, "b", [well("KE-2"), well("KE-3")])
    found = {next(iter(kept.watch.events)): counts(kept) for kept in listed(home, BRAMBLE)}
    assert found == {Event.NEW: (2, 0, 0, 0), Event.ENDED: (0, 0, 0, 0), Event.CHANGED: (0, 0, 0, 0)}
    assert len(found) == 3


def test_it_finds_only_what_its_people_may_see(home: Home) -> None:
    add(home, BRAMBLE, TURKANA)
    add(home, CEDAR, TURKANA)
    put(home, "secret", [well("XX-1")], OWN_OF_CEDAR)
    assert [counts(kept) for kept in listed(home, BRAMBLE)] == [(0, 0, 0, 0)]
    assert [counts(kept) for kept in listed(home, CEDAR)] == [(1, 0, 0, 0)]


def test_others_are_told_nothing_of_it(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    assert listed(home, CEDAR) == []
    said = set()
    for watch_id in (made, "000000000000"):
        for ask in (watches.get, watches.remove, watches.looked):
            with home.database.write() as session, pytest.raises(UnknownThing) as refused:
                ask(session, CEDAR, watch_id)
            said.add(str(refused.value).replace(watch_id, "*"))
        with home.database.read() as session, pytest.raises(UnknownThing):
            watches.changes(session, CEDAR, watch=watch_id)
    assert len(said) == 1
    assert add(home, CEDAR, TURKANA) != made
    assert len(listed(home, BRAMBLE)) == 1


def test_said_twice_it_is_kept_once(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    assert add(home, COLLEAGUE, replace(TURKANA, channel="#water")) == made
    assert add(home, BRAMBLE, Watch(themes=("water",))) != made
    with home.database.write() as session:
        assert watches.remove(session, COLLEAGUE, made) == TURKANA
    again = add(home, BRAMBLE, TURKANA)
    assert again != made
    assert len(listed(home, BRAMBLE)) == 2


@pytest.mark.parametrize("who", [Who(VISITOR, "v"), Who(Audience(community=True, label="community"), "c")])
def test_visitors_may_ask_and_have_nothing_kept(home: Home, who: Who) -> None:
    with pytest.raises(NotAMember):
        add(home, who, TURKANA)
    with pytest.raises(NotAMember):
        listed(home, who)
    with home.database.read() as session:
        assert watches.changes(session, who, 0, today=TODAY).new.total == 1
        assert session.scalar(select(func.count()).select_from(m.WatchRow)) == 0


@pytest.mark.parametrize(
    ("code", "watch"),
    [
        ("watches_nothing", Watch(kinds=(RecordKind.GRANT,))),
        ("no_events", Watch(themes=("water",), events=frozenset())),
        ("unknown_place", Watch(places=("KE999",))),
        ("unknown_theme", Watch(themes=("astrology",))),
        ("unknown_organisation", Watch(organisations=("nobody",))),
        ("too_long", Watch(themes=("water",), channel="#" * 301)),
        ("too_many_values", Watch(themes=("water",), places=tuple(f"KE{n}" for n in range(60)))),
    ],
)
def test_what_cannot_be_watched_is_refused(home: Home, code: str, watch: Watch) -> None:
    with pytest.raises(NotKept) as refused:
        add(home, BRAMBLE, watch)
    assert refused.value.code == code
    assert listed(home, BRAMBLE) == []


def test_names_of_hidden_things_are_unknown(home: Home) -> None:
    put(home, "secret", [activity("XX-1", who=["Whisper League"], where=[place("Hidden Hills")])], OWN_OF_CEDAR)
    for watch in (Watch(places=("KE:hidden-hills",)), Watch(organisations=("whisper-league",))):
        with pytest.raises(NotKept, match="is not known to this index"):
            add(home, BRAMBLE, watch)
        assert add(home, CEDAR, watch)


def test_a_person_may_have_so_many(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watches, "MOST_OF_A_PERSON", 1)
    made = add(home, BRAMBLE, TURKANA)
    with pytest.raises(TooMany):
        add(home, BRAMBLE, Watch(themes=("health",)))
    assert add(home, BRAMBLE, TURKANA) == made
    assert add(home, COLLEAGUE, Watch(themes=("health",)))


def test_it_outlasts_a_restart_and_goes_with_its_organisation(home: Home, tmp_path: Path) -> None:
    made = add(home, BRAMBLE, TURKANA)
    other = add(home, CEDAR, TURKANA)
    home.close()
    with opened(tmp_path / "home") as again:
        assert [kept.id for kept in listed(again, BRAMBLE)] == [made]
        with again.database.read() as session:
            assert forgetting.selected(session, Wanted(organisation="Bramble Fund")).for_people == 1
        forgetting.forget(again, Wanted(organisation="Bramble Fund"))
        assert listed(again, BRAMBLE) == []
        assert [kept.id for kept in listed(again, CEDAR)] == [other]


def test_the_operator_speaks_for_their_own_organisation(home: Home) -> None:
    made = add(home, Who(operator("Bramble Fund"), "operator"), TURKANA)
    assert [kept.id for kept in listed(home, BRAMBLE)] == [made]
    assert listed(home, Who(operator(), "operator")) == []


def test_the_same_watch_set_again_in_a_chat_says_that_it_is_told_there(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    assert add(home, COLLEAGUE, replace(TURKANA, channel=watches.IN_CHAT)) == made
    assert add(home, BRAMBLE, TURKANA) == made
    assert [kept.watch.channel for kept in listed(home, BRAMBLE)] == [watches.IN_CHAT]


def test_news_of_a_watch_are_for_its_organisation_alone(home: Home) -> None:
    made = add(home, BRAMBLE, TURKANA)
    with home.database.read() as session:
        before = watches.moment(session, TODAY)
        assert watches.owner_of(session, made) == "bramble-fund"
        assert watches.owner_of(session, "000000000000") == ""
    put(home, "b", [well("KE-2")])
    with home.database.read() as session:
        now = watches.moment(session, TODAY)
        found = watches.news(session, BRAMBLE.audience, made, before, now, today=TODAY)
        assert found is not None
        assert (found.by, found.found.new.total) == ("Bramble Fund", 1)
        for audience in (CEDAR.audience, VISITOR, Audience(community=True)):
            assert watches.news(session, audience, made, before, now, today=TODAY) is None
        again = watches.news(session, BRAMBLE.audience, made, now, now, today=TODAY)
        assert again is not None
        assert again.found.total == 0
