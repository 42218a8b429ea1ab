"""`commonground evaluate overlap`: how well pairs of records are told apart, measured on a file of labelled pairs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.table import Table

from connectors.client import CommandError
from connectors.terminal import Json, out, plain, print_json
from knowledge.access import PUBLIC
from knowledge.home import Home, HomeInUse
from knowledge.overlap import evaluating, labels, loading
from knowledge.overlap.candidates import CHANNELS, candidates
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.evaluating import BASELINES, Prepared
from knowledge.overlap.graph import build
from knowledge.overlap.labels import LABELS, Label
from knowledge.records import Record
from knowledge.settings import Settings

_TRIED, _TAUGHT, _PARTNERS = 500, 500, 200
_SEED = 2026


def overlap(
    file: Annotated[Path, typer.Argument(help="Labelled pairs: CSV with a, b and label (docs/overlap.md).")],
    ignore_links: Annotated[
        bool, typer.Option("--ignore-declared-links", help="Hide related activities and activity ids of participants.")
    ] = False,
    seeds: Annotated[int, typer.Option(min=1, max=20, help="Divisions into folds.")] = 3,
    write: Annotated[Path | None, typer.Option(help="Train on all pairs and write the parameters here.")] = None,
    as_json: Json = False,
) -> None:
    """How well pairs of records are told apart: cross-validated F1 and calibration, blocking, duplicates, baselines."""
    try:
        pairs = labels.read(file)
    except labels.UnreadablePairs as error:
        raise CommandError(str(error), 2) from None
    try:
        with Home(Settings.load()) as home:
            report = measured(home, pairs, links=not ignore_links, seeds=seeds, write=write)
    except HomeInUse as error:
        raise CommandError(str(error)) from None
    if as_json:
        print_json(report)
    else:
        _show(report)


def measured(
    home: Home, pairs: Sequence[labels.LabelledPair], *, links: bool, seeds: int, write: Path | None = None
) -> dict[str, Any]:
    """The whole report as JSON; only what is public is measured. With `write`, the parameters are written there."""
    with home.database.read() as session:
        loaded = loading.load(session, PUBLIC, home.embedder.name)
        corpus = Corpus(loaded.profiles, loaded.vectors)
        ids = sorted(corpus.index)
        Random(_SEED).shuffle(ids)
        splitter = home.splitter()

        def embed(record: Record) -> NDArray[np.float32]:
            texts = [passage.text for passage in splitter.passages(record)][: loading.FIRST_PASSAGES]
            vector = home.embedder.embed(texts or [record.title]).sum(axis=0)
            return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)

        again = evaluating.reported_again(session, PUBLIC, ids[: _TRIED + _TAUGHT], embed)
    prepared = evaluating.prepare(corpus, again[_TRIED:], pairs)
    if not prepared.pairs:
        raise CommandError("None of the pairs is in this index. Ingest the records that they name", 2)
    if write is not None:
        write.write_text(json.dumps(evaluating.trained(prepared, seeds=seeds), indent=1) + "\n", encoding="utf-8")
    runs = {"Common Ground": evaluating.evaluate(prepared, links=links, seeds=seeds)}
    runs |= {
        name: evaluating.evaluate(prepared, links=False, seeds=seeds, inputs=inputs)
        for name, inputs in BASELINES.items()
    }
    return {
        "pairs": len(prepared.pairs),
        "missing": [(pair.a, pair.b) for pair in prepared.missing],
        "declared_links": links,
        "runs": {name: run.as_json() for name, run in runs.items()},
        "blocking": _blocking(corpus, prepared, links=links),
        "duplicates": _duplicates(corpus, again[:_TRIED]),
        "partners": evaluating.partners(corpus, prepared, sample=_PARTNERS, seed=_SEED),
    }


def _blocking(corpus: Corpus, prepared: Prepared, *, links: bool) -> dict[str, Any]:
    """Of the labelled pairs, the share that are candidates."""
    found = candidates(corpus, links=links)
    keys = found.left * len(corpus) + found.right
    left = np.array([corpus.index[pair.a] for pair in prepared.pairs], np.int64)
    right = np.array([corpus.index[pair.b] for pair in prepared.pairs], np.int64)
    wanted = np.minimum(left, right) * len(corpus) + np.maximum(left, right)
    hit = np.isin(wanted, keys)
    return {
        "candidates": len(found),
        "by_channel": {name: int((found.channels >> c & 1).sum()) for c, name in enumerate(CHANNELS)},
        "recall": {
            label.value: round(float(hit[prepared.wanted == c].mean()), 4)
            for c, label in enumerate(LABELS)
            if (prepared.wanted == c).any()
        },
    }


def _duplicates(corpus: Corpus, again: Sequence[evaluating.Again]) -> dict[str, Any]:
    """Of records reported again that nothing was learned from: how many are found, and how many of those found are."""
    both = evaluating.with_again(corpus, again)
    found = build(both, links=False, of=np.arange(len(corpus), len(both), dtype=np.int64))
    taken = found.of(Label.DUPLICATE)
    pairs = {(int(found.left[k]), int(found.right[k])) for k in taken.tolist()}
    pairs = {(left, right) for left, right in pairs if left < len(corpus) <= right}
    wanted = {(both.index[ident], both.index[one.id]) for ident, one, _ in again}
    right = len(pairs & wanted)
    return {
        "reported_again": len(wanted),
        "recall": round(right / max(1, len(wanted)), 4),
        "precision": round(right / max(1, len(pairs)), 4),
    }


def _show(report: dict[str, Any]) -> None:
    table = Table(title=f"{report['pairs']} labelled pairs, cross-validated", title_justify="left")
    table.add_column("Label")
    for name in report["runs"]:
        table.add_column(plain(name), justify="right")
    for label in LABELS:
        row = [run["f1"].get(label.value) for run in report["runs"].values()]
        if any(value is not None for value in row):
            table.add_row(f"F1 {label.value}", *(f"{value:.3f}" for value in row))
    for key, name in (
        ("macro_f1", "Macro-F1"),
        ("macro_f1_over_seeds", "its deviation over seeds"),
        ("accuracy", "Accuracy"),
        ("calibration_error", "Calibration error"),
    ):
        table.add_row(name, *(f"{run[key]:.3f}" for run in report["runs"].values()))
    out.print(table)
    blocking = Table(title=f"{report['blocking']['candidates']:,} candidate pairs", title_justify="left")
    blocking.add_column("Label")
    blocking.add_column("Share that are candidates", justify="right")
    for label_name, recall in report["blocking"]["recall"].items():
        blocking.add_row(label_name, f"{recall:.3f}")
    out.print(blocking)
    again = report["duplicates"]
    out.print(
        f"Of {again['reported_again']} records reported again, found {again['recall']:.3f}, "
        f"and {again['precision']:.3f} of those taken for it are.",
        highlight=False,
    )
    linked = report["partners"]
    if linked["records"]:
        out.print(
            f"Of {linked['records']} records linked with another publisher's, links hidden, the linked one is among "
            f"the first 10 for {linked['in_first_10']:.3f}, the first for {linked['in_first_1']:.3f}.",
            highlight=False,
        )
    if report["missing"]:
        out.print(f"Pairs with records that are not in this index: {len(report['missing'])}.", highlight=False)
