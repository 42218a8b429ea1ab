"""The tree of places, built from gazetteers and from what records say. Pure: the order of files changes nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from knowledge.countries import country_names, iso3, region_names
from knowledge.records import GazetteerPlace
from knowledge.vocabulary import table_yaml

_NO_WORD = re.compile(r"[\W_]+")
SITE_LEVEL = 5
"""Level of a place whose administrative level no source states."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A distinct way a place is written; `names` run from the first administrative level downwards.

    `privacy` is that of the most open records that write it so, 0 for public.
    """

    id: int
    country: str
    names: tuple[str, ...]
    pcode: str
    region: str
    latitude: float | None = None
    longitude: float | None = None
    privacy: int = 0


@dataclass(slots=True)
class Place:
    id: str
    name: str
    level: int
    country: str
    parent: str | None
    aliases: set[str] = field(default_factory=set)
    latitude: float | None = None
    longitude: float | None = None
    path: str = ""


def canonical_pcode(pcode: str, country: str) -> str:
    """P-codes are written with ISO-2 or ISO-3 prefixes; the index uses ISO-2 ("TCD19" -> "TD19")."""
    code = pcode.strip().upper()
    long_form = iso3(country) if country else ""
    if long_form and code.startswith(long_form):
        return country + code[len(long_form) :]
    return code


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    if name.isascii():
        bare = name.lower().replace("'", "")
    else:
        decomposed = unicodedata.normalize("NFKD", name).casefold()
        bare = "".join(c for c in decomposed if not unicodedata.combining(c)).replace("'", "").replace("\u2019", "")
    return " ".join(_NO_WORD.sub(" ", bare).split())


@lru_cache(maxsize=1)
def _level_words() -> frozenset[str]:
    return frozenset(table_yaml("identity_words.yml")["place_levels"])


@lru_cache(maxsize=200_000)
def _without_level_words(name: str) -> str:
    return " ".join(word for word in fold(name).split() if word not in _level_words())


class PlaceTree:
    """`places` by id; `of_mention` maps mention ids to place ids (mentions that name no place are absent)."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.of_mention: dict[int, str] = {}
        self._by_name: dict[tuple[str, str], list[str]] = defaultdict(list)
        self._children: dict[str, dict[str, str]] = defaultdict(dict)

    def _add(self, place: Place) -> Place:
        if existing := self.places.get(place.id):
            return existing
        self.places[place.id] = place
        self._index(place, place.name)
        return place

    def _index(self, place: Place, name: str) -> None:
        for key in {fold(name), _without_level_words(name)} - {""}:
            if place.id not in self._by_name[place.country, key]:
                self._by_name[place.country, key].append(place.id)
            if place.parent is not None:
                self._children[place.parent].setdefault(key, place.id)

    def _country(self, code: str) -> Place:
        names = country_names().get(code, (code,))
        place = self._add(Place(code, names[0], 0, code, None))
        for name in names[1:]:
            if name not in place.aliases:
                place.aliases.add(name)
                self._index(place, name)
        return place

    def add_gazetteer(self, rows: Iterable[GazetteerPlace]) -> None:
        for row in sorted(rows, key=lambda row: (row.level, row.country, row.pcode, row.name)):
            self._country(row.country)
            code = canonical_pcode(row.pcode, row.country)
            parent = canonical_pcode(row.parent, row.country) if row.parent else ""
            self._add(Place(code, row.name, row.level, row.country, parent if parent in self.places else row.country))

    def add_mentions(self, mentions: Sequence[Mention]) -> None:
        # Mentions that carry a p-code and more names come first: they build the tree that bare names are found in.
        # Before that, the open ones: what is public is named and laid out by public records alone.
        # Shorter codes come before longer ones, so that what lies in an area finds it there.
        ordered = sorted(
            mentions,
            key=lambda m: (m.privacy, not m.pcode, len(m.pcode), -len(m.names), m.country, m.names, m.pcode, m.region),
        )
        for mention in ordered:
            if place := self._resolve(mention):
                self.of_mention[mention.id] = place.id
                if place.level > 0 and place.latitude is None and len(mention.names) > 0:
                    place.latitude, place.longitude = mention.latitude, mention.longitude

    def _resolve(self, mention: Mention) -> Place | None:
        if not mention.country:
            if mention.region:
                name = region_names().get(mention.region, f"Region {mention.region}")
                return self._add(Place(f"region:{mention.region}", name, -1, "", None))
            return None
        country = self._country(mention.country)
        names = tuple(name for name in mention.names if name.strip())
        if mention.pcode:
            return self._by_pcode(country, names, canonical_pcode(mention.pcode, mention.country))
        if not names:
            return country
        if len(names) == 1:
            return self._by_bare_name(country, names[0])
        return self._walk(country, names)

    def _by_pcode(self, country: Place, names: tuple[str, ...], code: str) -> Place:
        place = self.places.get(code)
        if place is None:
            parent = self._parent_of_code(country, names, code)
            level = parent.level + 1 if parent.level >= 0 else len(names)
            place = self._add(Place(code, names[-1] if names else code, max(level, 1), country.id, parent.id))
        elif names and fold(names[-1]) != fold(place.name) and names[-1] not in place.aliases:
            place.aliases.add(names[-1])
            self._index(place, names[-1])
        return place

    def _parent_of_code(self, country: Place, names: tuple[str, ...], code: str) -> Place:
        """The nearest place above a new code: by shorter code, made from the names where the table gives them."""
        tail = code[len(country.id) :]
        above = names[:-1]
        if above and code.startswith(country.id) and len(tail) == 2 * len(names) and tail.isdigit():
            parent = country
            for depth, name in enumerate(above, start=1):
                step = country.id + tail[: 2 * depth]
                parent = self._add(Place(step, name, depth, country.id, parent.id))
            return parent
        for length in range(len(code) - 1, len(country.id), -1):
            if (shorter := self.places.get(code[:length])) and shorter.country == country.id:
                return shorter
        return self._walk(country, above) if above else country

    def _walk(self, country: Place, names: tuple[str, ...]) -> Place:
        place = country
        for name in names:
            found = self._child(place, name)
            if found is None and place is country:
                found = self._anywhere(country, name)
            if found is None:
                slug = re.sub(r"\W+", "-", fold(name))[:60]
                above = place.id.partition(":")[2]
                new_id = f"{country.id}:{above}/{slug}" if above else f"{country.id}:{slug}"
                if place.level > 0 and ":" not in place.id:
                    new_id = f"{country.id}:{place.id.casefold()}/{slug}"
                found = self._add(Place(new_id, name.strip(), place.level + 1, country.id, place.id))
            place = found
        return place

    def _child(self, place: Place, name: str) -> Place | None:
        children = self._children.get(place.id, {})
        found = children.get(fold(name)) or children.get(_without_level_words(name))
        return self.places[found] if found else None

    def _anywhere(self, country: Place, name: str) -> Place | None:
        """The place of that name in the country, where one alone bears it at its highest level."""
        for key in (fold(name), _without_level_words(name)):
            ids = self._by_name.get((country.id, key), []) if key else []
            if ids:
                top = min(self.places[i].level for i in ids)
                at_top = sorted(i for i in ids if self.places[i].level == top)
                if len(at_top) == 1:
                    return self.places[at_top[0]]
        return None

    def _by_bare_name(self, country: Place, name: str) -> Place:
        pieces = [piece.strip() for piece in re.split(r"[,;|]", name) if piece.strip()]
        for piece in [name, *pieces]:
            found = self._anywhere(country, piece)
            if found is not None and (found.level > 0 or len(pieces) == 1):
                return found
        plain = pieces[0] if pieces else ""
        usable = 1 < len(plain) <= 40 and len(plain.split()) <= 4 and not re.search(r"\d", plain)
        if len(pieces) > 2 or not usable:
            # A sentence or a list of places is no name; the country is what it surely means.
            return country
        slug = re.sub(r"\W+", "-", fold(plain)).strip("-")
        return self._add(Place(f"{country.id}:{slug}", plain, SITE_LEVEL, country.id, country.id)) if slug else country


def build(gazetteer: Iterable[GazetteerPlace], mentions: Sequence[Mention]) -> PlaceTree:
    """The tree over all gazetteers and mentions, with every path set."""
    tree = PlaceTree()
    for code in sorted(country_names()):
        tree._country(code)
    tree.add_gazetteer(gazetteer)
    tree.add_mentions(mentions)
    for place in tree.places.values():
        steps, current = [place.id], place
        while current.parent is not None:
            current = tree.places[current.parent]
            steps.append(current.id)
        place.path = "|".join(reversed(steps)) + "|"
    return tree
