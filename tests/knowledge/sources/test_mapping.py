"""Tables of no known shape: the mapping that is proposed, corrected by a person, and read by."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from knowledge import indexing, sources
from knowledge.records import (
    Document,
    Figure,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Problem,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources import Format, Given, guard
from knowledge.sources.mapping import beside, propose, read_mapping
from tests.homes import opened

TABLE = (
    "Register of works\n"
    "No;Works;Who runs it;Paid by;County;Village;North;East;Began;Ends;Cost;What kind;Households;Page;Officer\n"
    "W-1;Wells of Modogashe;Lantern Relief;Hill Fund;Garissa;Modogashe;0,70;39,20;03/04/2026;31.12.2027;1.250,50;WASH;"
    "1 200;https://lantern.example/w1;someone@lantern.example\n"
    "W-2;Clinic of Ganze;Well Diggers;;Kilifi;;x;39;soon;;many;Health;;ftp://x;0700 123 456\n"
    ";;;;;;;;;;;;;;\n"
    "Total;;;;;;;;;;1.250,50;;1 200;;\n"
)
MAPPING = """
kind: project
header: 2
country: KE
columns:
- {column: No, means: id}
- {column: Works, means: title}
- {column: Who runs it, means: organisation}
- {column: Paid by, means: organisation, role: funding}
- {column: County, means: adm1}
- {column: Village, means: site}
- {column: North, means: latitude}
- {column: East, means: longitude}
- {column: Began, means: start}
- {column: Ends, means: end}
- {column: Cost, means: amount, currency: KES}
- {column: What kind, means: theme}
- {column: Households, means: people, figure: targeted, group: households}
- {column: Page, means: url}
- {column: Officer, means: ignore}
"""


def table(folder: Path, mapping: str = MAPPING) -> Path:
    path = folder / "works.csv"
    path.write_text(TABLE, encoding="utf-8")
    path.with_name("works.csv.mapping.yml").write_text(mapping, encoding="utf-8")
    return path


def refusals(path: Path) -> list[Problem]:
    items = list(sources.read(path))
    assert all(isinstance(item, Problem) and item.fatal and item.reason and item.mend for item in items), items
    return [item for item in items if isinstance(item, Problem)]


def test_a_row_by_its_mapping(tmp_path: Path) -> None:
    path = table(tmp_path)
    assert sources.detect(path) is Format.MAPPED
    items = list(sources.read(path))
    first, second = [item for item in items if isinstance(item, Record)]
    assert (first.id, first.kind, first.title) == ("table:works:W-1", RecordKind.PROJECT, "Wells of Modogashe")
    assert first.organisations == (
        OrganisationMention(Role.IMPLEMENTING, "Lantern Relief"),
        OrganisationMention(Role.FUNDING, "Hill Fund"),
    )
    assert first.places == (PlaceMention("KE", ("Garissa",), "", "Modogashe", 0.7, 39.2),)
    assert first.themes == (ThemeMention("cluster", "", "WASH"),)
    assert first.period == Period(actual_start=date(2026, 4, 3), planned_end=date(2027, 12, 31))
    assert first.money == (Money("budget", 1250.5, "KES", date(2026, 4, 3), date(2027, 12, 31)),)
    assert first.figures == (Figure("targeted", 1200, "households"),)
    assert first.documents == (Document("Wells of Modogashe", "https://lantern.example/w1"),)
    assert "someone" not in repr(first)
    assert (second.title, second.places[0].latitude, second.money, second.documents) == (
        "Clinic of Ganze",
        None,
        (),
        (),
    )
    reasons = [item.reason for item in items if isinstance(item, Problem)]
    assert reasons == ["'x 39' is not a latitude and a longitude", "'soon' is not a date", "'many' is not a number"]
    assert {item.line for item in items if isinstance(item, Problem)} == {4}


def test_a_correction_is_what_the_next_reading_goes_by(tmp_path: Path) -> None:
    path = table(tmp_path)
    table(tmp_path, MAPPING.replace("means: title", "means: description").replace("kind: project", "kind: activity"))
    record = next(item for item in sources.read(path) if isinstance(item, Record))
    assert record.kind is RecordKind.ACTIVITY
    assert record.texts == (Text("general", "Wells of Modogashe"),)
    assert record.title == "Lantern Relief: Wells of Modogashe in Garissa"


@pytest.mark.parametrize(
    ("old", "new", "line", "reason"),
    [
        ("kind: project", "kind: thing", 2, "kind 'thing' is not understood"),
        ("kind: project\n", "", 2, "does not say what kind"),
        ("header: 2", "header: two", 3, "no row number"),
        ("country: KE", "country: Kenia", 4, "no ISO code"),
        ("country: KE", "colour: red", 4, "'colour' is no setting"),
        ("column: Works,", "column: Work,", 7, "column 'Work' is not in the table"),
        ("means: title", "means: tittle", 7, "means 'tittle' is not known"),
        ("role: funding", "role: donor", 9, "role 'donor' is not known"),
        ("figure: targeted", "figure: aimed", 18, "figure 'aimed' is not known"),
        ("group: households", "grupo: households", 18, "'grupo' is no property"),
        ("{column: No, means: id}", "No", 6, "is no column"),
        ("column: No, ", "", 6, "without its header"),
        ("column: No, ", "at: A1, ", 6, "'A1' is no column's letter"),
        ("columns:", "columns: none\nrest:", 0, "lists no columns"),
        ("header: 2", "header: 7", 0, "row 7 of the table is empty"),
        ("country: KE", "sheet: Works", 0, "sheet 'Works' is not in the table"),
        ("- {column: No", "- {column: [No", 0, "is not YAML"),
        ("- {column: No, means: id}", "- &a {column: No, means: id}\n- *a", 0, "aliases"),
    ],
)
def test_a_wrong_mapping_names_its_line(tmp_path: Path, old: str, new: str, line: int, reason: str) -> None:
    assert old in MAPPING
    problems = refusals(table(tmp_path, MAPPING.replace(old, new, 1)))
    found = next(problem for problem in problems if reason in problem.reason)
    assert found.file == "works.csv.mapping.yml"
    assert line in (0, found.line)


def test_hostile_mappings_are_refused(tmp_path: Path) -> None:
    for content in ("[" * 50_000, "!!python/object:os.system {}", "\x00", "a: b" * 200_000, "- " * 20_000):
        refusals(table(tmp_path, content))


def test_a_mapping_that_is_declared_need_not_stand_beside(tmp_path: Path) -> None:
    path = table(tmp_path)
    elsewhere = tmp_path / "columns.yml"
    path.with_name("works.csv.mapping.yml").rename(elsewhere)
    records = [item for item in sources.read(path, given=Given(mapping=elsewhere)) if isinstance(item, Record)]
    assert [one.id for one in records] == ["table:works:W-1", "table:works:W-2"]


def test_a_correction_is_read_again_though_the_table_is_the_same(tmp_path: Path) -> None:
    path = table(tmp_path)
    with opened(tmp_path / "home") as home:
        assert indexing.ingest(home, [path]).changes == 2
        assert indexing.ingest(home, [path]).sources[0].skipped
        table(tmp_path, MAPPING.replace("kind: project", "kind: activity"))
        assert indexing.ingest(home, [path]).changes == 2


def test_a_folder_takes_the_table_and_leaves_its_mapping(tmp_path: Path) -> None:
    path = table(tmp_path)
    assert sources.survey([tmp_path]) == ([path], [])


# --- proposing ------------------------------------------------------------------------------------------------------


def test_a_proposal_lists_every_column_with_guess_and_samples(tmp_path: Path) -> None:
    path = tmp_path / "grants.csv"
    path.write_text(
        "Reference,Project title,Implementing partner,Partner acronym,Donor,County,Sub-county,Sector,Start date,"
        "End date,Budget,Currency,People reached,Contact person,Contact person,Remarks\n"
        "R1,Wells,Lantern Relief,LR,Hill Fund,Garissa,Lagdera,WASH,2026-01-01,2026-12-31,1000,USD,50,A. Somebody,x,"
        "Call 0700 123456\n"
        "R2,Wells,Well Diggers,WD,Hill Fund,Kilifi,Ganze,WASH,2026-01-01,2026-12-31,900,USD,20,B. Nobody,y,"
        "me@lantern.example\n",
        encoding="utf-8",
    )
    text = propose(path)
    for private in ("Somebody", "Nobody", "@lantern", "0700"):
        assert private not in text
    path.with_name("grants.csv.mapping.yml").write_text(text, encoding="utf-8")
    found = beside(path)
    assert found is not None
    mapping = read_mapping(found)
    assert mapping.kind is RecordKind.PROJECT
    assert [(column.header, column.means) for column in mapping.columns] == [
        ("Reference", "id"),
        ("Project title", "title"),
        ("Implementing partner", "organisation"),
        ("Partner acronym", "organisation_acronym"),
        ("Donor", "organisation"),
        ("County", "adm1"),
        ("Sub-county", "adm2"),
        ("Sector", "theme"),
        ("Start date", "start"),
        ("End date", "end"),
        ("Budget", "amount"),
        ("Currency", "currency"),
        ("People reached", "people"),
        ("Contact person", "ignore"),
        ("Contact person", "ignore"),
        ("Remarks", "ignore"),
    ]
    assert [column.role for column in mapping.columns[2:5]] == ["implementing", "implementing", "funding"]
    records = [item for item in sources.read(path) if isinstance(item, Record)]
    assert [one.title for one in records] == ["Wells", "Wells"]
    assert records[0].money[0].amount == 1000
    assert records[0].figures == (Figure("reached", 50),)


def test_a_proposal_for_a_workbook_of_unknown_words_can_be_corrected(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Blatt 1"
    book.active.append(["Verzeichnis"])
    book.active.append(["Was", "Wer", "", "Was"])
    book.active.append(["Brunnen: neu", "Laterne", "", "Garissa # Nord"])
    path = tmp_path / "werke.xlsx"
    book.save(path)
    text = propose(path)
    assert "at: A" in text
    assert "at: D" in text
    assert text.count("means: ignore") == 3
    mapping = path.with_name("werke.xlsx.mapping.yml")
    mapping.write_text(text, encoding="utf-8")
    assert "no column is a title" in refusals(path)[0].reason
    mapping.write_text(text.replace("means: ignore", "means: title", 1), encoding="utf-8")
    (record,) = sources.read(path)
    assert isinstance(record, Record)
    assert (record.title, record.locator.element) == ("Brunnen: neu", "sheet Blatt 1, row 3")


def test_what_is_no_table_gets_no_proposal(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(guard.Refused):
        propose(tmp_path / "a.csv")
