"""What of the records a message asks for, read from its words in five languages."""

from __future__ import annotations

from typing import Any

import pytest

from bot.answers import focus_reading
from knowledge.reply import Focus, OrganisationReading, PlaceReading, Query

KENYA = PlaceReading(id="KE", name="Kenya", country="KE", level=0)
ETHIOPIA = PlaceReading(id="ET", name="Ethiopia", country="ET", level=0)
SOMEBODY = OrganisationReading(id="acme-relief", name="Acme Relief")


def read(text: str, query: Query | None = None) -> dict[str, Any] | None:
    focus = focus_reading.read(text, query or Query(places=[KENYA]))
    return focus.model_dump(exclude_defaults=True) if focus else None


@pytest.mark.parametrize(
    "text",
    [
        "How many organisations are in Turkana?",
        "Combien d'organisations y a-t-il au Turkana ?",
        "¿Cuántas organizaciones hay en Turkana?",
        "كم منظمة تعمل في توركانا؟",
        "Quantas organizações há em Turkana?",
        "hw many organistions are in Turkana",
        "what is the number of partners in Turkana",
    ],
)
def test_how_many_organisations(text: str) -> None:
    assert read(text) == {"about": "organisations", "count": True}


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("How many projects are there?", "projects"),
        ("Combien de projets ?", "projects"),
        ("¿Cuántos proyectos hay?", "projects"),
        ("كم مشروع في كينيا؟", "projects"),
        ("Quantos projetos há?", "projects"),
        ("how many grants", "grants"),
    ],
)
def test_how_many_records_of_a_kind(text: str, unit: str) -> None:
    assert read(text) == {"about": "records", "count": True, "unit": unit}


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Which provinces have a partner?", 1),
        ("Dans quelles provinces travaillent-ils ?", 1),
        ("¿En qué distritos trabajan?", 2),
        ("في أي محافظات تعمل؟", 1),
        ("Em que distritos trabalham?", 2),
        ("where are they?", None),
        ("Où sont-ils ?", None),
        ("¿Dónde están?", None),
        ("أين تعمل؟", None),
        ("Onde trabalham?", None),
    ],
)
def test_places_and_their_level(text: str, level: int | None) -> None:
    assert read(text) == {"about": "places"} | ({} if level is None else {"level": level})


def test_a_word_for_places_means_what_it_means_in_the_country() -> None:
    assert focus_reading.read("which counties?", Query(places=[KENYA])) == Focus(about="places", level=1)
    assert focus_reading.read("which districts?", Query(places=[ETHIOPIA])) == Focus(about="places", level=3)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("When do they end?", "end"),
        ("Until when are they there?", "end"),
        ("Quand se terminent les projets ?", "end"),
        ("¿Hasta cuándo trabajan?", "end"),
        ("Quando começam?", "start"),
        ("متى تنتهي؟", "end"),
        ("Which ones start in 2024?", "start"),
    ],
)
def test_dates(text: str, date: str) -> None:
    assert read(text) == {"about": "dates", "date": date}


@pytest.mark.parametrize(
    "text",
    [
        "Is Acme Relief still in Turkana?",
        "Acme Relief est-elle au Turkana ?",
        "¿Sigue Acme Relief en Turkana?",
        "هل لا تزال Acme Relief في توركانا؟",
        "A Acme Relief ainda está em Turkana?",
    ],
)
def test_whether_somebody_is_there(text: str) -> None:
    assert read(text, Query(organisations=[SOMEBODY])) == {"about": "presence"}


def test_the_most_and_the_fewest() -> None:
    expected = {"about": "organisations", "rank": "most", "measure": "records", "unit": "projects"}
    assert read("Who has the most projects in Kenya?") == expected
    assert read("Qui a le plus de projets au Kenya ?") == expected
    assert read("Which county has the fewest partners?") == {
        "about": "places",
        "level": 1,
        "rank": "fewest",
        "measure": "organisations",
    }


def test_broken_down() -> None:
    assert read("Break down the organisations by kind") == {"about": "kinds", "measure": "organisations"}
    assert read("How many projects by year?") == {"about": "years", "measure": "records", "unit": "projects"}


@pytest.mark.parametrize(
    "text",
    ["Which districts have no partner?", "how many wells were drilled", "and in Gedo?", "tell me more", "UNICEF"],
)
def test_other_messages_have_no_focus(text: str) -> None:
    assert read(text) is None


def test_a_follow_up_keeps_or_completes_the_focus() -> None:
    counted = Focus(about="records", count=True, unit="projects")
    places = Focus(about="places", level=2)
    assert focus_reading.follow(counted, None) == counted
    assert focus_reading.follow(counted, places) == places
    assert focus_reading.follow(places, Focus(count=True)) == Focus(about="places", level=2, count=True)
    assert focus_reading.follow(None, Focus(count=True)) == Focus(count=True)


def test_what_is_counted_where_the_words_leave_it_open() -> None:
    assert focus_reading.settled(Focus(count=True), Query()).about == "organisations"
    assert focus_reading.settled(Focus(count=True), Query(organisations=[SOMEBODY])).about == "records"


def test_words_that_only_steer_are_no_topic() -> None:
    assert focus_reading.without("terminent districts boreholes") == "boreholes"
    assert focus_reading.without("Kollective break down") == "Kollective"


def test_what_decides_over_a_neighbouring_reading() -> None:
    assert focus_reading.decides("how many projects?", read_focus("how many projects?"))
    assert not focus_reading.decides("how many projects overlap?", read_focus("how many projects overlap?"))
    assert not focus_reading.decides("who is there?", read_focus("who is there?"))


def read_focus(text: str) -> Focus | None:
    return focus_reading.read(text, Query(places=[KENYA]))
