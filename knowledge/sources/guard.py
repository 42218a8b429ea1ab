"""Every limit on hostile or broken input, in one place.

A limit that is passed raises `Refused`, which carries one fatal `Problem`: nothing of that file is kept. Limits are
generous for real files (the largest IATI files are some 100 MB) and small enough that one bad file cannot take the
machine's memory or time.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from knowledge.records import Problem

MB = 1024 * 1024
MAX_XML_BYTES = 512 * MB
MAX_ELEMENT_BYTES = 48 * MB
"""Bytes between the ends of two activities: bounds the tree held in memory."""
MAX_PROLOG_BYTES = 64 * 1024
MAX_ATTRIBUTES = 200
MAX_TAG_BYTES = MB
"""Bytes of an XML part of an Office file without the end of a tag: a full cell has some 100 KB."""
MAX_TABLE_BYTES = 128 * MB
MAX_TEXT_BYTES = 8 * MB
MAX_JSON_BYTES = 64 * MB
"""A parsed JSON file takes some eight times its size in memory."""
MAX_CELL_CHARACTERS = 65_536
MAX_COLUMNS = 500
MAX_ROWS = 1_048_576
MAX_SHEET_COLUMNS = 16_384
"""As many as spreadsheet programs know; a table that is read may have `MAX_COLUMNS` of them."""
MAX_CELLS = 20_000_000
MAX_MERGES = 100_000
"""Merged ranges of one sheet."""
MAX_ZIP_ENTRIES = 2_000
MAX_UNZIPPED_BYTES = 512 * MB
MAX_ZIP_RATIO = 150
MAX_NARRATIVE_CHARACTERS = 200_000
MAX_DOCUMENT_BYTES = 128 * MB
MAX_PAGES = 5_000
MAX_DOCUMENT_CHARACTERS = 16_000_000
"""Some 5,000 full pages."""
MAX_BLOCKS = 400_000
"""Paragraphs, headings and rows of tables of one document."""
MAX_HEADINGS = 50_000
MAX_PAGE_BYTES = 8 * MB
"""Drawing instructions of one page, unpacked: a page of text has some 20 KB, a map several MB."""
MAX_DRAWING_RATIO = 20
"""Drawing instructions of all pages against the size of the file: text unpacks to some ten times its size."""
DRAWING_ALWAYS_ALLOWED = MB // 2
MAX_HTML_BYTES = 16 * MB
MAX_HTML_DEPTH = 250
MAX_REGISTER_DEPTH = 60
MAX_MAPPING_BYTES = 128 * 1024
MAX_NUMBER = 1e15
"""An amount or a count beyond this is a slip of the pen: more money than there is, more people than live."""

# What is fetched from elsewhere
MAX_MANIFEST_BYTES = MB
MAX_MANIFEST_ENTRIES = 10_000
MAX_FETCH_BYTES = MAX_XML_BYTES
MAX_FETCH_SECONDS = 3_600.0
"""All attempts at one address together: bounds a server that sends a byte a second."""
FETCH_SILENCE_SECONDS = 30.0
MAX_REDIRECTS = 5
FETCH_ATTEMPTS = 4
FETCH_PAUSE_SECONDS = 2.0
"""Before the second attempt; doubled before each further one."""
MAX_RETRY_AFTER_SECONDS = 60.0
"""A longer Retry-After ends the run's attempts: the next run comes when it says, within a day."""
MIN_REFRESH_SECONDS = 300
MAX_REFRESH_SECONDS = 366 * 86_400


