"""When a reading counts as the one that was meant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.evaluation.matching import Named, Reading, asked_back, compare, of_answer, of_entities
from connectors.evaluation.utterances import Utterance, read


@pytest.fixture
def wanted(tmp_path: Path) -> Any:
    def make(**fields: object) -> Utterance:
        path = tmp_path / "one.jsonl"
        path.write_text(json.dumps({"text": "?", "lang": "en", "intent": "who_does_what"} | fields), encoding="utf-8")
        return read(path)[0]

    return make


def right(slot: str, reading: Reading, utterance: Utterance, **more: Any) -> bool:
    given, meant = compare(reading, utterance, **more)[slot]
    return given == meant


@pytest.mark.parametrize(
    ("name", "country", "given", "same"),
    [
        ("Segou", "ML", Named("ML04", "Ségou", "ML"), True),
        ("Kassala State", "SD", Named("SD11", "Kassala", "SD"), True),
        ("Herat", "AF", Named("AF32", "Hirat", "AF"), True),
        ("Kenya", "KE", Named("KE", "Kenya", "KE"), True),
        ("Niger", "NE", Named("NG", "Nigeria", "NG"), False),
        ("Central", "KE", Named("UG3", "Central", "UG"), False),
        ("Gedo", "SO", Named("SO26", "Lower Juba", "SO"), False),
        ("Sahel", None, Named("area:sahel", "Sahel", ""), True),
    ],
)
def test_places(wanted: Any, name: str, country: str | None, given: Named, same: bool) -> None:
    utterance = wanted(places=[{"name": name, "country": country}])
    assert right("places", Reading(places=(given,)), utterance) is same


def test_a_place_too_many_or_too_few_is_wrong(wanted: Any) -> None:
    gedo, bay = Named("SO26", "Gedo", "SO"), Named("SO24", "Bay", "SO")
    utterance = wanted(places=[{"name": "Gedo", "country": "SO"}])
    assert not right("places", Reading(places=(gedo, bay)), utterance)
    assert not right("places", Reading(), utterance)


@pytest.mark.parametrize(
    ("meant", "given", "same"),
    [
        (["cholera"], ["cholera"], True),
        (["cholera"], ["health"], True),
        (["health"], ["cholera"], True),
        (["GBV"], ["protection"], True),
        (["GBV", "protection"], ["protection"], False),
        (["GBV"], ["health"], False),
        (["WASH"], ["wash", "health"], False),
    ],
)
def test_a_wider_or_finer_theme_stands_for_one(wanted: Any, meant: list[str], given: list[str], same: bool) -> None:
    assert right("themes", Reading(themes=tuple(given)), wanted(themes=meant)) is same


@pytest.mark.parametrize(
    ("given", "same"),
    [
        (Named("a", "Norwegian Refugee Council"), True),
        (Named("a", "Norwegian Refugee Council - NRC"), True),
        (Named("a", "NRC", typed="NRC"), True),
        (Named("a", "National Resilience Council"), False),
    ],
)
def test_organisations(wanted: Any, given: Named, same: bool) -> None:
    utterance = wanted(organisations=["Norwegian Refugee Council (NRC)"])
    assert right("organisations", Reading(organisations=(given,)), utterance) is same


def test_an_organisation_counts_under_the_name_its_sources_use(wanted: Any) -> None:
    utterance = wanted(organisations=["Acme Relief (AR)"])
    reading = Reading(organisations=(Named("bureau-7", "Bureau for Help"),))
    assert not right("organisations", reading, utterance)
    assert right("organisations", reading, utterance, known={"Acme Relief (AR)": {"bureau-7"}})
    assert not right("organisations", reading, utterance, known={"Acme Relief (AR)": {"bureau-8"}})


def test_periods_kinds_and_records(wanted: Any) -> None:
    utterance = wanted(
        period={"start": "2026-05-01", "end": None},
        organisation_kinds=["NGO"],
        records=["XA-1-2", "Seeds of Hope"],
    )
    reading = Reading(
        periods=("2026-05-01..",), kinds=("ngo",), records=("xa-1-2", "zz-9"), titles=("", "SEEDS of hope, phase 2")
    )
    assert all(right(slot, reading, utterance) for slot in ("periods", "kinds", "records"))
    by_words = Reading(records=("XA-1-2",), words="seeds of hope")
    assert right("records", by_words, utterance)
    assert not right("records", Reading(records=("XA-1-2",)), utterance)
    assert not right("periods", Reading(periods=("2026-05-01..2026-05-31",)), utterance)


def test_a_choice_between_readings_is_asking_back(wanted: Any) -> None:
    utterance = wanted(places=[{"name": "Tripoli", "country": "LB"}])
    assert asked_back(Reading(offered=("Tripoli, Lebanon", "Tripoli, Libya")), utterance)
    assert not asked_back(Reading(offered=("Beirut",)), utterance)
    wrong = Reading(offered=("Tripoli, Lebanon",), places=(Named("LY", "Libya", "LY"),))
    assert not asked_back(wrong, utterance)
    assert not asked_back(Reading(places=(Named("LB5", "Tripoli", "LB"),)), utterance)


def test_an_answer_and_a_link_result_become_readings() -> None:
    answer = {
        "query": {
            "intent": "describe_record",
            "places": [{"id": "SO26", "name": "Gedo", "country": "SO"}],
            "themes": [{"id": "wash", "name": "WASH"}],
            "organisations": [{"id": "a", "name": "A"}],
            "organisation_kinds": ["un"],
            "period": {"start": None, "end": "2026-01-31"},
            "records": ["X-1"],
            "words": "wells",
        },
        "records": [{"id": "X-1", "title": "Wells"}],
        "reply": {"buttons": [{"title": "Gedo"}]},
    }
    reading = of_answer(answer)
    assert (reading.intent, reading.periods, reading.titles) == ("describe_record", ("..2026-01-31",), ("Wells",))
    assert (reading.offered, reading.words) == (("Gedo",), "wells")
    entities = [
        {"type": "organisation", "text": "Aye", "value": {"id": "a", "name": "A"}},
        {"type": "period", "text": "May", "value": {"start": "2026-05-01", "end": "2026-05-31"}},
    ]
    linked = of_entities(entities)
    assert linked.organisations == (Named("a", "A", "", "Aye"),)
    assert linked.periods == ("2026-05-01..2026-05-31",)
