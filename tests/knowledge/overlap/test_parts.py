"""The parts of the engine: sparse rows, words, parties, resolver, labels, measures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.overlap import labels, measuring, parties, sparse, words
from knowledge.overlap.labels import LABELS, Label, LabelledPair, UnreadablePairs
from knowledge.overlap.resolver import Resolver
from knowledge.records import OrganisationMention, Role
from knowledge.text import stem
from knowledge.vocabulary import LANGUAGES
from tests.knowledge.overlap.making import RESOLVER


def told(text: str) -> words.Told:
    return words.told([stem(word) for word in words.words_of(text)])


def keys(name: str, ref: str = "", kind: str = "") -> dict[str, float]:
    return parties.keys(OrganisationMention(Role.FUNDING, name, ref=ref, kind=kind), Resolver())


def test_shared_entries_are_those_of_a_plain_loop() -> None:
    random = np.random.default_rng(1)
    held = [
        {int(c): float(v) for c, v in zip(random.integers(0, 20, 6), random.random(6), strict=True)} for _ in range(30)
    ]
    rows = sparse.rows(held)
    left, right = random.integers(0, 30, 200), random.integers(0, 30, 200)
    found = sparse.per_pair(rows.shared(left, right), rows.shared(left, right).left, 200)
    wanted = [sum(held[i][c] for c in held[i].keys() & held[j].keys()) for i, j in zip(left, right, strict=True)]
    assert np.allclose(found, wanted, atol=1e-5)


def test_rows_of_nothing_share_nothing() -> None:
    rows = sparse.rows([set(), set()])
    shared = rows.shared(np.array([0]), np.array([1]))
    assert len(shared.pair) == 0
    assert sparse.per_pair(shared, shared.left, 1).tolist() == [0.0]


def test_every_group_and_service_has_labels_and_words_in_all_languages() -> None:
    for ident, row in words.kinds_of_words().items():
        assert set(row["labels"]) == set(LANGUAGES), ident  # type: ignore[call-overload]
        assert row["kind"] in ("group", "service")
        assert (
            ident
            in told(words.word_label(ident, "en") + " " + str(row["words"])).groups | told(str(row["words"])).services
        )


@pytest.mark.parametrize(
    "text",
    [
        "Vaccination of refugees and handwashing in schools",
        "Vaccination des réfugiés et lavage des mains dans les écoles",
        "Vacunación de refugiados y lavado de manos en las escuelas",
        "Vacinação de refugiados e lavagem das mãos nas escolas",
    ],
)
def test_the_same_work_is_told_in_any_language(text: str) -> None:
    assert "refugees" in told(text).groups
    assert {"vaccination", "handwashing"} <= told(text).services


def test_codes_are_no_dates_and_no_amounts() -> None:
    assert words.codes("Grant ET-20/DDA-3379 of 2020-05-01, USD 1,250,000 for 12 months, ref INV-017216.") == {
        "et20dda3379",
        "inv017216",
    }


def test_sentences_compare_but_for_case_and_spaces() -> None:
    one = words.sentence_key("The project trains  midwives in four districts.")
    assert one == words.sentence_key("the project trains midwives in four districts.") != 0
    assert words.sentence_key("Short.") == 0


def test_places_are_read_from_texts_of_their_country_only() -> None:
    assert RESOLVER.told("Clinics in Lamu and Mpeketoni, and in lamu lowercase.", ["KE"]) == {
        "KE|KE010|",
        "KE|KE010|KE0101|",
    }
    assert RESOLVER.told("Clinics in Lamu.", ["UG"]) == set()


def test_development_banks_of_two_continents_never_meet() -> None:
    one, other = keys("African Development Bank"), keys("Asian Development Bank")
    assert one.keys().isdisjoint(other)
    assert keys("AfDB").keys().isdisjoint(keys("AsDB"))


def test_members_of_a_federation_meet_less_surely_than_an_identifier() -> None:
    one, other = keys("Oxfam GB", "GB-CHC-202918"), keys("Oxfam Novib", "NL-KVK-27108436")
    shared = one.keys() & other.keys()
    assert shared
    assert max(one[key] for key in shared) == parties.SAME_FAMILY
    again = keys("Somebody", "GB-CHC-202918")
    assert max(again[key] for key in one.keys() & again.keys()) == parties.SAME


def test_a_department_speaks_for_its_government() -> None:
    one = keys("Swedish International Development Cooperation Agency")
    assert "government SE" in one.keys() & keys("Government of Sweden").keys()


@pytest.mark.parametrize("name", ["Pending approval", "International NGO", "N/A", "Various"])
def test_names_of_nobody_have_no_keys(name: str) -> None:
    assert keys(name) == {}


def write(folder: Path, text: str) -> Path:
    file = folder / "pairs.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_pairs_are_read_with_what_is_optional(tmp_path: Path) -> None:
    file = write(tmp_path, "a,b,label,confidence,stratum,why\nx,y,overlap,2,S3,both\ny,z,chain,,,\n")
    assert labels.read(file) == [
        LabelledPair("x", "y", Label.OVERLAP, 2, "S3", "both"),
        LabelledPair("y", "z", Label.CHAIN),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b\nx,y\n", "no column label"),
        ("a,b,label\nx,x,chain\n", ":2"),
        ("a,b,label\nx,y,same\n", "'same' is unknown"),
        ("a,b,label,confidence\nx,y,chain,7\n", "'7' is not"),
    ],
)
def test_wrong_pairs_are_refused_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UnreadablePairs, match=said):
        labels.read(write(tmp_path, text))


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadablePairs):
        labels.read(tmp_path / "none.csv")


def test_no_record_is_on_both_sides_of_a_fold() -> None:
    pairs = [LabelledPair(f"r{n}", f"r{n + 1 + n % 3}", Label.CHAIN) for n in range(0, 90, 2)]
    fold_of = measuring.folds(labels.groups(pairs), 5, seed=3)
    for fold in range(5):
        inside = {ident for pair, f in zip(pairs, fold_of, strict=True) if f == fold for ident in (pair.a, pair.b)}
        outside = {ident for pair, f in zip(pairs, fold_of, strict=True) if f != fold for ident in (pair.a, pair.b)}
        assert inside.isdisjoint(outside)


def test_scores_count_what_is_present() -> None:
    wanted, given = np.array([1, 1, 3, 5]), np.array([1, 5, 3, 5])
    score = measuring.score(wanted, given, np.array([1.0, 1.0, 1.0, 1.0]))
    assert set(score.f1) == {LABELS[1], LABELS[3], LABELS[5]}
    assert score.f1[Label.CHAIN] == pytest.approx(2 / 3)
    assert score.macro_f1 == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert score.calibration == pytest.approx(0.25)
    assert score.confusion[Label.CHAIN] == {Label.CHAIN: 1, Label.UNRELATED: 1}
