"""What a source says, before anything is decided about it.

A reader turns bytes into `Record`s and `Problem`s. Names of organisations, places and themes are kept as they were
written (`...Mention`); who or what they stand for is decided later, over the whole index, so that the order in which
files arrive changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Level(StrEnum):
    """Who may see a record. An undeclared level is OWN: unknown permission means private."""

    PUBLIC = "public"
    COMMUNITY = "community"
    NAMED = "named"
    OWN = "own"


class RecordKind(StrEnum):
    """What a record is of. An IATI activity is not always a project, and a row of presence is neither."""

    ACTIVITY = "activity"
    PROJECT = "project"
    GRANT = "grant"
    PRESENCE = "presence"
    CONTRACT = "contract"
    FLOW = "flow"
    PLAN = "plan"
    MANDATE = "mandate"
    DOCUMENT = "document"
    ORGANISATION = "organisation"
    EVENT = "event"
    NEED = "need"
    INDEX = "index"


WORK = (RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.PRESENCE)
"""Kinds that say of an organisation that it does something somewhere."""
UNDER_WAY = (*WORK, RecordKind.CONTRACT)
"""Kinds of which one asks whether they go on."""


class Role(StrEnum):
    """What an organisation does in a record. The four IATI participating roles, and the reporter."""

    REPORTING = "reporting"
    FUNDING = "funding"
    ACCOUNTABLE = "accountable"
    EXTENDING = "extending"
    IMPLEMENTING = "implementing"


@dataclass(frozen=True, slots=True)
class Access:
    """`owner` and `named` are organisation keys as `knowledge.access.organisation_key` writes them."""

    level: Level = Level.OWN
    owner: str = ""
    named: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One file as read. `key` is stable over re-readings of the same file; `as_of` is the date the data speaks of.

    `hints` stands for whatever else was declared that changes how the file is read.
    """

    key: str
    name: str
    format: str
    sha256: str
    title: str = ""
    publisher: str = ""
    licence: str = ""
    as_of: date | None = None
    access: Access = field(default_factory=Access)
    hints: str = ""


@dataclass(frozen=True, slots=True)
class Locator:
    """Where in the file: `element` as people would find it ("iati-activity[12]", "sheet 3W, row 14"), `line` from 1."""

    element: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class OrganisationMention:
    """`kind` is as written: an IATI OrganisationType code or the words of the table's column."""

    role: Role
    name: str = ""
    acronym: str = ""
    ref: str = ""
    kind: str = ""
    activity_id: str = ""


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place as written. `country` is ISO 3166-1 alpha-2; `names` run from the first administrative level downwards.

    `pcode` belongs to the deepest name; `region` is an IATI region code where no country stands.
    `scope` says where it stood: "activity", "transaction" or "location".
    """

    country: str = ""
    names: tuple[str, ...] = ()
    pcode: str = ""
    site: str = ""
    latitude: float | None = None
    longitude: float | None = None
    percentage: float | None = None
    region: str = ""
    scope: str = "activity"


@dataclass(frozen=True, slots=True)
class ThemeMention:
    """A sector, cluster, tag or marker as written. `vocabulary` is the IATI SectorVocabulary code, "cluster" for a
    3W cluster name, or "sdg". `scope` is "activity" or "transaction"."""

    vocabulary: str
    code: str = ""
    name: str = ""
    percentage: float | None = None
    scope: str = "activity"


@dataclass(frozen=True, slots=True)
class Period:
    planned_start: date | None = None
    actual_start: date | None = None
    planned_end: date | None = None
    actual_end: date | None = None

    @property
    def start(self) -> date | None:
        return self.actual_start or self.planned_start

    @property
    def end(self) -> date | None:
        return self.actual_end or self.planned_end


@dataclass(frozen=True, slots=True)
class Text:
    """One narrative. `purpose` is the field it stood in: general, objectives, target_groups, other or section."""

    purpose: str
    text: str
    language: str = ""
    heading: str = ""
    page: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as reported. `kind`: "budget", "planned-disbursement", an IATI transaction type code, or one of
    "requested", "applied", "planned" (what a tender is worth), "awarded", "disbursed", "contract", "pledge",
    "commitment", "paid", "total-budget", "recipient-country-budget", "recipient-region-budget",
    "recipient-org-budget", "total-expenditure"."""

    kind: str
    amount: float
    currency: str
    start: date | None = None
    end: date | None = None
    provider: str = ""
    receiver: str = ""
    provider_activity: str = ""
    receiver_activity: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A declared relation to another record. `kind`: parent, child, sibling, cofunded, third-party or other."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Indicator:
    """One period of one result indicator. Values stay text: sources write "80%", "n/a", "1,200"."""

    result: str
    title: str
    kind: str = ""
    unit: str = ""
    baseline: str = ""
    target: str = ""
    actual: str = ""
    start: date | None = None
    end: date | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    url: str
    category: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a record is about: people in need, people reached, deaths, the value of an index.

    `name` is one of: in_need, targeted, reached, population, deaths, injured, displaced, value, rank.
    `group` is whom it counts as written ("children", "IDPs"), `unit` what is counted where that is no person.
    """

    name: str
    value: float
    group: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Contact:
    """A public office to turn to: a website or a mailbox of a role, never of a person."""

    organisation: str = ""
    website: str = ""
    mailbox: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A data-quality note in words that tell the publisher how to mend it. `code` is stable, for counting."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """One activity, one row of a table, one document ... `id` is unique in the index and stable over re-readings."""

    id: str
    kind: RecordKind
    title: str
    locator: Locator
    language: str = ""
    texts: tuple[Text, ...] = ()
    organisations: tuple[OrganisationMention, ...] = ()
    places: tuple[PlaceMention, ...] = ()
    themes: tuple[ThemeMention, ...] = ()
    period: Period = field(default_factory=Period)
    status: str = ""
    reported_on: date | None = None
    secondary_reporter: bool = False
    money: tuple[Money, ...] = ()
    links: tuple[Link, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    documents: tuple[Document, ...] = ()
    figures: tuple[Figure, ...] = ()
    contacts: tuple[Contact, ...] = ()
    notes: tuple[Note, ...] = ()
    extra: tuple[tuple[str, str], ...] = ()
    """Fields the shapes above have no room for, as (name, value): humanitarian flag, scope, hierarchy, aid type ..."""


@dataclass(frozen=True, slots=True)
class GazetteerPlace:
    """A place named by a gazetteer: `level` 0 country, 1, 2, 3 ...; `parent` is the parent's p-code."""

    country: str
    level: int
    pcode: str
    name: str
    parent: str = ""


@dataclass(frozen=True, slots=True)
class OrganisationName:
    """A name that a curated list says belongs to a canonical organisation. `country` empty: everywhere."""

    name: str
    canonical: str
    acronym: str = ""
    kind: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a file: where, what, and how to mend it. `fatal`: nothing of the file was read."""

    file: str
    element: str
    line: int
    reason: str
    mend: str
    fatal: bool = False

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        element = f" {self.element}:" if self.element else ""
        return f"{where}:{element} {self.reason}. {self.mend}"


Item = Record | GazetteerPlace | OrganisationName | Problem
"""What a reader yields."""
