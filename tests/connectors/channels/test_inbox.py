"""The inbox: in order for one conversation, side by side for several, once, with progress, after any interruption."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.channels import inbox as module
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox, NotSent, Unsure
from connectors.channels.limits import Limits
from connectors.channels.receipts import Event, Receipt, Receipts, State
from tests.asynchronous import run

Json = dict[str, Any]


class Wire:
    """A channel whose far end is a list. `fails` is used up send by send."""

    name = "wire"

    def __init__(self, work: Callable[[Receipt], Awaitable[None]] | None = None) -> None:
        self.answered: list[str] = []
        self.arrived: list[tuple[str, str, str]] = []
        self.progress: list[str] = []
        self.fails: list[Exception] = []
        self.lost: list[Exception] = []
        self.known: str | Exception | None = None
        self.asked_for: list[int] = []
        self.told_of: list[int] = []
        self.unheard: list[Exception] = []
        self._work = work

    async def answer(self, receipt: Receipt) -> Json:
        if self._work is not None:
            await self._work(receipt)
        self.answered.append(receipt.event.event)
        return {"text": receipt.event.event}

    def over_limit(self, receipt: Receipt, seconds: float) -> Json:
        return {"text": "wait"}

    async def show_progress(self, receipt: Receipt) -> str:
        self.progress.append(receipt.event.event)
        return f"progress-{receipt.event.event}"

    async def send(self, receipt: Receipt) -> str:
        if self.fails:
            raise self.fails.pop(0)
        assert receipt.answer is not None
        self.arrived.append((receipt.event.lane, receipt.answer["text"], receipt.progress_id))
        if self.lost:
            raise self.lost.pop(0)
        return f"sent-{receipt.id}"

    async def find_sent(self, receipt: Receipt) -> str | None:
        self.asked_for.append(receipt.id)
        if isinstance(self.known, Exception):
            raise self.known
        return self.known

    async def tell_cut_off(self, receipt: Receipt) -> str:
        if self.unheard:
            raise self.unheard.pop(0)
        self.told_of.append(receipt.id)
        return "told"


def event(name: str, lane: str = "a", person: str = "p") -> Event:
    return Event("wire", "T1", name, lane, person, "", {"text": "a private question"})


@asynccontextmanager
async def opened(
    path: Path, wire: Wire, *, per_person: int = 1000, per_tenant: int = 1000, parallel: int = 8
) -> AsyncIterator[Inbox]:
    database = ChannelDatabase(path / "channels.db")
    inbox = Inbox(wire, database, Limits(per_person, per_tenant), parallel=parallel)
    try:
        await inbox.start()
        yield inbox
        await inbox.drain(1)
    finally:
        database.close()


async def settled(path: Path, inbox: Inbox, number: int) -> dict[str, int]:
    """The counts by state, as soon as `number` receipts are settled."""
    for _ in range(2000):
        found = await inbox._database.do(inbox._receipts.counts)
        if sum(n for state, n in found.items() if state not in ("received", "answered", "sending")) >= number:
            return found
        await asyncio.sleep(0.005)
    raise AssertionError(f"not settled: {found}")


def test_each_conversation_keeps_its_order_while_others_go_on(tmp_path: Path) -> None:
    running: dict[str, int] = defaultdict(int)
    together = [0]

    async def work(receipt: Receipt) -> None:
        lane = receipt.event.lane
        running[lane] += 1
        assert running[lane] == 1, "two of one conversation at a time"
        together[0] = max(together[0], sum(running.values()))
        await asyncio.sleep(0.03)
        running[lane] -= 1

    async def all_of_it() -> None:
        wire = Wire(work)
        async with opened(tmp_path, wire, parallel=4) as inbox:
            await asyncio.gather(*(inbox.receive(event(f"{lane}{n}", lane)) for n in range(4) for lane in "abcdef"))
            await settled(tmp_path, inbox, 24)
            for lane in "abcdef":
                assert [text for at, text, _ in wire.arrived if at == lane] == [f"{lane}{n}" for n in range(4)]
            assert together[0] == 4

    run(all_of_it())


def test_an_event_that_comes_again_is_answered_once(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        wire = Wire()
        async with opened(tmp_path, wire) as inbox:
            taken = await asyncio.gather(*(inbox.receive(event(f"E{n % 10}")) for n in range(100)))
            assert sum(taken) == 10
            await settled(tmp_path, inbox, 10)
            assert sorted(wire.answered) == [f"E{n}" for n in range(10)]
            assert len(wire.arrived) == 10

    run(all_of_it())


def test_progress_is_shown_where_the_answer_takes_long_also_to_who_waits_in_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROGRESS_AFTER", 0.5)

    async def work(receipt: Receipt) -> None:
        await asyncio.sleep(1.2 if receipt.event.event == "slow" else 0)

    async def all_of_it() -> None:
        wire = Wire(work)
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("slow", "a"))
            await inbox.receive(event("behind", "a"))
            await inbox.receive(event("quick", "b"))
            await settled(tmp_path, inbox, 3)
            assert sorted(wire.progress) == ["behind", "slow"]
            assert {text: at for _, text, at in wire.arrived} == {
                "slow": "progress-slow",
                "behind": "progress-behind",
                "quick": "",
            }

    run(all_of_it())


def left_by_a_killed_process(path: Path) -> list[int]:
    """One receipt in each state that is not settled."""
    database = ChannelDatabase(path / "channels.db")
    receipts = Receipts()
    ids = []
    for name in ("received", "answered", "sending"):
        made = database.now(receipts.accept, event(name))
        assert made is not None
        ids.append(made.id)
    for ident in ids[1:]:
        database.now(receipts.answered, ident, {"text": "as it was"})
    database.now(receipts.sending, ids[2])
    database.close()
    return ids


@pytest.mark.parametrize(
    ("known", "state", "arrived"),
    [
        (None, State.SENT, ["received", "as it was", "as it was"]),
        ("there", State.SENT, ["received", "as it was"]),
        (Unsure("cannot say"), State.UNKNOWN, ["received", "as it was"]),
    ],
)
def test_what_a_killed_process_left_is_finished_and_not_doubled(
    tmp_path: Path, known: str | Exception | None, state: State, arrived: list[str]
) -> None:
    ids = left_by_a_killed_process(tmp_path)

    async def all_of_it() -> None:
        wire = Wire()
        wire.known = known
        async with opened(tmp_path, wire) as inbox:
            await settled(tmp_path, inbox, 3)
            assert wire.answered == ["received"]
            assert [text for _, text, _ in wire.arrived] == arrived
            assert wire.asked_for == [ids[2]]
            assert wire.told_of == (ids[2:] if state is State.UNKNOWN else [])
            last = await inbox.find(ids[2])
            assert last is not None
            assert last.state is state

    run(all_of_it())


def test_sending_is_tried_again_until_it_works_and_given_up_where_it_never_will(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01, 0.01))

    async def all_of_it() -> None:
        wire = Wire()
        async with opened(tmp_path, wire) as inbox:
            wire.fails = [NotSent("busy"), NotSent("ratelimited", wait=0.02), NotSent("busy")]
            await inbox.receive(event("persevering"))
            await settled(tmp_path, inbox, 1)
            wire.fails = [NotSent("channel_not_found", final=True)]
            await inbox.receive(event("hopeless"))
            assert await settled(tmp_path, inbox, 2) == {"sent": 1, "failed": 1}
            assert [text for _, text, _ in wire.arrived] == ["persevering"]

    run(all_of_it())


@pytest.mark.parametrize("failure", [NotSent("busy"), Unsure("cut again")])
def test_that_an_answer_was_cut_off_is_told_until_it_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.01, 0.01))

    async def all_of_it() -> None:
        wire = Wire()
        wire.known, wire.lost, wire.unheard = Unsure("cannot say"), [Unsure("cut")], [failure, failure]
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("cut"))
            assert await settled(tmp_path, inbox, 1) == {"unknown": 1}
            assert (len(wire.arrived), len(wire.told_of), wire.unheard) == (1, 1, [])
            found = await inbox.find(wire.told_of[0])
            assert found is not None
            assert found.sent_id == "told", "its button is pressed where that stands"

    run(all_of_it())


def test_nobody_waits_behind_a_conversation_whose_channel_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.3,))

    async def all_of_it() -> None:
        wire = Wire()
        wire.fails = [NotSent("no connection")]
        async with opened(tmp_path, wire, parallel=1) as inbox:
            for name, lane in (("first", "a"), ("second", "a"), ("other", "b")):
                await inbox.receive(event(name, lane))
            await settled(tmp_path, inbox, 3)
            assert [text for _, text, _ in wire.arrived] == ["other", "first", "second"]

    run(all_of_it())


def test_the_end_is_not_held_up_by_who_waits_for_a_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (60.0,))

    async def all_of_it() -> None:
        wire = Wire()
        wire.fails = [NotSent("no connection")]
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("first"))
            for _ in range(500):
                if not wire.fails:
                    break
                await asyncio.sleep(0.01)
            await asyncio.wait_for(inbox.drain(60), 5)
        again = Wire()
        async with opened(tmp_path, again) as inbox:
            await settled(tmp_path, inbox, 1)
        assert [text for _, text, _ in again.arrived] == ["first"]

    run(all_of_it())


def test_after_a_start_progress_is_not_shown_twice_nor_of_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROGRESS_AFTER", 0.01)
    database, receipts = ChannelDatabase(tmp_path / "channels.db"), Receipts()
    for number in range(20):
        made = database.now(receipts.accept, event(f"E{number}", f"lane {number}"))
        assert made is not None
        if number == 0:
            database.now(receipts.shows_progress, made.id, "shown before")
    database.close()
    now, most = [0], [0]

    class Slow(Wire):
        async def show_progress(self, receipt: Receipt) -> str:
            now[0] += 1
            most[0] = max(most[0], now[0])
            await asyncio.sleep(0.02)
            now[0] -= 1
            shown = await super().show_progress(receipt)
            if len(self.progress) == 19:
                enough.set()
            return shown

    async def work(receipt: Receipt) -> None:
        await enough.wait()

    enough = asyncio.Event()
    wire = Slow(work)

    async def all_of_it() -> None:
        async with opened(tmp_path, wire, parallel=20) as inbox:
            await settled(tmp_path, inbox, 20)
            assert sorted(wire.progress) == sorted(f"E{n}" for n in range(1, 20))
            assert most[0] == module.SHOWING
            assert {at for _, text, at in wire.arrived if text == "E0"} == {"shown before"}

    run(all_of_it())


def test_what_never_gets_through_stays_for_the_next_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PAUSES", (0.01,))

    async def all_of_it() -> None:
        wire = Wire()
        wire.fails = [NotSent("busy")] * 2
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("first"))
            await inbox.receive(event("second"))
            await settled(tmp_path, inbox, 1)
        again = Wire()
        async with opened(tmp_path, again) as inbox:
            await settled(tmp_path, inbox, 2)
        assert [text for _, text, _ in wire.arrived + again.arrived] == ["second", "first"]
        assert again.answered == [], "the answer was kept"

    run(all_of_it())


@pytest.mark.parametrize(("known", "times"), [("there", 1), (None, 2), (Unsure("cannot say"), 1)])
def test_an_answer_whose_sending_was_cut_off_is_looked_for_first(tmp_path: Path, known: Any, times: int) -> None:
    async def all_of_it() -> None:
        wire = Wire()
        wire.lost, wire.known = [Unsure("cut")], known
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("E1"))
            await settled(tmp_path, inbox, 1)
            assert len(wire.arrived) == times

    run(all_of_it())


def test_who_asks_too_much_is_told_once(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        wire = Wire()
        async with opened(tmp_path, wire, per_person=2) as inbox:
            for n in range(6):
                await inbox.receive(event(f"E{n}"))
            await inbox.receive(event("other", "b", "another"))
            assert await settled(tmp_path, inbox, 7) == {"sent": 4, "refused": 3}
            assert sorted(text for _, text, _ in wire.arrived) == ["E0", "E1", "other", "wait"]

    run(all_of_it())


def test_what_nobody_asked_for_counts_for_nobody_shows_no_progress_and_may_come_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROGRESS_AFTER", 0.0)

    class Silent(Wire):
        async def answer(self, receipt: Receipt) -> Json:
            await asyncio.sleep(0.05)
            return {} if receipt.event.event == "nothing" else await super().answer(receipt)

    async def all_of_it() -> None:
        wire = Silent()
        async with opened(tmp_path, wire, per_person=1, per_tenant=1) as inbox:
            for name in ("one", "nothing", "two"):
                await inbox.receive(event(name, person=""))
            await inbox.receive(event("asked", "b"))
            assert await settled(tmp_path, inbox, 4) == {"sent": 3, "refused": 1}
        assert sorted(text for _, text, _ in wire.arrived) == ["asked", "one", "two"]
        assert wire.progress == ["asked"]

    run(all_of_it())


def test_what_is_written_along_with_an_event_is_written_once_or_not_at_all(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        wire, written = Wire(), Receipts()
        async with opened(tmp_path, wire) as inbox:
            assert await inbox.receive(event("E1"), lambda connection: written.join(connection, "first"))
            assert not await inbox.receive(event("E1"), lambda connection: written.join(connection, "again"))

            def fails(connection: Any) -> None:
                written.join(connection, "failed")
                raise RuntimeError

            with pytest.raises(RuntimeError):
                await inbox.receive(event("E2"), fails)
            assert [await inbox.has_joined(lane) for lane in ("first", "again", "failed")] == [True, False, False]
            assert await inbox.receive(event("E2"))
            assert await settled(tmp_path, inbox, 2) == {"sent": 2}

    run(all_of_it())


def test_all_people_of_a_tenant_share_its_limit(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        wire = Wire()
        async with opened(tmp_path, wire, per_tenant=3) as inbox:
            for n in range(6):
                await inbox.receive(event(f"E{n}", f"lane{n}", f"person{n}"))
            await settled(tmp_path, inbox, 6)
            assert sorted(text for _, text, _ in wire.arrived) == ["E0", "E1", "E2", "wait", "wait", "wait"]

    run(all_of_it())


def test_closing_lets_what_began_end_and_leaves_the_rest_for_later(tmp_path: Path) -> None:
    async def work(_: Receipt) -> None:
        await asyncio.sleep(0.1)

    async def all_of_it() -> None:
        wire = Wire(work)
        async with opened(tmp_path, wire) as inbox:
            for n in range(4):
                await inbox.receive(event(f"E{n}"))
            await asyncio.sleep(0.02)
        assert [text for _, text, _ in wire.arrived] == ["E0"]
        again = Wire()
        async with opened(tmp_path, again) as inbox:
            await settled(tmp_path, inbox, 4)
        assert [text for _, text, _ in again.arrived] == ["E1", "E2", "E3"]

    run(all_of_it())


def test_one_event_that_cannot_be_settled_does_not_stop_the_next_and_no_words_are_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def all_of_it() -> None:
        wire = Wire()
        wire.fails = [ValueError("a private question")]
        async with opened(tmp_path, wire) as inbox:
            await inbox.receive(event("broken"))
            await inbox.receive(event("whole"))
            await settled(tmp_path, inbox, 1)
            assert [text for _, text, _ in wire.arrived] == ["whole"]

    with caplog.at_level(logging.DEBUG):
        run(all_of_it())
    assert "ValueError" in caplog.text
    assert "private question" not in caplog.text


def test_joining_a_conversation_is_remembered(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        async with opened(tmp_path, Wire()) as inbox:
            await inbox.join("lane")
            await inbox.join("lane")
        async with opened(tmp_path, Wire()) as inbox:
            assert await inbox.has_joined("lane")
            assert not await inbox.has_joined("another")

    run(all_of_it())
