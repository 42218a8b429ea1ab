"""What stands under one heading: the same work reported again or paid for, never the partners of one donor."""

from __future__ import annotations

import numpy as np

from knowledge.overlap import folding
from knowledge.overlap.folding import Known, Ties, judged_as
from knowledge.overlap.labels import LABELS, Label


def known(label: Label, chance: float) -> Known:
    rest = (1.0 - chance) / (len(LABELS) - 1)
    return Known(label, tuple(chance if each is label else rest for each in LABELS))


def ties(*pairs: tuple[int, int, Label, float]) -> Ties:
    found = Ties()
    for one, other, label, chance in pairs:
        found.add(one, other, known(label, chance))
    return found


def headings(found: Ties, rows: list[int], reporters: list[int] | None = None) -> set[tuple[int, ...]]:
    numbers = np.array(reporters or range(max(rows) + 10), np.int64)
    return {tuple(sorted(group)) for group in folding.headings(found, rows, numbers)}


def test_a_chain_from_donor_to_the_field_is_one_heading() -> None:
    chain = ties((0, 1, Label.CHAIN, 0.9), (1, 2, Label.CHAIN, 0.8), (0, 2, Label.CHAIN, 0.6))
    assert headings(chain, [0, 1, 2]) == {(0, 1, 2)}


def test_two_partners_of_one_donor_stay_apart_where_they_overlap() -> None:
    found = ties((0, 1, Label.CHAIN, 0.9), (0, 2, Label.CHAIN, 0.8), (1, 2, Label.OVERLAP, 0.7))
    assert headings(found, [0, 1, 2]) == {(0, 1), (2,)}


def test_grants_of_one_donor_to_one_partner_do_not_become_one() -> None:
    """Two grants (rows 0 and 1, of one publisher) and two projects (rows 2 and 3, of another)."""
    found = ties((0, 2, Label.CHAIN, 0.9), (1, 3, Label.CHAIN, 0.8), (0, 3, Label.CHAIN, 0.6), (1, 2, Label.CHAIN, 0.6))
    assert headings(found, [0, 1, 2, 3], [7, 7, 8, 8]) == {(0, 2), (1, 3)}


def test_what_one_publisher_reports_twice_is_one() -> None:
    assert headings(ties((0, 1, Label.DUPLICATE, 0.9)), [0, 1], [7, 7]) == {(0, 1)}


def test_a_donor_of_everybody_does_not_make_all_work_one() -> None:
    found = ties(*((0, row, Label.CHAIN, 0.9) for row in range(1, 40)))
    assert max(len(group) for group in headings(found, list(range(40)))) < 5


def test_what_is_hardly_a_chain_folds_nothing() -> None:
    assert headings(ties((0, 1, Label.CHAIN, 0.3)), [0, 1]) == {(0,), (1,)}


def test_a_record_without_pairs_is_its_own_heading() -> None:
    assert headings(Ties(), [3]) == {(3,)}


def test_parts_of_a_programme_stand_together_but_not_with_what_overlaps() -> None:
    found = ties((0, 1, Label.FAMILY, 0.9), (1, 2, Label.FAMILY, 0.9), (0, 2, Label.OVERLAP, 0.9))
    groups = [(0,), (1,), (2,)]
    assert sorted(map(sorted, folding.programmes(found, groups))) == [[0, 1], [2]]


def test_people_outrank_the_model() -> None:
    found = ties((0, 1, Label.CHAIN, 0.9), (0, 2, Label.OVERLAP, 0.9))
    index = {"a": 0, "b": 1, "c": 2, "d": 3}
    folding.judge(
        found,
        index,
        {
            frozenset(("a", "b")): Label.UNRELATED,
            frozenset(("a", "c")): Label.DUPLICATE,
            frozenset(("a", "gone")): Label.DUPLICATE,
        },
    )
    assert found.between(0, 1) is None
    assert found.between(2, 0) == judged_as(Label.DUPLICATE)
    assert headings(found, [0, 1, 2]) == {(0, 2), (1,)}


def test_the_order_of_pairs_changes_nothing() -> None:
    pairs = [(0, 1, Label.CHAIN, 0.9), (2, 1, Label.CHAIN, 0.8), (3, 0, Label.CHAIN, 0.7), (2, 3, Label.CHAIN, 0.6)]
    turned = [(b, a, label, chance) for a, b, label, chance in reversed(pairs)]
    assert headings(ties(*pairs), [0, 1, 2, 3]) == headings(ties(*turned), [0, 1, 2, 3])
