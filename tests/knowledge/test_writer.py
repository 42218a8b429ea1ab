"""One source into the store: what happens to records that are known, shared between files, or open to others now."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member, visible
from knowledge.home import Home
from knowledge.records import Access, GazetteerPlace, Level, OrganisationName, Problem, Record
from knowledge.store import models as m
from tests.homes import PUBLIC, activity, opened, place, source, write

OWN = Access(Level.OWN, "acme")
NAMED = Access(Level.NAMED, "acme", ("bolt", "cove"))


def titles(home: Home, who: str = "") -> set[str]:
    with home.database.read() as session:
        clause = visible(member(who) if who else VISITOR)
        return set(session.scalars(select(m.RecordRow.title).where(clause, m.RecordRow.retired_at.is_(None))))


def count(home: Home, table: type[m.Base]) -> int:
    with home.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_same_bytes_with_the_same_permissions_are_not_read(tmp_path: Path) -> None:
    def never() -> list[Record]:
        raise AssertionError("nothing should be read")

    with opened(tmp_path) as home:
        write(home, source("a"), [activity("r1"), Problem("a.xml", "x", 3, "odd", "mend it")])
        again = write(home, source("a"), (item for _ in [0] for item in never()))
        assert (again.skipped, again.records, again.unchanged, again.touched) == (True, 1, 1, False)
        assert [problem.reason for problem in again.problems] == ["odd"]


@pytest.mark.parametrize(
    "access", [OWN, NAMED, Access(Level.NAMED, "acme", ("bolt",)), Access(Level.COMMUNITY), PUBLIC]
)
def test_a_new_permission_is_taken_over_though_the_bytes_are_the_same(tmp_path: Path, access: Access) -> None:
    with opened(tmp_path) as home:
        for before in (OWN, NAMED, PUBLIC):
            write(home, source("a", before), [activity("r1", "Title")])
            report = write(home, source("a", access), [activity("r1", "Title")])
            assert report.skipped == (before == access)
            assert titles(home) == ({"Title"} if access.level is Level.PUBLIC else set())
            for who in ("acme", "bolt", "cove"):
                may = who == "acme" and access.owner == "acme"
                may |= who in access.named or access.level in (Level.PUBLIC, Level.COMMUNITY)
                assert titles(home, who) == ({"Title"} if may else set()), who


def test_an_undated_record_is_as_old_as_its_file(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        write(home, source("a", as_of=date(2026, 5, 1)), [activity("r1", "May", reported_on=None)])
        write(home, source("b", as_of=date(2026, 1, 1)), [activity("r1", "January", reported_on=None)])
        assert titles(home) == {"May"}


def test_a_changed_record_leaves_nothing_of_its_former_self(tmp_path: Path) -> None:
    before = activity("r1", who=["Acme", "Bolt"], where=[place("Turkana")], sectors=["12240"], text="Deep wells.")
    after = activity("r1", who=["Cove"], text="School meals.")
    with opened(tmp_path) as home:
        write(home, source("a", NAMED), [before])
        write(home, source("a", sha="2"), [after])
        assert count(home, m.RecordOrganisationRow) == 1
        assert count(home, m.RecordPlaceRow) == count(home, m.RecordThemeRow) == count(home, m.RecordAudienceRow) == 0
        with home.database.read() as session:
            assert ["School meals." in body for body in session.scalars(select(m.PassageRow.text))] == [True]
            match = text("SELECT count(*) FROM record_text WHERE record_text MATCH :word")
            assert [session.scalar(match, {"word": word}) for word in ("wells", "acme", "meals", "cove")] == [
                0,
                0,
                1,
                1,
            ]


def test_first_seen_stays_when_a_record_changes(tmp_path: Path) -> None:
    def times(home: Home) -> tuple[object, object]:
        with home.database.read() as session:
            row = session.scalars(select(m.RecordRow)).one()
            return row.first_read_at, row.changed_at

    with opened(tmp_path) as home:
        write(home, source("a"), [activity("r1", "One")])
        first, changed = times(home)
        write(home, source("a", sha="2"), [activity("r1", "Two")])
        assert times(home)[0] == first
        assert times(home)[1] > changed  # type: ignore[operator]


def test_lists_of_names_are_replaced_as_a_whole(tmp_path: Path) -> None:
    one, two = GazetteerPlace("KE", 1, "KE001", "Mombasa"), GazetteerPlace("KE", 1, "KE002", "Kwale")
    with opened(tmp_path) as home:
        assert write(home, source("a"), [one, one, OrganisationName("WFP", "World Food Programme")]).names == 3
        report = write(home, source("a", sha="2"), [two])
        assert report.touched
        assert (count(home, m.GazetteerRow), count(home, m.OrganisationNameRow)) == (1, 0)


def test_a_place_without_country_takes_that_of_its_record(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        write(home, source("a"), [activity("r1", where=[place(), place("Turkana", country="")])])
        write(home, source("b"), [activity("r2", where=[place(), place(country="TD"), place("Lac", country="")])])
        with home.database.read() as session:
            found = {(row.names, row.country) for row in session.scalars(select(m.PlaceMentionRow))}
        assert ("Turkana", "KE") in found
        assert ("Lac", "") in found


def test_many_records_are_written_in_parts_and_counted_whole(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        report = write(home, source("a"), (activity(f"r{n}", who=["Acme"]) for n in range(905)))
        assert (report.records, report.added) == (905, 905)
        assert count(home, m.OrganisationMentionRow) == 1
        again = write(home, source("a", sha="2"), (activity(f"r{n}", who=["Acme"]) for n in range(900)))
        assert (again.unchanged, again.retired) == (900, 5)
