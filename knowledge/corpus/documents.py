"""Plans, evaluations and notes of meetings: one hand-written text each, as PDF, DOCX, HTML or Markdown."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from textwrap import wrap
from typing import Any

import yaml

from knowledge.corpus.inputs import INPUTS, organisations
from knowledge.corpus.model import NOTICE, Organisation
from knowledge.corpus.pdf_writer import PAGE_HEIGHT, Line, pdf
from knowledge.corpus.sources import File

_LEFT, _TOP, _FOOT = 56.0, 770.0, 70.0
_SIZES = {0: 10.0, 1: 16.0, 2: 13.0}
_LINE_CHARACTERS = 92

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STYLES = ("Normal", "Heading1", "Heading2", "DefaultParagraphFont", "TableNormal", "NoList")
_NOT_NEEDED = re.compile(r"thumbnail|customXml|stylesWithEffects|numbering|fontTable|webSettings")
_LISTED = re.compile(
    rb"<(?:Relationship|Override) [^>]*(?:thumbnail|customXml|stylesWithEffects|numbering|fontTable|webSettings)[^>]*/>"
)
"""Parts that python-docx's template brings along and no text of ours uses."""

Block = tuple[int, str | list[list[str]]]
"""A heading level, or 0 for a paragraph or a table; its words, or the rows of the table."""


def documents() -> list[tuple[File, bytes]]:
    """Each document as a file of the corpus and its bytes, in order of the inputs' names."""
    found: list[tuple[File, bytes]] = []
    for path in sorted((INPUTS / "documents").glob("*.md")):
        _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
        fields = yaml.safe_load(head)
        organisation = organisations()[fields["organisation"]]
        form = fields["form"]
        write = {"pdf": _pdf, "docx": _docx, "html": _html, "md": _markdown}[form]
        file = File(
            f"documents/{path.stem}.{form}",
            "document",
            f"{fields['title']} (invented)",
            organisation.name,
            fields["date"].isoformat(),
            fields.get("audience", "public"),
        )
        found.append((file, write(fields, organisation, body.strip())))
    return found


def _blocks(body: str) -> Iterator[Block]:
    for paragraph in re.split(r"\n{2,}", body):
        if heading := re.fullmatch(r"(#+) (.+)", paragraph):
            yield len(heading[1]), heading[2]
        elif paragraph.startswith("|"):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in paragraph.splitlines()]
            yield 0, [row for row in rows if not set("".join(row)) <= {"-"}]
        else:
            yield 0, " ".join(paragraph.split())


def _markdown(fields: dict[str, Any], organisation: Organisation, body: str) -> bytes:
    front = {
        "organisation": organisation.name,
        "acronym": organisation.acronym,
        "ref": organisation.ref,
        "title": fields["title"],
        "language": fields["language"],
        "date": fields["date"],
        "type": fields["type"],
        "source": NOTICE,
    }
    dumped = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=120)
    return f"---\n{dumped}---\n{body}\n".encode()


def _html(fields: dict[str, Any], organisation: Organisation, body: str) -> bytes:
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{fields["language"]}">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{html.escape(fields['title'])}</title>",
        f'<meta property="og:site_name" content="{html.escape(organisation.name)}">',
        f'<meta name="dc.date" content="{fields["date"].isoformat()}">',
        f'<meta name="description" content="{html.escape(NOTICE)}">',
        "</head>",
        "<body>",
        '<nav><a href="https://puente-claro.example/">Inicio</a></nav>',
        "<main>",
    ]
    for level, words in _blocks(body):
        if isinstance(words, list):
            rows = ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in words]
            lines += ["<table>", *rows, "</table>"]
        else:
            tag = f"h{level}" if level else "p"
            lines.append(f"<{tag}>{html.escape(words)}</{tag}>")
    lines += ["</main>", f"<footer>{html.escape(NOTICE)}</footer>", "</body>", "</html>"]
    return ("\n".join(lines) + "\n").encode()


def _docx(fields: dict[str, Any], organisation: Organisation, body: str) -> bytes:
    from docx import Document

    document = Document()
    told = document.core_properties
    told.title, told.author, told.language = fields["title"], organisation.name, fields["language"]
    told.comments = NOTICE
    told.created = told.modified = datetime.combine(fields["date"], datetime.min.time())
    for level, words in _blocks(body):
        if isinstance(words, list):
            table = document.add_table(len(words), len(words[0]))
            for row, cells in zip(table.rows, words, strict=True):
                for cell, word in zip(row.cells, cells, strict=True):
                    cell.text = word
        elif level:
            document.add_heading(words, level)
        else:
            document.add_paragraph(words)
    for style in list(document.styles.element):
        name = style.get(f"{_W}styleId") or ""
        if style.tag == f"{_W}latentStyles" or (name and name not in _STYLES):
            document.styles.element.remove(style)
    raw, out = io.BytesIO(), io.BytesIO()
    document.save(raw)
    # Packed anew, without the clock and without compression, which differs between machines.
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as new:
        for name in sorted(old.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            if _NOT_NEEDED.search(name):
                continue
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o600 << 16
            entry.create_system = 3
            new.writestr(
                entry, _LISTED.sub(b"", old.read(name)) if name.endswith(("rels", "Types].xml")) else old.read(name)
            )
    return out.getvalue()


def _pdf(fields: dict[str, Any], organisation: Organisation, body: str) -> bytes:
    pages: list[list[Line]] = [[]]
    height = _TOP
    for words, size, bold, above in _set(fields["title"], body):
        # A heading stays with the first lines under it.
        if height - above < _FOOT + (40 if bold else 0):
            pages.append([])
            height = _TOP
        height -= above
        pages[-1].append(Line(words, _LEFT, height, size, bold))
    for number, page in enumerate(pages, 1):
        page.insert(0, Line(f"{organisation.name} | {NOTICE}", _LEFT, PAGE_HEIGHT - 36, 8))
        page.append(Line(f"Page {number} of {len(pages)}", 270, 36, 8))
    day: date = fields["date"]
    return pdf(
        pages,
        title=fields["title"],
        author=organisation.name,
        language=fields["language"],
        written=day,
        compressed=False,
    )


def _set(title: str, body: str) -> Iterator[tuple[str, float, bool, float]]:
    """(words, size, bold, points from the line above) of each line."""
    for place, words in enumerate(wrap(title, 48)):
        yield words, 20.0, True, 24.0 if place else 10.0
    for level, block in _blocks(body):
        size = _SIZES[level]
        text = block if isinstance(block, str) else "; ".join(" ".join(row) for row in block)
        for place, words in enumerate(wrap(text, int(_LINE_CHARACTERS * 10 / size))):
            yield words, size, bool(level), size * 1.2 if place else size * (2.4 if level else 1.9)
