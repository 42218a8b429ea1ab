"""The sentences of an answer and the rows of its tables, each with what it cites."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knowledge.reply import Answer, Span


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, or a row of a table, with what it cites. `quotation`: it claims to be the words of a source."""

    text: str
    cites: tuple[int, ...]
    part: str
    quotation: bool = False


def lines_of(answer: Answer) -> Iterator[Line]:
    """In the order in which they are read."""
    for part in answer.reply.parts:
        match part.type:
            case "paragraph" | "notice":
                yield from _sentence(part.spans, part.type)
            case "list":
                for item in part.items:
                    yield from _sentence(item, part.type)
            case "quote":
                yield Line(part.text, tuple(part.cites), part.type, quotation=True)
            case "table":
                for row in part.rows:
                    spans = [span for cell in row for span in cell]
                    cites = tuple(dict.fromkeys(number for span in spans for number in span.cites))
                    yield Line(" | ".join("".join(span.text for span in cell) for cell in row), cites, part.type)


def _sentence(spans: Iterable[Span], part: str) -> Iterator[Line]:
    spans = list(spans)
    text = "".join(span.text for span in spans).strip()
    if text:
        yield Line(text, tuple(dict.fromkeys(number for span in spans for number in span.cites)), part)
