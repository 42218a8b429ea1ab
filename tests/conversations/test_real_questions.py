"""Who-does-what questions over real records, through the whole path, against sets worked out with pandas and lxml.

The questions and the independent rules stand in benchmarks/questions.py and benchmarks/truth.py; here they are asked of
a server over the presence tables and the smaller activity files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks import truth
from benchmarks.questions import QUESTIONS, Question, answered, asked, expected
from tests.serving import TODAY, running

LARGEST = 60_000
"""Bytes. Of the publishers' files, those below it: enough for every kind of question, and embedded within a minute."""


@pytest.fixture(scope="module")
def facts(shared_data: Path) -> list[truth.Fact]:
    read = {path.name for path in [*(shared_data / "3w").iterdir(), *truth.activity_files(shared_data, LARGEST)]}
    return [fact for fact in truth.facts(shared_data, LARGEST) if fact.source in read]


@pytest.fixture(scope="module")
def report(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `commonground ingest --json` says of a new home."""
    home = tmp_path_factory.mktemp("real")
    paths = [shared_data / "3w", *truth.activity_files(shared_data, LARGEST)]
    done = subprocess.run(
        [Path(sys.executable).with_name("commonground"), "ingest", *paths, "--audience", "public", "--json"],
        env={**os.environ, "COMMONGROUND_HOME": str(home), "COMMONGROUND_TODAY": TODAY},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {"home": home, **json.loads(done.stdout)}


@pytest.fixture(scope="module")
def client(report: dict[str, Any]) -> Iterator[httpx.Client]:
    with running(report["home"]) as url, httpx.Client(base_url=url, timeout=60, trust_env=False) as client:
        yield client


def test_as_many_records_as_counted(report: dict[str, Any], facts: list[truth.Fact]) -> None:
    read = {item["file"]: item["records"] for item in report["sources"] if item["records"]}
    counted: dict[str, int] = {}
    for fact in facts:
        counted[fact.source] = counted.get(fact.source, 0) + 1
    assert read == counted
    assert report["refused"] == 0


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_the_same_organisations(client: httpx.Client, facts: list[truth.Fact], question: Question) -> None:
    answer = asked(client, question)
    names, records = expected(question, facts, date.fromisoformat(TODAY))
    found, found_records = answered(answer)
    assert found == names, answer["query"]
    assert found_records == records, answer["query"]
    assert answer["coverage"]["state"] == ("reported" if records else "none_reported")


def test_most_questions_have_an_answer(facts: list[truth.Fact]) -> None:
    """Sets that are equal because both are empty would prove little."""
    sizes = [len(expected(question, facts, date.fromisoformat(TODAY))[0]) for question in QUESTIONS]
    assert len(sizes) >= 25
    assert sum(size > 0 for size in sizes) >= len(sizes) - 2
    assert sum(size >= 5 for size in sizes) >= 12
