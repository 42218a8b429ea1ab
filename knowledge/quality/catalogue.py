"""What the notes on quality mean: `tables/quality.yml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from knowledge.records import Note, RecordKind
from knowledge.vocabulary import table_yaml


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of quality. Its score is the share of records of its kinds without any fault or gap in it."""

    name: str
    title: str
    asks: str
    kinds: frozenset[RecordKind]


@dataclass(frozen=True, slots=True)
class NoteKind:
    """`weight`: fault, gap or hint. `passing`: depends on the day. `index_wide`: known only beside other records."""

    code: str
    dimension: str
    weight: str
    title: str
    why: str
    mend: str
    passing: bool = False
    index_wide: bool = False


@lru_cache(maxsize=1)
def dimensions() -> dict[str, Dimension]:
    return {
        name: Dimension(name, said["title"], said["asks"], frozenset(map(RecordKind, said["kinds"])))
        for name, said in table_yaml("quality.yml")["dimensions"].items()
    }


@lru_cache(maxsize=1)
def note_kinds() -> dict[str, NoteKind]:
    """Code -> what it means, in the order in which notes are shown."""
    return {code: NoteKind(code, **said) for code, said in table_yaml("quality.yml")["notes"].items()}


def note_kind(code: str) -> NoteKind:
    """What a code means; a code of a reader that the table does not hold is a fault of no dimension."""
    return note_kinds().get(code) or NoteKind(code, "", "fault", code.replace("-", " ").capitalize(), "", "")


_WEIGHTS = ("fault", "gap", "hint")


def rank(code: str) -> tuple[int, int]:
    """The place of a note among others: faults first, then gaps, then hints."""
    kinds = note_kinds()
    return _WEIGHTS.index(note_kind(code).weight), list(kinds).index(code) if code in kinds else len(kinds)


def in_order(notes: Iterable[Note]) -> list[Note]:
    """The gravest first."""
    return sorted(notes, key=lambda note: rank(note.code))


def is_hint(note: Note) -> bool:
    return note_kind(note.code).weight == "hint"
