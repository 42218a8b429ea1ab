"""The page's own style, scripts and mark, served under an address that changes with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from fastapi import APIRouter, HTTPException
from starlette.responses import Response

from connectors.web.words import script_module

_FOLDER: Final = Path(__file__).parent / "static"
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@cache
def assets() -> dict[str, bytes]:
    """File name -> content. `words.js` is written from words.py."""
    files = {path.name: path.read_bytes() for path in sorted(_FOLDER.iterdir()) if path.suffix in _TYPES}
    return files | {"words.js": script_module().encode()}


@cache
def version() -> str:
    digest = hashlib.sha256()
    for name, content in sorted(assets().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:12]


def asset_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/static/{wanted}/{name}")
    async def asset(wanted: str, name: str) -> Response:
        content = assets().get(name)
        if content is None:
            raise HTTPException(404, "No such file.")
        # A page opened before an upgrade still gets its style, but must not keep the new file under the old address.
        caching = "public, max-age=31536000, immutable" if wanted == version() else "no-cache"
        headers = {"Cache-Control": caching, "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=headers)

    return router
