"""What goes into telling organisations apart and what comes out, as plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Mention:
    """A distinct way an organisation is written, and how many records write it so. `own_ref`: its own publisher ref.

    `privacy` is that of its most open records, 0 for public; `weight` and `own_ref` are of these records alone.
    """

    id: int
    ref: str
    name: str
    acronym: str
    kind: str
    country: str
    weight: int = 1
    own_ref: bool = False
    privacy: int = 0


@dataclass(slots=True)
class Organisation:
    """What the index takes for one organisation. `members` are mention ids."""

    id: str
    name: str
    acronym: str
    kind: str
    country: str
    aliases: list[str] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    members: list[int] = field(default_factory=list)


class Verdict(StrEnum):
    SAME = "same"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Name:
    """One side of a decision: a name or acronym as written. `country` (ISO alpha-2) where the name needs one."""

    text: str
    country: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person said of two names. It outranks every rule; of two that contradict, the later one holds."""

    id: int
    verdict: Verdict
    one: Name
    other: Name
    by: str
    at: datetime
    reason: str = ""


class Reason(StrEnum):
    """Why two mentions are taken as one organisation, the firmest first."""

    DECISION = "decision"
    SAME_NAME = "same-name"
    CURATED_LIST = "curated-list"
    KNOWN_NAME = "known-name"
    """Translations and abbreviations in the table of well-known organisations."""
    LEGAL_FORM = "legal-form"
    FAMILY_MEMBER = "family-member"
    """The same country's member of a federation, written in two ways."""
    IDENTIFIER_AND_WORDS = "identifier-and-words"
    IDENTIFIER_AND_ACRONYM = "identifier-and-acronym"
    ACRONYM_AND_WORDS = "acronym-and-words"
    """In tables of one country, the same acronym with the same words but for spelling."""
    ACRONYM_BORNE_BY_ONE = "acronym-borne-by-one"
    IDENTIFIER_ALONE = "identifier-alone"
    """No name was written; the identifier belongs to one organisation alone."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the mention `mention` stands with the mention `other`. `detail`: the identifier, acronym or list."""

    mention: int
    other: int
    reason: Reason
    detail: str = ""


class Likeness(StrEnum):
    """Why two organisations may be one, though it does not suffice to take them as one."""

    SAME_WORDS = "same-words"
    SAME_IDENTIFIER = "same-identifier"
    NEAR_SPELLING = "near-spelling"
    SAME_ACRONYM = "same-acronym"
    SUCCESSOR = "successor"
    KNOWN_NAME = "known-name"
    FAMILY = "family"
    COUNTRY_OFFICE = "country-office"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mentions of different organisations that are possibly one, kept apart until a person says otherwise.

    `evidence` holds (likeness, detail), the strongest first; `score` is between 0 and 1. `one` and `other` are mention
    ids, `one` being the one whose name sorts first.
    """

    one: int
    other: int
    score: float
    evidence: tuple[tuple[Likeness, str], ...]


@dataclass(slots=True)
class Resolution:
    """Organisations, why each mention stands where it does, pairs that are possibly one, and overruled decisions."""

    organisations: list[Organisation]
    evidence: list[Evidence]
    possible: list[Pair]
    overruled: frozenset[int] = frozenset()
