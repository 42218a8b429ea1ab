"""Whether what was read is what was meant: the rules of comparison, for the linker alone and for whole turns alike.

Names are compared folded. A finer theme than the wanted one counts, and so does a wider one that stands above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from rapidfuzz.fuzz import ratio, token_set_ratio

from connectors.evaluation.utterances import Utterance, WantedPlace
from knowledge.text import fold
from knowledge.vocabulary import ancestors, country_names, split_words, table_rows

SLOTS = ("places", "themes", "organisations", "kinds", "periods", "records")
_NEARLY = 75
_SAME_WORDS = 90

Pair = tuple[set[str], set[str]]
"""What was given and what was wanted, under common keys."""


@dataclass(frozen=True, slots=True)
class Named:
    """A place or organisation that was read. `typed`: the words it was read from, where they are known."""

    id: str
    name: str
    country: str = ""
    typed: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of one utterance.

    `periods` are "start..end" with "" for an open side. `titles` are of records that the answer is about, `words` the
    topic words that were searched for: a record that is named by its title is read as either. `offered`: the readings
    among which the answer lets the person choose. `failed`: why there is no answer.
    """

    intent: str = ""
    places: tuple[Named, ...] = ()
    themes: tuple[str, ...] = ()
    organisations: tuple[Named, ...] = ()
    kinds: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    records: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    words: str = ""
    offered: tuple[str, ...] = ()
    failed: str = ""


def of_entities(entities: Iterable[Mapping[str, Any]]) -> Reading:
    """The reading of a link result's entities as JSON."""
    found = list(entities)

    def values(kind: str) -> list[Mapping[str, Any]]:
        return [entity["value"] for entity in found if entity["type"] == kind]

    def named(kind: str) -> tuple[Named, ...]:
        return tuple(
            Named(str(e["value"]["id"]), str(e["value"]["name"]), str(e["value"].get("country", "")), str(e["text"]))
            for e in found
            if e["type"] == kind
        )

    return Reading(
        places=named("place"),
        themes=tuple(str(value["id"]) for value in values("theme")),
        organisations=named("organisation"),
        kinds=tuple(str(value["id"]) for value in values("organisation_kind")),
        periods=tuple(span(value["start"], value["end"]) for value in values("period")),
        records=tuple(str(value["id"]) for value in values("record")),
    )


def of_answer(answer: Mapping[str, Any]) -> Reading:
    """The reading of one chat turn's answer as JSON."""
    query = answer["query"]
    period = query["period"]
    return Reading(
        intent=str(query["intent"]),
        places=tuple(Named(place["id"], place["name"], place["country"]) for place in query["places"]),
        themes=tuple(theme["id"] for theme in query["themes"]),
        organisations=tuple(Named(one["id"], one["name"]) for one in query["organisations"]),
        kinds=tuple(query["organisation_kinds"]),
        periods=(span(period["start"], period["end"]),) if period["start"] or period["end"] else (),
        records=tuple(query["records"]),
        titles=tuple(record["title"] for record in answer["records"]),
        words=query["words"],
        offered=tuple(button["title"] for button in answer["reply"]["buttons"]),
    )


def span(start: str | None, end: str | None) -> str:
    return f"{start or ''}..{end or ''}"


Known = Mapping[str, Set[str]]
"""The name of a wanted organisation -> ids of the organisations that bear it."""


def compare(reading: Reading, wanted: Utterance, known: Known | None = None) -> dict[str, Pair]:
    """Given and wanted readings by slot."""
    return {
        "places": _places(reading.places, wanted.places),
        "themes": _themes(reading.themes, wanted.themes),
        "organisations": _organisations(reading.organisations, wanted.organisations, known or {}),
        "kinds": (set(reading.kinds), set(wanted.kinds)),
        "periods": (set(reading.periods), {span(wanted.start, wanted.end)} if wanted.start or wanted.end else set()),
        "records": _records(reading, wanted.records),
    }


