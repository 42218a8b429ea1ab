"""Reading IATI activities with lxml beside the standard library's iterparse, at the same work.

    python -m benchmarks.reading FOLDER [--rounds 3]

Both sides build the same records through the same handlers; only the parser and the way it forgets what was read
differ. Each run has a process of its own, turn about; a ratio is taken within a round and the median over the rounds
counts (of CPU time), so that other work on the machine disturbs less. Peak memory is the growth of the process over its
size before reading. The last line is the parsers alone, without making records.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import cast

from benchmarks.memory import peak_memory
from knowledge.records import Locator, Record
from knowledge.sources import guard, iati
from knowledge.sources.formats import Given
from knowledge.sources.iati_draft import Element
from knowledge.sources.iati_xml import elements


@dataclass(frozen=True, slots=True)
class Run:
    """`seconds` of CPU; `memory` in MB."""

    activities: int
    seconds: float
    memory: float


def with_lxml(path: Path) -> Iterator[Record]:
    return (item for item in iati.read_activities(path, Given()) if isinstance(item, Record))


def with_standard_library(path: Path) -> Iterator[Record]:
    record_of = _records(path)
    events = ET.iterparse(path, events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.tag == iati.ACTIVITY:
            yield from record_of(element)
            root.clear()


def with_standard_library_end_only(path: Path) -> Iterator[Record]:
    """The other usual way: no start events, so the emptied elements stay hanging on the root."""
    record_of = _records(path)
    for _, element in ET.iterparse(path):
        if element.tag == iati.ACTIVITY:
            yield from record_of(element)
            element.clear()


def _records(path: Path) -> Callable[[ET.Element], list[Record]]:
    """What `iati.read_activities` does around its parser: no record, or one, of each activity."""
    guard.check_file(path, guard.MAX_XML_BYTES)
    prolog = guard.xml_prolog(path)
    old, _ = iati.version_of(path, prolog)
    seen: set[str] = set()

    def record_of(found: ET.Element) -> list[Record]:
        element = cast(Element, found)
        draft = iati.draft_of(element, path.name, len(seen) + 1, old)
        if not draft.identifier or draft.identifier in seen:
            return []
        seen.add(draft.identifier)
        return [iati.record_of(draft, element)]

    return record_of


def same_records(files: list[Path]) -> bool:
    """Whether both sides make the same of some files; only lxml knows lines."""

    def told(records: Iterator[Record]) -> list[Record]:
        return [replace(record, locator=Locator("")) for record in records]

    return all(told(with_lxml(file)) == told(with_standard_library(file)) for file in files)


def parser_lxml(path: Path) -> Iterator[int]:
    return (1 for _ in elements(path, guard.xml_prolog(path), iati.ACTIVITY))


def parser_standard_library(path: Path) -> Iterator[int]:
    events = ET.iterparse(path, events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event == "end" and element.tag == "iati-activity":
            yield 1
            root.clear()


READERS: dict[str, Callable[[Path], Iterator[object]]] = {
    "lxml": with_lxml,
    "standard library": with_standard_library,
    "standard library, end events only": with_standard_library_end_only,
    "parser alone: lxml": parser_lxml,
    "parser alone: standard library": parser_standard_library,
}
BESIDE = {
    "standard library": "lxml",
    "standard library, end events only": "lxml",
    "parser alone: standard library": "parser alone: lxml",
}


def measure(reader: str, files: list[Path]) -> Run:
    before, started, count = peak_memory(), time.process_time(), 0
    for file in files:
        for _ in READERS[reader](file):
            count += 1
    return Run(count, time.process_time() - started, peak_memory() - before)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    files = sorted(given.folder.glob("*.xml"))
    if not files:
        sys.exit(f"{given.folder}: no .xml files. Give a folder of IATI activity files")
    if not same_records(sorted(files, key=lambda file: file.stat().st_size)[: len(files) // 2]):
        sys.exit("the two sides do not make the same records")
    runs: dict[str, list[Run]] = {reader: [] for reader in READERS}
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        for _ in range(given.rounds):
            for reader in READERS:
                runs[reader].append(pool.apply(measure, (reader, files)))
    megabytes = sum(file.stat().st_size for file in files) / 1e6
    print(f"{len(files)} files, {megabytes:.0f} MB, median of {given.rounds} rounds")
    for reader, done in runs.items():
        seconds = median(run.seconds for run in done)
        line = f"{reader:34s} {done[0].activities:7d} activities  {seconds:6.2f} s"
        line += f"  {done[0].activities / seconds:6.0f}/s  {megabytes / seconds:5.1f} MB/s"
        line += f"  peak +{median(run.memory for run in done):3.0f} MB"
        if other := BESIDE.get(reader):
            ratio = median(a.seconds / b.seconds for a, b in zip(done, runs[other], strict=True))
            line += f"  {ratio:.2f}x the time of lxml"
        print(line)


if __name__ == "__main__":
    main()
