"""Hundreds of questions in five languages, on a small gazetteer always and on the real one where it is there."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from benchmarks import linking as measure
from knowledge.linking import Lexicon, Linker
from tests.knowledge.linking.cases import LANGUAGES, TYPES, cases, given, places

LEAST = {"place": 0.98, "theme": 0.98, "organisation": 0.98, "kind": 0.95, "period": 0.98, "record": 1.0}


@pytest.fixture(scope="module")
def small(today: date) -> Linker:
    return Linker(Lexicon([], places()), today)


def read(linker: Linker, languages: tuple[str, ...]) -> tuple[dict[str, float], list[str]]:
    """F1 of each type, and what was read otherwise than wanted."""
    right: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    misses = []
    for case in (case for language in languages for case in cases(language)):
        result = linker.link(case.text)
        for kind in TYPES:
            wanted = case.asked.get(kind) or case.wanted[kind]
            got = given(result, case, kind)
            if kind in case.asked and wanted <= got:
                got = wanted  # asked back, the right readings among those offered
            right[kind] += len(got & wanted)
            counted[kind] += len(got) + len(wanted)
            if got != wanted:
                misses.append(f"{case.text!r} {kind}: {sorted(got)} wanted {sorted(wanted)}")
    return {kind: 2 * right[kind] / counted[kind] if counted[kind] else 1.0 for kind in TYPES}, misses


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_cases_of_a_language_are_read_right(small: Linker, language: str) -> None:
    scores, misses = read(small, (language,))
    assert all(score >= 0.9 for score in scores.values()), "\n".join(misses)


def test_all_cases_together_are_read_right(small: Linker) -> None:
    scores, misses = read(small, LANGUAGES)
    assert all(scores[kind] >= least for kind, least in LEAST.items()), "\n".join(misses)


def test_they_are_read_right_among_all_places_of_156_countries(shared_data: Path, today: date) -> None:
    lexicon = Lexicon(measure.read_organisations(shared_data), measure.read_places(shared_data))
    scores, misses = read(Linker(lexicon, today), LANGUAGES)
    assert min(scores["place"], scores["theme"], scores["organisation"]) >= 0.95, "\n".join(misses)


PROPOSAL = """
The proposed action will support the most vulnerable households in hard-to-reach areas of the lower valley, where the
last rains were poor and the harvest failed. We plan to save water, to care for children and older persons, and to give
families the means to rebuild. The goal of the project is of concern to all partners. Activities: first, a needs
assessment with the help of community leaders; second, the repair of the main road and of the bridge; third, training of
men and women in small trades; fourth, a fair for farmers with goods at market price. In the north the team will work
from a rural base; in the south a mobile unit will reach each village once in a month. Monitoring will rely on a sound
system, on home visits and on a hotline. The budget covers staff, travel, equipment, office rent and audit. Risks are
late permits, a bad season, rising prices and the state of the roads. An exit plan hands over to local authorities. The
action is in line with national policy and with the humanitarian plan, and will be led by one lead agency with its
partners under a memorandum. Lessons of the first phase were: start early, keep records, pay on time, and listen.
"""


def test_a_proposal_without_names_names_nothing(small: Linker) -> None:
    result = small.link(PROPOSAL)
    assert result.of("place") == []
    assert result.of("organisation") == []
    assert result.of("record") == []


def test_a_proposal_without_names_names_nothing_among_all_places(shared_data: Path, today: date) -> None:
    lexicon = Lexicon(measure.read_organisations(shared_data), measure.read_places(shared_data))
    result = Linker(lexicon, today).link(PROPOSAL)
    assert result.of("place") == []
    assert result.of("organisation") == []
