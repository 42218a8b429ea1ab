"""Flows of the Financial Tracking Service, as pages of its API (JSON) or as tables (CSV, XLSX)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.records import Item
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.fts_json import as_of_json, flows_of, read_json
from knowledge.sources.fts_table import as_of_table, header_of, read_table
from knowledge.sources.tables import Sheet
from knowledge.sources.values import is_json

PUBLISHER = "Financial Tracking Service"


def read_flows(path: Path, _given: Given) -> Iterator[Item]:
    """Yield a flow per entry or row, alike from both shapes as far as the table goes (it has no ids of organisations
    and no parents). Raises `guard.Refused` where the file is neither."""
    yield from read_json(path) if is_json(path) else read_table(path)


def _facts(path: Path) -> SourceFacts:
    as_of = as_of_json(path) if is_json(path) else as_of_table(path)
    return SourceFacts(Format.FTS_FLOW, title_of(path), PUBLISHER, as_of)


READER: Reader[Any] = Reader(Format.FTS_FLOW, lambda value: flows_of(value) is not None, read_flows, _facts)
TABLE_READER: Reader[list[Sheet]] = Reader(
    Format.FTS_FLOW, lambda tops: any(map(header_of, tops)), read_flows, _facts
)  # fmt: skip
