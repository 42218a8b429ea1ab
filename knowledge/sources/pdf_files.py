"""PDF documents: the text of each page as headings and paragraphs, without what repeats on every page."""

from __future__ import annotations

import logging
import re
import struct
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from knowledge.records import Problem
from knowledge.sources import guard, packages
from knowledge.sources.pdf_layout import Line, blocks_of
from knowledge.sources.sections import Content

Given = TypeVar("Given")

_BROKEN = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, NotImplementedError, OSError,
    RecursionError, TypeError, ValueError, struct.error, zlib.error,
)  # fmt: skip
"""What pypdf raises besides its own errors where a file is not as it should be."""
_TYPED_TITLE = re.compile(r"microsoft word - |untitled|document\d*$|.*\.(docx?|pdf|indd|rtf|odt|pptx?)$", re.IGNORECASE)
_LEAST_LETTERS = 40
"""Letters in a whole document below which its pages are taken for pictures."""


def read_pdf(path: Path) -> Content:
    """The document in `path`. A page that cannot be read costs only itself and is named.

    Raises `guard.Refused` where the file is no PDF, needs a password, or holds no text.
    """
    return _with_reader(path, _content)


def pdf_facts(path: Path) -> Content:
    """What the document says of itself, without its text."""
    return _with_reader(path, lambda path, reader: _facts(reader))


