"""A run of `commonground ingest` that is killed, again and again, and then left to finish."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from benchmarks import killing
from knowledge.corpus import FILES
from knowledge.settings import Settings

SEED = 20261123


@dataclass(frozen=True)
class Undisturbed:
    home: Path
    paths: list[Path]
    whole: killing.Progress


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """A home that read a part of the shipped corpus in one go."""
    folder = tmp_path_factory.mktemp("files")
    for part in ("3w", "places", "organisations"):
        shutil.copytree(FILES / part, folder / part)
    (folder / "iati").mkdir()
    for file in sorted((FILES / "iati").glob("*.xml"), key=lambda path: path.stat().st_size)[:12]:
        shutil.copy(file, folder / "iati")
    paths = [folder / part for part in ("3w", "places", "organisations", "iati")]
    home = tmp_path_factory.mktemp("undisturbed")
    report = killing.ingest(home, paths)
    assert report["added"] > 100
    whole = killing.progress(home)
    assert whole.stage == "done"
    assert whole.embedded == whole.vectors == whole.texts > 50
    return Undisturbed(home, paths, whole)


def test_killed_and_run_again(undisturbed: Undisturbed, tmp_path: Path) -> None:
    chance = random.Random(SEED)
    home, seen = tmp_path / "home", []
    for share, stage in ((0.05, ""), (chance.uniform(0.1, 0.35), ""), (0, "embedding"), (0, "writing vectors")):
        done = killing.kill_at(home, undisturbed.paths, undisturbed.whole, share, chance, stage, pause=4)
        seen.append(done and done.stage)
        lock = FileLock(Settings(home=home).lock_path)
        lock.acquire(timeout=0)
        lock.release()
    assert sum(stage is not None for stage in seen) >= 3, seen
    last = killing.ingest(home, undisturbed.paths)
    assert killing.differences(home, undisturbed.home) == []
    again = killing.ingest(home, undisturbed.paths)
    changed = {key: again[key] for key in ("added", "changed", "retired", "embedded")}
    assert changed == {"added": 0, "changed": 0, "retired": 0, "embedded": 0}
    assert again["version"] == last["version"]
    assert killing.differences(home, undisturbed.home) == []


def test_lost_vectors_are_built_anew(undisturbed: Undisturbed, tmp_path: Path) -> None:
    """Chroma is rebuilt from the store: without its folder, and without embedding a text again."""
    home = tmp_path / "home"
    shutil.copytree(undisturbed.home, home)
    shutil.rmtree(home / "vectors")
    report = killing.ingest(home, undisturbed.paths)
    assert report["embedded"] == 0
    assert killing.differences(home, undisturbed.home) == []
