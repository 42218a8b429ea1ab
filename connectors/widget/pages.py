"""What needs no token: the component's script, and a page that shows it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from bot.words import Words
from connectors.web.assets import assets
from connectors.web.rendering import language_of
from connectors.web.words import direction
from connectors.widget.words import script_modules
from knowledge.settings import Settings, web_origin

_FOLDER: Final = Path(__file__).parent / "static"
_COMMENT: Final = re.compile(r"^\s*(?://.*|/\*(?s:.*?)\*/)$\n?", re.MULTILINE)
_SHARED: Final = ("reply.js", "copying.js")
"""Modules that the page at / has too."""
# Any page may load them: what they may ask for is another matter.
_OPEN: Final = {
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
_PICTURE: Final = {
    "Cache-Control": "private, max-age=60",
    # Opened by itself, a picture is a document of its own: nothing in it may load or run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_DEMO: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


@cache
def modules() -> dict[str, bytes]:
    """File name -> content of every module that the component may load; of `said.*.js` it loads one."""
    own = {path.name: _lean(path.read_text(encoding="utf-8")) for path in sorted(_FOLDER.glob("*.js"))}
    shared = {name: _lean(assets()[name].decode()) for name in _SHARED}
    css = _lean((_FOLDER / "widget.css").read_text(encoding="utf-8"))
    style = {"style.js": f"export default {json.dumps(css, ensure_ascii=False)};\n"}
    return {name: text.encode() for name, text in (own | shared | style | script_modules()).items()}


def _lean(text: str) -> str:
    """The same script or style without comments on lines of their own, and without indentation."""
    return re.sub(r"^\s+", "", _COMMENT.sub("", text), flags=re.MULTILINE)


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(modules()[name], 9, mtime=0)


@cache
def version() -> str:
    digest = hashlib.sha256()
    for name, content in sorted(modules().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:12]


def router(settings: Settings) -> APIRouter:
    routes = APIRouter(include_in_schema=False)

    @routes.get("/widget.js")
    async def entry() -> Response:
        content = f'import "./widget/static/{version()}/widget.js";\n'
        return Response(content, media_type="text/javascript", headers=_OPEN | {"Cache-Control": "no-cache"})

    @routes.get("/widget/static/{wanted}/{name}")
    async def module(request: Request, wanted: str, name: str) -> Response:
        if name not in modules():
            raise HTTPException(404, "No such file.")
        caching = "public, max-age=31536000, immutable" if wanted == version() else "no-cache"
        headers = _OPEN | {"Cache-Control": caching, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            packed = headers | {"Content-Encoding": "gzip"}
            return Response(_packed(name), media_type="text/javascript", headers=packed)
        return Response(modules()[name], media_type="text/javascript", headers=headers)

    @routes.get("/widget/demo.css")
    async def style() -> Response:
        return Response(
            (_FOLDER / "demo.css").read_bytes(), media_type="text/css", headers={"Cache-Control": "no-cache"}
        )

    @routes.get("/widget/demo")
    async def demo(request: Request) -> HTMLResponse:
        return HTMLResponse(_demo(settings, language_of(request)), headers=_DEMO)

    return routes


def _demo(settings: Settings, language: str) -> str:
    words = Words(language)
    address = settings.address
    tag = f'<common-ground lang="{language}"></common-ground>'
    snippet = f'<script type="module" src="{address}/widget.js"></script>\n{tag}'
    policy = f"script-src {address}; connect-src {address}; img-src {address}"
    said = {
        "language": language,
        "direction": direction(language),
        "title": words("widget_demo_title"),
        "lead": words("widget_demo_lead"),
        "how": words("widget_demo_how"),
        "snippet": snippet,
        "csp": words("widget_demo_csp"),
        "policy": policy,
        "origins": words("widget_demo_origins"),
        "setting": 'widget_origins = "https://www.example.org"',
    }
    page = Template((_FOLDER / "demo.html").read_text(encoding="utf-8"))
    return page.substitute({name: escape(text) for name, text in said.items()})


def picture(drawn: bytes | None) -> Response:
    if drawn is None:
        raise HTTPException(404, "None of these records is there for everybody to see.")
    return Response(drawn, media_type="image/svg+xml", headers=_PICTURE)


def origin_of(address: str) -> str:
    return web_origin(address)
