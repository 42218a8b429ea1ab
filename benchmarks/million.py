"""From ten thousand activities to a million: seconds and memory of each stage, and how they grow.

    python -m benchmarks.million REAL_FOLDER [--activities 10000 100000 1000000] [--embed 5000] [--folder NEW_FOLDER]

The activities are generated after the real ones of REAL_FOLDER (benchmarks/generate.py). Each stage has a process of
its own, so that its peak memory is its own. Read+store and link are measured in full. Of the texts, --embed many are
embedded and put into Chroma, and the time for all is extrapolated from these, which the line says. "start" is what a
server does after a restart until the first question is answered: open the home, read all names, answer who does what
where. The folder needs some 25 GB for each million; without --folder it is a temporary one and is removed.
"""

from __future__ import annotations

import argparse
import itertools
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.generate import Generator, sample
from benchmarks.memory import peak_memory

Figures = dict[str, float]
_STAGES = (
    "generate",
    "read+store",
    "link",
    "embed",
    "chroma",
    "unchanged",
    "open",
    "names",
    "first query",
    "second query",
)
_QUESTION = "Who is doing water and sanitation in Kenya?"


def generate(real: Path, files: Path, activities: int) -> Figures:
    shapes = sample(real)
    started = time.perf_counter()
    size = sum(file.stat().st_size for file in Generator(shapes).files(files, activities))
    return {"generate": time.perf_counter() - started, "megabytes": size / 1e6}


def prepare(home: Path) -> Figures:
    """The embedding model, converted once for a home: not part of reading."""
    from knowledge.home import Home
    from knowledge.settings import Settings

    started = time.perf_counter()
    with Home(Settings(home=home)) as opened:
        opened.embedder.embed(["warm-up"])
    return {"prepare": time.perf_counter() - started}


def read_and_store(home: Path, files: Path) -> Figures:
    """The product's own ingest; embedding is left out here and sampled in `embed`."""
    from knowledge import indexing
    from knowledge.home import Home
    from knowledge.records import Access, Level
    from knowledge.settings import Settings

    with (
        Home(Settings(home=home)) as opened,
        patch.object(indexing, "_embed", return_value=0),
        patch.object(indexing, "level_vectors"),
        patch.object(indexing, "_vectors_are_level", return_value=True),
    ):
        report = indexing.ingest(opened, [files], access=Access(Level.PUBLIC))
    return {
        "read+store": report.seconds["read"],
        "link": report.seconds["link"],
        "records": float(sum(source.records for source in report.sources)),
        "organisations": float(report.organisations),
        "places": float(report.places),
    }


def unchanged(home: Path, files: Path) -> Figures:
    started = time.perf_counter()
    read_and_store(home, files)
    return {"unchanged": time.perf_counter() - started}


def embed(home: Path, texts: int) -> Figures:
    """Seconds for all texts, extrapolated from `texts` of them; and how many there are."""
    from sqlalchemy import text

    from knowledge.home import Home
    from knowledge.settings import Settings
    from knowledge.vectors import VectorIndex

    with Home(Settings(home=home)) as opened, opened.database.read() as session:
        total = session.execute(text("SELECT count(DISTINCT text_hash) FROM passage")).scalar_one()
        # Hashes are spread evenly: the first ones are a fair sample.
        rows = session.execute(
            text("SELECT text_hash, min(text) FROM passage GROUP BY text_hash ORDER BY text_hash LIMIT :n"),
            {"n": texts},
        ).all()
        opened.embedder.embed(["warm-up"])
        started = time.perf_counter()
        vectors = opened.embedder.embed([row[1] for row in rows])
        embedded = time.perf_counter() - started
        started = time.perf_counter()
        index = VectorIndex(home / "sample", opened.embedder.name)
        index.add([row[0] for row in rows], vectors)
        stored = time.perf_counter() - started
        index.close()
    share = total / max(1, len(rows))
    return {"embed": embedded * share, "chroma": stored * share, "texts": float(total), "sampled": float(len(rows))}


