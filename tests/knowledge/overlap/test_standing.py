"""The graph of a home: level with what is published, made beside the questions, and nobody's but who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from knowledge import forgetting
from knowledge.access import PUBLIC, member
from knowledge.forgetting import Wanted
from knowledge.index import Index
from knowledge.overlap import graph as graphs
from knowledge.overlap import state
from knowledge.overlap.graph import Graph
from knowledge.overlap.standing import NotReady
from knowledge.records import Access, Level, Record
from tests.homes import activity, opened, place, put

OWN = Access(Level.OWN, "acme")
SHOWN = [
    activity("r1", "Boreholes of Lamu", who=["Bolt Trust"], where=[place("Lamu")], text="Drilling of boreholes."),
    activity("r2", "Wells of Lamu", who=["Cove"], where=[place("Lamu")], text="Drilling of boreholes with Cove."),
    activity("r3", "Schools of Lamu", who=["Dune"], where=[place("Lamu")], text="Building of schools."),
]
HIDDEN = activity("s1", "Boreholes of Lamu", who=["Bolt"], where=[place("Lamu")], text="Drilling of boreholes.")


@contextmanager
def index(folder: Path, records: list[Record] = SHOWN) -> Iterator[Index]:
    with opened(folder) as home:
        put(home, "a", records)
        yield Index(home)


def pairs(graph: Graph) -> set[tuple[str, str]]:
    ids = [one.id for one in graph.corpus.profiles]
    return {(ids[a], ids[b]) for a, b in zip(graph.left.tolist(), graph.right.tolist(), strict=True)}


def test_the_graph_follows_what_is_published(tmp_path: Path) -> None:
    with index(tmp_path) as asked:
        before = asked.overlaps.graph(PUBLIC, wait=None)
        assert asked.overlaps.graph(PUBLIC, wait=0) is before
        put(asked.home, "b", [HIDDEN])
        after = asked.overlaps.graph(PUBLIC, wait=None)
        assert {one.id for one in after.corpus.profiles} == {"r1", "r2", "r3", "s1"}
        forgetting.forget(asked.home, Wanted(records=("s1",)))
        assert {one.id for one in asked.overlaps.graph(PUBLIC, wait=None).corpus.profiles} == {"r1", "r2", "r3"}


def test_others_see_no_pair_of_a_private_record(tmp_path: Path) -> None:
    with index(tmp_path) as asked:
        put(asked.home, "b", [HIDDEN], OWN)
        theirs = asked.overlaps.graph(member("Acme"), wait=None)
        assert "s1" in theirs.corpus.index
        assert any("s1" in pair for pair in pairs(theirs))
        assert "s1" not in asked.overlaps.graph(PUBLIC, wait=None).corpus.index
        with pytest.raises(KeyError):
            asked.overlaps.around(PUBLIC, "s1", wait=None)


def test_who_asks_too_early_is_told_so_and_one_record_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = Event()
    build = graphs.build

    def slow(corpus: Any, **options: Any) -> Graph:
        if options.get("of") is None:
            going_on.wait(20)
        return build(corpus, **options)

    monkeypatch.setattr(graphs, "build", slow)
    with index(tmp_path) as asked:
        overlaps = asked.overlaps
        overlaps.warm([PUBLIC])
        corpus = overlaps.corpus(PUBLIC, wait=None)
        with pytest.raises(NotReady) as early:
            overlaps.graph(PUBLIC, wait=0.05)
        assert early.value.all == len(corpus) == 3
        graph, row = overlaps.around(PUBLIC, "r1")
        assert row == corpus.index["r1"]
        assert overlaps.progress(PUBLIC) == (0, 3)
        proposal = activity("new", "Wells of Lamu", who=["Elm"], where=[place("Lamu")], text="Drilling of boreholes.")
        graph, row = overlaps.with_proposal(PUBLIC, proposal)
        assert (row, graph.corpus.profiles[row].id) == (3, "new")
        assert set(graph.right.tolist()) <= {3}
        going_on.set()
        assert pairs(overlaps.graph(PUBLIC, wait=None)) >= {("r1", "r2")}
        assert overlaps.progress(PUBLIC) is None


def test_an_older_graph_is_never_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with index(tmp_path, [*SHOWN, HIDDEN]) as asked:
        asked.overlaps.graph(PUBLIC, wait=None)
        monkeypatch.setattr(state, "records", lambda *_: 1 / 0)
        forgetting.forget(asked.home, Wanted(records=("s1",)))
        with pytest.raises(ZeroDivisionError):
            asked.overlaps.graph(PUBLIC, wait=None)
