"""Profiles of a home: what an audience may see, and nothing that it may not changes a number."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from connectors import commands_evaluate_overlap as commands
from connectors.client import CommandError
from knowledge.access import PUBLIC, member
from knowledge.overlap import evaluating, graph, labels, loading
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.labels import Label, LabelledPair
from knowledge.records import Access, Level, RecordKind
from tests.homes import activity, opened, place, put

OWN = Access(Level.OWN, "acme")


def test_private_records_change_nothing_for_others(tmp_path: Path) -> None:
    shown = [
        activity("r1", "Boreholes of Lamu", who=["Bolt Trust"], where=[place("Lamu")], text="Drilling of boreholes."),
        activity("r2", "Wells of Lamu", who=["Cove"], where=[place("Lamu")], text="Drilling of wells with Cove."),
    ]
    hidden = activity("s1", "Secret wells", who=["Bolt"], where=[place("Lamu", "Hidden Site")], text="Drilling.")
    with opened(tmp_path) as home:
        put(home, "a", shown)
        with home.database.read() as session:
            before = loading.load(session, PUBLIC, home.embedder.name)
        put(home, "b", [hidden], OWN)
        with home.database.read() as session:
            after = loading.load(session, PUBLIC, home.embedder.name)
            theirs = loading.load(session, member("Acme"), home.embedder.name)
    assert before.profiles == after.profiles
    assert np.array_equal(before.vectors, after.vectors)
    assert [one.id for one in theirs.profiles] == ["r1", "r2", "s1"]
    one, two = Corpus(before.profiles, before.vectors), Corpus(after.profiles, after.vectors)
    assert one.statistics == two.statistics
    assert np.array_equal(graph.build(one).probabilities, graph.build(two).probabilities)


def test_initiatives_are_loaded_and_rows_of_presence_are_not(tmp_path: Path) -> None:
    records = [
        activity("r1", "Boreholes of Lamu", text="Drilling of boreholes."),
        activity("r2", "Water", kind=RecordKind.PRESENCE, text="Drilling of boreholes."),
    ]
    with opened(tmp_path) as home:
        put(home, "a", records)
        with home.database.read() as session:
            loaded = loading.load(session, PUBLIC, home.embedder.name)
            proposal = loading.one(session, activity("new", "Wells", where=[place("Lamu")], text="Wells."), PUBLIC)
    assert [one.id for one in loaded.profiles] == ["r1"]
    assert np.allclose(np.linalg.norm(loaded.vectors, axis=1), 1.0, atol=1e-5)
    assert proposal.places == {"KE|": 1.0}


def test_an_empty_home_has_an_empty_graph(tmp_path: Path) -> None:
    with opened(tmp_path) as home, home.database.read() as session:
        loaded = loading.load(session, PUBLIC, home.embedder.name)
    assert len(graph.build(Corpus(loaded.profiles, loaded.vectors))) == 0


def test_measuring_runs_on_a_handful_of_pairs(tmp_path: Path) -> None:
    words = ("wells", "schools", "clinics", "roads", "seeds", "votes", "cash", "tents", "mines", "milk")
    records = [
        activity(f"r{n}", f"{word} {m}", who=[f"Group {n} {m}"], where=[place("Lamu")], text=f"Support for {word}.")
        for n, word in enumerate(words)
        for m in (0,)
    ] + [activity(f"t{n}", f"More {word}", who=["Cove"], text=f"More {word} here.") for n, word in enumerate(words)]
    pairs = [LabelledPair(f"r{n}", f"t{n}", Label.OVERLAP if n % 2 else Label.UNRELATED) for n in range(len(words))] + [
        LabelledPair("r0", "gone", Label.CHAIN)
    ]
    with opened(tmp_path) as home:
        put(home, "a", records)
        with home.database.read() as session:
            loaded = loading.load(session, PUBLIC, home.embedder.name)
            corpus = Corpus(loaded.profiles, loaded.vectors)
            again = evaluating.reported_again(session, PUBLIC, ["r1", "r2"], lambda record: loaded.vectors[0])
    prepared = evaluating.prepare(corpus, again, pairs)
    assert [(pair.a, pair.b) for pair in prepared.missing] == [("r0", "gone")]
    report = evaluating.evaluate(prepared, links=False, seeds=1).as_json()
    assert report == evaluating.evaluate(prepared, links=False, seeds=1).as_json()
    assert set(report["f1"]) == {"overlap", "unrelated"}


def test_the_command_measures_writes_what_can_be_read_and_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [
        activity(f"r{n}", f"Wells {n}", who=[f"Group {n}"], where=[place("Lamu")], text=f"Wells for village {n}.")
        for n in range(16)
    ]
    rows = [f"r{n},r{n + 8},{'overlap' if n % 2 else 'chain'}" for n in range(8)]
    file, written = tmp_path / "pairs.csv", tmp_path / "model.json"
    file.write_text("\n".join(["a,b,label", *rows, "r0,gone,chain"]), encoding="utf-8")
    with opened(tmp_path / "home") as home:
        put(home, "a", records)
        report = commands.measured(home, labels.read(file), links=False, seeds=1, write=written)
    assert report["pairs"] == 8
    assert report["missing"] == [("r0", "gone")]
    assert set(report["runs"]) == {"Common Ground", "cosine alone", "TF-IDF alone"}
    assert report["blocking"]["recall"] == {"chain": 1.0, "overlap": 1.0}
    assert set(json.loads(written.read_text(encoding="utf-8"))) >= {"hidden", "declared", "trained_on"}
    commands._show(report)
    shown = capsys.readouterr().out
    assert "F1 overlap" in shown
    assert "not in this index: 1." in shown
    monkeypatch.setenv("COMMONGROUND_HOME", str(tmp_path / "empty"))
    with pytest.raises(CommandError, match="None of the pairs"):
        commands.overlap(file)
    with pytest.raises(CommandError, match="Give a CSV file"):
        commands.overlap(tmp_path / "none.csv")
