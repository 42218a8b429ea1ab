"""A small PDF writer: pages of lines in Helvetica, the same bytes every time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

PAGE_WIDTH, PAGE_HEIGHT = 595, 842
"""A4, in points."""
_FONTS = ("Helvetica", "Helvetica-Bold")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page: `x` and `y` are its lower left corner in points from that of the page, `size` in points."""

    text: str
    x: float
    y: float
    size: float = 10.0
    bold: bool = False


def pdf(
    pages: Sequence[Sequence[Line]],
    *,
    title: str = "",
    author: str = "",
    language: str = "",
    written: date | None = None,
    compressed: bool = True,
) -> bytes:
    """The bytes of a document of `pages`. Texts are of the characters of Windows-1252."""
    fonts = " ".join(f"/F{number} {number + 3} 0 R" for number in range(len(_FONTS)))
    first = 3 + len(_FONTS)
    kids = " ".join(f"{first + 2 * number} 0 R" for number in range(len(pages)))
    spoken = f" /Lang ({language})" if language else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R{spoken} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{font} /Encoding /WinAnsiEncoding >>".encode()
            for font in _FONTS
        ),
    ]
    for number, lines in enumerate(pages):
        content = first + 2 * number + 1
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] /Contents {content} 0 R "
            f"/Resources << /Font << {fonts} >> >> >>".encode()
        )
        objects.append(_stream(b"\n".join(map(_drawn, lines)), compressed=compressed))
    day = f" /CreationDate (D:{written:%Y%m%d}000000Z)".encode() if written else b""
    objects.append(b"<< /Title " + _string(title) + b" /Author " + _string(author) + day + b" >>")
    return _file(objects)


def _drawn(line: Line) -> bytes:
    place = f"BT /F{int(line.bold)} {line.size:g} Tf {line.x:g} {line.y:g} Td ".encode()
    return place + _string(line.text) + b" Tj ET"


def _string(text: str) -> bytes:
    escaped = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return b"(" + escaped.encode("cp1252") + b")"


def _stream(data: bytes, *, compressed: bool) -> bytes:
    body = zlib.compress(data, 9) if compressed else data
    how = b" /Filter /FlateDecode" if compressed else b""
    return b"<< /Length %d%s >>\nstream\n%s\nendstream" % (len(body), how, body)


def _file(objects: Sequence[bytes]) -> bytes:
    written = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (len(objects) + 1, table, len(objects) + 1, len(objects), len(written))
    )
