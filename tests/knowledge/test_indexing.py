"""A file becomes knowledge: what is kept, changed, retired and refused, and what a second reading does."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from knowledge import finding, indexing, lookups
from knowledge.access import PUBLIC, operator
from knowledge.finding import Facets
from knowledge.home import Home, HomeInUse
from knowledge.index import Index
from knowledge.records import Problem
from knowledge.settings import Settings
from knowledge.store import models as m
from knowledge.store.writer import Refused
from tests.homes import activity, opened, place, put, source, write

WATER = "14030"
XML = """<iati-activities version="2.03"><iati-activity>
  <iati-identifier>XX-1-{number}</iati-identifier>
  <reporting-org ref="XX-1" type="22"><narrative>Well Diggers</narrative></reporting-org>
  <title><narrative>{title}</narrative></title>
  <participating-org role="4" type="22"><narrative>Well Diggers</narrative></participating-org>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2026-01-01"/><activity-date type="3" iso-date="2027-01-01"/>
  <recipient-country code="KE"/><sector code="14030"/>
</iati-activity></iati-activities>"""


def ids(home: Home) -> list[str]:
    with home.database.read() as session:
        return [hit.id for hit in finding.find(session, Facets(), operator())]


def test_reading_again_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "wells.xml"
    file.write_text(XML.format(number=1, title="Wells in the hills"), encoding="utf-8")
    with opened(tmp_path / "home") as home:
        first = indexing.ingest(home, [file])
        again = indexing.ingest(home, [file])
        assert (first.changes, first.embedded) == (1, 1)
        assert (again.changes, again.embedded, again.version) == (0, 0, first.version)
        assert again.sources[0].skipped


def test_a_changed_file_changes_only_what_changed(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1"), activity("XX-2"), activity("XX-3")])
        origin = source("a", sha="newer")
        report = write(home, origin, [activity("XX-1"), activity("XX-2", "Renamed"), activity("XX-4")])
        assert (report.unchanged, report.changed, report.added, report.retired) == (1, 1, 1, 1)
        assert ids(home) == ["XX-1", "XX-2", "XX-4"]


def test_a_retired_record_is_kept_with_its_date_and_may_return(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1"), activity("XX-2")])
        write(home, source("a", sha="without"), [activity("XX-1")])
        with home.database.read() as session:
            retired = session.scalars(select(m.RecordRow).where(m.RecordRow.retired_at.is_not(None))).one()
        assert retired.id == "XX-2"
        assert lookups.record(Index(home), "XX-2", PUBLIC) is not None
        back = write(home, source("a", sha="with"), [activity("XX-1"), activity("XX-2")])
        assert (back.added, back.unchanged) == (1, 1)
        assert ids(home) == ["XX-1", "XX-2"]


def test_of_two_files_the_newer_report_stands(tmp_path: Path) -> None:
    older = activity("XX-1", "Old words", reported_on=date(2024, 1, 1))
    newer = activity("XX-1", "New words", reported_on=date(2026, 1, 1))
    for first, second in ((older, newer), (newer, older)):
        with opened(tmp_path / first.title) as home:
            put(home, "a", [first])
            put(home, "b", [second])
            found = lookups.record(Index(home), "XX-1", PUBLIC)
            assert found is not None
            assert found["title"] == "New words"


def test_a_fatal_problem_leaves_no_trace(tmp_path: Path) -> None:
    broken = Problem("a.xml", "", 9, "broken XML", "Mend it", fatal=True)
    with opened(tmp_path) as home:
        with pytest.raises(Refused):
            write(home, source("a"), [*(activity(f"XX-{n}") for n in range(900)), broken])
        with home.database.read() as session:
            assert session.scalar(select(func.count()).select_from(m.RecordRow)) == 0
            assert session.scalar(select(func.count()).select_from(m.SourceRow)) == 0
        assert put(home, "a", [activity("XX-1", who=["Well Diggers"])]).added == 1


def test_what_a_killed_run_still_owes_is_done_later(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        write(home, source("a"), [activity("XX-1", who=["Well Diggers"], where=[place("Turkana")], text="Deep wells.")])
    with opened(tmp_path) as home:
        report = indexing.finish(home)
        assert (report.organisations, report.embedded) == (1, 1)
        assert len(home.vectors) == 1
        assert indexing.finish(home).embedded == 0


def test_vectors_are_rebuilt_from_the_store(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1", text="Deep wells."), activity("XX-2", text="School meals.")])
        kept = home.vectors.ids()
        home.vectors.remove(sorted(kept))
        assert len(home.vectors) == 0
        put(home, "b", [activity("XX-3", text="Deep wells.")])
        assert home.vectors.ids() >= kept


def test_an_undeclared_file_is_private(tmp_path: Path) -> None:
    file = tmp_path / "wells.xml"
    file.write_text(XML.format(number=1, title="Wells in the hills"), encoding="utf-8")
    with opened(tmp_path / "home") as home:
        indexing.ingest(home, [file])
        with home.database.read() as session:
            assert finding.count(session, Facets(), PUBLIC) == 0
            assert finding.count(session, Facets(), operator()) == 1


def test_a_home_has_one_owner_at_a_time(tmp_path: Path) -> None:
    with opened(tmp_path), pytest.raises(HomeInUse, match="is open in another process"), Home(Settings(home=tmp_path)):
        pass


def test_a_theme_finds_what_is_below_it_and_a_place_too(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(
            home,
            "a",
            [
                activity("XX-1", where=[place("Turkana", pcode="KE023")], sectors=[WATER]),
                activity("XX-2", where=[place("Turkana", "Loima", pcode="KE023003")], sectors=["14050"]),
                activity("XX-3", where=[place()], sectors=["12220"]),
            ],
        )
        with home.database.read() as session:
            in_turkana = finding.find(session, Facets(places=("KE023",), themes=("wash",)), PUBLIC)
            assert [hit.id for hit in in_turkana] == ["XX-1", "XX-2"]
            assert [hit.id for hit in finding.find(session, Facets(places=("KE",)), PUBLIC)] == ["XX-1", "XX-2", "XX-3"]
