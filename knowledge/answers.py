"""Sentences with their citations. Every statement about records carries the numbers of what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import quote

from knowledge.finding import Hit
from knowledge.records import RecordKind
from knowledge.reply import Citation, Evidence, Paragraph, Part, RecordSummary, Reply, Span, Table
from knowledge.sources.sections import element_of

_ONE_PUBLISHER = (RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT, RecordKind.CONTRACT)
"""Kinds whose files hold the records of one reporter, as a rule."""
_SOURCES_CITED = 3


_MARKED_WORDS = 6


@lru_cache(maxsize=50_000)
def record_href(record_id: str) -> str:
    return f"/records/{quote(record_id, safe='')}"


def quote_href(record_id: str, sentence: str) -> str:
    """The record's page with the sentence marked in it, by the browsers that mark what an address names."""
    words = sentence.split()
    # A long quote may run over markup: its first and last words mark all between.
    ends = [words] if len(words) <= 2 * _MARKED_WORDS else [words[:_MARKED_WORDS], words[-_MARKED_WORDS:]]
    marks = ",".join(quote(" ".join(end), safe="").replace("-", "%2D") for end in ends)
    return f"{record_href(record_id)}#:~:text={marks}"


class Ledger:
    """Numbers citations in the order of their first use; the same record, sentence or file keeps its number."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self._numbers: dict[str, int] = {}

    def _number(self, key: str, make: Citation) -> int:
        if key not in self._numbers:
            make.number = self._numbers[key] = len(self.citations) + 1
            self.citations.append(make)
        return self._numbers[key]

    def record(self, hit: Hit, *evidence: Evidence) -> int:
        """The record; `evidence` are the fields that what is said is taken from, kept beside those of before."""
        number = self._number(f"record {hit.pk}", _citation(hit))
        kept = self.citations[number - 1].evidence
        kept += [item for item in evidence if item.quote and item not in kept]
        return number

    def sentence(self, hit: Hit, evidence: Evidence) -> int:
        """One sentence of the record, with the page and heading it stands under."""
        made = _citation(hit)
        made.element = element_of(evidence.page, evidence.heading) or hit.element
        made.href = quote_href(hit.id, evidence.quote)
        made.evidence = [evidence]
        return self._number(f"sentence {hit.pk} {evidence.field} {evidence.start} {evidence.end}", made)

    def source(self, hit: Hit, audience: str) -> int:
        """The whole file a hit stands in, for statements about many of its records."""
        return self._number(
            f"source {hit.source_id}",
            Citation(
                number=0,
                record="",
                title=hit.source_title or hit.source,
                publisher=hit.publisher if hit.kind in _ONE_PUBLISHER else "",
                file=hit.source,
                element="",
                reported_on=hit.as_of,
                audience=audience,
                href="/sources",
            ),
        )

    def sources(self, hits: Iterable[Hit]) -> list[int]:
        """The files that most of `hits` come from, most first."""
        by_source: Counter[int] = Counter()
        first: dict[int, Hit] = {}
        for hit in hits:
            by_source[hit.source_id] += 1
            first.setdefault(hit.source_id, hit)
        top = sorted(by_source, key=lambda source: (-by_source[source], source))[:_SOURCES_CITED]
        return [self.source(first[source], first[source].level) for source in top]


def _citation(hit: Hit) -> Citation:
    return Citation(
        number=0,
        record=hit.id,
        title=hit.title,
        publisher=hit.publisher,
        file=hit.source,
        element=hit.element,
        line=hit.line,
        reported_on=hit.reported_on,
        audience=hit.level,
        href=record_href(hit.id),
    )


def summary(hit: Hit) -> RecordSummary:
    if hit.summary is None:
        hit.summary = RecordSummary(
            id=hit.id,
            kind=hit.kind.value,
            title=hit.title,
            publisher=hit.publisher,
            status=hit.status,
            start=hit.start,
            end=hit.end,
            href=record_href(hit.id),
        )
    return hit.summary


def text(*sentences: str, cites: Sequence[int] = ()) -> Paragraph:
    """A paragraph of sentences that rest on the same records: their numbers stand once, at its end."""
    return Paragraph(spans=[Span(text=" ".join(filter(None, sentences)), cites=list(cites))])


def cited_numbers(parts: Iterable[Part]) -> set[int]:
    """All citation numbers used in `parts`."""
    found: set[int] = set()
    for part in parts:
        if isinstance(part, Table):
            spans = [span for row in part.rows for cell in row for span in cell]
        elif part.type == "list":
            spans = [span for item in part.items for span in item]
        elif part.type == "quote":
            found.update(part.cites)
            continue
        elif part.type == "heading" or part.type == "picture":
            continue
        else:
            spans = part.spans
        found.update(number for span in spans for number in span.cites)
    return found


def plain(reply: Reply) -> str:
    """The reply as text, for terminals: tables as aligned lines, citations as [n]."""
    lines: list[str] = []
    for part in reply.parts:
        match part.type:
            case "heading":
                lines.append(part.text)
            case "quote":
                lines.append(f"“{part.text}” {_marks(part.cites)}".rstrip())
            case "list":
                lines += ["- " + _spans(item) for item in part.items]
            case "table":
                lines += _table(part)
            case "picture":
                continue
            case _:
                lines.append(_spans(part.spans))
        lines.append("")
    lines += [
        f"[{c.number}] "
        + ", ".join(str(p) for p in (c.record, c.title, c.publisher, c.file, c.element, c.reported_on) if p)
        for c in reply.citations
    ]
    return "\n".join(lines).strip()


def _marks(numbers: Iterable[int]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _spans(spans: Iterable[Span]) -> str:
    return "".join(f"{span.text}{' ' if span.cites else ''}{_marks(span.cites)}" for span in spans)


def _table(table: Table) -> list[str]:
    rows = [[column.title for column in table.columns], *([_spans(cell) for cell in row] for row in table.rows)]
    widths = [min(44, max(len(row[i]) for row in rows)) for i in range(len(table.columns))]
    return [table.caption] + [
        "  ".join(cell[:width].ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
