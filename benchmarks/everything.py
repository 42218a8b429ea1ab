"""Everything a folder holds, read format by format, beside counts made without our readers.

    python -m benchmarks.everything FOLDER

For each folder and format: files, records by kind, names and places, problems with their most frequent reasons, refused
files, seconds, and the peak memory of a process of its own. "counted" is what the standard library counts in the same
files: elements of XML, items of JSON lists, rows of tables. Where both differ, the problems say why.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import multiprocessing
import re
import resource
import sys
import time
import xml.etree.ElementTree as ET
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from knowledge import sources
from knowledge.records import GazetteerPlace, OrganisationName, Problem, Record
from knowledge.sources import Format

_DIGITS = re.compile(r"\d+|'[^']*'|\"[^\"]*\"")


@dataclass
class Tally:
    """What the files of one folder and format gave. `memory` in MB."""

    files: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    seconds: float = 0.0
    memory: float = 0.0
    size: float = 0.0


def read(paths: list[Path]) -> Tally:
    """Reads `paths` one after the other in this process."""
    tally = Tally()
    started = time.perf_counter()
    for path in paths:
        tally.files += 1
        tally.size += path.stat().st_size / 1e6
        for item in sources.read(path):
            match item:
                case Problem() if item.fatal:
                    tally.refused.append(str(item))
                case Problem():
                    tally.reasons[_DIGITS.sub("…", item.reason)[:90]] += 1
                case Record():
                    tally.kinds[item.kind.value] += 1
                case GazetteerPlace():
                    tally.kinds["place"] += 1
                case OrganisationName():
                    tally.kinds["name"] += 1
    tally.seconds = time.perf_counter() - started
    tally.memory = _peak()
    return tally


def _peak() -> float:
    """Peak memory of this process in MB. Linux hands the parent's on through getrusage; its own stands in /proc."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return float(line.split()[1]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


# --- counts of the standard library ---------------------------------------------------------------------------------


def _elements(path: Path, tag: str) -> int:
    return sum(element.tag == tag for _, element in ET.iterparse(path))


def _items(*names: str) -> Callable[[Path], int]:
    """The length of the list (or map) that `names` lead to in a JSON file; of the file itself without names."""

    def count(path: Path) -> int:
        value: Any = json.loads(path.read_text(encoding="utf-8-sig"))
        for name in names:
            value = value[name] if isinstance(value, dict) and name in value else value
        return len(value)

    return count


def _rows(path: Path) -> int:
    """Rows of a table that hold anything, without header rows and rows of HXL tags."""
    if path.suffix == ".csv":
        texts = [path.read_text(encoding="utf-8-sig", errors="replace")]
    elif path.suffix == ".zip":
        with zipfile.ZipFile(path) as archive:
            texts = [archive.read(name).decode("utf-8-sig", "replace") for name in archive.namelist()]
    else:
        import pandas as pd

        frames = pd.read_excel(path, sheet_name=None, dtype=str, header=None)
        return sum(max(0, len(frame.dropna(how="all")) - 1) for frame in frames.values())
    count = 0
    for text in texts:
        rows = [row for row in csv.reader(io.StringIO(text)) if any(cell.strip() for cell in row)]
        count += sum(not any(cell.startswith("#") for cell in row) for row in rows) - 1
    return count


COUNTS: dict[Format, Callable[[Path], int]] = {
    Format.IATI_ACTIVITY: lambda path: _elements(path, "iati-activity"),
    Format.IATI_ORGANISATION: lambda path: _elements(path, "iati-organisation"),
    Format.HPC_PROJECT: _items("data", "results"),
    Format.HPC_PLAN: _items("data"),
    Format.MANDATE_REGISTER: _items(),
}
_JSON_COUNTS: dict[Format, Callable[[Path], int]] = {
    Format.FTS_FLOW: _items("data", "flows"),
    Format.GRANT: _items("grants"),
}


def counted(path: Path, found: Format) -> int | None:
    """How many records the file holds, by other means; None where nothing counts it."""
    if path.suffix == ".json":
        counter = COUNTS.get(found) or _JSON_COUNTS.get(found)
        return counter(path) if counter else None
    if path.suffix == ".xml":
        try:
            return COUNTS[found](path)
        except ET.ParseError:
            return None
    return _rows(path) if path.suffix in (".csv", ".xlsx", ".zip") else None


# --- the run --------------------------------------------------------------------------------------------------------


def groups(folder: Path) -> Iterator[tuple[str, Format | None, list[Path]]]:
    """(folder below `folder`, format, files); format None for files that nothing reads."""
    found: dict[tuple[str, Format | None], list[Path]] = defaultdict(list)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            try:
                kind: Format | None = sources.detect(path)
            except sources.Refused:
                kind = None
            found[path.relative_to(folder).parts[0], kind].append(path)
    for (name, kind), paths in found.items():
        yield name, kind, paths


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    total = 0
    for name, kind, paths in groups(options.folder):
        if kind is None:
            print(f"\n{name}: not for us: {len(paths)} files ({', '.join(sorted({p.suffix for p in paths}))})")
            continue
        with context.Pool(1) as pool:
            tally = pool.apply(read, (paths,))
        counts = [number for path in paths if (number := counted(path, kind)) is not None]
        total += sum(tally.kinds.values())
        read_as = ", ".join(f"{number:,} {what}" for what, number in sorted(tally.kinds.items())) or "nothing"
        print(
            f"\n{name} as {kind}: {tally.files} files, {tally.size:.1f} MB: {read_as}; counted {sum(counts):,} in "
            f"{len(counts)} files; {tally.seconds:.1f} s, {tally.size / max(tally.seconds, 1e-9):.1f} MB/s, "
            f"peak {tally.memory:.0f} MB"
        )
        for reason, number in tally.reasons.most_common(6):
            print(f"    {number:>6} x {reason}")
        for line in tally.refused[:6]:
            print(f"    refused: {line[:200]}")
    print(f"\n{total:,} items")


if __name__ == "__main__":
    main()
