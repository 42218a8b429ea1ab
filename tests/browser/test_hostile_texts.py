"""A thousand hostile texts in every place of a reply, as the server and as the script render it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from connectors.web.assets import version
from connectors.web.rendering import _environment
from tests.hostile.grammar import COUNT
from tests.hostile.replies import hostile_replies

TEMPLATE = (
    '{% from "reply.html" import reply with context %}'
    '{% for r in replies %}{{ reply(r, "t" ~ loop.index, "c") }}{% endfor %}'
)
# What acts by itself or leads elsewhere; our own pages and pictures are all that may be named.
ACTIVE = """() => {
  const tags = "script, style, svg, math, iframe, object, embed, video, audio, link, base, meta[http-equiv]";
  const names = /^(on|style$|formaction$|srcdoc$|ping$|background$|xlink)/;
  const picture = /^\\/pictures\\/overlaps\\.svg\\?id=XX-1/;
  const link = /^(#t\\d+-source-\\d+|\\/records\\/XX-1)$/;
  const acts = node =>
    node.matches(tags) ||
    [...node.attributes].some(attribute => names.test(attribute.name)) ||
    (node.matches("form") && node.getAttribute("action") !== "/") ||
    (node.matches("img, source") && !picture.test(node.getAttribute("src") ?? node.srcset)) ||
    (node.matches("a") && !link.test(node.getAttribute("href")));
  return [...document.body.querySelectorAll("*")].filter(acts).slice(0, 20).map(node => node.outerHTML);
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page without the policy that would hold back what came to life, and the addresses it went to."""
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    went: list[str] = []
    page.on("pageerror", lambda error: went.append(str(error)))
    page.on("dialog", lambda dialog: (went.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: went.append(request.url))
    yield page, went
    context.close()


def test_what_the_server_renders_is_text(page: tuple[Page, list[str]]) -> None:
    opened, went = page

    def serve(route: Route) -> None:
        if route.request.url != "http://ground.example/":
            route.fulfill(status=404)
            return
        body = _environment().from_string(TEMPLATE).render(replies=hostile_replies(), language="en")
        route.fulfill(body=f"<!doctype html><meta charset=utf-8><body hidden>{body}", content_type="text/html")

    opened.route("**", serve)
    opened.goto("http://ground.example/")
    assert opened.locator(".reply").count() == COUNT
    assert opened.evaluate("window.broken") is None
    assert opened.evaluate(ACTIVE) == []
    assert {url for url in went if not url.startswith("http://ground.example/")} == set()


def test_what_the_script_builds_is_text(page: tuple[Page, list[str]], address: str) -> None:
    opened, went = page
    opened.goto(f"{address}/sources")
    built = opened.evaluate(
        f"""async written => {{
          const replies = JSON.parse(written);
          document.body.replaceChildren();
          document.body.hidden = true;  // what comes to life does so without being laid out
          const {{ renderReply, replyText }} = await import("/static/{version()}/reply.js");
          replies.forEach((reply, n) => document.body.append(renderReply(reply, `t${{n}}`, "c")));
          return replies.every(reply => replyText("q", reply, location.origin).length > 0);
        }}""",
        f"[{','.join(reply.model_dump_json() for reply in hostile_replies())}]",
    )
    assert built
    assert opened.locator(".reply").count() == COUNT
    assert opened.evaluate("window.broken") is None
    assert opened.evaluate(ACTIVE) == []
    assert {url for url in went if not url.startswith(f"{address}/")} == set()
