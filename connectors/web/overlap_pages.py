"""The overlaps views: which initiatives meet, two records side by side, pairs to decide, and the pictures of them.

What they show is injected; this module only takes requests apart. Every view works without script.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response

from connectors.uploads import sent
from connectors.web.forms import fields_of
from connectors.web.overlap_views import (
    CompareFn,
    JudgeFn,
    OverlapForm,
    OverlapsFn,
    OverlapsView,
    PictureFn,
    QueueFn,
)
from connectors.web.rendering import error_page, language_of, page
from connectors.web.words import words
from knowledge.overlap.proposals import MOST_BYTES, MOST_CHARACTERS
from knowledge.vocabulary import kind_label, kinds

_MAX_BYTES: Final = 240_000
"""Of an urlencoded form, in which a character of four bytes takes twelve. The page itself sends parts as they are."""
_MORE_BYTES: Final = 4 * MOST_CHARACTERS
"""That a pasted text may take beside a file."""

_TYPES: Final = {"svg": "image/svg+xml", "png": "image/png"}
_PICTURE_HEADERS: Final = {
    # Who may see it is decided anew for everybody; the browser that asked may keep it while the page is read.
    "Cache-Control": "private, max-age=60",
    "Vary": "Cookie, Authorization",
    # Opened by itself, a picture is a document of its own: nothing in it may load or run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
}


@dataclass(frozen=True, slots=True)
class OverlapPages:
    """What fills the views."""

    overlaps: OverlapsFn
    compare: CompareFn
    queue: QueueFn
    judge: JudgeFn
    picture: PictureFn


def router(fill: OverlapPages) -> APIRouter:
    """The routes. HTTPExceptions of the injected functions become pages."""
    routes = APIRouter(include_in_schema=False)

    async def overlaps_view(request: Request, form: OverlapForm) -> HTMLResponse:
        form = replace(form, kinds=kinds_of(language_of(request)))
        try:
            view = await fill.overlaps(form, request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        status = 503 if view.waiting else 422 if view.problem else 200
        return page(request, "overlaps.html", "overlaps", status, overlaps=view)

    @routes.get("/overlaps")
    async def by_address(request: Request) -> HTMLResponse:
        return await overlaps_view(request, form_of(dict(request.query_params)))

    @routes.post("/overlaps")
    async def by_proposal(request: Request) -> HTMLResponse:
        try:
            form = await proposal_of(request)
        except HTTPException as error:
            if error.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
                language = language_of(request)
                view = OverlapsView(OverlapForm(kinds=kinds_of(language)), problem=words(language)["proposal_large"])
                return page(request, "overlaps.html", "overlaps", error.status_code, overlaps=view)
            return error_page(request, error.status_code, str(error.detail))
        return await overlaps_view(request, form)

    @routes.get("/overlaps/compare")
    async def compare_view(request: Request, a: str = "", b: str = "", done: str = "") -> HTMLResponse:
        try:
            view = await fill.compare(a.strip(), b.strip(), request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        status = 503 if view.waiting else 422 if view.problem else 200
        done = done if done in ("saved", "undone") else ""
        return page(request, "compare.html", "overlaps", status, compare=view, done=done)

    @routes.get("/overlaps/queue")
    async def queue_view(request: Request, offset: int = 0) -> HTMLResponse:
        try:
            view = await fill.queue(max(0, offset), request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        return page(request, "queue.html", "overlaps", 503 if view.waiting else 200, queue=view)

    @routes.post("/overlaps/judge")
    async def judge(request: Request) -> Response:
        try:
            fields = await fields_of(request)
            done = await fill.judge(fields, request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        if fields.get("back") == "queue":
            return RedirectResponse("/overlaps/queue#next", 303)
        if fields.get("back") == "judgements":
            return RedirectResponse(f"/overlaps/judgements?done={done}", 303)
        back = {"a": fields.get("a", ""), "b": fields.get("b", ""), "done": done}
        return RedirectResponse(f"/overlaps/compare?{urlencode(back)}#said", 303)

    @routes.get("/pictures/{name}.{kind}")
    async def picture(
        request: Request, name: Literal["timeline", "matrix", "cells"], kind: Literal["svg", "png"]
    ) -> Response:
        drawn = await fill.picture(name, kind, request)
        if drawn is None:
            raise HTTPException(404, "None of these records is there for you to see.")
        return Response(drawn, media_type=_TYPES[kind], headers=_PICTURE_HEADERS)

    return routes


async def proposal_of(request: Request) -> OverlapForm:
    """The form with a proposal, as text or as a file. HTTPException 400 or 413 where it cannot be read."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return form_of(await fields_of(request, _MAX_BYTES))
    parts = await sent(request, MOST_BYTES + _MORE_BYTES)
    form = form_of({name: values[-1] for name, values in parts.fields.items()})
    # A field for a file in which none was chosen is sent without name and content.
    return replace(form, file=parts.name[:200], content=parts.content) if parts.name or parts.content else form


def form_of(fields: dict[str, str]) -> OverlapForm:
    """The form as it was sent; what is too long is cut, and a page that is no number is the first."""

    def line(name: str) -> str:
        return " ".join(fields.get(name, "").split())[:400]

    offset = fields.get("offset", "")
    return OverlapForm(
        record=line("record"),
        place=line("place"),
        theme=line("theme"),
        start=line("from"),
        end=line("to"),
        kind=line("kind"),
        within=line("within"),
        least=line("least"),
        open=bool(line("open")),
        offset=int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0,
        proposal=fields.get("proposal", "").replace("\r\n", "\n")[: MOST_CHARACTERS + 1],
        organisation=line("org"),
        label=line("label"),
    )


def kinds_of(language: str) -> tuple[tuple[str, str], ...]:
    return tuple((ident, kind_label(ident, language)) for ident in kinds())
