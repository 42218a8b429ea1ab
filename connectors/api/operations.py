"""Health, readiness and metrics, for supervisors and monitoring."""

from __future__ import annotations

import asyncio
from threading import Event

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from sqlalchemy import func, select

from connectors.api.public import json_response
from connectors.identity import Identities
from knowledge import indexing
from knowledge.access import PUBLIC, Audience, visible
from knowledge.index import Index
from knowledge.store import models as m


def router(index: Index, engine: httpx.AsyncClient, identities: Identities, started: Event) -> APIRouter:
    """`started` is set once what every question needs was loaded."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz")
    async def healthz() -> Response:
        """The process runs."""
        return json_response({"status": "ok"})

    @routes.get("/startupz")
    async def startupz() -> Response:
        """The names of the index were read, so that a first question is answered like any other; 503 before."""
        response = json_response({"status": "started" if started.is_set() else "starting"})
        response.status_code = 200 if started.is_set() else 503
        return response

    @routes.get("/readyz")
    async def readyz() -> Response:
        """Store and dialogue engine answer and names are read; 503 with the reason while one does not."""
        try:
            answer = await engine.get("/webhooks/gateway/health", timeout=2.0)
            engine_ready = answer.status_code == 200
        except httpx.HTTPError:
            engine_ready = False
        state = {
            "store": await asyncio.to_thread(_store_answers),
            "engine": engine_ready,
            "names": started.is_set(),
        }
        response = json_response({"status": "ready" if all(state.values()) else "not ready", **state})
        response.status_code = 200 if all(state.values()) else 503
        return response

    @routes.get("/metrics")
    async def metrics(request: Request) -> PlainTextResponse:
        """Counts in the Prometheus text format: for visitors of public records, for the operator of everything."""
        audience = None if identities.is_operator(request) else PUBLIC
        return PlainTextResponse(await asyncio.to_thread(_metrics, audience), media_type="text/plain; version=0.0.4")

    def _store_answers() -> bool:
        with index.home.database.read() as session:
            return indexing.version(session) >= 0

    def _metrics(audience: Audience | None) -> str:
        lines = ["# TYPE commonground_records gauge"]
        with index.home.database.read() as session:
            counts = select(m.RecordRow.kind, func.count()).group_by(m.RecordRow.kind).order_by(m.RecordRow.kind)
            if audience is not None:
                counts = counts.where(visible(audience), m.RecordRow.retired_at.is_(None))
            lines += [f'commonground_records{{kind="{kind}"}} {number}' for kind, number in session.execute(counts)]
            if audience is None:
                lines += [
                    "# TYPE commonground_index_version counter",
                    f"commonground_index_version {indexing.version(session)}",
                    "# TYPE commonground_vectors gauge",
                    f"commonground_vectors {len(index.home.vectors)}",
                ]
        return "\n".join(lines) + "\n"

    return routes
