"""What people ask about though no record may name it: organisations, cities, camps and areas of several places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from knowledge.linking.entities import OrganisationEntry
from knowledge.text import fold
from knowledge.vocabulary import country_words, split_words, table_rows

KNOWN = "known:"
GOVERNMENT = "government:"
"""Prefixes of ids of organisations that stand in no record of the index."""


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """`names` are its own everywhere; `shared` are acronyms that others bear too."""

    entry: OrganisationEntry
    names: tuple[str, ...]
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownPlace:
    """A city or camp; `within` is the name of the first-level place around it, or ""."""

    country: str
    name: str
    within: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    """Places that are spoken of together. `members` are ids, or (country, name) where the gazetteer gives the id."""

    id: str
    country: str
    name: str
    names: tuple[str, ...]
    members: tuple[str | tuple[str, str], ...]


@lru_cache(maxsize=1)
def known_organisations() -> tuple[KnownOrganisation, ...]:
    """Organisations known the world over, then those that people of one country ask for."""
    found: dict[str, KnownOrganisation] = {}
    for table in ("organisation_names.csv", "asked_organisations.csv"):
        for row in table_rows(table):
            names = split_words(row["names"], "|")
            shared = split_words(row["ambiguous"] or "", "|")
            if table == "organisation_names.csv":
                shared = (*shared, row["acronym"])
            ident = KNOWN + fold(row["acronym"]).replace(" ", "-")
            if same := found.get(ident):  # more names that only questions use
                names, shared = (*same.names, *names), (*same.shared, *shared)
            name = same.entry.name if same else max(names[:2], key=len)
            entry = OrganisationEntry(ident, name, row["kind"], row.get("country") or "", names)
            found[ident] = KnownOrganisation(entry, names, shared)
    return tuple(found.values())


@lru_cache(maxsize=1)
def governments() -> dict[str, tuple[OrganisationEntry, tuple[str, ...]]]:
    """Country -> its government as one who gives, and the names records write it by, folded."""
    found = {}
    for code, words in country_words().items():
        name = words.names[0]
        names = (f"Government of {name}", f"Government of the {name}", f"{name}, Government of", f"Gouvernement {name}")
        entry = OrganisationEntry(GOVERNMENT + code, names[0], "donor_government", code)
        found[code] = (entry, tuple(map(fold, names)))
    return found


def known_places() -> Iterator[KnownPlace]:
    for row in table_rows("known_places.csv"):
        yield KnownPlace(row["country"], row["name"], row["within"], (row["name"], *split_words(row["also"], "|")))


def areas() -> Iterator[Area]:
    for row in table_rows("areas.csv"):
        members: list[str | tuple[str, str]] = []
        for member in split_words(row["members"], "|"):
            country, slash, name = member.partition("/")
            members.append((country, fold(name)) if slash else member)
        names = (row["name"], *split_words(row["also"], "|"))
        yield Area(row["id"], row["country"], row["name"], names, tuple(members))
