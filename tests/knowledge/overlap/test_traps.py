"""Pairs that are easily mistaken: generic titles, names alike, other districts, phases, regrants, budget support ..."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from knowledge.overlap import decision
from knowledge.overlap.evidence import evidence
from knowledge.overlap.labels import Label
from knowledge.records import Record
from tests.knowledge.overlap.making import corpus, others, record

TRAPS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("traps.yml").read_text(encoding="utf-8"))


def made(ident: str, fields: dict[str, Any]) -> Record:
    plain = {name: value for name, value in fields.items() if name != "secondary"}
    return replace(record(ident, **plain), secondary_reporter=bool(fields.get("secondary")))


def among() -> list[Record]:
    """Records of other work, of which as many speak of the pandemic as in the year when all did."""
    return [replace(one, title=f"COVID-19 {one.title}") if n % 2 else one for n, one in enumerate(others(200))]


def test_no_trap_is_fallen_into() -> None:
    records = [made(f"trap-{side}-{n}", trap[side]) for n, trap in enumerate(TRAPS) for side in ("a", "b")]
    whole = corpus(*records, *among())
    at = np.arange(len(TRAPS), dtype=np.int64) * 2
    wrong = []
    for links in (False, True):
        decided = decision.decide(evidence(whole, at, at + 1, links=links), links=links)
        for n, trap in enumerate(TRAPS):
            if decided.label(n) not in trap["is"]:
                wrong.append((trap["name"], links, decided.label(n).value, decided.probabilities[n].round(2).tolist()))
    assert wrong == []


def test_there_are_sixty_of_many_kinds_and_each_can_be_answered() -> None:
    assert len({trap["name"] for trap in TRAPS}) == 60
    assert {label for trap in TRAPS for label in trap["is"]} == {label.value for label in Label}
