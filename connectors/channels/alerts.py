"""Alerts told unasked: what a watch finds that was set in a chat, said there, once, to whom may read it.

Where to tell is sealed in the channels' database, with the moment up to which it was told. News goes through the inbox
like any answer; that it was handed in and up to when is written down together, so that no crash doubles or loses it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.answers import kept
from bot.words import Words
from connectors.channels.asking import Said, seen_by
from connectors.channels.database import ChannelDatabase
from connectors.channels.inbox import Inbox
from connectors.channels.keys import Opaque
from connectors.channels.receipts import Event, Receipt
from connectors.channels.vault import Vault
from knowledge import watches
from knowledge.access import Audience
from knowledge.changes import Mark
from knowledge.index import Index
from knowledge.reply import Answer
from knowledge.watches import News

logger = logging.getLogger(__name__)

CHECK_SECONDS = 60.0
"""Between two looks whether the index has changed, or a day has passed."""
QUIET_DAYS = 7
MOST_TOLD = 6
"""Records shown of each group; all are counted."""
_KIND = "alert"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert is told. `name` is opaque, the same for the same place; `payload`, which JSON can hold, is all
    that the channel needs to send there and to say who reads along. It is kept sealed."""

    tenant: str
    name: str
    payload: Json


class Asked(StrEnum):
    """What the buttons of an alert ask for."""

    QUIET = "quiet"
    STOP = "stop"


