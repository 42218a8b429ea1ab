"""/api/v1/quality: how good a publisher's records are."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response

from connectors.api.public import SpeakAs, json_response
from connectors.identity import Identities
from knowledge.index import Index
from knowledge.quality.publishers import UnknownPublisher
from knowledge.quality.report import report


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.get("/quality", tags=["records"])
    async def quality(
        request: Request,
        publisher: Annotated[str, Query(min_length=1, max_length=300, description="Name, reference or id.")],
        speak_as: SpeakAs = "",
    ) -> Response:
        """Notes on a publisher's records with examples, scores by dimension, and the index's median publisher."""
        audience = identities.audience(request, speak_as)
        try:
            return json_response(await asyncio.to_thread(report, index, publisher, audience))
        except UnknownPublisher as error:
            raise HTTPException(404, str(error)) from None

    return routes
