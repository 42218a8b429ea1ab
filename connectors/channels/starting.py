"""The chat channels that the settings turn on; nothing of a channel that is off is even imported."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from connectors.channels import forgetting
from connectors.conversation import Conversations
from knowledge.index import Index
from knowledge.settings import Settings


def slack_state(settings: Settings) -> tuple[bool, str]:
    """Whether Slack is on, and what is missing where it was begun to be set up ("" where nothing was set)."""
    token = bool(settings.slack_bot_token)
    client = bool(settings.slack_client_id and settings.slack_client_secret)
    way = bool(settings.slack_signing_secret or settings.slack_app_token)
    if (token or client) and way:
        return True, ""
    if token or client:
        return False, "slack_signing_secret (for HTTP) or slack_app_token (for Socket Mode)"
    if way or settings.slack_client_id or settings.slack_client_secret:
        return False, "slack_bot_token, or slack_client_id with slack_client_secret"
    return False, ""


def teams_state(settings: Settings) -> tuple[bool, str]:
    """Whether Teams is on, and what is missing where it was begun to be set up ("" where nothing was set)."""
    needed = {
        "teams_app_id": bool(settings.teams_app_id),
        "teams_app_secret": bool(settings.teams_app_secret),
        "teams_tenants": bool(settings.teams_tenants),
    }
    if not any(needed.values()):
        return False, ""
    missing = ", ".join(name for name, there in needed.items() if not there)
    return not missing, missing


@asynccontextmanager
async def channels(app: FastAPI, settings: Settings, index: Index, conversations: Conversations) -> AsyncIterator[None]:
    """The channels of this installation, as long as the block runs."""
    forgetting.with_records(index.home)
    async with AsyncExitStack() as running:
        if slack_state(settings)[0]:
            from connectors.slack import service as slack

            await running.enter_async_context(slack.running(app, settings, index, conversations))
        if teams_state(settings)[0]:
            from connectors.teams import service as teams

            await running.enter_async_context(teams.running(app, settings, index, conversations))
        from connectors.widget import service as widget

        await running.enter_async_context(widget.running(app, settings, index, conversations))
        yield
