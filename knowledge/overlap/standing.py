"""The graph of a home as an audience may see it, level with the published version; and what one more record would meet.

It is made beside the questions, never in one: whoever asks for it too early waits a little and is then told how far it
is (`NotReady`). What one record or proposal meets is known as soon as the records are read. What is made is kept on the
disk (`knowledge.overlap.kept`) for the audiences that are warmed, and brought level as records change.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread, current_thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from knowledge.access import PUBLIC, Audience
from knowledge.overlap import apart, graph, kept, loading, making, state
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.graph import Graph
from knowledge.overlap.kept import Made
from knowledge.overlap.profiles import profile
from knowledge.overlap.resolver import Resolver
from knowledge.records import Record
from knowledge.store import state as store

if TYPE_CHECKING:
    from knowledge.home import Home

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 8.0
"""Seconds that a question waits for what is being made."""
FOLDER = "overlaps"
"""Where graphs are kept in a home."""
_KEPT = 4
_MOMENT = 0.2
_SMALL = 2_000
"""So many initiatives are compared in this process; more in one of their own, so that nobody waits for them."""


class NotReady(Exception):
    """Initiatives are still being compared: `done` of `all` records, 0 of 0 where that is not known yet."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"{done} of {total} records are compared. Ask again in a moment")
        self.done, self.all = done, total


class _Stopped(Exception):
    pass


@dataclass(slots=True, eq=False)
class _Sight:
    """What is held for one sight. `corpus` and `made` are of the versions beside them; `fresh` was made in one go and
    is to be brought level; `error` is what went wrong with the version `failed`; of the version `tried` nothing can be
    made before `run` is done. `misses`: how often a process of its own made another kind. `keep`: on the disk too."""

    audience: Audience
    keep: bool = False
    corpus: Corpus | None = None
    corpus_of: int = -1
    made: Made | None = None
    made_of: int = -1
    fresh: Made | None = None
    means: Resolver | None = None
    means_of: int = -1
    failed: int = -1
    error: BaseException | None = None
    wanted: bool = False
    tried: int = -1
    run: apart.Run | None = None
    misses: int = 0
    done: int = 0
    all: int = 0


