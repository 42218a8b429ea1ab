"""360Giving grants, as JSON and as spreadsheets."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook

from knowledge import sources
from knowledge.records import Link, Money, Record, RecordKind, Role, ThemeMention
from tests.knowledge.sources.reading import both, codes, extras, records_of, written

FUNDER = {"id": "GB-CHC-111", "name": "Ashgrove Hill Foundation", "department": "Learning"}
RECIPIENT = {"id": "GB-CHC-222", "name": "Kestrel Alliance", "url": "https://kestrel.example",
             "addressCountry": "England", "addressRegion": "Kent", "addressLocality": "Dover"}  # fmt: skip


def grant(**fields: Any) -> dict[str, Any]:
    return {
        "id": "360G-ash-1",
        "title": "School meals",
        "description": "Meals in twelve schools.",
        "currency": "GBP",
        "amountAppliedFor": 1200,
        "amountAwarded": 1000.5,
        "amountDisbursed": 400,
        "awardDate": "2026-03-01T00:00:00+00:00",
        "dateModified": "2026-04-01",
        "plannedDates": [{"startDate": "2026-05-01", "duration": 12}],
        "fundingOrganization": [FUNDER],
        "recipientOrganization": [RECIPIENT],
        "beneficiaryLocation": [{"name": "Turkana", "countryCode": "KE", "geoCode": "KE023", "geoCodeType": "CNTY"}],
        "grantProgramme": [{"title": "Education"}],
        "classifications": [{"vocabulary": "own", "code": "E1", "title": "Nutrition"}],
        "relatedActivity": ["360G-ash-0"],
        "dataSource": "https://ashgrove.example/grants",
        **fields,
    }


def one(tmp_path: Path, **fields: Any) -> Record:
    fields = {key: value for key, value in grant(**fields).items() if value is not None}
    (record,) = records_of(written(tmp_path / "grants.json", {"grants": [fields]}))
    return record


def test_a_grant_is_from_its_funder_to_its_recipient(tmp_path: Path) -> None:
    record = one(tmp_path)
    assert (record.id, record.kind, record.title) == ("360G-ash-1", RecordKind.GRANT, "School meals")
    assert [(who.role, who.name, who.ref) for who in record.organisations] == [
        (Role.FUNDING, "Ashgrove Hill Foundation", "GB-CHC-111"),
        (Role.IMPLEMENTING, "Kestrel Alliance", "GB-CHC-222"),
    ]
    parties = ("Ashgrove Hill Foundation", "Kestrel Alliance")
    assert record.money == (
        Money("applied", 1200.0, "GBP", None, None, *parties),
        Money("awarded", 1000.5, "GBP", date(2026, 3, 1), None, *parties),
        Money("disbursed", 400.0, "GBP", None, None, *parties),
    )
    assert record.period.planned_start == date(2026, 5, 1)
    assert record.period.planned_end == date(2027, 4, 30)
    (place,) = record.places
    assert (place.country, place.names) == ("KE", ("Turkana",))
    assert extras(record, "geocode") == ["CNTY KE023"]
    assert record.themes == (ThemeMention("99", "E1", "Nutrition"), ThemeMention("99", "", "Education"))
    assert record.links == (Link("other", "360G-ash-0"),)
    assert not record.notes


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, date(2026, 2, 27)),
        ("2024-02-29", 12, date(2025, 2, 27)),
        ("2026-05-01", "6 months", date(2026, 10, 31)),
        ("2026-01-01", 0.5, date(2026, 1, 15)),
    ],
)
def test_the_duration_makes_the_end(tmp_path: Path, start: str, months: Any, end: date) -> None:
    assert one(tmp_path, plannedDates=[{"startDate": start, "duration": months}]).period.planned_end == end


def test_without_dates_the_award_stands_for_the_start_and_says_so(tmp_path: Path) -> None:
    record = one(tmp_path, plannedDates=[{"duration": "Undefined"}])
    assert (record.period.start, record.period.end) == (date(2026, 3, 1), None)
    assert codes(record) == {"no-planned-start", "no-end-date"}


def test_the_address_of_the_recipient_stands_for_the_place_and_says_so(tmp_path: Path) -> None:
    record = one(tmp_path, beneficiaryLocation=None)
    (place,) = record.places
    assert (place.country, place.names, place.site) == ("GB", ("England", "Kent"), "Dover")
    assert codes(record) == {"place-of-recipient"}
    without = {"id": "UG-NGB-7", "name": "Nile Aid"}
    assert one(tmp_path, beneficiaryLocation=None, recipientOrganization=[without]).places[0].country == "UG"


def test_a_british_statistical_code_names_the_country(tmp_path: Path) -> None:
    record = one(tmp_path, beneficiaryLocation=[{"geoCode": "E01011681", "geoCodeType": "LSOA"}])
    assert record.places[0].country == "GB"


def test_a_p_code_is_the_places_own(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        beneficiaryLocation=[{"name": "Turkana", "countryCode": "KE", "geoCode": "ke023", "geoCodeType": "P-code"}],
    )
    assert record.places[0].pcode == "KE023"
    assert not extras(record, "geocode")


def test_nothing_of_an_individual_is_kept(tmp_path: Path) -> None:
    person = {"id": "360G-ash-ind-9", "name": "Ottoline Fenwick"}
    record = one(tmp_path, recipientOrganization=None, recipientIndividual=person, beneficiaryLocation=None,
                 title="Grant to Ottoline Fenwick", description="OTTOLINE FENWICK will study wells.")  # fmt: skip
    assert "fenwick" not in repr(record).casefold()
    assert "ind-9" not in repr(record)
    assert record.title == "Grant to an individual"
    assert [who.role for who in record.organisations] == [Role.FUNDING]
    assert "recipient-individual" in codes(record)
    assert record.money[1].amount == 1000.5


def test_days_come_first_unless_the_file_shows_otherwise(tmp_path: Path) -> None:
    british = [grant(id="360G-a", awardDate="05/06/2014"), grant(id="360G-b", dateModified="17/08/2015 00:00")]
    records = records_of(written(tmp_path / "gb.json", {"grants": british}))
    assert records[0].money[1].start == date(2014, 6, 5)
    assert records[1].reported_on == date(2015, 8, 17)
    american = [grant(id="360G-a", awardDate="05/06/2014"), grant(id="360G-b", awardDate="05/17/2014")]
    assert records_of(written(tmp_path / "us.json", {"grants": american}))[0].money[1].start == date(2014, 5, 6)


def test_bad_grants_cost_only_themselves(tmp_path: Path) -> None:
    bad = grant(id="ash-2", amountAwarded="a lot", awardDate="2026-02-31", currency=None,
                beneficiaryLocation=[{"latitude": 95, "longitude": 3}])  # fmt: skip
    records, problems = both(written(tmp_path / "g.json", {"grants": [bad, grant(id=None), grant(), grant()]}))
    assert [record.id for record in records] == ["360giving:ash-2", "360G-ash-1"]
    assert [problem.element for problem in problems] == [
        "grants[1] awardDate", "grants[1] beneficiaryLocation", "grants[1] amountAwarded", "grants[2]", "grants[4]",
    ]  # fmt: skip
    assert {"identifier-prefix", "no-currency", "no-amount"} <= codes(records[0])


def table(path: Path, header: list[str], *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


TITLES = [
    "Identifier",
    "Title",
    "Description",
    "Currency",
    "Amount Applied For",
    "Amount Awarded",
    "Amount Disbursed",
    "Award Date",
    "Last modified",
    "Planned Dates:Start Date",
    "Planned Dates:Duration (months)",
    "Funding Org:Identifier",
    "Funding Org:Name",
    "Funding Org:Department",
    "Recipient Org:Identifier",
    "Recipient Org:Name",
    "Recipient Org:Web Address",
    "Beneficiary Location:Name",
    "Beneficiary Location:Country Code",
    "Beneficiary Location:Geographic Code",
    "Beneficiary Location:Geographic Code Type",
    "Grant Programme:Title",
    "Classifications:Code",
    "Classifications:Title",
    "Related Activity",
    "Data Source",
]
PATHS = [
    "id",
    "title",
    "description",
    "currency",
    "amountAppliedFor",
    "amountAwarded",
    "amountDisbursed",
    "awardDate",
    "dateModified",
    "plannedDates/0/startDate",
    "plannedDates/0/duration",
    "fundingOrganization/0/id",
    "fundingOrganization/0/name",
    "fundingOrganization/0/department",
    "recipientOrganization/0/id",
    "recipientOrganization/0/name",
    "recipientOrganization/0/url",
    "beneficiaryLocation/0/name",
    "beneficiaryLocation/0/countryCode",
    "beneficiaryLocation/0/geoCode",
    "beneficiaryLocation/0/geoCodeType",
    "grantProgramme/0/title",
    "classifications/0/code",
    "classifications/0/title",
    "relatedActivity/0",
    "dataSource",
]
CELLS = [
    "360G-ash-1",
    "School meals",
    "Meals in twelve schools.",
    "GBP",
    "1200",
    "1,000.50",
    "£400",
    "01/03/2026 00:00",
    "2026-04-01",
    "2026-05-01",
    "12 months",
    "GB-CHC-111",
    "Ashgrove Hill Foundation",
    "Learning",
    "GB-CHC-222",
    "Kestrel Alliance",
    "https://kestrel.example",
    "Turkana",
    "KE",
    "KE023",
    "CNTY",
    "Education",
    "E1",
    "Nutrition",
    "360G-ash-0",
    "https://ashgrove.example/grants",
]


@pytest.mark.parametrize("header", [TITLES, [title.replace(":", ":0:", 1) for title in TITLES], PATHS])
def test_a_row_is_the_same_grant_as_the_object(tmp_path: Path, header: list[str]) -> None:
    (from_table,) = records_of(table(tmp_path / "grants.csv", header, CELLS))
    from_json = one(tmp_path)
    for name in Record.__dataclass_fields__:
        if name != "locator":
            assert getattr(from_table, name) == getattr(from_json, name), name
    assert from_table.locator.element == "row 2"


def test_several_of_a_kind_and_further_sheets(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(
        [
            "Identifier",
            "Amount Awarded",
            "Currency",
            "Funding Org:0:Name",
            "Recipient Org:0:Name",
            "Recipient Org:1:Name",
        ]
    )
    sheet.append(["360G-ash-5", 7, "GBP", "Ashgrove", "Blue Wells", "Lake Agency"])
    places = book.create_sheet("places")
    places.append(["Identifier", "Beneficiary Location:0:Name", "Beneficiary Location:0:Country Code"])
    places.append(["360G-ash-5", "Garissa", "KE"])
    places.append(["360G-ash-5", "Turkana", "KE"])
    places.append(["360G-other", "Nairobi", "KE"])
    path = tmp_path / "grants.xlsx"
    book.save(path)
    book.close()
    (record,) = records_of(path)
    assert [who.name for who in record.organisations] == ["Ashgrove", "Blue Wells", "Lake Agency"]
    assert [place.names for place in record.places] == [("Garissa",), ("Turkana",)]


def test_an_individual_in_a_row_is_left_out(tmp_path: Path) -> None:
    header = [
        "Identifier",
        "Title",
        "Amount Awarded",
        "Currency",
        "Funding Org:Name",
        "Recipient Ind:Identifier",
        "Recipient Ind:Name",
    ]
    (record,) = records_of(
        table(tmp_path / "g.csv", header, ["360G-x", "To Ada Marsh", "5", "GBP", "Ashgrove", "i-1", "Ada Marsh"])
    )
    assert "marsh" not in repr(record).casefold()
    assert "recipient-individual" in codes(record)


def test_real_packages_agree_with_a_plain_count(shared_data: Path) -> None:
    for path in sorted((shared_data / "grants360").glob("*.json")):
        plain = json.loads(path.read_text(encoding="utf-8"))["grants"]
        records = records_of(path)
        assert [record.id for record in records] == [one["id"] for one in plain]
        for kind, key in (
            ("awarded", "amountAwarded"),
            ("applied", "amountAppliedFor"),
            ("disbursed", "amountDisbursed"),
        ):
            mine = [money for record in records for money in record.money if money.kind == kind]
            assert sum(money.amount for money in mine) == pytest.approx(sum(one.get(key, 0) for one in plain))
            assert {money.currency for money in mine} <= {"GBP"}
        names = {who.name for record in records for who in record.organisations}
        assert names == {
            " ".join(who["name"].split())
            for one in plain
            for key in ("fundingOrganization", "recipientOrganization")
            for who in one[key]
        }


@pytest.mark.parametrize("name", ["a002400000G4KGJAA3.csv", "a002400000OiDBQAA3.xlsx"])
def test_real_tables_agree_with_pandas(shared_data: Path, name: str) -> None:
    path = shared_data / "grants360" / name
    frame = pd.read_csv(path, dtype=str) if path.suffix == ".csv" else pd.read_excel(path)
    records = records_of(path)
    assert [record.id for record in records] == list(frame["Identifier"])
    assert sum(record.money[0].amount for record in records) == pytest.approx(
        frame["Amount Awarded"].astype(float).sum()
    )
    recipients = {who.name for record in records for who in record.organisations if who.role is Role.IMPLEMENTING}
    assert recipients == {" ".join(str(cell).split()) for cell in frame["Recipient Org:Name"]}
    awarded = pd.to_datetime(frame["Award Date"], dayfirst=True).dt.date
    assert [record.money[0].start for record in records] == list(awarded)


def test_a_real_file_says_who_publishes_it(shared_data: Path) -> None:
    facts = sources.describe(shared_data / "grants360" / "a002400000nO46WAAS.json")
    assert (facts.format, facts.publisher, facts.as_of) == ("360giving", "Power to Change Trust", date(2019, 5, 15))
