"""What is held in memory is level with what is published, and gone once it is forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from knowledge import forgetting, indexing
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member
from knowledge.finding import Facets
from knowledge.forgetting import Wanted
from knowledge.home import Home
from knowledge.records import Access, Level
from knowledge.retrieval import kept, meaning
from knowledge.search import search
from tests.homes import activity, opened, put, source, write


def ids(home: Home, words: str) -> set[str]:
    with home.database.read() as session:
        return {item.hit.id for item in search(home, session, words, Facets(), VISITOR)}


def test_what_is_published_is_found_by_the_next_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("r1", "Boreholes of Kitui", text="Drilling.")])
        assert ids(home, "boreholes") == {"r1"}
        with home.database.read() as session:
            before = home.retrieval.level(session)
            assert home.retrieval.level(session) is before
        # Only the vectors of new texts are read from the store.
        monkeypatch.setattr(meaning, "_FEW_NEW", 10)
        read = meaning._matrix
        missing: list[int] = []

        def counted(connection, model, dimension, hashes, known):  # type: ignore[no-untyped-def]
            missing.append(len(set(hashes.tolist()) - set(known.hashes.tolist() if known else ())))
            return read(connection, model, dimension, hashes, known)

        monkeypatch.setattr(meaning, "_matrix", counted)
        put(home, "b", [activity("r2", "Boreholes of Lamu", text="Drilling again.")])
        assert ids(home, "boreholes") == {"r1", "r2"}
        assert missing == [1]
        write(home, source("a", sha="later"), [activity("r3", "School meals", text="Lunch.")])
        indexing.finish(home)
        assert ids(home, "boreholes") == {"r2"}


def test_a_withdrawn_permission_counts_before_it_is_published(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        records = [activity("r1", "Boreholes of Kitui", text="Drilling.")]
        put(home, "a", records)
        assert ids(home, "boreholes") == {"r1"}
        with home.database.write() as session:
            session.connection().exec_driver_sql("UPDATE record SET level = 'own', owner = 'acme'")
        assert ids(home, "boreholes") == set()
        put(home, "a", records, Access(Level.OWN, "acme"))
        assert ids(home, "boreholes") == set()
        with home.database.read() as session:
            assert search(home, session, "boreholes", Facets(), member("Acme"))


def test_forgetting_empties_the_memory_without_a_question(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("r1", "Quorbistan"), activity("r2", "Boreholes")])
        assert ids(home, "quorbistan") == {"r1"}
        forgetting.forget(home, Wanted(records=("r1",)))
        assert home.retrieval._held is None
        assert not home.retrieval._questions
        assert ids(home, "quorbistan") == set()
        with home.database.read() as session:
            assert len(home.retrieval.level(session).passages.hashes) == 1


def test_questions_at_once_read_the_index_once_and_find_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity(f"r{n}", f"Boreholes {n}", text="Drilling.") for n in range(30)])
        reads: list[int] = []
        read = kept.columns.load

        def counted(connection):  # type: ignore[no-untyped-def]
            reads.append(1)
            return read(connection)

        monkeypatch.setattr(kept.columns, "load", counted)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda _: ids(home, "boreholes"), range(16)))
        assert len(reads) == 1
        assert all(some == found[0] for some in found)
        assert len(found[0]) == 20


def test_the_vector_of_a_question_is_computed_once_and_few_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "_QUESTIONS_KEPT", 2)
    with opened(tmp_path) as home:
        first = home.retrieval.vector("boreholes")
        assert home.retrieval.vector("boreholes") is first
        home.retrieval.vector("meals")
        home.retrieval.vector("mines")
        assert len(home.retrieval._questions) == 2
        assert home.retrieval.vector("boreholes") is not first
