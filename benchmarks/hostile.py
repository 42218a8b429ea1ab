"""Thousands of broken and hostile files, made from good ones, and what reading each of them does.

    python -m benchmarks.hostile FOLDER... [--count 2000] [--seed 1] [--keep FOLDER]

Good files are those of the folders, of every format, and a PDF, a Word and an HTML document made on the spot. Each gets
one or two of benchmarks/mutations.py, the same for the same seed. One long-lived child process reads them with limits
on its memory, and is replaced when it dies, hangs or has grown. Told for each format: how many were read and refused
and why, crashes (the process died, or an exception came out), hangs (more CPU than 2 s per MB, at least 2 s), the
highest resident memory of the process, and refusals that do not say what is wrong in one line.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import resource
import selectors
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from benchmarks import mutations
from knowledge.sources.guard import MB

MAX_MEMORY = 500 * MB
ADDRESS_SPACE = 4096 * MB
SECONDS_PER_MB = 2.0
LEAST_SECONDS = 2.0
PATIENCE = 10.0
"""Times the allowed CPU seconds that may pass by the clock before the child is killed: others use the machine too."""
LARGEST_SEED = 3 * MB
RENEWED_AFTER = 250


@dataclass(frozen=True, slots=True)
class Seed:
    """A good file. `kind` is its format and its ending."""

    kind: str
    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reading one file did. `state`: read, refused, crashed or hung; `memory` in bytes, `seconds` of CPU.

    `size` in bytes; packed parts of a workbook or a document count as they unpack, up to ten times the file.
    """

    kind: str
    name: str
    mutation: str
    size: int
    state: str
    records: int = 0
    reason: str = ""
    seconds: float = 0.0
    memory: int = 0
    faults: tuple[str, ...] = ()

    @property
    def allowed(self) -> float:
        """Seconds of CPU."""
        return max(LEAST_SECONDS, SECONDS_PER_MB * self.size / MB)

    @property
    def good(self) -> bool:
        return self.state in ("read", "refused") and not self.faults and self.memory < MAX_MEMORY


# --- good files -----------------------------------------------------------------------------------------------------


def seeds(folders: Iterable[Path]) -> dict[str, list[Seed]]:
    """Good files by kind."""
    from knowledge import sources

    found: dict[str, list[Seed]] = defaultdict(list)
    for path in sorted(path for folder in folders for path in folder.rglob("*") if path.is_file()):
        suffix = path.suffix.casefold()
        if suffix not in mutations.OF_SUFFIX or path.stat().st_size > LARGEST_SEED or path.name == "planted.yml":
            continue
        with suppress(sources.Refused):
            kind = f"{sources.detect(path)} {suffix[1:]}"
            found[kind].append(Seed(kind, path.name, path.read_bytes()))
    for seed in _made():
        found.setdefault(seed.kind, []).append(seed)
    return dict(sorted(found.items()))


def _made() -> Iterator[Seed]:
    from docx import Document

    from knowledge.corpus.pdf_writer import Line, pdf

    paragraphs = (
        "1. Mandate",
        "Lantern Relief provides water in Gedo since 2019-04-01.",
        "2. Plan",
        "It will",
    )
    lines = [Line(text, 60, 780 - 20 * row, 16 if row % 2 == 0 else 10) for row, text in enumerate(paragraphs)]
    yield Seed("document pdf", "lantern.pdf", pdf([lines, lines], title="Lantern"))
    document = Document()
    for row, text in enumerate(paragraphs):
        document.add_paragraph(text, style="Heading 1" if row % 2 == 0 else None)
    document.add_table(3, 3).cell(1, 1).text = "Gedo"
    target = io.BytesIO()
    document.save(target)
    yield Seed("document docx", "lantern.docx", target.getvalue())
    body = "".join(f"<h1>{a}</h1><p>{b}</p>" for a, b in zip(paragraphs[::2], paragraphs[1::2], strict=True))
    page = f"<!DOCTYPE html><html lang='en'><head><title>Lantern</title></head><body>{body}"
    yield Seed("document html", "lantern.html", f"{page}<table><tr><td>1</td></tr></table></body></html>".encode())


def mutated(seed: Seed, random: Random) -> tuple[bytes, str]:
    """(the bytes, the names of the mutations)."""
    choice = mutations.OF_SUFFIX[Path(seed.name).suffix.casefold()]
    data, names = seed.data, []
    for _ in range(1 if random.random() < 0.8 else 2):
        mutation = random.choice(choice)
        data = mutation(data, random)
        names.append(mutation.__name__)
    return data, "+".join(names)


def content_bytes(data: bytes) -> int:
    unpacked = 0
    if data.startswith(b"PK"):
        with suppress(zipfile.BadZipFile, ValueError, OSError), zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    return max(len(data), min(unpacked, 10 * len(data)))


# --- the child: reads what it is told -------------------------------------------------------------------------------


def _child() -> None:
    """Read the paths of standard input; answer each with one line of JSON."""
    from knowledge import sources

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    assert sources
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        _forget_peak()
        started = time.process_time()
        answer = _read(Path(json.loads(line)))
        answer |= {"seconds": time.process_time() - started, "memory": _peak()}
        print(json.dumps(answer), flush=True)