def start(home: Path) -> Figures:
    from knowledge import whowhatwhere
    from knowledge.access import operator
    from knowledge.finding import Facets
    from knowledge.home import Home
    from knowledge.index import Index
    from knowledge.settings import Settings

    started = time.perf_counter()
    with Home(Settings(home=home)) as opened:
        index, audience = Index(opened), operator()
        opened_at = time.perf_counter()
        index.linker(audience)
        named_at = time.perf_counter()
        seconds = []
        for _ in range(2):
            asked_at = time.perf_counter()
            entities = index.link(_QUESTION, audience).entities
            ids = {kind: tuple(str(e.value["id"]) for e in entities if e.type == kind) for kind in ("place", "theme")}
            with opened.database.read() as session:
                facets = Facets(places=ids["place"], themes=ids["theme"])
                findings = whowhatwhere.who(session, facets, audience, index.today())
                whowhatwhere.coverage(session, facets.places, audience)
            seconds.append(time.perf_counter() - asked_at)
    return {
        "open": opened_at - started,
        "names": named_at - opened_at,
        "first query": seconds[0],
        "second query": seconds[1],
        "found": float(len(findings.hits)),
    }


def _apart(work: Callable[..., Figures], *arguments: Any) -> Figures:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        figures = pool.apply(_measured, (work, arguments))
        # Ending by itself, the process leaves nothing behind that it would have to be told of.
        pool.close()
        pool.join()
    return figures


def _measured(work: Callable[..., Figures], arguments: tuple[Any, ...]) -> Figures:
    started = time.process_time()
    figures = work(*arguments)
    return {**figures, f"peak {work.__name__}": peak_memory(), f"cpu {work.__name__}": time.process_time() - started}


def measure(real: Path, folder: Path, activities: int, texts: int) -> Figures:
    files, home = folder / "files", folder / "home"
    figures = {"activities": float(activities)}
    try:
        for work, arguments in (
            (generate, (real, files, activities)),
            (prepare, (home,)),
            (read_and_store, (home, files)),
            (unchanged, (home, files)),
            (embed, (home, texts)),
            (start, (home,)),
        ):
            figures.update(_apart(work, *arguments))
            print(f"  {work.__name__}: {time.strftime('%H:%M:%S')}", flush=True)
        figures["store"] = (home / "commonground.db").stat().st_size / 1e6
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return figures


def show(figures: Figures) -> None:
    count = figures["activities"]
    print(
        f"{count:,.0f} activities, {figures['megabytes']:,.0f} MB of XML ({figures['megabytes'] * 1e3 / count:.1f} kB "
        f"each), store {figures['store']:,.0f} MB, {figures['records']:,.0f} records, "
        f"{figures['organisations']:,.0f} organisations, {figures['places']:,.0f} places, {figures['texts']:,.0f} texts"
    )
    for name in _STAGES:
        rate = f"{count / figures[name]:10,.0f} activities/s" if name in ("read+store", "generate", "unchanged") else ""
        if name in ("embed", "chroma"):
            rate = f"extrapolated from {figures['sampled']:,.0f} of {figures['texts']:,.0f} texts"
        if name == "first query":
            rate = f"{figures['found']:,.0f} records answer"
        print(f"  {name:13s}{figures[name]:10.2f} s  {rate}")
    cpu = figures["cpu read_and_store"]
    print(f"  read+store and link took {cpu:,.0f} s of CPU: {count / cpu:,.0f} activities/s on one core")
    for work in (generate, read_and_store, unchanged, embed, start):
        print(f"  peak memory of {work.__name__}: {figures[f'peak {work.__name__}']:,.0f} MB")


def grown(all_figures: list[Figures]) -> None:
    for before, after in itertools.pairwise(all_figures):
        factor = after["activities"] / before["activities"]
        print(f"from {before['activities']:,.0f} to {after['activities']:,.0f} (x {factor:.0f}):")
        for name in (*_STAGES, "peak read_and_store", "peak start", "store", "found"):
            print(f"  {name:20s} x {after[name] / max(before[name], 1e-9):.1f}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("real", type=Path)
    arguments.add_argument("--activities", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    arguments.add_argument("--embed", type=int, default=5_000)
    arguments.add_argument("--folder", type=Path)
    given = arguments.parse_args()
    folder = given.folder or Path(tempfile.mkdtemp(prefix="commonground-"))
    if given.folder and given.folder.exists():
        sys.exit(f"{given.folder} exists already. Name a new folder")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    all_figures = []
    for activities in given.activities:
        all_figures.append(measure(given.real, folder / str(activities), activities, given.embed))
        show(all_figures[-1])
    grown(all_figures)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