class Refused(Exception):
    """A file that is not read at all. `problems` holds at least one fatal `Problem`; `str()` is its line."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class UnknownType(Refused):
    """A file of no known type: nothing is wrong with it, but it is not for us."""


def refused(path: Path, reason: str, mend: str, *, element: str = "", line: int = 0) -> Refused:
    """The exception that one fatal problem makes: for `raise refused(...)`."""
    return Refused(Problem(path.name, element, line, one_line(reason)[:300], one_line(mend), fatal=True))


# --- text -----------------------------------------------------------------------------------------------------------

# C0, C1 and surrogates carry nothing; bidirectional overrides and embeddings can make a name read as another one.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BLANK_LINES = re.compile(r"\n{3,}")
_NOT_ALPHANUMERIC = {code: " " for code in range(128) if not chr(code).isalnum()}
_NEITHER_LETTER_NOR_DIGIT = re.compile(r"[\W_]+")


def one_line(text: str) -> str:
    """Text on one line: control characters gone, white space collapsed."""
    if text.isprintable() and "  " not in text:  # a plain space is the only white space that is printable
        return text.strip()
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_INVISIBLE.sub("", line).split())


def paragraphs(text: str) -> str:
    """Text that keeps its paragraphs: control characters gone, spaces collapsed within lines, cut at the limit."""
    if text.isprintable():
        return one_line(text[:MAX_NARRATIVE_CHARACTERS])
    lines = "\n".join([one_line(line) for line in text[:MAX_NARRATIVE_CHARACTERS].splitlines()])
    return (_BLANK_LINES.sub("\n\n", lines) if "\n\n\n" in lines else lines).strip()


def fold(text: str) -> str:
    """Lower case without accents or punctuation, words separated by one space; for comparing headers and names."""
    if text.isascii():
        return " ".join(text.lower().translate(_NOT_ALPHANUMERIC).split())
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    plain = "".join([c for c in decomposed if c < "\u0300" or not unicodedata.combining(c)])
    return " ".join(_NEITHER_LETTER_NOR_DIGIT.sub(" ", plain).split())


# --- files ----------------------------------------------------------------------------------------------------------


def check_file(path: Path, limit: int) -> int:
    """Size of a regular, non-empty file under `limit` bytes."""
    try:
        if not path.is_file():
            raise refused(path, "not a regular file", "Give the path of a file that exists")
        size = path.stat().st_size
    except OSError as error:
        raise refused(path, f"cannot be opened ({error.strerror})", "Check the path and its permissions") from error
    if size == 0:
        raise refused(path, "the file is empty", "Download or export it again")
    if size > limit:
        raise refused(
            path,
            f"{size / MB:.0f} MB is more than the limit of {limit / MB:.0f} MB",
            "Split the file into smaller ones",
        )
    return size


def read_bytes(path: Path, limit: int) -> bytes:
    check_file(path, limit)
    with opened(path) as file:
        return file.read(limit + 1)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise refused(path, f"cannot be opened ({error.strerror})", "Check the path and its permissions") from error
    with file:
        yield file


def inside(folder: Path, path: Path) -> bool:
    """Whether `path`, with symbolic links followed, is still under `folder`."""
    return path.resolve().is_relative_to(folder.resolve())


class BoundedReader:
    """A binary file that refuses to give more than `limit` bytes between two calls of `mark`."""

    def __init__(self, file: BinaryIO, path: Path, limit: int = MAX_ELEMENT_BYTES) -> None:
        self._file = file
        self._path = path
        self._limit = limit
        self._since = 0

    def mark(self) -> None:
        self._since = 0

    def peek(self, size: int) -> bytes:
        data = self._file.read(size)
        self._file.seek(-len(data), 1)
        return data

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._since += len(data)
        if self._since > self._limit:
            raise refused(
                self._path,
                f"one element is larger than {self._limit / MB:.0f} MB",
                "Check that every iati-activity is closed, and split very large ones",
            )
        return data


# --- XML ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prolog:
    """What stands before the first child of an XML root. `encoding` is set where the declared one is wrong."""

    root: str
    attributes: dict[str, str]
    encoding: str | None = None
    declared: str = ""
    root_at: int = 0
    """The byte at which the root element begins."""


class _AtRoot(Exception):
    pass


def xml_prolog(path: Path) -> Prolog:
    """Read up to the root element. A DOCTYPE is refused: entities are how an XML file reaches for files or memory."""
    root: list[tuple[str, dict[str, str]]] = []
    begins: list[int] = []
    declared: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        root.append((name, attributes))
        begins.append(parser.CurrentByteIndex)
        raise _AtRoot

    def doctype(*_: object) -> None:
        raise refused(
            path,
            "the XML holds a DOCTYPE, which may declare entities",
            "Remove the <!DOCTYPE ...> declaration; IATI files need none",
            line=parser.CurrentLineNumber,
        )

    def declaration(_version: str, encoding: str | None, _standalone: int) -> None:
        declared.append(encoding or "")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.XmlDeclHandler = declaration
    head = b""
    with opened(path) as file:
        try:
            while chunk := file.read(4096):
                head += chunk
                parser.Parse(chunk, False)
                if len(head) > MAX_PROLOG_BYTES:
                    raise refused(path, "no root element in the first 64 KB", "Check that this is an XML file")
            parser.Parse(b"", True)
        except _AtRoot:
            pass
        except (expat.ExpatError, ValueError, LookupError) as error:
            line = getattr(error, "lineno", 0)
            raise refused(
                path, f"broken XML: {_expat_words(error)}", "Export the file again, or mend that line", line=line
            ) from error
    name, attributes = root[0]
    if len(attributes) > MAX_ATTRIBUTES:
        raise refused(path, f"the root element has {len(attributes)} attributes", "Check that this is an IATI file")
    encoding = declared[0] if declared else ""
    override = None
    if encoding.casefold().startswith(("iso-8859", "windows-125", "latin")) and _is_multibyte_utf8(path):
        override = "utf-8"
    return Prolog(name, attributes, override, encoding, begins[0])


def _expat_words(error: Exception) -> str:
    if isinstance(error, expat.ExpatError):
        return f"{expat.ErrorString(error.code)} at column {error.offset + 1}"
    return f"{error}"


def _is_multibyte_utf8(path: Path) -> bool:
    """Whether a file that declares a one-byte encoding is really UTF-8 with characters beyond ASCII."""
    seen = False
    with opened(path) as file:
        for line in file:
            if not line.isascii():
                seen = True
                try:
                    line.decode("utf-8")
                except UnicodeDecodeError:
                    return False
    return seen


def bad_byte(path: Path, encoding: str) -> tuple[int, int] | None:
    """(line, byte) of the first byte that is not of the declared encoding; None where all are, or none can tell."""
    if encoding.casefold() not in ("", "utf-8", "utf8", "us-ascii", "ascii"):
        return None
    codec = "ascii" if "ascii" in encoding.casefold() else "utf-8"
    with opened(path) as file:
        for number, line in enumerate(file, 1):
            try:
                line.decode(codec)
            except UnicodeDecodeError as error:
                return number, line[error.start]
    return None
