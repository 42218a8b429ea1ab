"""What an organisation is called, from all the ways in which it is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from knowledge.identity.known import Curated
from knowledge.identity.names import fold, is_generic, split_acronym
from knowledge.identity.shapes import Mention, Organisation
from knowledge.vocabulary import kind_of

_FINER = {"multilateral": ("un",), "ingo": ("red_cross",), "nngo": ("red_cross",), "ngo": ("red_cross",)}
"""Kinds that an IATI code lumps together, and what a list of names may tell apart."""


def present(keys: Iterable[str], members: Sequence[Mention], curated: Curated, privacy: int) -> Organisation:
    """The organisation as its `members` write it; `keys` are all its names' keys, those of lists included."""
    names: Counter[str] = Counter()
    acronyms: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    for mention in members:
        name, found = split_acronym(mention.name)
        if name:
            names[name] += mention.weight + (1_000_000 if mention.own_ref else 0)
        if acronym := mention.acronym or found:
            acronyms[acronym] += mention.weight
        if mention.kind and (kind := kind_of(mention.kind)):
            kinds[kind] += mention.weight
        if mention.country:
            countries[mention.country] += mention.weight
    fact = curated.fact(keys, privacy)
    display = _best(names) or _best(acronyms) or members[0].ref
    if display.isupper() and len(display) > 12 and (mixed := [name for name in names if not name.isupper()]):
        display = max(sorted(mixed), key=lambda name: names[name])
    if fact:
        display = fact.canonical
    kind = _best(kinds)
    listed = kind_of(fact.kind) if fact and fact.kind else ""
    # IATI has no code for a UN agency or a Red Cross society: there the list says more than the publisher could.
    coded = all(mention.kind.isdigit() for mention in members if mention.kind and kind_of(mention.kind) == kind)
    if listed and (not kind or (coded and listed in _FINER.get(kind, ()))):
        kind = listed
    country = f" {_best(countries)}" if countries and is_generic(display) else ""
    return Organisation(
        id=re.sub(r"\W+", "-", fold(display) + country.casefold()).strip("-")[:80] or "organisation",
        name=display,
        acronym=(fact.acronym if fact else "") or _best(acronyms),
        kind=kind,
        country=_best(countries) if len(countries) == 1 else "",
        aliases=sorted({*names, *acronyms, *(m.name for m in members if m.name)} - {display}),
        refs=sorted({m.ref for m in members if m.ref}),
        members=sorted(m.id for m in members),
    )


def _best(counts: Counter[str]) -> str:
    return max(sorted(counts), key=lambda value: counts[value]) if counts else ""


def number_equal_ids(organisations: Iterable[Organisation]) -> None:
    """Gives each organisation an id of its own, the first of equals keeping it as it is."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    for organisation in organisations:
        ident = organisation.id
        while organisation.id in taken:
            seen[ident] += 1
            organisation.id = f"{ident}-{seen[ident] + 1}"
        taken.add(organisation.id)
