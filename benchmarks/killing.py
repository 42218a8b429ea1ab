"""Killing with SIGKILL at chosen moments, and comparing what two homes hold.

    python -m benchmarks.killing [--kills 100] [--seed 1]

kills runs of ingest, sync and forget at as many random moments over one small home (see benchmarks/lives.py), and says
what was lost, half-published or came back: nothing may be. With 100 kills some seven minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson

COMMAND = Path(sys.executable).with_name("commonground")
_LOOK = 0.005
_LIMIT = 3600.0
_RECORD_COLUMNS = (
    "record.id, record.kind, record.title, record.language, record.publisher, record.status, record.start, record.end, "
    "record.reported_on, record.secondary, record.element, record.line, record.level, record.owner, "
    "record.content_hash, record.body, record.retired_at IS NULL, source.key"
)
CONTENT = {
    "sources": "SELECT key, name, format, sha256, reader, title, publisher, as_of, level, owner, named, records, "
    "problems FROM source",
    "records": f"SELECT {_RECORD_COLUMNS} FROM record JOIN source ON source.id = record.source_id",
    "copies": "SELECT record_id, source.key, content_hash, body, element, line, retired_at IS NULL "
    "FROM record_copy JOIN source ON source.id = source_id",
    "audiences": "SELECT record.id, organisation FROM record_audience JOIN record ON pk = record_pk",
    "organisations": "SELECT id, name, acronym, kind, country, aliases, refs FROM organisation",
    "organisation mentions": "SELECT record.id, ordinal, role, activity_id, ref, name, acronym, mention.kind, country, "
    "organisation_id FROM record_organisation JOIN record ON pk = record_pk "
    "JOIN organisation_mention AS mention ON mention.id = mention_id",
    "places": "SELECT id, name, level, country, parent_id, path, aliases, latitude, longitude FROM place",
    "place mentions": "SELECT record.id, ordinal, site, percentage, scope, country, names, pcode, region, place_id "
    "FROM record_place JOIN record ON pk = record_pk JOIN place_mention AS mention ON mention.id = mention_id",
    "themes": "SELECT record.id, ordinal, theme, vocabulary, code, name, percentage, scope "
    "FROM record_theme JOIN record ON pk = record_pk",
    "passages": "SELECT record.id, ordinal, purpose, heading, page, text, text_hash "
    "FROM passage JOIN record ON pk = record_pk",
    "words": "SELECT record.id, record_text.title, record_text.body "
    "FROM record_text JOIN record ON pk = record_text.rowid",
    "gazetteer": "SELECT source.key, country, pcode, gazetteer.level, gazetteer.name, parent "
    "FROM gazetteer JOIN source ON source.id = source_id",
    "organisation names": "SELECT source.key, n.name, country, canonical, acronym, kind "
    "FROM organisation_name AS n JOIN source ON source.id = source_id",
    "owed": "SELECT value FROM meta WHERE key = 'pending'",
}
"""What two homes must agree in: everything but row numbers and the times of reading."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a home is, seen from outside. `texts`: distinct passages, each of which gets one vector."""

    sources: int = 0
    texts: int = 0
    embedded: int = 0
    vectors: int = 0
    owed: str = ""

    @property
    def stage(self) -> str:
        if not self.owed:
            return "reading" if self.embedded < self.texts or not self.texts else "done"
        if "resolve" in self.owed:
            return "reading or linking"
        return "embedding" if self.embedded < self.texts else "writing vectors"

    def share(self, whole: Progress) -> float:
        """Of the work that made `whole`, 0 to 1."""
        files, texts = max(whole.sources, 1), max(whole.texts, 1)
        return 0.4 * self.sources / files + 0.4 * self.embedded / texts + 0.2 * self.vectors / texts


def progress(home: Path) -> Progress:
    store = _counts(
        home / "commonground.db",
        "SELECT (SELECT count(*) FROM source), (SELECT count(DISTINCT text_hash) FROM passage), "
        "(SELECT count(*) FROM embedding), (SELECT value FROM meta WHERE key = 'pending')",
    )
    vectors = _counts(home / "vectors" / "chroma.sqlite3", "SELECT count(*) FROM embeddings")
    if store is None:
        return Progress()
    return Progress(store[0], store[1], store[2], vectors[0] if vectors else 0, store[3] or "")


def _counts(path: Path, query: str) -> tuple[Any, ...] | None:
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=1)) as database:
            row: tuple[Any, ...] = database.execute(query).fetchone()
            return row
    except sqlite3.OperationalError:  # not made yet, or busy
        return None


def _start(home: Path, paths: Sequence[Path], output: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [COMMAND, "ingest", *paths, "--json"],
        env={**os.environ, "COMMONGROUND_HOME": str(home), "HF_HUB_OFFLINE": "1"},
        stdout=output,
        stderr=subprocess.PIPE if output is subprocess.PIPE else subprocess.DEVNULL,
    )


