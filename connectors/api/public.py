"""/api/v1: chat, search, records, organisations, linking and ingest."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from connectors.api.streaming import Lines, streamed
from connectors.conversation import Conversations
from connectors.identity import Identities
from connectors.messages import IncomingMessage
from knowledge import indexing, lookups
from knowledge.access import organisation_key
from knowledge.index import Index
from knowledge.records import Access, Level
from knowledge.reply import Answer

SpeakAs = Annotated[str, Query(alias="as", description="Ask as somebody else; only the operator may.")]
Several = Annotated[list[str] | None, Query()]


class ChatRequest(BaseModel):
    """One message. `as` speaks for an organisation, "community" or "public"; only the operator may use it."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    text: str
    conversation: str = ""
    speak_as: str = Field(default="", alias="as")


class LinkRequest(BaseModel):
    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    text: str = Field(max_length=4000)
    speak_as: str = Field(default="", alias="as")


class IngestRequest(BaseModel):
    """Files or folders on the machine the server runs on. Without `audience` only the own organisation sees them."""

    model_config = ConfigDict(extra="forbid")
    paths: list[str] = Field(min_length=1)
    audience: Level | None = None
    owner: str = ""
    named: list[str] = Field(default_factory=list)


def json_response(content: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(content), media_type="application/json", headers=headers)


def router(index: Index, conversations: Conversations, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/chat", response_model=Answer, tags=["conversation"])
    async def chat(body: ChatRequest, request: Request) -> Response:
        """One chat turn: the text goes through Rasa, the answer comes with its citations, query and coverage."""
        message = IncomingMessage(
            text=body.text,
            channel="rest",
            person=identities.person(request),
            audience=identities.audience(request, body.speak_as),
            conversation=body.conversation,
        )
        answer, seconds = await conversations.turn(message)
        timing = ", ".join(f"{stage};dur={spent * 1000:.1f}" for stage, spent in seconds.items())
        return Response(answer.model_dump_json(), media_type="application/json", headers={"Server-Timing": timing})

    @routes.get("/search", tags=["records"])
    async def search(
        request: Request,
        q: str = "",
        place: Several = None,
        theme: Several = None,
        org: Several = None,
        kind: Several = None,
        start: Annotated[str, Query(alias="from")] = "",
        end: Annotated[str, Query(alias="to")] = "",
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
        speak_as: SpeakAs = "",
    ) -> Response:
        """Records by words and by facets; places, themes and organisations by name or id."""
        audience = identities.audience(request, speak_as)
        asked = lookups.SearchRequest(q, place, theme, org, kind, start, end, limit)
        return json_response(await asyncio.to_thread(lookups.search_records, index, asked, audience))

    @routes.get("/records/{record_id:path}", tags=["records"])
    async def record(record_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """One record as its source states it, with its provenance."""
        audience = identities.audience(request, speak_as)
        found = await asyncio.to_thread(lookups.record, index, record_id, audience)
        if found is None:
            raise HTTPException(404, f"No record {record_id} that you may see. Check the identifier.")
        return json_response(found)

    @routes.get("/organisations/{organisation_id}", tags=["records"])
    async def organisation(organisation_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """One organisation: names as sources write them, kind, and its records by role."""
        audience = identities.audience(request, speak_as)
        found = await asyncio.to_thread(lookups.organisation, index, organisation_id, audience)
        if found is None:
            raise HTTPException(404, f"No organisation {organisation_id} that you may see. /api/v1/link finds ids.")
        return json_response(found)

    @routes.post("/link", tags=["conversation"])
    async def link(body: LinkRequest, request: Request) -> Response:
        """The organisations, places, themes and periods that are read from a text."""
        audience = identities.audience(request, body.speak_as)
        result = await asyncio.to_thread(index.link, body.text, audience)
        return json_response(result.as_json())

    @routes.post("/ingest", tags=["records"])
    async def ingest(body: IngestRequest, request: Request) -> StreamingResponse:
        """Reads files of this machine. Answers with one JSON object a line: progress, then the report."""
        identities.require_operator(request)
        access = None
        if body.audience is not None:
            named = tuple(sorted(map(organisation_key, body.named)))
            if body.audience is Level.NAMED and not named:
                raise HTTPException(422, "Audience `named` names nobody. List the organisations in `named`.")
            access = Access(body.audience, organisation_key(body.owner), named)

        def work(lines: Lines) -> dict[str, Any]:
            report = indexing.ingest(index.home, [Path(p) for p in body.paths], access=access, progress=lines)
            return lookups.report_json(report)

        return streamed("ingest", index, work)

    return routes
