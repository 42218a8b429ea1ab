"""/api/v1/sync, /api/v1/forget and /api/v1/reindex: for the operator of this installation only."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from connectors import upkeep
from connectors.api.public import json_response
from connectors.api.streaming import streamed
from connectors.client import CommandError
from connectors.identity import Identities
from connectors.upkeep import ForgetRequest, ReindexRequest, SyncRequest
from knowledge.index import Index


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", tags=["upkeep"])

    @routes.post("/sync")
    async def sync(body: SyncRequest, request: Request) -> Response:
        """Fetches and reads what sources.yml declares. One JSON object a line: progress, then the report."""
        identities.require_operator(request)
        return streamed("sync", index, lambda lines: upkeep.sync(index.home, body, lines))

    @routes.post("/forget")
    async def forget(body: ForgetRequest, request: Request) -> Response:
        """Erases records, a source, or all of an organisation. Without `confirm` it says what would be erased; with it,
        one JSON object a line: progress, then the report."""
        identities.require_operator(request)
        try:
            body.wanted  # noqa: B018 - raises where it does not say what
            if not body.confirm and not body.allow_again:
                return json_response(await asyncio.to_thread(upkeep.preview, index.home, body))
        except CommandError as error:
            raise HTTPException(422 if error.code == 2 else 404, str(error)) from None
        return streamed("forget", index, lambda lines: upkeep.forget(index.home, body, lines))

    @routes.post("/reindex")
    async def reindex(body: ReindexRequest, request: Request) -> Response:
        """Embeds all texts with another model, beside those that answer, and swaps. One JSON object a line: progress,
        then the report."""
        identities.require_operator(request)
        return streamed("reindex", index, lambda lines: upkeep.reindex(index.home, body, lines))

    return routes
