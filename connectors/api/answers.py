"""/api/v1/mandates and /results: what organisations say of themselves and report of their work, with the spans."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors.api.public import Several, SpeakAs, json_response
from connectors.identity import Identities
from knowledge.extracts import lookups
from knowledge.index import Index

Limit = Annotated[int, Query(ge=1, le=200)]


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/mandates", tags=["records"])
    async def mandates(
        request: Request,
        q: Annotated[str, Query(max_length=1000, description="A question or a topic, in any of the languages.")] = "",
        place: Several = None,
        theme: Several = None,
        org: Several = None,
        limit: Limit = 50,
        speak_as: SpeakAs = "",
    ) -> Response:
        """Who says it has the mandate for something, or what an organisation says of itself: quoted, with the span."""
        audience = identities.audience(request, speak_as)
        asked = (index, q, place or [], theme or [], org or [], audience, limit)
        return json_response(await asyncio.to_thread(lookups.find_mandates, *asked))

    @routes.get("/results", tags=["records"])
    async def results(
        request: Request,
        place: Several = None,
        theme: Several = None,
        org: Several = None,
        limit: Limit = 50,
        speak_as: SpeakAs = "",
    ) -> Response:
        """Targets beside reported figures, indicator by indicator, and sentences of evaluations."""
        audience = identities.audience(request, speak_as)
        asked = (index, place or [], theme or [], org or [], audience, limit)
        return json_response(await asyncio.to_thread(lookups.find_results, *asked))

    return routes
