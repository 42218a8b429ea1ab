"""What the record and sources views show, already in words. Nothing here is markup."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from starlette.requests import Request

from knowledge.reply import Answer


@dataclass(frozen=True, slots=True)
class ValueView:
    """One value. `href` may be a path on this server or an http(s) address; anything else is shown as text.

    `detail` is said more quietly beside it (a p-code, a percentage); `lang` is set for words of a source.
    """

    text: str
    detail: str = ""
    href: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a record: its values, and where in the source they stand."""

    label: str
    values: tuple[ValueView, ...]
    provenance: str = ""


@dataclass(frozen=True, slots=True)
class SectionView:
    title: str
    fields: tuple[FieldView, ...]


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record. `status` is as reported; `timing` says how that stands to the date of the view.

    `audience` is a level ("public", "community", "named", "own"). `notes` are data-quality notes.
    """

    id: str
    kind: str
    title: str
    language: str
    publisher: str
    source_title: str
    file: str
    element: str
    line: int
    audience: str
    licence: str = ""
    reported_on: date | None = None
    as_of: date | None = None
    status: str = ""
    timing: str = ""
    timing_tone: Literal["info", "warning"] = "info"
    notes: tuple[str, ...] = ()
    sections: tuple[SectionView, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceView:
    """One file of the index. `counts` maps a record kind to a number of records."""

    title: str
    file: str
    format: str
    publisher: str
    audience: str
    counts: dict[str, int]
    as_of: date | None = None
    licence: str = ""
    problems: int = 0

    @property
    def records(self) -> int:
        return sum(self.counts.values())


class AskFn(Protocol):
    """One chat turn. An empty `conversation` starts a new one. Raises HTTPException, whose detail is shown."""

    async def __call__(self, text: str, conversation: str, request: Request) -> Answer: ...


class RecordFn(Protocol):
    """The record as this person may see it, None where none exists. Raises HTTPException 403 with the reason."""

    async def __call__(self, record_id: str, request: Request) -> RecordView | None: ...


class SourcesFn(Protocol):
    """The files this person may know of."""

    async def __call__(self, request: Request) -> list[SourceView]: ...


class ExamplesFn(Protocol):
    """Questions, in `language` where possible, that this index can answer."""

    async def __call__(self, language: str, request: Request) -> list[str]: ...