class Alerts:
    """The alerts of one channel.

    `readers` says who may read what is told at a place (by its payload), as it is now. An event of the inbox that tells
    an alert has the place's payload with the key "alert" besides; `answer` is what the channel's `answer` gives for it.
    """

    def __init__(
        self,
        channel: str,
        index: Index,
        database: ChannelDatabase,
        vault: Vault,
        inbox: Inbox,
        opaque: Opaque,
        readers: Callable[[Json], Awaitable[Audience]],
    ) -> None:
        self._channel, self._index, self._database, self._vault = channel, index, database, vault
        self._inbox, self._opaque, self._readers = inbox, opaque, readers
        self._looked: dict[str, tuple[int, date]] = {}

    def start(self) -> None:
        """From now on there is a look every minute, until the inbox drains."""
        self._inbox.spawn(self._run(), lasting=True)

    async def keep(self, watch: str, place: Place, seen_by: Audience, language: str) -> None:
        """From now on what the watch of that id finds is told at `place`, narrowed to what `seen_by` may see. Where it
        is told there already it goes on, and is quiet no longer."""
        moment = await asyncio.to_thread(self._moment)
        ident = self._opaque("alert", self._channel, watch, place.name)

        def write(connection: Connection) -> None:
            before = self._vault.get(connection, _KIND, ident) or {"told": 0, "told_on": "", "after": _json(moment)}
            value = before | {
                "watch": watch, "tenant": place.tenant, "place": place.name, "payload": place.payload,
                "language": language, "quiet_until": "", "organisations": sorted(seen_by.organisations),
                "community": seen_by.community,
            }  # fmt: skip
            self._vault.put(connection, _KIND, ident, value)

        await self._database.do(write)

    async def check(self) -> int:
        """Hands in what there is to tell; the number of messages. Of one alert there is at most one in a day."""
        found = await self._database.do(self._vault.all, _KIND)
        if not found:
            return 0
        state = await asyncio.to_thread(self._index.version), self._index.today()
        told = 0
        for ident, value in found.items():
            day = state[1].isoformat()
            if self._looked.get(ident) == state or value["told_on"] == day or value["quiet_until"] > day:
                continue
            looked, messages = await self._look(ident, value)
            told += messages
            if looked:
                self._looked[ident] = state
        return told

    async def answer(self, receipt: Receipt) -> Json:
        """What `Channel.answer` gives for an event of an alert: `Said` as JSON with "alert", its id for the buttons,
        and "seen_by"; {} where there is nothing to tell after all."""
        told: Json = receipt.event.payload["alert"]
        value = await self._database.do(self._vault.get, _KIND, told["id"])
        if value is None:
            return {}
        audience = await self._audience(value)
        after, until = _mark(told["after"]), _mark(told["until"])
        answer = await asyncio.to_thread(self._told, value, audience, after, until)
        if answer is None:
            # Who reads along is not the same any more, or not known just now: it is told when they may see it.
            await self._database.do(self._set, told["id"], after=told["after"], told_on="")
            self._looked.pop(told["id"], None)
            return {}
        return Said(answer, True).as_json() | {"alert": told["id"], "seen_by": seen_by(audience)}

    async def ask(self, alert: str, asked: Asked, person: Audience, words: Words) -> str:
        """Does what a button of an alert asks for, and says so. `person` is who pressed it."""
        value = await self._database.do(self._vault.get, _KIND, alert)
        if value is None:
            return words("alert_gone")
        owner = await asyncio.to_thread(self._owner, value["watch"])
        if owner and owner not in person.organisations:
            return words("alert_not_yours")
        if asked is Asked.STOP:
            await self._database.do(self._vault.remove, _KIND, alert)
            return words("alert_stopped")
        until = self._index.today() + timedelta(days=QUIET_DAYS)
        await self._database.do(self._set, alert, quiet_until=until.isoformat())
        return words("alert_is_quiet", date=words.date(until))

    async def forget(self, tenant: str) -> None:
        """All of a tenant that left."""

        def remove(connection: Connection) -> None:
            for ident, value in self._vault.all(connection, _KIND).items():
                if value["tenant"] == tenant:
                    self._vault.remove(connection, _KIND, ident)

        await self._database.do(remove)

    # --- one look

    async def _run(self) -> None:
        while True:
            try:
                await self.check()
            except Exception as error:  # noqa: BLE001  the next look may succeed
                # The type alone: its text may hold somebody's words.
                logger.error("Alerts of %s were not looked at: %s", self._channel, type(error).__name__)
            await asyncio.sleep(CHECK_SECONDS)

    async def _look(self, ident: str, value: Json) -> tuple[bool, int]:
        """Whether that is all for this state of the index, and the number of messages."""
        if not await asyncio.to_thread(self._owner, value["watch"]):
            await self._database.do(self._vault.remove, _KIND, ident)
            return True, 0
        after, until = _mark(value["after"]), await asyncio.to_thread(self._moment)
        # Asking the channel who reads along costs a request: only where there may be something.
        if not await asyncio.to_thread(self._found, value, _of(value), after, until):
            return True, 0
        if not await asyncio.to_thread(self._found, value, await self._audience(value), after, until):
            return False, 0  # who reads along may change, or was not known just now
        number = int(value["told"]) + 1
        told = {"id": ident, "after": value["after"], "until": _json(until)}
        event = Event(
            channel=self._channel,
            tenant=value["tenant"],
            event=f"alert:{ident}:{number}",
            lane=self._opaque("alerts", value["place"]),
            person="",
            payload=value["payload"] | {"alert": told},
        )
        today = self._index.today().isoformat()

        def along(connection: Connection) -> None:
            self._set(connection, ident, told=number, told_on=today, after=told["until"])

        return True, int(await self._inbox.receive(event, along))

    async def _audience(self, value: Json) -> Audience:
        """What both who set the alert and who reads along may see."""
        kept_for, readers = _of(value), await self._readers(value["payload"])
        return Audience(
            kept_for.organisations & readers.organisations, kept_for.community and readers.community, readers.label
        )

    def _moment(self) -> Mark:
        with self._index.home.database.read() as session:
            return watches.moment(session, self._index.today())

    def _owner(self, watch: str) -> str:
        with self._index.home.database.read() as session:
            return watches.owner_of(session, watch)

    def _found(self, value: Json, audience: Audience, after: Mark, until: Mark) -> News | None:
        today = self._index.today()
        with self._index.home.database.read() as session:
            found = watches.news(session, audience, value["watch"], after, until, today=today, limit=1)
        return found if found is not None and found.found.total else None

    def _told(self, value: Json, audience: Audience, after: Mark, until: Mark) -> Answer | None:
        today = self._index.today()
        with self._index.home.database.read() as session:
            found = watches.news(session, audience, value["watch"], after, until, today=today, limit=MOST_TOLD)
            if found is None or not found.found.total:
                return None
            return kept.news(session, audience, found, Words(value["language"]), today)

    def _set(self, connection: Connection, ident: str, /, **values: Any) -> None:
        value = self._vault.get(connection, _KIND, ident)
        if value is not None:
            self._vault.put(connection, _KIND, ident, value | values)


def _of(value: Json) -> Audience:
    return Audience(frozenset(value["organisations"]), bool(value["community"]))


def _json(mark: Mark) -> list[Any]:
    return [mark.change, mark.at.isoformat()]


def _mark(value: list[Any]) -> Mark:
    return Mark(int(value[0]), datetime.fromisoformat(value[1]))
