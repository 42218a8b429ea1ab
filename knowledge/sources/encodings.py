"""Text files to text: by byte order mark, else UTF-8, UTF-16 or Windows-1252, and refused where none fits."""

from __future__ import annotations

import re
from pathlib import Path

from knowledge.sources import guard

_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_FOREIGN_RUN = re.compile("[\x80-\u2fff]{4,}")


def decode(path: Path, data: bytes) -> tuple[str, str]:
    """(text, encoding) of a text file: by byte order mark, else UTF-8, UTF-16 or Windows-1252."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _decode_as(path, data[len(mark) :], encoding), encoding
    head = data[:4096]
    if head.count(0) > len(head) // 4:
        return _decode_as(
            path, data, "utf-16-le" if head[1::2].count(0) > head[0::2].count(0) else "utf-16-be"
        ), "utf-16"
    try:
        return _without_nul(path, data.decode("utf-8")), "utf-8"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        text = _windows_1252(data)
        if text is None:
            raise guard.refused(
                path,
                f"byte 0x{data[error.start]:02X} is not UTF-8, and the file is not Windows-1252 either",
                "Save the file as UTF-8",
                line=line,
            ) from error
        return _without_nul(path, text), "windows-1252"


def _decode_as(path: Path, data: bytes, encoding: str) -> str:
    try:
        return _without_nul(path, data.decode(encoding))
    except UnicodeDecodeError as error:
        raise guard.refused(
            path, f"begins as {encoding} but is not at byte {error.start}", "Save the file as UTF-8"
        ) from error


def _without_nul(path: Path, text: str) -> str:
    if (at := text.find("\x00")) >= 0:
        raise guard.refused(
            path,
            "holds NUL bytes, so it is not text",
            "Export the file again as UTF-8",
            line=text.count("\n", 0, at) + 1,
        )
    return text


def _windows_1252(data: bytes) -> str | None:
    """The text, unless it looks like another encoding: mostly UTF-8 with a slip, or a script that is not Latin."""
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError:
        return None
    repaired = data.decode("utf-8", "replace")
    slips = repaired.count("\ufffd")
    beyond = sum(not c.isascii() for c in repaired) - slips
    return None if beyond > slips or _FOREIGN_RUN.search(text) else text
