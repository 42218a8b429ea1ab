"""What goes into the linker and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

AMBIGUOUS_BELOW = 0.7
"""An entity whose best reading is less probable than this needs a question back to the person."""


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation of the index. `weight` is the number of its records; `access` is passed through to `visible`."""

    id: str
    name: str
    kind: str = ""
    country: str = ""
    aliases: tuple[str, ...] = ()
    weight: int = 0
    access: Any = None


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place of the index or of a gazetteer. `level` 0 is a country, -1 an area of several; `parent` is the id of the
    place around it; `members` are the ids of the places that an area ("Darfur", "Sahel") stands for."""

    id: str
    name: str
    level: int
    country: str
    parent: str = ""
    aliases: tuple[str, ...] = ()
    weight: int = 0
    access: Any = None
    members: tuple[str, ...] = ()


Entry = OrganisationEntry | PlaceEntry


@dataclass(frozen=True, slots=True)
class Alternative:
    value: Mapping[str, Any]
    probability: float

    def as_json(self) -> dict[str, Any]:
        return {"value": dict(self.value), "probability": self.probability}


@dataclass(frozen=True, slots=True)
class LinkedEntity:
    """One reading of a run of text. `start` and `end` count characters; `alternatives` come likeliest first."""

    type: str
    start: int
    end: int
    text: str
    value: Mapping[str, Any]
    probability: float
    alternatives: tuple[Alternative, ...] = ()

    @property
    def ambiguous(self) -> bool:
        return self.probability < AMBIGUOUS_BELOW

    def as_json(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "value": dict(self.value),
            "probability": self.probability,
            "alternatives": [other.as_json() for other in self.alternatives],
        }


@dataclass(frozen=True, slots=True)
class LinkResult:
    """All readings in order of the text. `words` are topic words that no vocabulary knows."""

    text: str
    language: str
    entities: tuple[LinkedEntity, ...] = field(default_factory=tuple)
    words: str = ""

    def of(self, kind: str) -> list[LinkedEntity]:
        return [entity for entity in self.entities if entity.type == kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "language": self.language,
            "entities": [entity.as_json() for entity in self.entities],
            "words": self.words,
        }


@dataclass(slots=True)
class Claim:
    """A matcher's claim on tokens `first` to `last` (exclusive). Where claims overlap the higher `strength` stands."""

    type: str
    first: int
    last: int
    strength: float
    readings: list[tuple[Mapping[str, Any], float]]
    entries: list[Entry] = field(default_factory=list)
    silent: bool = False
    weak: bool = False
    several: bool = False
    """`silent`: holds its tokens but is no entity. `weak`: yields to any other place. `several`: all readings hold."""
