"""Mandate documents: Markdown or plain text with a front matter that says whose mandate it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from knowledge.records import Item
from knowledge.sources import guard
from knowledge.sources.documents import document_record, text_facts
from knowledge.sources.formats import Format, Given, Reader, SourceFacts
from knowledge.sources.sections import Content
from knowledge.sources.text_files import blocks_of, read_text

_TEXTS = (".md", ".markdown", ".txt", "")


def read_mandate(path: Path, given: Given) -> Iterator[Item]:
    """Yield the one `Record` of a document. Raises `guard.Refused` where it says of nobody."""
    written = read_text(path)
    fields = written.fields
    if fields is None:
        raise guard.refused(
            path, "no front matter", "Begin with --- and the fields organisation, title, language, date", line=1
        )
    named = fields.get("organisation") or fields.get("organization") or fields.get("ref") or given.organisation
    if not named:
        raise guard.refused(path, "the front matter names no organisation", "Add `organisation: NAME`", line=1)
    content = Content(tuple(blocks_of(path, written.lines)))
    yield from document_record(path, content, fields, given, "mandate", written.first)


def _recognises(path: Path) -> bool:
    return path.suffix.casefold() in _TEXTS and read_text(path).fields is not None


def _facts(path: Path) -> SourceFacts:
    return text_facts(path, read_text(path).fields or {}, Format.MANDATE)


READER = Reader(Format.MANDATE, _recognises, read_mandate, _facts)
