"""The graph as files: CSV for a spreadsheet, JSON for a program, GraphML for Gephi, yEd or networkx.

Each writer goes through the pairs once and holds none of the file in memory. What people said of a pair stands in it
in place of what the model says; pairs that they call unrelated are left out as those that the model does are.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol, TextIO
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from knowledge.overlap.graph import Graph
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.profiles import Profile

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Said(Protocol):
    """What people said of a pair: `label` is None where they took it back; who said so, and when."""

    @property
    def label(self) -> Label | None: ...
    @property
    def by(self) -> str: ...
    @property
    def at(self) -> datetime: ...


Judged = Mapping[frozenset[str], Said]


@dataclass(frozen=True, slots=True)
class Edge:
    """`probability` is that of `label`; None where people gave the label."""

    a: int
    b: int
    label: Label
    probability: float | None
    said: Said | None = None


def edges(graph: Graph, judged: Judged) -> Iterator[Edge]:
    """All pairs by their rows, then those that only people relate."""
    index = graph.corpus.index
    said: dict[tuple[int, int], Said] = {}
    for pair, one in judged.items():
        if one.label is not None and len(pair) == 2 and all(ident in index for ident in pair):
            low, high = sorted(index[ident] for ident in pair)
            said[low, high] = one
    for k in np.lexsort((graph.right, graph.left)).tolist():
        rows = int(graph.left[k]), int(graph.right[k])
        if (one_said := said.pop(rows, None)) is not None:
            yield from _edge(rows, one_said)
        else:
            column = int(graph.best[k])
            yield Edge(*rows, LABELS[column], round(float(graph.probabilities[k, column]), 3))
    for rows in sorted(said):
        yield from _edge(rows, said[rows])


def _edge(rows: tuple[int, int], said: Said) -> Iterator[Edge]:
    if said.label is not None and said.label is not Label.UNRELATED:
        yield Edge(*rows, said.label, None, said)


def nodes(graph: Graph, judged: Judged) -> Iterator[Profile]:
    """The records that stand in a pair, in the order of their rows."""
    rows = {row for edge in edges(graph, judged) for row in (edge.a, edge.b)}
    for row in sorted(rows):
        yield graph.corpus.profiles[row]


_COLUMNS = (
    *("a", "a_title", "a_reporter", "b", "b_title", "b_reporter"),
    *("label", "probability", "judged_by", "judged_at"),
)


def write_csv(graph: Graph, judged: Judged, file: TextIO) -> None:
    """One row for each pair. No cell is taken for a formula. Open `file` with newline=""."""
    out = csv.writer(file, lineterminator="\r\n")
    out.writerow(_COLUMNS)
    profiles = graph.corpus.profiles
    for edge in edges(graph, judged):
        one, other = profiles[edge.a], profiles[edge.b]
        texts = (one.id, one.title, one.reporter.name, other.id, other.title, other.reporter.name)
        by, at = _said(edge)
        chance = "" if edge.probability is None else edge.probability
        out.writerow([*map(_cell, texts), edge.label.value, chance, _cell(by), at])


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(edge: Edge) -> tuple[str, str]:
    return (edge.said.by, edge.said.at.date().isoformat()) if edge.said is not None else ("", "")


def _node(profile: Profile) -> dict[str, Any]:
    return {
        "id": profile.id,
        "title": profile.title,
        "reporter": profile.reporter.name,
        "start": _day(profile.start),
        "end": _day(profile.end),
        "countries": sorted({path.split("|")[0] for path in profile.places}),
        "themes": sorted(profile.themes),
    }


def _day(ordinal: int) -> str | None:
    return date.fromordinal(ordinal).isoformat() if ordinal else None


def _link(edge: Edge, graph: Graph) -> dict[str, Any]:
    by, at = _said(edge)
    profiles = graph.corpus.profiles
    return {
        "source": profiles[edge.a].id,
        "target": profiles[edge.b].id,
        "label": edge.label.value,
        "probability": edge.probability,
        "judged_by": by or None,
        "judged_at": at or None,
    }


def write_json(graph: Graph, judged: Judged, file: TextIO) -> None:
    """An object of "nodes" and "links", as d3 and networkx (node_link_graph, edges="links") read it."""
    file.write('{"directed": false, "multigraph": false, "graph": {},\n"nodes": [')
    _write_array(file, map(_node, nodes(graph, judged)))
    file.write('],\n"links": [')
    _write_array(file, (_link(edge, graph) for edge in edges(graph, judged)))
    file.write("]}\n")


def _write_array(file: TextIO, values: Iterator[dict[str, Any]]) -> None:
    for number, value in enumerate(values):
        file.write(",\n" if number else "\n")
        json.dump(value, file, ensure_ascii=False)


_NODE_KEYS = dict.fromkeys(("title", "reporter", "start", "end", "countries", "themes"), "string")
_EDGE_KEYS = {"label": "string", "probability": "double", "judged_by": "string", "judged_at": "string"}


def write_graphml(graph: Graph, judged: Judged, file: TextIO) -> None:
    """GraphML in UTF-8. Characters that XML cannot hold are left out."""
    file.write('<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n')
    for domain, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name, kind in keys.items():
            file.write(f'<key id="{domain}_{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>\n')
    file.write('<graph id="overlaps" edgedefault="undirected">\n')
    for profile in nodes(graph, judged):
        file.write(f"<node id={_attribute(profile.id)}>")
        _write_data(file, "node", _node(profile))
        file.write("</node>\n")
    for edge in edges(graph, judged):
        link = _link(edge, graph)
        file.write(f"<edge source={_attribute(link['source'])} target={_attribute(link['target'])}>")
        _write_data(file, "edge", link)
        file.write("</edge>\n")
    file.write("</graph>\n</graphml>\n")


def _write_data(file: TextIO, domain: str, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in ("id", "source", "target") or value is None:
            continue
        text = " ".join(value) if isinstance(value, list) else str(value)
        file.write(f'<data key="{domain}_{name}">{escape(_NOT_XML.sub("", text))}</data>')


def _attribute(text: str) -> str:
    return quoteattr(_NOT_XML.sub("", text))
