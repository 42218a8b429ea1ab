"""The component's files, the page that shows it, and its pictures: for any page to load, and nothing in them active."""

from __future__ import annotations

import re

import httpx
import pytest

from bot.words import LANGUAGES
from connectors.widget.pages import modules
from tests.connectors.widget.served import SITE, Running


def test_the_script_is_loaded_by_any_page_and_brings_all_its_parts(running: Running, http: httpx.Client) -> None:
    entry = http.get(f"{running.url}/widget.js")
    assert entry.headers["content-type"].startswith("text/javascript")
    assert entry.headers["cache-control"] == "no-cache"
    wanted = ["widget.js"]
    base = running.url + "/" + re.findall(r'"\./(widget/static/\w+/)widget\.js"', entry.text)[0]
    seen: set[str] = set()
    while wanted:
        name = wanted.pop()
        if name in seen:
            continue
        seen.add(name)
        module = http.get(base + name, headers={"accept-encoding": "identity"})
        assert module.status_code == 200, name
        assert module.headers["access-control-allow-origin"] == "*"
        assert module.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "immutable" in module.headers["cache-control"]
        wanted += re.findall(r'from "\./([\w.]+)"', module.text)
    assert seen | {f"said.{language}.js" for language in LANGUAGES} == modules().keys()
    packed = http.get(base + "widget.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == modules()["widget.js"]
    assert http.get(base + "other.js").status_code == 404


def test_the_script_builds_nodes_and_runs_no_text() -> None:
    for name, content in modules().items():
        found = re.findall(
            rb"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function|\.style\b", content
        )
        assert found == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_that_shows_it_stands_under_a_strict_policy(
    running: Running, http: httpx.Client, language: str
) -> None:
    page = http.get(f"{running.url}/widget/demo?lang={language}")
    assert page.status_code == 200
    assert "unsafe" not in page.headers["content-security-policy"]
    assert f'<common-ground lang="{language}">' in page.text
    assert f"&lt;script type=&quot;module&quot; src=&quot;{running.url}/widget.js&quot;" in page.text
    assert http.get(f"{running.url}/widget/demo.css").headers["content-type"].startswith("text/css")


def test_a_page_can_learn_whether_it_may_ask(running: Running, http: httpx.Client) -> None:
    for origin, may in ((SITE, True), (running.url, True), ("https://evil.example", False), ("null", False)):
        told = http.get(f"{running.url}/widget/allowed", headers={"origin": origin})
        assert told.json() == {"allowed": may}, origin
        assert told.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path", ["timeline.svg", "matrix.svg", "other.svg", "timeline.svg?with=XX-1&lang=%00", "%2e%2e.svg"]
)
def test_there_is_no_picture_of_what_is_not_there(running: Running, http: httpx.Client, path: str) -> None:
    assert http.get(f"{running.url}/widget/pictures/{path}").status_code == 404
