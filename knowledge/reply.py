"""The structure of an answer, neutral to every channel.

A reply is made of parts, never of markup: a channel builds its own nodes, blocks or lines from them, so nothing that
stands in a record can become active in a page or a chat.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Span(_Part):
    """A run of text. `cites` are numbers of `Reply.citations`; `lang` is set where it differs from the reply's."""

    text: str
    cites: list[int] = Field(default_factory=list)
    strong: bool = False
    lang: str = ""


class Paragraph(_Part):
    type: Literal["paragraph"] = "paragraph"
    spans: list[Span]


class Heading(_Part):
    type: Literal["heading"] = "heading"
    text: str


class BulletList(_Part):
    type: Literal["list"] = "list"
    items: list[list[Span]]


class Column(_Part):
    title: str
    numeric: bool = False


class Table(_Part):
    """`rows` hold one list of spans per column."""

    type: Literal["table"] = "table"
    caption: str
    columns: list[Column]
    rows: list[list[list[Span]]]


class Quote(_Part):
    """Words of a source, exactly as they stand there."""

    type: Literal["quote"] = "quote"
    text: str
    lang: str
    cites: list[int]


class Notice(_Part):
    type: Literal["notice"] = "notice"
    tone: Literal["info", "warning", "error"]
    spans: list[Span]


class Picture(_Part):
    """A picture of what the table beside it says; whoever cannot show it leaves it out.

    `src` is a path on this server under /pictures/ that ends in .svg before its parameters; the same path with .png
    gives the picture for channels that show no SVG, and `&width=narrow` and `&scheme=dark` suit phones and dark pages.
    """

    type: Literal["picture"] = "picture"
    src: str
    alt: str


Part = Annotated[Paragraph | Heading | BulletList | Table | Quote | Notice | Picture, Field(discriminator="type")]


class Evidence(_Part):
    """What a claim rests on, word for word: `quote` is `start` to `end` of the field's stored text.

    `field` is the way to it through the record ("texts/2/text", "indicators/0/actual"); `page` and `heading` are those
    of a document's section; `lang` is the language of the quote where it is known.
    """

    field: str
    quote: str
    start: int
    end: int
    page: int = 0
    heading: str = ""
    lang: str = ""


class Citation(_Part):
    """Where a sentence comes from: record, publisher, file, place in it, date. `href` is a path on this server.

    `evidence`: the spans of the record that what cites this number was taken from; empty where it rests on the record
    or the file as a whole.
    """

    number: int
    record: str
    title: str
    publisher: str
    file: str
    element: str
    line: int = 0
    reported_on: date | None = None
    audience: str = "public"
    href: str
    evidence: list[Evidence] = Field(default_factory=list)


class Button(_Part):
    """A next question. `send` is what a person could have typed."""

    title: str
    send: str


class Reply(_Part):
    """`remaining` counts list entries not shown yet; a "show more" button is among `buttons` when it is not 0."""

    language: str = "en"
    parts: list[Part] = Field(default_factory=list)
    citations: list[Citation] = Field(default_factory=list)
    buttons: list[Button] = Field(default_factory=list)
    remaining: int = 0


class PlaceReading(_Part):
    id: str
    name: str
    country: str
    level: int
    within: list[str] = Field(default_factory=list)
    """Names of the places above it, nearest first."""


class ThemeReading(_Part):
    id: str
    name: str


class OrganisationReading(_Part):
    id: str
    name: str
    kind: str = ""


class PeriodReading(_Part):
    start: date | None = None
    end: date | None = None
    words: str = ""


class Excluding(_Part):
    """What is to be left out: "without the UN", "not education"."""

    places: list[PlaceReading] = Field(default_factory=list)
    themes: list[ThemeReading] = Field(default_factory=list)
    organisations: list[OrganisationReading] = Field(default_factory=list)
    organisation_kinds: list[str] = Field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.places or self.themes or self.organisations or self.organisation_kinds)


class Focus(_Part):
    """What of the records is asked for, where it is not simply who does the work.

    `about`: what the answer counts or lists; "" is not said yet. `count`: how many. `rank`: what has the most or the
    fewest of `measure`. `unit`: the records meant. `level`: the administrative level of the places meant (0 countries).
    `date`: the end of records that is asked for, or by which the period of the question takes its pick of them.
    """

    about: Literal["", "organisations", "records", "places", "themes", "kinds", "years", "dates", "presence"] = ""
    count: bool = False
    rank: Literal["", "most", "fewest"] = ""
    measure: Literal["", "organisations", "records"] = ""
    unit: Literal["", "projects", "grants"] = ""
    level: int | None = None
    date: Literal["", "start", "end"] = ""


class Query(_Part):
    """What was understood, after the context of the conversation was merged in."""

    intent: str = ""
    places: list[PlaceReading] = Field(default_factory=list)
    themes: list[ThemeReading] = Field(default_factory=list)
    organisations: list[OrganisationReading] = Field(default_factory=list)
    organisation_kinds: list[str] = Field(default_factory=list)
    period: PeriodReading = Field(default_factory=PeriodReading)
    records: list[str] = Field(default_factory=list)
    words: str = ""
    """Topic words that no vocabulary knows; searched for as text."""
    offset: int = 0
    excluding: Excluding = Field(default_factory=Excluding)
    focus: Focus | None = None
    at_least: int = 0
    """Of a question about overlaps: areas in which so many organisations do the work."""
    labels: list[str] = Field(default_factory=list)
    """Of a question about overlaps: what the records are to be to each other, where that is said."""


class RecordSummary(_Part):
    id: str
    kind: str
    title: str
    publisher: str
    status: str = ""
    start: date | None = None
    end: date | None = None
    href: str


class OrganisationSummary(_Part):
    """One organisation in an answer, whole answer, not only the screenful: what it does, where, on which records."""

    id: str
    name: str
    kind: str
    roles: list[str]
    themes: list[str]
    places: list[str]
    records: list[str]
    reported_as: list[str] = Field(default_factory=list)
    """Its names exactly as these records write them."""
    timing: str = ""
    """"current", "planned", "stale" (reported as active, end passed), "ended" or "undated"."""


class Coverage(_Part):
    """What the index holds for the question: which sources speak of this area, and as of when."""

    state: Literal["reported", "none_reported", "not_covered", "not_asked"] = "not_asked"
    as_of: date | None = None
    sources: list[str] = Field(default_factory=list)
    text: str = ""


class Tally(_Part):
    """One thing counted: a place, theme, kind, year, organisation or record, with the records and organisations of it.

    `start` and `end` are those of a record.
    """

    id: str
    name: str
    records: int = 0
    organisations: int = 0
    start: date | None = None
    end: date | None = None


class Result(_Part):
    """What a question of how many, what, where, when or whether comes to; `rows` are all that was counted, in order.

    `number`: how many, of `about`. `timing`: of a question whether somebody is there, how the best record stands
    ("none" without any).
    """

    about: str
    number: int
    rows: list[Tally] = Field(default_factory=list)
    timing: str = ""


class Answer(_Part):
    """One chat turn, complete. `organisations` and `records` are whole sets; `reply` is a screenful of them.

    `watch` is the id of the alert that was set with it, for the channel alone: it is no part of the JSON.
    """

    reply: Reply
    query: Query = Field(default_factory=Query)
    records: list[RecordSummary] = Field(default_factory=list)
    organisations: list[OrganisationSummary] = Field(default_factory=list)
    coverage: Coverage = Field(default_factory=Coverage)
    result: Result | None = None
    conversation: str = ""
    watch: str = Field(default="", exclude=True)
