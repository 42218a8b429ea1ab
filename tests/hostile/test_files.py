"""Files that must be read, and files that must be refused with one line that says why and how to mend it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from random import Random

import pytest
from openpyxl import Workbook

from knowledge import sources
from knowledge.records import Problem, Record
from knowledge.sources import guard

HERE = Path(__file__).parent

REASONS = {
    "empty.xml": "empty",
    "empty.csv": "empty",
    "spaces_only.xml": "broken XML",
    "broken_in_the_middle.xml": "broken XML",
    "cut_short.xml": "broken XML",
    "doctype.xml": "DOCTYPE",
    "external_entity.xml": "DOCTYPE",
    "billion_laughs.xml": "DOCTYPE",
    "undeclared_entity.xml": "broken XML",
    "says_utf8_is_windows1252.xml": "byte 0xC9 is not UTF-8",
    "unknown_encoding.xml": "encoding",
    "nul_bytes.xml": "broken XML",
    "other_root.xml": "root element html",
    "organisation_file.xml": "no iati-organisation with an identifier",
    "deep.xml": "broken XML",
    "unbound_prefix.xml": "broken XML",
    "no_column.csv": "no column",
    "one_column_of_text.csv": "no column",
    "only_organisations.csv": "no column",
    "nul_bytes.csv": "NUL",
    "arabic_windows1256.csv": "not UTF-8",
    "utf8_with_a_slip.csv": "byte 0xE9 is not UTF-8",
    "huge_cell.csv": "broken CSV",
    "too_many_columns.csv": "602 columns",
    "not_a_workbook.xlsx": "not a readable workbook",
    "text_named.xlsx": "no column",
    "old_workbook.xls": "old .xls",
    "unknown.json": "JSON of no known shape",
    "picture.png": ".png is not known",
    "no_suffix": "without suffix is not known",
    "readme.md": "without front matter",
    "open_front_matter.md": "not closed",
    "bad_yaml.md": "not YAML",
    "yaml_aliases.md": "aliases",
    "yaml_object.md": "not YAML",
    "nobody.md": "names no organisation",
    "no_text.md": "no text",
}


def refusal(path: Path) -> Problem:
    """The fatal problem of a file; it is the last thing said about it."""
    *_, last = sources.read(path)
    assert isinstance(last, Problem), last
    assert last.fatal
    return last


def test_every_rejected_file_has_its_reason() -> None:
    assert {path.name for path in (HERE / "reject").iterdir()} == set(REASONS)


@pytest.mark.parametrize("name", sorted(REASONS))
def test_rejected(name: str) -> None:
    problem = refusal(HERE / "reject" / name)
    assert REASONS[name] in problem.reason
    assert problem.mend
    assert problem.file == name
    assert len(str(problem).splitlines()) == 1
    assert len(str(problem)) < 400


@pytest.mark.parametrize("path", sorted((HERE / "accept").iterdir()), ids=lambda path: path.name)
def test_accepted(path: Path) -> None:
    records = [item for item in sources.read(path) if isinstance(item, Record)]
    assert len(records) == 1
    assert "Goré" in records[0].title
    if path.suffix in (".csv", ".tsv"):
        assert records[0].places[0].names == ("Ouaddaï",)
        assert "Santé" in records[0].themes[0].name


def test_a_break_is_found_where_it_is() -> None:
    problem = refusal(HERE / "reject" / "broken_in_the_middle.xml")
    assert 10 < problem.line < 20
    assert "column" in problem.reason


def test_an_external_entity_is_never_read() -> None:
    assert not [item for item in sources.read(HERE / "reject" / "external_entity.xml") if isinstance(item, Record)]


def test_a_wrong_declaration_is_reported_and_read_rightly() -> None:
    found = list(sources.read(HERE / "accept" / "latin1_declared_utf8_written.xml"))
    assert [item.reason for item in found if isinstance(item, Problem)] == [
        "declares ISO-8859-1 but is UTF-8; read as UTF-8"
    ]
    assert [item.title for item in found if isinstance(item, Record)] == ["Écoles à Goré"]


# --- made on the spot -----------------------------------------------------------------------------------------------


def _workbook(path: Path, rows: list[list[object]]) -> Path:
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_without_rows(tmp_path: Path) -> None:
    assert "no sheet" in refusal(_workbook(tmp_path / "empty.xlsx", [])).reason


def test_a_workbook_without_recognised_columns(tmp_path: Path) -> None:
    assert "no column" in refusal(_workbook(tmp_path / "other.xlsx", [["colour", "size"], ["red", 3]])).reason


def test_a_formula_counts_as_its_value_and_is_never_computed(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "formula.xlsx",
        [["Organisation", "Province", "Cluster"], ["Caritas", "Lac", '=WEBSERVICE("http://example.invalid")']],
    )
    (record,) = sources.read(path)
    assert isinstance(record, Record)
    assert record.themes == ()


def _repacked(path: Path, part: str, content: bytes, *, replace: bool = True) -> Path:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert part in parts or not replace
    parts[part] = content
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "bomb.xlsx", [["Organisation", "Province"], ["Caritas", "Lac"]])
    assert "times its size" in refusal(_repacked(path, "xl/worksheets/sheet1.xml", b" " * (32 * guard.MB))).reason


def test_too_many_parts(tmp_path: Path) -> None:
    path = tmp_path / "parts.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(guard.MAX_ZIP_ENTRIES + 1):
            archive.writestr(f"part{number}", b"")
    assert "2001 parts" in refusal(path).reason


def test_a_missing_sheet(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "missing.xlsx", [["Organisation", "Province"], ["Caritas", "Lac"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist() if name != "xl/worksheets/sheet1.xml"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert "workbook" in refusal(path).reason


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_with_a_doctype(tmp_path: Path, part: str) -> None:
    path = _workbook(tmp_path / "doctype.xlsx", [["Organisation", "Province"], ["Caritas", "Lac"]])
    doctype = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert "DOCTYPE" in refusal(_repacked(path, part, doctype)).reason


def test_an_endless_tag_in_a_workbook(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "tag.xlsx", [["Organisation", "Province"], ["Caritas", "Lac"]])
    noise = Random(1).randbytes(guard.MB // 2).hex().encode()
    sheet = b'<worksheet note="' + noise + noise + b'"/>'
    assert "more than 1 MB" in refusal(_repacked(path, "xl/worksheets/sheet1.xml", sheet)).reason


def test_a_row_of_a_hundred_thousand_cells(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "row.xlsx", [["Organisation", "Province"], ["Caritas", "Lac"]])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    row = b"<row>" + b"<c><v>1</v></c>" * 100_000 + b"</row></sheetData>"
    path = _repacked(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", row))
    assert "more than 16384 cells" in refusal(path).reason


def test_a_cell_in_the_last_row_of_a_sheet(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "far.xlsx", [["Organisation", "Province", "Cluster"], ["Caritas", "Lac", "WASH"]])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    row = b'<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>Oxfam</t></is></c></row></sheetData>'
    _repacked(path, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", row))
    records = [item for item in sources.read(path) if isinstance(item, Record)]
    assert records[0].organisations[0].name == "Caritas"


def test_a_pdf_of_objects_within_objects(tmp_path: Path) -> None:
    path = tmp_path / "nested.pdf"
    path.write_bytes(b"%PDF-1.4\n1 0 obj\n" + b"[" * 5_000 + b"]" * 5_000 + b"\nendobj\n")
    assert "too deep" in refusal(path).reason


def test_a_heading_of_blanks_and_a_text_of_headings(tmp_path: Path) -> None:
    path = tmp_path / "mandate.md"
    head = "---\norganisation: Lantern Relief\n---\n"
    path.write_text(head + "# " + " " * 200_000 + "x\nWater in Gedo.\n")
    assert any(isinstance(item, Record) for item in sources.read(path))
    path.write_text(head + "# x\n" * (guard.MAX_HEADINGS + 1))
    assert "headings" in refusal(path).reason


def test_a_table_of_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "blank.csv"
    path.write_text("Organisation,Province,Cluster\n" + "\n" * 500_000 + "Caritas,Lac,WASH\n")
    (record,) = [item for item in sources.read(path) if isinstance(item, Record)]
    assert record.locator.line == 500_002


def test_a_plain_zip_is_no_workbook(tmp_path: Path) -> None:
    path = tmp_path / "files.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")
    assert "workbook" in refusal(path).reason


def test_one_endless_activity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard.BoundedReader.__init__, "__defaults__", (100_000,))
    path = tmp_path / "endless.xml"
    path.write_text('<iati-activities version="2.03"><iati-activity>' + "<a/>" * 100_000)
    assert "one element is larger" in refusal(path).reason


def test_a_huge_text(tmp_path: Path) -> None:
    path = tmp_path / "huge.xml"
    path.write_text(
        '<iati-activities version="2.03"><iati-activity><iati-identifier>'
        + "x" * 11_000_000
        + "</iati-identifier></iati-activity></iati-activities>"
    )
    assert "broken XML" in refusal(path).reason


def test_thousands_of_attributes(tmp_path: Path) -> None:
    many = " ".join(f'a{number}=""' for number in range(1000))
    path = tmp_path / "root.xml"
    path.write_text(f'<iati-activities version="2.03" {many}/>')
    assert "1001 attributes" in refusal(path).reason
    path.write_text(f'<iati-activities version="2.03"><iati-activity {many}/></iati-activities>')
    found = list(sources.read(path))
    assert not [item for item in found if isinstance(item, Record)]
    assert any(isinstance(item, Problem) and "1000 attributes" in item.reason for item in found)


def test_a_file_beyond_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MAX_TABLE_BYTES", 20)
    path = tmp_path / "big.csv"
    path.write_text("Organisation,Province\nCaritas,Lac\n")
    assert "more than the limit" in refusal(path).reason


def test_a_folder_or_a_pipe_is_no_file(tmp_path: Path) -> None:
    assert "not a regular file" in refusal(tmp_path).reason
    assert "not a regular file" in refusal(tmp_path / "missing.csv").reason


def test_control_characters_and_reversed_text_are_stripped() -> None:
    assert guard.one_line("Lan\x00tern\u202e gnp.\u200b  Re\x9flief\n") == "Lantern gnp. Relief"
    assert guard.one_line("منظمة الضوء") == "منظمة الضوء"
    assert guard.paragraphs("One \x07 line\n\n\n\nTwo\u202e") == "One line\n\nTwo"
