"""What changed since: exact, the same for whoever reads the files in whichever order, and silent on what is hidden."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, select, text, update

from knowledge import changes, forgetting, indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.changes import TOLD, Changes, FieldChange, Group, Mark
from knowledge.finding import Facets
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.records import Access, Level, Locator, Period, Record, RecordKind
from knowledge.store import models as m
from knowledge.store.database import migration_config
from knowledge.store.sql import utc_now
from tests.homes import PUBLIC, activity, opened, place, source, write

COMMUNITY = Access(Level.COMMUNITY)
OWN_OF_B = Access(Level.OWN, "bramble-fund")
NAMED_TO_B = Access(Level.NAMED, "cedar-trust", ("bramble-fund",))
BRAMBLE, MEMBER = member("Bramble Fund"), Audience(community=True)
DAY = utc_now().date()
"""Files are read now, so the days that are asked about are counted from today."""
RUNNING = Period(planned_start=DAY - timedelta(days=300), planned_end=DAY + timedelta(days=400))
TURKANA = place("Turkana", pcode="KE023")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        yield home


def well(record_id: str, title: str = "Wells", period: Period = RUNNING, **more: Any) -> Record:
    return activity(record_id, title, who=["Acme Relief"], where=[TURKANA], sectors=["14031"], period=period, **more)


class Files:
    """A home that is given versions of files."""

    def __init__(self, home: Home) -> None:
        self.home, self._version = home, 0

    def read(self, key: str, *records: Record, access: Access = PUBLIC, same_bytes: bool = False, **more: Any) -> None:
        self._version += not same_bytes
        write(self.home, source(key, access, sha=f"{key}{self._version}", **more), records)

    def mark(self) -> Mark:
        with self.home.database.read() as session:
            return changes.mark(session, utc_now())

    def since(self, moment: Mark, audience: Audience = VISITOR, **facets: Any) -> Changes:
        with self.home.database.read() as session:
            return changes.since(session, audience, Facets(**{"kinds": TOLD, **facets}), moment, DAY)


@pytest.fixture
def files(home: Home) -> Files:
    return Files(home)


def ids(group: Group) -> list[str]:
    assert group.total == len(group.changes)
    return sorted(change.hit.id for change in group.changes)


def told(found: Changes) -> dict[str, list[str]]:
    groups = {name: ids(getattr(found, name)) for name in ("new", "ended", "changed", "withdrawn")}
    return {name: group for name, group in groups.items() if group}


def test_new_changed_withdrawn_and_back(files: Files) -> None:
    start = files.mark()
    files.read("a", well("r1"), well("r2"))
    assert told(files.since(start)) == {"new": ["r1", "r2"]}
    first = files.mark()
    assert told(files.since(first)) == {}
    files.read("a", well("r1", "Deeper wells"), well("r3"))
    second = files.mark()
    assert told(files.since(first)) == {"new": ["r3"], "changed": ["r1"], "withdrawn": ["r2"]}
    (change,) = files.since(first).changed.changes
    assert change.fields == (FieldChange("title", "Wells", "Deeper wells"),)
    files.read("a", well("r1", "Deeper wells"), well("r2"), well("r3"))
    assert told(files.since(second)) == {"new": ["r2"]}
    # Seen from before, it never left; and what came in between is new in the state it has now.
    assert told(files.since(first)) == {"new": ["r3"], "changed": ["r1"]}
    assert told(files.since(start)) == {"new": ["r1", "r2", "r3"]}


def test_what_came_and_went_is_not_told(files: Files) -> None:
    files.read("a", well("r1"))
    before = files.mark()
    files.read("a", well("r1"), well("r2"))
    files.read("a", well("r1"))
    assert told(files.since(before)) == {}


def test_what_is_as_it_was_has_not_changed(files: Files) -> None:
    files.read("a", well("r1", text="One."))
    before = files.mark()
    files.read("a", well("r1", text="Two."))
    assert [change.fields for change in files.since(before).changed.changes] == [(FieldChange("texts"),)]
    files.read("a", well("r1", text="One."))
    assert told(files.since(before)) == {}


def test_a_new_place_in_the_file_or_a_new_date_of_it_is_no_change(files: Files) -> None:
    record = well("r1")
    files.read("a", record)
    before = files.mark()
    files.read("a", well("r0"), replace(record, locator=Locator("iati-activity[2]", 40), reported_on=DAY))
    assert told(files.since(before)) == {"new": ["r0"]}


def test_reading_the_same_bytes_better_is_no_change(files: Files, home: Home) -> None:
    files.read("a", well("r1"))
    before = files.mark()
    with home.database.write() as session:
        session.execute(update(m.SourceRow).values(reader=0))
        session.execute(update(m.RecordRow).values(content_hash=""))
    files.read("a", well("r1", text="What an older reader left out."), same_bytes=True)
    assert told(files.since(before)) == {}
    with home.database.read() as session:
        assert session.scalars(select(m.RecordRow.title)).all() == ["Wells"]


@pytest.mark.parametrize("seen_before", [True, False])
def test_ended_by_its_date(files: Files, seen_before: bool) -> None:
    over = replace(RUNNING, planned_end=DAY - timedelta(days=3))
    long_over = replace(RUNNING, planned_end=DAY - timedelta(days=200))
    last_day = replace(RUNNING, planned_end=DAY)
    files.read("a", well("r1", period=over), well("r2", period=long_over), well("r3"), well("r4", period=last_day))
    mark = Mark(files.mark().change if seen_before else 0, utc_now() - timedelta(days=7))
    wanted = {"ended": ["r1"]} if seen_before else {"new": ["r1", "r2", "r3", "r4"]}
    assert told(files.since(mark)) == wanted


def test_ended_by_its_status_or_by_a_new_date(files: Files) -> None:
    files.read("a", well("r1"), well("r2"), well("r3"), well("r4", status="3"), well("r5"))
    before = files.mark()
    shorter = replace(RUNNING, planned_end=DAY - timedelta(days=100))
    longer = replace(RUNNING, planned_end=DAY + timedelta(days=900))
    files.read(
        "a", well("r1", status="4"), well("r2", period=shorter), well("r3", status="5"), well("r4", status="4"),
        well("r5", period=longer),
    )  # fmt: skip
    assert told(files.since(before)) == {"ended": ["r1", "r2", "r3"], "changed": ["r4", "r5"]}
    (change,) = [change for change in files.since(before).changed.changes if change.hit.id == "r5"]
    assert change.fields == (FieldChange("end", str(RUNNING.planned_end), str(longer.planned_end)),)


def test_presence_does_not_end_by_growing_old(files: Files) -> None:
    row = well("3w:a:1", kind=RecordKind.PRESENCE, status="", period=replace(RUNNING, planned_end=DAY))
    files.read("a", row)
    before = files.mark()
    files.read("a", replace(row, period=replace(RUNNING, planned_end=DAY - timedelta(days=100))))
    assert told(files.since(before)) == {"changed": ["3w:a:1"]}
    files.read("a", replace(row, status="Completed"))
    assert told(files.since(before)) == {"ended": ["3w:a:1"]}


def test_facets_narrow(files: Files, home: Home) -> None:
    start = files.mark()
    files.read("a", well("r1"), activity("r2", who=["Cedar Trust"], where=[place("Kitui")], sectors=["12220"]))
    files.read("b", well("m1", kind=RecordKind.MANDATE), well("e1", kind=RecordKind.EVENT))
    indexing.finish(home)
    assert told(files.since(start)) == {"new": ["m1", "r1", "r2"]}
    assert told(files.since(start, places=("KE023",))) == {"new": ["m1", "r1"]}
    assert told(files.since(start, themes=("health",))) == {"new": ["r2"]}
    assert told(files.since(start, organisations=("cedar-trust",))) == {"new": ["r2"]}
    assert told(files.since(start, kinds=(RecordKind.EVENT,))) == {"new": ["e1"]}
    files.read("a", well("r1"))
    assert told(files.since(start)) == {"new": ["m1", "r1"]}


def test_a_day_a_time_and_a_version_mean_the_same(files: Files, home: Home) -> None:
    files.read("a", well("r1"))
    indexing.finish(home)
    with home.database.write() as session:
        session.execute(update(m.RecordChangeRow).values(at=utc_now() - timedelta(days=10)))
    with home.database.read() as session:
        version = indexing.version(session)
    files.read("a", well("r1"), well("r2"))
    with home.database.read() as session:
        week_ago = utc_now() - timedelta(days=7)
        marks = [changes.mark_of(session, since) for since in (week_ago, week_ago.date(), version)]
        assert len({mark.change for mark in marks}) == 1
        assert changes.mark_of(session, 0).change == changes.mark_of(session, date(2020, 1, 1)).change == 0
        assert changes.mark_of(session, utc_now().date() + timedelta(days=1)).change == 2
    assert told(files.since(marks[2])) == {"new": ["r2"]}


def test_sources_read_for_the_first_time_are_named(files: Files) -> None:
    files.read("a", well("r1"))
    before = files.mark()
    files.read("a", well("r1"), well("r2"))
    files.read("b", well("r3"), well("r4"), title="Register of wells")
    found = files.since(before)
    assert told(found) == {"new": ["r2", "r3", "r4"]}
    assert found.first_read == (("Register of wells", 2),)


def test_at_most_so_many_records_and_all_counted(files: Files, home: Home) -> None:
    start = files.mark()
    files.read("a", *(well(f"r{n}", reported_on=date(2026, 1, n + 1)) for n in range(9)))
    with home.database.read() as session:
        found = changes.since(session, VISITOR, Facets(), start, DAY, limit=2)
    assert found.new.total == 9
    assert [change.hit.id for change in found.new.changes] == ["r8", "r7"]


# Who may know


@pytest.mark.parametrize("access", [COMMUNITY, OWN_OF_B, NAMED_TO_B])
def test_what_is_hidden_changes_nothing_that_others_are_told(files: Files, access: Access) -> None:
    start = files.mark()
    files.read("open", well("r1"))
    one = files.since(start)
    files.read("shut", well("p1"), well("p2"), access=access, title="Shut")
    files.read("shut", well("p1", "Deeper"), access=access, title="Shut")
    assert files.since(start) == one
    assert told(files.since(start, BRAMBLE)) == {"new": ["p1", "r1"]}
    assert told(files.since(start, member("Acme Relief"))) == (
        {"new": ["p1", "r1"]} if access is COMMUNITY else {"new": ["r1"]}
    )


def test_opened_it_is_new_to_those_who_could_not_see_it(files: Files) -> None:
    files.read("a", well("r1", "Draft wells"), access=OWN_OF_B)
    before = files.mark()
    files.read("a", well("r1", "Wells for all"), access=OWN_OF_B)
    files.read("a", well("r1", "Wells for all"), access=PUBLIC, same_bytes=True)
    assert told(files.since(before)) == {"new": ["r1"]}
    assert files.since(before).new.changes[0].fields == ()
    found = files.since(before, BRAMBLE)
    assert told(found) == {"changed": ["r1"]}
    assert found.changed.changes[0].fields == (FieldChange("title", "Draft wells", "Wells for all"),)


def test_closed_it_is_not_spoken_of(files: Files) -> None:
    files.read("a", well("r1"))
    before = files.mark()
    files.read("a", well("r1"), access=OWN_OF_B, same_bytes=True)
    assert told(files.since(before)) == {}
    assert told(files.since(before, BRAMBLE)) == {}
    files.read("a", well("r1", "Secret wells"), access=OWN_OF_B)
    files.read("a", access=OWN_OF_B)
    assert told(files.since(before)) == {}
    assert told(files.since(before, BRAMBLE)) == {"withdrawn": ["r1"]}


def test_one_source_takes_the_place_of_another(files: Files) -> None:
    files.read("a", well("r1", "By a", reported_on=date(2026, 1, 1)))
    before = files.mark()
    files.read("b", well("r1", "By b", reported_on=date(2026, 6, 1)))
    assert told(files.since(before)) == {"changed": ["r1"]}
    files.read("b")
    assert told(files.since(before)) == {}
    files.read("a")
    assert told(files.since(before)) == {"withdrawn": ["r1"]}


def test_a_private_statement_beside_an_open_one_is_not_told_of(files: Files) -> None:
    files.read("a", well("r1", "Open"))
    before = files.mark()
    files.read("b", well("r1", "Private"), access=OWN_OF_B)
    assert told(files.since(before)) == told(files.since(before, BRAMBLE)) == {}


def test_forgotten_nothing_of_it_is_left(files: Files, home: Home) -> None:
    start = files.mark()
    files.read("a", well("r1", "Quorbistan"), well("r2"))
    files.read("a", well("r1", "Zwirbeltal"), well("r2"))
    forgetting.forget(home, Wanted(records=("r1",)))
    assert told(files.since(start)) == {"new": ["r2"]}
    assert told(files.since(start, operator())) == {"new": ["r2"]}
    last = files.mark()
    forgetting.forget(home, Wanted(source="a.xml"))
    files.read("c", well("r9"))
    # Numbers of erased rows are not given again: who looked until `last` misses nothing.
    assert told(files.since(last)) == {"new": ["r9"]}
    data = b"".join(path.read_bytes() for path in home.settings.home.rglob("*") if path.is_file())
    assert b"Quorbistan" not in data
    assert b"Zwirbeltal" not in data


OLD_SOURCE = """
INSERT INTO source
    (id, key, name, format, sha256, reader, title, publisher, licence, level, owner, named, read_at, records, problems)
