"""What mentions mean, in memory: the organisations and places that the index takes them to be, and places in texts."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowledge import identity
from knowledge.places import fold
from knowledge.records import OrganisationMention, PlaceMention
from knowledge.text import fold_word
from knowledge.vocabulary import country_words, ordinary_words

_WORD = re.compile(r"[^\W_]+")
_NAME = r"[^\W\d_a-zß-ÿ][\w'’]+"
_NAMES = re.compile(rf"{_NAME}(?:[ \-](?:(?:de|del|la|el|al|do|da|dos|of|el-)[ \-])?{_NAME})*")
"""Words that begin with a capital, or with a letter of a script without capitals, as they stand together."""
_LONGEST = 4
_SHORTEST = 4

OrganisationKey = tuple[str, str, str, str, str]
"""(ref, name, acronym, kind, country), as the store keeps a mention."""
PlaceKey = tuple[str, tuple[str, ...], str, str]
"""(country, names, p-code, region)."""


@dataclass(slots=True)
class Resolver:
    """`organisations` and `places` say what known mentions mean: an organisation's id, a place's path. `named` maps a
    country to the folded names of the places in it, and these to their paths."""

    organisations: Mapping[OrganisationKey, str] = field(default_factory=dict)
    places: Mapping[PlaceKey, str] = field(default_factory=dict)
    named: Mapping[str, Mapping[tuple[str, ...], str]] = field(default_factory=dict)
    met: dict[tuple[str, str, str, str], tuple[str, Mapping[str, float]]] = field(default_factory=dict)
    """What mentions were found to be, by ref, name, acronym and kind: the organisation, and the keys it is met by."""
    _first_words: dict[str, frozenset[str]] = field(default_factory=dict)
    _by_name: dict[str, str] = field(default_factory=dict)
    _by_ref: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names: dict[str, set[str]] = defaultdict(set)
        refs: dict[str, set[str]] = defaultdict(set)
        for (ref, name, acronym, _, _), found in self.organisations.items():
            for written in (name, acronym):
                if written:
                    names[identity.fold(written)].add(found)
            if ref:
                refs[ref.strip().casefold()].add(found)
        self._first_words = {country: frozenset(phrase[0] for phrase in table) for country, table in self.named.items()}
        self._by_name = {name: min(ids) for name, ids in names.items() if len(ids) == 1}
        self._by_ref = {ref: min(ids) for ref, ids in refs.items() if len(ids) == 1}

    def organisation(self, mention: OrganisationMention, country: str = "") -> str:
        """The id of the organisation, or its folded name where it is not known; "" for a mention without a name."""
        for where in dict.fromkeys(("", country)):
            known = self.organisations.get((mention.ref, mention.name, mention.acronym, mention.kind, where))
            if known:
                return known
        name = identity.fold(mention.name or mention.acronym)
        by_ref = self._by_ref.get(mention.ref.strip().casefold(), "") if mention.ref else ""
        return by_ref or self._by_name.get(name, "") or (f"name:{name}" if name else "")

    def known(self, name: str) -> str:
        """The id of the one organisation that goes by this folded name, or ""."""
        return self._by_name.get(name, "")

    def place(self, mention: PlaceMention) -> str:
        """The path of the place, country first, each step closed by "|"; "" where it names none."""
        if not mention.country:
            return f"region:{mention.region}|" if mention.region else ""
        names = tuple(name for name in mention.names)
        known = self.places.get((mention.country, names, mention.pcode, mention.region))
        if known:
            return known
        in_country = self.named.get(mention.country, {})
        for name in reversed(names):
            if path := in_country.get(tuple(fold(name).split())):
                return path
        return f"{mention.country}|"

    def told(self, text: str, countries: Iterable[str]) -> set[str]:
        """Paths of the places below `countries` that the text names, written with a capital letter."""
        tables = [
            (self._first_words[country], table)
            for country in sorted(set(countries))
            if (table := self.named.get(country))
        ]
        found: set[str] = set()
        for run in dict.fromkeys(_NAMES.findall(text)) if tables else ():
            folded = [fold_word(word) for word in _WORD.findall(run.replace("'", "").replace("’", ""))]
            at = 0
            while at < len(folded):
                step = 1
                begun = [table for first_words, table in tables if folded[at] in first_words]
                for size in range(min(_LONGEST, len(folded) - at), 0, -1) if begun else ():
                    phrase = tuple(folded[at : at + size])
                    paths = {path for table in begun if (path := table.get(phrase))}
                    if paths:
                        found |= paths
                        step = size
                        break
                at += step
        return found


def place_names(rows: Iterable[tuple[str, str, Iterable[str]]]) -> dict[str, dict[tuple[str, ...], str]]:
    """`Resolver.named` from (path, name, aliases). A name that several places of a country bear means the highest of
    them, and none where several are highest; ordinary words and names of the country are left out."""
    by_name: dict[tuple[str, tuple[str, ...]], set[str]] = defaultdict(set)
    for path, name, aliases in rows:
        country = path.split("|")[0]
        for written in (name, *aliases):
            phrase = tuple(fold(written).split())
            if phrase and len(phrase) <= _LONGEST and _tells(phrase):
                by_name[country, phrase].add(path)
    found: dict[str, dict[tuple[str, ...], str]] = defaultdict(dict)
    countries = {code: {tuple(fold(n).split()) for n in forms.names} for code, forms in country_words().items()}
    for (country, phrase), paths in by_name.items():
        highest = min(path.count("|") for path in paths)
        top = [path for path in paths if path.count("|") == highest]
        if len(top) == 1 and highest > 1 and phrase not in countries.get(country, ()):
            found[country][phrase] = top[0]
    return dict(found)


_NO_NAMES = frozenset(
    [
        "north",
        "south",
        "east",
        "west",
        "northern",
        "southern",
        "eastern",
        "western",
        "central",
        "centre",
        "center",
        "coast",
        "town",
        "city",
        "village",
        "district",
        "province",
        "region",
        "county",
        "upper",
        "lower",
        "new",
        "old",
        "national",
        "international",
        "hope",
        "union",
        "mission",
        "victoria",
        "trinidad",
        "santa",
        "nord",
        "sud",
        "est",
        "ouest",
        "norte",
        "sur",
        "este",
        "oeste",
        "sul",
        "leste",
        "sahel",
    ]
)


def _tells(phrase: tuple[str, ...]) -> bool:
    return len(phrase) > 1 or (
        len(phrase[0]) >= _SHORTEST and phrase[0] not in ordinary_words() and phrase[0] not in _NO_NAMES
    )
