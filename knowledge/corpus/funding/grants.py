"""Grants of three foundations in the 360Giving standard: a package in JSON and two spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.shared import (
    PUBLIC_DOMAIN,
    Entry,
    Written,
    as_json,
    as_table,
    open_works,
    public_upstream,
    words,
)
from knowledge.corpus.inputs import COUNTRIES, load, organisations, places, services
from knowledge.corpus.model import Activity, Work
from knowledge.corpus.money import local


def _funded(corpus: Corpus, funder: str) -> Iterator[tuple[Work, Activity]]:
    for country in COUNTRIES:
        yield from (pair for pair in open_works(corpus, country) if funder in pair[0].funders)


def write_grants(corpus: Corpus, written: Written) -> None:
    """A package in JSON of one foundation, and the spreadsheets of two."""
    for funder, path in (
        ("ASHG", "ashgrove_hill.json"),
        ("LUCER", "lucero_del_valle.csv"),
        ("BAOB", "baobab_d_azur.csv"),
    ):
        grants = []
        for work, activity in _funded(corpus, funder):
            upstream = public_upstream(corpus, work)
            grant = _grant(funder, work, activity, upstream)
            grants.append(grant)
            entry: Entry = {"record": grant["id"], "activities": [activity.identifier]}
            if upstream:
                entry["activities"].insert(0, upstream.identifier)
            written.planted.setdefault("grants", []).append(entry)
        name = organisations()[funder].name
        body = (
            as_json({"license": PUBLIC_DOMAIN, "publisher": {"name": name}, "grants": grants})
            if path.endswith(".json")
            else as_table([_grant_row(grant) for grant in grants])
        )
        written.add(f"grants/{path}", body, f"Grants of {name}", "360giving", "2026-11-10", name)


def _grant(funder: str, work: Work, activity: Activity, upstream: Activity | None) -> Entry:
    giver, taker = organisations()[funder], organisations()[work.by]
    currency = {"LUCER": "COP", "BAOB": "XOF"}.get(funder, "USD")
    title, description = load("funding.yml")["grant"][activity.language]
    filled = words(work, activity)
    filled["label"] = filled["label"][:1].upper() + filled["label"][1:]
    amount = local((upstream or activity).amount if upstream else round(activity.amount * 0.5 / 1000) * 1000, currency)
    months = round((work.end - work.start).days / 30.4)
    programme = load("funding.yml")["programmes"].get(services()[work.do].theme, "Open programme")
    return {
        "id": f"360G-xxcgd{funder.lower()}-{work.key}",
        "title": title.format(**filled),
        "description": description.format(**words(work, activity)),
        "currency": currency,
        "amountAwarded": amount,
        "amountDisbursed": round(amount * 0.6),
        "awardDate": (work.start - timedelta(days=25)).isoformat(),
        "dateModified": "2026-11-10",
        "plannedDates": [{"startDate": work.start.isoformat(), "endDate": work.end.isoformat(), "duration": months}],
        "fundingOrganization": [{"id": giver.ref, "name": giver.name}],
        "recipientOrganization": [{"id": taker.ref, "name": taker.name}],
        "beneficiaryLocation": [
            {"name": places()[code].written, "countryCode": code[:2], "geoCode": code, "geoCodeType": "P-code"}
            for code, _ in work.at
        ],
        "grantProgramme": [{"title": programme}],
        "classifications": [{"vocabulary": "own", "code": work.do, "title": services()[work.do].theme}],
        "fromOpenCall": "Yes" if Random(f"call/{work.key}").random() < 0.5 else "No",
        "relatedActivity": [upstream.identifier] if upstream else [],
    }


def _grant_row(grant: Entry) -> dict[str, object]:
    """Under the titles of the standard; further beneficiary locations in numbered columns."""
    giver, taker = grant["fundingOrganization"][0], grant["recipientOrganization"][0]
    row: dict[str, object] = {
        "Identifier": grant["id"],
        "Title": grant["title"],
        "Description": grant["description"],
        "Currency": grant["currency"],
        "Amount Awarded": grant["amountAwarded"],
        "Amount Disbursed": grant["amountDisbursed"],
        "Award Date": date.fromisoformat(grant["awardDate"]).strftime("%d/%m/%Y"),
        "Planned Dates:Start Date": grant["plannedDates"][0]["startDate"],
        "Planned Dates:End Date": grant["plannedDates"][0]["endDate"],
        "Planned Dates:Duration (months)": grant["plannedDates"][0]["duration"],
        "Funding Org:Identifier": giver["id"],
        "Funding Org:Name": giver["name"],
        "Recipient Org:Identifier": taker["id"],
        "Recipient Org:Name": taker["name"],
        "Grant Programme:Title": grant["grantProgramme"][0]["title"],
        "Related Activity": "".join(grant["relatedActivity"][:1]),
        "Last modified": grant["dateModified"],
    }
    for place in range(2):
        at = dict(enumerate(grant["beneficiaryLocation"])).get(place, {})
        row |= {
            f"Beneficiary Location:{place}:Name": at.get("name", ""),
            f"Beneficiary Location:{place}:Country Code": at.get("countryCode", ""),
            f"Beneficiary Location:{place}:Geographic Code": at.get("geoCode", ""),
            f"Beneficiary Location:{place}:Geographic Code Type": at.get("geoCodeType", ""),
        }
    return row
