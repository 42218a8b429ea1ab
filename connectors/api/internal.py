"""What Rasa asks the application: what a text names, and the actions. Closed to all without the engine's secret."""

from __future__ import annotations

import asyncio
import hmac
from time import perf_counter
from typing import Any

import orjson
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from bot.actions.turns import Turn, Turns
from knowledge.index import Index
from knowledge.linking import aside


class LinkRequest(BaseModel):
    text: str = Field(max_length=20_000)
    turn: str = ""


def router(index: Index, turns: Turns, executor: ActionExecutor, secret: str) -> APIRouter:
    expected = f"Bearer {secret}".encode()

    def engine_only(request: Request) -> None:
        given = request.headers.get("authorization", "").encode()
        if not secret or not hmac.compare_digest(given, expected):
            raise HTTPException(401, "This address is for the dialogue engine.")

    routes = APIRouter(prefix="/internal", include_in_schema=False, dependencies=[Depends(engine_only)])

    @routes.post("/link")
    async def link(request: LinkRequest) -> Response:
        turn = turns.get(request.turn)
        if turn is None:
            raise HTTPException(404, "No such turn is under way.")
        started = perf_counter()
        result = await asyncio.to_thread(_linked, index, request.text, turn)
        turn.timed("link", started)
        return Response(orjson.dumps(result), media_type="application/json")

    @routes.post("/actions")
    async def actions(request: Request) -> Response:
        try:
            result = await executor.run(orjson.loads(await request.body()))
        except orjson.JSONDecodeError:
            raise HTTPException(400, "The body is no JSON.") from None
        except ActionNotFoundException as error:
            return _refused(404, str(error), error.action_name)
        except ActionExecutionRejection as error:
            return _refused(400, error.message, error.action_name)
        return Response(orjson.dumps(result.model_dump() if result else None), media_type="application/json")

    return routes


def _linked(index: Index, text: str, turn: Turn) -> dict[str, Any]:
    """What the question in a text names, and the question itself as "asked": orders beside it are no part of it."""
    asked = aside.asked(text)
    result = index.link(asked, turn.audience)
    talk = aside.behind(asked, [(entity.start, entity.end) for entity in result.entities])
    return {**result.as_json(), "text": text, "asked": aside.blanked(asked, talk)}


def _refused(status: int, reason: str, action: str) -> Response:
    """An error as rasa_sdk's protocol has it."""
    body = orjson.dumps({"error": reason, "action_name": action})
    return Response(body, status_code=status, media_type="application/json")
