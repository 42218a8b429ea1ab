"""Bolt's listeners: each writes down what it heard, and only then is Slack told that it arrived."""

from __future__ import annotations

import re
from typing import Any, Protocol, cast

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization.async_authorize import AsyncAuthorize
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from connectors.slack import incoming, views
from connectors.slack.incoming import Task
from connectors.slack.web import QUIET

COMMAND = "/commonground"
SHORTCUT = "cg_does_anyone"

Json = dict[str, Any]


class Ears(Protocol):
    """What is to be done with what is heard. All of it returns quickly: nothing here waits for an answer."""

    async def ask(self, task: Task, event: str, message: str) -> None:
        """Takes a task with its event's id, and its message's ("" for none)."""

    async def follow(self, task: Task) -> bool:
        """Whether we take part in the thread of a task."""

    async def quoted(self, task: Task) -> Task:
        """The task with the message it quotes put into a question."""

    async def looking(self, task: Task) -> str:
        """What a command is told at once."""

    async def opened_home(self, body: Json) -> None:
        """A person looks at the app's home."""

    async def judged(self, body: Json) -> None:
        """A feedback button was pressed."""

    async def remarked(self, body: Json) -> None:
        """The form for a remark was sent."""

    async def linked(self, body: Json) -> None:
        """A link to a page of ours was posted."""

    async def left(self, body: Json) -> None:
        """A workspace removed the app, or withdrew its token."""


def build(
    ears: Ears,
    authorize: AsyncAuthorize,
    signing_secret: str,
    client: AsyncWebClient,
    oauth: AsyncOAuthSettings | None,
) -> AsyncApp:
    """The bolt app. `client`, without a token, is what it calls Slack with. Requests over HTTP are verified here once
    more, after the guard."""
    app = AsyncApp(
        name="commonground",
        logger=QUIET,
        # Listeners end before Slack is answered: an event is acknowledged when it is on disk, not before.
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        signing_secret=signing_secret,
        client=client,
        request_verification_enabled=bool(signing_secret),
        # Its annotation has functions only; bolt takes an authorizer as it is.
        authorize=cast(Any, authorize),
        oauth_settings=oauth,
        attaching_conversation_kwargs_enabled=False,
    )

    @app.event("app_mention")
    @app.event("message")
    async def heard(body: Json, context: Any) -> None:
        found = incoming.heard(body, _own_id(body) or context.bot_user_id or "")
        if found is not None and (not found.follows or await ears.follow(found.task)):
            await ears.ask(found.task, found.event, found.message)

    @app.command(COMMAND)
    async def commanded(body: Json, ack: Any) -> None:
        task, event = incoming.commanded(body)
        await ears.ask(task, event, "")
        await ack(response_type="ephemeral", text=await ears.looking(task))

    @app.shortcut(SHORTCUT)
    async def pointed_at(body: Json, ack: Any) -> None:
        task, event = incoming.pointed_at(body)
        await ears.ask(await ears.quoted(task), event, "")
        await ack()

    @app.action("cg_feedback")
    async def judged(body: Json, ack: Any) -> None:
        await ears.judged(body)
        await ack()

    @app.action(re.compile(r"^cg_(ask|page|share|keep|quiet|stop)"))
    async def pressed(body: Json, ack: Any) -> None:
        found = incoming.pressed(body)
        if found is not None:
            await ears.ask(*found, "")
        await ack()

    @app.view(views.REMARK)
    async def remarked(body: Json, ack: Any) -> None:
        await ears.remarked(body)
        await ack()

    @app.event("app_home_opened")
    async def opened_home(body: Json) -> None:
        await ears.opened_home(body)

    @app.event("link_shared")
    async def linked(body: Json) -> None:
        await ears.linked(body)

    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    async def left(body: Json) -> None:
        await ears.left(body)

    @app.error
    async def failed(error: Exception) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            return BoltResponse(status=200, body="")  # subscribed to, and of no use to us
        # The type alone: the text of an error may hold somebody's words.
        QUIET.error("A request of Slack could not be taken: %s", type(error).__name__)
        # What is not shaped as Slack shapes it will not be the next time either; anything else Slack sends again.
        misshapen = isinstance(error, AttributeError | TypeError | KeyError | ValueError)
        return BoltResponse(status=400 if misshapen else 503, body="")

    return app


def _own_id(body: Json) -> str:
    """Our user id in the workspace, as an event tells it."""
    for one in body.get("authorizations") or ():
        if isinstance(one, dict) and one.get("is_bot") and isinstance(one.get("user_id"), str):
            return str(one["user_id"])
    return ""
