"""A number that begins with the number of another record of the same owner: where it counts, and how it is told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bot.answers.overlaps import sentence
from bot.answers.overlaps_evidence import evidence as cited
from bot.words import Words
from knowledge.overlap.candidates import CHANNELS, candidates
from knowledge.overlap.decision import decide
from knowledge.overlap.evidence import evidence
from knowledge.overlap.explaining import Fact, explain
from knowledge.overlap.graph import with_one
from knowledge.overlap.labels import Label
from knowledge.overlap.numbering import part_of
from knowledge.overlap.profiles import Profile, profile
from knowledge.overlap.words import own_numbers
from knowledge.records import Record
from tests.knowledge.overlap.making import RESOLVER, corpus, others, record

PROGRAMME = "XI-IATI-EC_INTPA-2017/38674/0"
CONTRACT = "XI-IATI-EC_NEAR-2017/391-097"


def numbered(ident: str, *numbers: str, ref: str, country: str = "", title: str = "Support schemes") -> Record:
    made = record(ident, title, by=f"Commission {ref[-5:]}", ref=ref, country=country)
    return replace(made, extra=tuple(("other-identifier", number) for number in numbers))


def programme(*numbers: str, ref: str = "XI-IATI-EC_INTPA") -> Record:
    return numbered(PROGRAMME, *(numbers or ("A2 2017000043",)), ref=ref)


def contract(*numbers: str, ref: str = "XI-IATI-EC_NEAR") -> Record:
    made = numbers or ("A2 2017000043057",)
    return numbered(CONTRACT, *made, ref=ref, country="KE", title="Rights of people with mental disorders")


def seen(record: Record) -> Profile:
    return profile(record, RESOLVER)


def counts(one: Record, two: Record) -> float:
    whole = corpus(one, two, *others(30))
    there, back = (evidence(whole, np.array([a]), np.array([b])).of("code_within")[0] for a, b in ((0, 1), (1, 0)))
    assert there == back
    return float(there)


@pytest.mark.parametrize(
    ("stated", "number"),
    [
        ("A2 2017000043057", ["2017000043057"]),
        ("A1 FDEAC19-AM-FY20/21", ["fdeac19amfy2021"]),
        ("2020/ACC/0000900031", ["2020acc0000900031"]),
        ("B1 GB-GOV-1-2034567", []),
        ("A1 BAN217", []),
        ("A1 PROGRAMME-OF-MANY-WORDS", []),
        ("", []),
    ],
)
def test_what_counts_as_a_number(stated: str, number: list[str]) -> None:
    assert list(own_numbers([stated])) == number


def test_a_part_is_found_where_neither_text_nor_place_tells() -> None:
    whole = corpus(programme(), contract(), *others(30))
    found = candidates(whole, links=False)
    (pair,) = np.flatnonzero((found.left == 0) & (found.right == 1))
    assert found.channels[pair] >> CHANNELS.index("code") & 1
    decided = decide(evidence(whole, np.array([0]), np.array([1]), links=False), links=False)
    assert decided.label(0) is Label.FAMILY


def test_one_that_is_asked_about_alone_is_weighed_as_those_that_stand_there() -> None:
    whole, one = corpus(programme(), *others(30)), seen(contract())
    made, row = with_one(whole, one, np.zeros(64, np.float32))
    assert 0 in {int(made.left[k] + made.right[k]) - row for k in made.around(row).tolist()}


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (programme(), contract("A2 2017000044057")),
        (programme(), contract(ref="XM-DAC-6-4")),
        (programme("A2 2017000"), contract("A2 2017000057")),
        (programme(), contract("A2 201700004305711")),
        (programme("A2 2017000043057"), contract()),
        (programme("B1 2017000043"), contract()),
    ],
    ids=["another", "of others", "too short", "far longer", "the same", "an organisation's"],
)
def test_what_is_no_part(one: Record, two: Record) -> None:
    assert counts(one, two) == 0.0
    assert part_of(seen(one), seen(two)) is None


def test_identifiers_are_parts_at_their_pieces_only() -> None:
    def made(ident: str) -> Record:
        return numbered(ident, ref="GB-GOV-1")

    assert counts(made("GB-GOV-1-300044"), made("GB-GOV-1-300044-104")) == 1.0
    assert counts(made("GB-GOV-1-300044"), made("GB-GOV-1-3000441")) == 0.0


@pytest.mark.parametrize("turned", [False, True])
def test_it_is_told_and_quoted(turned: bool) -> None:
    records = [contract(), programme()] if turned else [programme(), contract()]
    (clause,) = (c for c in explain(*map(seen, records)) if c.fact is Fact.PART_OF_NUMBER)
    said = sentence(Words("en"), clause, "ONE", "OTHER", {})
    assert "2017000043057 of one begins with 2017000043," in said
    quotes = {span.quote for one in records for span in cited(clause, one, clause.both, {})}
    assert quotes == {"A2 2017000043", "A2 2017000043057"}
