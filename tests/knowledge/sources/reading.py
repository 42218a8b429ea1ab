"""What tests of readers share: write a small file, read it through the door that people use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from knowledge import sources
from knowledge.records import Problem, Record


def both(path: Path) -> tuple[list[Record], list[Problem]]:
    """Records and problems of a file, its format found by its content."""
    items = list(sources.read(path))
    records = [item for item in items if isinstance(item, Record)]
    problems = [item for item in items if isinstance(item, Problem)]
    assert len(records) + len(problems) == len(items)
    return records, problems


def records_of(path: Path) -> list[Record]:
    """The records of a file that has no problem."""
    records, problems = both(path)
    assert not problems, problems[0]
    return records


def written(path: Path, value: Any) -> Path:
    """`value` as a JSON file."""
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


OF_READERS = {
    "children-differ", "children-exceed", "end-before-start", "identifier-prefix", "missing-title", "negative-amount",
    "no-amount", "no-currency", "no-end-date", "no-funder", "no-organisation", "no-planned-start", "no-recipient",
    "no-status", "place-of-buyer", "place-of-recipient", "recipient-individual", "shared-flow", "unknown-country",
}  # fmt: skip
"""Notes that the readers of money and projects make; what is said of records of all formats stands apart."""


def codes(record: Record) -> set[str]:
    return {note.code for note in record.notes} & OF_READERS


def extras(record: Record, name: str) -> list[str]:
    return [value for key, value in record.extra if key == name]
