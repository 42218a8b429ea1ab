"""Documents: PDF, DOCX, HTML, Markdown and text as one record each, with a text per section and page.

Whose a document is comes from its front matter or its declaration, else from what the file says of itself where that is
an organisation; otherwise it is nobody's. Names of authors are not kept.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from knowledge.records import Item, Locator, OrganisationMention, Problem, Record, RecordKind, Role
from knowledge.sources import guard
from knowledge.sources.dates import iso_date
from knowledge.sources.document_words import looks_like_organisation, type_of
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.html_files import html_facts, read_html
from knowledge.sources.pdf_files import pdf_facts, read_pdf
from knowledge.sources.sections import Content, sections
from knowledge.sources.tables import slug
from knowledge.sources.text_files import blocks_of, read_text
from knowledge.sources.word_files import read_word, word_facts

_MANDATES = ("statute", "mandate", "strategic-plan", "register-entry")
_CARRIED = ("source", "url", "document")
_READERS = {"pdf": read_pdf, "word": read_word, "html": read_html}
_FACTS = {"pdf": pdf_facts, "word": word_facts, "html": html_facts}
_SUFFIXES = {".pdf": "pdf", ".docx": "word", ".html": "html", ".htm": "html", ".xhtml": "html"}
_HEAD = 1024


def kind_of_file(path: Path) -> str:
    """ "pdf", "word", "html" or "text": by content, else by the name."""
    with guard.opened(path) as file:
        head = file.read(_HEAD)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    named = _SUFFIXES.get(path.suffix.casefold(), "text")
    if start.startswith(b"%pdf-"):
        return "pdf"
    if named == "text" and start.startswith(b"<") and b"<html" in start:
        return "html"
    return named


def document_record(
    path: Path, content: Content, fields: Mapping[str, str], given: Given, default: str, first: int = 0
) -> Iterator[Item]:
    """The record of a document, and problems with what is declared of it.

    `fields` are those of its front matter; `default` is the type of a document that neither a declaration nor its
    title tells; `first` is the line its text begins on, 0 where there are no lines.
    """
    yield from content.problems
    own = fields.get("organisation", "") or fields.get("organization", "")
    ref = fields.get("ref", "")
    name = own or ("" if ref else given.organisation or given.publisher or organisation_in(content.author))
    title = fields.get("title", "") or given.title or content.title
    title = title or (f"Mandate of {name or ref}" if fields and (name or ref) else title_of(path))
    written = fields.get("date", "")
    reported_on = iso_date(written) if written else given.as_of or content.written
    if written and reported_on is None:
        yield Problem(path.name, "date", 1, f"{written[:40]!r} is not a date", "Write it as YYYY-MM-DD")
    declared = fields.get("type", "") or given.type
    kind = type_of(declared)
    if declared and not kind:
        mend = "Write statute, mandate, strategic-plan, evaluation, meeting-notes or report"
        yield Problem(path.name, "type", int(bool(first)), f"{declared[:40]!r} is no type of document", mend)
    kind = kind or type_of(title) or default
    spoken = (fields.get("language", "") or given.language or content.language).casefold()[:2]
    titles = {guard.fold(title), guard.fold(content.title)}
    # The title of the record says what the first heading repeats.
    texts = sections([b for b in content.blocks if not b.level or guard.fold(b.text) not in titles], spoken)
    if not texts:
        raise guard.refused(path, "no text in the document", "Add the text of the document", line=first)
    told = fields.get("organisation") or fields.get("organization") or ref
    # A front matter names its document for good; without one the file's name must help to tell two reports apart.
    key = guard.fold(f"{ref} {name} {title}") if told else guard.fold(f"{name} {title} {path.name}")
    family = "mandate" if kind in _MANDATES else "document"
    yield Record(
        id=f"{family}:{slug(ref or name or title)[:60]}:{hashlib.sha256(key.encode()).hexdigest()[:8]}",
        kind=RecordKind.MANDATE if kind in _MANDATES else RecordKind.DOCUMENT,
        title=title,
        locator=Locator(title if first else "page 1" if content.pages else "document", first),
        language=spoken or _most_spoken([(text.language, len(text.text)) for text in texts]),
        texts=texts,
        organisations=(
            (OrganisationMention(Role.REPORTING, name, fields.get("acronym", ""), ref, fields.get("kind", "")),)
            if name or ref
            else ()
        ),
        reported_on=reported_on,
        extra=(
            ("document-type", kind),
            *((key, fields[key]) for key in _CARRIED if fields.get(key)),
            *((("pages", str(content.pages)),) if content.pages else ()),
        ),
    )


def organisation_in(author: str) -> str:
    """The author that a file states, where it is an organisation: names of persons are not kept."""
    return author if looks_like_organisation(author) else ""


def _most_spoken(texts: list[tuple[str, int]]) -> str:
    letters: Counter[str] = Counter()
    for language, size in texts:
        letters[language] += size
    return max(sorted(letters), key=lambda language: letters[language])


def read_document(path: Path, given: Given) -> Iterator[Item]:
    """Yield the one `Record` of a document. Raises `guard.Refused` where it is broken as a whole or holds no text."""
    kind = kind_of_file(path)
    if kind != "text":
        yield from document_record(path, _READERS[kind](path), {}, given, "report")
        return
    written = read_text(path)
    content = Content(tuple(blocks_of(path, written.lines)))
    yield from document_record(path, content, written.fields or {}, given, "report", written.first)


def _facts(path: Path) -> SourceFacts:
    kind = kind_of_file(path)
    if kind == "text":
        fields = read_text(path).fields or {}
        return text_facts(path, fields, Format.DOCUMENT)
    told = _FACTS[kind](path)
    return SourceFacts(Format.DOCUMENT, told.title or title_of(path), organisation_in(told.author), told.written)


def text_facts(path: Path, fields: Mapping[str, str], form: Format) -> SourceFacts:
    """What the front matter of a text file says of it."""
    return SourceFacts(
        form,
        fields.get("title", "") or title_of(path),
        fields.get("publisher", "") or fields.get("organisation", "") or fields.get("organization", ""),
        iso_date(fields.get("date", "")),
        fields.get("licence", "") or fields.get("license", ""),
    )


READER: Reader[Path] = Reader(Format.DOCUMENT, lambda path: kind_of_file(path) != "text", read_document, _facts)
"""Text without front matter is not recognised, for any note would be: a declaration says that it is a document."""