def asked_back(reading: Reading, wanted: Utterance, known: Known | None = None) -> bool:
    """Whether nothing wrong was taken for a name and every one that is missing is offered for choice."""
    missing: set[str] = set()
    names: dict[str, list[str]] = {f"{place.country}:{place.name}": [place.name] for place in wanted.places}
    names |= {name: [bare(name), name] for name in wanted.organisations}
    for slot in ("places", "organisations"):
        given, meant = compare(reading, wanted, known)[slot]
        if given - meant:
            return False
        missing |= meant - given
    offered = [fold(title) for title in reading.offered]
    return bool(missing) and all(
        any(fold(name) in title for name in names[key] for title in offered) for key in missing
    )


def _places(given: Iterable[Named], wanted: tuple[WantedPlace, ...]) -> Pair:
    """The same country, and a name that is the same or nearly so."""
    keys = set()
    for place in given:
        same = [w for w in wanted if (not w.country or w.country == place.country) and _same_place(w, place)]
        keys.add(f"{same[0].country}:{same[0].name}" if same else place.id)
    return keys, {f"{place.country}:{place.name}" for place in wanted}


def _same_place(wanted: WantedPlace, given: Named) -> bool:
    if wanted.country and given.id == wanted.country:
        return fold(wanted.name) in map(fold, country_names(given.id))
    name = fold(wanted.name).removesuffix(" state").removesuffix(" region")
    others = _also(given.country).get(fold(given.name), frozenset())
    return (
        max(ratio(name, fold(given.name)), ratio(name, fold(given.typed))) >= _NEARLY
        or name in fold(given.name)
        or name in others
    )


@lru_cache(maxsize=300)
def _also(country: str) -> dict[str, frozenset[str]]:
    """Folded name of a place of the country -> all its folded names."""
    found: dict[str, frozenset[str]] = {}
    for table in ("place_names.csv", "known_places.csv"):
        for row in table_rows(table):
            if row["country"] == country:
                names = frozenset(fold(name) for name in (row["name"], *split_words(row["also"], "|")))
                for name in names:
                    found[name] = found.get(name, frozenset()) | names
    return found


def _themes(given: Iterable[str], wanted: Mapping[str, tuple[str, ...]]) -> Pair:
    """Under the wanted names. A wider theme stands for one finer one only if nothing nearer was given for that."""
    exact: dict[str, str] = {}
    for name, ids in wanted.items():
        exact |= dict.fromkeys(ids, name)
    given = list(dict.fromkeys(given))
    keys, wider = set(), []
    for ident in given:
        if ident in exact:
            keys.add(exact[ident])
        elif finer := sorted(exact[above] for above in ancestors(ident) & exact.keys()):
            keys.add(finer[0])
        else:
            wider.append(ident)
    for ident in wider:
        below = [name for name, ids in wanted.items() if any(ident in ancestors(one) for one in ids)]
        keys.add(next((name for name in below if name not in keys), below[0] if below else ident))
    return keys, set(wanted)


def bare(name: str) -> str:
    """ "Name" of "Name (ACRONYM)"."""
    return name.split(" (")[0]


def _organisations(given: Iterable[Named], wanted: tuple[str, ...], known: Known) -> Pair:
    """ "Name (ACRONYM)" matches by name, by acronym, by nearly the same words, or because its bearer is known."""
    keys = set()
    for one in given:
        name = fold(one.name)
        same = [
            w
            for w in wanted
            if fold(bare(w)) in name or name in fold(w) or token_set_ratio(fold(w), name) > _SAME_WORDS
        ]
        same += [w for w in wanted if not same and one.id in known.get(w, ())]
        same += [w for w in wanted if not same and one.typed and fold(one.typed) in fold(w).split()]
        keys.add(same[0] if same else name)
    return keys, set(wanted)


def _records(reading: Reading, wanted: tuple[str, ...]) -> Pair:
    keys = {ident.upper() for ident in reading.records}
    goal = set()
    for name in wanted:
        if _is_title(name):
            title = fold(name)
            titled = [ident for ident, of in zip(reading.records, reading.titles, strict=False) if title in fold(of)]
            keys -= {ident.upper() for ident in titled}
            if titled or set(title.split()) <= set(fold(reading.words).split()):
                keys.add(name)
            goal.add(name)
        else:
            goal.add(name.upper())
    return keys, goal


def _is_title(name: str) -> bool:
    """Identifiers have a digit and no blank; what else names a record is its title."""
    return " " in name or not any(character.isdigit() for character in name)
