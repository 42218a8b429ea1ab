"""Projects of the World Bank's API."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge import sources
from knowledge.records import Link, Money, Record, RecordKind, Role, Text, ThemeMention
from tests.knowledge.sources.reading import both, codes, extras, records_of, written


def project(**fields: Any) -> dict[str, Any]:
    return {
        "id": "P100001",
        "project_name": "Drylands Water Supply",
        "status": "Active",
        "countrycode": ["KE"],
        "countryname": ["Republic of Kenya"],
        "countryshortname": "Kenya",
        "boardapprovaldate": "2024-03-05T00:00:00Z",
        "closingdate": "6/30/2029 12:00:00 AM",
        "totalamt": "12,000,000",
        "totalcommamt": "12,500,000",
        "lendprojectcost": "15,000,000",
        "grantamt": "0",
        "idacommamt": "12,500,000",
        "borrower": "National Treasury",
        "impagency": "Drylands Water Agency; Lake Water Board",
        "teamleadname": "Odile Marsh",
        "pdo_abstract": {"cdata": "Bring safe water to three counties."},
        "sector1": {"Name": "Water supply", "Percent": 70},
        "sector2": {"Name": "Sanitation", "Percent": "30"},
        "sector": [{"Name": "Water supply"}, {"Name": "Sanitation"}],
        "theme_list": [{"name": "Gender", "code": "5"}],
        "locations": [
            {"geoLocId": "1", "geoLocName": "Turkana", "latitude": "3.1", "longitude": "35.6", "country": "KE"}
        ],
        "parentprojid": "P100000",
        "lendinginstr": "Investment Project Financing",
        "url": "https://bank.example/P100001",
        "p2a_updated_date": "2026-01-02 00:00:00.0",
        **fields,
    }


def page(*projects: dict[str, Any]) -> dict[str, Any]:
    """Version 2: objects by identifier, with facets beside them."""
    return {"rows": 10, "total": "1", "projects": {**{str(one.pop("id")): one for one in projects}, "facets": {}}}


def one(tmp_path: Path, **fields: Any) -> Record:
    (record,) = records_of(written(tmp_path / "projects.json", page(project(**fields))))
    return record


def test_a_project_is_lent_borrowed_and_implemented(tmp_path: Path) -> None:
    record = one(tmp_path)
    assert (record.id, record.kind, record.title) == ("P100001", RecordKind.PROJECT, "Drylands Water Supply")
    assert [(who.role, who.name) for who in record.organisations] == [
        (Role.FUNDING, "World Bank"),
        (Role.ACCOUNTABLE, "National Treasury"),
        (Role.IMPLEMENTING, "Drylands Water Agency"),
        (Role.IMPLEMENTING, "Lake Water Board"),
    ]
    assert record.money == (
        Money("commitment", 12_500_000.0, "USD", date(2024, 3, 5), None, "World Bank"),
        Money("budget", 15_000_000.0, "USD", date(2024, 3, 5), date(2029, 6, 30)),
    )
    assert (record.period.actual_start, record.period.planned_end) == (date(2024, 3, 5), date(2029, 6, 30))
    assert record.status == "implementation"
    country, within = record.places
    assert (country.country, country.names) == ("KE", ())
    assert (within.country, within.names, within.latitude, within.scope) == ("KE", ("Turkana",), 3.1, "location")
    assert record.themes == (
        ThemeMention("99", name="Water supply", percentage=70.0),
        ThemeMention("99", name="Sanitation", percentage=30.0),
        ThemeMention("99", name="Gender"),
    )
    assert record.texts == (Text("objectives", "Bring safe water to three counties."),)
    assert record.links == (Link("parent", "P100000"),)
    assert record.reported_on == date(2026, 1, 2)
    assert extras(record, "ida-commitment") == ["12,500,000"]
    assert "Odile" not in repr(record)


def test_both_versions_of_the_api_say_the_same(tmp_path: Path) -> None:
    listed = written(tmp_path / "v3.json", {"total": 1, "projects": [project()]})
    assert records_of(listed)[0].money == one(tmp_path).money
    assert records_of(written(tmp_path / "bare.json", [project()]))[0].id == "P100001"


@pytest.mark.parametrize(
    ("fields", "amount"),
    [({"totalcommamt": "0", "totalamt": "0", "grantamt": "3,000,000"}, 3e6), ({"curr_total_commitment": 9e6}, 9e6),
     ({"totalcommamt": None}, 12e6), ({"totalcommamt": "0", "totalamt": "0"}, 0.0)],
)  # fmt: skip
def test_one_amount_is_the_commitment(tmp_path: Path, fields: dict[str, Any], amount: float) -> None:
    assert [money.amount for money in one(tmp_path, **fields).money if money.kind == "commitment"] == [amount]


@pytest.mark.parametrize(
    ("fields", "countries"),
    [({"countrycode": "ZR", "countryname": "Democratic Republic of Congo", "countryshortname": None}, ["CD"]),
     ({"countrycode": ["KE", "SN"], "countryname": ["Kenya", "Senegal"], "countryshortname": None}, ["KE", "SN"]),
     ({"countrycode": None, "countryshortname": "Yemen, Republic of"}, ["YE"]),
     ({"countrycode": "4P", "countryshortname": "West Bank and Gaza"}, ["PS"])],
)  # fmt: skip
def test_countries_in_the_banks_own_codes(tmp_path: Path, fields: dict[str, Any], countries: list[str]) -> None:
    assert [place.country for place in one(tmp_path, locations=[], **fields).places] == countries


def test_a_region_is_no_country(tmp_path: Path) -> None:
    record = one(tmp_path, countrycode="3A", countryshortname="Western Africa", countryname=None, locations=[])
    assert record.places[0].names == ("Western Africa",)
    assert codes(record) == {"unknown-country"}


@pytest.mark.parametrize(
    ("status", "is_", "edge"),
    [
        ("Closed", "closed", "actual_end"),
        ("Active", "implementation", "planned_end"),
        ("Pipeline", "pipeline", "planned_end"),
        ("Dropped", "cancelled", "planned_end"),
    ],
)
def test_a_closing_date_is_actual_only_when_it_is_past(tmp_path: Path, status: str, is_: str, edge: str) -> None:
    record = one(tmp_path, status=status)
    assert record.status == is_
    assert getattr(record.period, edge) == date(2029, 6, 30)
    assert (record.period.actual_start is None) == (status == "Pipeline")


def test_bad_fields_cost_only_themselves(tmp_path: Path) -> None:
    bad = project(
        totalcommamt="plenty", closingdate="31/12/2029", sector1={"Name": "Water supply", "Percent": 170}, locations=5
    )
    value = {"projects": [bad, project(id="42"), project(id="P100002"), None]}
    records, problems = both(written(tmp_path / "p.json", value))
    assert [record.id for record in records] == ["P100001", "P100002"]
    assert {problem.element for problem in problems} == {
        "projects[1] totalcommamt", "projects[1] closingdate", "projects[1] sector1", "projects[2]", "projects[4]",
    }  # fmt: skip
    assert records[0].money[0].amount == 12_000_000.0
    assert codes(records[0]) == {"no-end-date"}


def test_the_format_is_known_by_its_projects(tmp_path: Path) -> None:
    facts = sources.describe(written(tmp_path / "p.json", page(project())))
    assert (facts.format, facts.publisher, facts.as_of) == ("world-bank-project", "World Bank", date(2026, 1, 2))
    with pytest.raises(sources.UnknownType):
        sources.detect(written(tmp_path / "other.json", {"projects": [{"id": 1, "name": "x"}]}))
