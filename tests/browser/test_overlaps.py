"""The overlaps views in a real browser: reasons, forms, pictures, keyboard, phone, both directions, without script."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connectors.web.cell_pages import CellLine, CellsForm, CellsView, EntryView, JudgementsView
from connectors.web.overlap_views import (
    CompareView,
    FoldView,
    HeadingView,
    MeetingView,
    OverlapForm,
    OverlapsView,
    PairView,
    PictureView,
    QueueView,
    RecordLine,
    Row,
    SaidView,
)
from tests.browser.test_hostile import ATTACKS

DESK, PHONE = {"width": 1180, "height": 860}, {"width": 360, "height": 740}

ONE = RecordLine(
    "XX-1",
    "Safe water for displaced families",
    "en",
    "Dawn Relief",
    "1 Jan 2024",
    "31 Aug 2026",
    "planned end passed 3 months ago",
    True,
    "Turkana",
    "Water",
    "/records/XX-1",
    "/overlaps?record=XX-1",
)
OTHER = RecordLine(
    "YY-2",
    "مياه نظيفة للأسر",
    "ar",
    "منظمة الفجر",
    "1 Mar 2025",
    "",
    "no end",
    False,
    "Turkana",
    "Water",
    "/records/YY-2",
)
PAIR = PairView(
    a="XX-1",
    b="YY-2",
    label="overlap",
    sure="likely (66%)",
    other="Next likeliest: Complementary (25%)",
    speaks_for=("Both speak of boreholes, and both name Turkana.",),
    against=("At least one of the two lacks a date.",),
    between=("Neither record names the other's organisation.",),
    href="/overlaps/compare?a=XX-1&b=YY-2",
)
PICTURE = PictureView(
    "Side by side",
    "Timeline. Initiatives: 2",
    "/pictures/timeline.svg?with=wide",
    "/pictures/timeline.svg?with=narrow",
    "/pictures/timeline.svg?with=wide-dark",
    "/pictures/timeline.svg?with=narrow-dark",
    "What it shows",
)
HEADING = HeadingView(OTHER, "Times reported: 3 (FCDO, UNICEF and IRC)", (FoldView("chain", (ONE,)),))
MEETING = MeetingView(1, "overlap", (HEADING,), (PAIR, PAIR), "Under way", "Turkana")
OVERLAPS = OverlapsView(
    form=OverlapForm(),
    heading=ONE.title,
    facts=("Meetings: 12", "Overlap: 2"),
    read=(("Title", "Safe water"), ("Where", "Turkana")),
    where=(("Kenya", "9", "/overlaps?place=Kenya"), ("Senegal", "3", "/overlaps?place=Senegal")),
    subject=HeadingView(ONE),
    same=(MeetingView(1, "chain", (HEADING,), (PAIR,)),),
    meetings=(MEETING,),
    shown="1–10 / 12",
    next="/overlaps?record=XX-1&offset=10",
    pictures=(PICTURE,),
    table=(Row(ONE, "asked"), Row(OTHER, "overlap")),
    downloads={"JSON": "/api/v1/overlaps?record=XX-1"},
    may_judge=True,
)
COMPARISON = CompareView(
    a="XX-1",
    b="YY-2",
    one=ONE,
    other=OTHER,
    pair=PAIR,
    meaning="Different owners, substantially the same work.",
    rows=(("Publisher", ("Dawn Relief",), ("منظمة الفجر",)), ("Budget", ("1,200 USD",), ())),
    chances=(("Overlap", "0.660"),),
    numbers=(("place_share", "0.900"),),
    rules=(("same_grant", "Title, number and amount are the same from two publishers: one grant, reported twice."),),
    said=(SaidView("j1", "Dawn Relief, 1 Nov 2026: Overlap", "We met there.", True),),
    disputed=True,
    may_judge=True,
    may_share=True,
    pictures=(PICTURE,),
)
QUEUE = QueueView(((ONE, OTHER, PAIR),), 1, may_judge=True)
CELLS = CellsView(
    CellsForm(place="Kenya", below=True),
    (CellLine("Turkana", "Water", 17, 13, 66, "/overlaps?place=Turkana&theme=Water"),),
    PICTURE,
    downloads={"CSV": "/overlaps/cells.csv?place=Kenya"},
)
SAID = JudgementsView(
    (EntryView(ONE, OTHER, "Dawn Relief, 3 Nov 2026: Overlap", "It counts", "Seen there.", "/overlaps/compare", "j1"),),
    "1–1 / 1",
)


@pytest.fixture(autouse=True)
def filled(desk: Any) -> None:
    desk.overlaps, desk.comparison, desk.waiting = OVERLAPS, COMPARISON, QUEUE
    desk.busiest, desk.said = CELLS, SAID


def violations(page: Page) -> list[str]:
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")["violations"]
    return [f"{item['id']}: {node['html'][:200]} {node['failureSummary']}" for item in found for node in item["nodes"]]


@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ar", "dark")])
def test_no_violations_and_nothing_wider_than_the_screen(
    open_page: Any, viewport: dict[str, int], language: str, scheme: str
) -> None:
    page = open_page(f"/overlaps?lang={language}", viewport=viewport, color_scheme=scheme)
    for path in (
        *("/overlaps?record=XX-1", "/overlaps/compare?a=XX-1&b=YY-2", "/overlaps/compare", "/overlaps/queue"),
        *("/overlaps/cells", "/overlaps/judgements"),
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_the_form_leads_to_an_address_that_can_be_shared(open_page: Any, desk: Any) -> None:
    desk.overlaps = OverlapsView(OverlapForm(), starts=(("Water, Kenya", "12", "/overlaps?place=Kenya&theme=Water"),))
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("link", name="Overlaps").click()
    expect(page.get_by_role("link", name="Water, Kenya")).to_be_visible()
    desk.overlaps = OVERLAPS
    page.get_by_label("Place", exact=True).fill("Turkana")
    page.get_by_label("Theme", exact=True).fill("WASH")
    page.get_by_text("More filters").click()
    page.get_by_label("Kind of organisation").select_option("nngo")
    page.get_by_role("button", name="Find what meets").click()
    for part in ("place=Turkana", "theme=WASH", "kind=nngo"):
        assert part in page.url
    expect(page.get_by_label("Place", exact=True)).to_have_value("Turkana")
    expect(page.get_by_role("link", name="Next")).to_have_attribute("href", "/overlaps?record=XX-1&offset=10")
    page.get_by_role("link", name="العربية").click()
    assert "place=Turkana" in page.url, "another language keeps what was asked"
    expect(page.locator("html")).to_have_attribute("dir", "rtl")


def test_a_meeting_says_what_it_is_how_surely_and_why(open_page: Any) -> None:
    page = open_page("/overlaps?record=XX-1")
    meeting = page.locator(".meetings > li").first
    for told in (
        "Overlap",
        "likely (66%)",
        "Next likeliest",
        "Under way",
        "Times reported: 3",
        "Both speak of boreholes",
    ):
        expect(meeting).to_contain_text(told)
    expect(meeting.get_by_text("At least one of the two lacks a date.").first).to_be_visible()
    folded = meeting.get_by_text("Safe water for displaced families")
    expect(folded).not_to_be_visible()
    meeting.get_by_text("Funding chain: 1").click()
    expect(folded).to_be_visible()
    page.get_by_text("The same as a table").first.click()
    expect(page.get_by_role("row", name="مياه نظيفة للأسر")).to_contain_text("1 Mar 2025")


@pytest.mark.parametrize(
    ("viewport", "scheme", "wanted"),
    [(DESK, "light", "wide"), (DESK, "dark", "wide-dark"), (PHONE, "light", "narrow"), (PHONE, "dark", "narrow-dark")],
)
def test_each_screen_gets_its_own_picture_and_no_other(
    open_page: Any, viewport: dict[str, int], scheme: str, wanted: str
) -> None:
    page = open_page("/overlaps?record=XX-1", viewport=viewport, color_scheme=scheme)
    image = page.get_by_role("img", name="Timeline. Initiatives: 2")
    expect(image).to_be_visible()
    assert image.evaluate("async node => { await node.decode(); return node.naturalWidth; }") > 0
    assert image.evaluate("node => node.currentSrc").endswith(f"with={wanted}")
    assert image.evaluate("node => node.getBoundingClientRect().right <= innerWidth")


def test_a_word_of_people_is_given_with_the_keyboard(open_page: Any, desk: Any) -> None:
    page = open_page("/overlaps/compare?a=XX-1&b=YY-2", java_script_enabled=False)
    expect(page.locator("#said")).to_contain_text("We met there.")
    expect(page.get_by_role("radio", name="Overlap")).to_be_checked()
    page.get_by_role("radio", name="Overlap").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_label("Reason").fill("Other villages.")
    page.get_by_role("button", name="Save the judgement").press("Enter")
    expect(page.get_by_role("status")).to_have_text("Saved. It counts from now on.")
    said = desk.judged[-1]
    assert (said["label"], said["shown"], said["reason"]) == ("complementary", "overlap", "Other villages.")
    page.get_by_role("button", name="Take it back").click()
    assert (desk.judged[-1]["what"], desk.judged[-1]["undo"]) == ("undo", "j1")


def test_nothing_found_and_not_ready_lead_on(open_page: Any, desk: Any) -> None:
    desk.overlaps = OverlapsView(OverlapForm(), heading="Turkana", none="None published in my index as of 1 Nov 2026")
    page = open_page("/overlaps?place=Turkana")
    expect(page.get_by_role("status")).to_contain_text("for the place above it")
    desk.overlaps = OverlapsView(OverlapForm(), waiting="Compared so far: 300 / 12,484")
    response = page.goto("/overlaps?place=Turkana")
    assert response is not None
    assert response.status == 503
    expect(page.get_by_role("status")).to_contain_text("300 / 12,484")
    desk.overlaps = OVERLAPS
    page.get_by_role("link", name="Try again").click()
    assert page.url.endswith("/overlaps?place=Turkana")
    expect(page.locator(".meetings")).to_be_visible()


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_hostile_texts(open_page: Any, desk: Any, attack: str) -> None:
    kept = {"label": "overlap", "relation": "overlap"}
    desk.overlaps = _poisoned(OVERLAPS, attack, kept)
    desk.comparison = _poisoned(COMPARISON, attack, kept)
    desk.waiting = _poisoned(QUEUE, attack, kept)
    page = open_page("/overlaps?record=XX-1", viewport=PHONE)
    for path in ("/overlaps?record=XX-1", "/overlaps/compare?a=XX-1&b=YY-2", "/overlaps/queue"):
        page.goto(path)
        assert page.evaluate("window.broken") is None
        found = page.evaluate(
            """() => [...document.querySelectorAll("*")].flatMap(node => [
              ...(node.matches("script, svg, iframe, object, embed, style, base, meta[http-equiv]") ? [node] : []),
              ...[...node.attributes].filter(a => a.name.startsWith("on") || a.name === "style"),
              ...(node.matches("a") && node.host !== location.host ? [node] : []),
            ]).map(String)"""
        )
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def _poisoned(view: Any, attack: str, kept: dict[str, str]) -> Any:
    """The same view with the attack in every text, but labels, which are ours."""
    if is_dataclass(view) and not isinstance(view, type):
        values = {item.name: getattr(view, item.name) for item in fields(view)}
        return replace(
            view,
            **{name: kept.get(name, "") if name in kept else _poisoned(v, attack, kept) for name, v in values.items()},
        )
    if isinstance(view, tuple):
        return tuple(_poisoned(item, attack, kept) for item in view)
    if isinstance(view, dict):
        return dict.fromkeys([attack], attack)
    return attack if isinstance(view, str) and view else view
