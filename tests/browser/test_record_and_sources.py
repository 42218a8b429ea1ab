"""The views of one record and of the index, and the pages that say no."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from connectors.web.assets import version
from connectors.web.record_view import record_view
from connectors.web.views import SourceView
from knowledge.records import Period, Record, RecordKind, Source

TODAY = date(2026, 11, 1)


def row(page: Page, label: str) -> Any:
    return page.locator(".fields > div").filter(has=page.locator("dt", has_text=label))


def test_a_record_shows_every_field_with_its_place_in_the_source(
    open_page: Any, desk: Any, activity: Record, source: Source
) -> None:
    desk.records[activity.id] = record_view(activity, source, TODAY, "en")
    page = open_page(f"/records/{activity.id}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Safe water for displaced families")
    expect(page.locator(".state")).to_contain_text("Status as reported: Implementation")
    expect(page.locator(".state .timing")).to_have_text("Planned end passed 14 months ago")
    origin = page.locator(".origin")
    for told in ("Dawn Relief", "dawn-relief.xml", "iati-activity[12], line 418", "31 Aug 2025", "14 Sep 2025"):
        expect(origin).to_contain_text(told)
    expect(origin).to_contain_text("coordination community")
    expect(page.get_by_role("region", name="Notes on data quality")).to_contain_text("sum to 100")
    for label, shown, where in [
        ("Description", "Water trucking and latrines.", "description"),
        ("Sectors and themes", "OECD DAC 14030 · 70\u00a0%", "sector · transaction/sector"),
        ("Reported by", "Dawn Relief DR · XX-DAWN", "reporting-org"),
        ("Implemented by", "Abbay Community Development", "participating-org"),
        ("Places", "Dibate, Metekel, Benishangul Gumz, Ethiopia ET060205 · 60\u00a0%", "location · recipient-country"),
        ("Planned end", "31 Aug 2025", "activity-date"),
        ("Budget", "1,200,000\u00a0USD", "budget"),
        ("Disbursement", "2.5\u00a0? Riverbend → Dawn Relief", "transaction"),
        ("Safe water", "Families reached baseline 800 · target 2,400 · actual 2,150", "result/indicator"),
        ("Documents", "Report", "document-link"),
    ]:
        expect(row(page, label).locator(".values").first).to_contain_text(shown)
        expect(row(page, label).locator(".provenance")).to_have_text(where)
    expect(row(page, "humanitarian")).to_contain_text("1")


def test_long_lists_fold_and_links_are_safe(open_page: Any, desk: Any, activity: Record, source: Source) -> None:
    desk.records[activity.id] = record_view(activity, source, TODAY, "en")
    page = open_page(f"/records/{activity.id}")
    last = page.get_by_text("Kebele 13, Metekel")
    expect(last).not_to_be_visible()
    page.get_by_text("Show all: 15").click()
    expect(last).to_be_visible()
    report = page.get_by_role("link", name="Report")
    expect(report).to_have_attribute("href", "https://example.org/r.pdf")
    expect(report).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(page.get_by_role("link", name="Odd")).to_have_count(0)
    expect(page.get_by_text("Odd")).to_be_visible()
    expect(page.get_by_role("link", name="xx-dawn 24/é")).to_have_attribute("href", "/records/xx-dawn%2024/%C3%A9")


@pytest.mark.parametrize(
    ("period", "status", "timing", "tone"),
    [
        (Period(planned_start=date(2026, 1, 1), planned_end=date(2027, 1, 1)), "2", "", "info"),
        (Period(planned_start=date(2026, 1, 1)), "2", "No end date reported", "warning"),
        (Period(planned_start=date(2050, 11, 1)), "1", "Starts in 24 years", "info"),
        (Period(planned_end=date(2026, 8, 30)), "Ongoing", "Planned end passed 2 months ago", "warning"),
        (Period(planned_end=date(2025, 8, 30)), "4", "Ended 14 months ago", "info"),
        (Period(actual_end=date(2025, 8, 30)), "2", "Ended 14 months ago", "info"),
        (Period(), "2", "No dates reported", "warning"),
    ],
)
def test_how_the_dates_stand_to_today(
    activity: Record, source: Source, period: Period, status: str, timing: str, tone: str
) -> None:
    view = record_view(replace(activity, period=period, status=status), source, TODAY, "en")
    assert (view.timing, view.timing_tone) == (timing, tone)


def test_a_mandate_has_no_dates_to_miss_and_a_row_no_elements(activity: Record, source: Source) -> None:
    mandate = record_view(replace(activity, kind=RecordKind.MANDATE, period=Period()), source, TODAY, "en")
    assert mandate.timing == ""
    presence = record_view(replace(activity, kind=RecordKind.PRESENCE), source, TODAY, "ar")
    assert {field.provenance for section in presence.sections for field in section.fields} == {""}
    assert presence.status == "قيد التنفيذ"


def test_a_sector_without_a_name_is_looked_up(activity: Record, source: Source) -> None:
    view = record_view(activity, source, TODAY, "en", theme_name=lambda theme: f"sector {theme.code}")
    themes = next(field for field in view.sections[0].fields if field.label == "Sectors and themes")
    assert [value.text for value in themes.values] == ["Basic water", "sector 14032"]


def test_the_sources_and_their_totals(open_page: Any, desk: Any) -> None:
    desk.sources = [
        SourceView("5W", "five.csv", "table", "OCHA", "public", {"presence": 4213}, date(2025, 8, 31), "CC0", 12),
        SourceView("", "dawn.xml", "IATI 2.03", "", "own", {"activity": 118}),
    ]
    page = open_page("/")
    page.get_by_role("link", name="Sources").click()
    expect(page.get_by_role("link", name="Sources")).to_have_attribute("aria-current", "page")
    expect(page.locator(".totals div")).to_have_text(["Files2", "Records4,331", "Activities118", "Presence rows4,213"])
    table = page.get_by_role("group", name="Files")
    expect(table.get_by_role("row").nth(1)).to_contain_text("31 Aug 2025")
    expect(table.get_by_role("row").nth(1).get_by_role("cell")).to_have_text(
        ["OCHA", "31 Aug 2025", "public", "Presence rows: 4,213", "12", "CC0"]
    )
    expect(table.get_by_role("row").nth(2)).to_contain_text("own organisation only")


def test_an_empty_index_says_what_to_do(open_page: Any) -> None:
    expect(open_page("/sources").locator("main")).to_contain_text("commonground ingest PATH")


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/records/none", 404, "the record has left the index"),
        ("/records/secret", 403, "Shared with named organisations"),
    ],
)
def test_a_page_that_says_no_says_why_and_where_to_go(open_page: Any, path: str, status: int, says: str) -> None:
    page = open_page("/sources")
    response = page.goto(path)
    assert response is not None
    assert response.status == status
    expect(page.locator("main")).to_contain_text(says)
    page.get_by_role("link", name="Back to Ask").click()
    expect(page.locator("#q")).to_be_visible()


def test_every_link_of_the_frame_leads_somewhere(open_page: Any) -> None:
    page = open_page("/")
    for href in page.locator("a[href^='/'], a[href^='?']").evaluate_all("all => all.map(a => a.href)"):
        assert page.context.request.get(href).ok, href


def test_headers_of_views_and_files(open_page: Any, address: str) -> None:
    get = open_page("/").context.request.get
    for path in ("/", "/sources", "/records/none"):
        headers = get(f"{address}{path}").headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy
        assert {"default-src 'none'", "frame-ancestors 'none'", "script-src 'self'"} <= set(policy.split("; "))
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer", "a question in an address must not travel on"
    current = get(f"{address}/static/{version()}/chat.js")
    assert "immutable" in current.headers["cache-control"]
    assert current.headers["content-type"].startswith("text/javascript")
    assert get(f"{address}/static/older/chat.js").headers["cache-control"] == "no-cache"
    for path in ("/static/x/..%2fpages.py", "/static/x/none.js", f"/static/{version()}/"):
        assert get(f"{address}{path}").status == 404
