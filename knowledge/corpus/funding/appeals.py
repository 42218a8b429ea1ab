"""Response plans and the projects under them, in the format of HPC."""

from __future__ import annotations

from datetime import date
from random import Random

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.shared import UPDATED, YEAR, Entry, Written, as_json, number_of, open_works, words
from knowledge.corpus.inputs import COUNTRIES, load, organisations, places, services
from knowledge.corpus.model import Activity, Organisation, Work


def _asks(work: Work, clusters: dict[str, str]) -> bool:
    """Whether a work of the year stands in an appeal: it has a cluster and a district, and no bank does it."""
    running = work.start.year <= YEAR <= work.end.year
    within = bool(places()[work.at[0][0]].level)
    return (
        running
        and within
        and services()[work.do].cluster in clusters
        and organisations()[work.by].kind != "multilateral"
    )


def _location(country: str, number: int = 900_500) -> Entry:
    iso3, names = COUNTRIES[country]
    return {"id": number, "iso3": iso3, "name": names["en"], "pcode": None, "adminLevel": 0, "parentId": None}


def _organisation(organisation: Organisation) -> Entry:
    return {
        "id": number_of(organisation),
        "name": organisation.name,
        "abbreviation": organisation.acronym or organisation.name,
        "url": None,
    }


def _plan_of(country: str) -> Entry:
    return {"id": load("funding.yml")["plans"][country]["number"], **_plan_facts(country)}


def _plan_facts(country: str) -> Entry:
    plan = load("funding.yml")["plans"][country]
    return {"name": plan["name"], "code": plan["code"], "startDate": f"{YEAR}-01-01", "endDate": f"{YEAR}-12-31"}


def write_projects(corpus: Corpus, written: Written) -> dict[str, Entry]:
    """Projects of the Kenyan and Colombian plans by key of the work: what its implementers asked for."""
    found: dict[str, Entry] = {}
    results: dict[str, list[Entry]] = {}
    clusters = load("funding.yml")["global_clusters"]
    for country, most in (("KE", 14), ("CO", 8)):
        humanitarian = [(work, activity) for work, activity in open_works(corpus, country) if _asks(work, clusters)]
        for work, activity in humanitarian[:most]:
            number = 900_700 + len(found)
            found[work.key] = _project(number, country, work, activity, clusters[services()[work.do].cluster])
            results.setdefault(country, []).append(found[work.key])
            written.planted.setdefault("hpc_projects", []).append(
                {"record": f"hpc:{number}", "same_work_as": activity.identifier}
            )
    for country, projects in results.items():
        paging = {"count": len(projects), "total": len(projects), "limit": 100, "currentPage": 1, "pages": 1}
        body = as_json(
            {"data": {"results": projects, "pagination": paging, "meta": {"language": "en"}}, "status": "ok"}
        )
        plan = _plan_facts(country)["name"]
        path = f"hpc/{COUNTRIES[country][1]['en'].lower()}_projects_{YEAR}.json"
        written.add(path, body, f"Projects of the {plan}", "hpc-project", "2026-11-18")
    return found


def _project(number: int, country: str, work: Work, activity: Activity, cluster: str) -> Entry:
    rng = Random(f"hpc/{work.key}")
    language = activity.language
    asked = round(activity.amount * rng.choice((0.4, 0.5, 0.6)) / 1000) * 1000
    plan = load("funding.yml")["plans"][country]
    code = services()[work.do].cluster
    located = [
        {"id": 900_600 + place, "parentId": 900_500, "name": places()[pcode].written, "pcode": pcode,
         "adminLevel": places()[pcode].level, "iso3": None}
        for place, (pcode, _) in enumerate(work.at)
    ]  # fmt: skip
    return {
        "id": number,
        "versionCode": f"{plan['code']}-C{code}-{number}-1",
        "version": 1,
        "name": activity.titles[language],
        "objective": load("funding.yml")["objective"][language].format(**words(work, activity)),
        "partners": words(work, activity)["partner"] or None,
        "currentRequestedFunds": str(asked),
        "startDate": max(work.start, date(YEAR, 1, 1)).isoformat(),
        "endDate": min(work.end, date(YEAR, 12, 31)).isoformat(),
        "createdAt": "2025-12-03T10:00:00.000Z",
        "updatedAt": UPDATED,
        "implementationStatus": "Implementing",
        "targets": [{"name": "People in need", "total": round(asked / services()[work.do].unit / 10) * 10}],
        "globalClusters": [{"id": int(code), "name": cluster, "type": "global"}],
        "locations": [_location(country), *located],
        "organizations": [_organisation(organisations()[work.by])],
        "plans": [_plan_of(country)],
    }


def write_plans(written: Written) -> None:
    entries = []
    for country, plan in load("funding.yml")["plans"].items():
        entries.append(
            {
                "id": plan["number"],
                "planVersion": {
                    "planId": plan["number"],
                    **_plan_facts(country),
                    "updatedAt": UPDATED,
                    "organizations": [],
                },
                "categories": [{"name": "Humanitarian response plan", "code": "HRP", "group": "planType"}],
                "emergencies": [{"id": plan["number"], "name": plan["emergency"], "glideId": None}],
                "locations": [_location(country)],
                "years": [{"year": str(YEAR)}],
                "origRequirements": plan["asked"],
                "revisedRequirements": plan["asks"],
            }
        )
    title = f"Response plans of {YEAR}"
    written.add("hpc/plans.json", as_json({"data": entries, "status": "ok"}), title, "hpc-plan", "2026-11-18")
