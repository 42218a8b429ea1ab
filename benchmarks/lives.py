"""The life of a home under SIGKILL: files are read, addresses synced, records and sources forgotten, each run killed at
a random moment, looked at as it lies, and then run again to its end.

As it lies: every source stands in one whole version, the old or the new; nothing that was acknowledged is missing,
nothing that was forgotten is there. After the second run: the new version, nothing owed, the vectors of exactly the
texts that stand, and not one byte of what was forgotten in any file of the home.

Runs are processes of their own, forked from one that has loaded all modules, with a stand-in for the embedding model:
so they spend their time on what a kill could break.
"""

from __future__ import annotations

import multiprocessing
import random
import sqlite3
import time
import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np

from knowledge.embeddings import Embedder, Vectors

RECORDS = 60
"""In each file, of which a version leaves out every seventh and changes every third."""
FILES = 24
_LIMIT = 120.0
_FILE = '<iati-activities version="2.03">\n{activities}</iati-activities>\n'
_ACTIVITY = """<iati-activity><iati-identifier>{id}</iati-identifier>
<reporting-org ref="XK-{file:02}" type="22"><narrative>Reporter {file:02}</narrative></reporting-org>
<title><narrative>{title}</narrative></title>
<description><narrative>{title}, with {mark} in the district and a description of its own.</narrative></description>
<participating-org role="4" type="22"><narrative>Partner {partner}</narrative></participating-org>
<activity-status code="2"/><activity-date type="1" iso-date="2026-01-01"/>
<recipient-country code="KE"/><sector code="14030"/></iati-activity>
"""
_LOADED = ["benchmarks.lives", "knowledge.forgetting", "knowledge.syncing", "chromadb"]


def record_id(file: int, number: int) -> str:
    return f"XK-{file:02}-{number:03}"


def mark(file: int, number: int) -> str:
    """A word that stands in this record only."""
    return f"zq{file:02}v{number:03}z"


def title(file: int, number: int, version: int) -> str:
    return f"Work {file:02} {number:03}" + (f" in its version {version}" if number % 3 == 0 else "")


def held(file: int, version: int) -> dict[str, str]:
    """Identifier -> title of all that a version of a file holds."""
    numbers = [number for number in range(RECORDS) if (number + version) % 7]
    return {record_id(file, number): title(file, number, version) for number in numbers}


def content(file: int, version: int) -> str:
    activities = (
        _ACTIVITY.format(
            id=record_id(file, number),
            file=file,
            title=title(file, number, version),
            mark=mark(file, number),
            partner=number % 9,
        )
        for number in range(RECORDS)
        if (number + version) % 7
    )
    return _FILE.format(activities="".join(activities))


class StandIn(Embedder):
    """Vectors that depend on the text, without a model."""

    def __init__(self) -> None:
        super().__init__()
        self.name = "stand-in"

    @property
    def dimension(self) -> int:
        return 32

    def fits(self, text: str) -> bool:
        return True

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.dimension)
        if progress:
            progress(len(texts))
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True) if len(texts) else vectors


