"""Records of an answer as a table that spreadsheets open: CSV with a mark of its encoding."""

from __future__ import annotations

import csv
from io import StringIO

from connectors.channels.rendering import clean, own_link
from knowledge.reply import Answer

NAME = "records.csv"
_COLUMNS = ("record", "title", "publisher", "status", "start", "end", "page")


def table(answer: Answer, base: str) -> bytes:
    """One line for each record of the whole answer; `base` is our public address."""
    file = StringIO(newline="")
    rows = csv.writer(file)
    rows.writerow(_COLUMNS)
    for one in answer.records:
        days = [day.isoformat() if day else "" for day in (one.start, one.end)]
        page = own_link(base, one.href)
        rows.writerow(map(_inert, (one.id, one.title, one.publisher, one.status, *days, page)))
    return file.getvalue().encode("utf-8-sig")


def _inert(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = clean(text)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text