def _with_reader(path: Path, use: Callable[[Path, Any], Given]) -> Given:
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import DependencyError, PyPdfError

    size = guard.check_file(path, guard.MAX_DOCUMENT_BYTES)
    packages.check_pdf(path)
    limits: dict[str, Any] = {
        "zlib_maximum_output_length": guard.MAX_PAGE_BYTES,
        "lzw_maximum_output_length": guard.MAX_PAGE_BYTES,
        "run_length_maximum_output_length": guard.MAX_PAGE_BYTES,
        "brotli_maximum_output_length": guard.MAX_PAGE_BYTES,
        "array_based_stream_maximum_output_length": guard.MAX_PAGE_BYTES,
        "zlib_maximum_recovery_input_length": min(size, guard.MB),
        "page_tree_maximum_entries": 2 * guard.MAX_PAGES,
        "jbig2dec_binary": None,
    }
    try:
        with _quiet(), apply_configuration(**limits), guard.opened(path) as file:
            reader = PdfReader(file, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                raise guard.refused(path, "the document needs a password", "Save it without a password")
            return use(path, reader)
    except DependencyError as error:
        raise guard.refused(path, "the document is encrypted", "Save it without a password or protection") from error
    except (PyPdfError, *_BROKEN) as error:
        reason = f"not a readable PDF ({guard.one_line(str(error)) or type(error).__name__})"
        raise guard.refused(path, reason, "Open it in a PDF reader and save or print it as PDF again") from error


@contextmanager
def _quiet() -> Iterator[None]:
    """pypdf logs each slip of a file; what matters to people becomes a problem of the file instead."""
    logger = logging.getLogger("pypdf")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _facts(reader: Any) -> Content:
    told = reader.metadata or {}

    def words(name: str) -> str:
        value = told.get(name)
        return guard.one_line(value) if isinstance(value, str) else ""

    try:
        written = reader.metadata.creation_date if reader.metadata else None
    except (ValueError, TypeError, OverflowError):
        written = None
    title = words("/Title")
    language = reader.trailer["/Root"].get("/Lang", "")
    return Content(
        title="" if _TYPED_TITLE.match(title) else title,
        author=words("/Author"),
        language=str(language) if isinstance(language, str) else "",
        written=_day(written),
    )


def _day(written: datetime | None) -> date | None:
    return written.date() if written and 1985 <= written.year <= 2100 else None


def _content(path: Path, reader: Any) -> Content:
    from pypdf.errors import PyPdfError

    count = len(reader.pages)
    if not count:
        raise guard.refused(path, "the document has no pages", "Save or print it as PDF again")
    if count > guard.MAX_PAGES:
        raise guard.refused(path, f"{count} pages are more than {guard.MAX_PAGES}", "Split the document")
    allowance = _Allowance(path, guard.DRAWING_ALWAYS_ALLOWED + guard.MAX_DRAWING_RATIO * path.stat().st_size)
    pages: list[list[Line]] = []
    problems: list[Problem] = []
    characters = 0
    for number in range(1, count + 1):
        lines: list[Line] = []
        try:
            lines = _lines(reader.pages[number - 1], allowance)
        except (PyPdfError, *_BROKEN) as error:
            reason = f"the page cannot be read ({guard.one_line(str(error))[:120] or type(error).__name__})"
            mend = "Print the document to PDF again, or give it as DOCX"
            problems.append(Problem(path.name, f"page {number}", 0, reason, mend))
        pages.append(lines)
        characters += sum(len(line.text) for line in lines)
        if characters > guard.MAX_DOCUMENT_CHARACTERS:
            raise guard.refused(path, "more text than a document holds", "Split it into smaller documents")
    if sum(char.isalpha() for page in pages for line in page for char in line.text) < _LEAST_LETTERS:
        if problems:
            raise guard.refused(path, f"no page can be read: {problems[0].reason}", problems[0].mend)
        reason = f"no text on its {count} page{'s' * (count != 1)}: they are pictures, as a scanner makes them"
        raise guard.refused(path, reason, "Run text recognition (OCR) on it, and give the result")
    told = _facts(reader)
    return Content(
        tuple(blocks_of(pages)), told.title, told.author, told.language, told.written, count, tuple(problems)
    )


@dataclass(slots=True)
class _Allowance:
    """Drawing instructions that the pages may still hold: the same long ones may be shared by all of them."""

    path: Path
    left: int

    def take(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            mend = "Print the document to PDF again, or split it"
            raise guard.refused(self.path, "its pages unpack to far more than a document holds", mend)


@dataclass(slots=True)
class _Page:
    """Collects the pieces of text that pypdf shows it, line by line."""

    allowance: _Allowance
    lines: list[Line] = field(default_factory=list)
    pieces: list[tuple[str, float, bool, float]] = field(default_factory=list)

    def text(self, text: str, above: Any, matrix: Any, font: Any, size: Any) -> None:
        bold = "bold" in str((font or {}).get("/BaseFont", "")).casefold()
        drawn = abs(float(size or 0)) * _scale(matrix) * _scale(above)
        height = float(matrix[4]) * float(above[1]) + float(matrix[5]) * float(above[3]) + float(above[5])
        first, *rest = text.split("\n")
        self.pieces.append((first, drawn, bold, height))
        for words in rest:
            self.end_line()
            self.pieces.append((words, drawn, bold, height))

    def operator(self, *_: Any) -> None:
        self.allowance.take(1)

    def end_line(self) -> None:
        text = guard.one_line("".join(words for words, *_ in self.pieces))
        spoken = [piece for piece in self.pieces if piece[0].strip()]
        self.pieces.clear()
        if not text or not spoken:
            return
        letters = sum(len(words) for words, *_ in spoken)
        longest = max(spoken, key=lambda piece: len(piece[0]))
        bold = sum(len(words) for words, _, is_bold, _ in spoken if is_bold) * 2 > letters
        self.lines.append(Line(text, round(longest[1] * 2) / 2, bold, spoken[0][3]))


def _scale(matrix: Any) -> float:
    return max(abs(float(matrix[3])), abs(float(matrix[1]))) or 1.0


def _lines(page: Any, allowance: _Allowance) -> list[Line]:
    contents = page.get_contents()
    if contents is None:
        return []
    allowance.take(len(contents.get_data()))
    collected = _Page(allowance)
    page.extract_text(visitor_text=collected.text, visitor_operand_before=collected.operator)
    collected.end_line()
    return collected.lines
