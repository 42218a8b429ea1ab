"""The page's views filled from the index: what connectors.web shows, for the audience of each request."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, HTTPException, Request

from bot.answers import talk
from bot.words import Words
from connectors.conversation import Conversations, TurnError
from connectors.identity import Identities
from connectors.messages import IncomingMessage
from connectors.web import pages
from connectors.web.record_view import record_view
from connectors.web.rendering import language_of
from connectors.web.views import RecordView, SourceView
from knowledge import lookups, statements
from knowledge.index import Index
from knowledge.records import ThemeMention
from knowledge.reply import Answer
from knowledge.vocabulary import sector_name


def router(index: Index, conversations: Conversations, identities: Identities) -> APIRouter:
    async def ask(text: str, conversation: str, request: Request) -> Answer:
        message = IncomingMessage(
            text=text,
            channel="web",
            person=identities.person(request),
            audience=identities.audience(request),
            conversation=conversation,
        )
        try:
            answer, _ = await conversations.turn(message)
        except TurnError as error:
            raise HTTPException(error.status, error.detail) from None
        return answer

    async def record(record_id: str, request: Request) -> RecordView | None:
        audience, language = identities.audience(request), language_of(request)

        def look_up() -> RecordView | None:
            def theme_name(mention: ThemeMention) -> str:
                return sector_name(mention.code, language)

            with index.home.database.read() as session:
                found = lookups.find_record(session, record_id, audience)
                stated = statements.of_record(session, found[0].pk, audience) if found else []
            return record_view(found[1], found[2], index.today(), language, theme_name, stated) if found else None

        return await asyncio.to_thread(look_up)

    async def sources(request: Request) -> list[SourceView]:
        audience = identities.audience(request)

        def look_up() -> list[SourceView]:
            with index.home.database.read() as session:
                return [
                    SourceView(
                        title=row.title or row.name,
                        file=row.name,
                        format=row.format,
                        publisher=row.publisher,
                        audience=row.level,
                        counts=counts,
                        as_of=row.as_of,
                        licence=row.licence,
                        problems=len(row.problems),
                    )
                    for row, counts in lookups.sources(session, audience)
                ]

        return await asyncio.to_thread(look_up)

    async def examples(language: str, request: Request) -> list[str]:
        audience = identities.audience(request)

        def look_up() -> list[str]:
            with index.home.database.read() as session:
                return talk.examples(session, audience, Words(language))

        return await asyncio.to_thread(look_up)

    return pages.router(ask, record, sources, examples)