VALUES (1, 'a', 'a', 'iati-activity', '1', 4, 'A', '', '', 'public', '', '[]', '2026-01-01 00:00:00.000000', 3, '[]')
"""
OLD_RECORD = """
INSERT INTO record
    (pk, id, source_id, kind, title, language, publisher, status, secondary, element, line, level, owner, content_hash,
     first_read_at, changed_at, retired_at, body)
VALUES (:pk, 'r' || :pk, 1, 'activity', 'T', 'en', 'P', '2', 0, 'e', 1, :level, 'cedar-trust', '', :came, :came, :gone,
        x'7b7d')
"""


def test_a_home_of_an_older_version_knows_what_came_and_went(tmp_path: Path) -> None:
    path = tmp_path / "home" / "commonground.db"
    path.parent.mkdir()
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        config = migration_config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        connection.commit()
        connection.execute(text(OLD_SOURCE))
        for pk, level, came, gone in (
            (1, "public", "2026-01-01 00:00:00.000000", None),
            (2, "public", "2026-01-01 00:00:00.000000", "2026-03-01 00:00:00.000000"),
            (3, "named", "2026-02-01 00:00:00.000000", None),
        ):
            connection.execute(text(OLD_RECORD), {"pk": pk, "level": level, "came": came, "gone": gone})
        connection.execute(text("INSERT INTO record_audience VALUES (3, 'bramble-fund')"))
        connection.commit()
    engine.dispose()
    with opened(tmp_path / "home") as home:
        files = Files(home)
        with home.database.read() as session:
            marks = [changes.mark_of(session, date(2026, month, 15)) for month in (1, 2)]
            assert [mark.change for mark in marks] == [2, 3]
        assert told(files.since(Mark(0, datetime(2025, 1, 1)))) == {"new": ["r1"]}
        assert told(files.since(marks[0])) == {"withdrawn": ["r2"]}
        assert told(files.since(marks[0], BRAMBLE)) == {"new": ["r3"], "withdrawn": ["r2"]}
