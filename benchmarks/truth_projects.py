"""Projects of appeals (HPC) and grants (360Giving) as facts, worked out with json, csv and openpyxl alone.

- All organisations of an HPC project implement it; its clusters are the global ones; it runs over the dates it gives.
- The recipient of a grant does the work, the funder funds it. A grant is where its beneficiaries are; else
  where the recipient's address is; where that names no country, where the recipient is registered (GB-CHC-...).
- A grant starts on its planned start, else on the day of its award.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl

from benchmarks.truth import CLUSTERS, OWN_SECTORS, Fact

_CLUSTERS = {
    **CLUSTERS,
    "Water Sanitation Hygiene": "wash",
    "Multi-sector": "coordination",
}
_COUNTRIES = {
    "uk": "GB", "united kingdom": "GB", "united kingdon": "GB", "england": "GB", "scotland": "GB", "wales": "GB",
    "south africa": "ZA", "kenya": "KE", "uganda": "UG", "usa": "US", "ghana": "GH", "nigeria": "NG",
    "cameroon": "CM", "the netherlands": "NL", "israel": "IL",
}  # fmt: skip
_ISO3 = {"LBN": "LB", "TUR": "TR", "JOR": "JO", "IRQ": "IQ", "EGY": "EG", "SYR": "SY"}


def projects(folder: Path) -> list[Fact]:
    """HPC projects of a folder; one that stands in several pages counts once."""
    found: dict[str, Fact] = {}
    for path in sorted(folder.glob("project-search*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["data"]["results"]:
            found[str(entry["id"])] = Fact(
                path.name,
                "project",
                {f"country:{_ISO3[place['iso3']]}" for place in entry["locations"] or () if place.get("iso3")},
                {_CLUSTERS[cluster["name"]] for cluster in entry["globalClusters"] or ()},
                {"implementing": [one["name"].strip() for one in entry["organizations"] or ()]},
                start=date.fromisoformat(entry["startDate"][:10]),
                end=date.fromisoformat(entry["endDate"][:10]),
                id=str(entry["id"]),
            )
    return list(found.values())


def grants(folder: Path) -> list[Fact]:
    found: dict[str, Fact] = {}
    for path in sorted(folder.iterdir()):
        for grant in _grants(path):
            found[grant.id] = grant
    return list(found.values())


def _grants(path: Path) -> Iterator[Fact]:
    if path.suffix == ".json":
        for grant in json.loads(path.read_text(encoding="utf-8"))["grants"]:
            yield _from_json(path, grant)
        return
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="", errors="replace") as opened:
            rows: Iterable[Mapping[str, Any]] = list(csv.DictReader(opened))
    else:
        sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
        lines = sheet.iter_rows(values_only=True)
        header = [str(cell) for cell in next(lines)]
        rows = [dict(zip(header, line, strict=False)) for line in lines if any(line)]
    for row in rows:
        yield _from_row(path, row)


def _from_json(path: Path, grant: dict[str, Any]) -> Fact:
    countries = {place["countryCode"] for place in grant.get("beneficiaryLocation") or () if place.get("countryCode")}
    if not grant.get("beneficiaryLocation"):
        countries = {_address(one.get("addressCountry"), one.get("id")) for one in grant["recipientOrganization"]}
    planned = (grant.get("plannedDates") or [{}])[0]
    sectors = [
        one.get("title") for one in (*(grant.get("grantProgramme") or ()), *(grant.get("classifications") or ()))
    ]
    return Fact(
        path.name,
        "grant",
        {f"country:{country}" for country in countries - {""}},
        {OWN_SECTORS[name] for name in sectors if name in OWN_SECTORS},
        {
            "funding": [one["name"].strip() for one in grant["fundingOrganization"]],
            "implementing": [one["name"].strip() for one in grant["recipientOrganization"]],
        },
        start=_day(planned.get("startDate")) or _day(grant.get("awardDate")),
        end=_day(planned.get("endDate")),
        id=grant["id"],
    )


def _from_row(path: Path, row: Mapping[str, Any]) -> Fact:
    def cell(name: str) -> str:
        return str(row.get(name) or "").strip()

    country = cell("Beneficiary Location:Country Code") or _COUNTRIES.get(
        cell("Beneficiary Location:Name").casefold(), ""
    )
    country = country or _address(cell("Recipient Org:Country"), cell("Recipient Org:Identifier"))
    programme = cell("Grant Programme:Title").casefold()
    return Fact(
        path.name,
        "grant",
        {f"country:{country}"} if country else set(),
        {OWN_SECTORS[programme]} if programme in OWN_SECTORS else set(),
        {"funding": [cell("Funding Org:Name")], "implementing": [cell("Recipient Org:Name")]},
        start=_day(row.get("Planned Dates:Start Date")) or _day(row.get("Award Date")),
        end=_day(row.get("Planned Dates:End Date")),
        id=cell("Identifier"),
    )


def _address(country: object, identifier: object) -> str:
    if written := str(country or "").strip().casefold():
        return _COUNTRIES.get(written, "")
    register = re.match(r"([A-Z]{2})-[A-Z]+-", str(identifier or ""))
    return register[1] if register else ""


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    written = str(value or "").strip()
    if british := re.match(r"(\d{2})/(\d{2})/(\d{4})", written):
        return date(int(british[3]), int(british[2]), int(british[1]))
    return date.fromisoformat(written[:10]) if re.match(r"\d{4}-\d{2}-\d{2}", written) else None
