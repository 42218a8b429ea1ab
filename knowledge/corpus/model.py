"""Shapes of the invented corpus, before they become files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

REFERENCE_DATE = date(2026, 11, 23)
"""The day on which the corpus is imagined to be read; statuses and staleness are set against it."""

NOTICE = "Invented data for demonstration and tests: none of these organisations, activities or figures exists."


@dataclass(frozen=True, slots=True)
class Organisation:
    """`type` is an IATI OrganisationType, `kind` what a coordinator would say, `ids` the pattern of its identifiers."""

    key: str
    name: str
    acronym: str
    ref: str
    type: str
    kind: str
    hdx: str
    home: str
    variants: tuple[str, ...] = ()
    publishes: bool = False
    ids: str = ""
    first: int = 0
    step: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """`name` as gazetteers write it, `written` as people do; `location` is ISO alpha-3; level 0 is a country."""

    pcode: str
    level: int
    name: str
    written: str
    parent: str
    location: str
    valid_from: str = ""
    town: str = ""
    latitude: float = 0.0
    longitude: float = 0.0


@dataclass(frozen=True, slots=True)
class Service:
    """One kind of work: its codes, the size of a usual project and the words for it."""

    key: str
    theme: str
    dac: str
    also: str
    cluster: str
    sdg: str
    scale: int
    unit: int
    near: tuple[str, ...]
    label: dict[str, str]
    table: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Work:
    """A row of the plan. `link`: d both sides declare identifiers, n named only, s silent, x no funder's record."""

    key: str
    by: str
    do: str
    at: tuple[tuple[str, int | None], ...]
    start: date
    end: date
    funders: tuple[str, ...]
    link: str
    partners: tuple[str, ...]
    reporting_partners: tuple[str, ...]
    flags: frozenset[str]
    language: str = ""

    @property
    def country(self) -> str:
        """ISO alpha-2 of the first place; "" for a programme frame, which has none."""
        return self.at[0][0][:2] if self.at else ""


@dataclass(slots=True)
class Participant:
    """One participating-org as it is written: the name may be a variant, the ref may be missing or wrong."""

    organisation: Organisation
    role: str
    name: str
    ref: str
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """One transaction: `kind` is an IATI TransactionType."""

    kind: str
    on: date
    amount: int
    provider: Participant | None = None
    receiver: Participant | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One indicator with a single period."""

    title: str
    percentage: bool
    baseline: int
    target: int
    actual: int
    comment: str = ""


@dataclass(slots=True)
class Activity:
    """One IATI activity. `tier`: "work", "upstream" (funder's), "downstream" (partner's), "frame", "phase", "copy"."""

    key: str
    identifier: str
    publisher: Organisation
    tier: str
    service: str
    countries: dict[str, int | None]
    places: list[tuple[str, int | None]]
    start: date
    end: date
    status: str
    language: str
    titles: dict[str, str] = field(default_factory=dict)
    descriptions: list[tuple[str, str, str]] = field(default_factory=list)
    participants: list[Participant] = field(default_factory=list)
    sectors: list[tuple[str, str, int | None]] = field(default_factory=list)
    on_transactions: bool = False
    humanitarian: bool = False
    secondary: bool = False
    currency: str = "USD"
    amount: int = 0
    flows: list[Flow] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    other_identifiers: list[str] = field(default_factory=list)
    results: list[Outcome] = field(default_factory=list)
    documents: list[tuple[str, str, str]] = field(default_factory=list)
    locations_bare: bool = False
    gender: str = ""
    audience: str = "public"
    endless: bool = False
    repeated: bool = False
    """`endless`: the end date is left out; `repeated`: the block stands twice in its file (both are planted faults)."""
