"""The 3W tables: one row per organisation, district and activity under way in the month they speak of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random

from knowledge.corpus.activities import Corpus
from knowledge.corpus.inputs import LANGUAGE_OF, load, organisations, places, services
from knowledge.corpus.model import Organisation, Place

MONTHS = {"KE": date(2026, 10, 31), "CO": date(2026, 8, 31), "SN": date(2026, 9, 30)}
"""The last day of the month each country's table speaks of."""

HIDDEN = ("named", "own")


@dataclass(frozen=True, slots=True)
class Row:
    """One presence. `lead` answers for the work where `organisation` implements it for somebody else."""

    place: Place
    service: str
    cluster: str
    activity: str
    organisation: Organisation
    lead: Organisation | None
    donor: Organisation | None
    status: str
    start: date | None
    end: date | None
    people: int


def rows(corpus: Corpus, country: str) -> list[Row]:
    """The presence rows of a country: from works that anybody may know of, and from those who do not publish."""
    found: list[Row] = []
    for key, work in corpus.works.items():
        activity = corpus.activities[key]
        if work.country != country or activity.audience in HIDDEN or activity.tier == "downstream":
            continue
        for code, _ in work.at:
            who = organisations()[work.partners[0]] if work.partners else activity.publisher
            lead = activity.publisher if work.partners else None
            donor = organisations()[work.funders[0]] if work.funders and work.link != "s" else None
            found += _rows(country, code, work.do, who, lead, donor, activity.start, activity.end, key)
    for key, service, codes in load("presence_only.yml"):
        for code in codes:
            if code[:2] == country:
                found += _rows(country, code, service, organisations()[key], None, None, None, None, key)
    found.sort(
        key=lambda row: (
            row.place.parent,
            row.place.pcode,
            row.cluster,
            row.activity,
            row.organisation.name,
            str(row.start),
        )
    )
    return found


def _rows(
    country: str,
    code: str,
    service: str,
    who: Organisation,
    lead: Organisation | None,
    donor: Organisation | None,
    start: date | None,
    end: date | None,
    key: str,
) -> list[Row]:
    language, place = LANGUAGE_OF[country], places()[code]
    words = services()[service].table.get(language, [])
    month_end = MONTHS[country]
    if place.level != 2 or not words or (start and start > month_end):
        return []
    if end and end < month_end.replace(day=1):
        return []
    rng = Random(f"presence/{key}/{code}/{service}")
    status = "ended" if end and end <= month_end else "ongoing"
    cluster = load("table_words.yml")["clusters"][language][service]
    chosen = words if rng.random() < 0.6 else [rng.choice(words)]
    return [
        Row(place, service, cluster, words_, who, lead, donor, status, start, end, rng.randrange(4, 90) * 50)
        for words_ in chosen
    ]
