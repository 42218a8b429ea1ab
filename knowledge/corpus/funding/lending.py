"""Projects of two invented development banks in the shape of the World Bank's projects API."""

from __future__ import annotations

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.shared import Entry, Written, as_json, open_works, words
from knowledge.corpus.inputs import COUNTRIES, load, organisations, places, services
from knowledge.corpus.model import REFERENCE_DATE, Activity, Work

_BANKS = ("MDBN", "MLDB")
_FIRST = 999_001


def write_lending(corpus: Corpus, written: Written) -> None:
    """A project for each work of a bank, as the bank's own register of lending tells it."""
    projects: dict[str, Entry] = {}
    for country in COUNTRIES:
        for work, activity in open_works(corpus, country):
            if work.by in _BANKS:
                identifier = f"P{_FIRST + len(projects)}"
                projects[identifier] = _project(country, work, activity)
                written.planted.setdefault("lending", []).append(
                    {"record": identifier, "same_work_as": activity.identifier}
                )
    body = as_json({"rows": len(projects), "os": 0, "page": 1, "total": str(len(projects)), "projects": projects})
    title = "Projects of the Meridian and Meridional Development Banks"
    path = "projects/development_banks.json"
    written.add(path, body, title, "world-bank-project", "2026-11-15")


def _project(country: str, work: Work, activity: Activity) -> Entry:
    bank = load("funding.yml")["bank"]
    status = "Pipeline" if work.start > REFERENCE_DATE else "Closed" if work.end < REFERENCE_DATE else "Active"
    filled = words(work, activity) | {"label": services()[work.do].label["en"]}
    located = [places()[code] for code, _ in work.at if places()[code].level]
    return {
        "project_name": activity.titles.get("en") or activity.titles[activity.language],
        "source": organisations()[work.by].name,
        "status": status,
        "countrycode": [country],
        "countryname": [bank["borrowers"][country]],
        "countryshortname": COUNTRIES[country][1]["en"],
        "boardapprovaldate": f"{work.start.isoformat()}T00:00:00Z",
        "closingdate": f"{work.end.isoformat()}T00:00:00Z",
        "totalamt": f"{activity.amount:,}",
        "grantamt": "0",
        "lendprojectcost": f"{round(activity.amount * 1.2):,}",
        "borrower": bank["borrowers"][country].upper(),
        "impagency": "; ".join(organisations()[key].name for key in work.partners),
        "sector1": {"Name": services()[work.do].theme.replace("_", " ").capitalize(), "Percent": 100},
        "pdo_abstract": {"cdata": bank["objective"].format(**filled)},
        "location": [
            {"geoLocName": place.written, "country": country}
            | ({"latitude": place.latitude, "longitude": place.longitude} if place.latitude else {})
            for place in located
        ],
        "p2a_updated_date": "2026-11-15 00:00:00.0",
    }
