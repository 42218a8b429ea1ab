"""Looks into ZIP archives, Office files and PDFs before their parsers do: the limits of `guard` that need one."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO

from knowledge.sources import guard

_RATIO_MATTERS_FROM = 8 * guard.MB
_NESTED = re.compile(rb"(?:[\[(]\s{0,4}){200}|(?:<<\s{0,4}(?:/[\w.]{1,32}\s{0,4})?){200}")
_LONGEST_NESTED = 200 * 48


def check_pdf(path: Path) -> None:
    """Refuse a PDF whose arrays, dictionaries or strings lie hundreds deep in each other: its parser would go down."""
    guard.check_file(path, guard.MAX_DOCUMENT_BYTES)
    with guard.opened(path) as file:
        rest = b""
        while chunk := file.read(guard.MB):
            if _NESTED.search(rest + chunk):
                raise guard.refused(
                    path, "its objects lie too deep in each other", "Open it in a PDF reader and print it as PDF again"
                )
            rest = chunk[-_LONGEST_NESTED:]


def check_workbook(path: Path) -> None:
    """Refuse a workbook that would unpack to too much, holds a DOCTYPE, or is none."""
    check_package(path, "workbook", "a spreadsheet program", ".xlsx")


def check_package(path: Path, what: str, program: str, suffix: str) -> None:
    """Refuse an Office file that would unpack to too much, holds a DOCTYPE, or is none. `what` it is and the `program`
    that writes it are words for people."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > guard.MAX_ZIP_ENTRIES:
                raise guard.refused(path, f"the {what} holds {len(entries)} parts", f"Save it again from {program}")
            for entry in entries:
                ratio = entry.file_size // max(entry.compress_size, 1)
                if entry.flag_bits & 1:
                    raise guard.refused(path, f"the {what} is encrypted", "Save it without a password")
                if entry.file_size > _RATIO_MATTERS_FROM and ratio > guard.MAX_ZIP_RATIO:
                    raise guard.refused(
                        path,
                        f"part {entry.filename!r} unpacks to {ratio} times its size",
                        f"Save it again from {program}, without empty formatted rows",
                    )
            total = sum(entry.file_size for entry in entries)
            if total > guard.MAX_UNZIPPED_BYTES:
                raise guard.refused(
                    path, f"the {what} unpacks to {total / guard.MB:.0f} MB", f"Split it into smaller {what}s"
                )
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with archive.open(entry) as part:
                        if wrong := _wrong_in_part(part, "worksheets/" in entry.filename):
                            raise guard.refused(path, f"a part of the {what} {wrong}", f"Save it again from {program}")
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise guard.refused(
            path, f"not a readable {what} ({guard.one_line(str(error))})", f"Save it again as {suffix}"
        ) from error


def _wrong_in_part(part: IO[bytes], sheet: bool) -> str:
    """What is wrong in an XML part; its parser scans a tag again with every chunk of it that comes."""
    chunk = part.read(guard.MAX_PROLOG_BYTES)
    if b"<!DOCTYPE" in chunk:
        return "holds a DOCTYPE"
    since = cells = 0
    while chunk:
        end = chunk.rfind(b">")
        since = since + len(chunk) if end < 0 else len(chunk) - 1 - end
        if since > guard.MAX_TAG_BYTES:
            return f"holds a tag or a text of more than {guard.MAX_TAG_BYTES / guard.MB:.0f} MB"
        row_end = chunk.rfind(b"</row>")
        here = sum(chunk.count(cell, max(row_end, 0)) for cell in (b"<c ", b"<c>"))
        cells = here + (cells if row_end < 0 else 0)
        if sheet and cells > guard.MAX_SHEET_COLUMNS:
            return f"holds a row of more than {guard.MAX_SHEET_COLUMNS} cells"
        chunk = part.read(guard.MAX_PROLOG_BYTES)
    return ""


def only_table(path: Path) -> bytes | None:
    """The CSV file that a ZIP archive holds, unpacked in memory; None where it holds none, as a workbook does."""
    try:
        with zipfile.ZipFile(path) as archive:
            tables = [entry for entry in archive.infolist() if entry.filename.casefold().endswith((".csv", ".tsv"))]
            tables = [entry for entry in tables if not entry.filename.startswith(("__MACOSX/", "."))]
            if not tables or "[Content_Types].xml" in archive.NameToInfo:
                return None
            if len(tables) != 1:
                reason = f"the archive holds {len(tables)} tables, not one"
                raise guard.refused(path, reason, "Unpack it, and give the CSV files themselves")
            entry = tables[0]
            if entry.flag_bits & 1:
                raise guard.refused(path, "the archive is encrypted", "Unpack it, and give the CSV file itself")
            ratio = entry.file_size // max(entry.compress_size, 1)
            if entry.file_size > _RATIO_MATTERS_FROM and ratio > guard.MAX_ZIP_RATIO:
                reason = f"part {entry.filename!r} unpacks to {ratio} times its size"
                raise guard.refused(path, reason, "Unpack it, and give the CSV file itself")
            with archive.open(entry) as part:
                data = part.read(guard.MAX_TABLE_BYTES + 1)
            if len(data) > guard.MAX_TABLE_BYTES:
                reason = f"the table in it is larger than {guard.MAX_TABLE_BYTES / guard.MB:.0f} MB"
                raise guard.refused(path, reason, "Split the table into smaller files")
            return data
    except zipfile.BadZipFile:
        return None
    except (zlib.error, NotImplementedError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise guard.refused(path, f"not a readable archive ({guard.one_line(str(error))})", "Pack it again") from error
