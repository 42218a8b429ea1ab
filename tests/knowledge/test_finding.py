"""Facets: any of the values of one, all of the facets together, and the audience always."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge import finding
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, GazetteerPlace, Level, Period, PlaceMention, RecordKind, Role, ThemeMention
from knowledge.vocabulary import descendants
from tests.homes import activity, implementer, opened, place, put

WATER, HEALTH, MALARIA = "14031", "12220", "12262"
GAZETTEER = [
    GazetteerPlace("KE", 1, "KE01", "Upper"),
    GazetteerPlace("KE", 2, "KE0101", "Inner", "KE01"),
    GazetteerPlace("KE", 1, "KE011", "Lookalike"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "places", GAZETTEER)
        put(
            home,
            "open",
            [
                activity("upper", who=["Acme"], where=[place(pcode="KE01")], sectors=[WATER]),
                activity("inner", who=["Bolt"], where=[place(pcode="KE0101")], sectors=[HEALTH, WATER]),
                activity("lookalike", who=["Acme", "Bolt"], where=[place(pcode="KE011")], sectors=[MALARIA]),
                activity("country", who=["Acme"], where=[place()], period=Period()),
                activity("abroad", who=["Cove"], where=[PlaceMention("TD")], sectors=[WATER],
                         period=Period(date(2020, 1, 1), None, date(2020, 12, 31), date(2021, 6, 30))),
                activity("mandate", who=["Cove"], kind=RecordKind.MANDATE),
            ],
        )  # fmt: skip
        put(home, "own", [activity("private", who=["Acme"], where=[place(pcode="KE0101")], sectors=[WATER])],
            Access(Level.OWN, "acme"))  # fmt: skip
        yield home


def found(home: Home, **facets: object) -> set[str]:
    with home.database.read() as session:
        hits = finding.find(session, Facets(**facets), VISITOR)  # type: ignore[arg-type]
        assert finding.count(session, Facets(**facets), VISITOR) == len(hits)  # type: ignore[arg-type]
        return {hit.id for hit in hits}


@pytest.mark.parametrize(
    ("facets", "wanted"),
    [
        ({}, {"upper", "inner", "lookalike", "country", "abroad"}),
        ({"kinds": (RecordKind.MANDATE,)}, {"mandate"}),
        ({"places": ("KE01",)}, {"upper", "inner"}),
        ({"places": ("KE0101",)}, {"inner"}),
        ({"places": ("KE",)}, {"upper", "inner", "lookalike", "country"}),
        ({"places": ("KE0101", "TD")}, {"inner", "abroad"}),
        ({"places": ("KE99",)}, set()),
        ({"themes": ("health",)}, {"inner", "lookalike"}),
        ({"themes": ("health", "wash")}, {"upper", "inner", "lookalike", "abroad"}),
        ({"themes": ("nutrition",)}, set()),
        ({"organisations": ("acme",)}, {"upper", "lookalike", "country"}),
        ({"organisations": ("acme", "cove")}, {"upper", "lookalike", "country", "abroad"}),
        ({"organisations": ("acme",), "themes": ("wash",)}, {"upper"}),
        ({"organisations": ("nobody",)}, set()),
        ({"start": date(2021, 6, 30)}, {"upper", "inner", "lookalike", "country", "abroad"}),
        ({"start": date(2021, 7, 1)}, {"upper", "inner", "lookalike", "country"}),
        ({"end": date(2025, 12, 31)}, {"country", "abroad"}),
        ({"start": date(2022, 1, 1), "end": date(2023, 1, 1)}, {"country"}),
        ({"pks": ()}, set()),
    ],
)
def test_facets_narrow_as_they_say(home: Home, facets: dict[str, object], wanted: set[str]) -> None:
    assert found(home, **facets) == wanted


def test_the_audience_is_part_of_every_question(home: Home) -> None:
    with home.database.read() as session:
        facets = Facets(places=("KE0101",))
        assert {hit.id for hit in finding.find(session, facets, member("Acme"))} == {"inner", "private"}
        (private,) = [hit for hit in finding.find(session, facets, member("Acme")) if hit.id == "private"]
        assert finding.find(session, Facets(pks=(private.pk,)), VISITOR) == []
        assert finding.count(session, Facets(pks=(private.pk,)), member("Bolt")) == 0


def test_retired_records_are_found_only_where_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("r1"), activity("r2")])
        put(home, "b", [activity("r3")])
        with home.database.write() as session:
            session.connection().exec_driver_sql("UPDATE record SET retired_at = '2026-01-01 00:00:00' WHERE id = 'r1'")
        with home.database.read() as session:
            assert [hit.id for hit in finding.find(session, Facets(), VISITOR)] == ["r2", "r3"]
            assert [hit.id for hit in finding.find(session, Facets(), VISITOR, retired=True)] == ["r1", "r2", "r3"]


def test_a_hit_says_who_where_and_what_as_written(tmp_path: Path) -> None:
    record = activity(
        "r1",
        who=[implementer("Acme Relief (AR)", kind="International NGO"), implementer(acronym="AR")],
        where=[place("Turkana", pcode="KE023"), PlaceMention("KE", ("Turkana",), "KE023", site="Camp 4")],
        sectors=[WATER, HEALTH],
    )
    transacted = replace(activity("r2"), themes=(ThemeMention("1", WATER, scope="transaction"),))
    with opened(tmp_path) as home:
        put(home, "a", [record, transacted])
        with home.database.read() as session:
            hit, other = finding.find(session, Facets(), VISITOR)
    assert [(o.organisation, o.written, o.role) for o in hit.organisations] == [
        ("acme-relief", "Acme Relief (AR)", Role.IMPLEMENTING),
        ("acme-relief", "AR", Role.IMPLEMENTING),
    ]
    assert {o.kind for o in hit.organisations} == {"ingo"}
    assert {(p.place, p.site) for p in hit.places} == {("KE023", ""), ("KE023", "Camp 4")}
    assert descendants("wash") & set(hit.themes)
    assert descendants("wash") & set(other.themes), "a sector on a transaction counts"


def test_more_records_than_one_query_takes_are_all_filled(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity(f"r{n:04d}", who=["Acme"], where=[place("Turkana")]) for n in range(905)])
        with home.database.read() as session:
            hits = finding.find(session, Facets(places=("KE",)), VISITOR)
            assert len(finding.find(session, Facets(), VISITOR, limit=7)) == 7
    assert len(hits) == 905
    assert all(hit.organisations and hit.places for hit in hits)
