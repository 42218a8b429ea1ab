"""Under which keys an organisation of one record may meet that of another, and how surely each key means the same.

Identity joins names on shown evidence only. As evidence between two records more may count, and counts less: another
member of the same federation, the same government, the same acronym.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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

_IDENTIFIER = re.compile(r"[A-Z]{2}-[A-Z0-9]+-?.*\d|[A-Z]{2}-[A-Z]{2,}-[A-Z0-9_-]+$|\d{5}$|[A-Z]{2}-\d+$")
_DONOR = re.compile(r"xm-dac-(\d{1,3})(?:-\d+)?$")
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
_NAMELESS = re.compile(
    r"\b(pending|various|multiple|unknown|unspecified|undisclosed|tbd|not applicable|to be determined)\b"
)


_BETWEEN_LANGUAGES = re.compile(r"\*|\s[|/]\s")
"""What stands between the names of one organisation in several languages."""


@lru_cache(maxsize=200_000)
def _keys(name: str, acronym: str, ref: str, kind: str) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    if is_identifier(name):
        ref, name = ref or name, ""
    normal = names.normal_ref(ref)
    if normal and normal not in _table().kinds:
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
    for group, phrases in _table().groups.items():
        if any(map(folded.__contains__, phrases)):
            found[f"family {group}"] = SAME_FAMILY
    if country := _government(name, folded, ref, kind):
        found[f"government {country}"] = SAME_FAMILY
    if member := _member(name, folded):
        found[f"member {member}"] = SAME_WORDS
    return tuple(found.items())


@dataclass(frozen=True, slots=True)
class _Table:
    """`overlap_parties.yml`, with phrases between spaces, as they stand in folded names."""

    groups: Mapping[str, tuple[str, ...]]
    government: tuple[str, ...]
    bodies: Mapping[str, tuple[str, ...]]
    own_names: Mapping[str, str]
    branches: tuple[str, ...]
    kinds: frozenset[str]
    nobody: frozenset[str]
    donors: Mapping[int, str]


@lru_cache(maxsize=1)
def _table() -> _Table:
    table = dict(table_yaml("overlap_parties.yml"))

    def spaced(phrases: Iterable[str]) -> tuple[str, ...]:
        return tuple(f" {phrase} " for phrase in phrases)

    bodies = {country: spaced(names) for country, names in table.pop("bodies").items()}
    government, branches = spaced(table.pop("government")), spaced(table.pop("branches"))
    own_names, kinds = table.pop("own_names"), frozenset(table.pop("kinds"))
    nobody, donors = frozenset(map(identity.fold, table.pop("nobody"))), table.pop("donors")
    groups = {group: spaced(phrases) for group, phrases in table.items()}
    return _Table(groups, government, bodies, own_names, branches, kinds, nobody, donors)


def _government(name: str, folded: str, ref: str, kind: str) -> str:
    """The country of whose government the organisation is a body, or ""."""
    if "-gov" in f"-{ref.casefold()}" and (country := names.ref_country(ref)):
        return country
    if (donor := _DONOR.match(ref.strip().casefold())) and (country := _table().donors.get(int(donor[1]), "")):
        return country
    for country, bodies in _table().bodies.items():
        if any(map(folded.__contains__, bodies)):
            return country
    speaks = any(map(folded.__contains__, _table().government))
    if not (speaks or kind_of(kind) in _GOVERNMENTS or identity.is_generic(name)):
        return ""
    named = {country for word in folded.split() if (country := names.country_in([word]))}
    named = named or {names.country_in(sorted(names.countries_within(name)))} - {""}
    named = named or {code for word in re.findall(r"\b[A-Z]{2,3}\b", name) if (code := iso2(word))}
    return named.pop() if len(named) == 1 else ""


def _member(name: str, folded: str) -> str:
    """The federation and the country of whose member this is the name, in whatever language, or ""."""
    if member := names.member_of(identity.split_acronym(name)[0]):
        return " ".join(member)
    for group, phrases in _table().groups.items():
        for phrase in phrases:
            if phrase in folded:
                rest = folded.replace(phrase, " ").split()
                named = {_table().own_names.get(word) or names.country_in([word]) for word in rest} - {""}
                if len(named) == 1:
                    return f"{group} {named.pop()}"
    return ""


@lru_cache(maxsize=50_000)
def _languages(name: str) -> tuple[str, ...]:
    """The names in several languages of which the name is made ("World Bank*Banque mondiale"); none where it is one."""
    found = tuple(part for part in (piece.strip() for piece in _BETWEEN_LANGUAGES.split(name)) if len(part) > 3)
    return found if _BETWEEN_LANGUAGES.search(name) else ()


@lru_cache(maxsize=50_000)
def _without_branch(name: str) -> str:
    """The folded name without what makes it that of a branch in a country, or "" where it is no branch."""
    if identity.is_generic(name) or names.family_of(name):
        return ""
    plain = identity.split_acronym(re.sub(r"\([^)]*\)\s*$", "", name).strip())[0]
    folded = f" {identity.fold(plain)} "
    for phrase in _table().branches:
        folded = folded.replace(phrase, " ")
    words = folded.split()
    for size in (3, 2, 1):
        if len(words) > size and (names.country_in(words[-size:]) or "".join(words[-size:]) in _table().own_names):
            words = words[:-size]
            break
    if words[-1:] in (["in"], ["of"], ["de"]):
        words = words[:-1]
    shorter = " ".join(words)
    return shorter if shorter != identity.fold(name) and len(shorter) > 3 else ""


def is_identifier(name: str) -> bool:
    """Whether an identifier stands where a name belongs."""
    return bool(_IDENTIFIER.match(name.strip()))


def nameless(name: str) -> bool:
    """Whether the name stands for nobody: a kind of organisation, "pending approval"."""
    folded = identity.fold(name)
    return (
        len(folded) < 2
        or folded in _table().nobody
        or identity.is_category_name(name)
        or bool(_NAMELESS.search(folded))
    )


def keys(mention: OrganisationMention, resolver: Resolver) -> dict[str, float]:
    """All keys of a mention with how sure each is; empty for one that names nobody."""
    found = dict(_keys(mention.name, mention.acronym, mention.ref, mention.kind))
    if (mention.name or mention.acronym) and nameless(mention.name or mention.acronym):
        return {key: sure for key, sure in found.items() if key.startswith("ref ")}
    if (ident := resolver.organisation(mention)) and not (ident.startswith("name:") and is_identifier(mention.name)):
        found[f"id {ident}"] = SAME
    if (shorter := _without_branch(mention.name)) and (known := resolver.known(shorter)):
        found.setdefault(f"id {known}", SAME_WORDS)
    for name in _languages(mention.name):
        for key, sure in _keys(name, "", "", ""):
            found[key] = max(sure, found.get(key, 0.0))
        if known := resolver.known(identity.fold(name)) or resolver.known(_without_branch(name)):
            found.setdefault(f"id {known}", SAME_WORDS)
    return found
