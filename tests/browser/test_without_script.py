"""The same forms, answered by whole pages, in a browser that runs no script."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

WASH = "Who is doing WASH in Metekel?"
PLAIN: dict[str, Any] = {"java_script_enabled": False}
WEIGHTED = {"Accept-Language": "de, ar;q=0.3, es;q=0.4, fr;q=bad, en;q=0"}


def test_a_conversation_goes_on_from_page_to_page(open_page: Any, desk: Any) -> None:
    page = open_page("/", **PLAIN)
    page.get_by_role("textbox", name="Your question").fill(WASH)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name=WASH)).to_be_visible()
    expect(page.get_by_role("group", name="WASH in Metekel by organisation").get_by_role("row")).to_have_count(6)
    page.get_by_role("button", name="Only national NGOs").click()
    expect(page.get_by_role("heading", name="only national NGOs", exact=True)).to_be_visible()
    page.get_by_role("textbox", name="Your question").fill("and in Dibate?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("heading", name="and in Dibate?")).to_be_visible()
    assert desk.asked == [(WASH, ""), ("only national NGOs", "c-new"), ("and in Dibate?", "c-new")]


def test_a_question_by_its_address(open_page: Any, desk: Any) -> None:
    page = open_page(f"/?q={WASH}", **PLAIN)
    expect(page.get_by_role("heading", name=WASH)).to_be_visible()
    page.get_by_role("link", name="Link to this question").click()
    expect(page.get_by_role("heading", name=WASH)).to_be_visible()
    assert desk.asked == [(WASH, ""), (WASH, "")]


def test_examples_are_forms(open_page: Any, desk: Any) -> None:
    page = open_page("/", **PLAIN)
    page.get_by_role("button", name=WASH).click()
    expect(page.locator(".turn .reply")).to_be_visible()


def test_a_failure_keeps_the_question(open_page: Any, desk: Any) -> None:
    desk.problem = (503, "The dialogue engine is starting; try again in half a minute.")
    page = open_page("/", **PLAIN)
    page.get_by_role("textbox", name="Your question").fill(WASH)
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The dialogue engine is starting")
    expect(page.get_by_role("textbox", name="Your question")).to_have_value(WASH)


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"data": "q=" + "a" * 70_000}, 413, "Keep a question under 64 KB."),
        ({"data": "q=%ff%fe"}, 400, "in UTF-8"),
        ({"data": b"\xff\xfe"}, 400, "in UTF-8"),
        ({"data": "&".join(f"f{n}=1" for n in range(50))}, 400, "in UTF-8"),
        ({"data": "q=+++"}, 400, "Type a question first."),
        ({"data": ""}, 400, "Type a question first."),
        ({"form": {"q": WASH}}, 200, "5 organisations"),
    ],
)
def test_forms_good_and_bad(open_page: Any, address: str, body: dict[str, Any], status: int, says: str) -> None:
    page = open_page("/", **PLAIN)
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = page.context.request.post(f"{address}/", headers=headers, **body)
    assert response.status == status
    assert says in response.text()


@pytest.mark.parametrize(
    ("path", "options", "language", "direction", "says"),
    [
        ("/", {"locale": "fr-CA"}, "fr", "ltr", "Qui fait quoi, où ?"),
        ("/", {"locale": "de-DE"}, "en", "ltr", "Who is doing what, where?"),
        ("/?lang=ar", {}, "ar", "rtl", "من يفعل ماذا وأين؟"),
        ("/?lang=xx", {"locale": "pt-BR"}, "pt", "ltr", "Quem faz o quê e onde?"),
        ("/", {"locale": None, "extra_http_headers": WEIGHTED}, "es", "ltr", "¿Quién hace qué y dónde?"),
    ],
)
def test_the_page_speaks_the_language_of_its_reader(
    open_page: Any, path: str, options: dict[str, Any], language: str, direction: str, says: str
) -> None:
    page = open_page(path, **{**PLAIN, **options})
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    expect(page.get_by_role("heading", level=1)).to_contain_text(says)


def test_the_language_chosen_stays(open_page: Any) -> None:
    page = open_page("/", **PLAIN)
    page.get_by_role("link", name="Español").click()
    page.get_by_role("link", name="Fuentes").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
