"""/api/v1/overlaps and /compare: which initiatives should be brought together, what two records are to each other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse

from connectors import overlaps
from connectors.api.public import Several, SpeakAs, json_response
from connectors.client import CommandError, NotYet
from connectors.identity import Identities
from connectors.overlaps import CellsRequest, CompareRequest, OverlapsRequest, ProposalRequest, checked
from connectors.problems import not_compared
from connectors.uploads import sent
from knowledge.index import Index
from knowledge.overlap.labels import Label
from knowledge.overlap.proposals import MOST_BYTES
from knowledge.overlap.standing import PATIENCE

_ERRORS: dict[int | str, dict[str, Any]] = {
    404: {"description": "A record that is not compared, or that who asks may not see"},
    422: {"description": "A name or a field that cannot be read"},
    503: {"description": "Initiatives are still being compared: `compared` `of` all records; try again"},
}
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": ProposalRequest.model_json_schema(by_alias=True)},
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            },
            "application/pdf": {"schema": {"type": "string", "format": "binary"}},
            "text/plain": {"schema": {"type": "string"}},
        },
    }
}
_MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json", "graphml": "application/graphml+xml"}


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["overlaps"], responses=_ERRORS)

    async def answered(work: Callable[..., dict[str, Any]], *arguments: Any) -> Response:
        try:
            return json_response(await asyncio.to_thread(work, index, *arguments))
        except NotYet as error:
            return not_compared(error.done, error.total, f"{error}.")
        except CommandError as error:
            raise HTTPException(422 if error.code == 2 else 404, f"{error}.") from None

    @routes.get("/overlaps")
    async def find(
        request: Request,
        record: Annotated[str, Query(max_length=1_000, description="Identifier of a record.")] = "",
        place: Several = None,
        theme: Several = None,
        org: Several = None,
        start: Annotated[str, Query(alias="from", description="Running on or after this date (ISO).")] = "",
        end: Annotated[str, Query(alias="to", description="Running on or before this date (ISO).")] = "",
        org_kind: Annotated[list[str] | None, Query(description="Kinds of who does the work: un, ingo ...")] = None,
        label: Annotated[list[str] | None, Query(description="overlap, complementary, duplicate, ...")] = None,
        starting_within: Annotated[int, Query(ge=0, le=120, description="Starting in so many months.")] = 0,
        at_least: Annotated[int, Query(ge=0, le=50, description="So many organisations in one district.")] = 0,
        only_open: bool = False,
        ignore_declared_links: bool = False,
        offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        language: Annotated[str, Query(max_length=10, description="Of the reasons: en, fr, es, ar, pt.")] = "en",
        speak_as: SpeakAs = "",
    ) -> Response:
        """Which initiatives should be brought together: with a record, or at a place, on a theme or by an organisation.

        True overlaps first, then what is complementary; records of the same work stand under one heading."""
        asked = {
            "record": record,
            "place": place or [],
            "theme": theme or [],
            "org": org or [],
            "from": start,
            "to": end,
            "org_kind": org_kind or [],
            "label": label or [],
            "starting_within": starting_within,
            "at_least": at_least,
            "only_open": only_open,
            "ignore_declared_links": ignore_declared_links,
            "offset": offset,
            "limit": limit,
            "language": language,
        }
        return await answered(_find, identities.audience(request, speak_as), asked)

    @routes.post("/overlaps", openapi_extra=_UPLOAD)
    async def propose(request: Request) -> Response:
        """What a proposal meets, with what was read of it: as text in JSON, or as a file. Nothing of it is stored.

        Fields beside a document that is the whole body stand in the query."""
        body = await sent(request, MOST_BYTES)
        several = {"places", "themes", "org", "org_kind", "label"}
        query = {key: request.query_params.getlist(key) for key in request.query_params}
        fields = {**_plain(query, several), **_plain(body.fields, several)}
        try:
            asked: ProposalRequest = checked(ProposalRequest, fields)
        except CommandError as error:
            raise HTTPException(422, f"{error}.") from None
        audience = identities.audience(request, asked.speak_as)
        return await answered(overlaps.proposed, audience, asked, body.name, body.content)

    @routes.post("/compare")
    async def compare(body: CompareRequest, request: Request) -> Response:
        """What the records of each pair are to each other, how surely, and why."""
        return await answered(overlaps.compared, identities.audience(request, body.speak_as), body)

    @routes.get("/overlaps/cells")
    async def cells(
        request: Request,
        place: Annotated[str, Query(max_length=1_000, description="Only there: name or p-code.")] = "",
        theme: Annotated[str, Query(max_length=1_000, description="Only this theme and those under it.")] = "",
        below: Annotated[bool, Query(description="Areas below the country.")] = False,
        only_open: Annotated[bool, Query(description="Only what runs today or later.")] = False,
        label: Annotated[list[Label] | None, Query(description="Which pairs count; overlap where undeclared.")] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        language: Annotated[str, Query(max_length=10)] = "en",
        speak_as: SpeakAs = "",
    ) -> Response:
        """Where most pairs meet: cells of a place and a theme, the busiest first."""
        asked = CellsRequest(
            place=place,
            theme=theme,
            below=below,
            only_open=only_open,
            label=label or [Label.OVERLAP],
            limit=limit,
            language=language,
        )
        return await answered(overlaps.cells, identities.audience(request, speak_as), asked)

    @routes.get("/overlaps/export")
    async def export(
        request: Request,
        format_: Annotated[Literal["csv", "json", "graphml"], Query(alias="format")] = "csv",
        speak_as: SpeakAs = "",
    ) -> Response:
        """The whole graph: every pair that has to do with each other, as who asks may see it."""
        audience = identities.audience(request, speak_as)
        try:
            parts = await asyncio.to_thread(overlaps.export, index, audience, format_, PATIENCE)
        except NotYet as error:
            return not_compared(error.done, error.total, f"{error}.")
        headers = {"Content-Disposition": f'attachment; filename="overlaps.{format_}"'}
        return StreamingResponse(parts, media_type=_MEDIA[format_], headers=headers)

    return routes


def _find(index: Index, audience: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
    return overlaps.overlaps(index, audience, checked(OverlapsRequest, asked))


def _plain(fields: Mapping[str, Any], several: set[str]) -> dict[str, Any]:
    """Fields of a form or a query, which are lists of texts, as the request has them."""
    return {
        key: value[-1] if isinstance(value, list) and value and key not in several else value
        for key, value in fields.items()
    }
