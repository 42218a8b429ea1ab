"""What the overlaps views show, already in words. Nothing here is markup."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class OverlapForm:
    """What was typed, as it was typed. `kinds` are (id, name) of the kinds of organisation to choose from."""

    record: str = ""
    place: str = ""
    theme: str = ""
    start: str = ""
    end: str = ""
    kind: str = ""
    within: str = ""
    least: str = ""
    open: bool = False
    offset: int = 0
    proposal: str = ""
    kinds: tuple[tuple[str, str], ...] = ()
    organisation: str = ""
    label: str = ""
    file: str = ""
    content: bytes | None = field(default=None, repr=False)
    """Of the file called `file` that holds the proposal; None where none was sent."""

    @property
    def asks(self) -> bool:
        given = (self.record, self.place, self.theme, self.organisation, self.start, self.end, self.kind, self.within)
        return any(map(str.strip, (*given, self.least, self.proposal))) or self.content is not None

    @property
    def filtered(self) -> bool:
        """Whether filters beyond place and theme are set, so that they are to be seen."""
        return any((self.start, self.end, self.kind, self.within, self.least, self.open, self.label))


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record in a list. `timing` says how it stands today; `stale` where that contradicts what was reported."""

    id: str
    title: str
    lang: str = ""
    publisher: str = ""
    start: str = ""
    end: str = ""
    timing: str = ""
    stale: bool = False
    places: str = ""
    themes: str = ""
    href: str = ""
    meets_href: str = ""


@dataclass(frozen=True, slots=True)
class FoldView:
    """Records under a heading besides its lead, by the label of what they are to it."""

    label: str
    records: tuple[RecordLine, ...]


@dataclass(frozen=True, slots=True)
class HeadingView:
    """One initiative, however often it is reported. `reported` is "" where that is once."""

    lead: RecordLine
    reported: str = ""
    folded: tuple[FoldView, ...] = ()


@dataclass(frozen=True, slots=True)
class PairView:
    """What two records are to each other. `label` is one of the six; `judged` what people said, "" where none did;
    `between` what the records tell of who knows whom."""

    a: str
    b: str
    label: str
    sure: str
    other: str = ""
    judged: str = ""
    speaks_for: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class MeetingView:
    """`headings` without that of what was asked about; the first of `pairs` decides."""

    number: int
    label: str
    headings: tuple[HeadingView, ...]
    pairs: tuple[PairView, ...]
    when: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class PictureView:
    """Addresses of one picture for wide and narrow screens, light and dark."""

    title: str
    alt: str
    wide: str
    narrow: str
    wide_dark: str
    narrow_dark: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table that holds what the pictures show. `relation` is a label, "asked" or ""."""

    line: RecordLine
    relation: str = ""


@dataclass(frozen=True, slots=True)
class OverlapsView:
    """The answer, or why there is none: `problem` is what could not be read, `waiting` how far comparing is. `starts`:
    where most initiatives meet, for who asked nothing yet, as (words, number, address). `read`: what was read of a
    proposal, as (what, value); `where`: where most of the answer is, as (place, number, address)."""

    form: OverlapForm
    heading: str = ""
    facts: tuple[str, ...] = ()
    subject: HeadingView | None = None
    read: tuple[tuple[str, str], ...] = ()
    same: tuple[MeetingView, ...] = ()
    meetings: tuple[MeetingView, ...] = ()
    initiatives: tuple[HeadingView, ...] = ()
    initiatives_total: int = 0
    none: str = ""
    problem: str = ""
    waiting: str = ""
    shown: str = ""
    previous: str = ""
    next: str = ""
    pictures: tuple[PictureView, ...] = ()
    table: tuple[Row, ...] = ()
    downloads: Mapping[str, str] = field(default_factory=dict)
    starts: tuple[tuple[str, str, str], ...] = ()
    cells_href: str = "/overlaps/cells"
    where: tuple[tuple[str, str, str], ...] = ()
    may_judge: bool = False


@dataclass(frozen=True, slots=True)
class SaidView:
    """One person's word on a pair. `mine`: it may be taken back by who asks."""

    id: str
    text: str
    reason: str = ""
    mine: bool = False


@dataclass(frozen=True, slots=True)
class CompareView:
    """Two records beside each other. `rows` are (label, values of the one, values of the other); `rules` those that
    fired, as (name, what it says)."""

    a: str = ""
    b: str = ""
    one: RecordLine | None = None
    other: RecordLine | None = None
    pair: PairView | None = None
    meaning: str = ""
    rows: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    chances: tuple[tuple[str, str], ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    said: tuple[SaidView, ...] = ()
    disputed: bool = False
    notice: str = ""
    problem: str = ""
    waiting: str = ""
    may_judge: bool = False
    may_share: bool = False
    pictures: tuple[PictureView, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueView:
    """Pairs that wait for a person's word. `pairs` are (the one, the other, what is said of them)."""

    pairs: tuple[tuple[RecordLine, RecordLine, PairView], ...] = ()
    total: int = 0
    previous: str = ""
    next: str = ""
    shown: str = ""
    waiting: str = ""
    may_judge: bool = False


class OverlapsFn(Protocol):
    """The answer to what the form asks; of an empty form, where to start. Nothing is stored. Raises HTTPException,
    whose detail is shown."""

    async def __call__(self, form: OverlapForm, request: Request) -> OverlapsView: ...


class CompareFn(Protocol):
    """Two records by their identifiers, either of them "" where it is not given yet."""

    async def __call__(self, a: str, b: str, request: Request) -> CompareView: ...


class QueueFn(Protocol):
    async def __call__(self, offset: int, request: Request) -> QueueView: ...


class JudgeFn(Protocol):
    """Keeps a person's word: the fields of the form. Returns "saved" or "undone". Raises HTTPException."""

    async def __call__(self, fields: Mapping[str, str], request: Request) -> str: ...


class PictureFn(Protocol):
    """The picture `name` ("timeline" or "matrix") as `kind` ("svg" or "png") for the parameters of its address, None
    where there is nothing to be drawn. Raises HTTPException."""

    async def __call__(self, name: str, kind: str, request: Request) -> bytes | None: ...
