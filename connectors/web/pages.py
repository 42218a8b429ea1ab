"""The views: Ask, one record, the sources. What they show is injected; this module only takes requests apart.

A question reaches the server in three ways that give the same answer: `POST /` (the form without script), `GET /?q=`
(an address that can be shared) and `POST /api/v1/chat` (the script; not here).
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse

from connectors.web.assets import asset_router
from connectors.web.forms import fields_of
from connectors.web.rendering import error_page, error_title, language_of, page
from connectors.web.views import AskFn, ExamplesFn, RecordFn, SourcesFn
from connectors.web.words import words
from knowledge.records import RecordKind
from knowledge.reply import Answer


def router(ask: AskFn, record: RecordFn, sources: SourcesFn, examples: ExamplesFn) -> APIRouter:
    """The page's routes, its static files included. HTTPExceptions of the injected functions become pages."""
    routes = APIRouter(include_in_schema=False)
    routes.include_router(asset_router())

    async def ask_view(request: Request, question: str, conversation: str) -> HTMLResponse:
        question = question.strip()
        if not question:
            return _ask_page(request, await examples(language_of(request), request), conversation=conversation)
        try:
            answer = await ask(question, conversation, request)
        except HTTPException as error:
            return _ask_page(request, [], question, conversation, error=error)
        return _ask_page(request, [], question, answer.conversation or conversation, answer=answer)

    @routes.get("/")
    async def ask_by_address(request: Request, q: str = "") -> HTMLResponse:
        return await ask_view(request, q, "")

    @routes.post("/")
    async def ask_by_form(request: Request) -> HTMLResponse:
        try:
            form = await fields_of(request)
        except HTTPException as error:
            return _ask_page(request, [], error=error)
        question = form.get("q", "")
        if not question.strip():
            nothing = HTTPException(400, words(language_of(request))["nothing_asked"])
            return _ask_page(request, [], conversation=form.get("conversation", ""), error=nothing)
        return await ask_view(request, question, form.get("conversation", ""))

    # IATI identifiers may hold slashes.
    @routes.get("/records/{record_id:path}")
    async def record_view(request: Request, record_id: str) -> HTMLResponse:
        try:
            view = await record(record_id, request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        return error_page(request, 404) if view is None else page(request, "record.html", "", record=view)

    @routes.get("/sources")
    async def sources_view(request: Request) -> HTMLResponse:
        try:
            views = await sources(request)
        except HTTPException as error:
            return error_page(request, error.status_code, str(error.detail))
        kinds = [kind.value for kind in RecordKind if any(view.counts.get(kind) for view in views)]
        return page(request, "sources.html", "sources", sources=views, kinds=kinds)

    return routes


def _ask_page(
    request: Request,
    examples: Sequence[str],
    question: str = "",
    conversation: str = "",
    answer: Answer | None = None,
    error: HTTPException | None = None,
) -> HTMLResponse:
    language = language_of(request)
    return page(
        request,
        "ask.html",
        "ask",
        error.status_code if error else 200,
        examples=examples,
        question=question,
        conversation=conversation,
        answer=answer,
        error_title=error_title(error.status_code, language) if error else "",
        error_detail=str(error.detail) if error else "",
    )
