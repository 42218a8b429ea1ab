"""Ingest, sync and forget killed at random moments: nothing lost, nothing by halves, nothing back."""

from __future__ import annotations

import random
from pathlib import Path

from benchmarks.lives import Life
from tests.fetching import serving

SEED = 20261124


def test_a_life_with_kills(tmp_path: Path) -> None:
    with serving(pause=0.003) as server:
        life = Life(tmp_path, server.url, server.put, random.Random(SEED))
        for operation in ("ingest", "sync", "forget"):
            life.step(operation, kill=False)
        for operation in ("forget", "sync", "ingest", "forget", "sync"):
            life.step(operation)
        life.end()
    assert life.wrong == []
    assert life.kills.total() >= 3, life.kills
    assert life.forgotten
