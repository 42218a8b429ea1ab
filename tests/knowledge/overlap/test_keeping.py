"""What is kept of the graph, brought level, or asked of few records, is what is found by making all of it."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.access import PUBLIC, member, operator
from knowledge.forgetting import Wanted, forget
from knowledge.index import Index
from knowledge.indexing import finish
from knowledge.overlap import evidence, graph, kept, making, standing, state
from knowledge.overlap.candidates import candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.graph import Graph
from knowledge.overlap.kept import Made
from knowledge.overlap.parts import Wider, few
from knowledge.records import Access, Level, Link, Record
from tests.homes import activity, opened, place, put, source, write
from tests.knowledge.overlap.making import corpus, others, record

OWN = Access(Level.OWN, "acme")


def wells(ident: str, by: str, **more: object) -> Record:
    return record(
        ident,
        f"Boreholes for refugees in Mpeketoni {ident}",
        "Drilling of boreholes for refugees in Mpeketoni, with water committees. Contract ZX-4711-B.",
        by=by,
        area="Mpeketoni",
        sectors=[("14030", 100.0)],
        **more,  # type: ignore[arg-type]
    )


def many() -> list[Record]:
    return [
        *others(30),
        wells("a", "Acme", does=["Bolt Trust"], amount=70_000),
        wells("b", "Bolt Trust", funds=["Acme"], amount=70_000),
        wells("c", "Cove", links=[Link("parent", "a")]),
        record("w", "Support to regions", "Core support.", country=""),
    ]


def said(found: Graph) -> dict[frozenset[str], tuple[int, tuple[float, ...]]]:
    ids = [one.id for one in found.corpus.profiles]
    return {
        frozenset((ids[a], ids[b])): (int(best), tuple(chance))
        for a, b, best, chance in zip(
            found.left.tolist(), found.right.tolist(), found.best, found.probabilities.tolist(), strict=True
        )
    }


def made(of: Corpus) -> Made:
    return Made("kind", np.arange(len(of), dtype=np.uint64), graph.build(of), 3)


def test_what_is_read_again_is_what_was_written(tmp_path: Path) -> None:
    before = made(corpus(*many()))
    kept.write(tmp_path / "public", before)
    after = kept.read(tmp_path / "public", "kind")
    assert after is not None
    assert said(after.graph) == said(before.graph)
    assert list(after.corpus.profiles) == list(before.corpus.profiles)
    assert (after.touched, after.prints.tolist()) == (3, before.prints.tolist())
    assert said(graph.build(after.corpus)) == said(before.graph)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "public").iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "public").stat().st_mode) == 0o700
    assert kept.read(tmp_path / "public", "another kind") is None
    assert kept.read(tmp_path / "none", "kind") is None


@pytest.mark.parametrize("name", ["about.json", "arrays.npz", "profiles.jsonl"])
def test_a_file_that_cannot_be_read_counts_as_none(tmp_path: Path, name: str) -> None:
    kept.write(tmp_path / "public", made(corpus(*many())))
    file = tmp_path / "public" / name
    file.write_bytes(file.read_bytes()[:40])
    assert kept.read(tmp_path / "public", "kind") is None
    kept.write(tmp_path / "public", made(corpus(*many())))
    assert kept.read(tmp_path / "public", "kind") is not None
    assert [path.name for path in tmp_path.iterdir()] == ["public"]


def test_few_rows_have_the_evidence_they_have_in_the_whole() -> None:
    whole = corpus(*many())
    found = candidates(whole)
    all_of_it = evidence.evidence(whole, found.left, found.right)
    rows = np.array([30, 31, 32], np.int64)
    part = few(whole, rows)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        at = np.flatnonzero((found.left == rows[one]) & (found.right == rows[other]))
        alone = evidence.evidence(part, np.array([one]), np.array([other]))
        np.testing.assert_allclose(alone.values[0], all_of_it.values[at[0]], atol=1e-6)


def test_a_record_that_is_not_stored_meets_what_it_would_meet_stored() -> None:
    records = many()
    new = wells("new", "Dune", does=["Bolt Trust"], amount=70_000, links=[Link("parent", "C")])
    whole, without = corpus(*records, new), corpus(*records)
    row = len(records)
    found, its_row = graph.with_one(without, whole.profiles[row], whole.vectors[row])
    assert its_row == row
    assert isinstance(found.corpus, Wider)
    assert found.corpus.profiles[row].id == "new"
    assert set(found.right.tolist()) == {row}
    expected = graph.build(Corpus(whole.profiles, whole.vectors, without.statistics), of=np.array([row]))
    assert said(found).keys() >= said(expected).keys()
    for pair, (best, chances) in said(expected).items():
        assert said(found)[pair][0] == best
        assert said(found)[pair][1] == pytest.approx(chances, abs=0.01)
    assert {frozenset(("new", ident)) for ident in "abc"} <= said(found).keys()
    assert len(found.corpus.vectors) == len(found.corpus) == len(found.corpus.terms) == row + 1
    for name in ("reporters", "owners", "starts", "ends"):
        assert len(getattr(found.corpus, name)) == row + 1


def test_more_workers_find_the_same() -> None:
    whole = corpus(*[replace(one, id=f"{one.id} {n}") for n in range(3) for one in many()])
    assert said(graph.build(whole, workers=2)) == said(graph.build(whole))


SHOWN = [
    activity(f"r{n}", f"{what} of {where}", who=[f"Group {n}"], where=[place(where)], text=f"Support for {what}.")
    for n, (what, where) in enumerate(
        (what, where) for what in ("Wells", "Schools", "Clinics", "Roads") for where in ("Lamu", "Kitui", "Garissa")
    )
]
NEW = activity("new", "Wells of Lamu", who=["Elm"], where=[place("Lamu")], text="Support for Wells.")


def test_the_graph_is_brought_level_as_records_come_and_is_exact_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        index = Index(home)
        index.overlaps.graph(PUBLIC, wait=None)
        monkeypatch.setattr(making, "make", lambda *_, **__: 1 / 0)
        put(home, "b", [NEW])
        level = index.overlaps.graph(PUBLIC, wait=None)
        monkeypatch.undo()
        index.overlaps.clear()
        anew = index.overlaps.graph(PUBLIC, wait=None)
    assert anew is not level
    assert frozenset(("r0", "new")) in said(level)
    assert len(said(level).keys() ^ said(anew).keys()) <= 0.1 * len(said(anew))
    for pair in said(level).keys() & said(anew).keys():
        assert said(level)[pair][1] == pytest.approx(said(anew)[pair][1], abs=0.1)
    with opened(tmp_path) as home:
        assert said(Index(home).overlaps.graph(PUBLIC, wait=None)) == said(anew)


def test_what_is_kept_is_read_at_the_next_start_and_brought_level(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        index = Index(home)
        index.overlaps.warm([PUBLIC])
        before = index.overlaps.graph(PUBLIC, wait=None)
    assert (tmp_path / standing.FOLDER / "public" / "about.json").exists()
    monkeypatch.setattr(making, "make", lambda *_, **__: 1 / 0)
    with opened(tmp_path) as home:
        index = Index(home)
        index.overlaps.warm([PUBLIC])
        assert said(index.overlaps.graph(PUBLIC, wait=None)) == said(before)
        put(home, "b", [NEW])
        assert frozenset(("r0", "new")) in said(index.overlaps.graph(PUBLIC, wait=None))


def test_of_what_is_forgotten_or_withdrawn_no_file_is_left(tmp_path: Path) -> None:
    secret = activity("s1", "Quassia of Lamu", who=["Quassia Fund"], where=[place("Lamu")], text="Support for Quassia.")
    root = tmp_path / standing.FOLDER

    def holding() -> list[Path]:
        return [path for path in root.rglob("*") if path.is_file() and b"uassia" in path.read_bytes()]

    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        put(home, "b", [secret])
        index = Index(home)
        index.overlaps.warm([PUBLIC])
        index.overlaps.graph(PUBLIC, wait=None)
        assert holding()
        forget(home, Wanted(records=("s1",)))
        assert "s1" not in index.overlaps.graph(PUBLIC, wait=None).corpus.index
        assert not holding()
        put(home, "c", [replace(secret, id="s2")])
        index.overlaps.clear()
        index.overlaps.warm([PUBLIC])
        index.overlaps.graph(PUBLIC, wait=None)
        assert holding()
        put(home, "c", [], OWN)
        put(home, "d", [NEW])
        assert "s2" not in index.overlaps.graph(PUBLIC, wait=None).corpus.index
        home.close()
        assert not holding()


@pytest.mark.parametrize("public_first", [True, False])
def test_kept_files_of_an_audience_hold_what_it_may_see(tmp_path: Path, public_first: bool) -> None:
    hidden = activity("s1", "Quassia of Lamu", who=["Quassia Fund"], where=[place("Lamu")], text="Support for Quassia.")
    with opened(tmp_path, "Acme") as home:
        put(home, "a", SHOWN)
        put(home, "b", [hidden], OWN)
        index, audience = Index(home), operator("Acme")
        index.overlaps.warm([PUBLIC, audience] if public_first else [audience, PUBLIC])
        if not public_first:
            index.overlaps.graph(audience, wait=None)
        public = index.overlaps.graph(PUBLIC, wait=None)
        theirs = index.overlaps.graph(audience, wait=None)
        assert "s1" in theirs.corpus.index
        assert said(public).keys() <= said(theirs).keys()
        for pair in said(public):
            assert said(theirs)[pair][1] == said(public)[pair][1]
    for file in (tmp_path / standing.FOLDER / "public").iterdir():
        assert b"uassia" not in file.read_bytes()


def test_a_print_changes_with_what_a_record_is_made_of(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        with home.database.read() as session:
            before = state.records(session, PUBLIC, home.embedder.name)
        write(home, source("a", sha="2"), [replace(SHOWN[0], title="Wells for Lamu"), *SHOWN[1:]])
        finish(home)
        with home.database.read() as session:
            after = state.records(session, PUBLIC, home.embedder.name)
            unembedded = state.records(session, PUBLIC, "another model")
    assert np.flatnonzero(before.prints != after.prints).tolist() == [0]
    assert before.kind == after.kind != unembedded.kind
    assert not (after.prints == unembedded.prints).any()


def test_many_records_are_compared_by_a_process_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        put(home, "b", [NEW], OWN)
        index = Index(home)
        here = index.overlaps.graph(PUBLIC, wait=None)
        index.overlaps.clear()
        monkeypatch.setattr(standing, "_SMALL", 2)
        monkeypatch.setattr(making, "make", lambda *_, **__: 1 / 0)
        there = index.overlaps.graph(PUBLIC, wait=None)
        assert said(there) == said(here)
        theirs = index.overlaps.graph(member("Acme"), wait=None)
        assert "new" in theirs.corpus.index
        index.overlaps.close()
    assert [path.name for path in (tmp_path / standing.FOLDER).iterdir()] == []


def test_a_program_that_was_replaced_while_it_runs_makes_it_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "engine", lambda: "another one than that on the disk")
    monkeypatch.setattr(standing, "_SMALL", 2)
    with opened(tmp_path) as home:
        put(home, "a", SHOWN)
        found = Index(home).overlaps.graph(PUBLIC, wait=120)
    assert len(found.corpus) == len(SHOWN)
