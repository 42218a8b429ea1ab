"""Single look-ups: what is refused in words, and what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import orjson
import pytest

from knowledge import lookups
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member
from knowledge.index import Index
from knowledge.lookups import SearchRequest, Unreadable
from knowledge.records import Access, Level, OrganisationMention, RecordKind, Role
from tests.homes import activity, implementer, opened, place, put


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(
            home,
            "open",
            [
                activity("XX-1/A", "Wells", who=[implementer("Acme Relief", ref="XX-1", kind="International NGO"),
                         OrganisationMention(Role.FUNDING, "Donor")], where=[place("Turkana")], sectors=["14031"]),
                activity("XX-1/a2", "More wells", who=["Acme Relief (AR)"], where=[place("Kitui")], sectors=["12220"]),
                activity("M-1", "Charter", who=["Acme Relief"], kind=RecordKind.MANDATE, text="We dig wells."),
            ],
        )  # fmt: skip
        put(home, "own", [activity("S-1", "Hush", who=["Acme Relief", "Hidden League"], where=[place("Kitui")])],
            Access(Level.OWN, "bolt"))  # fmt: skip
        yield Index(home)


def ids(index: Index, **asked: object) -> list[str]:
    found = lookups.search_records(index, SearchRequest(**asked), VISITOR)  # type: ignore[arg-type]
    return [result["id"] for result in found["results"]]


def test_facets_are_named_as_people_name_them(index: Index) -> None:
    assert set(ids(index)) == {"XX-1/A", "XX-1/a2", "M-1"}
    assert ids(index, places=["Turkana"]) == ids(index, places=["KE:turkana"]) == ["XX-1/A"]
    assert ids(index, themes=["health"]) == ["XX-1/a2"]
    assert set(ids(index, organisations=["AR"], kinds=["activity"])) == {"XX-1/A", "XX-1/a2"}
    assert ids(index, kinds=["mandate"]) == ["M-1"]
    assert ids(index, start="2030-01-01") == ["M-1"] or ids(index, start="2030-01-01", kinds=["activity"]) == []


def test_the_total_counts_beyond_the_limit(index: Index) -> None:
    found = lookups.search_records(index, SearchRequest(limit=1), VISITOR)
    assert (found["total"], len(found["results"])) == (3, 1)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"places": ["Nowhereville"]}, "place 'Nowhereville'"),
        ({"organisations": ["Hidden League"]}, "organisation 'Hidden League'"),
        ({"themes": ["qwertz"]}, "theme 'qwertz'"),
        ({"kinds": ["secret"]}, "activity, project, grant, presence"),
        ({"start": "31/12/2025"}, "2025-08-31"),
        ({"end": "2025-02-30"}, "`to` '2025-02-30'"),
    ],
)
def test_what_cannot_be_read_is_said_with_the_way_to_mend_it(
    index: Index, asked: dict[str, object], words: str
) -> None:
    with pytest.raises(Unreadable) as refused:
        ids(index, **asked)
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("typed", ["XX-1/A", "xx-1/a", "Xx-1/A"])
def test_a_record_is_found_in_any_letter_case(index: Index, typed: str) -> None:
    found = lookups.record(index, typed, VISITOR)
    assert found is not None
    assert found["id"] == "XX-1/A"
    assert found["as_stated"]["title"] == "Wells"
    assert found["source"]["file"] == "open.xml"
    assert found["reported_on"] == date(2026, 10, 1)
    orjson.dumps(found)


def test_an_unknown_and_a_hidden_record_are_both_none(index: Index) -> None:
    assert lookups.record(index, "S-1", VISITOR) is None
    assert lookups.record(index, "S-2", VISITOR) is None
    assert lookups.record(index, "S-1", member("Bolt")) is not None


def test_an_organisation_is_told_by_what_may_be_seen(index: Index) -> None:
    for name in ("acme-relief", "Acme Relief", "AR", "acme releif"):
        found = lookups.organisation(index, name, VISITOR)
        assert found is not None, name
        assert found["id"] == "acme-relief"
    assert found["kind"] == "ingo"
    assert found["refs"] == ["XX-1"]
    assert found["written_as"] == {"Acme Relief": 2, "Acme Relief (AR)": 1}
    assert sorted(found["records"]["implementing"]) == ["M-1", "XX-1/A", "XX-1/a2"]
    assert lookups.organisation(index, "hidden-league", VISITOR) is None
    insider = lookups.organisation(index, "hidden-league", member("Bolt"))
    assert insider is not None
    assert insider["records"] == {"implementing": ["S-1"]}


def test_sources_are_listed_with_what_of_them_may_be_seen(index: Index) -> None:
    with index.home.database.read() as session:
        assert [(row.name, counts) for row, counts in lookups.sources(session, VISITOR)] == [
            ("open.xml", {"activity": 2, "mandate": 1})
        ]
        assert {row.name for row, _ in lookups.sources(session, member("Bolt"))} == {"open.xml", "own.xml"}
