"""Reads the hand-written inputs of the corpus."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from knowledge.corpus.model import Organisation, Place, Service, Work

INPUTS = Path(__file__).parent / "inputs"
COUNTRIES = {
    "KE": ("KEN", {"en": "Kenya", "es": "Kenia", "fr": "Kenya"}),
    "CO": ("COL", {"en": "Colombia", "es": "Colombia", "fr": "Colombie"}),
    "SN": ("SEN", {"en": "Senegal", "es": "Senegal", "fr": "Sénégal"}),
}
LANGUAGE_OF = {"KE": "en", "CO": "es", "SN": "fr"}


@cache
def load(name: str) -> Any:
    """The YAML input `name`, as written."""
    return yaml.safe_load((INPUTS / name).read_text(encoding="utf-8"))


@cache
def organisations() -> dict[str, Organisation]:
    rows = load("organisations.yml")
    return {
        row["key"]: Organisation(**{**row, "variants": tuple(row.get("variants", ()))})  # keys stay as in the plan
        for row in rows
    }


@cache
def services() -> dict[str, Service]:
    rows = load("interventions.yml")
    return {key: Service(key=key, **{**row, "near": tuple(row["near"])}) for key, row in rows.items()}


@cache
def places() -> dict[str, Place]:
    """Countries (by ISO alpha-2) and the first and second administrative levels (by p-code)."""
    found = {
        code: Place(pcode=code, level=0, name=names["en"], written=names["en"], parent="", location=iso3)
        for code, (iso3, names) in COUNTRIES.items()
    }
    with (INPUTS / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parent = row["parent"] if int(row["level"]) > 1 else row["pcode"][:2]
            found[row["pcode"]] = Place(
                pcode=row["pcode"],
                level=int(row["level"]),
                name=row["name"],
                written=row["written"],
                parent=parent,
                location=row["location"],
                valid_from=row["valid_from"],
                town=row["town"],
                latitude=float(row["latitude"] or 0),
                longitude=float(row["longitude"] or 0),
            )
    return found


def _place(text: str) -> tuple[str, int | None]:
    code, _, share = text.partition(":")
    return code, int(share) if share else None


@cache
def works() -> dict[str, Work]:
    """The plan, country by country."""
    found: dict[str, Work] = {}
    for name in ("plan_ke.csv", "plan_co.csv", "plan_sn.csv", "plan_own.csv"):
        with (INPUTS / name).open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="|"):
                flags = frozenset(row["flags"].split())
                found[row["key"]] = Work(
                    key=row["key"],
                    by=row["by"],
                    do=row["do"],
                    at=tuple(_place(code) for code in row["at"].split()),
                    start=date.fromisoformat(row["start"]),
                    end=date.fromisoformat(row["end"]),
                    funders=tuple(key for key in row["fund"].split("+") if key),
                    link=row["link"],
                    partners=tuple(key.rstrip("*") for key in row["impl"].split("+") if key),
                    reporting_partners=tuple(key.rstrip("*") for key in row["impl"].split("+") if key.endswith("*")),
                    flags=flags,
                    language=next((flag[5:] for flag in flags if flag.startswith("lang=")), ""),
                )
    return found
