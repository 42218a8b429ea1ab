"""Reading real files into a new home: independent counts, speed by stage, memory; and killed at random moments.

    python -m benchmarks.ingest DATA [--kills 20] [--seed 1] [--largest BYTES] [--home FOLDER]

DATA has iati/ and 3w/. First one run of `commonground ingest`: the records of every file must be as many as
benchmarks/truth.py counts with pandas and lxml; then the same run again, which must change nothing. With --kills, a
second home is read by runs that are killed with SIGKILL at as many random moments and then by one that is left alone:
both homes must hold the same records, passages, embeddings and Chroma vectors. All files take about ten minutes on
two cores, with --kills 20 about half an hour; --largest takes the activity files below that size only.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks import killing, truth


def paths_of(data: Path, largest: int | None) -> list[Path]:
    return [data / "iati", data / "3w"] if largest is None else [*truth.activity_files(data, largest), data / "3w"]


def show(report: dict[str, Any], seconds: float) -> None:
    stages = report["seconds"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024 * (1024 if sys.platform == "darwin" else 1))
    files = len(report["sources"])
    print(f"{report['records']} records of {files} files in {seconds:.0f} s, peak memory {peak:.0f} MB")
    for stage, items, what in (
        ("read", report["records"], "records"),
        ("link", report["organisations"] + report["places"], "organisations and places"),
        ("embed", report["embedded"], "texts"),
    ):
        rate = items / stages[stage] if stages[stage] else 0.0
        print(f"  {stage:6s} {stages[stage]:7.1f} s  {items:7d} {what} ({rate:.0f}/s)")


def counted(data: Path, largest: int | None, report: dict[str, Any]) -> bool:
    """Whether every file gave as many records as were counted independently."""
    independent = Counter(fact.source for fact in truth.facts(data, largest))
    read = Counter({item["file"]: item["records"] for item in report["sources"]})
    same = +read == independent
    activities = sum(number for file, number in read.items() if file.endswith(".xml"))
    verdict = "as counted" if same else "NOT as counted"
    print(f"{activities} activities and {read.total() - activities} presence rows: {verdict}")
    for file in sorted((read - independent) + (independent - read)):
        print(f"  {file}: read {read[file]}, counted {independent[file]}")
    return same


def unchanged(home: Path, paths: list[Path]) -> bool:
    started = time.perf_counter()
    report = killing.ingest(home, paths)
    changes = sum(report[key] for key in ("added", "changed", "retired", "embedded"))
    print(f"the same run again: {changes} changes in {time.perf_counter() - started:.0f} s")
    return not changes


def killed(home: Path, undisturbed: Path, paths: list[Path], kills: int, seed: int) -> bool:
    """Whether a home whose runs were killed `kills` times ends as the undisturbed one."""
    chance = random.Random(seed)
    whole = killing.progress(undisturbed)
    # From 0.8 on only vectors are to be written, in steps of many: a later moment would mostly find everything done.
    moments = sorted(chance.uniform(0, 0.8) for _ in range(kills))
    done = 0
    for share in moments:
        if reached := killing.kill_at(home, paths, whole, share, chance):
            done += reached.stage != "done"
            print(
                f"  killed at {reached.share(whole):4.0%}: {reached.stage}, {reached.sources} files, "
                f"{reached.embedded} embeddings, {reached.vectors} vectors",
                flush=True,
            )
    report = killing.ingest(home, paths)
    print(f"{done} kills of working runs; the last did {report['added']} records and {report['embedded']} texts")
    wrong = killing.differences(home, undisturbed)
    print("the same records, passages, embeddings and vectors" if not wrong else "\n".join(["DIFFERS", *wrong]))
    return not wrong and done >= kills * 0.8


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--kills", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--largest", type=int, help="only activity files smaller than this many bytes")
    arguments.add_argument("--home", type=Path, help="keep the homes in this (new) folder")
    given = arguments.parse_args()
    folder = given.home or Path(tempfile.mkdtemp(prefix="commonground-"))
    folder.mkdir(parents=True, exist_ok=True)
    undisturbed, disturbed = folder / "undisturbed", folder / "killed"
    if undisturbed.exists() or disturbed.exists():
        sys.exit(f"{folder} has homes already. Name a new folder")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    paths = paths_of(given.data, given.largest)
    try:
        started = time.perf_counter()
        report = killing.ingest(undisturbed, paths)
        show(report, time.perf_counter() - started)
        good = [counted(given.data, given.largest, report), unchanged(undisturbed, paths)]
        if given.kills:
            good.append(killed(disturbed, undisturbed, paths, given.kills, given.seed))
    finally:
        if not given.home:
            shutil.rmtree(folder)
    sys.exit(not all(good))


if __name__ == "__main__":
    main()
