"""Forgetting: what goes, what stays, that no byte of it is left in the home, and that it does not come back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from knowledge import finding, forgetting, indexing, lookups, tombstones
from knowledge.access import operator
from knowledge.finding import Facets
from knowledge.forgetting import Unknown, Wanted
from knowledge.home import Home
from knowledge.index import Index
from knowledge.records import Access, Level, OrganisationMention, Role
from knowledge.store import models as m
from knowledge.store import state
from tests.homes import activity, implementer, opened, place, put

# Words that stand nowhere else, in several scripts.
SECRET = "Quorbistan wells of the Zwirbeltal, نخلستانِ پنهان, колодец Ыъмба."
MARKS = ("Quorbistan", "Zwirbeltal", "نخلستانِ", "Ыъмба", "zwirbeltal", "quorbistan", "ыъмба")
XML = """<iati-activities version="2.03">{activities}</iati-activities>"""
ACTIVITY = """<iati-activity>
  <iati-identifier>{id}</iati-identifier>
  <reporting-org ref="{ref}" type="22"><narrative>{reporter}</narrative></reporting-org>
  <title><narrative>{title}</narrative></title><description><narrative>{title} for people.</narrative></description>
  <participating-org role="4" type="22"><narrative>{who}</narrative></participating-org>
  <activity-status code="2"/>
  <activity-date type="1" iso-date="2026-01-01"/><activity-date type="3" iso-date="2027-01-01"/>
  <recipient-country code="KE"/><sector code="14030"/>
</iati-activity>"""


def iati(*activities: dict[str, str]) -> str:
    common = {"ref": "XX-1", "reporter": "Well Diggers", "who": "Well Diggers"}
    return XML.format(activities="".join(ACTIVITY.format(**(common | given)) for given in activities))


def ids(home: Home) -> list[str]:
    with home.database.read() as session:
        return [hit.id for hit in finding.find(session, Facets(), operator())]


def bytes_left(folder: Path, *marks: str) -> dict[str, set[str]]:
    """Mark -> the files of the folder that hold it, in any of the encodings in which text is kept."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        for mark in marks:
            if any(mark.encode(code) in data for code in ("utf-8", "utf-16-le", "utf-16-be")):
                found.setdefault(mark, set()).add(path.name)
    return found


def counts(home: Home) -> dict[str, int]:
    with home.database.read() as session:
        tables = {table.name: table for table in m.Base.metadata.sorted_tables}
        return {name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in tables.items()}


