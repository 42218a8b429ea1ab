"""Two views over all overlaps: where most initiatives meet, and what people said of pairs.

What they show is injected; this module only takes requests apart. Both work without script.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from connectors.web.overlap_views import PictureView, RecordLine
from connectors.web.rendering import error_page, page


@dataclass(frozen=True, slots=True)
class CellsForm:
    """What was typed. `below`: areas below the country; `open`: without what is over; `label`: "" for overlaps."""

    place: str = ""
    theme: str = ""
    below: bool = False
    open: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class CellLine:
    """A place and a theme with how many initiatives, owners and pairs there are, and where these are shown."""

    place: str
    theme: str
    initiatives: int
    publishers: int
    pairs: int
    href: str


@dataclass(frozen=True, slots=True)
class CellsView:
    form: CellsForm
    cells: tuple[CellLine, ...] = ()
    picture: PictureView | None = None
    problem: str = ""
    waiting: str = ""
    downloads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line of the history of judgements: who said what and when, and what became of it. `undo` is the id by which
    who asks may take it back; "" where they may not."""

    one: RecordLine
    other: RecordLine
    told: str
    state: str
    reason: str = ""
    href: str = ""
    undo: str = ""


@dataclass(frozen=True, slots=True)
class JudgementsView:
    entries: tuple[EntryView, ...] = ()
    shown: str = ""
    previous: str = ""
    next: str = ""


class CellsFn(Protocol):
    async def __call__(self, request: Request) -> CellsView: ...


class CsvFn(Protocol):
    """The cells as CSV. Raises HTTPException."""

    async def __call__(self, request: Request) -> str: ...


class JudgementsFn(Protocol):
    async def __call__(self, offset: int, request: Request) -> JudgementsView: ...


@dataclass(frozen=True, slots=True)
class CellPages:
    """What fills the views."""

    cells: CellsFn
    csv: CsvFn
    judgements: JudgementsFn


def router(fill: CellPages) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/overlaps/cells")
    async def cells(request: Request) -> HTMLResponse:
        view = await fill.cells(request)
        return page(
            request, "cells.html", "overlaps", 503 if view.waiting else 422 if view.problem else 200, cells=view
        )

    @routes.get("/overlaps/cells.csv")
    async def as_csv(request: Request) -> Response:
        try:
            written = await fill.csv(request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        headers = {"Content-Disposition": 'attachment; filename="cells.csv"', "Cache-Control": "no-store"}
        return Response(written, media_type="text/csv; charset=utf-8", headers=headers)

    @routes.get("/overlaps/judgements")
    async def judgements(request: Request, offset: int = 0, done: str = "") -> HTMLResponse:
        view = await fill.judgements(max(0, offset), request)
        return page(request, "judgements.html", "overlaps", judgements=view, done=done == "undone")

    return routes
