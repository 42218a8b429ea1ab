"""Templates into responses: the language of the page, the headers every view carries, and the error page."""

from __future__ import annotations

from datetime import date
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from connectors.web.assets import version
from connectors.web.words import LANGUAGE_NAMES, LANGUAGES, day, direction, known, number, words

NAVIGATION: Final = (("ask", "/"), ("overlaps", "/overlaps"), ("sources", "/sources"))
"""Views in the order of the bar: (key, path). The word of a view is `nav_<key>` in words.py."""

LANGUAGE_COOKIE: Final = "lang"

_HEADERS: Final = {
    # Trusted Types forbid innerHTML and its like: a second wall behind "build nodes with textContent".
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    # What a view shows depends on who looks at it.
    "Cache-Control": "no-store",
    "Vary": "Accept-Language, Cookie",
}


def language_of(request: Request) -> str:
    """The page's language: `?lang=`, else the cookie it left, else the best of Accept-Language, else English."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return str(wanted)
    accepted: list[tuple[float, str]] = []
    for item in request.headers.get("accept-language", "").split(","):
        tag, _, quality = item.strip().partition(";q=")
        try:
            accepted.append((float(quality or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    # The sort is stable, so equal weights keep the browser's order.
    for weight, tag in sorted(accepted, key=lambda pair: -pair[0]):
        if weight > 0 and tag in LANGUAGES:
            return tag
    return "en"


def safe_link(href: str) -> str:
    """The address when it is a path on this server or http(s), else "". reply.js holds citations to the same rule."""
    if href.startswith(("http://", "https://")):
        return href
    return safe_path(href)


def safe_path(href: str) -> str:
    inside = href.startswith("/") and not href.startswith(("//", "/\\")) and href.isprintable()
    return href if inside else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        navigation=NAVIGATION,
        language_names=LANGUAGE_NAMES,
        direction=direction,
        words_of=words,
        day=day,
        number=number,
    )
    environment.filters.update(safe_link=safe_link, safe_path=safe_path)
    environment.tests["a_date"] = lambda value: isinstance(value, date)
    return environment


def page(request: Request, template: str, view: str, status: int = 200, **values: Any) -> HTMLResponse:
    """`view` is the key of the navigation entry that is current ("" for none)."""
    language = language_of(request)
    static = f"/static/{version()}"
    content = (
        _environment()
        .get_template(template)
        .render(language=language, words=words(language), static=static, view=view, here=_here(request), **values)
    )
    response = HTMLResponse(content, status_code=status, headers=_HEADERS)
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


def _here(request: Request) -> str:
    """The parameters of the address that stay when the language is changed. A question is not asked again."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in ("lang", "q", "done")]
    return f"{urlencode(kept)}&" if kept else ""


def error_title(status: int, language: str) -> str:
    phrases = words(known(language))
    if (key := f"error_{status}") in phrases:
        return phrases[key]
    return phrases["error_500"] if status >= HTTPStatus.INTERNAL_SERVER_ERROR else phrases["error_400"]


def error_page(request: Request, status: int, detail: str = "") -> HTMLResponse:
    """A page that says what went wrong and why. `detail` is for people; without one, a 404 says what to do instead."""
    language = language_of(request)
    if not detail and status == HTTPStatus.NOT_FOUND:
        detail = words(language)["error_404_detail"]
    return page(request, "error.html", "", status, title=error_title(status, language), detail=detail, code=status)