def _read(path: Path) -> dict[str, Any]:
    from knowledge import sources
    from knowledge.records import Problem, Record
    from knowledge.sources.guard import one_line

    records, reason, faults = 0, "", set()
    try:
        sources.describe(path)
        for item in sources.read(path):
            if isinstance(item, Problem):
                if item.fatal:
                    reason = item.reason
                if not item.reason.strip() or not item.mend.strip() or len(str(item).splitlines()) != 1:
                    faults.add(f"a problem that does not say what is wrong: {item!r:.200}")
            else:
                records += 1
                named = item.title if isinstance(item, Record) else item.name
                if named != one_line(named):
                    faults.add(f"a name with marks that nobody sees: {named!r:.100}")
    except BaseException as error:  # noqa: BLE001  # a reader must let nothing out, MemoryError neither
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
        return {"state": "crashed", "reason": f"{type(error).__name__} at {where}: {str(error)[:200]}"}
    return {
        "state": "refused" if reason else "read",
        "records": records,
        "reason": reason,
        "faults": sorted(faults)[:3],
    }


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """The highest resident memory since it was last forgotten, in bytes."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        if found := re.search(r"VmHWM:\s+(\d+) kB", status):
            return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


# --- the parent -----------------------------------------------------------------------------------------------------


class Reading:
    """The child process, replaced when needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._files = 0

    def read(self, path: Path, asked: Outcome) -> Outcome:
        if self._process is None or self._files >= RENEWED_AFTER:
            self.close()
            self._start()
        assert self._process is not None
        self._files += 1
        answer = self._asked(json.dumps(str(path)), asked.allowed * PATIENCE)
        if answer is None:
            code = self._process.poll()
            self.close()
            if code is None:
                return replace(asked, state="hung", seconds=asked.allowed * PATIENCE, reason="no answer")
            return replace(asked, state="crashed", reason=f"the process ended with {code}")
        done = replace(asked, **{**answer, "faults": tuple(answer.get("faults", ()))})
        if done.memory > MAX_MEMORY // 2:
            self.close()
        return replace(done, state="hung") if done.seconds > done.allowed and done.state != "crashed" else done

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hostile", "--child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=Path(__file__).resolve().parent.parent,
            env=os.environ | {"PYTHONWARNINGS": "ignore"},
        )
        self._files = 0
        if self._answer(120) is None:
            raise RuntimeError("the reading process does not start")

    def _asked(self, line: str, seconds: float) -> dict[str, Any] | None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            return None
        return self._answer(seconds)

    def _answer(self, seconds: float) -> dict[str, Any] | None:
        assert self._process is not None
        assert self._process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            if not selector.select(seconds):
                return None
        line = self._process.stdout.readline()
        if not line:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(5)
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def run(folders: Iterable[Path], count: int, seed: int, keep: Path | None = None) -> Iterator[Outcome]:
    """The outcome of each of `count` files, kinds by turns. With `keep`, what is not good is kept there."""
    kinds = seeds(folders)
    reading = Reading()
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number in range(count):
                random = Random(f"{seed} {number}")
                kind = list(kinds)[number % len(kinds)]
                good = random.choice(kinds[kind])
                data, names = mutated(good, random)
                path = Path(folder) / good.name
                path.write_bytes(data)
                asked = Outcome(kind, good.name, names, content_bytes(data), "crashed")
                outcome = reading.read(path, asked)
                if keep is not None and not outcome.good:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{number}-{names}-{good.name}").write_bytes(data)
                path.unlink()
                yield outcome
        finally:
            reading.close()


def reason_class(reason: str) -> str:
    """A reason without what is of one file: numbers, quoted words, names."""
    reason = re.sub(r"'[^']*'|\"[^\"]*\"|\([^)]*\)", "…", reason)
    reason = re.sub(r"0x[0-9A-F]{2}|[-+]?\d[\d,.]*", "N", reason)
    return reason.partition(":")[0][:70] if len(reason) > 90 else reason


def report(outcomes: list[Outcome]) -> str:
    lines = [f"{'format':28s} {'files':>5s} {'read':>5s} {'refused':>7s} {'crashed':>7s} {'hung':>4s} {'faults':>6s} "
             f"{'s/MB':>5s} {'slowest':>7s} {'peak MB':>7s}"]  # fmt: skip
    by_kind: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_kind[outcome.kind].append(outcome)
    for kind, group in [*sorted(by_kind.items()), ("all", outcomes)]:
        states = Counter(outcome.state for outcome in group)
        size = sum(outcome.size for outcome in group) / MB
        lines.append(
            f"{kind:28s} {len(group):5d} {states['read']:5d} {states['refused']:7d} {states['crashed']:7d} "
            f"{states['hung']:4d} {sum(bool(o.faults) for o in group):6d} {sum(o.seconds for o in group) / size:5.2f} "
            f"{max(o.seconds for o in group):6.1f}s {max(o.memory for o in group) / MB:7.0f}"
        )
    reasons = Counter(reason_class(outcome.reason) for outcome in outcomes if outcome.state == "refused")
    lines += ["", "refused because"] + [f"{number:6d}  {reason}" for reason, number in reasons.most_common()]
    lines += [""] + [
        f"NOT GOOD {o.state} {o.kind} {o.name} {o.mutation} {o.size / MB:.2f} MB, {o.seconds:.1f} s, "
        f"{o.memory / MB:.0f} MB: {o.reason} {' '.join(o.faults)}"
        for o in outcomes
        if not o.good
    ]
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("folders", type=Path, nargs="*")
    arguments.add_argument("--count", type=int, default=2000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--keep", type=Path)
    arguments.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.child:
        _child()
        return
    if missing := [str(folder) for folder in given.folders if not folder.is_dir()]:
        sys.exit(f"{', '.join(missing)}: no folder. Give folders with good files")
    outcomes = []
    for outcome in run(given.folders, given.count, given.seed, given.keep):
        outcomes.append(outcome)
        if sys.stderr.isatty() and len(outcomes) % 20 == 0:
            print(f"\r{len(outcomes)} of {given.count}", end="", file=sys.stderr)
    print(report(outcomes))
    sys.exit(0 if all(outcome.good for outcome in outcomes) else 1)


if __name__ == "__main__":
    main()
