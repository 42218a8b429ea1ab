"""Tables as offices lay them out: merged and grouped headers, several sheets, matrices, totals, lists in a cell."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from knowledge import sources
from knowledge.records import Figure, OrganisationMention, Problem, Record, Role
from knowledge.sources import Format
from knowledge.sources.table_rows import number

IMPLEMENTING = Role.IMPLEMENTING


def book(
    path: Path, sheets: dict[str, Sequence[Sequence[object]]], merges: dict[str, Sequence[str]] | None = None
) -> Path:
    workbook = Workbook()
    assert workbook.active is not None
    workbook.remove(workbook.active)
    for title, rows in sheets.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
        for area in (merges or {}).get(title, ()):
            sheet.merge_cells(area)
    workbook.save(path)
    return path


def text(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def records(path: Path) -> list[Record]:
    items = list(sources.read(path))
    assert not [item for item in items if isinstance(item, Problem)]
    return [item for item in items if isinstance(item, Record)]


def who_where_what(record: Record) -> tuple[str, str, str]:
    names = record.places[0].names if record.places else ()
    return record.organisations[0].name, names[-1] if names else "", record.themes[0].name if record.themes else ""


GROUPED = [
    ["Kenya operational presence"],
    ["Implementing partner", None, "Donor", None, "Location", None, None, "Cluster", "People reached", None],
    ["Name", "Acronym", "Name", "Acronym", "County", "County P-code", "Lat", None, "Women", "Men"],
    ["Lantern Relief", "LR", "Hill Fund", "HF", "Garissa", "KE007", -0.4, "WASH", 120, "1,080"],
    [None, None, "Hill Fund", "HF", "Garissa", "KE007", -0.4, "Health", 10, 20],
    ["Well Diggers", "WD", None, None, "Kilifi", "KE003", None, "WASH", None, None],
    ["Total", None, None, None, None, None, None, None, 130, 1100],
]


def test_groups_of_merged_headers_and_cells_merged_over_rows(tmp_path: Path) -> None:
    areas = ["A1:J1", "A2:B2", "C2:D2", "E2:G2", "H2:H3", "I2:J2", "A4:A5", "B4:B5"]
    first, second, third = records(book(tmp_path / "kenya.xlsx", {"3W": GROUPED}, {"3W": areas}))
    assert first.organisations == (
        OrganisationMention(IMPLEMENTING, "Lantern Relief", "LR"),
        OrganisationMention(Role.FUNDING, "Hill Fund", "HF"),
    )
    assert first.places[0].names == ("Garissa",)
    assert first.places[0].pcode == "KE007"
    assert first.figures == (Figure("reached", 120, "women"), Figure("reached", 1080, "men"))
    assert who_where_what(second) == ("Lantern Relief", "Garissa", "Health")
    assert third.organisations == (OrganisationMention(IMPLEMENTING, "Well Diggers", "WD"),)
    assert [one.locator.line for one in (first, second, third)] == [4, 5, 6]


def test_a_gap_below_is_filled_only_where_the_workbook_merges(tmp_path: Path) -> None:
    items = list(sources.read(book(tmp_path / "kenya.xlsx", {"3W": GROUPED[1:]})))
    named = [[(one.role, one.name) for one in item.organisations] for item in items if isinstance(item, Record)]
    assert named == [
        [(IMPLEMENTING, "Lantern Relief"), (Role.FUNDING, "Hill Fund")],
        [(Role.FUNDING, "Hill Fund")],
        [(IMPLEMENTING, "Well Diggers")],
    ]


def test_groups_above_headers_in_a_csv(tmp_path: Path) -> None:
    path = text(
        tmp_path / "mali.csv",
        "Partenaire,,Bailleur,,Région,Cluster\nNom,Sigle,Nom,Sigle,,\nPuits du Sahel,PS,Fonds Clair,FC,Mopti,WASH\n",
    )
    (record,) = records(path)
    assert record.organisations == (
        OrganisationMention(IMPLEMENTING, "Puits du Sahel", "PS"),
        OrganisationMention(Role.FUNDING, "Fonds Clair", "FC"),
    )
    assert who_where_what(record) == ("Puits du Sahel", "Mopti", "WASH")


HEAD = ["Organisation", "Activity", "Status"]


def test_a_table_split_over_sheets_by_cluster_or_by_region(tmp_path: Path) -> None:
    row = ["Lantern Relief", "Wells", "Ongoing"]
    clusters = book(
        tmp_path / "a.xlsx",
        {
            "WASH": [["Organisation", "County"], ["Lantern Relief", "Garissa"]],
            "Health": [["Organisation", "County"], ["Well Diggers", "Kilifi"]],
        },
    )
    assert [who_where_what(one) for one in records(clusters)] == [
        ("Lantern Relief", "Garissa", "WASH"),
        ("Well Diggers", "Kilifi", "Health"),
    ]
    regions = book(tmp_path / "b.xlsx", {"Garissa": [HEAD, row], "Kilifi": [HEAD, row]})
    assert [who_where_what(one)[1] for one in records(regions)] == ["Garissa", "Kilifi"]


def test_sheets_beside_the_data_are_left_out(tmp_path: Path) -> None:
    data = [["Organisation", "Region", "Cluster"], ["Lantern Relief", "Kolda", "WASH"]]
    lists = [["Organisation", "Region", "Cluster"], ["A", "Kolda", "WASH"], ["B", "Dakar", None], ["C", None, None]]
    pivot = [["Row Labels", "Count of Organisation", "Sum of Region"], ["WASH", 3, 1]]
    path = book(
        tmp_path / "senegal.xlsx",
        {"Lisez-moi": [["Organisation et région"]], "Données": data, "Feuil3": lists, "Listes": data, "TCD": pivot},
    )
    assert [one.locator.element for one in records(path)] == ["sheet Données, row 2"]


@pytest.mark.parametrize("mark", ["X", "✓", "oui", 1])
def test_organisations_down_and_clusters_across(tmp_path: Path, mark: object) -> None:
    rows = [
        ["Organisation", "Région", "Santé", "Nutrition", "Éducation"],
        ["Lantern Relief", "Kolda", mark, None, mark],
        ["Well Diggers", "Dakar", None, mark, None],
        ["Total", None, 1, 1, 1],
    ]
    assert [who_where_what(one) for one in records(book(tmp_path / "senegal.xlsx", {"3W": rows}))] == [
        ("Lantern Relief", "Kolda", "Santé"),
        ("Lantern Relief", "Kolda", "Éducation"),
        ("Well Diggers", "Dakar", "Nutrition"),
    ]


def test_organisations_down_and_places_across(tmp_path: Path) -> None:
    path = text(
        tmp_path / "kenya.csv", "Organisation,Acronym,Garissa,Kilifi,Turkana\nLantern Relief,LR,x,,x\nWD,,,x,0\n"
    )
    assert [who_where_what(one)[:2] for one in records(path)] == [
        ("Lantern Relief", "Garissa"),
        ("Lantern Relief", "Turkana"),
        ("WD", "Kilifi"),
    ]
    assert len({one.id for one in records(path)}) == 3


def test_counts_under_a_group_of_places_keep_the_count(tmp_path: Path) -> None:
    rows = [["Organisation", "Counties", None], [None, "Garissa", "Kilifi"], ["Lantern Relief", 3, None], ["WD", 0, 1]]
    path = book(tmp_path / "kenya.xlsx", {"3W": rows}, {"3W": ["A1:A2", "B1:C1"]})
    first, second = records(path)
    assert who_where_what(first) == ("Lantern Relief", "Garissa", "")
    assert ("count", "3") in first.extra
    assert who_where_what(second) == ("WD", "Kilifi", "")


def test_sites_down_and_organisations_in_the_cells(tmp_path: Path) -> None:
    path = text(
        tmp_path / "kenya.csv", "County,Camp,WASH,Health\nGarissa,Hagadera,LR; WD,\nGarissa,Ifo,,Lantern Relief\n"
    )
    first, second = records(path)
    assert [mention.name for mention in first.organisations] == ["LR", "WD"]
    assert (first.places[0].site, first.themes[0].name) == ("Hagadera", "WASH")
    assert who_where_what(second) == ("Lantern Relief", "Garissa", "Health")


def test_several_organisations_in_a_cell(tmp_path: Path) -> None:
    path = text(
        tmp_path / "kenya.csv",
        "Organisation,County\nACF; IRC / UNHCR,Garissa\nAlpha/Beta,Garissa\nACF/IRC,Garissa\nIRC,Kilifi\nACF,Kilifi\n"
        '"Health, Light and Hope",Kilifi\n',
    )
    found = [[mention.name for mention in one.organisations] for one in records(path)]
    assert found[0] == ["ACF", "IRC", "UNHCR"]
    assert found[1] == ["Alpha/Beta"], "parts that never stand by themselves are one name"
    assert found[2] == ["ACF", "IRC"], "both stand by themselves elsewhere"
    assert found[5] == ["Health, Light and Hope"]


def test_rows_of_totals_are_no_presence_but_an_organisation_may_begin_so(tmp_path: Path) -> None:
    path = text(
        tmp_path / "kenya.csv",
        "County,Organisation,Beneficiaries\nGarissa,Lantern Relief,12\nSous-total,,12\nTotal Garissa,,12\n"
        "Kilifi,Total Land Care,3\nGRAND TOTAL,,15\n",
    )
    assert [one.organisations[0].name for one in records(path)] == ["Lantern Relief", "Total Land Care"]


@pytest.mark.parametrize(
    "header",
    [
        "Organisation de mise en œuvre,Région,Secteur",
        "Socio implementador,Departamento,Clúster",
        "Parceiro implementador,Província,Setor",
        "المنظمة المنفذة,المحافظة,القطاع",
    ],
)
def test_headers_of_all_languages_make_a_table(tmp_path: Path, header: str) -> None:
    (record,) = records(text(tmp_path / "table.csv", f"{header}\nLantern,Nord,WASH\n"))
    assert who_where_what(record) == ("Lantern", "Nord", "WASH")


def test_a_stated_size_that_is_wrong_cuts_nothing_off(tmp_path: Path) -> None:
    path = book(tmp_path / "kenya.xlsx", {"3W": [["Organisation", "County"], ["A", "Kilifi"], ["B", "Kilifi"]]})
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1:A2"')
    assert parts["xl/worksheets/sheet1.xml"] != sheet
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert len(records(path)) == 2


def test_a_table_in_a_zip(tmp_path: Path) -> None:
    path = tmp_path / "kenya.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("folder/table.csv", "Organisation,County\nA,Kilifi\n")
    assert sources.detect(path) is Format.PRESENCE
    assert len(records(path)) == 1
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("other.csv", "Organisation,County\nB,Kilifi\n")
    *_, last = sources.read(path)
    assert isinstance(last, Problem)
    assert "2 tables" in last.reason


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,200", 1200), ("1.200", 1200), ("1 200", 1200), ("1.250,75", 1250.75), ("1,250.5", 1250.5), ("12,5", 12.5),
     ("0.123", 0.123), ("-3", None), ("1e9", None), ("nan", None), ("", None), ("٣", None), ("9" * 17, None)],
)  # fmt: skip
def test_numbers_as_tables_write_them(written: str, value: float | None) -> None:
    assert number(written) == value


def test_a_row_of_data_that_reads_like_headers_is_not_taken_for_them(tmp_path: Path) -> None:
    rows = [
        "id,name,kind",
        *(f"X-{n},Acme {n},Foundation" for n in range(5)),
        "X-6,Organisation pour l'eau,Private Sector",
        *(f"X-{n},Bolt {n},Foundation" for n in range(7, 12)),
    ]
    path = tmp_path / "register.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(sources.UnknownType):
        sources.detect(path)
