"""What is remembered of records between questions: found again, shared, and let go of as soon as records change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from knowledge import finding, indexing
from knowledge.access import PUBLIC
from knowledge.finding import Facets, Hit
from knowledge.home import Home
from knowledge.records import Access, Level
from knowledge.store import models as m
from knowledge.store.remembered import changes_records, recalled
from tests.homes import activity, implementer, opened, place, source, write


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with opened(tmp_path / "home") as home:
        write(home, source("a"), [activity("KE-1", "Wells", who=[implementer("Acme Relief")], where=[place()])])
        indexing.finish(home)
        yield home


def found(home: Home) -> list[Hit]:
    with home.database.read() as session:
        return finding.find(session, Facets(), PUBLIC)


def test_a_record_is_read_once_for_questions_that_follow(home: Home) -> None:
    assert found(home)[0] is found(home)[0]


def test_what_was_read_before_a_change_is_not_found_after_it(home: Home) -> None:
    assert [hit.title for hit in found(home)] == ["Wells"]
    with home.database.write() as session:
        session.execute(update(m.RecordRow).values(title="Deep wells"))
    assert [hit.title for hit in found(home)] == ["Deep wells"]


def test_a_reader_that_began_before_the_change_leaves_nothing_behind(home: Home) -> None:
    with home.database.read() as early:
        with home.database.write() as session:
            session.execute(update(m.RecordRow).values(title="Deep wells"))
        early.info["remembered"].setdefault("hits", {}).clear()
        recalled(early, "titles", "all", lambda: ["Wells"])
    with home.database.read() as late:
        assert recalled(late, "titles", "all", lambda: ["Deep wells"]) == ["Deep wells"]
    assert [hit.title for hit in found(home)] == ["Deep wells"]


def test_a_change_of_something_else_is_no_reason_to_forget(home: Home) -> None:
    before = found(home)[0]
    with home.database.write() as session:
        session.execute(update(m.WatchRow).values(person="nobody"))
    assert found(home)[0] is before


def test_what_one_reader_may_see_is_not_what_the_next_one_gets(home: Home) -> None:
    assert found(home)
    with home.database.write() as session:
        session.execute(update(m.RecordRow).values(level=Level.OWN.value, owner="acme-relief"))
    assert found(home) == []
    assert Access(Level.OWN, "acme-relief")


def test_a_session_to_write_in_remembers_nothing(home: Home) -> None:
    made: list[int] = []

    def make() -> int:
        made.append(1)
        return len(made)

    with home.database.write() as session:
        assert [recalled(session, "n", "key", make), recalled(session, "n", "key", make)] == [1, 2]
    with home.database.read() as session:
        assert [recalled(session, "n", "key", make), recalled(session, "n", "key", make)] == [3, 3]


def test_only_so_much_is_remembered(home: Home) -> None:
    with home.database.read() as session:
        for number in range(5):
            recalled(session, "numbers", number, lambda number=number: number, most=3)  # type: ignore[misc]
        assert len(session.info["remembered"]["numbers"]) <= 3


@pytest.mark.parametrize(
    ("statement", "changes"),
    [
        ("UPDATE record SET title=?", True),
        ('INSERT INTO "record_theme" (theme) VALUES (?)', True),
        ("INSERT OR REPLACE INTO record_text(rowid) VALUES (1)", True),
        ("\n  DELETE FROM place WHERE id=?", True),
        ("SELECT * FROM record", False),
        ("UPDATE watch SET seen=?", False),
        ("INSERT INTO record_change (id) VALUES (1)", False),
    ],
)
def test_which_statements_change_records(statement: str, changes: bool) -> None:
    assert changes_records(statement) is changes
