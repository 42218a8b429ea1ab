"""Receipts: an event and its message are known once, whatever names it; what is settled is forgotten in time."""

from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.channels.database import ChannelDatabase, WrongVersion
from connectors.channels.forgetting import forget_answers
from connectors.channels.keys import Opaque, sealing_key
from connectors.channels.receipts import Event, Receipts, State
from connectors.channels.vault import Vault


@pytest.fixture
def database(tmp_path: Path) -> Iterator[ChannelDatabase]:
    opened = ChannelDatabase(tmp_path / "channels.db")
    yield opened
    opened.close()


def event(name: str, message: str = "", tenant: str = "T1", lane: str = "lane") -> Event:
    return Event("slack", tenant, name, lane, "person", message, {"text": "a private question"})


def test_an_event_is_taken_once_and_so_is_its_message(database: ChannelDatabase) -> None:
    receipts = Receipts()
    assert database.now(receipts.accept, event("E1", "C1:1.0")) is not None
    assert database.now(receipts.accept, event("E1", "C1:1.0")) is None
    assert database.now(receipts.accept, event("E2", "C1:1.0")) is None, "another event of the same message"
    assert database.now(receipts.accept, event("E3", "C1:2.0")) is not None
    assert database.now(receipts.accept, event("E1", "C1:1.0", tenant="T2")) is not None, "another workspace"
    assert database.now(receipts.accept, event("E4")) is not None
    assert database.now(receipts.accept, event("E5")) is not None, "no message is no double of no message"


def test_what_is_open_comes_back_in_order_and_what_is_settled_does_not(tmp_path: Path) -> None:
    first = ChannelDatabase(tmp_path / "channels.db")
    receipts = Receipts()
    made = [first.now(receipts.accept, event(f"E{n}")) for n in range(5)]
    ids = [one.id for one in made if one is not None]
    first.now(receipts.shows_progress, ids[1], "C1:9.0")
    first.now(receipts.answered, ids[1], {"said": "yes"})
    first.now(receipts.answered, ids[2], {"said": "no"})
    first.now(receipts.sending, ids[2])
    first.now(receipts.settle, ids[0], State.SENT, "C1:10.0")
    first.close()
    second = ChannelDatabase(tmp_path / "channels.db")
    try:
        left = second.now(Receipts().open_, "slack")
        assert [one.id for one in left] == ids[1:]
        assert [one.state for one in left] == [State.ANSWERED, State.SENDING, State.RECEIVED, State.RECEIVED]
        assert (left[0].answer, left[0].progress_id) == ({"said": "yes"}, "C1:9.0")
        assert left[0].event == event("E1")
        assert second.now(Receipts().open_, "teams") == []
        settled = second.now(Receipts().find, ids[0])
        assert settled is not None
        assert (settled.sent_id, settled.event.payload) == ("C1:10.0", {})
    finally:
        second.close()


def test_settled_receipts_are_forgotten_in_time_and_open_ones_never(database: ChannelDatabase) -> None:
    receipts = Receipts()
    one, other = database.now(receipts.accept, event("E1")), database.now(receipts.accept, event("E2"))
    assert one is not None
    assert other is not None
    database.now(receipts.settle, one.id, State.SENT)
    assert database.now(receipts.purge, time.time() - 60) == 0
    assert database.now(receipts.purge, time.time() + 60) == 1
    assert database.now(receipts.find, other.id) is not None
    assert database.now(receipts.counts) == {"received": 1}


def test_a_tenant_that_leaves_takes_its_receipts_along(database: ChannelDatabase) -> None:
    receipts = Receipts()
    database.now(receipts.accept, event("E1"))
    database.now(receipts.accept, event("E1", tenant="T2"))
    database.now(receipts.forget, "T1", "slack")
    assert [one.event.tenant for one in database.now(receipts.open_, "slack")] == ["T2"]


def test_only_the_owner_of_the_home_reads_the_file(database: ChannelDatabase, tmp_path: Path) -> None:
    database.now(Receipts().accept, event("E1"))
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


def test_a_file_of_another_version_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "channels.db"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(WrongVersion, match="version 9"):
        ChannelDatabase(path)


def test_tokens_are_sealed(database: ChannelDatabase, tmp_path: Path) -> None:
    vault = Vault("slack", sealing_key(tmp_path))
    database.now(vault.put, "installation", "T:T1", {"bot_token": "xoxb-open-sesame"})
    database.now(vault.put, "installation", "T:T1", {"bot_token": "xoxb-open-sesame-2"})
    assert database.now(vault.get, "installation", "T:T1") == {"bot_token": "xoxb-open-sesame-2"}
    assert database.now(vault.names, "installation") == ["T:T1"]
    written = b"".join(file.read_bytes() for file in tmp_path.glob("channels.db*"))
    assert b"open-sesame" not in written
    assert database.now(Vault("slack", sealing_key(tmp_path / "other")).get, "installation", "T:T1") is None
    database.now(vault.remove, "installation", "T:T1")
    assert database.now(vault.get, "installation", "T:T1") is None


def test_a_sealed_value_is_taken_once_and_only_while_it_is_fresh(database: ChannelDatabase, tmp_path: Path) -> None:
    vault = Vault("slack", sealing_key(tmp_path))
    database.now(vault.put, "state", "a", {})
    database.now(vault.put, "state", "b", {})
    assert database.now(vault.take, "state", "a", 60) == {}
    assert database.now(vault.take, "state", "a", 60) is None
    assert database.now(vault.take, "state", "b", -1) is None


def test_keys_are_made_once_for_the_owner_alone(tmp_path: Path) -> None:
    assert sealing_key(tmp_path) == sealing_key(tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["channels.key"]
    assert stat.S_IMODE((tmp_path / "channels.key").stat().st_mode) == 0o600


def test_opaque_ids_are_the_same_again_and_tell_nothing(tmp_path: Path) -> None:
    opaque = Opaque(tmp_path / "one")
    assert opaque("T1", "C1") == Opaque(tmp_path / "one")("T1", "C1")
    assert opaque("T1", "C1") != Opaque(tmp_path / "two")("T1", "C1")
    assert opaque("T1", "C1") != opaque("T1C", "1")
    assert "T1" not in opaque("T1", "C1") or len(opaque("T1", "C1")) == 43


def test_forgetting_records_takes_the_answers_off_the_disk_and_lets_waiting_ones_be_thought_about_anew(
    database: ChannelDatabase, tmp_path: Path
) -> None:
    receipts = Receipts()
    ids = []
    for name in ("settled", "waiting"):
        made = database.now(receipts.accept, event(name))
        assert made is not None
        ids.append(made.id)
        database.now(receipts.answered, made.id, {"said": "a forgotten record " * 50})
    database.now(receipts.settle, ids[0], State.SENT)
    forget_answers(tmp_path / "channels.db")
    forget_answers(tmp_path / "none.db")
    written = b"".join(file.read_bytes() for file in tmp_path.glob("channels.db*"))
    assert b"forgotten record" not in written
    assert not (tmp_path / "none.db").exists()
    (left,) = database.now(receipts.open_, "slack")
    assert (left.state, left.answer, left.event.payload) == (State.RECEIVED, None, {"text": "a private question"})
    settled = database.now(receipts.find, ids[0])
    assert settled is not None
    assert settled.state is State.SENT
