"""Quality and speed on the real gazetteer, the real lists of organisations and the utterances labelled by hand."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import linking as measure
from knowledge.linking import Lexicon, Linker


@pytest.fixture(scope="module")
def real_linker(shared_data: Path) -> Linker:
    places = [
        replace(place, weight=3) if place.country in {"ET", "TD"} else place
        for place in measure.read_places(shared_data)
    ]
    return Linker(Lexicon(measure.read_organisations(shared_data), places), measure.TODAY)


def test_utterances_are_read_right(real_linker: Linker, shared_data: Path) -> None:
    counts: dict[str, measure.Count] = defaultdict(measure.Count)
    for line in measure.gold_lines(shared_data):
        if not line.context:
            for name, pair in measure.compared(real_linker.link(line.text), line).items():
                counts[name].add(pair)
    assert counts["places"].f1 >= 0.95
    assert counts["themes"].f1 >= 0.95
    assert counts["organisations"].f1 >= 0.95
    assert counts["records"].f1 >= 0.95


def test_languages_of_questions_full_of_foreign_names(real_linker: Linker, shared_data: Path) -> None:
    lines = measure.gold_lines(shared_data)
    right = sum(real_linker.link(line.text).language == line.language for line in lines)
    assert right / len(lines) >= 0.97


@pytest.mark.parametrize(
    "text",
    [
        "Who supports it?",
        "Does anyone plan to close?",
        "give me the details please",
        "quién hace qué",
        "qui fait quoi ici ?",
    ],
)
def test_ordinary_questions_name_no_place_or_organisation(real_linker: Linker, text: str) -> None:
    result = real_linker.link(text)
    assert result.of("place") == []
    assert result.of("organisation") == []


def test_linking_is_fast(real_linker: Linker, shared_data: Path) -> None:
    texts = [line.text for line in measure.gold_lines(shared_data)]
    for text in texts:
        real_linker.link(text)
    started = time.process_time()
    for text in texts:
        real_linker.link(text)
    assert (time.process_time() - started) / len(texts) < 0.015
