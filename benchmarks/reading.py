"""Reading IATI activities with lxml beside the standard library's iterparse, at the same work.

    python benchmarks/reading.py FOLDER [--rounds 3]

Both sides build the same records through the same handlers; only the parser and the way it forgets what was read
differ. Each side runs in a process of its own, turn about, and the best of the rounds counts (CPU time, so that other
work on the machine disturbs less). Peak memory is the growth of the process over its size before reading.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, cast

from knowledge.records import Record
from knowledge.sources import guard, iati

if TYPE_CHECKING:
    from lxml.etree import _Element


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` of CPU; `memory` in MB."""

    activities: int
    seconds: float
    memory: float


def with_lxml(path: Path) -> Iterator[Record]:
    return (item for item in iati.read_activities(path) if isinstance(item, Record))


def with_standard_library(path: Path) -> Iterator[Record]:
    guard.check_file(path, guard.MAX_XML_BYTES)
    guard.xml_prolog(path)
    today = date.today()
    number = 0
    events = ET.iterparse(path, events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.tag == "iati-activity":
            number += 1
            same = cast("_Element", element)
            draft = iati.draft_of(same, path.name, number)
            if draft.identifier:
                yield iati.record_of(draft, same, today)
            root.clear()


def with_standard_library_end_only(path: Path) -> Iterator[Record]:
    """The quicker of the two usual ways: no start events, so the emptied elements stay hanging on the root."""
    guard.check_file(path, guard.MAX_XML_BYTES)
    guard.xml_prolog(path)
    today = date.today()
    number = 0
    for _, element in ET.iterparse(path):
        if element.tag == "iati-activity":
            number += 1
            same = cast("_Element", element)
            draft = iati.draft_of(same, path.name, number)
            if draft.identifier:
                yield iati.record_of(draft, same, today)
            element.clear()


READERS: dict[str, Callable[[Path], Iterator[Record]]] = {
    "lxml": with_lxml,
    "standard library": with_standard_library,
    "standard library, end events only": with_standard_library_end_only,
}


def _memory() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)


def measure(reader: str, files: list[Path]) -> Run:
    before, started, count = _memory(), time.process_time(), 0
    for file in files:
        for _ in READERS[reader](file):
            count += 1
    return Run(count, time.process_time() - started, _memory() - before)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    files = sorted(given.folder.glob("*.xml"))
    if not files:
        sys.exit(f"{given.folder}: no .xml files. Give a folder of IATI activity files")
    best: dict[str, Run] = {}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for _ in range(given.rounds):
            for reader in READERS:
                run = pool.apply(measure, (reader, files))
                if reader not in best or run.seconds < best[reader].seconds:
                    best[reader] = run
    ours = best["lxml"]
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} files, {megabytes:.0f} MB, best of {given.rounds}")
    for reader, run in best.items():
        print(
            f"{reader:34s} {run.activities:7d} activities  {run.seconds:6.2f} s  {run.activities / run.seconds:7.0f}/s"
            f"  peak +{run.memory:4.0f} MB  {run.seconds / ours.seconds:.2f}x the time of lxml"
        )


if __name__ == "__main__":
    main()
