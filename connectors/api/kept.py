"""/api/v1: what changed, and what is kept for people of organisations: alerts, initiatives, introductions, feedback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from connectors import keeping
from connectors.api.public import Several, SpeakAs, json_response
from connectors.identity import Identities, person_key
from connectors.keeping import (
    AnswerRequest,
    ChangesRequest,
    FeedbackRequest,
    InitiativeRequest,
    IntroductionRequest,
    WatchRequest,
)
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.records import RecordKind

Limit = Annotated[int, Query(ge=1, le=200)]
_ERRORS: dict[int | str, dict[str, Any]] = {
    403: {"description": "Who asks speaks for no organisation"},
    404: {"description": "There is none of that id for who asks"},
    422: {"description": "It cannot be kept as it is"},
    429: {"description": "One person has as many as one may"},
    503: {"description": "The index is being written; try again"},
}


def router(index: Index, identities: Identities) -> APIRouter:
    routes = APIRouter(prefix="/api/v1", responses=_ERRORS)

    def who(request: Request, speak_as: str) -> Who:
        audience = identities.audience(request, speak_as)
        return Who(audience, person_key(audience, identities.person(request)))

    async def answered(work: Callable[..., dict[str, Any]], *arguments: Any) -> Response:
        return json_response(await asyncio.to_thread(work, index, *arguments))

    @routes.get("/changes", tags=["records"])
    async def changes(
        request: Request,
        since: Annotated[str, Query(description="A day, a time in UTC, or a version of the index.")],
        until: str = "",
        place: Several = None,
        theme: Several = None,
        org: Several = None,
        kind: Annotated[list[RecordKind] | None, Query()] = None,
        limit: Limit = 20,
        speak_as: SpeakAs = "",
    ) -> Response:
        """Records that are new, ended, changed or withdrawn since then: counts, and the latest of each."""
        asked = ChangesRequest(
            since=since,
            until=until,
            places=place or [],
            themes=theme or [],
            organisations=org or [],
            kinds=kind or [],
            limit=limit,
        )
        return await answered(keeping.what_changed, who(request, speak_as), asked)

    @routes.post("/watches", tags=["watches"])
    async def add_watch(body: WatchRequest, request: Request) -> Response:
        """Keeps an alert for the organisation. Nothing is sent by it: what it finds is shown to who asks."""
        return await answered(keeping.add_watch, who(request, body.speak_as), body)

    @routes.get("/watches", tags=["watches"])
    async def list_watches(request: Request, speak_as: SpeakAs = "") -> Response:
        """The organisation's alerts, with counts since the last look of who made each."""
        return await answered(keeping.list_watches, who(request, speak_as))

    @routes.get("/watches/{watch_id}", tags=["watches"])
    async def see_watch(
        watch_id: str, request: Request, since: str = "", limit: Limit = 20, speak_as: SpeakAs = ""
    ) -> Response:
        """One alert with the records it found since the last look, or since `since`."""
        return await answered(keeping.see_watch, who(request, speak_as), watch_id, since, limit)

    @routes.post("/watches/{watch_id}/looked", tags=["watches"])
    async def looked(watch_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """Notes that who made it has seen what there is: counts begin anew."""
        return await answered(keeping.looked, who(request, speak_as), watch_id)

    @routes.delete("/watches/{watch_id}", tags=["watches"])
    async def remove_watch(watch_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """Ends an alert, and answers with what it was."""
        return await answered(keeping.remove_watch, who(request, speak_as), watch_id)

    @routes.post("/initiatives", tags=["initiatives"])
    async def register(body: InitiativeRequest, request: Request) -> Response:
        """Registers an initiative as a record of the organisation; only it sees the record unless said otherwise."""
        return await answered(keeping.register, who(request, body.speak_as), body)

    @routes.get("/initiatives", tags=["initiatives"])
    async def list_initiatives(request: Request, speak_as: SpeakAs = "") -> Response:
        """What the organisation registered."""
        return await answered(keeping.list_initiatives, who(request, speak_as))

    @routes.delete("/initiatives/{record_id}", tags=["initiatives"])
    async def withdraw(record_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """Takes an initiative back: its record is no longer answered from."""
        return await answered(keeping.withdraw_initiative, who(request, speak_as), record_id)

    @routes.post("/introductions", tags=["introductions"])
    async def introduce(body: IntroductionRequest, request: Request) -> Response:
        """Asks to be put in touch. Nothing leaves this installation; the other side sees it when it asks here."""
        return await answered(keeping.introduce, who(request, body.speak_as), body)

    @routes.get("/introductions", tags=["introductions"])
    async def list_introductions(request: Request, speak_as: SpeakAs = "") -> Response:
        """What the organisation asked for and what it is asked."""
        return await answered(keeping.list_introductions, who(request, speak_as))

    @routes.post("/introductions/{introduction_id}/answer", tags=["introductions"])
    async def answer(introduction_id: str, body: AnswerRequest, request: Request) -> Response:
        """Accepts or declines for the side that is asked, withdraws for the side that asked."""
        return await answered(keeping.answer_introduction, who(request, body.speak_as), introduction_id, body)

    @routes.post("/feedback", tags=["feedback"])
    async def note(body: FeedbackRequest, request: Request) -> Response:
        """Keeps what somebody says of an answer or of records, for the operator."""
        return await answered(keeping.note, who(request, body.speak_as), body)

    @routes.get("/feedback", tags=["feedback"])
    async def list_feedback(request: Request, speak_as: SpeakAs = "") -> Response:
        """All feedback for the operator; for others their organisation's."""
        return await answered(keeping.list_feedback, who(request, speak_as))

    @routes.delete("/feedback/{feedback_id}", tags=["feedback"])
    async def erase_feedback(feedback_id: str, request: Request, speak_as: SpeakAs = "") -> Response:
        """Erases it for good."""
        return await answered(keeping.erase_feedback, who(request, speak_as), feedback_id)

    return routes
