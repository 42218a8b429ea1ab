"""JSON as values. One object or list for a file; of JSON Lines the list of its lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from knowledge.sources import guard


def load(path: Path) -> Any:
    """The parsed file. Raises `guard.Refused` with the line where it is not JSON, too large or nested too deep."""
    data = guard.read_bytes(path, guard.MAX_JSON_BYTES)
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) > 1 and all(line.lstrip()[:1] == b"{" and line.rstrip()[-1:] == b"}" for line in lines[:2]):
            return _lines(path, data)
        mend = "Export it again as UTF-8 JSON, or mend that line"
        raise guard.refused(path, f"broken JSON ({error.msg})", mend, line=error.lineno) from error


def _lines(path: Path, data: bytes) -> list[Any]:
    values = []
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            try:
                values.append(orjson.loads(line))
            except orjson.JSONDecodeError as error:
                mend = "Write one whole JSON object per line"
                raise guard.refused(path, f"broken JSON ({error.msg})", mend, line=number) from error
    return values
