"""/api/v1/organisation-pairs and -decisions: which organisations are possibly one, and what persons say of it."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors import judging
from connectors.api.public import SpeakAs, json_response
from connectors.api.streaming import streamed
from connectors.identity import Identities
from connectors.judging import DecisionRequest, UndoRequest
from knowledge.index import Index


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["organisations"])

    @routes.get("/organisation-pairs")
    async def pairs(
        request: Request,
        organisation: str = "",
        limit: Annotated[int, Query(ge=1, le=1_000)] = 50,
        speak_as: SpeakAs = "",
    ) -> Response:
        """Pairs that are possibly one organisation, the likeliest first, each with its evidence."""
        audience = identities.audience(request, speak_as)
        return json_response(await asyncio.to_thread(judging.pairs, index, audience, organisation, limit))

    @routes.get("/organisation-decisions")
    async def decisions(request: Request) -> Response:
        """What persons decided, the latest first, and whether it holds."""
        identities.require_operator(request)
        return json_response(await asyncio.to_thread(judging.decisions, index))

    @routes.post("/organisation-decisions")
    async def decide(body: DecisionRequest, request: Request) -> Response:
        """Joins or parts two organisations for good. One JSON object a line: progress, then the decision."""
        identities.require_operator(request)
        return streamed("decide", index, lambda lines: judging.decide(index.home, body, lines))

    @routes.post("/organisation-decisions/undo")
    async def undo(body: UndoRequest, request: Request) -> Response:
        """Takes a decision back. One JSON object a line: progress, then the decision."""
        identities.require_operator(request)
        return streamed("undo", index, lambda lines: judging.undo(index.home, body, lines))

    return routes
