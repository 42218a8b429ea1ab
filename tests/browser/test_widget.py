"""The chat embedded on another site, in a real browser: what a person meets there, also where the network fails."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from connectors.messages import IncomingMessage
from connectors.widget.pages import modules
from knowledge.reply import Answer, Reply
from tests.browser.test_accessibility import DESK, PHONE, violations
from tests.browser.test_hostile import ATTACKS, poison
from tests.connectors.widget.served import Running, answer, echo, eventually, served
from tests.connectors.widget.site import TAG, Site
from tests.connectors.widget.site import site as site_

OpenSite = Callable[..., Page]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Site]]:
    with site_() as other, served(tmp_path_factory.mktemp("widget") / "home", widget_origins=other.url) as application:
        other.widget = application.url
        yield application, other


@pytest.fixture
def running(standing: tuple[Running, Site]) -> Running:
    standing[0].stub.asked.clear()
    standing[0].stub.turned = echo
    return standing[0]


@pytest.fixture
def site(standing: tuple[Running, Site]) -> Site:
    site = standing[1]
    site.tag, site.language = TAG, "en"
    return site


@pytest.fixture
def open_site(browser: Browser, site: Site, running: Running) -> Iterator[OpenSite]:
    """Opens the site. Fails the test when anything on it breaks its policy or throws."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_(**options: Any) -> Page:
        contexts.append(browser.new_context(**{"locale": "en-GB", "viewport": DESK, **options}))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto(site.url)
        page.locator("common-ground .panel").wait_for(state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert faults == []


def box(page: Page) -> Any:
    return page.locator("#q")


def say(page: Page, text: str) -> None:
    box(page).fill(text)
    box(page).press("Enter")


def opened(page: Page) -> Page:
    page.locator(".launcher").click()
    expect(box(page)).to_be_focused()
    return page


def shown(page: Page) -> Any:
    return page.locator("common-ground .turn .reply")


def questions(running: Running) -> list[str]:
    return [message.text for message in running.stub.asked]


def test_it_is_small() -> None:
    """All that the component loads, in the language that has most to say."""
    packed = {name: len(gzip.compress(content, 9)) for name, content in modules().items()}
    said = [size for name, size in packed.items() if name.startswith("said.")]
    assert len(said) == 5
    assert sum(packed.values()) - sum(said) + max(said) < 20_000, packed


def test_a_question_on_another_site_is_answered_with_its_sources(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    say(page, "who does water?")
    expect(shown(page)).to_contain_text("You asked: who does water?")
    expect(page.get_by_role("status")).to_have_text("Answer ready. Sources: 1")
    expect(box(page)).to_be_focused()
    source = shown(page).locator(".sources a")
    expect(source).to_have_attribute("href", f"{running.url}/records/XX-1")
    expect(source).to_have_attribute("target", "_blank")
    shown(page).locator("a[role=doc-noteref]").first.click()
    expect(source).to_be_focused()
    shown(page).get_by_role("button", name="And in Kenya?").click()
    expect(shown(page)).to_have_count(2)
    assert questions(running) == ["who does water?", "And in Kenya?"]
    assert page.context.cookies() == []


def test_all_of_it_with_the_keyboard(open_site: OpenSite, running: Running) -> None:
    page = open_site()
    page.keyboard.press("Tab")
    expect(page.locator(".launcher")).to_be_focused()
    page.keyboard.press("Enter")
    expect(box(page)).to_be_focused()
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    page.keyboard.press("Enter")
    expect(shown(page)).to_have_count(1)
    assert questions(running) == ["one\ntwo"]
    page.keyboard.press("ArrowUp")
    expect(box(page)).to_have_value("one\ntwo")
    for _ in range(30):
        page.keyboard.press("Shift+Tab")
        if page.locator(".good").evaluate("node => node.matches(':focus')"):
            break
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Kind")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".bad")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".launcher")).to_be_focused()
    expect(page.locator(".panel")).to_be_hidden()
    assert page.locator("common-ground").evaluate("node => node.shadowRoot.activeElement !== null")


def test_a_reload_keeps_the_conversation(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    say(page, "first")
    expect(shown(page)).to_have_count(1)
    say(page, "second")
    expect(shown(page)).to_have_count(2)
    page.reload()
    page.locator(".panel").wait_for(state="attached")
    opened(page)
    expect(page.locator(".question")).to_have_text(["first", "second"])
    say(page, "third")
    expect(shown(page)).to_have_count(3)
    assert questions(running) == ["first", "second", "third"]
    assert len({message.conversation for message in running.stub.asked}) == 1
    page.get_by_role("button", name="Start over").click()
    expect(shown(page)).to_have_count(0)
    say(page, "fourth")
    expect(shown(page)).to_have_count(1)
    assert len({message.conversation for message in running.stub.asked}) == 2


def test_what_is_written_offline_is_kept_and_sent_once(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    say(page, "before")
    expect(shown(page)).to_have_count(1)
    page.context.set_offline(True)
    expect(page.get_by_role("status")).to_contain_text("You are offline")
    say(page, "while away")
    say(page, "and another")
    expect(page.locator(".waits .progress")).to_have_count(2)
    expect(page.locator(".waits .progress").first).to_contain_text("Not sent yet")
    page.wait_for_timeout(300)
    assert questions(running) == ["before"]
    page.context.set_offline(False)
    expect(shown(page)).to_have_count(3)
    expect(page.locator(".question")).to_have_text(["before", "while away", "and another"])
    assert questions(running) == ["before", "while away", "and another"]


def test_a_request_whose_response_is_lost_is_asked_once(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    lost: list[str] = []

    def lose(route: Any) -> None:
        lost.append(route.request.post_data)
        if len(lost) == 1:
            route.fetch()  # it arrives, and nobody hears so
            route.abort()
        else:
            route.continue_()

    page.route("**/widget/messages", lose)
    say(page, "only once")
    expect(shown(page)).to_have_count(1)
    eventually(lambda: len(lost) == 2)
    assert json.loads(lost[0])["id"] == json.loads(lost[1])["id"]
    page.wait_for_timeout(300)
    assert questions(running) == ["only once"]
    expect(page.locator(".question")).to_have_count(1)


def test_a_restart_of_the_server_loses_and_doubles_nothing(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    say(page, "before")
    expect(shown(page)).to_have_count(1)
    running.stop()
    say(page, "meanwhile")
    expect(page.get_by_role("status")).to_contain_text("interrupted", timeout=10_000)
    running.start()
    expect(shown(page)).to_have_count(2, timeout=60_000)
    assert questions(running) == ["before", "meanwhile"]
    expect(page.locator(".question")).to_have_text(["before", "meanwhile"])


def test_it_holds_no_connection_where_no_answer_is_awaited(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site())
    ended: list[str] = []
    page.on("requestfailed", lambda request: ended.append(request.url))
    say(page, "first")
    expect(shown(page)).to_have_count(1)
    eventually(lambda: page.wait_for_timeout(100) or ended)
    assert ended == [f"{running.url}/widget/events"]
    say(page, "second")
    expect(shown(page)).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text("Answer ready. Sources: 1")


def test_a_proposal_is_dropped_and_checked(open_site: OpenSite, running: Running, tmp_path: Path) -> None:
    page = opened(open_site())
    plan = "Safe water for displaced families in Metekel, January to June 2027."
    page.locator(".panel").evaluate(
        """(panel, text) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], "plan.txt", { type: "text/plain" }));
          for (const type of ["dragenter", "dragover"]) {
            panel.dispatchEvent(new DragEvent(type, { dataTransfer: carried, bubbles: true, cancelable: true }));
          }
          const shown = !panel.querySelector(".drop").hidden;
          panel.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
          if (!shown || !panel.querySelector(".drop").hidden) throw new Error("the place to drop is not shown");
        }""",
        plan,
    )
    expect(page.locator(".question")).to_have_text("plan.txt")
    expect(shown(page)).to_have_count(1)
    (asked,) = running.stub.asked
    assert "Metekel" in f"{asked.text} {asked.attached}"
    odd = tmp_path / "tool.exe"
    odd.write_bytes(b"MZ")
    page.locator("#file").set_input_files(odd)
    expect(page.get_by_role("status")).to_contain_text("tool.exe")
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"no PDF")
    page.locator("#file").set_input_files(broken)
    expect(page.locator(".notice.error")).to_contain_text("broken.pdf")
    assert len(running.stub.asked) == 1


def test_answers_are_judged_copied_and_taken_along(open_site: OpenSite, running: Running) -> None:
    page = opened(open_site(permissions=["clipboard-read", "clipboard-write"]))
    say(page, "who?")
    expect(shown(page)).to_have_count(1)
    page.get_by_role("button", name="Copy answer").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert f"<{running.url}/records/XX-1>" in copied
    with page.expect_download() as taken:
        page.get_by_role("button", name="Table as CSV").click()
    written = Path(taken.value.path()).read_text(encoding="utf-8-sig")
    assert written.splitlines()[:2] == ["Organisation,Projects", "'=Lanternway [1],3"]
    assert f"{running.url}/records/XX-1" in written
    with page.expect_download() as taken:
        page.get_by_role("button", name="Answer as JSON").click()
    assert json.loads(Path(taken.value.path()).read_text(encoding="utf-8"))["question"] == "who?"
    page.get_by_role("button", name="Not right").click()
    page.get_by_label("Kind").select_option("outdated")
    page.get_by_label("In your words").fill("They left in May.")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".thanks")).to_contain_text("Thank you")


def test_what_is_slow_says_so_and_a_second_question_may_follow(open_site: OpenSite, running: Running) -> None:
    import asyncio

    async def slow(message: IncomingMessage) -> Answer:
        await asyncio.sleep(1.2)
        return await echo(message)

    running.stub.turned = slow
    page = opened(open_site())
    say(page, "first")
    expect(page.locator(".progress")).to_contain_text("Looking through the records")
    say(page, "second")
    expect(shown(page)).to_have_count(2)
    expect(page.locator(".question")).to_have_text(["first", "second"])


def test_a_site_that_may_not_ask_is_told_so(open_site: OpenSite, running: Running, site: Site) -> None:
    page = open_site()
    page.goto(site.url.replace("localhost", "127.0.0.1"))
    page.locator(".launcher").click()
    expect(page.get_by_role("status")).to_contain_text("may not use the assistant")
    assert running.stub.asked == []


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark"), ("en", "dark"), ("ar", "light")])
def test_no_violations(
    open_site: OpenSite,
    running: Running,
    site: Site,
    replies: dict[str, Reply],
    viewport: dict[str, int],
    language: str,
    scheme: str,
) -> None:
    async def canned(message: IncomingMessage) -> Answer:
        return Answer(reply=replies.get(message.text, answer("no").reply))

    running.stub.turned = canned
    site.language = language
    page = open_site(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    assert violations(page) == []
    page.locator(".launcher").click()
    assert violations(page) == []
    for number, question in enumerate(replies):
        say(page, question)
        expect(page.locator("common-ground .turn .reply")).to_have_count(number + 1)
    page.locator(".bad").last.click()
    page.locator("common-ground").evaluate(
        "node => node.shadowRoot.querySelectorAll('details').forEach(one => { one.open = true; })"
    )
    assert violations(page) == []
    panel = page.locator(".panel")
    expect(panel).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    assert panel.evaluate("node => node.scrollWidth <= node.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_nothing_in_a_record_becomes_active(
    open_site: OpenSite, running: Running, replies: dict[str, Reply], attack: str
) -> None:
    async def hostile(message: IncomingMessage) -> Answer:
        return Answer(reply=poison(replies["Everything at once"], attack))

    running.stub.turned = hostile
    page = open_site()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    say(page, attack)
    expect(page.locator("common-ground .turn .reply")).to_have_count(1)
    active = page.locator("common-ground").evaluate(
        """node => {
          const odd = "script, iframe, object, embed, svg, style, link, [onerror], [onload], [onfocus]";
          const found = [...node.shadowRoot.querySelectorAll(odd)];
          const links = [...node.shadowRoot.querySelectorAll("[href], [src], [srcset]")]
            .flatMap(one => ["href", "src", "srcset"].map(name => one.getAttribute(name)).filter(Boolean));
          return [found.map(one => one.outerHTML), links];
        }"""
    )
    assert active[0] == []
    assert [link for link in active[1] if not link.startswith((f"{running.url}/", "#"))] == []
    assert [url for url in asked if not url.startswith(running.url)] == []
    assert page.evaluate("window.broken") is None
    assert page.locator(".panel").evaluate("node => node.scrollWidth <= node.clientWidth")


def test_it_speaks_the_language_of_the_page_and_takes_its_colours(open_site: OpenSite, site: Site) -> None:
    site.language = "fr"
    site.tag = '<common-ground theme="dark" mode="inline"></common-ground>'
    page = open_site()
    expect(page.get_by_role("button", name="Demander")).to_be_visible()
    expect(page.locator(".launcher")).to_have_count(0)
    page.locator("common-ground").evaluate("node => node.style.setProperty('--commonground-accent', 'rgb(1, 2, 3)')")
    colour = page.locator(".primary").evaluate("node => getComputedStyle(node).backgroundColor")
    assert colour == "rgb(1, 2, 3)"
    assert page.locator(".panel").evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(16, 21, 24)"


def test_the_real_assistant_on_its_own_page(browser: Browser, corpus_server: str) -> None:
    context = browser.new_context(locale="en-GB", viewport=DESK)
    page = context.new_page()
    page.goto(f"{corpus_server}/widget/demo")
    opened(page)
    expect(page.locator(".examples button").first).to_be_visible()
    say(page, "Who works on WASH in Turkana?")
    expect(shown(page)).to_contain_text("6 organisations are reported working on water", timeout=60_000)
    expect(shown(page).get_by_role("row")).to_have_count(7)
    say(page, "only national NGOs")
    expect(shown(page).nth(1)).to_contain_text("National NGO only", timeout=60_000)
    link = shown(page).nth(1).locator(".sources a[href*='/records/']").first
    with context.expect_page() as record:
        link.click()
    expect(record.value).to_have_url(re.compile("/records/"))
    context.close()
