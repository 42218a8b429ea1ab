"""The page on the real server: a real question, its answer, the record behind a sentence, and back."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import DESK, PHONE, violations

WASH = "Who works on WASH in Turkana?"


@pytest.fixture
def address(corpus_server: str) -> str:
    """What `open_page` opens: the real server, in place of the canned one."""
    return corpus_server


def answer(page: Page) -> Any:
    return page.locator(".turn .reply").last


def test_a_question_its_citation_the_record_and_back(open_page: Any, ask: Any) -> None:
    page = open_page("/", viewport=DESK)
    ask(page, WASH)
    expect(answer(page)).to_contain_text("6 organisations are reported working on water, sanitation and hygiene")
    table = answer(page).get_by_role("table")
    expect(table.get_by_role("row")).to_have_count(7)
    expect(table).to_contain_text("Turkana Pastoralist Wells Initiative (TPWI)")

    note = table.get_by_role("row").nth(5).locator("a[role=doc-noteref]").first
    number = note.inner_text()
    note.click()
    source = page.locator(f"li[value='{number}']:target")
    expect(source).to_be_visible()
    link = source.get_by_role("link")
    title = link.inner_text()
    link.click()
    expect(page).to_have_url(re.compile("/records/"))
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text("iati-activity[")).to_be_visible()

    page.go_back()
    expect(answer(page)).to_contain_text("6 organisations are reported")
    ask(page, "only national NGOs")
    expect(answer(page)).to_contain_text("2 organisations are reported")
    expect(answer(page)).to_contain_text("National NGO only")


def test_show_more_by_its_button(open_page: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, "Who works in Kenya?")
    rows = answer(page).locator("tbody tr")
    expect(rows).to_have_count(8)
    first = set(rows.locator("td:first-child strong").all_inner_texts())
    answer(page).get_by_role("button", name="Show more").click()
    expect(page.locator(".turn .reply")).to_have_count(2)
    second = set(answer(page).locator("tbody tr td:first-child strong").all_inner_texts())
    assert len(second) == 8
    assert not first & second
    expect(answer(page).get_by_role("caption")).to_contain_text("9–16 /")


def test_a_clarifying_question_is_answered_with_its_button(open_page: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, "What is MDB doing in Kenya?")
    answer(page).get_by_role("button", name="Meridional Development Bank").click()
    expect(page.locator(".turn .reply")).to_have_count(2)
    expect(answer(page)).to_contain_text("Meridional Development Bank")
    expect(answer(page).get_by_role("table")).to_be_visible()


def test_an_arabic_question_is_answered_from_right_to_left(open_page: Any, ask: Any) -> None:
    page = open_page("/?lang=ar", viewport=PHONE)
    ask(page, "من يعمل في مجال الصحة في كينيا؟")
    expect(answer(page)).to_have_attribute("dir", "rtl")
    expect(answer(page)).to_contain_text("كينيا")
    expect(answer(page).locator("tbody tr")).to_have_count(8)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_real_answers_are_accessible(open_page: Any, ask: Any, viewport: dict[str, int]) -> None:
    page = open_page("/", viewport=viewport, reduced_motion="reduce")
    for question in (WASH, "Who works on nutrition in Dakar?", "Describe XX-CGD-INGO-1002-BW-4410"):
        ask(page, question)
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    assert violations(page) == []
    page.goto("/records/XX-CGD-INGO-1002-BW-4410")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_real_page_needs_no_script(open_page: Any) -> None:
    page = open_page("/", java_script_enabled=False)
    page.locator("#q").fill(WASH)
    page.get_by_role("button", name="Ask").click()
    expect(answer(page)).to_contain_text("6 organisations are reported")
    answer(page).get_by_role("button", name="Where does this come from?").click()
    expect(answer(page)).to_contain_text("The last answer rests on")


def test_an_unknown_address_is_a_page_to_a_person_and_a_problem_to_a_program(
    open_page: Any, corpus_server: str
) -> None:
    page = open_page("/nothing/here")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".code")).to_have_text("404")
    for path, accept in (("/nothing/here", "application/json"), ("/api/v1/nothing", "text/html"), ("/nothing", "*/*")):
        response = httpx.get(corpus_server + path, headers={"accept": accept}, trust_env=False)
        assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json"), path
