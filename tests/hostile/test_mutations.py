"""Broken and hostile files, made from the sample corpus: none may crash a reader, hang it, or go unexplained."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from benchmarks import hostile, mutations

COUNT, SEED = 150, 7
BUSY = 5
"""Times the CPU seconds allowed in the benchmark: a test may run beside many others."""


@pytest.fixture(scope="module")
def outcomes(repo_root: Path) -> list[hostile.Outcome]:
    return list(hostile.run([repo_root / "knowledge" / "corpus" / "files"], COUNT, SEED))


def test_nothing_crashes_hangs_or_takes_the_memory(outcomes: list[hostile.Outcome]) -> None:
    assert len(outcomes) == COUNT
    bad = [one for one in outcomes if one.state == "crashed" or one.faults or one.memory > hostile.MAX_MEMORY]
    assert not bad, hostile.report(bad)
    slow = [one for one in outcomes if one.seconds > BUSY * one.allowed]
    assert not slow, hostile.report(slow)


def test_every_refusal_has_its_reason(outcomes: list[hostile.Outcome]) -> None:
    refused = [one for one in outcomes if one.state == "refused"]
    assert len(refused) > COUNT // 4
    assert all(one.reason and len(one.reason.splitlines()) == 1 for one in refused)
    assert any(one.state == "read" and one.records for one in outcomes)


def test_all_formats_are_among_them(outcomes: list[hostile.Outcome]) -> None:
    endings = {one.kind.split()[-1] for one in outcomes}
    assert {"xml", "csv", "xlsx", "docx", "pdf", "html", "md"} <= endings


def test_the_same_seed_gives_the_same_files(repo_root: Path) -> None:
    (kind, *_), *_ = hostile.seeds([repo_root / "knowledge" / "corpus" / "files"]).values()
    assert hostile.mutated(kind, Random("x")) == hostile.mutated(kind, Random("x"))


def test_a_crash_and_a_silent_process_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark's own eyes: a child that dies, and one that does not answer."""
    asked = hostile.Outcome("x", "x", "x", 1, "crashed")
    reading = hostile.Reading()
    try:
        monkeypatch.setattr(hostile.Reading, "_asked", lambda self, line, seconds: None)
        assert reading.read(tmp_path / "x", asked).state == "hung"
        monkeypatch.undo()
        reading._start()
        assert reading._process is not None
        reading._process.kill()
        reading._process.wait()
        assert reading.read(tmp_path / "x", asked).state == "crashed"
    finally:
        reading.close()


def test_every_ending_has_mutations_that_change_its_files() -> None:
    for ending, choice in mutations.OF_SUFFIX.items():
        assert len(choice) > 8, ending
    text = b'<a><b code="11">words 2025-01-01, and more</b>\n<c>12</c></a>'
    for mutation in mutations.OF_SUFFIX[".xml"]:
        assert any(mutation(text, Random(seed)) != text for seed in range(10)), mutation.__name__
