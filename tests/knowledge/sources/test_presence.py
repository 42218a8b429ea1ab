"""Presence tables: what columns mean, and what a row becomes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook

from knowledge import sources
from knowledge.records import OrganisationMention, Period, PlaceMention, Problem, Record, Role, ThemeMention
from knowledge.sources import hxl_tags
from knowledge.sources.headers import Field, from_header, is_pcodes
from knowledge.sources.hxl_tags import from_tag

IMPLEMENTING, ACCOUNTABLE, FUNDING = Role.IMPLEMENTING, Role.ACCOUNTABLE, Role.FUNDING


def table(tmp_path: Path, text: str, name: str = "chad_3w_april_2025.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def read(path: Path) -> tuple[list[Record], list[Problem]]:
    items = list(sources.read(path))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Problem)]


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Implementing Partner Acronym", Field("organisation", "acronym", IMPLEMENTING)),
        ("Program Partner Name", Field("organisation", "name", ACCOUNTABLE)),
        ("Donor Acronym", Field("organisation", "acronym", FUNDING)),
        ("Bailleur de fonds", Field("organisation", "name", FUNDING)),
        ("Partenaire de mise en œuvre", Field("organisation", "name", IMPLEMENTING)),
        ("Organización ejecutora", Field("organisation", "name", IMPLEMENTING)),
        ("Doador", Field("organisation", "name", FUNDING)),
        ("المنظمة", Field("organisation", "name", IMPLEMENTING)),
        ("TypeOrganisation", Field("organisation", "kind", IMPLEMENTING)),
        ("Tipo de organización", Field("organisation", "kind", IMPLEMENTING)),
        ("Acronyme", Field("organisation", "acronym", IMPLEMENTING)),
        ("org_type_description", Field("organisation", "kind", IMPLEMENTING)),
        ("WoredaPcod", Field("adm", "code", "", 3.0)),
        ("admin2_code", Field("adm", "code", "", 2.0)),
        ("Admin 1", Field("adm", "name", "", 1.0)),
        ("ADM1_PCODE", Field("adm", "code", "", 1.0)),
        ("Département", Field("adm", "name", "", 1.6)),
        ("المحافظة", Field("adm", "name", "", 1.0)),
        ("location_code", Field("country", "code")),
        ("País", Field("country")),
        ("Clúster", Field("cluster")),
        ("sector_code", Field("cluster", "code")),
        ("القطاع", Field("cluster")),
        ("Activité", Field("activity")),
        ("Activity status", Field("status")),
        ("Estado", Field("adm", "name", "", 1.0)),
        ("Estado de la actividad", Field("status")),
        ("Mois", Field("month")),
        ("Start date", Field("start")),
        ("Fecha de inicio", Field("start")),
        ("reference_period_end", Field("end", "reported")),
        ("Long", Field("longitude")),
        ("GPS_Latitude", Field("latitude")),
        ("Localité", Field("site")),
        ("Nombre de bénéficiaires", Field("people", "reached")),
        ("المنظمة المنفذة", Field("organisation", "name", IMPLEMENTING)),
        ("الجهة المانحة", Field("organisation", "name", FUNDING)),
        ("Socio implementador", Field("organisation", "name", IMPLEMENTING)),
        ("Siglas socio implementador", Field("organisation", "acronym", IMPLEMENTING)),
        ("Parceiro implementador", Field("organisation", "name", IMPLEMENTING)),
        ("Entidade financiadora", Field("organisation", "name", FUNDING)),
        ("Date de démarrage", Field("start")),
        ("Fecha de finalización", Field("end")),
        ("تاريخ الانتهاء", Field("end")),
        ("Sous-préfecture", Field("adm", "name", "", 2.5)),
        ("Sub-county", Field("adm", "name", "", 3.0)),
        ("Personas con necesidad", Field("people", "in_need")),
        ("Femmes ciblées", Field("people", "targeted", group="femmes")),
        ("People reached - Health", Field("people", "reached", theme="health")),
        ("Total beneficiaries (IDPs)", Field("people", "reached", group="idps")),
        ("Target group", Field("group")),
        ("population_status", Field("figure")),
        ("Funding amount (USD)", Field("amount")),
        ("Funding status", Field("status")),
        ("Project code", None),
        ("Focal point e-mail", None),
        ("Meta", None),
        ("Title", None),
        ("Icones", None),
        ("warning", None),
        ("dataset_hdx_id", None),
        ("", None),
    ],
)
def test_headers(header: str, field: Field | None) -> None:
    assert from_header(header) == field


@pytest.mark.parametrize(
    ("tag", "field"),
    [
        ("#org", Field("organisation", "name", IMPLEMENTING)),
        ("#org +acronym", Field("organisation", "acronym", IMPLEMENTING)),
        ("#org+funder+name", Field("organisation", "name", FUNDING)),
        ("#org+prog", Field("organisation", "name", ACCOUNTABLE)),
        ("#org+type", Field("organisation", "kind", IMPLEMENTING)),
        ("#adm1+name", Field("adm", "name", "", 1.0)),
        ("#ADM2 +code", Field("adm", "code", "", 2.0)),
        ("#sector", Field("cluster")),
        ("#geo+lat", Field("latitude")),
        ("#date+end", Field("end")),
        ("#country+code", Field("country", "code")),
        ("#meta+id", None),
        ("#org+Funder +acronym", Field("organisation", "acronym", FUNDING)),
        ("#inneed+wsh+f", Field("people", "in_need", group="female", theme="WASH")),
        ("#affected+killed", Field("people", "deaths")),
        ("#beneficiary+targeted", Field("people", "targeted")),
        ("#date+year+end", Field("year")),
        ("#1st", None),
        ("#org-prog", None),
        ("#قطاع", None),
        ("adm1+name", None),
    ],
)
def test_hxl_tags(tag: str, field: Field | None) -> None:
    assert from_tag(tag) == field


def test_libhxl_is_loaded_only_for_a_row_that_looks_tagged(monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> None:
        raise AssertionError("loaded")

    monkeypatch.setattr(hxl_tags, "_model", load)
    assert not hxl_tags.are_tags(["Organisation", "# of people", "Province"])
    with pytest.raises(AssertionError, match="loaded"):
        hxl_tags.are_tags(["#never+seen+before", "#org+before"])


def test_pcodes_are_known_by_their_values() -> None:
    assert is_pcodes(["TD19", "TD07", "TD1402", "n/a", "TD01", "TD02"])
    assert not is_pcodes(["TD19", "ET07", "SD14", "KE01"])
    assert not is_pcodes(["3W", "Lac", "2025"])
    assert not is_pcodes([])


HEAD = (
    "Month,Activity status,Donor Name,Program Partner Name,Implementing Partner Acronym,Implementing Partner Name,"
    "Implementing Partner Type,Region,Zone,Woreda,WoredaPcod,Cluster,Activity,Lat,Long\n"
)
PLACE = "North,East Zone,Hill,ET060207"
FIVE_W = HEAD + (
    f"August,Completed,ECHO Fund,Lantern,LR,Lantern Relief,International NGO,{PLACE},WASH,Durable water,10.5,35.9\n"
    f"August,Planned,,Lantern,PW,,National NGO,{PLACE},Health,Clinics,10.5,35.9\n"
    f"August,On-going,,,,,,{PLACE},Health,Clinics,x,35.9\n"
    "August,On-going,,,PW,,,North,East Zone,Hill,Hill,Health,Clinics,95,35.9\n"
    ",,,,,,,,,,,,,,\n"
)


def test_a_row_of_a_five_w(tmp_path: Path) -> None:
    records, problems = read(table(tmp_path, FIVE_W, "ethiopia_5w_august_2025.csv"))
    first, second, third = records
    assert first.title == "Lantern Relief: Durable water in Hill"
    assert first.organisations == (
        OrganisationMention(IMPLEMENTING, "Lantern Relief", "LR", "", "International NGO"),
        OrganisationMention(ACCOUNTABLE, "Lantern"),
        OrganisationMention(FUNDING, "ECHO Fund"),
    )
    assert first.places == (PlaceMention("ET", ("North", "East Zone", "Hill"), "ET060207", "", 10.5, 35.9),)
    assert first.themes == (ThemeMention("cluster", "", "WASH"),)
    assert (first.status, first.locator.element, first.locator.line) == ("Completed", "row 2", 2)
    assert first.period == Period(actual_start=date(2025, 8, 1), actual_end=date(2025, 8, 31))
    assert first.reported_on == date(2025, 8, 31)
    assert second.title == "PW: Clinics in Hill"
    assert second.period == Period(planned_start=date(2025, 8, 1), planned_end=date(2025, 8, 31))
    assert third.period == Period(actual_start=date(2025, 8, 1), planned_end=date(2025, 8, 31))
    assert third.places[0].pcode == ""
    assert third.places[0].latitude is None
    assert [(problem.line, problem.fatal) for problem in problems] == [(4, False), (5, False), (5, False)]
    assert "no organisation" in problems[0].reason
    assert "p-code" in problems[1].reason
    assert "latitude" in problems[2].reason


def test_identifiers_are_stable_and_tell_identical_rows_apart(tmp_path: Path) -> None:
    rows = "Organisation,Province,Cluster\nCaritas,Lac,Santé\nCaritas,Lac,WASH\nCaritas,Lac,Santé\n"
    first = [record.id for record in read(table(tmp_path, rows))[0]]
    assert first[0].startswith("3w:chad-3w-april-2025:")
    assert len(set(first)) == 3
    assert first[2] == first[0] + "-2"
    moved = "Cluster,Organisation,Province,Note\nWASH,Caritas,LAC,x\nSante,Caritas,Lac,\n\nSanté,Caritas,Lac,y\n"
    assert sorted(record.id for record in read(table(tmp_path, moved))[0]) == sorted(first)


def test_hxl_tags_win_and_headers_fill_what_is_untagged(tmp_path: Path) -> None:
    text = (
        "Some report of April\n\nTitle,Province,Whatever,Acronyme,Organisation,TypeOrganisation\n"
        ",#adm1+name,#sector,#org+acronym,,\nTD19,Barh El Gazel,Nutrition,ACF,Action,ONG Internationale\n"
    )
    ((record,), problems) = read(table(tmp_path, text))
    assert problems == []
    assert record.organisations == (OrganisationMention(IMPLEMENTING, "Action", "ACF", "", "ONG Internationale"),)
    assert record.places == (PlaceMention("TD", ("Barh El Gazel",), "TD19"),)
    assert record.themes[0].name == "Nutrition"
    assert record.locator.line == 5


def test_a_pcode_of_a_level_above_is_not_given_to_the_deepest_name(tmp_path: Path) -> None:
    text = "Provinces,Departement,Localite,Organisation,Title\n" + "".join(
        f"P{i},D{i}{j},L,Caritas,TD{i:02}\n" for i in range(1, 5) for j in range(3)
    )
    records, _ = read(table(tmp_path, text))
    assert records[0].places == (PlaceMention("TD", ("P1", "D10"), "", "L"),)
    assert records[0].extra == (("pcode", "TD01"),)
    assert records[0].title == "Caritas: physical presence in D10"


def test_a_harmonised_table(tmp_path: Path) -> None:
    text = (
        "location_code,provider_admin1_name,admin1_code,admin1_name,admin2_code,admin2_name,org_acronym,org_name,"
        "org_type_description,sector_code,sector_name,reference_period_start,reference_period_end\n"
        "TCD,Ouaddaï,TCD14,Ouaddai,,,LR,Lantern Relief,National NGO,HEA,Health,2025-04-01,2025-04-30\n"
        "ETH,Afar,ET02,Afar,ET0201,Awsi,LR,Lantern Relief,National NGO,HEA,Health,2025-05-01,2025-07-31\n"
        "TCD,Multi,,,,,LR,Lantern Relief,National NGO,HEA,Health,2025-04-01,2025-04-30\n"
    )
    path = table(tmp_path, text, "presence.csv")
    records, problems = read(path)
    assert problems == []
    assert [record.places[0] for record in records] == [
        PlaceMention("TD", ("Ouaddai",), "TCD14"),
        PlaceMention("ET", ("Afar", "Awsi"), "ET0201"),
        PlaceMention("TD", ("Multi",)),
    ]
    assert records[0].themes == (ThemeMention("cluster", "HEA", "Health"),)
    assert [record.reported_on for record in records] == [date(2025, 4, 30), date(2025, 7, 31), date(2025, 4, 30)]
    assert sources.describe(path).as_of == date(2025, 7, 31)


def test_periods_as_tables_write_them(tmp_path: Path) -> None:
    head = "Organisation,Pays,Province,Date de début,Date de fin\n"
    records, problems = read(
        table(
            tmp_path,
            head + "A,Tchad,Lac,15/01/2025,30/06/2025\nA,Tchad,Lac,janvier 2025,mars 2025\nA,Tchad,Lac,soon,\n",
        )
    )
    assert [(record.period.start, record.period.end) for record in records] == [
        (date(2025, 1, 15), date(2025, 6, 30)),
        (date(2025, 1, 1), date(2025, 3, 31)),
        (date(2025, 4, 1), date(2025, 4, 30)),
    ]
    assert [problem.line for problem in problems] == [4]
    assert records[0].places[0].country == "TD"


def test_a_month_later_than_the_table_is_of_the_year_before(tmp_path: Path) -> None:
    records, _ = read(table(tmp_path, "Organisation,Province,Month\nA,Lac,December\nA,Lac,March\nA,Lac,Feb-24\n"))
    assert [record.period.start for record in records[:2]] == [date(2024, 12, 1), date(2025, 3, 1)]


def test_every_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.title = "Read me"
    book.active.append(["This workbook is invented"])
    for title, cluster in (("North", "Health"), ("South", "WASH")):
        sheet = book.create_sheet(title)
        sheet.append(["Organisation", "Province", "Cluster", "Start date"])
        sheet.append([None, None, None, None])
        sheet.append(["Caritas", title, cluster, date(2025, 2, 1)])
    book.save(tmp_path / "two.xlsx")
    records, problems = read(tmp_path / "two.xlsx")
    assert problems == []
    assert [record.locator.element for record in records] == ["sheet North, row 3", "sheet South, row 3"]
    assert [record.period.start for record in records] == [date(2025, 2, 1)] * 2
