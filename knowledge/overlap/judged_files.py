"""Judgements as files of labelled pairs, which `commonground evaluate overlap` measures and learns from, and back."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, TextIO

import numpy as np
from sqlalchemy.orm import Session

from knowledge.access import Audience
from knowledge.keeping import NotKept, Who
from knowledge.overlap import judging
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.graph import Graph
from knowledge.overlap.judgements import What, judged
from knowledge.overlap.judging import Opinion
from knowledge.overlap.labels import LABELS, LabelledPair, UnreadablePairs, pair_of
from knowledge.records import Level
from knowledge.sources import guard

if TYPE_CHECKING:
    from knowledge.index import Index

COLUMNS = ("a", "b", "label", "confidence", "stratum", "why")
MOST_LINES = 5_000
MOST_BYTES = 16 * 1024 * 1024
JUDGED, DISPUTED = "judged", "disputed"
"""How a pair came into the file."""

_MOST_OF_A_PERSON = 200_000
_LONGEST_PROBLEM = 300
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Line:
    """A labelled pair and the line of the file that it ends on."""

    line: int
    pair: LabelledPair


@dataclass(slots=True)
class Taken:
    """What became of a file: entries made, lines that said what was known, and what was left out, by line."""

    kept: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)


def labelled(session: Session, audience: Audience) -> list[LabelledPair]:
    """What counts of the judgements that `audience` may see, in the order of the identifiers.

    A rejection gives no label and is left out; a label that is disputed is a toss-up. Who said it is not told."""
    return [
        LabelledPair(
            one.a,
            one.b,
            one.label,
            1 if one.disputed else one.sure,
            DISPUTED if one.disputed else JUDGED,
            guard.one_line(one.reason),
        )
        for one in sorted(judged(session, audience).values(), key=lambda one: (one.a, one.b))
        if one.label is not None and one.what is not What.REJECT
    ]


def write(pairs: Sequence[LabelledPair], file: TextIO) -> None:
    """As CSV. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(COLUMNS)
    for pair in pairs:
        texts = (pair.a, pair.b, pair.label.value, str(pair.confidence), pair.stratum, pair.why)
        rows.writerow([f"'{text}" if text.startswith(_FORMULA) else text for text in texts])


def read(text: str) -> tuple[list[Line], list[str]]:
    """The lines of a CSV file that can be read, and what is wrong with the others. Raises UnreadablePairs where it is
    no file of labelled pairs at all."""
    lines: list[Line] = []
    problems: list[str] = []
    rows = csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        lacking = {"a", "b", "label"} - set(rows.fieldnames or ())
        if lacking:
            raise UnreadablePairs(f"no column {', '.join(sorted(lacking))}. The first line names the columns")
        for number, row in enumerate(rows):
            if number >= MOST_LINES:
                problems.append(f"line {rows.line_num}: more than {MOST_LINES:,} pairs. Give the rest in another file")
                break
            try:
                lines.append(Line(rows.line_num, pair_of(_bare(row), f"line {rows.line_num}")))
            except UnreadablePairs as error:
                problems.append(str(error)[:_LONGEST_PROBLEM])
    except csv.Error as error:
        problems.append(f"line {rows.line_num}: {error}. Nothing behind it was read")
    return lines, problems


def take_in(
    index: Index, who: Who, lines: Sequence[Line], level: Level = Level.OWN, named: tuple[str, ...] = ()
) -> Taken:
    """Keeps the labels as judgements of `who`, all of them in one transaction; a line that cannot be kept is named and
    left out. Taking the same file in again changes nothing. Raises NotAMember."""
    who.require_organisation()
    taken = Taken()
    corpus = index.overlaps.corpus(who.audience, None)
    found: dict[frozenset[str], Line] = {}
    with index.home.database.write() as session:
        known: list[tuple[Line, Opinion]] = []
        for line in lines[:MOST_LINES]:
            try:
                a, b = judging.known(session, who.audience, line.pair.a, line.pair.b)
                judging.check_compared(corpus, (a, b))
            except NotKept as error:
                taken.problems.append(f"line {line.line}: {error}")
                continue
            first = found.setdefault(frozenset((a, b)), line)
            if first is not line:
                same = first.pair.label is line.pair.label
                said = "again" if same else f"called {first.pair.label.value} there, {line.pair.label.value} here"
                taken.problems.append(f"line {line.line}: the pair of line {first.line}, {said}")
                continue
            opinion = Opinion(a, b, line.pair.label, None, None, line.pair.why, line.pair.confidence, level, named)
            known.append((line, opinion))
        told = judging.said_by_model(_unjoined(corpus), [(opinion.a, opinion.b) for _, opinion in known])
        for (line, opinion), model in zip(known, told, strict=True):
            last = judging.last_number(session)
            try:
                judging.keep(session, who, opinion, model, most=_MOST_OF_A_PERSON)
            except NotKept as error:
                taken.problems.append(f"line {line.line}: {error}")
                continue
            changed = judging.last_number(session) > last
            taken.kept += changed
            taken.unchanged += not changed
    return taken


def _bare(row: Mapping[str, str | None]) -> dict[str, str | None]:
    """The cells without the apostrophes that `write` puts before them."""
    return {
        name: cell[1:] if isinstance(cell, str) and cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
        for name, cell in row.items()
        if isinstance(name, str)
    }


def _unjoined(corpus: Corpus) -> Graph:
    """A graph without pairs: a few labels need no comparing of all with all."""
    none = np.zeros(0, np.int64)
    return Graph(corpus, none, none, np.zeros((0, len(LABELS)), np.float16), np.zeros(0, np.uint8), 0)
