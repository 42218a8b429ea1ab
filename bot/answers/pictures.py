"""Pictures of answers about overlaps: where they stand. They are drawn when somebody looks at them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlencode

from bot.words import Words
from knowledge.overlap.labels import LABELS
from knowledge.overlap.meetings import Meetings
from knowledge.reply import Picture

ASKED, BESIDE = "asked", "with"
RELATIONS = (ASKED, BESIDE, *(label.value for label in LABELS))
"""Names of the parameters that name records: what was asked about, what is only shown beside it, and the labels."""
PLANNED = "planned"
"""The name of the parameter that holds when a proposal runs: of what is not stored nothing else stands there."""
MOST_RECORDS = 24
"""Of one address."""


def address(
    name: Literal["timeline", "matrix"],
    rows: Iterable[tuple[str, str]],
    language: str,
    *,
    kind: Literal["svg", "png"] = "svg",
    **more: str,
) -> str:
    """Where the picture of `rows` stands: (identifier of a record, what it is to what was asked about), of which "" is
    "with". `more`: other parameters; those without a value are left out."""
    given = [(relation or BESIDE, ident) for ident, relation in rows]
    others = [(key, value) for key, value in more.items() if value]
    return f"/pictures/{name}.{kind}?{urlencode([*given[:MOST_RECORDS], ('lang', language), *others])}"


def planned(found: Meetings) -> str:
    """When the proposal runs, as "2026-01-01/2026-12-31", either of them empty; "" where none is asked about."""
    if found.planned is None:
        return ""
    start, end = found.planned.start, found.planned.end
    return f"{start.isoformat() if start else ''}/{end.isoformat() if end else ''}"


def rows_of(found: Meetings) -> list[tuple[str, str]]:
    """(identifier, relation) of what a picture of this answer shows: the record asked about, those it meets, and those
    that are the same work."""
    rows: dict[str, str] = {}
    about_one = found.subject is not None
    if found.subject is not None and found.subject.lead in found.hits:
        rows[found.subject.lead] = ASKED
    for meeting in (*found.meetings, *found.same):
        for heading in meeting.headings:
            if heading.lead in found.hits:
                rows.setdefault(heading.lead, meeting.label.value if about_one else "")
    return list(rows.items())


def pictures_for(words: Words, found: Meetings) -> list[Picture]:
    """The timeline of an answer, where it has two initiatives or more that may be shown beside each other."""
    rows = rows_of(found)
    own = planned(found)
    shown = len(rows) + bool(own)
    if shown < 2:
        return []
    alt = words("picture_timeline", number=words.number(min(shown, MOST_RECORDS)))
    return [Picture(src=address("timeline", rows, words.language, planned=own), alt=alt)]
