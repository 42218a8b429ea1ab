"""Alerts told unasked: once, to whom may read them, at most one message a day, also after any interruption."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.words import Words
from connectors.channels.alerts import Alerts, Asked, Place
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.limits import Limits
from connectors.channels.receipts import Receipt
from connectors.channels.vault import Vault
from knowledge import forgetting, watches
from knowledge.access import PUBLIC, Audience, member
from knowledge.home import Home
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.records import Access, Level, Period, Record
from knowledge.watches import Watch
from tests.asynchronous import run
from tests.homes import activity, opened, place, put

BRAMBLE, CEDAR = member("Bramble Fund"), member("Cedar Trust")
WHO = Who(BRAMBLE, "p1")
TURKANA = Watch(places=("KE:turkana",), themes=("water",))
HERE = Place("T1", "here", {"where": "C0UNSEALED"})
Json = dict[str, Any]


def well(record_id: str, title: str = "Wells", **more: Any) -> Record:
    return activity(record_id, title, who=["Acme Relief"], where=[place("Turkana")], sectors=["14031"], **more)


class Day(Index):
    """An index whose day the test tells."""

    day = date(2026, 11, 23)

    def today(self) -> date:
        return self.day


class Room:
    """A channel that ends in a list."""

    name = "wire"

    def __init__(self) -> None:
        self.told: list[tuple[Json, Json]] = []
        self.readers_are = BRAMBLE
        self.asked_for_readers = 0
        self.shown_progress = 0
        self.alerts: Alerts

    async def answer(self, receipt: Receipt) -> Json:
        return await self.alerts.answer(receipt)

    def over_limit(self, receipt: Receipt, seconds: float) -> Json:
        raise AssertionError("nobody asked")

    async def show_progress(self, receipt: Receipt) -> str:
        self.shown_progress += 1
        return ""

    async def send(self, receipt: Receipt) -> str:
        assert receipt.answer is not None
        self.told.append((receipt.event.payload, receipt.answer))
        return "sent"

    async def find_sent(self, receipt: Receipt) -> str | None:
        return None

    async def tell_cut_off(self, receipt: Receipt) -> str:
        raise AssertionError("it is known what was sent")

    async def readers(self, payload: Json) -> Audience:
        assert payload["where"] == "C0UNSEALED"
        self.asked_for_readers += 1
        return self.readers_are


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        put(home, "a", [well("KE-1")])
        yield home


def watch(home: Home, who: Who = WHO, wanted: Watch = TURKANA) -> str:
    with home.database.write() as session:
        return watches.add(session, who, wanted)


@asynccontextmanager
async def alerts(index: Index, room: Room) -> AsyncIterator[Alerts]:
    folder = index.settings.home
    database = ChannelDatabase(folder / "channels.db")
    inbox = Inbox(room, database, Limits(1, 1))
    vault = Vault("wire", sealing_key(folder))
    room.alerts = Alerts("wire", index, database, vault, inbox, Opaque(folder), room.readers)
    try:
        await inbox.start()
        yield room.alerts
        await asyncio.gather(*inbox._tasks)
        await inbox.drain(5)
    finally:
        database.close()


def look(index: Index, room: Room) -> int:
    """One look by a process of its own; what it handed in was sent when this returns."""

    async def go() -> int:
        async with alerts(index, room) as now:
            return await now.check()

    return run(go())


def keep(index: Index, room: Room, ident: str, seen_by: Audience = BRAMBLE, language: str = "en") -> None:
    async def go() -> None:
        async with alerts(index, room) as now:
            await now.keep(ident, HERE, seen_by, language)

    run(go())


def press(index: Index, room: Room, asked: Asked, person: Audience = BRAMBLE) -> str:
    async def go() -> str:
        async with alerts(index, room) as now:
            return await now.ask(room.told[-1][1]["alert"], asked, person, Words("en"))

    return run(go())


def said(told: tuple[Json, Json]) -> str:
    return str(told[1]["answer"]["reply"])


def records(told: tuple[Json, Json]) -> list[str]:
    return sorted(one["id"] for one in told[1]["answer"]["records"])


def test_news_is_told_once_with_its_sources(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    assert look(index, room) == 0, "what was there before is no news"
    put(
        home, "b", [well("KE-2", "New wells"), activity("KE-9", "Schools", where=[place("Turkana")], sectors=["11220"])]
    )
    assert look(index, room) == 1
    assert look(index, room) == 0
    (told,) = room.told
    assert told[0]["where"] == "C0UNSEALED"
    assert "News for the alert of Bramble Fund on water supply, Turkana (Kenya)." in said(told)
    assert "1 new record" in said(told)
    assert records(told) == ["KE-2"]
    assert {one["record"] for one in told[1]["answer"]["reply"]["citations"]} >= {"KE-2"}
    assert room.shown_progress == 0


def test_of_one_alert_there_is_at_most_one_message_a_day(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    for name in ("KE-2", "KE-3", "KE-4"):
        put(home, name, [well(name)])
        look(index, room)
    assert [records(told) for told in room.told] == [["KE-2"]]
    index.day = date(2026, 11, 24)
    look(index, room)
    look(index, room)
    assert [records(told) for told in room.told] == [["KE-2"], ["KE-3", "KE-4"]]


def test_what_ends_by_its_date_is_told_when_the_day_comes(home: Home) -> None:
    index, room = Day(home), Room()
    put(home, "b", [well("KE-2", period=Period(planned_start=date(2026, 1, 1), planned_end=date(2026, 11, 23)))])
    keep(index, room, watch(home))
    assert look(index, room) == 0
    index.day = date(2026, 11, 24)
    assert look(index, room) == 1
    assert "1 record that ended" in said(room.told[0])
    index.day = date(2026, 11, 25)
    assert look(index, room) == 0


@pytest.mark.parametrize(
    ("readers", "expected"),
    [
        (BRAMBLE, ["KE-2", "KE-3", "KE-4"]),
        (member("Bramble Fund", "Cedar Trust"), ["KE-2", "KE-3", "KE-4"]),
        (Audience(organisations=BRAMBLE.organisations), ["KE-2", "KE-4"]),
        (CEDAR, None),
        (Audience(community=True, label="community"), None),
        (PUBLIC, None),
    ],
)
def test_only_what_both_the_owner_and_the_readers_may_see_is_told(
    home: Home, readers: Audience, expected: list[str] | None
) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    put(home, "b", [well("KE-2")])
    put(home, "c", [well("KE-3")], access=Access(Level.COMMUNITY, "acme"))
    put(home, "d", [well("KE-4")], access=Access(Level.OWN, "bramble-fund"))
    put(home, "e", [well("KE-5")], access=Access(Level.OWN, "cedar-trust"))
    room.readers_are = readers
    look(index, room)
    assert [records(told) for told in room.told] == ([expected] if expected else [])
    assert "KE-5" not in str(room.told)
    # Once those of the organisation are among themselves again, what waited is told.
    room.readers_are = BRAMBLE
    look(index, room)
    assert len(room.told) == 1


def test_an_alert_that_was_set_by_a_wider_audience_stays_within_it(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home), seen_by=Audience(organisations=BRAMBLE.organisations))
    put(home, "b", [well("KE-3")], access=Access(Level.COMMUNITY, "acme"))
    assert look(index, room) == 0


def test_readers_who_left_between_look_and_answer_are_told_nothing_and_nothing_is_lost(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    put(home, "b", [well("KE-2")])
    changing = iter([BRAMBLE, PUBLIC])

    async def readers(_: Json) -> Audience:
        return next(changing, BRAMBLE)

    async def go() -> None:
        async with alerts(index, room) as now:
            now._readers = readers
            assert await now.check() == 1

    run(go())
    assert room.told == []
    look(index, room)
    assert [records(told) for told in room.told] == [["KE-2"]]


def test_an_alert_that_ended_is_told_no_more(home: Home) -> None:
    index, room = Day(home), Room()
    ident = watch(home)
    keep(index, room, ident)
    with home.database.write() as session:
        watches.remove(session, WHO, ident)
    put(home, "b", [well("KE-2")])
    assert look(index, room) == 0
    assert watch(home) != ident
    assert look(index, room) == 0, "one set anew is told where it was set"
    assert room.asked_for_readers == 0


def test_quiet_for_a_week_and_stopped_with_the_buttons(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    put(home, "b", [well("KE-2")])
    look(index, room)
    assert "Only people who speak for the organisation" in press(index, room, Asked.STOP, CEDAR)
    assert "before 30 Nov 2026" in press(index, room, Asked.QUIET)
    put(home, "c", [well("KE-3")])
    index.day = date(2026, 11, 29)
    assert look(index, room) == 0
    index.day = date(2026, 11, 30)
    assert look(index, room) == 1
    assert records(room.told[-1]) == ["KE-3"]
    assert "no longer tell this here" in press(index, room, Asked.STOP)
    assert "not told here any more" in press(index, room, Asked.QUIET)
    put(home, "d", [well("KE-4")])
    index.day = date(2026, 12, 1)
    assert look(index, room) == 0
    with home.database.read() as session:
        assert len(watches.list_(session, WHO)) == 1, "the alert itself stays"


def test_set_twice_it_is_told_once_and_in_the_language_it_was_set_in(home: Home) -> None:
    index, room = Day(home), Room()
    ident = watch(home)
    keep(index, room, ident, language="en")
    keep(index, room, ident, language="fr")
    put(home, "b", [well("KE-2")])
    assert look(index, room) == 1
    assert "Du nouveau pour l’alerte de Bramble Fund" in said(room.told[0])


def test_a_process_killed_after_it_handed_the_news_in_neither_loses_nor_doubles_it(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    put(home, "b", [well("KE-2")])

    async def killed() -> None:
        database = ChannelDatabase(index.settings.home / "channels.db")
        inbox = Inbox(room, database, Limits(1, 1))
        inbox._draining = True  # written down, and no further
        vault = Vault("wire", sealing_key(index.settings.home))
        room.alerts = Alerts("wire", index, database, vault, inbox, Opaque(index.settings.home), room.readers)
        assert await room.alerts.check() == 1
        database.close()

    run(killed())
    assert room.told == []
    assert look(index, room) == 0
    assert [records(told) for told in room.told] == [["KE-2"]]


def test_what_was_forgotten_is_not_told(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    put(home, "b", [well("KE-2", "A secret title")])
    forgetting.forget(home, forgetting.Wanted(records=("KE-2",)))
    look(index, room)
    assert "secret" not in str(room.told)


def test_where_to_tell_is_sealed_and_goes_with_the_tenant(home: Home) -> None:
    index, room = Day(home), Room()
    keep(index, room, watch(home))
    written = b"".join(file.read_bytes() for file in index.settings.home.glob("channels.db*"))
    assert b"C0UNSEALED" not in written
    assert b"bramble" not in written

    async def go() -> None:
        async with alerts(index, room) as now:
            await now.forget("T2")
            assert len(await now._database.do(now._vault.all, "alert")) == 1
            await now.forget("T1")
            assert await now._database.do(now._vault.all, "alert") == {}

    run(go())
