"""Contracting processes: packages, records, JSON Lines; merging; who, where, when and how much."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from knowledge import sources
from knowledge.records import Document, Link, Money, Record, RecordKind, Role, ThemeMention
from tests.knowledge.sources.reading import both, codes, extras, records_of, written

PARTIES = [
    {
        "id": "B",
        "name": "Lake Water Board",
        "roles": ["buyer", "procuringEntity"],
        "identifier": {"scheme": "XX-REG", "id": "70"},
        "address": {"countryName": "Kenya", "region": "Kisumu", "locality": "Ahero"},
        "contactPoint": {"name": "Odile Marsh", "email": "odile.marsh@lwb.example"},
    },
    {
        "id": "S",
        "name": "Blue Drillers Ltd",
        "roles": ["supplier", "tenderer"],
        "identifier": {"scheme": "XX-REG", "id": "XX-REG-71", "uri": "https://bluedrillers.example/"},
    },
    {"id": "L", "name": "Second Best Ltd", "roles": ["tenderer"]},
    {"id": "F", "name": "Ashgrove Hill", "roles": ["funder"]},
]


def release(**fields: Any) -> dict[str, Any]:
    return {
        "ocid": "ocds-xx-1",
        "id": "1-3",
        "date": "2026-04-01T00:00:00Z",
        "tag": ["contract"],
        "language": "en",
        "parties": PARTIES,
        "buyer": {"id": "B", "name": "Lake Water Board"},
        "planning": {
            "rationale": "Wells run dry.",
            "budget": {"amount": {"amount": 900, "currency": "USD"}, "projectID": "P100001"},
        },
        "tender": {
            "id": "T",
            "title": "Boreholes in Garissa",
            "description": "Twelve boreholes.",
            "status": "complete",
            "value": {"amount": 800, "currency": "USD"},
            "mainProcurementCategory": "works",
            "tenderers": [{"id": "S"}, {"id": "L"}],
            "items": [
                {
                    "id": "1",
                    "description": "Borehole",
                    "classification": {"scheme": "CPV", "id": "45262220", "description": "Water-well drilling"},
                    "additionalClassifications": [{"scheme": "DAC", "id": "14031", "description": "Basic water"}],
                    "deliveryAddress": {
                        "countryName": "Kenya",
                        "region": "Garissa",
                        "locality": "Dadaab",
                        "streetAddress": "Plot 7",
                    },
                }
            ],
            "documents": [
                {"id": "d", "title": "Notice", "url": "https://lwb.example/1.pdf", "documentType": "tenderNotice"},
                {"id": "e", "title": "Trap", "url": "javascript:alert(1)"},
            ],
        },
        "awards": [
            {
                "id": "A",
                "status": "active",
                "date": "2026-03-01T00:00:00Z",
                "value": {"amount": 780, "currency": "USD"},
                "suppliers": [{"id": "S", "name": "Blue Drillers Ltd"}],
            }
        ],
        "contracts": [
            {
                "id": "C",
                "awardID": "A",
                "title": "Drilling",
                "status": "active",
                "dateSigned": "2026-03-15T00:00:00Z",
                "period": {"startDate": "2026-04-01T00:00:00Z", "endDate": "2026-12-31T00:00:00Z"},
                "value": {"amount": 790, "currency": "USD"},
                "implementation": {
                    "transactions": [
                        {
                            "id": "t",
                            "date": "2026-05-01T00:00:00Z",
                            "value": {"amount": 100, "currency": "USD"},
                            "payer": {"id": "B", "name": "Lake Water Board"},
                        }
                    ]
                },
            }
        ],
        **fields,
    }


def package(*releases: Any, **fields: Any) -> dict[str, Any]:
    return {
        "uri": "https://lwb.example/p",
        "publishedDate": "2026-05-02T00:00:00Z",
        "publisher": {"name": "Lake Water Board"},
        "license": "https://creativecommons.org/publicdomain/zero/1.0/",
        "version": "1.1",
        "releases": list(releases),
        **fields,
    }


def one(tmp_path: Path, **fields: Any) -> Record:
    (record,) = records_of(written(tmp_path / "release.json", package(release(**fields))))
    return record


def test_a_process_is_one_contract_record(tmp_path: Path) -> None:
    record = one(tmp_path)
    assert (record.id, record.kind, record.title) == ("ocds-xx-1", RecordKind.CONTRACT, "Boreholes in Garissa")
    assert [(who.role, who.name, who.ref) for who in record.organisations] == [
        (Role.FUNDING, "Ashgrove Hill", "F"),
        (Role.ACCOUNTABLE, "Lake Water Board", "XX-REG-70"),
        (Role.IMPLEMENTING, "Blue Drillers Ltd", "XX-REG-71"),
    ]
    buyer, supplier = "Lake Water Board", "Blue Drillers Ltd"
    assert record.money == (
        Money("budget", 900.0, "USD"),
        Money("planned", 800.0, "USD"),
        Money("awarded", 780.0, "USD", date(2026, 3, 1), None, buyer, supplier),
        Money("contract", 790.0, "USD", date(2026, 3, 15), None, buyer, supplier),
        Money("paid", 100.0, "USD", date(2026, 5, 1), None, buyer),
    )
    assert (record.period.start, record.period.end) == (date(2026, 4, 1), date(2026, 12, 31))
    (place,) = record.places
    assert (place.country, place.names, place.site) == ("KE", ("Garissa",), "Dadaab")
    assert record.themes == (ThemeMention("1", "14031", "Basic water"),)
    assert extras(record, "classification") == ["CPV 45262220 Water-well drilling"]
    assert record.status == "implementation"
    assert record.links == (Link("other", "P100001"),)
    assert record.documents == (Document("Notice", "https://lwb.example/1.pdf", "tenderNotice"),)
    assert [text.text for text in record.texts] == ["Wells run dry.", "Twelve boreholes.", "Drilling", "Borehole"]


def test_losers_and_contact_points_are_not_kept(tmp_path: Path) -> None:
    shown = repr(one(tmp_path))
    assert "Second Best" not in shown
    assert "Odile" not in shown
    assert "odile.marsh" not in shown


def test_releases_of_a_process_merge_in_the_order_of_their_dates(tmp_path: Path) -> None:
    first = {
        "ocid": "ocds-xx-1",
        "id": "1-1",
        "date": "2026-01-01T00:00:00Z",
        "tag": ["tender"],
        "parties": PARTIES,
        "buyer": {"id": "B"},
        "tender": {
            "id": "T",
            "title": "Boreholes",
            "status": "active",
            "items": [{"id": "1", "description": "Borehole"}],
        },
        "awards": [{"id": "A", "status": "pending", "title": "First award"}],
    }
    second = {
        "ocid": "ocds-xx-1",
        "id": "1-2",
        "date": "2026-02-01T00:00:00Z",
        "tag": ["award"],
        "tender": {"id": "T", "title": "Boreholes, amended", "items": [{"id": "2", "description": "Pump"}]},
        "awards": [{"id": "A", "status": "active", "suppliers": [{"id": "S"}]}],
    }
    for order in ((first, second), (second, first)):
        (record,) = records_of(written(tmp_path / "r.json", package(*order)))
        assert record.title == "Boreholes, amended"
        assert [text.text for text in record.texts] == ["First award", "Borehole", "Pump"]
        assert [who.name for who in record.organisations] == ["Ashgrove Hill", "Lake Water Board", "Blue Drillers Ltd"]
        assert record.reported_on == date(2026, 2, 1)
        assert extras(record, "tag") == ["award"]


def test_all_shapes_say_the_same(tmp_path: Path) -> None:
    two = release(ocid="ocds-xx-2")
    shapes = {
        "package": package(release(), two),
        "records": {"records": [{"ocid": one["ocid"], "compiledRelease": one} for one in (release(), two)]},
        "embedded": {"records": [{"ocid": one["ocid"], "releases": [one]} for one in (release(), two)]},
        "list": [release(), two],
        "packages": [package(release()), package(two)],
    }
    expected = None
    for name, value in shapes.items():
        found = [
            (r.id, r.title, r.organisations, r.money, r.places)
            for r in records_of(written(tmp_path / f"{name}.json", value))
        ]
        assert len(found) == 2, name
        assert found == (expected := expected or found), name
    lines = tmp_path / "releases.jsonl"
    lines.write_text("\n".join(json.dumps(one) for one in (release(), two)), encoding="utf-8")
    assert [(r.id, r.title, r.organisations, r.money, r.places) for r in records_of(lines)] == expected
    single = tmp_path / "single.json"
    assert len(records_of(written(single, release()))) == 1


def test_a_record_of_links_only_says_what_to_publish(tmp_path: Path) -> None:
    linked = {
        "ocid": "ocds-xx-1",
        "releases": [{"url": "https://lwb.example/1.json", "date": "2026-01-01T00:00:00Z", "tag": ["tender"]}],
    }
    records, problems = both(written(tmp_path / "r.json", {"records": [linked]}))
    assert not records
    assert "only links to its releases" in problems[0].reason
    assert "compiledRelease" in problems[0].mend


def test_cancelled_awards_make_nobody_a_supplier(tmp_path: Path) -> None:
    award = {"id": "A", "status": "cancelled", "suppliers": [{"id": "S"}], "value": {"amount": 5, "currency": "USD"}}
    record = one(tmp_path, awards=[award], contracts=[])
    assert not [who for who in record.organisations if who.role is Role.IMPLEMENTING]
    assert not [money for money in record.money if money.kind == "awarded"]
    assert record.status == "cancelled"
    assert extras(record, "awards-cancelled") == ["1"]


def test_the_buyer_pays_where_it_states_a_budget_and_nobody_else_does(tmp_path: Path) -> None:
    parties = [{**party, "roles": [role for role in party["roles"] if role != "funder"]} for party in PARTIES]
    with_budget = one(tmp_path, parties=parties)
    assert [who.name for who in with_budget.organisations if who.role is Role.FUNDING] == ["Lake Water Board"]
    stated: dict[str, Any] = {
        "amount": {"amount": 1, "currency": "USD"},
        "budgetBreakdown": [{"id": "x", "sourceParty": {"id": "F", "name": "Ashgrove Hill"}}],
    }
    named = one(tmp_path, parties=parties, planning={"budget": stated})
    assert [who.name for who in named.organisations if who.role is Role.FUNDING] == ["Ashgrove Hill"]
    assert not [who for who in one(tmp_path, parties=parties, planning={}).organisations if who.role is Role.FUNDING]


def test_without_a_place_of_delivery_the_buyers_address_stands_for_it(tmp_path: Path) -> None:
    record = one(tmp_path, tender={"title": "Pumps"})
    assert (record.places[0].names, record.places[0].site) == (("Kisumu",), "Ahero")
    assert "place-of-buyer" in codes(record)


def test_a_delivery_location_has_its_longitude_first(tmp_path: Path) -> None:
    location = {"description": "Camp 3", "geometry": {"type": "Point", "coordinates": [40.3, 0.1]}}
    (place,) = one(tmp_path, tender={"title": "P", "items": [{"id": "1", "deliveryLocation": location}]}).places
    assert (place.site, place.latitude, place.longitude) == ("Camp 3", 0.1, 40.3)


def test_bad_parts_cost_only_themselves(tmp_path: Path) -> None:
    bad = release(
        ocid="ocds-xx-9",
        contracts=[{"id": "C", "value": {"amount": "lots", "currency": "USD"}, "period": {"startDate": "x"}}, 3],
        awards="none",
        parties={"id": "B"},
        tender=[1],
    )
    records, problems = both(written(tmp_path / "r.json", package(bad, {"tag": ["tender"]}, release())))
    assert [record.id for record in records] == ["ocds-xx-9", "ocds-xx-1"]
    assert {problem.element for problem in problems} == {
        "releases[1] contract.value",
        "releases[1] period startDate",
        "releases[2]",
    }


def test_values_nested_beyond_any_standard_do_no_harm(tmp_path: Path) -> None:
    deep: Any = "x"
    for _ in range(700):
        deep = {"a": deep}
    (record,) = records_of(
        written(tmp_path / "r.json", package(release(more=deep, date="2026-01-01"), release(more=deep)))
    )
    assert record.title == "Boreholes in Garissa"


def test_a_package_says_who_publishes_it(tmp_path: Path) -> None:
    facts = sources.describe(written(tmp_path / "boreholes_2026.json", package(release())))
    assert (facts.format, facts.publisher, facts.as_of) == ("ocds", "Lake Water Board", date(2026, 5, 2))
    assert facts.licence.endswith("/zero/1.0/")


@pytest.mark.parametrize("value", [{"releases": []}, {"ocid": "x"}, [{"ocid": 1}], {"records": [{"id": 1}]}])
def test_other_json_is_not_taken_for_contracts(tmp_path: Path, value: Any) -> None:
    with pytest.raises(sources.UnknownType):
        sources.detect(written(tmp_path / "other.json", value))


def test_many_releases_of_one_process_merge_in_time_that_grows_with_the_file(tmp_path: Path) -> None:
    releases = [
        {
            "ocid": "ocds-xx-1",
            "id": str(n),
            "date": f"2026-01-01T00:00:{n % 60:02d}Z",
            "tag": ["tenderUpdate"],
            "tender": {"title": "Pumps", "items": [{"id": f"{n}-{m}", "description": "Pump"} for m in range(5)]},
        }
        for n in range(4_000)
    ]
    started = process_time()
    (record,) = records_of(written(tmp_path / "r.json", package(*releases)))
    assert record.title == "Pumps"
    assert process_time() - started < 10


def test_members_without_ids_of_their_own_are_replaced_whole(tmp_path: Path) -> None:
    first = release(date="2026-01-01", tender={"title": "A", "items": [{"id": "1", "description": "Pump"}] * 2})
    second = {
        "ocid": "ocds-xx-1",
        "date": "2026-02-01",
        "tag": ["tenderUpdate"],
        "tender": {"items": [{"id": "1", "description": "Pipe"}]},
    }
    (record,) = records_of(written(tmp_path / "r.json", package(first, second)))
    assert "Pipe" in {text.text for text in record.texts}
    assert "Pump" not in {text.text for text in record.texts}


def test_a_value_taken_back_is_gone(tmp_path: Path) -> None:
    second = {"ocid": "ocds-xx-1", "date": "2026-09-01", "tag": ["tenderUpdate"], "tender": {"value": None}}
    (record,) = records_of(written(tmp_path / "r.json", package(release(), second)))
    assert "planned" not in {money.kind for money in record.money}
