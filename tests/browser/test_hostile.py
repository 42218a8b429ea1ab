"""Texts of sources that would like to be markup, script, links or layout."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page
from pydantic import BaseModel

from connectors.web.record_view import record_view
from connectors.web.views import SourceView
from knowledge.records import Record, Source
from knowledge.reply import Button, Reply

ATTACKS = {
    "script": "<script>window.broken = 1</script>",
    "image": '"><img src=x onerror="window.broken = 1">',
    "address": "javascript:window.broken=1",
    "svg": "</textarea></title></script><svg onload=window.broken=1>",
    "template": "{{ 7 * 7 }}{% include 'base.html' %}${7*7}",
    "direction": "\u202etxt.exe\u2066 \u200b\u0000\ufffe end",
    "word": "W" * 3000,
    "attribute": "' onfocus='window.broken=1' autofocus='",
}
KEPT = {"type", "tone", "language", "level", "kind", "role", "scope", "purpose"}


def poison(thing: Any, attack: str) -> Any:
    """The same structure with the attack in every free text."""
    if isinstance(thing, BaseModel):
        values = {name: getattr(thing, name) for name in type(thing).model_fields}
        return thing.model_copy(update={k: v if k in KEPT else poison(v, attack) for k, v in values.items()})
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {item.name: getattr(thing, item.name) for item in fields(thing)}
        return replace(thing, **{k: v if k in KEPT else poison(v, attack) for k, v in values.items()})
    if isinstance(thing, (list, tuple)):
        return type(thing)(poison(item, attack) for item in thing)
    return attack if type(thing) is str else thing


def assert_nothing_active(page: Page) -> None:
    assert page.evaluate("window.broken") is None
    found = page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap(node => [
          ...(node.matches("script:not([src^='/static/'])") ? [node] : []),
          ...(node.matches("img:not(.brand img, .picture img[src^='/pictures/'])") ? [node] : []),
          ...(node.matches("svg, iframe, object, embed, style, base, meta[http-equiv]") ? [node] : []),
          ...[...node.attributes].filter(a => a.name.startsWith("on") || a.name === "style"),
          ...(node.matches("a") && !["http:", "https:"].includes(node.protocol) ? [node] : []),
          ...(node.matches("a") && node.host !== location.host ? [node] : []),
        ]).map(String)"""
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "long words must not widen the page"
    composer = page.locator("#composer")
    if composer.count():
        assert composer.bounding_box(), "the composer is still there"


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_replies(open_page: Any, desk: Any, replies: dict[str, Reply], attack: str) -> None:
    for number, reply in enumerate(list(replies.values())[:4]):
        bad: Reply = poison(reply, attack)
        desk.replies[f"{number} {attack}"] = bad.model_copy(update={"buttons": [Button(title=attack, send=attack)]})
    desk.examples = [attack]
    page = open_page("/", viewport={"width": 360, "height": 740})
    assert_nothing_active(page)
    for number in range(4):
        page.locator("#q").fill(f"{number} {attack}")
        page.locator("#q").press("Enter")
        page.locator(".turn .reply").nth(number).wait_for()
    assert_nothing_active(page)
    assert page.locator(".reply").count() == 4
    page.goto("/sources")
    page.goto("/")
    assert page.locator(".reply").count() == 4, "brought back from the tab's memory"
    assert_nothing_active(page)
    for number in range(4):
        page.locator("#q").fill(f"{number} {attack}")
        with page.expect_navigation():
            page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('composer'))")
        page.locator("html.ready").wait_for()
        assert page.locator(".reply").count() == 1, "this one is rendered on the server"
        assert_nothing_active(page)


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_records_sources_and_reasons(open_page: Any, desk: Any, activity: Record, source: Source, attack: str) -> None:
    view = record_view(poison(activity, attack), poison(source, attack), date(2026, 11, 1), "en")
    desk.records["bad"] = replace(view, id=attack, audience=attack)
    desk.sources = [SourceView(attack, attack, attack, attack, attack, {"activity": 1}, licence=attack)]
    page = open_page("/records/bad", viewport={"width": 360, "height": 740})
    assert_nothing_active(page)
    page.goto("/sources")
    assert_nothing_active(page)
    desk.problem = (500, attack)
    page.goto("/?q=x")
    assert_nothing_active(page)


def test_a_direction_mark_reaches_no_further_than_its_own_text(open_page: Any, desk: Any, ask: Any) -> None:
    """An override in one span must not turn the span after it around."""
    reply = desk.default
    spans = [{"text": "a\u202eb"}, {"text": "1234567890"}]
    part = {"type": "paragraph", "spans": spans}
    desk.replies["bidi"] = Reply.model_validate({"parts": [part], "citations": [reply.citations[0]]})
    page = open_page("/")
    ask(page, "bidi")
    left_to_right = (
        page.locator(".reply p span")
        .nth(1)
        .evaluate(
            """node => {
          const at = place => {
            const range = document.createRange();
            range.setStart(node.firstChild, place);
            range.setEnd(node.firstChild, place + 1);
            return range.getBoundingClientRect().left;
          };
          return at(0) < at(9);
        }"""
        )
    )
    assert left_to_right
