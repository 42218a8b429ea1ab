"""The conversation as a person at a keyboard meets it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Request, expect

WASH = "Who is doing WASH in Metekel?"


def box(page: Page) -> Any:
    return page.locator("#q")


def test_a_question_typed_is_answered_and_the_box_keeps_the_focus(open_page: Any, desk: Any, ask: Any) -> None:
    page = open_page("/")
    expect(box(page)).to_be_focused()
    page.keyboard.type(WASH)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=WASH)).to_be_visible()
    expect(page.get_by_role("group", name="WASH in Metekel by organisation").get_by_role("row")).to_have_count(6)
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("")
    expect(page.get_by_role("status")).to_have_text("Answer ready. Sources: 5")
    assert desk.asked == [(WASH, "")]
    ask(page, "only national NGOs")
    assert desk.asked[-1] == ("only national NGOs", "c-new"), "the second turn belongs to the same conversation"


def test_shift_enter_starts_a_line_and_empty_text_is_not_sent(open_page: Any, desk: Any) -> None:
    page = open_page("/")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_have_text("Type a question first.")
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(box(page)).to_have_value("one\ntwo")
    assert desk.asked == []
    page.keyboard.press("Enter")
    page.locator(".turn .reply").wait_for()
    assert desk.asked == [("one\ntwo", "")]


def test_up_recalls_and_down_comes_back(open_page: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, "first")
    ask(page, "second")
    for key, shown in [("ArrowUp", "second"), ("ArrowUp", "first"), ("ArrowUp", "first"), ("ArrowDown", "second")]:
        page.keyboard.press(key)
        expect(box(page)).to_have_value(shown)
    page.keyboard.press("ArrowDown")
    expect(box(page)).to_have_value("")
    page.keyboard.type("half a thought")
    page.keyboard.press("ArrowUp")
    expect(box(page)).to_have_value("half a thought")


def test_progress_shows_within_200_ms_and_escape_gives_the_question_back(open_page: Any, desk: Any) -> None:
    desk.delay = 3
    page = open_page("/")
    page.evaluate(
        """() => {
          window.shownAfter = new Promise(done => {
            let sent;
            document.addEventListener("keydown", () => { sent = performance.now(); }, true);
            new MutationObserver(() => document.querySelector(".pending") && done(performance.now() - sent))
              .observe(document.getElementById("turns"), { childList: true });
          });
        }"""
    )
    box(page).fill(WASH)
    page.keyboard.press("Enter")
    assert page.evaluate("window.shownAfter") < 200
    expect(page.get_by_role("status")).to_have_text(re.compile("Looking through the records"))
    expect(page.locator("#status")).to_have_attribute("role", "status")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(box(page)).to_have_value(WASH)
    expect(box(page)).to_be_focused()
    expect(page.locator(".turn")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()


def test_a_second_question_waits_for_the_first(open_page: Any, desk: Any) -> None:
    desk.delay = 0.6
    page = open_page("/")
    box(page).fill("first")
    page.keyboard.press("Enter")
    box(page).fill("second")
    page.keyboard.press("Enter")
    page.locator(".turn .reply").wait_for()
    expect(box(page)).to_have_value("second")
    assert [text for text, _ in desk.asked] == ["first"]


def test_without_a_network_the_question_stays_and_can_be_sent_again(open_page: Any) -> None:
    page = open_page("/")
    page.context.set_offline(True)
    box(page).fill(WASH)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(box(page)).to_have_value(WASH)
    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.locator(".turn .reply").wait_for()
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".turn")).to_have_count(1)
    expect(box(page)).to_have_value("")


def test_a_refusal_says_why(open_page: Any, desk: Any) -> None:
    desk.problem = (429, "Six questions a minute; wait 20 seconds.")
    page = open_page("/")
    box(page).fill(WASH)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Six questions a minute; wait 20 seconds.")
    expect(box(page)).to_have_value(WASH)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (502, "<h1>Bad gateway</h1>", "text/html"),
        (200, "[]", "application/json"),
        (500, '{"detail":[1]}', "application/json"),
    ],
)
def test_an_answer_that_is_none_is_a_failure_in_plain_words(open_page: Any, status: int, body: str, kind: str) -> None:
    page = open_page("/")
    page.route("**/api/v1/chat", lambda route: route.fulfill(status=status, body=body, content_type=kind))
    box(page).fill(WASH)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No answer came back")
    expect(box(page)).to_have_value(WASH)


def test_next_questions_and_examples_are_asked_as_if_typed(open_page: Any, desk: Any) -> None:
    page = open_page("/")
    page.get_by_role("button", name=WASH).click()
    page.locator(".turn .reply").wait_for()
    page.get_by_role("button", name="Only national NGOs").click()
    expect(page.get_by_role("heading", name="only national NGOs", exact=True)).to_be_visible()
    page.locator(".turn .reply").nth(1).wait_for()
    assert desk.asked == [(WASH, ""), ("only national NGOs", "c-new")]
    expect(box(page)).to_be_focused()


def test_citations_lead_to_their_source_and_the_source_to_its_record(open_page: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, "Everything at once")
    details = page.locator("details.sources")
    assert details.evaluate("node => node.open") is False, "ten sources start folded"
    page.get_by_role("link", name="Source 1").first.click()
    assert details.evaluate("node => node.open") is True
    target = page.locator("#t1-source-1")
    expect(target).to_be_in_viewport()
    assert target.evaluate("node => node.matches(':target')")
    expect(target.get_by_role("link")).to_have_attribute("href", "/records/r1")


def test_coming_back_from_a_record_finds_the_conversation(open_page: Any, desk: Any, ask: Any) -> None:
    page = open_page("/")
    ask(page, WASH)
    ask(page, "only national NGOs")
    page.goto("/sources")
    page.goto("/")
    expect(page.locator(".turn .question")).to_have_text([WASH, "only national NGOs"])
    identifiers = page.evaluate("[...document.querySelectorAll('[id]')].map(node => node.id)")
    assert len(identifiers) == len(set(identifiers)), "two turns must not share an id"
    ask(page, "and in Dibate?")
    assert desk.asked[-1] == ("and in Dibate?", "c-new")
    page.get_by_role("link", name="Start over").click()
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, WASH)
    assert desk.asked[-1] == (WASH, "")


def test_a_shared_address_asks_once_and_the_conversation_goes_on(open_page: Any, desk: Any, ask: Any) -> None:
    page = open_page(f"/?q={WASH}")
    expect(page.get_by_role("group", name="WASH in Metekel by organisation")).to_be_visible()
    ask(page, "only national NGOs")
    assert desk.asked == [(WASH, ""), ("only national NGOs", "c-new")]
    assert "?" not in page.url, "the address no longer describes the page"
    link = page.get_by_role("link", name="Link to this question").first
    expect(link).to_have_attribute("href", "/?q=Who+is+doing+WASH+in+Metekel%3F")


def test_the_script_asks_the_public_endpoint_and_no_other_host(open_page: Any, ask: Any, address: str) -> None:
    page = open_page("/")
    seen: list[Request] = []
    page.on("request", lambda request: seen.append(request))
    ask(page, WASH)
    assert [request.url for request in seen if request.method == "POST"] == [f"{address}/api/v1/chat"]
    others = [request.url for request in seen if request.method != "POST"]
    assert all(url.startswith(f"{address}/pictures/") for url in others), others
    assert seen[0].post_data_json == {"text": WASH}


def test_the_answer_is_copied_with_its_citations(open_page: Any, ask: Any, address: str) -> None:
    page = open_page("/", permissions=["clipboard-read", "clipboard-write"])
    ask(page, WASH)
    page.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()").split("\n")
    assert copied[0] == WASH
    assert "Riverbend Foundation [3][4]\tFoundation\tBorehole repair (funding)\tMandura\t" in "\n".join(copied)
    where = "OCHA Ethiopia, ethiopia-3w-2025-08.csv, sheet 3W, row 14, line 14, 2025-08-31"
    assert f"[2] Hygiene promotion, Dibate. {where} <{address}/records/3w-eth-0014>" in copied


def test_without_session_storage_the_chat_still_works(open_page: Any, desk: Any, ask: Any) -> None:
    page = open_page("/sources")
    page.add_init_script("Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no'); } })")
    page.goto("/")
    ask(page, WASH)
    ask(page, "only national NGOs")
    assert desk.asked[-1] == ("only national NGOs", "c-new")


def test_tables_scroll_inside_on_a_phone_and_keep_their_head(open_page: Any, ask: Any) -> None:
    page = open_page("/", viewport={"width": 360, "height": 740})
    ask(page, WASH)
    ask(page, "Everything at once")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
        "the page itself must not scroll sideways"
    )
    wide = page.get_by_role("group", name="WASH in Metekel by organisation")
    assert wide.evaluate("node => node.scrollWidth > node.clientWidth")
    long = page.get_by_role("group", name="A long table")
    long.evaluate("node => { node.scrollTop = 600; }")
    drift = long.evaluate(
        "node => node.querySelector('thead th').getBoundingClientRect().top - node.getBoundingClientRect().top"
    )
    assert 0 <= drift <= 2, "the head stays at the top of the table's own window"
    long.focus()
    page.keyboard.press("End")
    # The browser scrolls in a later frame than the key: wait for the last row instead of looking once.
    long.evaluate(
        """node => new Promise(done => {
            const look = () => {
                if (node.scrollTop + node.clientHeight >= node.scrollHeight - 2) done();
                else setTimeout(look, 20);
            };
            look();
        })"""
    )
