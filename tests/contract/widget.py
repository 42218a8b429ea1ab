"""A person at the chat that another site embeds: a real Chromium on a page of another origin, under a strict policy;
what they see is read back from the component's own nodes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page

from tests.connectors.widget.site import Site, site
from tests.contract.driving import WAIT, Heard, Product, Source

_READ = """turn => {
  const line = node => {
    const copy = node.cloneNode(true);
    copy.querySelectorAll(".cites").forEach(marks => {
      marks.replaceWith([...marks.children].map(mark => `[${mark.textContent}]`).join(""));
    });
    return copy.textContent;
  };
  const each = (node, selector) => [...node.querySelectorAll(selector)];
  const reply = turn.querySelector(".reply");
  const of = {
    UL: node => each(node, "li").map(line),
    FORM: () => [], DETAILS: () => [], FIGURE: () => [],
    DIV: node => node.classList.contains("notice")
      ? [line(node.lastElementChild)]
      : each(node, "caption, th, td").map(line),
  };
  const links = each(turn, "[href], [src], [srcset]").flatMap(
    node => ["href", "src", "srcset"].map(name => node.getAttribute(name)).filter(Boolean));
  return {
    text: [...reply.children].flatMap(node => of[node.tagName]?.(node) ?? [line(node)]).join("\\n"),
    rows: each(reply, "tbody tr").map(row => each(row, "td").map(line)),
    sources: each(reply, ".sources ol > li").map(one => {
      const title = one.querySelector("a, .title");
      return [one.value, title.textContent, title.getAttribute("href") ?? ""];
    }),
    links,
    buttons: each(reply, ".next button").map(one => one.textContent),
    pictures: each(reply, ".picture img").map(one => one.alt),
    notices: each(reply, ".notice").map(one => one.classList[1]),
    language: reply.lang,
    direction: getComputedStyle(reply).direction,
    answered: turn.querySelector(".remarks") !== null,
  };
}"""


class WidgetPerson:
    def __init__(self, page: Page, visited: list[str]) -> None:
        self._page, self._visited = page, visited
        page.on("request", lambda request: visited.append(request.url))
        self._turns = page.locator("common-ground .turn")

    def open(self, address: str) -> WidgetPerson:
        self._page.goto(address)
        self._visited.remove(self._page.url)  # the site's own page
        with self._page.expect_response("**/widget/session", timeout=WAIT * 1000):
            self._page.locator(".launcher").click()
        return self

    def say(self, text: str) -> Heard:
        box, status = self._page.locator("#q"), self._page.locator(".status")
        before = self._turns.count()
        box.fill(text)
        box.press("Enter")
        if self._turns.count() == before and box.input_value():
            return Heard(status.inner_text(), answered=False)
        return self._heard(before)

    def press(self, title: str) -> Heard:
        before = self._turns.count()
        buttons = self._turns.last.locator(".next button").all()
        next(one for one in buttons if one.inner_text().strip() == title.strip()).click()
        return self._heard(before)

    def rate(self, *, good: bool, reason: str = "") -> str:
        turn = self._turns.last
        with self._page.expect_response("**/widget/feedback", timeout=WAIT * 1000):
            turn.locator(".good" if good else ".bad").click()
            if not good:
                turn.locator(".remark select").select_option("wrong")
                turn.locator(".remark textarea").fill(reason)
                turn.locator(".remark .primary").click()
        turn.locator(".remark").wait_for(state="detached")
        return self._page.locator(".status").inner_text()

    def _heard(self, before: int) -> Heard:
        turn = self._turns.nth(before)
        progress, until = "", time.monotonic() + WAIT
        while not turn.locator(".reply").count():
            assert not turn.locator(".notice.error").count(), turn.inner_text()
            assert time.monotonic() < until, "no answer came"
            progress = _now(turn.locator(".progress")) or progress
            self._page.wait_for_timeout(20)
        read = turn.evaluate(_READ)
        self._visited += read["links"]
        return Heard(
            text=read["text"],
            rows=tuple(map(tuple, read["rows"])),
            sources=tuple(Source(*one) for one in read["sources"]),
            links=tuple(read["links"]),
            buttons=tuple(read["buttons"]),
            pictures=tuple(read["pictures"]),
            notices=tuple(read["notices"]),
            language=read["language"],
            direction=read["direction"],
            answered=read["answered"],
            progress=progress,
        )


def _now(line: Locator) -> str:
    """What a line says that may be gone at any time."""
    return next(iter(line.all_inner_texts()), "")


class WidgetDriver:
    name = "widget"
    knows_members = False
    shows_pictures = True
    tells = False
    hears_visitors = True

    def __init__(self, browser: Browser, site: Site) -> None:
        self._browser, self._site = browser, site
        self._contexts: list[BrowserContext] = []
        self._visited: list[str] = []

    def person(self, speaks: str = "") -> WidgetPerson:
        assert not speaks
        self._contexts.append(self._browser.new_context(locale="en-GB", reduced_motion="reduce"))
        # Few are open at once: each holds a stream.
        for old in self._contexts[:-4]:
            old.close()
        del self._contexts[:-4]
        page = self._contexts[-1].new_page()
        return WidgetPerson(page, self._visited).open(f"{self._site.url}/")

    def addresses(self) -> list[str]:
        return list(self._visited)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


class WidgetSide:
    def __init__(self, browser: Callable[[], Any], site: Site) -> None:
        self._browser, self._site = browser, site
        self.settings = {"widget_origins": site.url}

    @contextmanager
    def driver(self, product: Product) -> Iterator[WidgetDriver]:
        self._site.widget = product.url
        driver = WidgetDriver(self._browser(), self._site)
        try:
            yield driver
        finally:
            driver.close()


@contextmanager
def side(browser: Callable[[], Any]) -> Iterator[WidgetSide]:
    with site() as running:
        yield WidgetSide(browser, running)
