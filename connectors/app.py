"""The application: one FastAPI app that answers people, programs and Rasa's call-backs."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from threading import Event, Thread

import httpx
from fastapi import FastAPI

from bot.actions import executor
from bot.actions.turns import Turns
from connectors import overlap_filling, pages
from connectors.api import (
    answers,
    internal,
    judging,
    kept,
    operations,
    overlap_judgements,
    overlaps,
    public,
    quality,
    upkeep,
)
from connectors.channels.starting import channels
from connectors.conversation import Conversations
from connectors.identity import Identities, write_server_file
from connectors.problems import add_handlers
from knowledge import indexing
from knowledge.home import Home
from knowledge.index import Index
from knowledge.settings import Settings

logger = logging.getLogger(__name__)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one home. Nothing is opened before it starts."""
    settings = settings or Settings.load()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        secret = settings.engine_secret.get_secret_value()
        with Home(settings) as home:
            index = Index(home)
            turns, identities, started = Turns(), Identities(settings), Event()
            engine = httpx.AsyncClient(
                base_url=settings.engine_url or "http://127.0.0.1:5005",
                headers={"Authorization": f"Bearer {secret}"},
                timeout=httpx.Timeout(settings.engine_timeout, connect=3.0),
                trust_env=False,
            )
            async with engine:
                conversations = Conversations(settings, turns, engine)
                app.include_router(internal.router(index, turns, executor.build(index, turns), secret))
                app.include_router(public.router(index, conversations, identities))
                app.include_router(upkeep.router(index, identities))
                app.include_router(quality.router(index, identities))
                app.include_router(answers.router(index, identities))
                app.include_router(judging.router(index, identities))
                app.include_router(kept.router(index, identities))
                app.include_router(overlap_judgements.router(index, identities))
                app.include_router(overlaps.router(index, identities))
                app.include_router(operations.router(index, engine, identities, started))
                app.include_router(overlap_filling.router(index, identities))
                app.include_router(pages.router(index, conversations, identities))
                Thread(target=_warm, args=(index, started), name="warm-up", daemon=True).start()
                write_server_file(settings.server_path, settings.local_url, identities.token)
                try:
                    async with channels(app, settings, index, conversations):
                        yield
                finally:
                    settings.server_path.unlink(missing_ok=True)

    app = FastAPI(
        title="Common Ground",
        description="Who does what where, on whose word. Errors are RFC 9457 problem documents.",
        version="1",
        lifespan=lifespan,
    )
    add_handlers(app)
    return app


def _warm(index: Index, started: Event) -> None:
    """Loads what the first question would otherwise wait for, then finishes what a killed run still owed."""
    try:
        index.warm()
    except Exception:
        logger.exception("Warming up failed; the first question will say why")
    finally:
        started.set()
    try:
        before = index.version()
        indexing.finish(index.home)
        if index.version() != before:
            index.warm()
    except Exception:
        logger.exception("What an earlier run left undone could not be finished; commonground doctor says more")
