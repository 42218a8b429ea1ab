"""The graph of overlaps: seconds and memory from cold, one more record, and how it grows, beside two other ways.

    python -m benchmarks.overlaps HOME [--kinds activity] [--workers 2]
    python -m benchmarks.overlaps HOME --grow REAL_FOLDER [--activities 10000 100000]

"cold" makes everything anew from the store: profiles, candidates, evidence and decision of every candidate pair, in a
process of its own as the server does. Vectors are there: they are made when a file is read. "one new record" is what a
proposal meets among all, without the vector of its text. Beside it: (a) a plain Python loop over all pairs that
compares countries, sectors, dates and vectors, measured on a slice and extrapolated by the number of pairs; (b) one
Chroma query per record, filtered by country and year, measured on a slice and extrapolated by the number of records:
both find no more than candidates, without evidence or decision.

--grow takes generated activities (benchmarks/generate.py) through the same functions, without a store; vectors are
hashed words. Nothing of HOME is changed.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from zlib import crc32

import numpy as np

from benchmarks.generate import Generator, sample
from knowledge.access import PUBLIC
from knowledge.overlap import graph, kept, making, packing, state
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.forking import spread
from knowledge.overlap.packing import Packed
from knowledge.overlap.profiles import Profile, profile
from knowledge.overlap.raw import Raw, joined, raw
from knowledge.overlap.resolver import Resolver
from knowledge.overlap.state import Records
from knowledge.records import Record
from knowledge.settings import Settings
from knowledge.store.database import Database

Figures = dict[str, float]
_MODEL_SQL = "SELECT model FROM embedding GROUP BY model ORDER BY count(*) DESC LIMIT 1"


def _peak(who: int) -> float:
    """Megabytes."""
    return resource.getrusage(who).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)


def _cpu() -> float:
    own, forked = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + forked.ru_utime + forked.ru_stime


def _of_kinds(now: Records, database: Database, kinds: Sequence[str]) -> Records:
    with database.engine.connect() as connection:
        marks = ", ".join("?" * len(kinds))
        rows = connection.exec_driver_sql(f"SELECT pk FROM record WHERE kind IN ({marks})", tuple(kinds))
        wanted = {pk for (pk,) in rows}
    at = [i for i, pk in enumerate(now.pks) if pk in wanted]
    return Records(now.kind, [now.pks[i] for i in at], [now.ids[i] for i in at], now.prints[at])


def cold(path: str, kinds: Sequence[str], workers: int, folder: str) -> Figures:
    """Makes all of it and keeps it in `folder`."""
    started, cpu = time.perf_counter(), _cpu()
    database = Database(Path(path))
    with database.engine.connect() as connection:
        (model,) = connection.exec_driver_sql(_MODEL_SQL).one()
    marks: dict[str, float] = {}
    with making.snapshot(database) as session:
        now = state.records(session, PUBLIC, model)
        now = _of_kinds(now, database, kinds) if kinds else now
        marks["state"] = time.perf_counter() - started
        made = making.make(
            session,
            now,
            PUBLIC,
            model,
            on_corpus=lambda _: marks.__setitem__("profiles", time.perf_counter() - started),
            database=database,
            workers=workers,
        )
    marks["graph"] = time.perf_counter() - started
    kept.write(Path(folder), made)
    seconds = time.perf_counter() - started
    database.close()
    return {
        "records": float(len(now)),
        "pairs": float(made.graph.looked_at),
        "related": float(len(made.graph)),
        "state": marks["state"],
        "profiles": marks["profiles"] - marks["state"],
        "graph": marks["graph"] - marks["profiles"],
        "write": seconds - marks["graph"],
        "cold": seconds,
        "cpu": _cpu() - cpu,
        "peak": _peak(resource.RUSAGE_SELF),
        "peak of a worker": _peak(resource.RUSAGE_CHILDREN),
        "on disk": sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6,
    }


def warm(folder: str, records: int) -> Figures:
    """What was kept is read again; then single records are asked of it as if they were proposals."""
    kind = kept.kind_of(Path(folder))
    started = time.perf_counter()
    made = kept.read(Path(folder), kind)
    assert made is not None
    read = time.perf_counter() - started
    corpus = made.corpus
    chosen = np.random.default_rng(0).choice(len(corpus), min(records + 1, len(corpus)), replace=False).tolist()
    ones = [(corpus.profiles[row], corpus.vectors[row]) for row in chosen]
    seconds = []
    for one, vector in ones:
        started = time.perf_counter()
        graph.with_one(corpus, one, vector)
        seconds.append(time.perf_counter() - started)
    return {
        "read": read,
        "first": seconds[0],
        "one": median(seconds[1:]),
        "p95": quantiles(seconds[1:], n=20)[-1],
        "peak": _peak(resource.RUSAGE_SELF),
    }


def plain_loop(folder: str, records: int) -> Figures:
    """(a) Every pair of some records, in plain Python."""
    made = kept.read(Path(folder), kept.kind_of(Path(folder)))
    assert made is not None
    # Neighbours in the index are often of one file, and nearer to each other than most.
    size = len(made.corpus)
    chosen = np.random.default_rng(1).choice(size, min(records, size), replace=False).tolist()
    profiles: list[Profile] = [made.corpus.profiles[row] for row in chosen]
    vectors = [made.corpus.vectors[row].tolist() for row in chosen]
    places = [{path.split("|")[0] for path in one.places} for one in profiles]
    started, found = time.perf_counter(), 0
    for i, one in enumerate(profiles):
        for j in range(i + 1, len(profiles)):
            other = profiles[j]
            if (
                places[i] & places[j]
                and one.sectors.keys() & other.sectors.keys()
                and max(one.start, other.start) <= min(one.end or 10**7, other.end or 10**7)
            ):
                found += sum(x * y for x, y in zip(vectors[i], vectors[j], strict=True)) > 0.5
    pairs = len(profiles) * (len(profiles) - 1) / 2
    return {"seconds": time.perf_counter() - started, "pairs": pairs, "found": float(found)}


def chroma(folder: str, records: int) -> Figures:
    """(b) One query per record for its nearest 30 of the same country that run in the same year."""
    import chromadb
    from chromadb.config import Settings as ChromaSettings

    made = kept.read(Path(folder), kept.kind_of(Path(folder)))
    assert made is not None
    corpus = made.corpus
    with tempfile.TemporaryDirectory() as place:
        client = chromadb.PersistentClient(place, ChromaSettings(anonymized_telemetry=False, is_persistent=True))
        collection = client.create_collection("slice", embedding_function=None, configuration={"hnsw": {"space": "ip"}})
        about: list[Any] = []
        for row in range(len(corpus)):
            countries = corpus.countries.row(row)
            country = max(countries, key=lambda name: countries[name]) if countries else ""
            about.append({"country": country, "first": int(corpus.starts[row]), "last": int(corpus.ends[row])})
        started = time.perf_counter()
        for at in range(0, len(corpus), 5_000):
            part = slice(at, at + 5_000)
            collection.add(corpus.raw.ids[part], corpus.vectors[part], metadatas=about[part])
        filled = time.perf_counter() - started
        chosen = np.random.default_rng(0).choice(len(corpus), min(records, len(corpus)), replace=False).tolist()
        started = time.perf_counter()
        for row in chosen:
            one = about[row]
            where: Any = {
                "$and": [
                    {"country": one["country"]},
                    {"first": {"$lte": one["last"]}},
                    {"last": {"$gte": one["first"]}},
                ]
            }
            collection.query(query_embeddings=corpus.vectors[row : row + 1], n_results=30, where=where)
        asked = time.perf_counter() - started
    return {"filled": filled, "one": asked / len(chosen)}


def grow(real: str, activities: int, workers: int) -> Figures:
    """Generated activities through profiles, candidates, evidence and decision, without a store."""
    with tempfile.TemporaryDirectory() as place:
        files = list(Generator(sample(Path(real))).files(Path(place), activities))
        started, cpu = time.perf_counter(), _cpu()
        records = list(_records(files))
        read = time.perf_counter() - started
    resolver = Resolver()

    def profiled(part: range) -> Raw:
        made = raw([profile(records[i], resolver) for i in part])
        return replace(made, profiles=Packed(packing.packed(made.profiles)))

    # The server holds no records, its workers read them from the store: they must not slow down what is measured.
    gc.freeze()
    started, cpu = time.perf_counter(), _cpu()
    tasks = [range(at, min(at + 1_000, len(records))) for at in range(0, len(records), 1_000)]
    all_of_it = joined(list(spread(profiled, tasks, workers)))
    profiles = time.perf_counter() - started
    records.clear()
    corpus = Corpus(all_of_it, _hashed(all_of_it))
    started_graph = time.perf_counter()
    made = graph.build(corpus, workers=workers)
    return {
        "activities": float(len(corpus)),
        "pairs": float(made.looked_at),
        "related": float(len(made)),
        "read": read,
        "profiles": profiles,
        "graph": time.perf_counter() - started_graph,
        "cold": profiles + time.perf_counter() - started_graph,
        "cpu": _cpu() - cpu,
        "peak": _peak(resource.RUSAGE_SELF),
        "peak of a worker": _peak(resource.RUSAGE_CHILDREN),
    }


def _records(files: Sequence[Path]) -> Any:
    from knowledge import sources

    for file in files:
        yield from (item for item in sources.read(file) if isinstance(item, Record))


def _hashed(of: Raw) -> np.ndarray[Any, np.dtype[np.float32]]:
    terms = of.rows["terms"]
    column = np.array([crc32(name.encode()) % 384 for name in terms.names] or [0], np.int64)
    found = np.zeros((len(of), 384), np.float32)
    np.add.at(found, (terms.owners, column[terms.columns]), terms.values)
    return np.asarray(found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9), np.float32)


def _apart(work: Callable[..., Figures], *arguments: Any) -> Figures:
    """In a process of its own, whose peak of memory is its own; one that may fork in turn."""
    context = multiprocessing.get_context("spawn")
    mine, theirs = context.Pipe()
    process = context.Process(target=_tell, args=(theirs, work, arguments))
    process.start()
    theirs.close()
    try:
        figures: Figures = mine.recv()
    except EOFError:
        sys.exit(f"{work.__name__} failed")
    process.join()
    return figures


def _tell(pipe: Any, work: Callable[..., Figures], arguments: tuple[Any, ...]) -> None:
    pipe.send(work(*arguments))
    pipe.close()


def _show_home(settings: Settings, kinds: Sequence[str], workers: int, slices: tuple[int, int, int]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = str(Path(place) / "public")
        made = _apart(cold, str(settings.database_path), kinds, workers, folder)
        count = made["records"]
        print(
            f"{count:,.0f} initiatives, {made['pairs']:,.0f} candidate pairs decided, {made['related']:,.0f} related\n"
            f"  from cold       {made['cold']:8.1f} s  ({workers} processes, {made['cpu']:.1f} s of CPU): "
            f"state {made['state']:.1f}, profiles {made['profiles']:.1f}, graph {made['graph']:.1f}, "
            f"writing {made['write']:.1f}\n"
            f"  memory          {made['peak']:8,.0f} MB, each worker {made['peak of a worker']:,.0f} MB; "
            f"on disk {made['on disk']:,.0f} MB"
        )
        again = _apart(warm, folder, slices[0])
        print(
            f"  read at a start {again['read']:8.2f} s\n"
            f"  one new record  {again['one'] * 1e3:8.1f} ms  (p95 {again['p95'] * 1e3:.1f} ms of {slices[0]}; "
            f"the first {again['first'] * 1e3:,.0f} ms; {again['peak']:,.0f} MB)"
        )
        loop = _apart(plain_loop, folder, slices[1])
        whole = loop["seconds"] * (count * (count - 1) / 2) / max(loop["pairs"], 1)
        print(
            f"  (a) plain loop  {whole:8,.0f} s  ({whole / made['cold']:,.0f} times as long; extrapolated from "
            f"{loop['pairs']:,.0f} pairs at {loop['pairs'] / loop['seconds']:,.0f}/s)"
        )
        asked = _apart(chroma, folder, slices[2])
        whole = asked["one"] * count
        print(
            f"  (b) Chroma      {whole:8,.0f} s  ({whole / made['cold']:,.0f} times as long; extrapolated from "
            f"{slices[2]} queries of {asked['one'] * 1e3:,.0f} ms; filling it took {asked['filled']:.1f} s)"
        )


def _show_growth(real: Path, sizes: Sequence[int], workers: int) -> None:
    before: Figures | None = None
    for size in sizes:
        made = _apart(grow, str(real), size, workers)
        print(
            f"{made['activities']:,.0f} generated activities, {made['pairs']:,.0f} candidate pairs\n"
            f"  from cold       {made['cold']:8.1f} s  ({made['cpu']:.1f} s of CPU): profiles {made['profiles']:.1f}, "
            f"graph {made['graph']:.1f}; {made['cold'] / made['activities'] * 1e3:.2f} ms each\n"
            f"  memory          {made['peak']:8,.0f} MB, each worker {made['peak of a worker']:,.0f} MB",
            flush=True,
        )
        if before is not None:
            names = {"activities": "activities", "cold": "seconds", "pairs": "pairs", "peak": "memory"}
            print("  " + ", ".join(f"{said} x {made[name] / before[name]:.1f}" for name, said in names.items()))
        before = made


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("home", type=Path)
    arguments.add_argument("--kinds", nargs="*", default=[])
    arguments.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    arguments.add_argument("--slices", type=int, nargs=3, default=[100, 300, 20], help="of new records, (a) and (b)")
    arguments.add_argument("--grow", type=Path, metavar="REAL_FOLDER")
    arguments.add_argument("--activities", type=int, nargs="+", default=[10_000, 100_000])
    given = arguments.parse_args()
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    if given.grow:
        _show_growth(given.grow, given.activities, given.workers)
    else:
        _show_home(Settings(home=given.home), given.kinds, given.workers, tuple(given.slices))


if __name__ == "__main__":
    main()
