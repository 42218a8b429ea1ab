"""The cases of `cases_*.yml`: what a text names, written down before the linker was asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.linking import LinkResult, PlaceEntry
from knowledge.linking.known import known_organisations, known_places
from knowledge.text import fold
from knowledge.vocabulary import country_names, split_words, table_rows

FOLDER = Path(__file__).resolve().parent
LANGUAGES = ("en", "fr", "es", "pt", "ar", "more")
TYPES = ("place", "theme", "organisation", "kind", "period", "record")


@dataclass(frozen=True)
class Case:
    language: str
    text: str
    wanted: dict[str, frozenset[str]]
    asked: dict[str, frozenset[str]]


def places() -> list[PlaceEntry]:
    """The places of `places.yml`, first and second level."""
    found: list[PlaceEntry] = []
    table = yaml.safe_load((FOLDER / "places.yml").read_text(encoding="utf-8"))
    for country, regions in table.items():
        for region, districts in regions.items():
            outer = f"{country}1{fold(region).replace(' ', '-')}"
            found.append(PlaceEntry(outer, region, 1, country, country))
            found += [
                PlaceEntry(f"{country}2{fold(district).replace(' ', '-')}", district, 2, country, outer)
                for district in districts
            ]
    return found


def cases(language: str) -> Iterator[Case]:
    for row in yaml.safe_load((FOLDER / f"cases_{language}.yml").read_text(encoding="utf-8")):
        asked = {kind: frozenset(map(str, names)) for kind, names in row.get("ask", {}).items()}
        wanted = {kind: frozenset(map(str, _listed(row.get(kind)))) for kind in TYPES if kind not in asked}
        yield Case(language, row["text"], wanted, asked)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def given(result: LinkResult, case: Case, kind: str) -> frozenset[str]:
    """What was read, written as the case writes it where the two agree."""
    known = {**case.wanted, **case.asked}.get(kind, frozenset())
    entities = result.of("organisation_kind" if kind == "kind" else kind)
    if case.asked.get(kind):
        values = [
            value
            for entity in entities
            if entity.ambiguous
            for value in (entity.value, *(other.value for other in entity.alternatives))
        ]
    else:
        values = [entity.value for entity in entities if not entity.ambiguous or kind == "period"]
        values += [{"id": f"?{entity.value['id']}"} for entity in entities if entity.ambiguous and kind != "period"]
    return frozenset(_written(kind, dict(value), known) for value in values)


def _written(kind: str, value: dict[str, Any], known: frozenset[str]) -> str:
    if kind == "period":
        return (
            f"{value['start']}..{value['end']}".replace("..None", "..")
            if value["start"]
            else (f"..{value['end']}" if value["end"] else "None..None")
        )
    if kind == "place" and "name" in value:
        exact = f"{value['country']}:{value['name']}"
        return exact if exact in known else next((name for name in sorted(known) if _same_place(value, name)), exact)
    if kind == "organisation" and "name" in value:
        return next((name for name in known if _same_organisation(value, name)), str(value["name"]))
    return str(value["id"])


def _same_place(value: dict[str, Any], name: str) -> bool:
    country, _, rest = name.partition(":")
    if country == "region":
        return value["level"] == -1 and fold(rest) == fold(value["name"])
    if value["country"] != country:
        return False
    return value["level"] == 0 if not rest else fold(rest) in _spellings(value)


def _spellings(value: dict[str, Any]) -> set[str]:
    """The names a place goes by in the tables, so that a case need not say how the gazetteer spells it."""
    own = fold(str(value["name"]))
    found = {own, own.replace("cidade de ", "").replace("cidade da ", ""), own.removeprefix("al ")}
    for row in table_rows("place_names.csv"):
        names = {fold(row["name"]), *map(fold, split_words(row["also"], "|"))}
        if row["country"] == value["country"] and own in names:
            found |= names
    for known in known_places():
        names = set(map(fold, known.names))
        if known.country == value["country"] and names & found:
            found |= names
    return found if value["level"] > 0 else set()


def _same_organisation(value: dict[str, Any], name: str) -> bool:
    if name.startswith("gov:"):
        country = fold(country_names(name[4:])[0])
        return fold("government") in fold(str(value["name"])) and country in fold(str(value["name"]))
    folded = fold(str(value["name"]).split(" (")[0])
    for known in known_organisations():
        own = set(map(fold, known.names))
        labels = {known.entry.id.removeprefix("known:").replace("-", " "), *own}
        same = folded in own or folded.removeprefix("united nations ") in own or value["id"] == known.entry.id
        if fold(name) in labels and same:
            return True
    return False