def test_no_byte_of_a_forgotten_record_is_left(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(
            home,
            "a",
            [
                activity("XX-1", SECRET, who=["Zwirbeltal Trust"], where=[place("Quorbistan")], text=SECRET * 3),
                activity("XX-2", "School meals", who=["Well Diggers"], where=[place("Turkana")], text="Meals."),
            ],
        )
        assert set(bytes_left(tmp_path, *MARKS)) == set(MARKS)
        with home.database.read() as session:
            hashes = set(session.scalars(select(m.PassageRow.text_hash).where(m.PassageRow.text.like("%Quorbistan%"))))
        assert set(bytes_left(tmp_path, *hashes)) == hashes
        report = forgetting.forget(home, Wanted(records=("XX-1",)))
        assert (report.records, report.vectors, report.unfinished) == (1, len(hashes), "")
        # While it is still open, and when it is closed.
        assert bytes_left(tmp_path, *MARKS, *hashes, "XX-1") == {}
    assert bytes_left(tmp_path, *MARKS, *hashes, "XX-1") == {}
    with opened(tmp_path) as home:
        assert ids(home) == ["XX-2"]
        assert len(home.vectors) == 1
        assert lookups.record(Index(home), "XX-1", operator()) is None
        with home.database.read() as session:
            assert session.execute(text("SELECT count(*) FROM record_text")).scalar_one() == 1
            assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []


def test_what_others_use_too_stays(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        shared = {"who": ["Well Diggers"], "where": [place("Turkana")], "text": "The same words in both."}
        put(home, "a", [activity("XX-1", "Twins", **shared), activity("XX-2", "Twins", **shared)])  # type: ignore[arg-type]
        before = counts(home)
        report = forgetting.forget(home, Wanted(records=("XX-1",)))
        after = counts(home)
        assert report.vectors == 0
        assert {
            name: after[name] for name in ("embedding", "organisation_mention", "place_mention", "organisation")
        } == {name: before[name] for name in ("embedding", "organisation_mention", "place_mention", "organisation")}
        children = ("record_organisation", "record_place", "record_text", "record_change", "passage")
        assert report.rows == dict.fromkeys(("record", *children), 1)
        assert len(home.vectors) == 1


def test_what_is_left_is_as_if_it_had_never_been(tmp_path: Path) -> None:
    kept = [activity("XX-2", "Meals", who=["Well Diggers"], where=[place("Turkana")], sectors=["14030"], text="Meals.")]
    gone = [activity("XX-1", SECRET, who=["Hidden Ones"], where=[place("Isiolo")], sectors=["12220"], text=SECRET)]
    with opened(tmp_path / "one") as home:
        put(home, "a", gone + kept)
        forgetting.forget(home, Wanted(records=("XX-1",)))
        one = counts(home), home.vectors.ids()
    with opened(tmp_path / "two") as home:
        put(home, "a", kept)
        two = counts(home), home.vectors.ids()
    ours = {name: number for name, number in one[0].items() if name not in ("forgotten", "meta")}
    assert ours == {name: two[0][name] for name in ours}
    assert one[1] == two[1]


def test_it_does_not_come_back_until_it_is_allowed_to(tmp_path: Path) -> None:
    file = tmp_path / "wells.xml"
    one, two = {"id": "XX-1-1", "title": SECRET, "who": "Hidden Ones"}, {"id": "XX-1-2", "title": "Meals"}
    file.write_text(iati(one, two), encoding="utf-8")
    folder = tmp_path / "home"
    with opened(folder) as home:
        indexing.ingest(home, [file])
        forgetting.forget(home, Wanted(records=("XX-1-1",)), reason="asked for by its owner")
        file.write_text(iati(one, two, {"id": "XX-1-3", "title": "Seeds"}), encoding="utf-8")
        report = indexing.ingest(home, [file])
        (problem,) = report.sources[0].problems
        assert (problem.element, problem.fatal) == ("iati-activity[1]", False)
        today = date.today().isoformat()
        assert problem.reason == f"left out: this record was forgotten on {today}"
        assert "--allow-again" in problem.mend
        elsewhere = tmp_path / "copy.xml"
        elsewhere.write_text(iati(one), encoding="utf-8")
        indexing.ingest(home, [elsewhere])
        assert ids(home) == ["XX-1-2", "XX-1-3"]
        assert bytes_left(folder, *MARKS, "XX-1-1") == {}
        with home.database.read() as session:
            (row,) = session.scalars(select(m.ForgottenRow))
            assert (row.kind, row.reason) == ("record", "asked for by its owner")
        with pytest.raises(Unknown, match=f"XX-1-1 was forgotten on {today}"):
            forgetting.forget(home, Wanted(records=("XX-1-1",)))
        assert forgetting.allow_again(home, Wanted(records=("XX-1-1",))) == 1
        indexing.ingest(home, [file])
        assert ids(home) == ["XX-1-1", "XX-1-2", "XX-1-3"]


def test_a_tombstone_of_one_home_says_nothing_in_another(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        with opened(tmp_path / name) as home:
            put(home, "a", [activity("XX-1")])
            forgetting.forget(home, Wanted(records=("XX-1",)))
            with home.database.read() as session:
                found.append(session.scalars(select(m.ForgottenRow.hash)).one())
    assert found[0] != found[1]


def test_a_source_goes_whole_and_others_keep_what_they_said(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xml", tmp_path / "two.xml"
    shared = {"id": "XX-1-1", "title": "Wells"}
    one.write_text(iati(shared, {"id": "XX-1-2", "title": SECRET}), encoding="utf-8")
    two.write_text(iati(shared | {"title": "Deep wells"}), encoding="utf-8")
    folder = tmp_path / "home"
    with opened(folder) as home:
        for order in ([one, two], [two, one]):
            indexing.ingest(home, order)
        with home.database.read() as session:
            found = forgetting.selected(session, Wanted(source="one.xml"))
        assert (found.records, found.kinds, found.sources) == (["XX-1-2"], {"activity": 1}, ["one.xml"])
        assert (found.kept, found.copies) == (1, 0)
        report = forgetting.forget(home, Wanted(source=str(one)))
        assert (report.records, report.sources) == (1, 1)
        assert any(str(one) in line for line in report.left)
        assert one.exists()
        assert ids(home) == ["XX-1-1"]
        shown = lookups.record(Index(home), "XX-1-1", operator())
        assert shown is not None
        assert shown["title"] == "Deep wells"
        assert counts(home)["record_copy"] == 0
        assert bytes_left(folder, *MARKS, "XX-1-2", "one.xml") == {}
        again = indexing.ingest(home, [one])
        assert [problem.reason[:38] for problem in again.sources[0].problems] == [
            "left out: this source was forgotten on"
        ]
        renamed = tmp_path / "renamed.xml"
        renamed.write_bytes(one.read_bytes())
        indexing.ingest(home, [renamed])
        assert ids(home) == ["XX-1-1"]
        assert forgetting.allow_again(home, Wanted(source=str(one))) == 3
        indexing.ingest(home, [one])
        assert ids(home) == ["XX-1-1", "XX-1-2"]


def test_the_name_of_a_source_must_mean_one(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.xml").write_text(iati({"id": f"XX-1-{folder}", "title": "Wells"}), encoding="utf-8")
    with opened(tmp_path / "home") as home:
        indexing.ingest(home, [tmp_path / "a", tmp_path / "b"])
        with pytest.raises(Unknown, match="2 sources are called x"):
            forgetting.forget(home, Wanted(source="x.xml"))
        with pytest.raises(Unknown, match="No source nowhere"):
            forgetting.forget(home, Wanted(source="nowhere"))
        assert len(ids(home)) == 2
        forgetting.forget(home, Wanted(source=str(tmp_path / "a" / "x.xml")))
        assert ids(home) == ["XX-1-b"]


def test_an_organisation_goes_with_what_it_owns_and_reports(tmp_path: Path) -> None:
    reporter = OrganisationMention(Role.REPORTING, "Hidden Ones", ref="XX-9")
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-9-1", "Reported by it", who=[reporter]), activity("XX-1-1", "By others")])
        put(home, "b", [activity("XX-2-1", "Owned by it")], Access(Level.OWN, "hidden-ones"))
        put(home, "c", [activity("XX-3-1", "It takes part", who=[implementer("Hidden Ones", ref="XX-9")])])
        with pytest.raises(Unknown, match="owns and reports no record"):
            forgetting.forget(home, Wanted(organisation="Nobody"))
        report = forgetting.forget(home, Wanted(organisation="HIDDEN  ones"))
        assert report.records == 2
        with home.database.read() as session:
            assert set(session.scalars(select(m.RecordRow.id))) == {"XX-1-1", "XX-3-1"}


def test_an_unknown_record_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1")])
        before = counts(home)
        with pytest.raises(Unknown, match="No record XX-7"):
            forgetting.forget(home, Wanted(records=("XX-1", "XX-7")))
        assert counts(home) == before


def test_a_run_that_is_cut_off_goes_on_at_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1", SECRET, text=SECRET), activity("XX-2", text="Meals.")])
        with monkeypatch.context() as patch:
            patch.setattr("knowledge.purging._rewrite", cut)
            with pytest.raises(KeyboardInterrupt):
                forgetting.forget(home, Wanted(records=("XX-1",)))
    with opened(tmp_path) as home:
        assert ids(home) == ["XX-2"]
        with home.database.read() as session:
            assert state.owed(session) == {"purge"}
        indexing.finish(home)
        with home.database.read() as session:
            assert state.owed(session) == set()
        assert bytes_left(tmp_path, *MARKS, "XX-1") == {}


def test_a_reader_of_the_old_state_is_waited_for_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge.purging._PATIENCE", 0.3)
    with opened(tmp_path) as home:
        put(home, "a", [activity("XX-1", SECRET), activity("XX-2")])
        with closing(sqlite3.connect(home.settings.database_path)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT id FROM record").fetchall()
            report = forgetting.forget(home, Wanted(records=("XX-1",)))
            assert "still being answered" in report.unfinished
        indexing.finish(home)
        assert bytes_left(tmp_path, *MARKS, "XX-1") == {}


def test_tombstones_recognise_and_lift(tmp_path: Path) -> None:
    with opened(tmp_path) as home, home.database.write() as session:
        assert tombstones.lift(session, tombstones.RECORD, "XX-1") == 0
        assert not tombstones.Tombstones(session)
        tombstones.bury(session, tombstones.RECORD, ["XX-1"], "")
        tombstones.bury(session, tombstones.RECORD, ["XX-2"], "", within="https://example.org/a.xml")
        known = tombstones.Tombstones(session)
        assert known.date_of(tombstones.RECORD, "XX-1") is not None
        assert known.date_of(tombstones.SOURCE, "XX-1") is None
        assert tombstones.lift(session, tombstones.SOURCE, "https://example.org/a.xml") == 1
        assert tombstones.Tombstones(session).date_of(tombstones.RECORD, "XX-2") is None
