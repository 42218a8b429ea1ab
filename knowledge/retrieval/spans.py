"""Where a passage stands in the record that it was cut from."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.records import Record


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a field of the record, named by the way to it: "title", "texts/2/text"."""

    field: str
    start: int
    end: int


def span_of(record: Record, passage: str, *, heading: str = "", page: int = 0) -> Span | None:
    """The span of a passage that stands under `heading` on `page`, without the title, heading or theme that was put
    before it; None where the record does not hold it, as after a change."""
    for number, text in enumerate(record.texts):
        if (text.heading, text.page) == (heading, page):
            for said in _without_lead(record, passage, heading):
                if (start := text.text.find(said)) >= 0:
                    return Span(f"texts/{number}/text", start, start + len(said))
    start = record.title.find(passage)
    return Span("title", start, start + len(passage)) if start >= 0 else None


def _without_lead(record: Record, passage: str, heading: str) -> list[str]:
    found = [passage]
    found += [passage.removeprefix(lead) for lead in (f"{record.title}. ", f"{heading}. ") if passage.startswith(lead)]
    # A table's row is read with its themes before its words.
    _, colon, said = passage.partition(": ")
    return [text for text in [*found, said if colon else ""] if text]
