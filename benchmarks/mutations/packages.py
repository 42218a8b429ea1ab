"""Mutations of files that hold packed parts: XLSX, DOCX and PDF."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from random import Random

from benchmarks.mutations.text import MB, Mutation, some

# --- ZIP packages: XLSX and DOCX -------------------------------------------------------------------------------------


def _parts(data: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return {entry.filename: archive.read(entry) for entry in archive.infolist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        return {}


def _packed(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return target.getvalue()


def in_a_part(mutation: Mutation) -> Mutation:
    """The mutation of one part that is XML."""

    def mutate(data: bytes, random: Random) -> bytes:
        parts = _parts(data)
        names = sorted(name for name in parts if name.endswith((".xml", ".rels")))
        if not names:
            return data
        main = [name for name in names if "sheet" in name or "document" in name or "shared" in name]
        name = random.choice(main or names) if random.random() < 0.8 else random.choice(names)
        parts[name] = mutation(parts[name], random)
        return _packed(parts)

    mutate.__name__ = f"part_{mutation.__name__}"
    return mutate


def zip_bomb(data: bytes, random: Random) -> bytes:
    parts = _parts(data)
    name = random.choice(sorted(parts) or ["x.xml"])
    parts[name] = parts.get(name, b"") + random.choice((b" ", b"<row/>", b"\x00")) * (random.choice((20, 60)) * MB)
    return _packed(parts)


def zip_slip(data: bytes, random: Random) -> bytes:
    parts = _parts(data)
    parts[random.choice(("../../outside.txt", "/etc/outside", "..\\..\\outside", "xl/../../x", "C:\\x"))] = b"outside"
    return _packed(parts)


def lost_part(data: bytes, random: Random) -> bytes:
    parts = _parts(data)
    if parts:
        del parts[random.choice(sorted(parts))]
    return _packed(parts)


def many_parts(data: bytes, random: Random) -> bytes:
    return _packed(_parts(data) | {f"x/{number}.xml": b"<x/>" for number in range(random.choice((100, 2_500)))})


def far_cells(data: bytes, random: Random) -> bytes:
    """Cells in the last column and row that a sheet can have, wide merges, formulas and errors."""
    parts = _parts(data)
    rows = {
        "far": b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
        "wide": b'<row r="2">' + b"".join(b"<c><v>1</v></c>" for _ in range(100_000)) + b"</row>",
        "formula": b'<row r="3"><c r="A3" t="str"><f>WEBSERVICE("http://127.0.0.1")</f><v>x</v></c></row>',
        "index": b'<row r="4"><c r="A4" t="s"><v>999999999</v></c><c r="B4" t="n"><v>NaN</v></c></row>',
        "date": b'<row r="5"><c r="A5" t="d"><v>2025-02-30</v></c><c r="B5" s="1"><v>-99999999999</v></c></row>',
        "error": b'<row r="x"><c r="A-1" t="e"><v>#REF!</v></c><c r="" t="zzz"><v/></c></row>',
    }
    row = rows[random.choice(sorted(rows))]
    merge = b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>' if random.random() < 0.3 else b""
    for name in parts:
        if "worksheets/sheet" in name:
            parts[name] = parts[name].replace(b"</sheetData>", row + b"</sheetData>" + merge)
    return _packed(parts)


# --- PDF ------------------------------------------------------------------------------------------------------------


def pdf_bomb(data: bytes, random: Random) -> bytes:
    packed = zlib.compress(random.choice((b" ", b"BT ET ", b"(x) Tj ")) * (20 * MB), 9)
    if random.random() < 0.4:
        packed = zlib.compress(packed, 9)
    stream = b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream"
    return _object(data, stream)


def _object(data: bytes, body: bytes) -> bytes:
    """The body in place of a stream of the file."""
    found = list(re.finditer(rb"<<[^>]*>>\s*stream.*?endstream", data, re.DOTALL))
    if not found:
        return data + body
    return data[: found[0].start()] + body + data[found[0].end() :]


def pdf_loop(data: bytes, random: Random) -> bytes:
    """A page tree that contains itself, or says that it has more pages than there are."""
    kids = random.choice((b"/Kids [2 0 R 2 0 R]", b"/Kids [1 0 R]", b"/Kids [" + b"3 0 R " * 100_000 + b"]"))
    count = random.choice((b"/Count 999999999", b"/Count -1", b"/Count 1"))
    return re.sub(rb"/Count \d+", count, re.sub(rb"/Kids\s*\[[^\]]*\]", kids, data))


def pdf_nested(data: bytes, random: Random) -> bytes:
    depth = random.choice((1_000, 200_000))
    opening, closing = random.choice(((b"[", b"]"), (b"<</A ", b">>"), (b"(", b")")))
    return data.replace(b"/Type", b"/Deep " + opening * depth + closing * depth + b" /Type", 1)


def pdf_references(data: bytes, random: Random) -> bytes:
    return some(rb"\d+ 0 R", data, 0.3, lambda _: b"%d 0 R" % random.choice((0, 1, 2, 3, 99999)), random)
