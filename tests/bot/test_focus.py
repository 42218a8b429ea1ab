"""Answers to how many, what, where, when, whether and the most: a right number first, cited, in five languages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from bot.answers import focus_reading, who
from bot.words import LANGUAGES, Words
from knowledge import indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.answers import cited_numbers, plain
from knowledge.home import Home
from knowledge.records import Access, GazetteerPlace, Level, Period, Record
from knowledge.reply import (
    Answer,
    Focus,
    OrganisationReading,
    PeriodReading,
    PlaceReading,
    Query,
    Result,
    Table,
    ThemeReading,
)
from tests.homes import TODAY, activity, implementer, opened, place, source, write

KENYA = PlaceReading(id="KE", name="Kenya", country="KE", level=0)
WATER = ThemeReading(id="water", name="Water")
ACME = OrganisationReading(id="acme-relief", name="Acme Relief")


def made(
    record_id: str, who: list[str], where: str = "", start: str = "2025-01-01", end: str = "", **more: str
) -> Record:
    period = Period(planned_start=date.fromisoformat(start), planned_end=date.fromisoformat(end) if end else None)
    places = [place(where, pcode={"Turkana": "KE023", "Garissa": "KE007"}[where])] if where else [place()]
    return activity(
        record_id,
        f"Work {record_id}",
        who=[implementer(name, kind="22" if name == "Acme Relief" else "40") for name in who],
        where=places,
        sectors=[more.get("sector", "14031")],
        period=period,
        status=more.get("status", "2"),
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        counties = [GazetteerPlace("KE", 1, "KE023", "Turkana"), GazetteerPlace("KE", 1, "KE007", "Garissa")]
        write(home, source("places"), counties)
        records = [
            made("KE-1", ["Acme Relief"], "Turkana", end="2027-06-30"),
            made("KE-2", ["Acme Relief", "Cedar Trust"], "Turkana", end="2026-12-31"),
            made("KE-3", ["Cedar Trust"], "Garissa", start="2023-02-01", end="2024-01-31", status="4"),
            made("KE-4", ["Acme Relief"], end="2025-06-30", sector="12220"),
        ]
        write(home, source("a"), records)
        hidden = made("XX-1", ["Hush"], "Garissa", end="2028-01-01")
        write(home, source("secret", Access(Level.OWN, "hush")), [hidden])
        indexing.finish(home)
        yield home


def ask(home: Home, text: str, *, audience: Audience = VISITOR, language: str = "en", **named: object) -> Answer:
    query = Query.model_validate({"intent": "who_does_what", "places": [KENYA], **named})
    query.focus = query.focus or focus_reading.read(text, query)
    with home.database.read() as session:
        return who.answer(session, query, audience, Words(language), TODAY)[0]


def result(answer: Answer) -> Result:
    assert answer.result is not None
    return answer.result


def first(answer: Answer) -> str:
    return plain(answer.reply).splitlines()[0]


def counts(answer: Answer) -> dict[str, tuple[int, int]]:
    return {row.name: (row.records, row.organisations) for row in result(answer).rows}


def test_how_many_organisations_and_records(home: Home) -> None:
    organisations = ask(home, "How many organisations are in Kenya?")
    assert first(organisations).startswith("By the records: 2 organisations in Kenya.")
    assert counts(organisations) == {"Acme Relief": (3, 1), "Cedar Trust": (2, 1)}
    projects = ask(home, "How many projects are in Kenya?")
    assert first(projects).startswith("By the records: 4 projects and grants in Kenya. By date: 2 running today; 1 ")
    assert result(projects).number == 4


def test_where_counts_places_of_a_level_and_says_what_names_none(home: Home) -> None:
    answer = ask(home, "In which counties do they work?")
    assert first(answer).startswith("By the records: 2 areas of administrative level 1 in Kenya.")
    assert counts(answer) == {"Turkana": (2, 2), "Garissa": (1, 1)}
    assert "1 record names no place of that level and is counted for none." in plain(answer.reply)


def test_the_most(home: Home) -> None:
    answer = ask(home, "Which county has the most partners?")
    assert first(answer).startswith("The most: Turkana (2 organisations) in Kenya. Compared: 2 areas")
    fewest = ask(home, "Which county has the fewest partners?")
    assert first(fewest).startswith("The fewest, among those reported: Garissa (1 organisation)")
    records = ask(home, "Who has the most projects in Kenya?")
    assert first(records).startswith("The most: Acme Relief (3 projects and grants) in Kenya.")


def test_dates_are_picked_by_the_end_and_not_by_the_time_between(home: Home) -> None:
    year = PeriodReading(start=date(2026, 1, 1), end=date(2026, 12, 31), words="this year")
    answer = ask(home, "Which projects end this year?", period=year)
    assert [row.id for row in result(answer).rows] == ["KE-2"]
    later = PeriodReading(start=None, end=date(2027, 12, 31), words="before 2028")
    ahead = ask(home, "Which projects end before 2028?", period=later)
    assert [row.id for row in result(ahead).rows] == ["KE-2", "KE-1"]
    assert "2 more ended before today." in plain(ahead.reply)
    none = PeriodReading(start=date(2029, 1, 1), end=date(2029, 12, 31), words="in 2029")
    empty = ask(home, "How many projects end in 2029?", period=none)
    assert result(empty).number == 0
    assert "0 projects and grants in Kenya" in plain(empty.reply)


def test_what_somebody_does_is_said_by_theme_and_listed(home: Home) -> None:
    answer = ask(home, "What is Acme Relief doing in Kenya?", organisations=[ACME])
    assert first(answer).startswith("3 records show Acme Relief working in Kenya. By theme: ")
    assert {row.id: row.records for row in result(answer).rows} == {"wash": 2, "health": 1}
    table = next(part for part in answer.reply.parts if isinstance(part, Table))
    assert len(table.rows) == 3


@pytest.mark.parametrize(
    ("organisation", "timing", "said"),
    [
        (ACME, "current", "Yes, by the records: Acme Relief in Kenya – 2 records running today, of 3 records in all"),
        (OrganisationReading(id="nobody", name="Nobody"), "none", "That is no proof of absence."),
    ],
)
def test_whether_somebody_is_there(home: Home, organisation: OrganisationReading, timing: str, said: str) -> None:
    answer = ask(home, "Is it still in Kenya?", organisations=[organisation], focus=Focus(about="presence"))
    assert result(answer).timing == timing
    assert said in plain(answer.reply)


def test_by_year_and_by_kind(home: Home) -> None:
    years = ask(home, "How many projects by year?")
    assert [(row.id, row.records) for row in result(years).rows] == [("2023", 1), ("2025", 3)]
    kinds = ask(home, "Break down the organisations by kind")
    assert sum(row.organisations for row in result(kinds).rows) == 2


def test_an_organisation_that_no_record_names_is_looked_for_in_texts(home: Home) -> None:
    known = OrganisationReading(id="known:work", name="Work KE")
    answer = ask(home, "Is it in Kenya?", organisations=[known])
    said = plain(answer.reply)
    assert "No record in my index names Work KE as an organisation" in said
    assert "4 records mention the name in their text:" in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "focus",
    [
        Focus(about="organisations", count=True),
        Focus(about="records", count=True, unit="projects"),
        Focus(about="places", level=1),
        Focus(about="themes"),
        Focus(about="kinds", measure="organisations"),
        Focus(about="years", measure="records"),
        Focus(about="dates", date="end"),
        Focus(about="places", level=1, rank="most", measure="organisations"),
        Focus(about="organisations", rank="fewest", measure="records", unit="grants"),
    ],
)
def test_every_statement_cites_and_every_citation_is_used(home: Home, focus: Focus, language: str) -> None:
    answer = ask(home, "", focus=focus, language=language)
    assert cited_numbers(answer.reply.parts) == {citation.number for citation in answer.reply.citations} != set()
    for part in answer.reply.parts:
        if isinstance(part, Table):
            assert all(any(span.cites for cell in row for span in cell) for row in part.rows)


def test_what_is_hidden_counts_for_nobody_else(home: Home) -> None:
    own = member("Hush")
    assert result(ask(home, "How many projects are in Kenya?", audience=own)).number == 5
    for text in ("How many projects are in Kenya?", "Where do they work?", "Who has the most projects in Kenya?"):
        assert "XX-1" not in ask(home, text).model_dump_json()
        assert "Hush" not in ask(home, text).model_dump_json()


def test_where_nothing_is_reported_the_nearest_thing_is_cited(home: Home) -> None:
    nutrition = ThemeReading(id="nutrition", name="Nutrition")
    answer = ask(home, "Who works on nutrition in Kenya?", themes=[nutrition])
    assert "Reported there on other themes" in plain(answer.reply)
    assert cited_numbers(answer.reply.parts) == {citation.number for citation in answer.reply.citations} != set()
