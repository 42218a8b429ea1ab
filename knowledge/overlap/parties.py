"""Under which keys an organisation of one record may meet that of another, and how surely each key means the same.

Identity joins names on shown evidence only. As evidence between two records more may count, and counts less: another
member of the same federation, the same government, the same acronym.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from knowledge import identity
from knowledge.countries import iso2
from knowledge.identity import names
from knowledge.overlap.resolver import Resolver
from knowledge.records import OrganisationMention
from knowledge.vocabulary import kind_of, table_yaml

SAME, SAME_WORDS, SAME_ACRONYM, SAME_FAMILY = 1.0, 0.8, 0.6, 0.5
"""How surely a key means one organisation: 1 for its id or identifier."""

Keys = Mapping[str, float]

_IDENTIFIER = re.compile(r"[A-Z]{2}-[A-Z0-9]+-?.*\d|\d{5}$|[A-Z]{2}-\d+$")
_PADDING = frozenset(
    [
        "international",
        "foundation",
        "stichting",
        "organisation",
        "organization",
        "inc",
        "ltd",
        "ngo",
        "association",
        "society",
        "company",
        "group",
        "hq",
        "headquarters",
        "office",
    ]
)
_PLAIN = frozenset(
    ["agency", "aid", "bank", "centre", "center", "council", "development", "fund", "institute", "relief"]
)
"""Words that name nobody where nothing else is left: those of direction are left out of names."""
_GOVERNMENTS = frozenset(["government", "donor_government"])
_GOVERNMENT = "government"
_NAMELESS = re.compile(
    r"\b(pending|various|multiple|unknown|unspecified|undisclosed|tbd|not applicable|to be determined)\b"
)


@lru_cache(maxsize=200_000)
def _keys(name: str, acronym: str, ref: str, kind: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    if _IDENTIFIER.match(name.strip()):
        ref, name = ref or name, ""
    if normal := names.normal_ref(ref):
        found[f"ref {normal}"] = SAME
        if (stem := names.normal_ref(re.split(r"[_/]", ref.strip())[0])) and len(stem) > 5:
            found.setdefault(f"ref {stem}", SAME_WORDS)
    if name and not nameless(name):
        plain, short = identity.split_acronym(name)
        words = names.significant(plain) - _PADDING
        if words - _PLAIN and not identity.is_generic(plain) and max(map(len, words)) > 2:
            found[f"words {' '.join(sorted(words))}"] = SAME_WORDS
        for letters in {acronym.strip(), short, plain if plain.isupper() and plain.isalpha() else ""}:
            if 3 <= len(letters) <= 8:
                found[f"acronym {letters.casefold()}"] = SAME_ACRONYM
        if family := names.family_of(plain):
            found[f"family {family}"] = SAME_FAMILY
    folded = f" {identity.fold(name)} "
    for group, phrases in _groups().items():
        if group != _GOVERNMENT and any(phrase in folded for phrase in phrases):
            found[f"family {group}"] = SAME_FAMILY
    if country := _government(name, folded, ref, kind):
        found[f"government {country}"] = SAME_FAMILY
    return tuple(found.items())


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, tuple[str, ...]]:
    table = table_yaml("overlap_parties.yml")
    return {group: tuple(f" {phrase} " for phrase in phrases) for group, phrases in table.items()}


def _government(name: str, folded: str, ref: str, kind: str) -> str:
    """The country of whose government the organisation is a body, or ""."""
    if "-gov" in f"-{ref.casefold()}" and (country := names.ref_country(ref)):
        return country
    speaks = any(phrase in folded for phrase in _groups()[_GOVERNMENT])
    if not (speaks or kind_of(kind) in _GOVERNMENTS or identity.is_generic(name)):
        return ""
    named = {country for word in folded.split() if (country := names.country_in([word]))}
    named = named or {names.country_in(sorted(names.countries_within(name)))} - {""}
    named = named or {code for word in re.findall(r"\b[A-Z]{2,3}\b", name) if (code := iso2(word))}
    return named.pop() if len(named) == 1 else ""


def nameless(name: str) -> bool:
    """Whether the name stands for nobody: a kind of organisation, "pending approval"."""
    folded = identity.fold(name)
    return len(folded) < 2 or identity.is_category_name(name) or bool(_NAMELESS.search(folded))


def keys(mention: OrganisationMention, resolver: Resolver) -> dict[str, float]:
    """All keys of a mention with how sure each is; empty for one that names nobody."""
    found = dict(_keys(mention.name, mention.acronym, mention.ref, mention.kind))
    if (mention.name or mention.acronym) and nameless(mention.name or mention.acronym):
        return {key: sure for key, sure in found.items() if key.startswith("ref ")}
    if ident := resolver.organisation(mention):
        found[f"id {ident}"] = SAME
    return found
