"""The graph as files that other programs read, and where in it most meet."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

import networkx as nx  # type: ignore[import-untyped]
import pytest

from knowledge.overlap import cells, exporting, graph
from knowledge.overlap.graph import Graph
from knowledge.overlap.labels import LABELS, Label
from knowledge.records import Record
from tests.knowledge.overlap.making import corpus, others, record

HOSTILE = '=HYPERLINK("x") <b>&\x00\x0b "wells"'


@dataclass(frozen=True)
class Says:
    label: Label | None
    by: str = "@Acme"
    at: datetime = datetime(2026, 11, 1, tzinfo=UTC)


def wells(ident: str, by: str, title: str = "Boreholes for refugees in Mpeketoni") -> Record:
    return record(
        ident,
        title,
        "Drilling of boreholes for refugees in Mpeketoni, with water committees.",
        by=by,
        area="Mpeketoni",
        sectors=[("14030", 100.0)],
    )


@pytest.fixture(scope="module")
def made() -> Graph:
    return graph.build(
        corpus(wells("-1", "Acme"), wells("B&2", "Bolt", HOSTILE), wells("C<3>", "Cove"), *others(12)),
    )


def pairs(graph: Graph) -> set[frozenset[str]]:
    ids = [one.id for one in graph.corpus.profiles]
    return {frozenset((ids[a], ids[b])) for a, b in zip(graph.left.tolist(), graph.right.tolist(), strict=True)}


def test_graphml_is_read_by_others_whatever_stands_in_a_title(made: Graph) -> None:
    file = io.StringIO()
    exporting.write_graphml(made, {}, file)
    read = nx.parse_graphml(file.getvalue())
    assert {frozenset(edge) for edge in read.edges} == pairs(made)
    assert read.nodes["B&2"]["title"] == '=HYPERLINK("x") <b>& "wells"'
    assert read.nodes["C<3>"]["start"] == "2025-01-01"
    for _, _, data in read.edges(data=True):
        assert data["label"] in list(LABELS)
        assert 0 < data["probability"] <= 1


def test_json_is_read_by_others(made: Graph) -> None:
    file = io.StringIO()
    exporting.write_json(made, {}, file)
    read = nx.node_link_graph(json.loads(file.getvalue()), edges="links")
    assert {frozenset(edge) for edge in read.edges} == pairs(made)
    assert read.nodes["B&2"]["title"] == HOSTILE
    assert read.nodes["-1"]["countries"] == ["KE"]


def test_no_cell_of_the_csv_is_a_formula(made: Graph) -> None:
    file = io.StringIO(newline="")
    exporting.write_csv(made, {frozenset(("-1", "B&2")): Says(Label.CHAIN)}, file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    assert len(rows) == len(made)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@"))]
    said = next(row for row in rows if {row["a"], row["b"]} == {"'-1", "B&2"})
    assert (said["label"], said["probability"], said["judged_by"]) == ("chain", "", "'@Acme")
    assert said["judged_at"] == "2026-11-01"


def test_the_word_of_people_stands_in_place_of_the_model(made: Graph) -> None:
    ids = [one.id for one in made.corpus.profiles]
    alone = ("-1", "other-0")
    assert frozenset(alone) not in pairs(made)
    judged = {
        frozenset(("-1", "B&2")): Says(Label.UNRELATED),
        frozenset(("-1", "C<3>")): Says(None),
        frozenset(alone): Says(Label.FAMILY),
        frozenset(("-1", "hidden")): Says(Label.OVERLAP),
    }
    found = {frozenset((ids[edge.a], ids[edge.b])): edge for edge in exporting.edges(made, judged)}
    assert found.keys() == pairs(made) - {frozenset(("-1", "B&2"))} | {frozenset(alone)}
    assert found[frozenset(alone)].label is Label.FAMILY
    assert found[frozenset(("-1", "C<3>"))].probability is not None


def test_cells_count_initiatives_publishers_and_pairs(made: Graph) -> None:
    labels = [Label.OVERLAP, Label.COMPLEMENTARY, Label.DUPLICATE]
    found = cells.busiest(made, labels=labels)
    top = next(cell for cell in found if cell.path == "KE|")
    assert top.publishers >= 3
    assert top.initiatives >= top.publishers
    assert top.examples
    below = cells.busiest(made, labels=labels, below=True, within="KE|KE010|")
    assert {cell.place for cell in below} == {"KE010", "KE0101"}
    assert {(cell.initiatives, cell.publishers) for cell in below} == {(3, 3)}
    assert cells.busiest(made, labels=labels, within="UG|") == []
    assert cells.busiest(made, labels=labels, open_on=date(2026, 6, 1).toordinal()) == []
    nobody = dict.fromkeys(pairs(made), Label.UNRELATED)
    assert cells.busiest(made, labels=labels, judged=nobody) == []
    assert set(top.as_json()) == {"place", "path", "theme", "initiatives", "publishers", "pairs", "examples"}


def test_components_are_what_hangs_together(made: Graph) -> None:
    ids = [one.id for one in made.corpus.profiles]
    read = nx.Graph([(ids[a], ids[b]) for a, b in zip(made.left.tolist(), made.right.tolist(), strict=True)])
    expected = {frozenset(part) for part in nx.connected_components(read)}
    found = cells.components(made, list(LABELS))
    assert {frozenset(part) for part in found} == expected
    assert [len(part) for part in found] == sorted(map(len, found), reverse=True)
