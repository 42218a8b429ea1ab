"""Targets and figures are compared where they are numbers of one kind, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.access import PUBLIC
from knowledge.extracts import results
from knowledge.extracts.questions import concept_of_theme
from knowledge.extracts.results import State, compare, number_of, title_of
from knowledge.finding import Facets
from knowledge.records import Indicator
from tests import homes


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,200", (1200.0, False)), ("1 200", (1200.0, False)), ("1.200,5", (1200.5, False)), ("0.250", (0.25, False)),
        ("80 %", (80.0, True)), ("80%", (80.0, True)), ("12 per cent", (12.0, True)), ("46645.00", (46645.0, False)),
        ("1.200", None), ("n/a", None), ("5 boreholes", None), ("3/5", None), ("", None), ("2020:1000 ()", None),
    ],
)  # fmt: skip
def test_a_value_is_a_number_only_where_it_can_be_nothing_else(written: str, number: tuple[float, bool] | None) -> None:
    assert number_of(written) == number


@pytest.mark.parametrize(
    ("baseline", "target", "actual", "state", "percent"),
    [
        ("", "1,000", "820", State.BELOW, 82),
        ("0", "1000", "1000", State.REACHED, 100),
        ("", "1000", "999.9", State.BELOW, 99),  # never rounded up to a target that was missed
        ("", "80%", "96%", State.REACHED, 120),
        ("30", "10", "8", State.REACHED, None),  # less is better
        ("30", "10", "12", State.BELOW, None),
        ("", "80%", "400", State.NOT_NUMBERS, None),
        ("", "0", "5", State.NOT_NUMBERS, None),
        ("", "", "5", State.NO_TARGET, None),
        ("", "5", "", State.NO_ACTUAL, None),
        ("", "5", ": ()", State.NO_ACTUAL, None),
        ("", "five", "5", State.NOT_NUMBERS, None),
    ],
)
def test_a_figure_is_held_against_its_target(
    baseline: str, target: str, actual: str, state: State, percent: int | None
) -> None:
    indicator = Indicator("Water", "Households", baseline=baseline, target=target, actual=actual)
    assert compare(indicator) == (state, percent)


@pytest.mark.parametrize(
    ("result", "title", "said"),
    [
        ("Safe water", "Households with safe water", "Households with safe water"),
        ("Safe water", "Number", "Safe water: Number"),
        ("Safe water", "Not applicable", "Safe water"),
        ("Safe water", "", "Safe water"),
    ],
)
def test_an_indicator_is_named_so_that_it_says_something(result: str, title: str, said: str) -> None:
    assert title_of(Indicator(result, title)) == said


def test_the_latest_period_that_can_be_compared_counts_and_nothing_is_added_up(tmp_path: Path) -> None:
    years = [(2024, "100", "70"), (2025, "100", "90"), (2026, "200", "")]
    wells = tuple(
        Indicator(
            "Water",
            "Wells repaired by hand",
            target=target,
            actual=actual,
            start=date(year, 1, 1),
            end=date(year, 12, 31),
        )
        for year, target, actual in years
    )
    other = Indicator("Talk", "Meetings held in the year", target="4", actual="4", end=date(2026, 12, 31))
    first = replace(homes.activity("w1", "Wells", who=["Amber"], sectors=["14031"]), indicators=(other, *wells))
    with homes.opened(tmp_path) as home:
        homes.put(home, "a", [first, homes.activity("w2", "More wells", who=["Basalt"], sectors=["14031"])])
        with home.database.read() as session:
            found = results.find(session, Facets(themes=("water",)), [concept_of_theme("water")], PUBLIC)
    assert [(r.title, r.indicator.target, r.percent) for r in found.readings] == [
        ("Wells repaired by hand", "100", 90),
        ("Meetings held in the year", "4", 100),
    ]
    assert ([hit.id for hit in found.records], found.without, found.unread) == (["w1"], 1, 0)
    assert {item.field: item.quote for item in found.readings[0].evidence}["indicators/2/actual"] == "90"


def test_a_figure_that_is_the_baseline_still_is_no_progress() -> None:
    indicator = Indicator("Talk", "Level of talk", baseline="25", target="40", actual="25.00")
    hit = homes_hit()
    reading = results.Reading(hit, 0, indicator, *compare(indicator), ())
    assert reading.unchanged
    assert not replace(reading, indicator=replace(indicator, actual="30")).unchanged


def homes_hit() -> results.Hit:
    from tests.knowledge.test_answers import hit

    return hit(1)


def test_a_record_whose_indicators_say_nothing_reports_no_result_and_is_still_a_record(tmp_path: Path) -> None:
    empty = (Indicator("", "Not applicable", target="1"), Indicator("Water", "Wells dug by hand"))
    told = replace(homes.activity("w1", "Wells", who=["Amber"], sectors=["14031"]), indicators=empty)
    with homes.opened(tmp_path) as home:
        homes.put(home, "a", [told])
        with home.database.read() as session:
            found = results.find(session, Facets(themes=("water",)), [], PUBLIC)
    assert (found.readings, found.records, found.without) == ((), (), 1)
