"""The fields of a form that was sent without script."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

MAX_FORM_BYTES: Final = 64 * 1024
_MOST_FIELDS: Final = 20


async def fields_of(request: Request, most: int = MAX_FORM_BYTES) -> dict[str, str]:
    """The fields of an urlencoded form of up to `most` bytes, last value of each. HTTPException 413 or 400 where it
    cannot be read."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, f"Keep a question under {most // 1024} KB.")
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise HTTPException(400, "Send the form as application/x-www-form-urlencoded in UTF-8.") from None
    return {name: values[-1] for name, values in fields.items()}
