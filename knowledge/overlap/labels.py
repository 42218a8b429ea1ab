"""Pairs of records with what people say they are to each other. The format is described in docs/overlap.md."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Label(StrEnum):
    """What two records are to each other, from the same work to nothing."""

    DUPLICATE = "duplicate"
    CHAIN = "chain"
    FAMILY = "family"
    OVERLAP = "overlap"
    COMPLEMENTARY = "complementary"
    UNRELATED = "unrelated"


LABELS = tuple(Label)


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """`a` and `b` are identifiers; `confidence` from 1, a toss-up, to 3, sure; `stratum` how the pair was drawn."""

    a: str
    b: str
    label: Label
    confidence: int = 3
    stratum: str = ""
    why: str = ""


class UnreadablePairs(ValueError):
    """The file of pairs is not as it should be. The message names the line and says how to mend it."""


def read(path: Path) -> list[LabelledPair]:
    """The pairs of a CSV file with the columns a, b and label. Raises UnreadablePairs."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            lacking = {"a", "b", "label"} - set(rows.fieldnames or ())
            if lacking:
                raise UnreadablePairs(
                    f"{path}: no column {', '.join(sorted(lacking))}. The first line names the columns"
                )
            return [pair_of(row, f"{path}:{rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadablePairs(f"{path}: {error}. Give a CSV file in UTF-8") from None


def pair_of(row: Mapping[str, str | None], where: str) -> LabelledPair:
    """The pair of one row; `where` names it in what is raised. Raises UnreadablePairs."""
    a, b, label = ((row[name] or "").strip() for name in ("a", "b", "label"))
    if not a or not b or a == b:
        raise UnreadablePairs(f"{where}: `a` and `b` name two different records by their identifiers")
    if label not in LABELS:
        raise UnreadablePairs(f"{where}: label {label!r} is unknown. Use one of {', '.join(LABELS)}")
    sure = (row.get("confidence") or "3").strip()
    if sure not in ("1", "2", "3"):
        raise UnreadablePairs(f"{where}: confidence {sure!r} is not 1, 2 or 3")
    return LabelledPair(a, b, Label(label), int(sure), row.get("stratum") or "", row.get("why") or "")


def groups(pairs: Sequence[LabelledPair] | Iterable[LabelledPair]) -> list[int]:
    """For each pair the number of its component: pairs that share a record, directly or over others, have one number,
    so that no record stands on both sides of a split by number."""
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        while parent.setdefault(key, key) != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    pairs = list(pairs)
    for pair in pairs:
        parent[root(pair.a)] = root(pair.b)
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(pair.a), len(numbers)) for pair in pairs]
