"""What a request brings as its body: JSON, a document, or a form with a file, never more than is allowed."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from email.message import Message
from email.parser import HeaderParser
from typing import Any

import orjson
from fastapi import HTTPException, Request

_TYPES = {
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_MOST_PARTS = 50
_MOST_HEADER = 4_096


@dataclass(frozen=True, slots=True)
class Sent:
    """`fields` by name; of a form each is a list. `name` and `content` are those of the file, where one was sent."""

    fields: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    content: bytes | None = None


async def sent(request: Request, most: int) -> Sent:
    """The body of `request`, of at most `most` bytes of a file. HTTPException 400, 413 or 415 where it cannot be read.

    JSON may hold a file as {"file": {"name", "content"}}, content in base64.
    """
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "application/json")
    media = kind.get_content_type()
    if media == "application/json":
        # Base64 takes four bytes for three.
        return _json(await _body(request, most * 4 // 3 + 65_536))
    if media == "multipart/form-data":
        return _form(await _body(request, most + 65_536), str(kind.get_param("boundary", "")))
    if media in _TYPES:
        return Sent(name=f"proposal{_TYPES[media]}", content=await _body(request, most))
    raise HTTPException(415, f"Send JSON, a form with a file, or one of {', '.join(_TYPES)}.")


async def _body(request: Request, most: int) -> bytes:
    stated = request.headers.get("content-length", "")
    body = bytearray()
    if not (stated.isdigit() and int(stated) > most):
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                break
        else:
            return bytes(body)
    raise HTTPException(413, f"Keep it under {most // 1024 // 1024} MB.")


def _json(body: bytes) -> Sent:
    try:
        fields = orjson.loads(body)
    except ValueError:
        raise HTTPException(400, "The body is not JSON.") from None
    if not isinstance(fields, dict):
        raise HTTPException(400, "Send a JSON object.")
    file = fields.pop("file", None)
    if file is None:
        return Sent(fields)
    if not isinstance(file, dict) or not all(isinstance(file.get(key), str) for key in ("name", "content")):
        raise HTTPException(422, 'Send a file as {"name", "content"}, its content in base64.')
    try:
        return Sent(fields, file["name"], base64.b64decode(file["content"], validate=True))
    except (binascii.Error, ValueError):
        raise HTTPException(422, "The content of the file is not base64.") from None


def _form(body: bytes, boundary: str) -> Sent:
    """A form of several parts (RFC 7578). Its parts stand between lines of the boundary."""
    if not boundary or len(boundary) > 200 or not boundary.isascii():
        raise HTTPException(400, "The form names no boundary between its parts.")
    parts = (b"\r\n" + body).split(b"\r\n--" + boundary.encode())
    if len(parts) < 3 or len(parts) > _MOST_PARTS or not parts[-1].startswith(b"--"):
        raise HTTPException(400, "The form is not complete, or has too many parts.")
    fields: dict[str, Any] = {}
    name, content = "", None
    for part in parts[1:-1]:
        head, found, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if not found or len(head) > _MOST_HEADER:
            raise HTTPException(400, "A part of the form has no header that can be read.")
        told = HeaderParser().parsestr(head.decode("utf-8", "replace"))
        key = str(told.get_param("name", "", header="content-disposition"))
        file = told.get_param("filename", None, header="content-disposition")
        if file is not None:
            name, content = str(file if isinstance(file, str) else file[2]), value
        else:
            fields.setdefault(key, []).append(value.decode("utf-8", "replace"))
    return Sent(fields, name, content)
