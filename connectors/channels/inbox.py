"""The inbox under every channel: written down before it is acknowledged, answered in order, once, also after a crash.

`receive` returns when an event is on disk. Each conversation then has a task of its own that answers its events one
after the other; as many conversations at once as `parallel` says. Every step is written down before the next is made,
so that a process that was killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlalchemy import Connection

from connectors.channels.database import ChannelDatabase
from connectors.channels.limits import Limits
from connectors.channels.receipts import KEEP_SECONDS, SETTLED, Event, Receipt, Receipts, State

logger = logging.getLogger(__name__)

PROGRESS_AFTER = 0.7
"""Seconds without an answer after which something is shown."""
PARALLEL = 8
SHOWING = 4
"""How many may be shown at a time that something is on its way: after a start with hundreds of messages left, answers
must not wait behind all of those."""
PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 60.0)
"""Seconds between attempts to send. After the last one the answer waits for the next start."""
_HOUR = 3600.0


class NotSent(Exception):
    """Nothing arrived. `final`: nor will it at another attempt. `wait`: seconds the channel asks to wait."""

    def __init__(self, reason: str, *, final: bool = False, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.final, self.wait = final, wait


class Unsure(Exception):
    """It is not known whether it arrived."""


class Channel(Protocol):
    """What the inbox needs of a channel. Answers are dictionaries that JSON can hold; the inbox does not read them."""

    name: str

    async def answer(self, receipt: Receipt) -> dict[str, Any]:
        """The answer to an event. Raises nothing: where there is none it is an answer that says why. {} sends nothing,
        which is for what nobody asked."""

    def over_limit(self, receipt: Receipt, seconds: float) -> dict[str, Any]:
        """The answer that asks a person to wait."""

    async def show_progress(self, receipt: Receipt) -> str:
        """Shows that the answer is on its way; the id of what shows it, "" where that has none."""

    async def send(self, receipt: Receipt) -> str:
        """Sends `receipt.answer`, in place of `receipt.progress_id` where there is one; the id of what was sent.

        Raises NotSent or Unsure.
        """

    async def find_sent(self, receipt: Receipt) -> str | None:
        """The id under which the channel has the answer, None where it has none. Raises Unsure where it cannot say."""

    async def tell_cut_off(self, receipt: Receipt) -> str:
        """Says where the answer belongs that it may not have arrived, with a way to get it; the id of what says so.
        Twice does no harm. Raises NotSent or Unsure."""


@dataclass(slots=True)
class _Job:
    receipt: Receipt
    progress: asyncio.Task[None] | None = None
    showing: bool = False
    pauses: deque[float] = field(default_factory=lambda: deque(PAUSES))
    pause: float = 0.0
    """Seconds until it is tried again."""

    def rest(self, wait: float = 0.0) -> None:
        if self.pauses:
            self.pause = max(wait, self.pauses.popleft())


class Inbox:
    def __init__(
        self, channel: Channel, database: ChannelDatabase, limits: Limits, *, parallel: int = PARALLEL
    ) -> None:
        self._channel, self._database, self._limits = channel, database, limits
        self._receipts = Receipts()
        self._lanes: dict[str, deque[_Job]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._lasting: set[asyncio.Task[None]] = set()
        self._seats = asyncio.Semaphore(parallel)
        self._showing = asyncio.Semaphore(SHOWING)
        self._ending = asyncio.Event()

    async def start(self) -> int:
        """Goes on with what an earlier process left; the number of those events."""
        left = await self._database.do(self._receipts.open_, self._channel.name)
        for receipt in left:
            self._queue(receipt)
        self.spawn(self._purge(), lasting=True)
        return len(left)

    async def receive(self, event: Event, along: Callable[[Connection], None] | None = None) -> bool:
        """Writes the event down and sees that it is answered; False where it is known already. `along` is done in the
        same transaction, where the event is new."""

        def write(connection: Connection) -> Receipt | None:
            made = self._receipts.accept(connection, event)
            if made is not None and along is not None:
                along(connection)
            return made

        receipt = await self._database.do(write)
        if receipt is None:
            return False
        self._queue(receipt)
        return True

    async def join(self, lane: str) -> None:
        """From now on the assistant takes part in this conversation, whether it is named or not."""
        await self._database.do(self._receipts.join, lane)

    async def has_joined(self, lane: str) -> bool:
        return await self._database.do(self._receipts.has_joined, lane)

    async def find(self, receipt_id: int) -> Receipt | None:
        return await self._database.do(self._receipts.find, receipt_id)

    def spawn(self, work: Coroutine[Any, Any, None], *, lasting: bool = False) -> None:
        """Runs what belongs to no conversation. What is `lasting` is not waited for when the inbox closes."""
        task = asyncio.create_task(work)
        (self._lasting if lasting else self._tasks).add(task)
        task.add_done_callback(self._ended)

    async def drain(self, seconds: float) -> None:
        """Lets what has begun come to its end, for so long; what has not begun waits for the next start."""
        self._ending.set()
        waiting = [job.progress for lane in self._lanes.values() for job in lane if job.progress and not job.showing]
        for task in [*waiting, *self._lasting]:
            task.cancel()
        busy = {task for task in self._tasks if not task.done()}
        if busy:
            await asyncio.wait(busy, timeout=seconds)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, *self._lasting, return_exceptions=True)

    def _closing(self) -> bool:
        return self._ending.is_set()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._lasting.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The type alone: its text may hold somebody's words.
            logger.error("A task of the channel %s failed: %s", self._channel.name, type(error).__name__)

    def _queue(self, receipt: Receipt) -> None:
        job = _Job(receipt)
        shown = bool(receipt.progress_id)
        if receipt.state is State.RECEIVED and receipt.event.person and not shown and not self._closing():
            job.progress = asyncio.create_task(self._progress(job))
            self._tasks.add(job.progress)
            job.progress.add_done_callback(self._ended)
        lane = receipt.event.lane
        if lane in self._lanes:
            self._lanes[lane].append(job)
        elif not self._closing():
            self._lanes[lane] = deque([job])
            self.spawn(self._work(lane))

    async def _work(self, lane: str) -> None:
        jobs = self._lanes[lane]
        try:
            while jobs and not self._closing():
                async with self._seats:
                    if self._closing():
                        break
                    await self._settle(jobs[0])
                # Whoever waits for the channel to come back leaves the seat to others.
                if pause := jobs[0].pause:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._ending.wait(), pause)
                else:
                    jobs.popleft()
        finally:
            del self._lanes[lane]

    async def _settle(self, job: _Job) -> None:
        """Takes the receipt to its end, or to a pause."""
        job.pause = 0.0
        try:
            while job.receipt.state not in SETTLED and await self._step(job):
                pass
        except Exception as error:  # noqa: BLE001  one event that cannot be settled must not stop those after it
            logger.error("Event %s of %s failed: %s", job.receipt.id, self._channel.name, type(error).__name__)
        finally:
            if job.progress is not None and not job.progress.done():
                job.progress.cancel()

    async def _step(self, job: _Job) -> bool:
        """One step of the receipt; False where the rest has to wait: for a while, or for another start."""
        receipt = job.receipt
        match receipt.state:
            case State.RECEIVED:
                await self._answer(job)
            case State.ANSWERED:
                return await self._send(job)
            case State.SENDING:
                try:
                    found = await self._channel.find_sent(receipt)
                except Unsure:
                    return await self._tell_cut_off(job)
                if found is not None:
                    await self._end(receipt, State.SENT, found)
                else:
                    await self._database.do(self._receipts.not_sent, receipt.id)
                    receipt.state = State.ANSWERED
        return True

    async def _answer(self, job: _Job) -> None:
        receipt = job.receipt
        asked = receipt.event.person != ""
        wait = self._limits.wait(receipt.event.tenant, receipt.event.person) if asked else 0.0
        if wait > 0 and not self._limits.tell(receipt.event.person, wait):
            await self._no_progress(job)
            await self._end(receipt, State.REFUSED)
            return
        answer = self._channel.over_limit(receipt, wait) if wait > 0 else await self._channel.answer(receipt)
        if not answer:
            await self._no_progress(job)
            await self._end(receipt, State.REFUSED)
            return
        await self._database.do(self._receipts.answered, receipt.id, answer)
        receipt.answer, receipt.state = answer, State.ANSWERED

    async def _send(self, job: _Job) -> bool:
        receipt = job.receipt
        await self._no_progress(job)
        await self._database.do(self._receipts.sending, receipt.id)
        receipt.state = State.SENDING
        try:
            sent_id = await self._channel.send(receipt)
        except Unsure:
            return True
        except NotSent as error:
            await self._database.do(self._receipts.not_sent, receipt.id)
            receipt.state = State.ANSWERED
            logger.warning("Answer %s was not sent to %s: %s", receipt.id, self._channel.name, error)
            if error.final:
                await self._end(receipt, State.FAILED)
                return True
            job.rest(error.wait)
            return False
        await self._end(receipt, State.SENT, sent_id)
        return True

    async def _tell_cut_off(self, job: _Job) -> bool:
        """The answer may stand there or not, and is not put there a second time: the person can ask for it."""
        try:
            told = await self._channel.tell_cut_off(job.receipt)
        except Unsure:
            job.rest()
            return False
        except NotSent as error:
            if not error.final:
                job.rest(error.wait)
                return False
            told = ""
        await self._end(job.receipt, State.UNKNOWN, told)
        return True

    async def _end(self, receipt: Receipt, state: State, sent_id: str = "") -> None:
        await self._database.do(self._receipts.settle, receipt.id, state, sent_id)
        receipt.state, receipt.sent_id = state, sent_id

    async def _progress(self, job: _Job) -> None:
        await asyncio.sleep(PROGRESS_AFTER)
        async with self._showing:
            job.showing = True
            try:
                job.receipt.progress_id = await self._channel.show_progress(job.receipt)
            except (NotSent, Unsure) as error:
                logger.info("No progress was shown on %s: %s", self._channel.name, error)
                return
        if job.receipt.progress_id:
            await self._database.do(self._receipts.shows_progress, job.receipt.id, job.receipt.progress_id)

    async def _no_progress(self, job: _Job) -> None:
        """Nothing more is shown from here on; what is being shown just now is waited for, since its id is needed."""
        if job.progress is None or job.progress.done():
            return
        if job.showing:
            await asyncio.wait([job.progress])
        else:
            job.progress.cancel()

    async def _purge(self) -> None:
        while True:
            await self._database.do(self._receipts.purge, time.time() - KEEP_SECONDS)
            await asyncio.sleep(_HOUR)
