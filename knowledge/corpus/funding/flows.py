"""Flows of money in the format of FTS: from donors to implementers, and what these passed on."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.shared import (
    UPDATED,
    YEAR,
    Entry,
    Written,
    as_json,
    as_table,
    number_of,
    open_works,
    public_upstream,
    words,
)
from knowledge.corpus.inputs import COUNTRIES, load, organisations, services
from knowledge.corpus.model import Activity, Organisation, Work
from knowledge.corpus.money import RATE, local

_FTS_KINDS = {
    "un": ["UN agency"],
    "multilateral": ["Inter-governmental"],
    "government": ["Government"],
    "donor_government": ["Government"],
    "red_cross": ["Red Cross/Red Crescent"],
    "foundation": ["Private organization/foundation"],
    "private": ["Private organization/foundation"],
}
_REACH = {"ingo": "International", "nngo": "National", "women_led": "National", "refugee_led": "National"}


def _thing(kind: str, number: int, name: str) -> Entry:
    return {"type": kind, "id": str(number), "name": name, "behavior": "single"}


def _party(organisation: Organisation) -> Entry:
    kinds = _FTS_KINDS.get(organisation.kind, ["NGO"])
    entry = {**_thing("Organization", number_of(organisation), organisation.name), "organizationTypes": kinds}
    if kinds == ["NGO"] and organisation.kind in _REACH:
        entry["organizationSubTypes"] = [_REACH[organisation.kind]]
    return entry


def write_flows(corpus: Corpus, projects: dict[str, Entry], written: Written) -> None:
    """Kenya as pages of the API with what was passed on, Colombia and Senegal as tables of what came in."""
    number = 900_010
    for country, most in (("KE", 12), ("CO", 12), ("SN", 10)):
        flows: list[Entry] = []
        for work, activity in open_works(corpus, country):
            if not work.funders or work.start.year > YEAR or work.end.year < YEAR or most == 0:
                continue
            most -= 1
            number += 7
            upstream = public_upstream(corpus, work)
            came_in = _flow(number, country, work, activity, projects.get(work.key))
            if upstream and work.link == "d":
                came_in["refCode"] = upstream.identifier
            flows.append(came_in)
            entry: Entry = {"record": f"fts:{number}", "activities": [activity.identifier]}
            if upstream:
                entry["activities"].insert(0, upstream.identifier)
            if country == "KE" and work.partners:
                number += 1
                flows.append(_passed_on(number, work, activity, came_in))
                entry["child"] = f"fts:{number}"
            written.planted.setdefault("flows", []).append(entry)
        _write_flows(country, flows, written)


def _flow(number: int, country: str, work: Work, activity: Activity, project: Entry | None) -> Entry:
    rng = Random(f"fts/{work.key}")
    funder, by = organisations()[work.funders[0]], organisations()[work.by]
    plan = load("funding.yml")["plans"][country]
    currency = {"VMIC": "DKK", "AADA": "GBP", "ACVA": "EUR", "ACMC": "EUR", "LUCER": "COP"}.get(funder.key, "USD")
    on = max(work.start, date(YEAR, 1, 1)) + timedelta(days=rng.randrange(10, 60))
    amount = activity.amount
    cluster = load("funding.yml")["global_clusters"].get(services()[work.do].cluster)
    home = _thing("Location", 900_500 + list(COUNTRIES).index(country), COUNTRIES[country][1]["en"])
    destination = [_party(by), home, _thing("UsageYear", 47, str(YEAR))]
    if project is not None:
        destination.append(_thing("Plan", plan["number"], plan["name"]))
        destination.append({**_thing("Project", project["id"], project["name"]), "code": project["versionCode"]})
    if cluster:
        destination.append(_thing("GlobalCluster", int(services()[work.do].cluster), cluster))
    flow: Entry = {
        "id": str(number),
        "amountUSD": amount,
        "budgetYear": str(YEAR),
        "childFlowIds": None,
        "contributionType": "financial",
        "date": f"{on.isoformat()}T00:00:00Z",
        "decisionDate": f"{(on - timedelta(days=12)).isoformat()}T00:00:00Z",
        "description": load("funding.yml")["flow"][activity.language].format(**words(work, activity)),
        "firstReportedDate": f"{(on + timedelta(days=5)).isoformat()}T00:00:00Z",
        "flowType": "Standard",
        "keywords": None,
        "newMoney": True,
        "method": "Traditional aid",
        "parentFlowId": None,
        "status": rng.choice(("paid", "paid", "commitment", "pledge")),
        "updatedAt": UPDATED,
        "sourceObjects": [_party(funder), _thing("UsageYear", 47, str(YEAR))],
        "destinationObjects": destination,
        "boundary": "incoming",
        "onBoundary": "single",
        "reportDetails": [{"sourceType": "Primary", "organization": funder.name, "reportChannel": "Email"}],
        "refCode": f"{funder.key}/{work.key.upper()}",
    }
    if currency != "USD":
        flow |= {
            "originalAmount": local(amount, currency),
            "originalCurrency": currency,
            "exchangeRate": RATE[currency],
        }
    return flow


def _passed_on(number: int, work: Work, activity: Activity, parent: Entry) -> Entry:
    """What the implementer gave to its partner: inside the country, so that it is no new money."""
    partner = organisations()[work.partners[0]]
    child = {key: value for key, value in parent.items() if not key.startswith(("original", "exchange"))}
    parent["childFlowIds"] = [number]
    years = [thing for thing in parent["destinationObjects"] if thing["type"] not in ("Organization", "Project")]
    return child | {
        "id": str(number),
        "amountUSD": round(activity.amount * 0.3 / 1000) * 1000,
        "childFlowIds": None,
        "parentFlowId": int(parent["id"]),
        "newMoney": False,
        "status": "paid",
        "boundary": "internal",
        "description": load("funding.yml")["passed_on"][activity.language].format(**words(work, activity)),
        "sourceObjects": [_party(organisations()[work.by]), _thing("UsageYear", 47, str(YEAR))],
        "destinationObjects": [_party(partner), *years],
        "refCode": f"{work.by}/{work.key.upper()}",
    }


def _write_flows(country: str, flows: list[Entry], written: Written) -> None:
    name = COUNTRIES[country][1]["en"]
    title = f"Flows of money to {name}, {YEAR}"
    if country == "KE":
        totals = {"incoming": {"flowCount": sum(flow["boundary"] == "incoming" for flow in flows)}}
        body = as_json(
            {"status": "ok", "data": {**totals, "flows": flows}, "meta": {"language": "en", "count": len(flows)}}
        )
    else:
        body = as_table([_row(country, flow) for flow in flows])
    suffix = "json" if country == "KE" else "csv"
    written.add(f"fts/{name.lower()}_flows_{YEAR}.{suffix}", body, title, "fts-flow", "2026-11-18")


def _row(country: str, flow: Entry) -> dict[str, object]:
    source, destination = flow["sourceObjects"], flow["destinationObjects"]

    def named(things: list[Entry], kind: str) -> str:
        return ",".join(thing["name"] for thing in things if thing["type"] == kind)

    return {
        "date": flow["date"][:10],
        "budgetYear": flow["budgetYear"],
        "description": flow["description"],
        "amountUSD": flow["amountUSD"],
        "srcOrganization": named(source, "Organization"),
        "srcOrganizationTypes": ",".join(source[0]["organizationTypes"]),
        "srcUsageYearStart": YEAR,
        "srcUsageYearEnd": YEAR,
        "destPlan": named(destination, "Plan"),
        "destPlanId": "".join(thing["id"] for thing in destination if thing["type"] == "Plan"),
        "destOrganization": named(destination, "Organization"),
        "destOrganizationTypes": ",".join(destination[0]["organizationTypes"]),
        "destGlobalClusters": named(destination, "GlobalCluster"),
        "destLocations": COUNTRIES[country][0],
        "destProject": named(destination, "Project"),
        "destProjectCode": "".join(thing.get("code", "") for thing in destination if thing["type"] == "Project"),
        "destUsageYearStart": YEAR,
        "destUsageYearEnd": YEAR,
        **{key: flow[key] for key in ("contributionType", "flowType", "method", "boundary", "onBoundary", "status")},
        "firstReportedDate": flow["firstReportedDate"][:10],
        "decisionDate": flow["decisionDate"][:10],
        **{key: flow.get(key, "") for key in ("originalAmount", "originalCurrency", "exchangeRate", "id", "refCode")},
        "updatedAt": flow["updatedAt"][:10],
    }
