"""`commonground map`: a person gets a mapping to correct, and nothing they wrote is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from connectors.cli import app
from connectors.client import CommandError
from knowledge import sources
from knowledge.records import Record
from knowledge.sources import Format

TABLE = "Wer,Was,Kreis,Kosten\nAcme Hilfe,Brunnen bohren,Turkana,1200\nBolt Hilfe,Schulessen,Kitui,900\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "projekte.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def call(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["map", *map(str, arguments)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_mapping_stands_beside_the_table_and_names_every_column(table: Path) -> None:
    assert "projekte.csv.mapping.yml" in call(table).replace("\n", "")
    written = (table.parent / "projekte.csv.mapping.yml").read_text(encoding="utf-8")
    assert all(header in written for header in ("Wer", "Was", "Kreis", "Kosten"))
    assert sources.detect(table) is Format.MAPPED


def test_what_a_person_corrected_is_not_replaced_unasked(table: Path) -> None:
    call(table)
    mapping = table.parent / "projekte.csv.mapping.yml"
    mapping.write_text("corrected", encoding="utf-8")
    with pytest.raises(CommandError, match="is there already"):
        call(table)
    assert mapping.read_text(encoding="utf-8") == "corrected"
    call(table, "--force")
    assert mapping.read_text(encoding="utf-8") != "corrected"


def test_show_writes_nothing(table: Path) -> None:
    assert "Kosten" in call(table, "--show")
    assert [path.name for path in table.parent.iterdir()] == ["projekte.csv"]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "empty.csv"
    empty.write_text("", encoding="utf-8")
    with pytest.raises(CommandError, match=r"empty\.csv"):
        call(empty)


def test_a_corrected_mapping_makes_records(table: Path) -> None:
    lines = call(table, "--show").splitlines()
    assert lines
    mapping = """kind: activity
country: KE
columns:
  - column: Wer
    means: organisation
  - column: Was
    means: title
  - column: Kreis
    means: adm1
"""
    (table.parent / "projekte.csv.mapping.yml").write_text(mapping, encoding="utf-8")
    records = [item for item in sources.read(table) if isinstance(item, Record)]
    assert [record.title for record in records] == ["Brunnen bohren", "Schulessen"]
    assert [record.places[0].names for record in records] == [("Turkana",), ("Kitui",)]