@dataclass
class Life:
    """What a home must hold. `version` 0: not read yet; `pending` is the version that a run is bringing in."""

    folder: Path
    url: str
    serve: Callable[[str, str], str]
    chance: random.Random
    version: Counter[int] = field(default_factory=Counter)
    pending: Counter[int] = field(default_factory=Counter)
    forgotten: set[str] = field(default_factory=set)
    forgotten_files: set[int] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)
    leaving_file: int | None = None
    duration: dict[str, float] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def key(self, file: int) -> str:
        """Even files are on disk, odd ones behind an address."""
        return (
            str((self.folder / "files" / f"{file:02}.xml").resolve()) if file % 2 == 0 else f"{self.url}/{file:02}.xml"
        )

    # --- what is done -----------------------------------------------------------------------------------------------

    def step(self, operation: str, kill: bool = True) -> None:
        """One operation, killed or not, and then, if it was, once more to its end."""
        arguments = self._prepared(operation)
        if kill and operation in self.duration:
            if self._killed(operation, arguments):
                self._look(f"after a kill of {operation}")
        else:
            kill = False
        started = self._run(operation, arguments)
        if not kill:
            self.duration[operation] = started
        for file, version in self.pending.items():
            self.version[file] = version
        self.pending.clear()
        self.forgotten |= self.leaving
        if self.leaving_file is not None:
            self.forgotten_files.add(self.leaving_file)
        self.leaving, self.leaving_file = set(), None
        self._look(f"after {operation}")
        self._settled(f"after {operation}")

    def _prepared(self, operation: str) -> list[str]:
        if operation == "forget":
            standing = [file for file in self.version if file not in self.forgotten_files]
            beside = Counter(file % 2 for file in standing)
            many = [file for file in standing if beside[file % 2] > 3]
            if many and self.chance.random() < 0.15:
                file = self.leaving_file = self.chance.choice(many)
                self.leaving = {record_id(file, number) for number in range(RECORDS)} - self.forgotten
                return ["--source", self.key(file)]
            file = self.chance.choice(standing)
            one = self.chance.choice(sorted(set(held(file, self.version[file])) - self.forgotten))
            self.leaving = {one}
            return [one]
        odd = operation == "sync"
        files = [file for file in range(FILES) if file % 2 == odd and file not in self.forgotten_files]
        # A new one each time, as long as there are: of so many the home stays small.
        fresh = next((file for file in files if not self.version[file]), files[0])
        read = [file for file in files if self.version[file]]
        changing = self.chance.sample(read, min(2, len(read)))
        for file in {fresh, *changing}:
            self.pending[file] = self.version[file] + 1
            self._publish(file, self.pending[file])
        if not odd:
            return [str(self.folder / "files")]
        known = [file for file in range(FILES) if file % 2 and (self.version[file] or file == fresh)]
        lines = [f"- url: {self.key(file)}\n  audience: public" for file in known]
        (self.folder / "sources.yml").write_text("sources:\n" + "\n".join(lines) + "\n", encoding="utf-8")
        return [str(self.folder / "sources.yml")]

    def _publish(self, file: int, version: int) -> None:
        if file % 2:
            self.serve(f"/{file:02}.xml", content(file, version))
        else:
            path = Path(self.key(file))
            path.parent.mkdir(exist_ok=True)
            path.write_text(content(file, version), encoding="utf-8")

    def _start(self, operation: str, arguments: Sequence[str]) -> tuple[BaseProcess, Connection]:
        """A run that is at its work, and where it says how it ended."""
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_LOADED)
        hears, says = context.Pipe(duplex=False)
        process = context.Process(target=work, args=(self.home, operation, arguments, says))
        process.start()
        says.close()
        hears.recv()
        return process, hears

    def _killed(self, operation: str, arguments: Sequence[str]) -> bool:
        """Whether the run was killed while it worked."""
        process, hears = self._start(operation, arguments)
        with hears:
            time.sleep(self.chance.uniform(0, self.duration[operation]))
            working = not hears.poll()
            process.kill()
            process.join()
        process.close()
        self.kills[operation] += working
        return working

    def _run(self, operation: str, arguments: Sequence[str]) -> float:
        process, hears = self._start(operation, arguments)
        started = time.monotonic()
        with hears:
            said = hears.recv() if hears.poll(_LIMIT) else "no end"
        duration = time.monotonic() - started
        process.join()
        process.close()
        if said:
            raise RuntimeError(f"{operation}: {said}")
        return duration

    # --- what must be true ------------------------------------------------------------------------------------------

    def _look(self, when: str) -> None:
        """The store as it lies, read without the application."""
        path = self.home / "commonground.db"
        if not path.exists() and not self.version:
            return
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as database:
            if database.execute("SELECT count(*) FROM sqlite_master WHERE name = 'forgotten'").fetchone() == (0,):
                self._expect(when, "made before anything was acknowledged", not self.version)
                return
            self._expect(when, "sound", database.execute("PRAGMA integrity_check").fetchone() == ("ok",))
            self._expect(when, "no loose ends", not database.execute("PRAGMA foreign_key_check").fetchall())
            standing: dict[str, dict[str, str]] = {
                key: {} for (key,) in database.execute("SELECT key FROM source").fetchall()
            }
            found = database.execute(
                "SELECT source.key, record.id, record.title, "
                "EXISTS (SELECT 1 FROM passage WHERE record_pk = pk), "
                "EXISTS (SELECT 1 FROM record_text WHERE record_text.rowid = pk), retired_at IS NULL "
                "FROM record JOIN source ON source.id = source_id"
            ).fetchall()
        for key, identifier, name, has_passage, has_words, live in found:
            if live:
                standing[key][identifier] = name
            self._expect(when, f"{identifier} whole", bool(has_passage and has_words))
            self._expect(when, f"{identifier} forgotten", identifier not in self.forgotten)
        for file in {*self.version, *self.pending}:
            key = self.key(file)
            versions = {self.version[file], self.pending[file] or self.version[file]}
            if file in self.forgotten_files:
                self._expect(when, f"{key} forgotten", key not in standing)
            elif key not in standing:
                self._expect(when, f"{key} there", 0 in versions or file == self.leaving_file)
            else:
                possible = [self._of(file, version, left) for version in versions for left in (set(), self.leaving)]
                self._expect(when, f"{key} in one whole version", standing[key] in possible)

    def _of(self, file: int, version: int, leaving: set[str]) -> dict[str, str]:
        without = self.forgotten | leaving
        return {i: name for i, name in held(file, version).items() if i not in without} if version else {}

    def _settled(self, when: str) -> None:
        """What a run that ended must leave."""
        with closing(sqlite3.connect(f"file:{self.home / 'commonground.db'}?mode=ro", uri=True)) as database:
            owed = database.execute("SELECT value FROM meta WHERE key = 'pending'").fetchone()
            texts = {text for (text,) in database.execute("SELECT DISTINCT text_hash FROM passage")}
            embedded = {text for (text,) in database.execute("SELECT text_hash FROM embedding")}
        self._expect(when, "nothing owed", owed in (None, ("",)))
        self._expect(when, "every text has a vector", texts <= embedded)
        if self.forgotten and self.chance.random() < 0.3:
            self._nothing_left(when)

    def _nothing_left(self, when: str) -> None:
        marks = [mark(int(one[3:5]), int(one[6:])).encode() for one in sorted(self.forgotten)]
        names = [one.encode() for one in sorted(self.forgotten)]
        for path in sorted(self.home.rglob("*")):
            data = path.read_bytes() if path.is_file() else b""
            left = [word for word in (*marks, *names) if word in data]
            self._expect(when, f"{path.name} without {left[:3]}", not left)

    def end(self) -> None:
        """The last look: no byte of the forgotten, and Chroma's vectors are those of the texts, read by Chroma."""
        from benchmarks import killing

        self._nothing_left("at the end")
        with closing(sqlite3.connect(f"file:{self.home / 'commonground.db'}?mode=ro", uri=True)) as database:
            texts = {text for (text,) in database.execute("SELECT DISTINCT text_hash FROM passage")}
        self._expect("at the end", "one vector for each text", set(killing.index_vectors(self.home)) == texts)

    def _expect(self, when: str, what: str, true: bool) -> None:
        if not true:
            self.wrong.append(f"{when}: not {what}")


def work(home: Path, operation: str, arguments: Sequence[str], says: Connection) -> None:
    """One operation in this process. Says "go" when the home is open, and at the end what went wrong."""
    from knowledge import forgetting, indexing, syncing
    from knowledge.forgetting import Wanted
    from knowledge.home import Home
    from knowledge.settings import Settings

    with Home(Settings(home=home, fetch_allow_private="127.0.0.1")) as opened:
        opened.embedder = StandIn()
        says.send("go")
        wrong = ""
        match operation:
            case "ingest":
                wrong = "; ".join(map(str, indexing.ingest(opened, [Path(one) for one in arguments]).refused))
            case "sync":
                report = syncing.sync(opened, [Path(one) for one in arguments], force=True)
                wrong = "; ".join(source.why for source in report.sources if source.result in syncing.TROUBLE)
            case _:
                source = arguments[1] if arguments[0] == "--source" else ""
                wanted = Wanted(source=source) if source else Wanted(records=tuple(arguments))
                try:
                    wrong = forgetting.forget(opened, wanted).unfinished
                except forgetting.Unknown:
                    # The killed run had erased the rows already; what it owed is done now.
                    indexing.finish(opened)
    says.send(wrong)