class Standing:
    """Thread-safe. There is one graph for each sight (who fulfils the same permissions sees the same), made of nothing
    but the records in it. `sight_of` gives the sight of an audience.

    Nothing of a version before the published one is ever given: it could show what has been withdrawn."""

    def __init__(self, home: Home, sight_of: Callable[[Audience], Hashable]) -> None:
        self._home, self._sight_of = home, sight_of
        self._root = home.settings.home / FOLDER
        self._changed = Condition()
        self._sights: OrderedDict[Hashable, _Sight] = OrderedDict()
        self._worker: Thread | None = None
        self._followers: list[Thread] = []
        self._stopped = False
        home.on_forget.append(self.clear)
        home.on_close.append(self.close)

    def graph(self, audience: Audience, wait: float | None = PATIENCE) -> Graph:
        """The graph of the version that is published now. Waits `wait` seconds (None: until it is there), then raises
        NotReady."""

        def whole(sight: _Sight, version: int) -> Graph | None:
            return sight.made.graph if sight.made is not None and sight.made_of == version else None

        return self._awaited(audience, wait, whole)

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
            sight = self._sights.get(self._sight_of(audience))
            made = sight.made if sight is not None else None
        if made is not None and made.corpus is corpus:
            return made.graph, row
        return graph.build(corpus, of=np.array([row], np.int64)), row

    def with_proposal(self, audience: Audience, record: Record, wait: float | None = PATIENCE) -> tuple[Graph, int]:
        """The pairs of a record that is not stored, among what is: the graph of these pairs only, and its row there,
        behind the rows of all others. Raises NotReady."""
        corpus = self.corpus(audience, wait)
        one = profile(record, self._means(self._want(audience)))
        texts = [record.title, *(text.text for text in record.texts)][: loading.FIRST_PASSAGES]
        vector = self._home.embedder.embed(texts).sum(axis=0)
        vector /= max(float(np.linalg.norm(vector)), 1e-9)
        return graph.with_one(corpus, one, vector)

    def warm(self, audiences: Iterable[Audience]) -> None:
        """Begins to make their graphs, one after the other, and returns at once."""
        folders = set()
        for audience in audiences:
            self._want(audience).keep = True
            folders.add(kept.folder_of(self._root, audience))
        with self._changed:
            if not any(sight.run for sight in self._sights.values()):
                kept.remove(self._root, but=frozenset(folders))

    def progress(self, audience: Audience) -> tuple[int, int] | None:
        """(records compared, all of them) while the graph of the published version is being made; None once it is
        there."""
        sight, version = self._want(audience), self._version()
        with self._changed:
            return None if sight.made_of == version else (sight.done, sight.all)

    def clear(self) -> None:
        """Lets go of everything, in memory and on the disk: what was forgotten must not stay till the next question."""
        with self._changed:
            runs = [sight.run for sight in self._sights.values() if sight.run is not None]
            self._sights.clear()
            worker = self._worker
            self._changed.notify_all()
        self._end(runs, worker)
        kept.remove(self._root)

    def _end(self, runs: Iterable[apart.Run], worker: Thread | None) -> None:
        for run in runs:
            run.end()
        for thread in (worker, *self._followers):
            if thread is not None and thread is not current_thread():
                thread.join()

    def close(self) -> None:
        """Ends what is being made."""
        with self._changed:
            self._stopped = True
            worker, runs = self._worker, [sight.run for sight in self._sights.values() if sight.run is not None]
            self._changed.notify_all()
        self._end(runs, worker)

    def _means(self, sight: _Sight) -> Resolver:
        """What mentions mean to who sees this."""
        with making.snapshot(self._home.database) as session:
            version = store.version(session)
            if sight.means is not None and sight.means_of == version:
                return sight.means
            means = loading.resolver(session, sight.audience)
        with self._changed:
            sight.means, sight.means_of = means, version
        return means

    def _version(self) -> int:
        with self._home.database.read() as session:
            return store.version(session)

    def _awaited(self, audience: Audience, wait: float | None, held: Callable[[_Sight, int], T | None]) -> T:
        until = None if wait is None else monotonic() + wait
        while True:
            sight, version = self._want(audience), self._version()
            with self._changed:
                if (found := held(sight, version)) is not None:
                    return found
                if sight.error is not None and sight.failed == version:
                    raise sight.error
                if self._stopped or (until is not None and monotonic() >= until):
                    raise NotReady(sight.done, sight.all)
                self._changed.wait(timeout=1.0 if until is None else max(0.0, min(1.0, until - monotonic())))

    def _want(self, audience: Audience) -> _Sight:
        """What is held for an audience; where it is not level, somebody is at work on it from now on. What everybody
        sees comes with it: all others are made from that, so that they are the same whoever asks first."""
        if not audience.is_public:
            self._want(PUBLIC)
        key, version = self._sight_of(audience), self._version()
        with self._changed:
            sight = self._sights.setdefault(key, _Sight(audience))
            self._sights.move_to_end(key)
            while len(self._sights) > _KEPT:
                _, dropped = self._sights.popitem(last=False)
                if dropped.run is not None:
                    dropped.run.end()
            if version not in (sight.made_of, sight.failed, sight.tried if sight.run is not None else -1):
                self._call(sight)
            return sight

    def _call(self, sight: _Sight) -> None:
        """Has the worker look at a sight. Whoever calls holds the lock."""
        if not self._stopped:
            sight.wanted = True
            if self._worker is None:
                self._worker = Thread(target=self._work, name="overlaps", daemon=True)
                self._worker.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                sight = self._next()
                if sight is None or self._stopped:
                    self._worker = None
                    self._changed.notify_all()
                    return
                sight.wanted = False
            version = self._version()
            try:
                self._bring_level(sight)
            except _Stopped:
                pass
            except Exception as error:
                logger.exception("The graph of overlaps could not be made")
                with self._changed:
                    sight.failed, sight.error = version, error
                    self._changed.notify_all()

    def _next(self) -> _Sight | None:
        """What is to be looked at: what everybody sees first, and nothing else while a process of its own makes it."""
        public = next((one for one in self._sights.values() if one.audience.is_public), None)
        if public is not None and (public.wanted or public.run is not None):
            return public if public.wanted else None
        return next((one for one in self._sights.values() if one.wanted), None)

    def _bring_level(self, sight: _Sight) -> None:
        audience, model = sight.audience, self._home.embedder.name
        folder = kept.folder_of(self._root, audience)
        with making.snapshot(self._home.database) as session:
            version = store.version(session)
            now = state.records(session, audience, model)
            before = sight.fresh or sight.made or (kept.read(folder, now.kind) if sight.keep else None)
            made = making.level(session, now, before, audience, model) if before is not None else None
            if made is None and not audience.is_public and (public := self._made_of(PUBLIC, version)) is not None:
                made = making.beside(session, now, public, audience, model)
            if made is not None:
                self._hold(sight, made, version)
            small = len(now) <= _SMALL or sight.misses > 1
            anew = made is None or (before is not None and _lost(before, made))
            if anew and sight.keep:
                # Of what it holds some may have been withdrawn.
                kept.drop(folder)
            if anew and small:
                made = making.make(
                    session,
                    now,
                    audience,
                    model,
                    told=lambda done, total: self._told(sight, done, total),
                    on_corpus=lambda part: self._hold_corpus(sight, part.corpus, version),
                )
                self._keep(sight, folder, made)
                self._hold(sight, made, version)
        with self._changed:
            sight.fresh = None
            sight.tried = version
            if anew and not small and sight.run is None and not self._stopped and sight in self._sights.values():
                target = folder if sight.keep else folder.with_name(f"{folder.name}.own")
                sight.run = apart.Run(self._home.database.path, target, model, audience)
                follower = Thread(target=self._follow, args=(sight, sight.run), name="overlaps apart", daemon=True)
                self._followers = [one for one in self._followers if one.is_alive()] + [follower]
                follower.start()

        if sight.keep and not anew and made is not None and len(made.corpus):
            # What the first proposal would otherwise wait for.
            self._means(sight)
            graph.with_one(made.corpus, made.corpus.profiles[0], made.corpus.vectors[0])

    def _follow(self, sight: _Sight, run: apart.Run) -> None:
        """Waits for a process that makes all of it."""
        try:
            while self._home.ingesting.locked() and not run.ended:
                # It would read for long, and taking what was forgotten from the disk waits for readers.
                sleep(_MOMENT)
            for done, total in run.lines(lambda: self._records_read(sight, run)):
                self._told(sight, done, total)
            if run.ended:
                raise _Stopped
            with making.snapshot(self._home.database) as session:
                kind = state.records(session, sight.audience, self._home.embedder.name).kind
            made = kept.read(run.folder, kind)
        except _Stopped:
            made = None
        except Exception as error:
            made = None
            if not run.ended:
                logger.exception("The graph of overlaps could not be made by a process of its own")
                with self._changed:
                    sight.failed, sight.error = self._version(), error
        with self._changed:
            sight.run = None
            if not run.ended and sight.failed != sight.tried:
                # Files of another kind: gazetteers have changed meanwhile, or the program itself since it was started.
                sight.fresh, sight.misses = made, 0 if made is not None else sight.misses + 1
                self._call(sight)
            self._changed.notify_all()
        kept.drop(making.part_of(run.folder))
        if run.ended or not sight.keep:
            kept.drop(run.folder)

    def _records_read(self, sight: _Sight, run: apart.Run) -> None:
        """The records are there; where they are still those of the published version, one of them can be answered."""
        with making.snapshot(self._home.database) as session:
            version, now = store.version(session), state.records(session, sight.audience, self._home.embedder.name)
        part = kept.read(making.part_of(run.folder), now.kind)
        if part is not None and part.corpus.raw.ids == now.ids and np.array_equal(part.prints, now.prints):
            self._hold_corpus(sight, part.corpus, version)

    def _keep(self, sight: _Sight, folder: Path, made: Made) -> None:
        with self._changed:
            # What was let go of meanwhile may hold what is forgotten now.
            if sight.keep and sight in self._sights.values():
                kept.write(folder, made)

    def _made_of(self, audience: Audience, version: int) -> Made | None:
        with self._changed:
            sight = self._sights.get(self._sight_of(audience))
            return sight.made if sight is not None and sight.made_of == version else None

    def _told(self, sight: _Sight, done: int, total: int) -> None:
        if self._stopped or sight not in self._sights.values():
            raise _Stopped
        sight.done, sight.all = done, total

    def _hold(self, sight: _Sight, made: Made, version: int) -> None:
        with self._changed:
            sight.made, sight.made_of, sight.corpus, sight.corpus_of = made, version, made.corpus, version
            sight.error = None
            self._changed.notify_all()

    def _hold_corpus(self, sight: _Sight, corpus: Corpus, version: int) -> None:
        with self._changed:
            if sight.made_of != version:
                sight.corpus, sight.corpus_of = corpus, version
            self._changed.notify_all()


def _lost(before: Made, made: Made) -> bool:
    """Whether something that `before` holds has been withdrawn or changed since."""
    return not set(before.prints.tolist()) <= set(made.prints.tolist())
