"""Long texts to passages that the embedding model reads whole. LangChain's splitter does the cutting."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from langchain_text_splitters import RecursiveCharacterTextSplitter

from knowledge.records import Record, RecordKind

_CHARACTERS = 900
"""About 220 word pieces of European prose; the model reads 256."""
_OVERLAP = 90
_SURELY_READ = 250
"""Characters that the model reads whole in any script: a word piece holds one or more."""
_MANY = 40
"""Passages kept of one record: an annual report pasted into a description should not outweigh a country's records."""
_MANY_OF_A_DOCUMENT = 20_000
"""A document is read whole, to the most characters that its reader gives: some 5,000 pages."""

_FIGURES_ONLY = (RecordKind.EVENT, RecordKind.NEED, RecordKind.INDEX)
"""Kinds that are found by place, theme and time: their titles repeat each other and tell nothing to a model."""
_SECTIONED = (RecordKind.MANDATE, RecordKind.DOCUMENT)


@dataclass(frozen=True, slots=True)
class Passage:
    purpose: str
    heading: str
    page: int
    text: str
    text_hash: str


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class PassageSplitter:
    """Splits records into passages. `fits` tells whether a text is short enough for the model."""

    def __init__(self, fits: Callable[[str], bool] | None = None) -> None:
        self._fits = fits
        self._splitter = RecursiveCharacterTextSplitter(
            chunk_size=_CHARACTERS,
            chunk_overlap=_OVERLAP,
            separators=["\n\n", "\n", ". ", "; ", "؛ ", "، ", ", ", " ", ""],
            keep_separator="end",
        )

    def passages(self, record: Record) -> list[Passage]:
        return list(islice(self._of(record), _MANY_OF_A_DOCUMENT if record.kind in _SECTIONED else _MANY))

    def _of(self, record: Record) -> Iterator[Passage]:
        if record.kind in _FIGURES_ONLY:
            return
        if record.kind is RecordKind.PRESENCE:
            # Rows that report the same work share one vector: what differs is who and where, and that is not text.
            work = record.texts[0].text if record.texts else ""
            theme = ", ".join(dict.fromkeys(theme.name for theme in record.themes if theme.name))
            if text := ": ".join(part for part in (theme, work) if part):
                yield Passage("presence", "", 0, text, text_hash(text))
            return
        titled = False
        for source in record.texts:
            body = source.text.strip()
            if not body:
                continue
            lead = (
                record.title if not titled and (record.kind not in _SECTIONED or not source.heading) else source.heading
            )
            titled = True
            whole = f"{lead}. {body}" if lead and not body.startswith(lead) else body
            for piece in self._pieces(whole):
                yield Passage(source.purpose, source.heading, source.page, piece, text_hash(piece))
        if not titled and record.title:
            yield Passage("title", "", 0, record.title, text_hash(record.title))

    def _pieces(self, text: str) -> Iterator[str]:
        # What is short enough comes back from the splitter as it is, after a search through all its separators.
        for piece in self._splitter.split_text(text) if len(text) > _CHARACTERS else filter(None, [text.strip()]):
            if self._fits is None or len(piece) <= _SURELY_READ or self._fits(piece):
                yield piece
            else:
                # Scripts with many word pieces per letter (Arabic, Amharic): halve until the model reads it whole.
                middle = piece.rfind(" ", 0, len(piece) // 2 + 20)
                middle = middle if middle > 0 else len(piece) // 2
                yield from self._pieces(piece[:middle].strip())
                yield from self._pieces(piece[middle:].strip())
