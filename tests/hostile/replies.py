"""Replies with a hostile text of records in every place that holds text."""

from __future__ import annotations

from datetime import date

from knowledge.reply import (
    BulletList,
    Button,
    Citation,
    Column,
    Evidence,
    Heading,
    Notice,
    Paragraph,
    Picture,
    Quote,
    Reply,
    Span,
    Table,
)
from tests.hostile.grammar import hostile_texts


def hostile_reply(text: str, language: str = "en") -> Reply:
    """`text` in all places, also where an address or a code is expected."""
    span = Span(text=text, cites=[1, 2], lang=text[:12])
    evidence = Evidence(field=f"texts/{text}", quote=text, start=0, end=len(text), heading=text, lang=text[:12])
    cited = [
        Citation(
            number=number,
            record=text,
            title=text,
            publisher=text,
            file=text,
            element=text,
            line=3,
            reported_on=date(2026, 11, 1),
            audience=text,
            href=text if number == 1 else "/records/XX-1",
            evidence=[evidence],
        )
        for number in (1, 2)
    ]
    return Reply(
        language=language,
        parts=[
            Paragraph(spans=[span, Span(text=text, strong=True)]),
            Heading(text=text),
            BulletList(items=[[span]]),
            Table(
                caption=text, columns=[Column(title=text), Column(title=text, numeric=True)], rows=[[[span], [span]]]
            ),
            Quote(text=text, lang=text[:12], cites=[1]),
            Notice(tone="warning", spans=[span]),
            Picture(src=text, alt=text),
            Picture(src="/pictures/overlaps.svg?id=XX-1", alt=text),
        ],
        citations=cited,
        buttons=[Button(title=text, send=text)],
    )


def hostile_replies() -> list[Reply]:
    """One for each hostile text, in turns from left to right and from right to left."""
    return [hostile_reply(text, ("en", "ar")[n % 2]) for n, text in enumerate(hostile_texts())]
