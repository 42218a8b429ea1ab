"""The graph of a home as an audience may see it, level with the published version; and what one more record would meet.

It is made beside the questions, never in one: whoever asks for it too early waits a little and is then told how far it
is (`NotReady`). What one record or proposal meets is known as soon as the records are read.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from knowledge.access import Audience
from knowledge.overlap import graph, loading
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.graph import Graph
from knowledge.records import Record
from knowledge.store import state

if TYPE_CHECKING:
    from knowledge.home import Home

logger = logging.getLogger(__name__)

PATIENCE = 8.0
"""Seconds that a question waits for what is being made."""
_KEPT = 4


class NotReady(Exception):
    """Initiatives are still being compared: `done` of `all` records, 0 of 0 where that is not known yet."""

    def __init__(self, done: int, all: int) -> None:
        super().__init__(f"{done} of {all} records are compared. Ask again in a moment")
        self.done, self.all = done, all


class _Stopped(Exception):
    pass


@dataclass(slots=True)
class _Sight:
    """What is held for one sight. `corpus` and `graph` are of the versions beside them; `error` is what went wrong with
    the version of `failed`."""

    audience: Audience
    corpus: Corpus | None = None
    corpus_of: int = -1
    graph: Graph | None = None
    graph_of: int = -1
    failed: int = -1
    error: BaseException | None = None
    wanted: bool = False
    done: int = 0
    all: int = 0


@dataclass
class Standing:
    """Thread-safe. There is one graph for each sight (who fulfils the same permissions sees the same), made of nothing
    but the records in it. `sight_of` gives the sight of an audience.

    Nothing of a version before the published one is ever given: it could show what has been withdrawn."""

    home: Home
    sight_of: Callable[[Audience], Hashable]
    _changed: Condition = field(default_factory=Condition)
    _sights: OrderedDict[Hashable, _Sight] = field(default_factory=OrderedDict)
    _worker: Thread | None = None
    _stopped: bool = False

    def __post_init__(self) -> None:
        self.home.on_forget.append(self.clear)
        self.home.on_close.append(self.close)

    def graph(self, audience: Audience, wait: float | None = PATIENCE) -> Graph:
        """The graph of the version that is published now. Waits `wait` seconds (None: until it is there), then raises
        NotReady."""
        return self._awaited(audience, wait, lambda sight, version: sight.graph if sight.graph_of == version else None)

    def corpus(self, audience: Audience, wait: float | None = PATIENCE) -> Corpus:
        """All initiatives that `audience` may see, which are there before they are compared. Raises NotReady."""
        return self._awaited(
            audience, wait, lambda sight, version: sight.corpus if sight.corpus_of == version else None
        )

    def around(self, audience: Audience, ident: str, wait: float | None = PATIENCE) -> tuple[Graph, int]:
        """A graph that holds at least the pairs of one record, and its row there: the whole one where it is made.
        Raises KeyError for a record that is no initiative, or not to be seen, and NotReady."""
        corpus = self.corpus(audience, wait)
        row = corpus.index[ident]
        with self._changed:
            whole = self._sights[self.sight_of(audience)].graph
        if whole is not None and whole.corpus is corpus:
            return whole, row
        return graph.build(corpus, of=np.array([row], np.int64)), row

    def with_proposal(
        self, audience: Audience, record: Record, wait: float | None = PATIENCE
    ) -> tuple[Graph, int]:
        """The pairs of a record that is not stored, among what is: the graph of these pairs only, and its row there,
        behind the rows of all others. Raises NotReady."""
        corpus = self.corpus(audience, wait)
        with self.home.database.read() as session:
            one = loading.one(session, record, audience)
        texts = [record.title, *(text.text for text in record.texts)][: loading.FIRST_PASSAGES]
        vector = self.home.embedder.embed(texts).sum(axis=0)
        vector /= max(float(np.linalg.norm(vector)), 1e-9)
        vectors = corpus.vectors if corpus.vectors.shape[1] == len(vector) else np.zeros((len(corpus), len(vector)))
        wider = Corpus([*corpus.profiles, one], np.vstack([vectors, vector]).astype(np.float32), corpus.statistics)
        row = len(corpus)
        return graph.build(wider, of=np.array([row], np.int64)), row

    def warm(self, audiences: Iterable[Audience]) -> None:
        """Begins to make their graphs, one after the other, and returns at once."""
        for audience in audiences:
            self._want(self.sight_of(audience), audience)

    def progress(self, audience: Audience) -> tuple[int, int] | None:
        """(records compared, all of them) while the graph of the published version is being made; None once it is
        there."""
        sight, version = self._want(self.sight_of(audience), audience), self._version()
        with self._changed:
            return None if sight.graph_of == version else (sight.done, sight.all)

    def clear(self) -> None:
        """Lets go of everything: what was forgotten must not stay in memory until the next question."""
        with self._changed:
            self._sights.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Ends what is being made."""
        with self._changed:
            self._stopped = True
            worker = self._worker
            self._changed.notify_all()
        if worker is not None:
            worker.join()

    def _version(self) -> int:
        with self.home.database.read() as session:
            return state.version(session)

    def _awaited[T](self, audience: Audience, wait: float | None, held: Callable[[_Sight, int], T | None]) -> T:
        until = None if wait is None else monotonic() + wait
        while True:
            key, version = self.sight_of(audience), self._version()
            sight = self._want(key, audience)
            with self._changed:
                if (found := held(sight, version)) is not None:
                    return found
                if sight.error is not None and sight.failed == version:
                    raise sight.error
                if self._stopped or (until is not None and monotonic() >= until):
                    raise NotReady(sight.done, sight.all)
                self._changed.wait(timeout=1.0 if until is None else max(0.0, min(1.0, until - monotonic())))

    def _want(self, key: Hashable, audience: Audience) -> _Sight:
        """What is held for a sight; where it is not level, somebody is at work on it from now on."""
        version = self._version()
        with self._changed:
            sight = self._sights.setdefault(key, _Sight(audience))
            self._sights.move_to_end(key)
            while len(self._sights) > _KEPT:
                self._sights.popitem(last=False)
            if sight.graph_of != version and sight.failed != version and not self._stopped:
                sight.wanted = True
                if self._worker is None:
                    self._worker = Thread(target=self._work, name="overlaps", daemon=True)
                    self._worker.start()
            return sight

    def _work(self) -> None:
        while True:
            with self._changed:
                sight = next((one for one in self._sights.values() if one.wanted), None)
                if sight is None or self._stopped:
                    self._worker = None
                    return
                sight.wanted = False
            version = self._version()
            try:
                self._make(sight)
            except _Stopped:
                pass
            except Exception as error:
                logger.exception("The graph of overlaps could not be made")
                with self._changed:
                    sight.failed, sight.error = version, error
                    self._changed.notify_all()

    def _make(self, sight: _Sight) -> None:
        def told(done: int, all: int) -> None:
            if self._stopped:
                raise _Stopped
            sight.done, sight.all = done, all

        with self.home.database.read() as session:
            version = state.version(session)
            loaded = loading.load(
                session, sight.audience, self.home.embedder.name, on_records=lambda _, all: told(0, all)
            )
        corpus = Corpus(loaded.profiles, loaded.vectors)
        with self._changed:
            sight.corpus, sight.corpus_of = corpus, version
            self._changed.notify_all()
        records = len(corpus)
        made = graph.build(corpus, on_pairs=lambda done, all: told(records * done // max(all, 1), records))
        with self._changed:
            sight.graph, sight.graph_of = made, version
            self._changed.notify_all()
