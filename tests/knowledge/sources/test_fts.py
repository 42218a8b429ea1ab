"""Flows of the Financial Tracking Service, as JSON and as a table."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from knowledge import sources
from knowledge.records import Link, Money, Record, RecordKind, Role
from tests.knowledge.sources.reading import both, codes, extras, records_of, written


def thing(kind: str, name: str, number: str = "1", **fields: Any) -> dict[str, Any]:
    return {"type": kind, "id": number, "name": name, "behavior": "single", **fields}


def flow(**fields: Any) -> dict[str, Any]:
    return {
        "id": "901",
        "amountUSD": 500,
        "description": "Water for Turkana",
        "date": "2026-02-03T00:00:00Z",
        "updatedAt": "2026-02-05T08:00:00Z",
        "firstReportedDate": "2026-02-04T00:00:00Z",
        "status": "paid",
        "boundary": "incoming",
        "onBoundary": "single",
        "flowType": "Standard",
        "contributionType": "financial",
        "method": "Traditional aid",
        "originalAmount": 450,
        "originalCurrency": "EUR",
        "exchangeRate": 0.9,
        "refCode": "VM-1",
        "keywords": ["Multiyear", "Drought"],
        "newMoney": True,
        "sourceObjects": [
            thing("Organization", "Vestmark, Government of", "21", organizationTypes=["Government"]),
            thing("Location", "Kenya", "9"),
            thing("UsageYear", "2026"),
        ],
        "destinationObjects": [
            thing("Organization", "Lake Agency", "22", organizationTypes=["UN agency"]),
            thing("Plan", "Kenya Drought Response 2026", "99"),
            thing("Location", "Kenya", "9"),
            thing("UsageYear", "2026"),
            thing("UsageYear", "2027"),
            thing("GlobalCluster", "Water Sanitation Hygiene", "11"),
        ],
        **fields,
    }


def page(*flows: Any) -> dict[str, Any]:
    return {"status": "ok", "data": {"flows": list(flows)}}


def one(tmp_path: Path, **fields: Any) -> Record:
    (record,) = records_of(written(tmp_path / "flows.json", page(flow(**fields))))
    return record


def test_a_flow_is_one_amount_between_two_sides_told_second_hand(tmp_path: Path) -> None:
    record = one(tmp_path)
    assert (record.id, record.kind, record.title) == ("fts:901", RecordKind.FLOW, "Water for Turkana")
    assert record.secondary_reporter
    giver, taker = record.organisations
    assert (giver.role, giver.name, giver.ref) == (Role.FUNDING, "Vestmark, Government of", "fts-org:21")
    assert (taker.role, taker.name, taker.kind) == (Role.IMPLEMENTING, "Lake Agency", "UN agency")
    assert record.money == (Money("paid", 500.0, "USD", date(2026, 2, 3), None, giver.name, taker.name),)
    assert extras(record, "original-amount") == ["450 EUR"]
    assert (record.period.start, record.period.end) == (date(2026, 1, 1), date(2027, 12, 31))
    assert [place.country for place in record.places] == ["KE"]
    assert extras(record, "boundary") == ["incoming"]
    assert extras(record, "keywords") == ["Multiyear, Drought"]


def test_the_reach_of_an_ngo_tells_its_kind(tmp_path: Path) -> None:
    ngo = thing("Organization", "Blue Wells", "5", organizationTypes=["NGO"], organizationSubTypes=["National"])
    assert one(tmp_path, destinationObjects=[ngo]).organisations[1].kind == "National NGO"


def test_parents_children_projects_and_plans_are_links(tmp_path: Path) -> None:
    project = thing("Project", "Wells", "4711", code="KEN26-WSH-4711-2")
    record = one(
        tmp_path, parentFlowId=900, childFlowIds=[902, 903], destinationObjects=[*flow()["destinationObjects"], project]
    )
    assert record.links == (
        Link("parent", "fts:900"), Link("child", "fts:902"), Link("child", "fts:903"),
        Link("other", "hpc:4711"), Link("other", "hpc-plan:99"),
    )  # fmt: skip
    assert extras(record, "parent") == ["fts:900"]
    assert extras(record, "project") == ["KEN26-WSH-4711-2 Wells"]


@pytest.mark.parametrize(
    ("parts", "note"), [((300, 200), set()), ((300, 100), {"children-differ"}), ((300, 400), {"children-exceed"})]
)
def test_what_came_out_is_compared_with_what_went_in(tmp_path: Path, parts: tuple[int, int], note: set[str]) -> None:
    parent = flow(id="901", childFlowIds=[902, 903])
    children = [flow(id=str(902 + n), amountUSD=part, parentFlowId=901) for n, part in enumerate(parts)]
    records = records_of(written(tmp_path / "flows.json", page(parent, *children)))
    assert codes(records[0]) == note


def test_money_for_several_places_together_says_so(tmp_path: Path) -> None:
    assert codes(one(tmp_path, onBoundary="shared")) == {"shared-flow"}


def test_children_on_another_page_are_not_missed_money(tmp_path: Path) -> None:
    assert not codes(one(tmp_path, childFlowIds=[902]))


def test_bad_flows_cost_only_themselves(tmp_path: Path) -> None:
    bad = flow(id="902", amountUSD="plenty", status="promised", date="yesterday", sourceObjects=None)
    records, problems = both(written(tmp_path / "f.json", page(bad, flow(id=None), 5, flow(), flow())))
    assert [record.id for record in records] == ["fts:902", "fts:901"]
    assert [problem.element for problem in problems] == [
        "flows[1] amountUSD", "flows[1] date", "flows[1] status", "flows[2]", "flows[3]", "flows[5]",
    ]  # fmt: skip
    assert codes(records[0]) == {"no-amount"}


COLUMNS = (
    "id,date,amountUSD,srcOrganization,srcOrganizationTypes,destOrganization,destOrganizationTypes,"
    "destPlan,destPlanId,destProject,destProjectCode,destGlobalClusters,destLocations,destUsageYearStart,"
    "destUsageYearEnd,status,boundary,onBoundary,originalAmount,originalCurrency,updatedAt,description"
)


def table(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS.split(","), *rows])
    return path


def row(
    number: str = "901", givers: str = "Vestmark, Government of", clusters: str = "Water Sanitation Hygiene"
) -> list[str]:
    return [
        number,
        "2026-02-03",
        "500",
        givers,
        "Government",
        "Lake Agency",
        "UN agency",
        "Kenya Drought Response 2026",
        "99",
        "",
        "",
        clusters,
        "KEN",
        "2026",
        "2027",
        "paid",
        "incoming",
        "single",
        "450",
        "EUR",
        "2026-02-05",
        "Water for Turkana",
    ]


def test_a_row_is_the_same_flow_as_the_object(tmp_path: Path) -> None:
    (from_table,) = records_of(table(tmp_path / "flows.csv", row()))
    from_json = one(tmp_path)
    same = ("id", "kind", "title", "texts", "places", "themes", "period", "money", "reported_on", "secondary_reporter")
    for name in same:
        assert getattr(from_table, name) == getattr(from_json, name), name
    assert [(who.role, who.name, who.kind) for who in from_table.organisations] == [
        (who.role, who.name, who.kind) for who in from_json.organisations
    ]
    assert from_table.links == (Link("other", "hpc-plan:99"),)
    assert {*from_table.extra} <= {*from_json.extra}
    assert (from_table.locator.element, from_table.locator.line) == ("row 2", 2)


def test_a_comma_within_a_name_parts_nothing(tmp_path: Path) -> None:
    clusters = "Protection - Housing, Land and Property,Health"
    path = table(tmp_path / "flows.csv", row(givers="Vestmark, Government of,Ashgrove Hill", clusters=clusters))
    (record,) = records_of(path)
    assert [who.name for who in record.organisations] == ["Vestmark, Government of", "Ashgrove Hill", "Lake Agency"]
    assert [theme.name for theme in record.themes] == ["Protection - Housing, Land and Property", "Health"]


def test_the_row_of_hxl_tags_is_no_flow(tmp_path: Path) -> None:
    tags = ["#activity+id+fts_internal", *["#x"] * (len(row()) - 1)]
    records, problems = both(table(tmp_path / "flows.csv", tags, row(), row(), row("")))
    assert [record.id for record in records] == ["fts:901"]
    assert [problem.line for problem in problems] == [4, 5]


def real(shared_data: Path, suffix: str) -> dict[str, Record]:
    paths = sorted((shared_data / "fts").glob(f"*.{suffix}"))
    return {record.id: record for path in paths for record in records_of(path)}


def test_real_pages_agree_with_a_plain_count(shared_data: Path) -> None:
    plain = [
        one
        for path in sorted((shared_data / "fts").glob("*.json"))
        for one in json.loads(path.read_text(encoding="utf-8"))["data"]["flows"]
    ]
    records = real(shared_data, "json")
    assert len(records) == len(plain) == 484
    by_status: Counter[str] = Counter()
    for one in plain:
        by_status[one["status"]] += one["amountUSD"]
    assert {
        kind: sum(m.amount for r in records.values() for m in r.money if m.kind == kind) for kind in by_status
    } == by_status
    counted = [r for r in records.values() if {("boundary", "incoming"), ("on-boundary", "single")} <= {*r.extra}]
    stated = json.loads(
        min((shared_data / "fts").glob("*.json"), key=lambda path: len(path.name)).read_text(encoding="utf-8")
    )
    assert sum(r.money[0].amount for r in counted) == stated["data"]["incoming"]["fundingTotal"] == 725_591_299
    assert sum(link.kind == "child" for r in records.values() for link in r.links) == sum(
        len(one["childFlowIds"] or []) for one in plain
    )
    names = {part["name"] for one in plain for side in ("sourceObjects", "destinationObjects") for part in one[side]
             if part["type"] == "Organization"}  # fmt: skip
    assert {who.name for record in records.values() for who in record.organisations} == names


def test_real_tables_agree_with_pandas_and_with_the_pages(shared_data: Path) -> None:
    paths = sorted((shared_data / "fts").glob("*.csv"))
    frame = pd.concat(pd.read_csv(path, dtype=str, keep_default_na=False) for path in paths)
    records, pages = real(shared_data, "csv"), real(shared_data, "json")
    assert records.keys() == pages.keys() == {f"fts:{number}" for number in frame["id"]}
    assert sum(r.money[0].amount for r in records.values()) == frame["amountUSD"].astype(float).sum()
    for number, record in records.items():
        page = pages[number]
        for name in ("title", "texts", "period", "money", "reported_on"):
            assert getattr(record, name) == getattr(page, name), (number, name)
        assert {*record.themes} <= {*page.themes}
        # one table leaves out countries that its page has
        assert record.places == page.places or {*record.places} < {*page.places}
        assert [(who.role, who.name) for who in record.organisations] == [(w.role, w.name) for w in page.organisations]


def test_a_real_file_says_how_old_it_is(shared_data: Path) -> None:
    facts = sources.describe(shared_data / "fts" / "fts_incoming_funding_afg.csv")
    assert (facts.format, facts.publisher, facts.as_of) == ("fts-flow", "Financial Tracking Service", date(2021, 3, 1))
