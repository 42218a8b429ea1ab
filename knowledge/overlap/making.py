"""The graph of a home for an audience: made in one go, by a process of its own where there is much, or brought level.

python -m knowledge.overlap.making        with a `Task` as JSON on its input; on its output how far it is
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import orjson
from sqlalchemy.orm import Session

from knowledge.access import Audience
from knowledge.overlap import graph, kept, loading, packing, state
from knowledge.overlap.candidates import Limits
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.forking import spread
from knowledge.overlap.graph import Graph
from knowledge.overlap.kept import Made
from knowledge.overlap.labels import LABELS
from knowledge.overlap.packing import Packed
from knowledge.overlap.raw import Raw, joined, raw
from knowledge.overlap.resolver import Resolver
from knowledge.overlap.sparse import Ints
from knowledge.overlap.state import Records
from knowledge.store.database import Database

DRIFT, FEW = 0.02, 50
"""The share of records, or if that is more the number, which may change before all is made anew: what is rare among
them is weighed as it was before."""
_READ_AT_ONCE = 1_000
Told = Callable[[int, int], None]
"""Is told how many records are compared, and how many there are."""


@contextmanager
def snapshot(database: Database) -> Iterator[Session]:
    """One state of the store for all that is read in it."""
    with database.engine.connect() as connection:
        # Python's driver opens no transaction for reading by itself.
        connection.exec_driver_sql("BEGIN")
        with Session(connection) as session:
            yield session
        connection.rollback()


def make(
    session: Session,
    now: Records,
    audience: Audience,
    model: str,
    *,
    told: Told = lambda done, total: None,
    on_corpus: Callable[[Made], None] = lambda made: None,
    database: Database | None = None,
    workers: int = 1,
) -> Made:
    """All of it. `on_corpus` is given the records before they are compared, with no pairs yet. More `workers` than one
    are for a process without threads, and read from `database`."""
    total = len(now)
    told(0, total)
    means = loading.resolver(session, audience)
    parts: list[Raw] = []
    for part in _raws(session, now.pks, means, database if workers > 1 else None, workers):
        parts.append(part)
        told(0, total)
    corpus = Corpus(joined(parts) if parts else raw([]), loading.vectors(session, now.pks, model))
    on_corpus(Made(now.kind, now.prints, without_pairs(corpus)))
    made = graph.build(corpus, on_pairs=lambda done, of: told(total * done // max(of, 1), total), workers=workers)
    return Made(now.kind, now.prints, made)


def without_pairs(corpus: Corpus) -> Graph:
    none = np.zeros(0, np.int64)
    return Graph(corpus, none, none, np.zeros((0, len(LABELS)), np.float16), np.zeros(0, np.uint8), 0)


def _raws(session: Session, pks: list[int], means: Resolver, database: Database | None, workers: int) -> Iterator[Raw]:
    if database is None:
        for part in loading.profiles(session, pks, means):
            yield raw(part)
        return

    def read(part: list[int]) -> Raw:
        # A connection is not to be shared with the process it was opened in.
        database.engine.dispose(close=False)
        with snapshot(database) as own:
            made = raw([one for some in loading.profiles(own, part, means) for one in some])
        return replace(made, profiles=Packed(packing.packed(made.profiles)))

    tasks = [pks[at : at + _READ_AT_ONCE] for at in range(0, len(pks), _READ_AT_ONCE)]
    yield from spread(read, tasks, workers)


def level(session: Session, now: Records, before: Made, audience: Audience, model: str) -> Made | None:
    """What was made before with the records of `now`: profiles and pairs are made of those alone that changed. None
    where too much has changed, and all is to be made anew."""
    if before.kind != now.kind:
        return None
    row_of = before.corpus.index
    rows = np.array([row_of.get(ident, -1) for ident in now.ids], np.int64)
    same = rows >= 0
    same[same] = before.prints[rows[same]] == now.prints[same]
    changed = np.flatnonzero(~same)
    gone = len(before.prints) - int(same.sum())
    if not len(changed) and not gone:
        return before
    touched = before.touched + max(len(changed), gone)
    if touched > max(FEW, DRIFT * len(now)):
        return None
    return replace(_with(session, before, rows[same], changed, now, audience, model), kind=now.kind, touched=touched)


def _with(session: Session, before: Made, stay: Ints, new: Ints, now: Records, audience: Audience, model: str) -> Made:
    """The rows of `before` that stay, in their order there, and behind them the records `new` of `now`."""
    stay = np.sort(stay)
    corpus, pks = before.corpus, [now.pks[i] for i in new.tolist()]
    kept_raw = corpus.raw if len(stay) == len(corpus) else corpus.raw.take(stay)
    kept_vectors = corpus.vectors[stay]
    if pks:
        means = loading.resolver(session, audience)
        added = raw([one for part in loading.profiles(session, pks, means) for one in part])
        vectors = loading.vectors(session, pks, model)
        if not len(stay):
            kept_vectors = np.zeros((0, vectors.shape[1]), np.float32)
        elif vectors.shape[1] != kept_vectors.shape[1]:
            vectors = np.zeros((len(pks), kept_vectors.shape[1]), np.float32)
        kept_raw, kept_vectors = joined([kept_raw, added]), np.concatenate([kept_vectors, vectors])
    wider = Corpus(kept_raw, kept_vectors, corpus.statistics)
    at = np.full(len(corpus), -1, np.int64)
    at[stay] = np.arange(len(stay))
    old = before.graph
    left, right = at[old.left], at[old.right]
    both = np.flatnonzero((left >= 0) & (right >= 0))
    fresh = graph.build(wider, of=np.arange(len(stay), len(wider), dtype=np.int64), limits=Limits().wider())
    made = graph.settled(
        wider,
        np.concatenate([left[both], fresh.left]),
        np.concatenate([right[both], fresh.right]),
        np.concatenate([old.probabilities[both], fresh.probabilities]),
        np.concatenate([old.best[both], fresh.best]),
        old.looked_at + fresh.looked_at,
    )
    return Made(before.kind, np.concatenate([before.prints[stay], now.prints[new]]), made, before.touched)


def beside(session: Session, now: Records, public: Made, audience: Audience, model: str) -> Made | None:
    """The graph of somebody who sees more than everybody: the public one, and the pairs of what they see besides. None
    where that is much, and their graph is to be made by itself."""
    row_of = public.corpus.index
    more = np.array([i for i, ident in enumerate(now.ids) if ident not in row_of], np.int64)
    if len(now) - len(more) != len(public.prints) or len(more) > max(FEW, DRIFT * len(now)):
        return None
    stay = np.arange(len(public.prints), dtype=np.int64)
    return replace(_with(session, public, stay, more, now, audience, model), kind=now.kind, touched=0)


@dataclass(frozen=True, slots=True)
class Task:
    """What a process of its own is to make: the graph of an audience, from `database` into `folder`."""

    database: str
    folder: str
    model: str
    organisations: tuple[str, ...]
    community: bool
    workers: int = 2


def carry_out(task: Task, say: Callable[[str], None]) -> None:
    """Says "N M" for N of M records compared, "corpus" once the records without their pairs stand in the folder beside
    (`part_of`), and "done" once all of it does."""
    audience = Audience(frozenset(task.organisations), task.community)
    database, folder = Database(Path(task.database)), Path(task.folder)

    def on_corpus(made: Made) -> None:
        kept.write(part_of(folder), made)
        say("corpus")

    try:
        with snapshot(database) as session:
            made = make(
                session,
                state.records(session, audience, task.model),
                audience,
                task.model,
                told=lambda done, total: say(f"{done} {total}"),
                on_corpus=on_corpus,
                database=database,
                workers=task.workers,
            )
        kept.write(folder, made)
        say("done")
    finally:
        database.close()


def part_of(folder: Path) -> Path:
    """Where the records stand before they are compared."""
    return folder.with_name(f"{folder.name}.part")


def main() -> None:
    """Whoever is asked meanwhile comes first: this process is nice. It ends when nobody reads what it says."""
    os.nice(10)
    parent = os.getppid()
    given = orjson.loads(sys.stdin.buffer.read())

    def say(line: str) -> None:
        if os.getppid() != parent:
            sys.exit(1)
        print(line, flush=True)

    carry_out(Task(**{**given, "organisations": tuple(given["organisations"])}), say)


if __name__ == "__main__":
    main()
