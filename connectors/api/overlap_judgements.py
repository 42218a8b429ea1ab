"""/api/v1/overlaps/queue and /judgements: where a person's word is wanted, and what people said."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from io import StringIO
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors import overlap_judging
from connectors.api.public import SpeakAs, json_response
from connectors.identity import Identities, person_key
from connectors.keeping import Names
from connectors.overlap_judging import Comparing, ImportRequest, JudgementRequest, QueueRequest
from connectors.problems import not_compared
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap import judged_files

_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"description": "Who asks speaks for no organisation"},
    404: {"description": "There is none of that id for who asks"},
    422: {"description": "It cannot be kept as it is"},
    429: {"description": "One person has as many as one may"},
    503: {"description": "The index is being written, or initiatives are still being compared; try again"},
}
Few = Annotated[Names | None, Query()]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1/overlaps", tags=["overlaps"], responses=_ERRORS)

    def who(request: Request, speak_as: str) -> Who:
        audience = identities.audience(request, speak_as)
        return Who(audience, person_key(audience, identities.person(request)))

    async def answered(work: Callable[..., dict[str, Any]], *arguments: Any) -> Response:
        try:
            return json_response(await asyncio.to_thread(work, index, *arguments))
        except Comparing as error:
            return not_compared(error.done, error.total, f"{error}.")

    @routes.get("/queue")
    async def queue(
        request: Request,
        place: Few = None,
        theme: Few = None,
        publisher: Few = None,
        offset: Offset = 0,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        language: Annotated[str, Query(max_length=10, description="Of the reasons: en, fr, es, ar, pt.")] = "en",
        speak_as: SpeakAs = "",
    ) -> Response:
        """Pairs that people differ on, then those of which the model is least sure, weighted by how much it matters."""
        asked = QueueRequest(
            places=place or [],
            themes=theme or [],
            publishers=publisher or [],
            offset=offset,
            limit=limit,
            language=language,
        )
        return await answered(overlap_judging.waiting, who(request, speak_as), asked)

    @routes.post("/judgements")
    async def judge(body: JudgementRequest, request: Request) -> Response:
        """Keeps what somebody says that two records are to each other: for whoever knows of it, above the model."""
        return await answered(overlap_judging.judge, who(request, body.speak_as), body)

    @routes.get("/judgements")
    async def judgements(
        request: Request,
        record: str = "",
        offset: Offset = 0,
        limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
        speak_as: SpeakAs = "",
    ) -> Response:
        """What was said, of one record or of all, the newest first, with what became of it."""
        return await answered(overlap_judging.entries, who(request, speak_as), record, offset, limit)

    @routes.get("/judgements/export")
    async def export(
        request: Request,
        format_: Annotated[str, Query(alias="format", pattern="^(json|csv)$")] = "json",
        speak_as: SpeakAs = "",
    ) -> Response:
        """What counts, as labelled pairs to measure with and to learn from."""
        if format_ == "json":
            return await answered(overlap_judging.exported, who(request, speak_as))
        found = await asyncio.to_thread(overlap_judging.labelled, index, who(request, speak_as))
        file = StringIO()
        judged_files.write(found, file)
        headers = {"Content-Disposition": 'attachment; filename="judgements.csv"'}
        return Response(file.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)

    @routes.post("/judgements/import")
    async def import_(body: ImportRequest, request: Request) -> Response:
        """Keeps labelled pairs as judgements; lines that cannot be kept are named. For the operator."""
        identities.require_operator(request)
        return await answered(overlap_judging.imported, who(request, body.speak_as), body)

    @routes.delete("/judgements/{judgement_id}")
    async def undo(judgement_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """Takes it back. It stays in the history as taken back."""
        return await answered(overlap_judging.undo, who(request, speak_as), judgement_id)

    return routes
