"""The only way into Rasa: one authenticated turn in, everything the actions said out.

Requests (JSON, `Authorization: Bearer SECRET`) to POST /webhooks/gateway/turn:

    {"sender": "[A-Za-z0-9_-]{16,64}", "text": str, "turn": "[A-Za-z0-9_-]{1,64}", "channel": one of CHANNELS}

Answer 200: {"turn": str, "messages": [{"text"|"buttons"|"custom"|...}]}. Every other answer is {"error": str}:
400 wrong shape, 401 wrong secret, 413 too large, 502 an action failed or said nothing, 503 the turn could not be run.
GET /webhooks/gateway/health answers 200 once a model is loaded, 503 before.
"""

from __future__ import annotations

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.request import Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from commonground_engine.upkeep import Sessions, check_action_results_once

logger = logging.getLogger(__name__)

CHANNELS = frozenset({"web", "rest", "cli", "slack", "teams"})
MAX_TEXT = 4_000
MAX_BODY = 65_536
MIN_SECRET = 16
_ID = re.compile(r"[A-Za-z0-9_-]{16,64}")
_TURN = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Refused(Exception):
    """A request that is answered without a turn: `status` and one line of reason for the caller."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class GatewayChannel(InputChannel):
    """Rasa input channel for the application, and for nobody else."""

    def __init__(self, secret: str) -> None:
        # An unset variable stays "${NAME}" in Rasa's files, which would make the placeholder itself the password.
        if not isinstance(secret, str) or len(secret) < MIN_SECRET or "${" in secret:
            raise RasaException(
                f"The gateway needs a secret of at least {MIN_SECRET} characters: "
                "set COMMONGROUND_ENGINE_SECRET before starting Rasa."
            )
        self._expected = f"Bearer {secret}".encode()
        self._sessions = Sessions()

    @classmethod
    def name(cls) -> str:
        return "gateway"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> GatewayChannel:
        check_action_results_once()
        return cls((credentials or {}).get("secret", ""))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        gateway = Blueprint("gateway")

        @gateway.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            if agent is None or not agent.is_ready():
                return json_response({"error": "no dialogue model is loaded"}, status=503)
            return json_response({"status": "ok"})

        @gateway.post("/turn", stream=True)
        async def turn(request: Request) -> HTTPResponse:
            try:
                self._authenticate(request)
                message, turn_id = _message(await _body(request))
            except Refused as refused:
                return json_response({"error": str(refused)}, status=refused.status)

            async def run() -> None:
                if self._sessions.due(message.sender_id):
                    await self._sessions.renew(request.app.ctx.agent, message.sender_id)
                await on_new_message(message)

            return await _answer(run, message, turn_id)

        return gateway

    def _authenticate(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), self._expected):
            raise Refused(401, "the bearer secret is missing or wrong")


async def _body(request: Request) -> bytes:
    """The whole body, or `Refused` as soon as it grows beyond MAX_BODY."""
    body = bytearray()
    async for chunk in request.stream:
        body += chunk
        if len(body) > MAX_BODY:
            raise Refused(413, f"the body is larger than {MAX_BODY} bytes")
    return bytes(body)


def _message(body: bytes) -> tuple[UserMessage, str]:
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(payload, dict):
        raise Refused(400, "the body is not a JSON object")
    sender = _matching(payload, "sender", _ID, "16 to 64 letters, digits, - or _")
    turn_id = _matching(payload, "turn", _TURN, "1 to 64 letters, digits, - or _")
    text = payload.get("text")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, '"text" must be a string that is not blank')
    if len(text) > MAX_TEXT:
        raise Refused(400, f'"text" is longer than {MAX_TEXT} characters')
    channel = payload.get("channel", "rest")
    if not isinstance(channel, str) or channel not in CHANNELS:
        raise Refused(400, f'"channel" must be one of {", ".join(sorted(CHANNELS))}')
    message = UserMessage(
        text=neutral(text),
        output_channel=CollectingOutputChannel(),
        sender_id=sender,
        input_channel=channel,
        message_id=turn_id,
        metadata={"turn": turn_id, "channel": channel},
    )
    return message, turn_id


def _matching(payload: dict[str, Any], key: str, pattern: re.Pattern[str], shape: str) -> str:
    value = payload.get(key)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Refused(400, f'"{key}" must be {shape}')
    return value


def neutral(text: str) -> str:
    """The text without what Rasa would obey instead of understand: a leading "/" names an intent directly.

    Characters that UTF-8 cannot carry (lone surrogates) become "?", because the tracker store could not save them.
    """
    storable = text.encode("utf-8", "replace").decode("utf-8")
    return re.sub(r"^[/\s]+", "", storable) or "?"


async def _answer(run: Callable[[], Awaitable[None]], message: UserMessage, turn_id: str) -> HTTPResponse:
    try:
        await run()
    except LockError:
        logger.warning("Turn %s gave up waiting for an earlier turn of its conversation.", turn_id)
        return json_response({"error": "an earlier turn of this conversation is still running"}, status=503)
    except Exception as error:  # noqa: BLE001 - whatever breaks inside Rasa must become an answer
        # The class alone: messages of exceptions may quote what the person wrote.
        logger.error("Turn %s failed inside Rasa: %s.", turn_id, type(error).__name__)
        return json_response({"error": "the dialogue engine failed on this turn"}, status=503)
    output = message.output_channel
    messages = output.messages if isinstance(output, CollectingOutputChannel) else []
    if not messages:
        # Rasa swallows a failing action; every action of ours says something, so silence is the sign of it.
        logger.error("Turn %s: no action answered.", turn_id)
        return json_response({"error": "the action failed or did not answer"}, status=502)
    said = [{key: value for key, value in item.items() if key != "recipient_id"} for item in messages]
    return json_response({"turn": turn_id, "messages": said})
