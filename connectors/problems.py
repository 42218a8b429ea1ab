"""Errors in one shape: RFC 9457 problem+json, with a title, what happened and how to mend it; for browsers a page."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException as StarletteHTTPException

from connectors.conversation import TurnError
from connectors.keeping import Busy
from connectors.overlap_judging import Comparing
from connectors.web.rendering import error_page
from knowledge.keeping import NotAMember, NotKept, TooMany, UnknownThing
from knowledge.lookups import Unreadable

_NOT_KEPT = {
    NotAMember: HTTPStatus.FORBIDDEN,
    UnknownThing: HTTPStatus.NOT_FOUND,
    TooMany: HTTPStatus.TOO_MANY_REQUESTS,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    Comparing: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(status: int, title: str, detail: str) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(orjson.dumps(body), status_code=status, media_type="application/problem+json")


def not_compared(done: int, total: int, detail: str) -> Response:
    """503 with how far the comparing is, beside what every problem says."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    body = {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail}
    more = {"compared": done, "of": total}
    return Response(orjson.dumps(body | more), status, {"Retry-After": "5"}, "application/problem+json")


def _wants_page(request: Request) -> bool:
    """Whether a person looks at this address with a browser. Programs get JSON, whatever they say they accept."""
    for_programs = request.url.path.startswith(("/api/", "/internal/"))
    return not for_programs and "text/html" in request.headers.get("accept", "")


def status_of(error: NotKept) -> int:
    return _NOT_KEPT.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)


def add_handlers(app: FastAPI) -> None:
    """One map from exception to response."""

    @app.exception_handler(TurnError)
    async def turn_error(_: Request, error: TurnError) -> Response:
        return problem(error.status, error.title, error.detail)

    @app.exception_handler(NotKept)
    async def not_kept(_: Request, error: NotKept) -> Response:
        status = _NOT_KEPT.get(type(error), HTTPStatus.UNPROCESSABLE_ENTITY)
        return problem(status, status.phrase, f"{error}.")

    @app.exception_handler(Unreadable)
    async def unreadable(_: Request, error: Unreadable) -> Response:
        return problem(HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.UNPROCESSABLE_ENTITY.phrase, str(error))

    @app.exception_handler(StarletteHTTPException)
    async def http_error(request: Request, error: StarletteHTTPException) -> Response:
        if _wants_page(request):
            detail = "" if error.detail == HTTPStatus(error.status_code).phrase else str(error.detail)
            return error_page(request, error.status_code, detail)
        return problem(error.status_code, HTTPStatus(error.status_code).phrase, str(error.detail))

    @app.exception_handler(RequestValidationError)
    async def wrong_request(_: Request, error: RequestValidationError) -> Response:
        # Only where and what: the values may be somebody's words.
        wrong = "; ".join(f"{'.'.join(str(step) for step in e['loc'])}: {e['msg']}" for e in error.errors())
        return problem(422, "Wrong request", f"{wrong}. /docs describes every request.")

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        if _wants_page(request):
            return error_page(request, 500)
        return problem(500, "Unexpected error", f"{type(error).__name__}. The log of the application says more.")
