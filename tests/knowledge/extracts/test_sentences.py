"""A text comes apart into sentences that are slices of it, in every language of the index."""

from __future__ import annotations

import random

import pytest

from knowledge.extracts.sentences import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It works e.g. in ponds. Dr. Amber leads.", ["It works e.g. in ponds.", "Dr. Amber leads."]),
        ("Built in 2024. Five wells, 3.5 km apart.", ["Built in 2024.", "Five wells, 3.5 km apart."]),
        ("See Art. 5 and No. 12. Nobody asked.", ["See Art. 5 and No. 12.", "Nobody asked."]),
        ("He said no. Others agreed.", ["He said no.", "Others agreed."]),
        ("J. K. Amber of U.S. origin. Next.", ["J. K. Amber of U.S. origin.", "Next."]),
        ("¿Por qué? Porque sí… Bien.", ["¿Por qué?", "Porque sí…", "Bien."]),
        ("L'eau, p. ex. les forages. « Fin. » Après.", ["L'eau, p. ex. les forages.", "« Fin. »", "Après."]),
        ("تأسست عام 1990. هل تعمل هنا؟ نعم؛ وتدعم.", ["تأسست عام 1990.", "هل تعمل هنا؟", "نعم؛ وتدعم."]),
        ("Tasks:\n1. To set rules.\n2. To lead. And more.", ["Tasks:", "To set rules.", "To lead.", "And more."]),
        ("- first thing\n  goes on\n- second thing", ["first thing\n  goes on", "second thing"]),
        ("PURPOSE\nThe agency exists for wells and for the price of\nmaize.", ["PURPOSE",
         "The agency exists for wells and for the price of\nmaize."]),
        ("", []),
        (" \n — ... \n", []),
    ],
)  # fmt: skip
def test_sentences_end_where_a_reader_would_end_them(text: str, expected: list[str]) -> None:
    assert [sentence.text for sentence in sentences(text)] == expected


def test_every_sentence_is_a_slice_and_they_stand_in_order() -> None:
    rng = random.Random(3)
    pieces = [
        "Wells. ",
        "no. 5 ",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "e.g. ",
        "؟ ",
        "نعم ",
        "x" * 500 + "; ",
        "Ends! ",
        "(a) ",
        '"Q." ',
    ]
    for _ in range(300):
        text = "".join(rng.choices(pieces, k=rng.randrange(14)))
        last = 0
        for sentence in sentences(text):
            assert text[sentence.start : sentence.end] == sentence.text
            assert sentence.start >= last
            assert sentence.text.strip() == sentence.text != ""
            last = sentence.end


def test_a_very_long_sentence_is_taken_clause_by_clause() -> None:
    clause = "the office registers people and advises them on their papers, "
    text = f"{clause * 5}; {clause * 5}; {clause * 2}."
    found = sentences(text)
    assert len(found) == 3
    assert all(len(sentence.text) < 420 for sentence in found)
