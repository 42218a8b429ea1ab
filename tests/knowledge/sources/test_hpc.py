"""HPC projects and plans."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge import sources
from knowledge.records import WORK, Contact, Figure, Link, Money, RecordKind, Role
from tests.knowledge.sources.reading import both, codes, extras, records_of, written

KENYA = {
    "id": 10,
    "iso3": "KEN",
    "name": "Kenya",
    "adminLevel": 0,
    "latitude": 0.5,
    "longitude": 37.9,
    "parentId": None,
}


def project(**fields: Any) -> dict[str, Any]:
    return {
        "id": 4711,
        "versionCode": "KEN26-WSH-4711-2",
        "name": "Wells for Turkana",
        "objective": "Safe water for herders.",
        "currentRequestedFunds": "1250000",
        "startDate": "2026-01-01",
        "endDate": "2026-12-31",
        "updatedAt": "2026-03-04T05:06:07.000Z",
        "globalClusters": [{"id": 11, "code": "WSH", "name": "Water Sanitation Hygiene"}],
        "locations": [KENYA],
        "organizations": [{"id": 5, "name": "Blue Wells", "abbreviation": "BW", "url": "https://bluewells.example/"}],
        "plans": [{"id": 99, "code": "KEN26", "name": "Kenya Drought Response 2026", "startDate": "2026-01-01"}] * 2,
        **fields,
    }


def page(*projects: Any) -> dict[str, Any]:
    return {"status": "ok", "data": {"results": list(projects), "pagination": {"total": len(projects)}}}


def one(tmp_path: Path, **fields: Any) -> Any:
    (record,) = records_of(written(tmp_path / "page.json", page(project(**fields))))
    return record


def test_a_project_is_a_request_of_its_organisations(tmp_path: Path) -> None:
    record = one(tmp_path)
    assert (record.id, record.kind, record.title) == ("hpc:4711", RecordKind.PROJECT, "Wells for Turkana")
    assert record.money == (Money("requested", 1250000.0, "USD", date(2026, 1, 1), date(2026, 12, 31)),)
    (who,) = record.organisations
    assert (who.role, who.name, who.acronym, who.ref) == (Role.IMPLEMENTING, "Blue Wells", "BW", "fts-org:5")
    assert record.contacts == (Contact("Blue Wells", "https://bluewells.example/"),)
    assert [theme.name for theme in record.themes] == ["Water Sanitation Hygiene"]
    assert record.links == (Link("other", "hpc-plan:99"),)
    assert extras(record, "plan") == ["Kenya Drought Response 2026"]
    assert record.reported_on == date(2026, 3, 4)
    assert record.locator.element == "results[1]"


def test_a_later_version_is_the_same_project(tmp_path: Path) -> None:
    assert one(tmp_path, versionCode="KEN26-WSH-4711-3").id == one(tmp_path).id
    assert one(tmp_path, id=None).id == "hpc:4711"


def test_the_middle_of_a_country_is_no_position_but_that_of_a_place_is(tmp_path: Path) -> None:
    county = {
        "id": 11,
        "parentId": 10,
        "name": "Turkana",
        "pcode": "KE023",
        "adminLevel": 1,
        "latitude": 3,
        "longitude": 35,
    }
    record = one(tmp_path, locations=[KENYA, county])
    country, within = record.places
    assert (country.country, country.names, country.latitude) == ("KE", (), None)
    assert (within.country, within.names, within.pcode, within.latitude) == ("KE", ("Turkana",), "KE023", 3.0)


def test_a_region_is_no_country(tmp_path: Path) -> None:
    record = one(tmp_path, locations=[{"id": 1, "name": "Horn of Africa", "isRegion": True, "iso3": None}])
    assert record.places[0].names == ("Horn of Africa",)
    assert codes(record) == {"unknown-country"}


def test_targets_status_and_clusters_of_the_plan(tmp_path: Path) -> None:
    record = one(
        tmp_path,
        targets=[{"total": 900, "name": "Children"}, {"total": "1,100", "name": "Women"}],
        implementationStatus="Ended - Terminated",
        governingEntities=[{"governingEntityVersion": {"name": "Eau et assainissement"}}],
        partners="Dry Lands Union",
    )
    assert record.figures == (Figure("targeted", 900.0, "Children"), Figure("targeted", 1100.0, "Women"))
    assert record.status == "cancelled"
    assert [theme.name for theme in record.themes] == ["Water Sanitation Hygiene", "Eau et assainissement"]
    assert extras(record, "partners") == ["Dry Lands Union"]


def test_the_published_version_of_a_single_project_stands(tmp_path: Path) -> None:
    versions = [{**project(id=1, name="As published")}, {**project(id=2, name="Draft", currentRequestedFunds=1)}]
    value = {"data": {"id": 4711, "currentPublishedVersionId": 1, "projectVersions": versions}}
    (record,) = records_of(written(tmp_path / "one.json", value))
    assert (record.id, record.title, record.money[0].amount) == ("hpc:4711", "As published", 1250000.0)


def test_persons_are_not_read(tmp_path: Path) -> None:
    named = {"contacts": [{"firstName": "Ines", "email": "ines@bluewells.example"}], "creatorParticipantId": 15}
    assert "ines" not in repr(one(tmp_path, **named)).casefold()


def test_what_is_wrong_costs_only_itself(tmp_path: Path) -> None:
    bad = project(id=1, startDate="soon", currentRequestedFunds="much", locations="Kenya", organizations=[None, 7])
    path = written(
        tmp_path / "page.json", page(bad, "nothing", project(id=None, versionCode=None), project(), project())
    )
    records, problems = both(path)
    assert [record.id for record in records] == ["hpc:1", "hpc:4711"]
    assert records[0].period.planned_end == date(2026, 12, 31)
    assert codes(records[0]) == {"no-amount", "no-organisation"}
    assert [problem.element for problem in problems] == [
        "results[1] startDate", "results[1] currentRequestedFunds", "results[2]", "results[3]", "results[5]",
    ]  # fmt: skip
    assert all(problem.mend and not problem.fatal for problem in problems)


def plan(**fields: Any) -> dict[str, Any]:
    version = {
        "planId": 99,
        "name": "Kenya Drought Response 2026",
        "code": "KEN26",
        "startDate": "2026-01-01",
        "endDate": "2026-12-31",
        "organizations": [{"id": 8, "name": "Lake Agency", "abbreviation": "LA"}],
    }
    return {
        "id": 99,
        "planVersion": version,
        "locations": [KENYA],
        "years": [{"year": "2026"}],
        "categories": [{"name": "Flash appeal", "group": "planType"}],
        "emergencies": [{"name": "Drought", "glideId": "DR-1"}],
        "origRequirements": 10,
        "revisedRequirements": 12,
        **fields,
    }


def test_a_plan_is_no_work_and_asks_once(tmp_path: Path) -> None:
    (record,) = records_of(written(tmp_path / "plans.json", {"status": "ok", "data": [plan()]}))
    assert (record.id, record.kind, record.title) == ("hpc-plan:99", RecordKind.PLAN, "Kenya Drought Response 2026")
    assert RecordKind.PLAN not in WORK
    assert [(money.kind, money.amount) for money in record.money] == [("requested", 12.0)]
    assert extras(record, "original-requirements") == ["10 USD"]
    assert extras(record, "plan-type") == ["Flash appeal"]
    assert extras(record, "glide") == ["DR-1"]
    assert record.organisations[0].role is Role.ACCOUNTABLE


@pytest.mark.parametrize(
    "value", [[], {}, {"data": []}, {"data": {"results": []}}, {"data": {"results": [{"a": 1}]}}, 7]
)
def test_other_json_is_not_taken_for_ours(tmp_path: Path, value: Any) -> None:
    with pytest.raises(sources.UnknownType):
        sources.detect(written(tmp_path / "other.json", value))


def test_real_projects_agree_with_a_plain_count(shared_data: Path) -> None:
    paths = sorted((shared_data / "hpc").glob("project-search*.json"))
    plain = [one for path in paths for one in json.loads(path.read_text(encoding="utf-8"))["data"]["results"]]
    records = [record for path in paths for record in records_of(path)]
    assert len(records) == len(plain) == len({record.id for record in records}) == 755
    assert sum(money.amount for record in records for money in record.money) == sum(
        int(one["currentRequestedFunds"]) for one in plain
    )
    assert {who.ref for record in records for who in record.organisations} == {
        f"fts-org:{who['id']}" for one in plain for who in one["organizations"]
    }
    assert sum(len(record.places) for record in records) == sum(bool(one["locations"]) for one in plain)
    assert all(place.country for record in records for place in record.places)


def test_real_plans_agree_with_a_plain_count(shared_data: Path) -> None:
    path = shared_data / "hpc" / "public-plan.json"
    plain = json.loads(path.read_text(encoding="utf-8"))["data"]
    records = records_of(path)
    assert [record.id for record in records] == [f"hpc-plan:{one['id']}" for one in plain]
    assert sum(record.money[0].amount for record in records) == sum(one["revisedRequirements"] for one in plain)
    assert sum(len(record.places) for record in records) == sum(len(one["locations"]) for one in plain)
