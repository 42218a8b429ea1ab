"""One identifier in several sources: which statement is shown, that no other is lost, and what a withdrawal does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member, visible
from knowledge.home import Home
from knowledge.records import Access, Level, Record, Source
from knowledge.store import models as m
from tests.homes import activity, opened, source, write

OWN = Access(Level.OWN, "acme")
OLD, NEW = date(2025, 1, 1), date(2026, 1, 1)


def titles(home: Home, who: str = "") -> set[str]:
    with home.database.read() as session:
        clause = visible(member(who) if who else VISITOR)
        return set(session.scalars(select(m.RecordRow.title).where(clause, m.RecordRow.retired_at.is_(None))))


def copies(home: Home) -> dict[str, bool]:
    """File -> whether what it says is withdrawn, of the statements that are not shown."""
    with home.database.read() as session:
        rows = session.execute(
            select(m.SourceRow.name, m.RecordCopyRow.retired_at).join(
                m.RecordCopyRow, m.RecordCopyRow.source_id == m.SourceRow.id
            )
        )
        return {name.removesuffix(".xml"): retired is not None for name, retired in rows}


def found_by_word(home: Home, word: str) -> int:
    with home.database.read() as session:
        match = text("SELECT count(*) FROM record_text WHERE record_text MATCH :word")
        return int(session.scalar(match, {"word": word}) or 0)


STATEMENTS: dict[str, tuple[Source, Record]] = {
    "old": (source("old"), activity("r1", "Old", reported_on=OLD, text="Wells.")),
    "new": (source("new"), activity("r1", "New", reported_on=NEW, text="Pumps.")),
    "private": (source("private", OWN), activity("r1", "Private", reported_on=date(2026, 6, 1), text="Secrets.")),
}


@pytest.mark.parametrize("order", list(itertools.permutations(STATEMENTS)))
def test_the_newest_of_the_most_open_is_shown_whatever_came_first(tmp_path: Path, order: tuple[str, ...]) -> None:
    with opened(tmp_path) as home:
        reports = {name: write(home, STATEMENTS[name][0], [STATEMENTS[name][1]]) for name in order}
        assert titles(home) == titles(home, "acme") == {"New"}
        assert copies(home) == {"old": False, "private": False}
        assert [found_by_word(home, word) for word in ("pumps", "wells", "secrets")] == [1, 0, 0]
        assert not any(report.problems for report in reports.values())


def test_a_secondary_reporter_stands_behind_the_first_hand_of_the_same_day(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        second = replace(activity("r1", "Second hand", reported_on=NEW), secondary_reporter=True)
        write(home, source("z"), [second])
        write(home, source("a"), [activity("r1", "First hand", reported_on=NEW)])
        assert titles(home) == {"First hand"}
        assert copies(home) == {"z": False}


def test_reading_again_changes_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        for origin, record in STATEMENTS.values():
            write(home, origin, [record])
        for origin, record in STATEMENTS.values():
            again = write(home, replace(origin, sha256="2"), [record])
            assert (again.added, again.changed, again.retired, again.unchanged) == (0, 0, 0, 1)


def test_a_withdrawn_statement_leaves_the_next_one_shown(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        for origin, record in STATEMENTS.values():
            write(home, origin, [record])
        write(home, source("new", sha="2"), [activity("r2", "Other", reported_on=NEW)])
        assert titles(home) == {"Old", "Other"}
        assert copies(home) == {"new": True, "private": False}
        assert [found_by_word(home, word) for word in ("pumps", "wells")] == [0, 1]
        write(home, source("old", sha="2"), [])
        assert (titles(home), titles(home, "acme")) == ({"Other"}, {"Other", "Private"})
        assert copies(home) == {"new": True, "old": True}


def test_a_copy_that_is_withdrawn_keeps_its_date_and_can_return(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        for name in ("new", "old"):
            write(home, STATEMENTS[name][0], [STATEMENTS[name][1]])
        assert write(home, source("old", sha="2"), []).retired == 1
        assert copies(home) == {"old": True}
        write(home, source("old", sha="3"), [activity("r1", "Old again", reported_on=OLD)])
        assert copies(home) == {"old": False}
        assert titles(home) == {"New"}


def test_a_shown_statement_that_became_older_gives_way(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        for name in ("old", "new"):
            write(home, STATEMENTS[name][0], [STATEMENTS[name][1]])
        write(home, source("new", sha="2"), [activity("r1", "Back-dated", reported_on=date(2020, 1, 1))])
        assert titles(home) == {"Old"}
        assert copies(home) == {"new": False}


def test_an_identifier_twice_in_one_file_counts_once_and_is_said(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        report = write(home, source("a"), [activity("r1", "First"), activity("r1", "Second")])
        assert titles(home) == {"First"}
        assert ["stands in the file already" in problem.reason for problem in report.problems] == [True]