def ingest(home: Path, paths: Sequence[Path]) -> dict[str, Any]:
    """The report of a whole run. Raises RuntimeError with the command's own words when it fails."""
    with _start(home, paths, subprocess.PIPE) as process:
        out, err = process.communicate(timeout=_LIMIT)
    if process.returncode:
        raise RuntimeError(err.decode(errors="replace")[-2000:])
    report: dict[str, Any] = orjson.loads(out)
    return report


def kill_at(
    home: Path,
    paths: Sequence[Path],
    whole: Progress,
    share: float,
    chance: random.Random,
    stage: str = "",
    pause: float = 10,
) -> Progress | None:
    """Runs `ingest` and kills it soon after the home has `share` of `whole` (or is at `stage`); where it has so at the
    start, within `pause` seconds. Returns how far it was, or None when the run ended before."""
    process = _start(home, paths, subprocess.DEVNULL)
    try:
        started, reached = time.monotonic(), False
        while not reached:
            if process.poll() is not None or time.monotonic() - started > _LIMIT:
                return None
            now = progress(home)
            reached = now.stage == stage if stage else now.share(whole) >= share
            if not reached:
                time.sleep(_LOOK)
        early = time.monotonic() - started < 1
        # A run that finds this much done already still has its model to load: kill it where it works.
        time.sleep(chance.uniform(0, pause) if early else chance.uniform(0, 0.3))
        if process.poll() is not None:
            return None
        os.kill(process.pid, signal.SIGKILL)
        return progress(home)
    finally:
        process.kill()
        process.wait()


def content(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Everything the store holds, by kind, in an order of its own."""
    with closing(sqlite3.connect(f"file:{home / 'commonground.db'}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        return {name: sorted(database.execute(query), key=repr) for name, query in CONTENT.items()}


def embeddings(home: Path) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    with closing(sqlite3.connect(f"file:{home / 'commonground.db'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT text_hash, vector FROM embedding").fetchall()
    return {key: np.frombuffer(vector, dtype=np.float32) for key, vector in rows}


def index_vectors(home: Path) -> dict[str, np.ndarray[Any, np.dtype[np.float32]]]:
    """What Chroma holds, read by Chroma."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(str(home / "vectors"), Settings(anonymized_telemetry=False, is_persistent=True))
    found: dict[str, np.ndarray[Any, np.dtype[np.float32]]] = {}
    for collection in client.list_collections():
        held = collection.get(include=["embeddings"])
        vectors = held["embeddings"]
        assert vectors is not None
        for key, vector in zip(held["ids"], vectors, strict=True):
            assert key not in found, "one text, two vectors"
            found[key] = np.asarray(vector, dtype=np.float32)
    client.clear_system_cache()
    return found


def differences(home: Path, undisturbed: Path) -> list[str]:
    """How `home` differs from `undisturbed`; nothing when it does not. No process may have either open."""
    one, two = content(home), content(undisturbed)
    found = [
        f"{name}: {len(set(one[name]) - set(two[name]))} more, {len(set(two[name]) - set(one[name]))} missing"
        for name in CONTENT
        if one[name] != two[name]
    ]
    for name, read in (("embeddings", embeddings), ("index", index_vectors)):
        ours, theirs = read(home), read(undisturbed)
        if ours.keys() != theirs.keys():
            found.append(f"{name}: {len(ours.keys() - theirs.keys())} more, {len(theirs.keys() - ours.keys())} missing")
        # Texts that were embedded beside others are padded otherwise: the last bits may differ.
        apart = sum(not np.allclose(ours[key], theirs[key], atol=1e-5) for key in ours.keys() & theirs.keys())
        if apart:
            found.append(f"{name}: {apart} vectors differ")
    return found


def main() -> None:
    from benchmarks import lives
    from tests.fetching import serving

    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--kills", type=int, default=100)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    chance = random.Random(given.seed)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="commonground-") as folder, serving(pause=0.004) as server:
        life = lives.Life(Path(folder), server.url, server.put, chance)
        for operation in ("ingest", "sync", "forget"):
            life.step(operation, kill=False)
        while life.kills.total() < given.kills and not life.wrong:
            life.step(chance.choice(("ingest", "sync", "forget")))
            print(f"\r{life.kills.total()} kills", end="", file=sys.stderr, flush=True)
        life.end()
    counted = ", ".join(f"{number} of {operation}" for operation, number in sorted(life.kills.items()))
    print(f"\n{life.kills.total()} kills of working runs ({counted}) in {time.monotonic() - started:.0f} s")
    print(f"{len(life.version)} sources in {life.version.total()} versions, {len(life.forgotten)} records forgotten")
    print("nothing lost, nothing by halves, nothing back" if not life.wrong else "\n".join(["WRONG", *life.wrong[:20]]))
    sys.exit(bool(life.wrong))


if __name__ == "__main__":
    main()
