"""Contracts of three public water bodies in the Open Contracting Data Standard: tenders, awards, contracts."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.shared import PUBLIC_DOMAIN, Entry, Written, as_json, open_works, words
from knowledge.corpus.inputs import COUNTRIES, load, organisations, places
from knowledge.corpus.model import REFERENCE_DATE, Activity, Organisation, Work
from knowledge.corpus.money import local

_BUYERS = {"KE": ("KACWA", "KES"), "CO": ("APAB", "COP"), "SN": ("OBRS", "XOF")}
_SUPPLIERS = ("VGP", "HMS", "MLF", "PRCC", "CAFPA")


def write_contracts(corpus: Corpus, written: Written) -> None:
    """Two processes per work in which a water body takes part: the works and the goods."""
    for country, (key, currency) in _BUYERS.items():
        buyer = organisations()[key]
        releases: list[Entry] = []
        for work, activity in open_works(corpus, country):
            if key not in work.partners:
                continue
            for number, kind in enumerate(load("funding.yml")["contracts"][activity.language], 1):
                ocid = f"ocds-xxcgd0-{work.key}-{number}"
                releases += _releases(ocid, kind, work, activity, buyer, currency)
                written.planted.setdefault("contracts", []).append(
                    {"record": ocid, "activities": [activity.identifier]}
                )
        package = {
            "uri": f"https://contracts.example/{key.lower()}.json",
            "version": "1.1",
            "publishedDate": "2026-11-12T00:00:00Z",
            "publisher": {"name": buyer.name},
            "license": PUBLIC_DOMAIN,
            "releases": releases,
        }
        path = f"contracts/{COUNTRIES[country][1]['en'].lower()}_{key.lower()}.json"
        written.add(path, as_json(package), f"Contracts of {buyer.name}", "ocds", "2026-11-12", buyer.name)


def _party(organisation: Organisation, roles: list[str]) -> Entry:
    scheme, _, number = organisation.ref.rpartition("-")
    return {
        "id": organisation.key,
        "name": organisation.name,
        "identifier": {"scheme": scheme, "id": number, "legalName": organisation.name},
        "roles": roles,
    }


def _releases(
    ocid: str, kind: list[str], work: Work, activity: Activity, buyer: Organisation, currency: str
) -> list[Entry]:
    """A release of the tender and, where the day of signing has come, one of the contract."""
    rng = Random(f"ocds/{ocid}")
    category, title, description, code, named = kind
    filled = words(work, activity)
    country = work.country
    supplier, loser = (organisations()[key] for key in rng.sample(_SUPPLIERS, 2))
    value = local(round(activity.amount * (0.2 if category == "works" else 0.07) / 1000) * 1000, currency)
    agreed = round(value * rng.uniform(0.86, 1.04) / 100) * 100
    opened = work.start + timedelta(days=rng.randrange(30, 90))
    signed = opened + timedelta(days=rng.randrange(60, 100))
    until = min(signed + timedelta(days=rng.randrange(240, 1000)), work.end)
    county = places()[work.at[0][0]]
    tender = {
        "id": f"{ocid}-tender",
        "title": title.format(**filled),
        "description": description.format(**filled),
        "status": "active",
        "procurementMethod": "open",
        "mainProcurementCategory": category,
        "value": {"amount": value, "currency": currency},
        "items": [
            {
                "id": "1",
                "description": title.format(**filled),
                "classification": {"scheme": "CPV", "id": code, "description": named},
                "deliveryAddress": {"countryName": COUNTRIES[country][1]["en"], "region": county.written},
            }
        ],
    }
    common = {
        "ocid": ocid,
        "initiationType": "tender",
        "language": activity.language,
        "buyer": {"id": buyer.key, "name": buyer.name},
        "planning": {"budget": {"amount": {"amount": value, "currency": currency}, "projectID": activity.identifier}},
    }
    found = [
        {
            **common,
            "id": f"{ocid}-1",
            "date": _time(opened),
            "tag": ["tender"],
            "parties": [_party(buyer, ["buyer", "procuringEntity"])],
            "tender": tender,
        }
    ]
    if signed > REFERENCE_DATE:
        return found
    ended = until < REFERENCE_DATE
    stated = {"id": supplier.key, "name": supplier.name}
    found.append(
        {
            **common,
            "id": f"{ocid}-2",
            "date": _time(signed),
            "tag": ["award", "contract"],
            "parties": [
                _party(buyer, ["buyer", "procuringEntity"]),
                _party(supplier, ["supplier", "tenderer"]),
                _party(loser, ["tenderer"]),
            ],
            "tender": {"id": tender["id"], "status": "complete", "numberOfTenderers": 2},
            "awards": [
                {
                    "id": f"{ocid}-award",
                    "status": "active",
                    "date": _time(signed - timedelta(days=20)),
                    "value": {"amount": agreed, "currency": currency},
                    "suppliers": [stated],
                }
            ],
            "contracts": [
                {
                    "id": f"{ocid}-contract",
                    "awardID": f"{ocid}-award",
                    "status": "terminated" if ended else "active",
                    "dateSigned": _time(signed),
                    "period": {"startDate": _time(signed + timedelta(days=14)), "endDate": _time(until)},
                    "value": {"amount": agreed, "currency": currency},
                }
            ],
        }
    )
    return found


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
