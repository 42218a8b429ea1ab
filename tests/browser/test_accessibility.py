"""axe finds nothing to complain of, in either direction, either colour scheme, on desk and phone."""

from __future__ import annotations

from datetime import date
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connectors.web.record_view import record_view
from connectors.web.views import SourceView
from connectors.web.words import LANGUAGES, words
from knowledge.records import Record, Source

DESK = {"width": 1180, "height": 860}
PHONE = {"width": 360, "height": 740}


def violations(page: Page) -> list[str]:
    # The package's own wrapper is untyped; its script is all that is needed.
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{item['id']}: {node['html'][:200]} {node['failureSummary']}" for item in found for node in item["nodes"]]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_no_violations(
    open_page: Any,
    desk: Any,
    ask: Any,
    activity: Record,
    source: Source,
    viewport: dict[str, int],
    scheme: str,
    language: str,
) -> None:
    desk.records["r"] = record_view(activity, source, date(2026, 11, 1), language)
    desk.sources = [SourceView("5W", "five.csv", "table", "OCHA", "community", {"presence": 4213}, problems=3)]
    page = open_page(f"/?lang={language}", viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    assert violations(page) == []
    for question in list(desk.replies):
        ask(page, question)
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    desk.problem = (500, "The index is being rebuilt.")
    page.locator("#q").fill("again")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert violations(page) == []
    desk.problem = None
    for path in ("/records/r", "/sources", "/records/secret"):
        page.goto(path)
        assert violations(page) == []


def test_all_of_it_is_reached_and_seen_with_the_keyboard(open_page: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, "Who is doing WASH in Metekel?")
    page.locator(".skip").focus()
    wanted = page.evaluate(
        """() => [...document.querySelectorAll("a[href], button, textarea, summary, [tabindex='0']")]
          .filter(node => node.checkVisibility()).length"""
    )
    reached = 1
    for _ in range(wanted - 1):
        page.keyboard.press("Tab")
        state = page.evaluate(
            """() => {
              const node = document.activeElement, box = node.getBoundingClientRect();
              const shown = getComputedStyle(node.id === "q" ? node.closest(".box") : node);
              const ring = parseFloat(shown.outlineWidth) >= 2 || shown.boxShadow !== "none";
              const above = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 8));
              return { on: node !== document.body, ring, seen: node.contains(above) };
            }"""
        )
        assert state == {"on": True, "ring": True, "seen": True}, page.evaluate("document.activeElement.outerHTML")
        reached += 1
    assert reached == wanted > 15


def test_the_skip_link_comes_first(open_page: Any) -> None:
    page = open_page("/sources")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_print_shows_the_answer_whole_and_leaves_out_the_controls(open_page: Any, ask: Any) -> None:
    page = open_page("/", color_scheme="dark")
    ask(page, "Everything at once")
    page.emulate_media(media="print", color_scheme="dark")
    for selector in ("#composer", ".tools", ".bar nav", ".foot nav"):
        expect(page.locator(selector).first).to_be_hidden()
    assert page.locator(".scroll").last.evaluate("node => node.scrollHeight <= node.clientHeight + 1")
    assert page.locator("body").evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.get_by_text("Record 10", exact=True)).to_be_visible()


def test_every_phrase_exists_in_every_language_with_its_number() -> None:
    english = words("en")
    for language in LANGUAGES:
        for key, phrase in words(language).items():
            assert phrase.strip(), (language, key)
            assert phrase.count("{n}") == english[key].count("{n}"), (language, key)
