"""What is done in a quick way gives what the long way gives."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from knowledge.overlap import candidates as blocking
from knowledge.overlap import kept, packing, usefulness, words
from knowledge.overlap import queue as queues
from knowledge.overlap.answering import Meets
from knowledge.overlap.candidates import Limits, candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.evidence import evidence
from knowledge.overlap.folding import judged_as
from knowledge.overlap.graph import build
from knowledge.overlap.kept import Made
from knowledge.overlap.labels import Label
from knowledge.overlap.parts import Wider
from knowledge.overlap.profiles import profile
from knowledge.overlap.seating import tables_of
from knowledge.records import Record
from tests.knowledge.overlap.making import RESOLVER, corpus, others, record

WORK = ("boreholes", "latrines", "clinics", "seeds", "schools", "roads", "courts")


def scattered(count: int) -> list[Record]:
    """Records of one country whose periods are spread over years, with organisations that many of them name."""
    return [
        record(
            f"r{n}",
            f"{WORK[n % 7]} and {WORK[n % 5]} {n}",
            f"Project number {n} repairs {WORK[n % 3]} and builds {WORK[(n * n) % 7]} with {WORK[n % 4]} committees.",
            by=f"Publisher {n % 6}",
            funds=[f"Donor {n % 4}"],
            does=[f"Publisher {(n + 1) % 6}", f"Partner {n % 3}"],
            area=("Lamu", "Kitui", "")[n % 3],
            start=date(2015, 1, 1) + timedelta(days=60 * n),
            end=date(2015, 1, 1) + timedelta(days=60 * n + 200 + 30 * (n % 9)),
        )
        for n in range(count)
    ]


def test_what_cannot_meet_a_tile_in_time_is_left_out_of_it_and_of_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    vectors = np.random.default_rng(0).normal(size=(80, 64)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    whole, limits = Corpus(corpus(*scattered(80)).raw, vectors), Limits(place=6, area=4, party=4)
    found = candidates(whole, limits)
    monkeypatch.setattr(blocking, "_TILE", 7)
    again = candidates(whole, limits)
    assert list(zip(again.left, again.right, again.channels, strict=True)) == list(
        zip(found.left, found.right, found.channels, strict=True)
    )
    place = blocking.CHANNELS.index("place")
    pairs = (found.channels >> place) & 1 == 1
    starts, ends = whole.spans
    meets = (starts[found.left] <= ends[found.right]) & (starts[found.right] <= ends[found.left])
    assert meets[pairs].all()
    assert 0 < pairs.sum() < 80 * 79 / 2


def test_who_takes_part_is_told_role_by_role_as_by_a_plain_loop() -> None:
    whole = corpus(*scattered(30))
    left, right = np.triu_indices(30, 1)
    found = evidence(whole, left, right)

    def surest(one: dict[str, float], other: dict[str, float]) -> float:
        return max((min(one[key], other[key]) for key in one.keys() & other.keys()), default=0.0)

    for k, (a, b) in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
        apart = whole.reporters[a] != whole.reporters[b]
        forth = surest(whole.doing.row(a), whole.reporting.row(b))
        back = surest(whole.doing.row(b), whole.reporting.row(a))
        assert found.of("who_implements")[k] == pytest.approx(max(forth, back) * apart)
        within = [
            len(whole.parties.row(one).keys() & whole.everybody.row(other).keys()) / max(1, len(whole.parties.row(one)))
            for one, other in ((a, b), (b, a))
        ]
        assert found.of("who_within")[k] == pytest.approx(max(within))


def test_a_pair_is_worth_what_its_places_and_owners_make_it() -> None:
    records = [
        record("a", "Wells", by="One", area="Lamu"),
        record("b", "Wells", by="Two", area="Lamu"),
        record("c", "Wells", by="Two", area="Kitui"),
        record("d", "Wells", by="Three", country="UG"),
        record("e", "Wells", by="Four", country=""),
        *others(40),
    ]
    whole = corpus(*records)
    left, right = np.array([0, 0, 0, 0, 1]), np.array([1, 2, 3, 4, 2])
    worth = [1.0, 0.75, 0.4, 0.75, 0.375]
    assert usefulness.use(whole, left, right).tolist() == pytest.approx(worth)
    assert usefulness.use(whole, np.repeat(left, 9), np.repeat(right, 9)).tolist() == pytest.approx(
        list(np.repeat(worth, 9))
    )
    one = profile(record("new", "Wells", by="Two", area="Mpeketoni"), RESOLVER)
    wider = Wider(whole, one, np.zeros(64, np.float32))
    new = np.full(3, len(whole))
    assert usefulness.use(wider, np.array([0, 1, 3]), new).tolist() == pytest.approx([1.0, 0.5, 0.4])
    assert usefulness.use(wider, np.zeros(0, np.int64), np.zeros(0, np.int64)).tolist() == []


def test_a_question_about_all_pairs_spells_out_those_alone_that_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made("kind", np.arange(60, dtype=np.uint64), build(corpus(*scattered(60))))
    kept.write(tmp_path / "graph", made)
    again = kept.read(tmp_path / "graph", "kind")
    assert again is not None
    assert len(again.graph) > 20
    spelt: list[bytes] = []
    adapter = packing._PROFILE

    class Counting:
        def validate_json(self, text: bytes) -> object:
            spelt.append(text)
            return adapter.validate_json(text)

    monkeypatch.setattr(packing, "_PROFILE", Counting())
    everything = np.ones(60, np.bool_)
    today = date(2016, 1, 1).toordinal()
    order = queues._least_sure(again.graph, queues._Asked(everything, everything), set(), today)
    assert sorted(order.tolist()) == list(range(len(again.graph)))
    usefulness.use(again.corpus, again.graph.left, again.graph.right)
    evidence(again.corpus, again.graph.left, again.graph.right)
    assert not spelt
    assert again.corpus.profiles[3].id == "r3"
    assert len(spelt) == 1


def test_those_who_meet_all_sit_at_one_table_and_each_pair_at_one_alone() -> None:
    def meets(one: int, other: int, score: float, label: Label = Label.OVERLAP) -> Meets:
        return Meets(one, other, (one, other), judged_as(label), score)

    pairs = [
        meets(0, 1, 0.9),
        meets(0, 2, 0.8),
        meets(1, 2, 0.7),
        meets(2, 3, 0.6),
        meets(0, 3, 0.5, Label.COMPLEMENTARY),
    ]
    seated = tables_of(pairs)
    assert [members for members, _ in seated] == [(0, 1, 2), (2, 3), (0, 3)]
    assert sorted(each.rows for _, kept in seated for each in kept) == sorted(each.rows for each in pairs)


def test_codes_are_found_whatever_stands_between_words() -> None:
    text = "Grant\tAB-12345/7,\u00a0phase II\nref: GB-CHC-202918 (see\u3000KE/2020/0041) of 12/05/2020, 1,500,000 or 7"
    assert words.codes(text) == {"ab123457", "gbchc202918", "ke20200041"}
    assert words.codes("no number, none at all") == set()


def test_phrases_are_whole_words_in_their_order() -> None:
    phrases = words.Phrases([("food security", "food"), ("security", "safe"), ("cash for work", "cash")])
    assert phrases.found(words.stems(words.words_of("Food security"))) == {"food", "safe"}
    assert phrases.found(words.stems(words.words_of("security of food"))) == {"safe"}
    assert phrases.found(words.stems(words.words_of("Cash, for works"))) == {"cash"}
    assert phrases.found(words.stems(words.words_of("cash for networking"))) == set()
