"""What was read of records, remembered for the questions that follow, until anything that it is made of is written."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from knowledge.store.sql import in_parts

T = TypeVar("T")

_CHANGES = re.compile(
    r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+\"?"
    r"(?:record|record_audience|record_organisation|record_place|record_text|record_theme|organisation|organisation_mention"
    r"|place|place_mention|source|meta)\"?(?![\w])",
    re.IGNORECASE,
)


class Remembered:
    """`now()` is the memory of this moment: a reader holds on to it, and what it puts there after a change is not
    found by those that come later, who get another one. Thread-safe: a memory is replaced whole, never emptied."""

    def __init__(self) -> None:
        self._memory: dict[str, dict[Any, Any]] = {}

    def now(self) -> dict[str, dict[Any, Any]]:
        return self._memory

    def forget(self) -> None:
        self._memory = {}


def recalled(session: Session, topic: str, key: Hashable, make: Callable[[], T], most: int = 1000) -> T:
    """What `make` once gave for `key`, while the session is one to read in. Nobody may change it.

    `key` holds all that the value depends on beside the records; where it is read from them for somebody, the audience.
    """
    memory: dict[Any, T] = session.info.get("remembered", {}).setdefault(topic, {})
    try:
        return memory[key]
    except KeyError:
        made = make()
    if len(memory) >= most:
        memory.clear()
    memory[key] = made
    return made


def recalled_each(
    session: Session, topic: str, keys: Sequence[int], read: Callable[[Sequence[int]], Mapping[int, T]], most: int
) -> dict[int, T]:
    """What `read` once gave for each of `keys`, in their order; it is asked for those that are not remembered, as many
    at a time as a statement takes. Keys that it gives nothing for are left out."""
    memory: dict[int, T] = session.info.get("remembered", {}).setdefault(topic, {})
    found = {key: memory[key] for key in keys if key in memory}
    missing = [key for key in keys if key not in found]
    for part in in_parts(missing):
        found.update(read(part))
    if len(memory) + len(missing) > most:
        memory.clear()
    memory.update((key, found[key]) for key in missing if key in found)
    return {key: found[key] for key in keys if key in found}


def changes_records(statement: str) -> bool:
    """Whether an SQL statement writes what answers about records are made of."""
    return _CHANGES.match(statement) is not None
