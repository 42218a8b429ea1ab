"""Names that lists give: of well-known organisations in all languages, and of organisations in curated lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.identity.names import fold, is_generic
from knowledge.records import OrganisationName
from knowledge.vocabulary import kind_of, split_words, table_rows, table_yaml

LOCAL_KINDS = frozenset(["nngo", "government"])
"""Kinds of organisations that are at home in one country: under the same name in another, it is another one."""


@dataclass(frozen=True, slots=True)
class KnownOrganisation:
    """An entry of the table of well-known organisations. All folded: `names` are its own everywhere; `acronyms` others
    bear too; `apart` are names that people mean it by, though they are parts, members or parents of it."""

    label: str
    names: tuple[str, ...]
    acronyms: tuple[str, ...]
    apart: tuple[str, ...]


@lru_cache(maxsize=1)
def known_organisations() -> tuple[KnownOrganisation, ...]:
    apart = frozenset(map(fold, table_yaml("identity_words.yml")["apart"]))
    found = []
    for row in table_rows("organisation_names.csv"):
        names = tuple(dict.fromkeys(map(fold, split_words(row["names"], "|"))))
        also = (row["acronym"], *split_words(row["ambiguous"] or "", "|"))
        found.append(
            KnownOrganisation(
                row["acronym"],
                tuple(name for name in names if name not in apart),
                tuple(dict.fromkeys(acronym for acronym in map(fold, also) if acronym not in names)),
                tuple(name for name in names if name in apart),
            )
        )
    return tuple(found)


@lru_cache(maxsize=1)
def known_by_name() -> Mapping[str, KnownOrganisation]:
    """Folded name -> the one well-known organisation that bears it."""
    found: dict[str, list[KnownOrganisation]] = defaultdict(list)
    for organisation in known_organisations():
        for name in organisation.names:
            found[name].append(organisation)
    return {name: bearers[0] for name, bearers in found.items() if len(bearers) == 1}


@lru_cache(maxsize=1)
def successors() -> Mapping[str, tuple[str, ...]]:
    """Folded name -> folded names of those who took over from it."""
    found: dict[str, list[str]] = defaultdict(list)
    for before, after in table_yaml("identity_words.yml")["successors"]:
        found[fold(before)].append(fold(after))
    return {before: tuple(after) for before, after in found.items()}


def scoped(folded: str, country: str) -> str:
    """The key of a name that means one organisation only within its country."""
    return f"{folded} ({country.casefold()})"


class Curated:
    """Curated lists of names, each row with the privacy of its source."""

    def __init__(self, rows: Iterable[tuple[int, OrganisationName]]) -> None:
        self._targets: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        self._facts: dict[str, list[tuple[int, OrganisationName]]] = defaultdict(list)
        self.levels: set[int] = set()
        ordered = sorted(
            rows, key=lambda row: (row[0], row[1].canonical, row[1].name, row[1].country, row[1].acronym, row[1].kind)
        )
        for privacy, row in ordered:
            target = fold(row.canonical)
            if row.country and (is_generic(row.canonical) or kind_of(row.kind) in LOCAL_KINDS):
                target = scoped(target, row.country)
            for name in dict.fromkeys((fold(row.name), fold(row.canonical))):
                self._targets[row.country, name].append((privacy, target))
            self._facts[target].append((privacy, row))
            self.levels.add(privacy)

    def target(self, folded: str, country: str, privacy: int) -> tuple[str, bool]:
        """(the key of the canonical name, whether the list says so of `country` only); ("", False) for none."""
        for where in (country, "") if country else ("",):
            for level, target in self._targets.get((where, folded), ()):
                if level <= privacy:
                    return target, bool(where)
        return "", False

    def fact(self, keys: Iterable[str], privacy: int) -> OrganisationName | None:
        """What the lists say of the canonical name among `keys`; of several, the one that has most names."""
        best: tuple[int, str, OrganisationName] | None = None
        for key in sorted(set(keys)):
            rows = [row for level, row in self._facts.get(key, ()) if level <= privacy]
            if rows and (best is None or len(rows) > best[0]):
                best = (len(rows), key, rows[0])
        return best[2] if best else None
