"""DOCX documents: paragraphs and tables under headings by style, on the pages that Word last showed."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from knowledge.sources import guard, packages
from knowledge.sources.sections import Block, Content

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MARKUP = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_LEFT_OUT = {f"{_W}{name}" for name in ("txbxContent", "del", "moveFrom", "instrText", "footnote", "rPr", "pict")}
_LEFT_OUT |= {f"{_W}drawing", f"{_MARKUP}Fallback"}
_HOLDERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "customXml", "smartTag")}
_HEADING_STYLE = re.compile(r"heading ([1-9])", re.IGNORECASE)
_TABLE_OF_CONTENTS = re.compile(r"toc( \d| heading)?", re.IGNORECASE)


def read_word(path: Path) -> Content:
    """The document in `path`. Raises `guard.Refused` where it is none that can be read."""
    document = _opened(path)
    styles = _styles(document)
    blocks: list[Block] = []
    size = 0
    paged = next(document.element.body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
    for block in _Body(styles, paged).blocks(document.element.body):
        blocks.append(block)
        size += len(block.text)
        if size > guard.MAX_DOCUMENT_CHARACTERS or len(blocks) > guard.MAX_BLOCKS:
            raise guard.refused(path, "more text than a document holds", "Split it into smaller documents")
    if not any(block.text.strip() for block in blocks):
        reason = "the document holds no text, perhaps pictures of pages"
        raise guard.refused(path, reason, "Give the document as text, or run text recognition (OCR) on it")
    told = _facts(document)
    return Content(tuple(blocks), told.title, told.author, told.language, told.written, blocks[-1].page)


def word_facts(path: Path) -> Content:
    """What the document says of itself, without its text."""
    return _facts(_opened(path))


def _opened(path: Path) -> Any:
    from docx import Document
    from docx.opc.exceptions import OpcError
    from lxml import etree

    guard.check_file(path, guard.MAX_DOCUMENT_BYTES)
    with guard.opened(path) as file:
        if file.read(4) == b"\xd0\xcf\x11\xe0":
            raise guard.refused(
                path, "an old .doc or a password-protected document", "Save it as .docx without a password"
            )
    packages.check_package(path, "document", "a word processor", ".docx")
    try:
        with guard.opened(path) as file:
            document = Document(file)
        if document.element.body is None:
            raise guard.refused(path, "the document has no body", "Save it again as .docx")
        return document
    except (
        OpcError,
        etree.LxmlError,
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        AssertionError,
        NotImplementedError,
    ) as error:
        reason = f"not a readable document ({guard.one_line(str(error))})"
        raise guard.refused(path, reason, "Save it again as .docx from a word processor") from error


def _facts(document: Any) -> Content:
    def told(name: str) -> Any:
        try:
            return getattr(document.core_properties, name)
        except (ValueError, KeyError, AttributeError, TypeError):
            return None

    written = told("modified") or told("created")
    return Content(
        title=guard.one_line(str(told("title") or "")),
        author=guard.one_line(str(told("author") or "")),
        language=guard.one_line(str(told("language") or "")),
        written=written.date() if isinstance(written, datetime) else written if isinstance(written, date) else None,
    )


def _styles(document: Any) -> dict[str, tuple[str, int]]:
    """Style id -> its name and heading level, also of styles that are based on a heading: 1 is the document's title."""
    told: dict[str, tuple[str, str, str]] = {}
    for style in document.styles.element.iter(f"{_W}style"):
        name, based, outline = (style.find(f"{_W}{tag}") for tag in ("name", "basedOn", "pPr/" + _W + "outlineLvl"))
        told[style.get(f"{_W}styleId", "")] = (
            name.get(f"{_W}val", "") if name is not None else "",
            based.get(f"{_W}val", "") if based is not None else "",
            outline.get(f"{_W}val", "") if outline is not None else "",
        )
    found: dict[str, tuple[str, int]] = {}
    for key, (name, _, _) in told.items():
        level, at = 0, key
        for _ in range(10):
            if at not in told or level:
                break
            other, base, outline = told[at]
            if heading := _HEADING_STYLE.fullmatch(other):
                level = int(heading[1]) + 1
            elif other.casefold() == "title":
                level = 1
            elif outline.isdigit() and int(outline) < 9:
                level = int(outline) + 2
            at = base
        found[key] = (name, level)
    return found


class _Body:
    """Walks the body in order; counts pages where Word wrote down where they ended."""

    def __init__(self, styles: dict[str, tuple[str, int]], paged: bool) -> None:
        self._styles = styles
        self._page = 1 if paged else 0

    def blocks(self, parent: Any) -> Iterator[Block]:
        waiting = [iter(parent)]
        while waiting:
            element = next(waiting[-1], None)
            if element is None:
                waiting.pop()
            elif element.tag == f"{_W}p":
                yield from self._paragraph(element)
            elif element.tag == f"{_W}tbl":
                yield from self._table(element)
            elif element.tag in _HOLDERS:
                waiting.append(iter(element))

    def _paragraph(self, element: Any) -> Iterator[Block]:
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name, level = self._styles.get(style.get(f"{_W}val", "") if style is not None else "", ("", 0))
        outline = element.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None and (written := outline.get(f"{_W}val", "")).isdigit():
            level = int(written) + 2 if int(written) < 9 else 0
        text, before = self._words(element)
        if text.strip() and not _TABLE_OF_CONTENTS.fullmatch(name):
            yield Block(text.strip(), level, before)

    def _table(self, element: Any) -> Iterator[Block]:
        rows = []
        page = self._page
        for row in element.iter(f"{_W}tr"):
            cells = [
                " ".join(self._words(paragraph)[0] for paragraph in cell.iter(f"{_W}p"))
                for cell in row.iterchildren(f"{_W}tc")
            ]
            if line := " | ".join(filter(None, map(guard.one_line, cells))):
                rows.append(line)
        if rows:
            yield Block("\n".join(rows), 0, page)

    def _words(self, paragraph: Any) -> tuple[str, int]:
        """The words of a paragraph and the page on which they begin."""
        words: list[str] = []
        begins = self._page
        waiting = [iter(paragraph)]
        while waiting:
            element = next(waiting[-1], None)
            if element is None:
                waiting.pop()
            elif element.tag in _LEFT_OUT:
                continue
            elif element.tag == f"{_W}lastRenderedPageBreak":
                self._page += 1
                if not "".join(words).strip():
                    begins = self._page
            elif element.tag == f"{_W}t":
                words.append(element.text or "")
            elif element.tag in (f"{_W}tab", f"{_W}noBreakHyphen"):
                words.append(" " if element.tag == f"{_W}tab" else "-")
            elif element.tag in (f"{_W}br", f"{_W}cr"):
                words.append("\n")
            else:
                waiting.append(iter(element))
        return "".join(words), begins
