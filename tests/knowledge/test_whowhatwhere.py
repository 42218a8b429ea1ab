"""Who is counted as doing what: by role, kind, time and place, and what is said where nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest

from knowledge import indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, GazetteerPlace, Level, OrganisationMention, Period, RecordKind, Role
from knowledge.timing import Timing
from knowledge.whowhatwhere import Findings, coverage, who
from tests.homes import TODAY, activity, implementer, opened, place, put, source, write

WATER, FOOD = "14031", "12240"
GAZETTEER = [
    GazetteerPlace("KE", 1, "KE01", "Upper"),
    GazetteerPlace("KE", 2, "KE0101", "Inner", "KE01"),
    GazetteerPlace("KE", 2, "KE0102", "Empty", "KE01"),
    GazetteerPlace("KE", 1, "KE02", "Lower"),
]
INNER, UPPER = place(pcode="KE0101"), place(pcode="KE01")
ENDED = Period(planned_start=date(2024, 1, 1), planned_end=date(2025, 9, 23))


def role(role: Role, name: str, **more: str) -> OrganisationMention:
    return OrganisationMention(role, name, **more)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    funded = [role(Role.REPORTING, "Donor"), role(Role.FUNDING, "Donor"), implementer("Acme", kind="International NGO")]
    answering = [role(Role.ACCOUNTABLE, "Bolt", kind="National NGO"), role(Role.FUNDING, "X")]
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "places", GAZETTEER)
        put(
            home,
            "open",
            [
                activity("a1", "Wells", who=funded, where=[INNER], sectors=[WATER]),
                activity("a2", "Pumps", who=["Acme"], where=[INNER], sectors=[WATER], period=ENDED),
                activity("b1", "Taps", who=answering,
                         where=[INNER], sectors=[WATER], period=ENDED),
                activity("c1", "Dams", who=[role(Role.REPORTING, "Cove", kind="women-led organisation")], where=[INNER],
                         sectors=[WATER, FOOD], period=ENDED, status="4"),
                activity("d1", "Wide", who=["Dune"], where=[UPPER], sectors=[WATER]),
                activity("e1", "Nobody", where=[INNER], sectors=[FOOD]),
            ],
        )  # fmt: skip
        put(home, "own", [activity("h1", "Hush", who=["Hidden"], where=[place(pcode="KE0102")], sectors=[WATER])],
            Access(Level.OWN, "hidden"))  # fmt: skip
        yield home


def asked(home: Home, *, kinds: tuple[str, ...] = (), only_open: bool = False, **facets: tuple[str, ...]) -> Findings:
    with home.database.read() as session:
        return who(session, Facets(**facets), VISITOR, TODAY, kinds=kinds, only_open=only_open)  # type: ignore[arg-type]


def test_who_implements_does_the_work_and_else_who_answers_for_it_or_reports_it(home: Home) -> None:
    findings = asked(home, places=("KE0101",), themes=("wash",))
    assert [organisation.name for organisation in findings.organisations] == ["Acme", "Bolt", "Cove"]
    assert [len(organisation.hits) for organisation in findings.organisations] == [2, 1, 1]
    assert {hit.id for hit in findings.hits} == {"a1", "a2", "b1", "c1"}


def test_funders_are_found_where_they_are_asked_for(home: Home) -> None:
    (donor,) = asked(home, organisations=("donor",)).organisations
    assert donor.roles == {Role.REPORTING, Role.FUNDING}
    assert [hit.id for hit in donor.hits] == ["a1"], "two roles in one record are one record"


def test_what_runs_comes_before_what_is_overdue_before_what_ended(home: Home) -> None:
    findings = asked(home, places=("KE0101",), themes=("wash",))
    stands = [organisation.standing for organisation in findings.organisations]
    assert [standing.timing for standing in stands] == [Timing.CURRENT, Timing.STALE, Timing.ENDED]
    assert stands[1].months == 14
    assert dict(findings.by_timing()) == {Timing.CURRENT: 1, Timing.STALE: 1, Timing.ENDED: 1}


def test_only_open_leaves_out_what_is_over(home: Home) -> None:
    findings = asked(home, only_open=True, places=("KE0101",), themes=("wash",))
    assert {hit.id for hit in findings.hits} == {"a1", "a2", "b1"}


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("ingo", {"Acme"}),
        ("nngo", {"Bolt", "Cove"}),
        ("ngo", {"Acme", "Bolt", "Cove"}),
        ("women_led", {"Cove"}),
        ("un", set()),
    ],
)
def test_a_kind_takes_in_the_kinds_below_it(home: Home, kind: str, names: set[str]) -> None:
    findings = asked(home, kinds=(kind,), places=("KE0101",), themes=("wash",))
    assert {organisation.name for organisation in findings.organisations} == names
    assert all(hit.organisations for hit in findings.hits)


def test_records_that_name_nobody_and_areas_around_are_counted_apart(home: Home) -> None:
    findings = asked(home, places=("KE0101",))
    assert "e1" in {hit.id for hit in findings.hits}
    assert (findings.unnamed, len(findings.organisations)) == (1, 3)
    assert asked(home, places=("KE0101",), themes=("wash",)).wider == 1
    assert asked(home, places=("KE01",), themes=("wash",)).wider == 0


def test_where_nobody_is_reported_the_nearest_known_is_said_and_nothing_hidden(home: Home) -> None:
    findings = asked(home, places=("KE0102",), themes=("wash",))
    assert (findings.organisations, findings.hits) == ([], [])
    assert findings.elsewhere == [("KE01", 5)]
    assert findings.other_themes == []
    others = asked(home, places=("KE0101",), themes=("mine_action",)).other_themes
    assert others
    assert dict(others)[others[0][0]] == max(number for _, number in others)
    with home.database.read() as session:
        own = who(session, Facets(places=("KE0102",)), member("Hidden"), TODAY)
    assert [organisation.name for organisation in own.organisations] == ["Hidden"]


def test_coverage_tells_what_speaks_of_the_country_to_whom_it_may(home: Home) -> None:
    row = replace(activity("t1", who=["Acme"], where=[place()], kind=RecordKind.PRESENCE), reported_on=None)
    table = source("3w", Access(Level.COMMUNITY), title="Kenya 3W", as_of=date(2026, 10, 31))
    write(home, table, [row])
    indexing.finish(home)
    with home.database.read() as session:
        visitor, insider = (coverage(session, ("KE0101",), audience) for audience in (VISITOR, member("Anybody")))
        assert (visitor.tables, visitor.publishers) == ([], insider.publishers)
        assert insider.tables == [("Kenya 3W", date(2026, 10, 31))]
        assert visitor.newest == date(2026, 10, 1)
        assert not coverage(session, ("TD",), member("Anybody")).anything
