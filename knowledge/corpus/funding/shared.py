"""What the writers of money and projects share: the works anybody may see, and the words for them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from typing import Any

from knowledge.corpus.activities import Corpus
from knowledge.corpus.inputs import organisations, places, services
from knowledge.corpus.model import Activity, Organisation, Work
from knowledge.corpus.sources import File

YEAR = 2026
UPDATED = "2026-11-18T09:00:00Z"
PUBLIC_DOMAIN = "https://creativecommons.org/publicdomain/zero/1.0/"

Entry = dict[str, Any]


@dataclass(slots=True)
class Written:
    """The files, and the pairs that planted.yml lists. `office` publishes what no organisation of the corpus does."""

    office: str
    files: list[tuple[File, bytes]] = field(default_factory=list)
    planted: dict[str, list[Entry]] = field(default_factory=dict)

    def add(self, path: str, body: bytes, title: str, kind: str, as_of: str, publisher: str = "") -> None:
        self.files.append((File(path, kind, f"{title} (invented)", publisher or self.office, as_of), body))


def as_json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def as_table(rows: list[dict[str, object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8")


def number_of(organisation: Organisation) -> int:
    """The invented number of an organisation in the registers of HPC and FTS."""
    return 900_001 + list(organisations()).index(organisation.key)


def open_works(corpus: Corpus, country: str) -> list[tuple[Work, Activity]]:
    """Works of a country with a record of their own that anybody may see."""
    return [
        (work, activity)
        for key, work in corpus.works.items()
        if (activity := corpus.activities[key]).audience == "public"
        and activity.tier == "work"
        and work.country == country
    ]


def words(work: Work, activity: Activity) -> dict[str, str]:
    """What the sentences of `funding.yml` are filled with."""
    language = activity.language
    return {
        "title": activity.titles[language],
        "label": services()[work.do].label[language],
        "place": place_name(work),
        "by": organisations()[work.by].name,
        "funder": organisations()[work.funders[0]].name if work.funders else "",
        "partner": organisations()[work.partners[0]].name if work.partners else "",
    }


def public_upstream(corpus: Corpus, work: Work) -> Activity | None:
    """The funder's own record of a work, where it publishes one that anybody may see."""
    upstream = corpus.activities.get(f"{work.key}.up")
    return upstream if upstream and upstream.audience == "public" else None


def place_name(work: Work) -> str:
    return places()[work.at[0][0]].written
