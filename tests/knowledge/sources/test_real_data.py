"""Counts over real files, made a second time with other tools: pandas for tables, plain lxml for activities."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from knowledge import sources
from knowledge.records import GazetteerPlace, OrganisationName, Problem, Record, Role

Sets = dict[tuple[str, str], set[str]]


def records_of(path: Path) -> list[Record]:
    items = list(sources.read(path))
    assert not [item for item in items if isinstance(item, Problem)]
    return [item for item in items if isinstance(item, Record)]


def organisation_sets(records: Iterable[Record], role: Role = Role.IMPLEMENTING) -> Sets:
    """(place, cluster) -> organisations, by the deepest name."""
    found: Sets = defaultdict(set)
    for record in records:
        for mention in record.organisations:
            if mention.role is role:
                place, cluster = record.places[0].names[-1], record.themes[0].name if record.themes else ""
                found[place, cluster].add(mention.name or mention.acronym)
    return dict(found)


def sets_of(frame: pd.DataFrame, place: str, cluster: str | None, name: str, acronym: str) -> Sets:
    found: Sets = defaultdict(set)
    for row in frame.to_dict("records"):
        if who := row[name] or row[acronym]:
            found[row[place], row[cluster] if cluster else ""].add(who)
    return dict(found)


def clean(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.map(lambda cell: " ".join(str(cell).split()))
    return frame[(frame != "").any(axis=1)]


def test_ethiopia(shared_data: Path) -> None:
    path = shared_data / "3w" / "ethiopia_5w_august_2025.csv"
    frame = clean(pd.read_csv(path, dtype=str, keep_default_na=False))
    records = records_of(path)
    assert len(records) == len(frame) == 3122
    assert len({record.id for record in records}) == 3122
    columns = ("Woreda", "Cluster", "Implementing Partner Name", "Implementing Partner Acronym")
    assert organisation_sets(records) == sets_of(frame, *columns)
    donors = sets_of(frame, "Woreda", "Cluster", "Donor Name", "Donor Acronym")
    assert organisation_sets(records, Role.FUNDING) == donors
    programme = sets_of(frame, "Woreda", "Cluster", "Program Partner Name", "Program partner Acronym")
    assert organisation_sets(records, Role.ACCOUNTABLE) == programme
    assert Counter(record.places[0].pcode for record in records) == Counter(frame["WoredaPcod"])
    assert Counter(record.status for record in records) == Counter(frame["Activity status"])
    assert {record.places[0].country for record in records} == {"ET"}


def test_chad(shared_data: Path) -> None:
    path = shared_data / "3w" / "chad_3w_april_2025.xlsx"
    sheets = pd.read_excel(path, sheet_name=None, dtype=str, keep_default_na=False)
    operational, physical = (clean(frame) for frame in sheets.values())
    operational = operational[~operational["Province"].str.startswith("#")]
    records = records_of(path)
    with_cluster = [record for record in records if record.themes]
    present = [record for record in records if not record.themes]
    assert (len(with_cluster), len(present)) == (len(operational), len(physical)) == (1556, 760)
    assert organisation_sets(with_cluster) == sets_of(operational, "Province", "Cluster", "Organisation", "Acronyme")
    by_department: Sets = defaultdict(set)
    for row in physical.to_dict("records"):
        by_department[row["Departement"] or row["Provinces"], ""].add(row["Organisation"])
    assert organisation_sets(present) == by_department
    assert {record.places[0].country for record in records} == {"TD"}


def test_harmonised_presence(shared_data: Path) -> None:
    path = shared_data / "3w" / "hapi_operational_presence.csv"
    frame = clean(pd.read_csv(path, dtype=str, keep_default_na=False))
    records = records_of(path)
    assert len(records) == len(frame) == 2174
    assert Counter(record.places[0].country for record in records) == {"TD": 1505, "ET": 669}
    names = ("admin2_name", "admin1_name", "provider_admin1_name")
    frame["deepest"] = frame.apply(lambda row: row["admin2_name"] or row["provider_admin2_name"] or row["admin1_name"]
                                   or row[names[2]], axis=1)  # fmt: skip
    assert organisation_sets(records) == sets_of(frame, "deepest", "sector_name", "org_name", "org_acronym")


def test_names_and_places(shared_data: Path) -> None:
    names = list(sources.read(shared_data / "3w" / "organisation_name_variants.csv"))
    places = list(sources.read(shared_data / "3w" / "pcodes_adm1_adm2.csv"))
    assert len(names) == 1250
    assert all(isinstance(item, OrganisationName) for item in names)
    assert len(places) == 33363
    assert all(isinstance(item, GazetteerPlace) for item in places)


def independently(path: Path) -> Counter[str]:
    """Elements of a file, counted over the whole tree at once."""
    tree = etree.parse(path)
    counted = {
        "activities": "count(/iati-activities/iati-activity)",
        "budgets": "count(//iati-activity/budget[value])",
        "transactions": "count(//iati-activity/transaction)",
        "relations": "count(//iati-activity/related-activity[@ref])",
        "reporting": "count(//iati-activity/reporting-org)",
        "implementing": "count(//iati-activity/participating-org[@role=4][@ref or normalize-space(.)])",
        "secondary": "count(//iati-activity[reporting-org[@secondary-reporter='1' or @secondary-reporter='true']])",
        "periods": "count(//iati-activity/result/indicator/period)",
    }
    return Counter({name: int(float(str(tree.xpath(query)))) for name, query in counted.items()})


def as_read(items: Iterable[object]) -> Counter[str]:
    found: Counter[str] = Counter()
    for item in items:
        if isinstance(item, Problem):
            assert not item.fatal
            found["transactions"] += item.element.endswith(" transaction")
        elif isinstance(item, Record):
            found["activities"] += 1
            found["budgets"] += sum(money.kind == "budget" for money in item.money)
            found["transactions"] += sum(money.kind.isdigit() for money in item.money)
            found["relations"] += len(item.links)
            found["reporting"] += sum(o.role is Role.REPORTING for o in item.organisations)
            found["implementing"] += sum(o.role is Role.IMPLEMENTING for o in item.organisations)
            found["secondary"] += item.secondary_reporter
            found["periods"] += sum(bool(i.start or i.end or i.target or i.actual) for i in item.indicators)
    return found


@pytest.mark.parametrize("name", ["41AAA.xml", "44000.xml", "AU-5.xml", "XM-DAC-41114.xml"])
def test_activities_of_some_publishers(shared_data: Path, name: str) -> None:
    path = shared_data / "iati" / name
    read, counted = as_read(sources.read(path)), independently(path)
    assert +read == +counted


def test_every_activity_is_read(shared_data: Path) -> None:
    """By the identifiers that stand in the bytes, against the smaller publishers' files (most of the 198)."""
    files = [path for path in sources.survey([shared_data / "iati"])[0] if path.stat().st_size < 500_000]
    assert len(files) > 100
    for path in files:
        ids = [item.id for item in sources.read(path) if isinstance(item, Record)]
        assert len(ids) == len(set(ids)) == path.read_bytes().count(b"<iati-identifier>"), path.name
