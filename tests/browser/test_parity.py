"""The server and the script build the same nodes from the same reply."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page

from connectors.web.assets import version
from knowledge.reply import Reply

# A node as [tag, attributes, children]; white space between elements of a block is the template's, not the reply's.
TREE = """root => {
  const inline = new Set(["P", "LI", "TD", "TH", "SUP", "SPAN", "STRONG", "A", "H3", "CAPTION", "BUTTON", "SUMMARY"]);
  const tree = node => [
    node.tagName,
    Object.fromEntries([...node.attributes].map(a => [a.name, a.value]).sort()),
    [...node.childNodes].flatMap(child => {
      if (child.nodeType === Node.ELEMENT_NODE) return [tree(child)];
      if (child.nodeType !== Node.TEXT_NODE) return [];
      const onlySpace = !child.data.trim();
      return child.data === "" || (onlySpace && !inline.has(node.tagName)) ? [] : [child.data];
    }),
  ];
  return tree(root);
}"""
QUESTIONS = list(range(5))


def by_server(page: Page, question: str) -> Any:
    page.goto("/")
    page.locator("#q").fill(question)
    with page.expect_navigation():
        page.evaluate("HTMLFormElement.prototype.submit.call(document.getElementById('composer'))")
    page.wait_for_selector(".turn .reply")
    return page.locator(".turn .reply").evaluate(TREE)


def by_script(page: Page, reply: Reply) -> Any:
    return page.evaluate(
        f"""async reply => {{
          const {{ renderReply }} = await import("/static/{version()}/reply.js");
          return ({TREE})(renderReply(reply, "t1", "c-new"));
        }}""",
        json.loads(reply.model_dump_json()),
    )


@pytest.mark.parametrize("place", QUESTIONS)
def test_both_renderers_build_the_same_tree(open_page: Any, replies: dict[str, Reply], place: int) -> None:
    question, reply = list(replies.items())[place]
    page = open_page("/")
    assert by_server(page, question) == by_script(page, reply)


def test_every_canned_reply_is_compared(replies: dict[str, Reply]) -> None:
    assert len(replies) == len(QUESTIONS)
    kinds = {part.type for reply in replies.values() for part in reply.parts}
    assert kinds == {"paragraph", "heading", "list", "table", "quote", "notice", "picture"}


def test_roles_and_names_are_the_same(open_page: Any, replies: dict[str, Reply], ask: Any) -> None:
    """What a screen reader is told, not only the tags."""
    question = next(iter(replies))
    page = open_page("/")
    ask(page, question)
    scripted = page.locator(".turn .reply").aria_snapshot()
    plain = open_page(f"/?q={question}", java_script_enabled=False)
    assert plain.locator(".turn .reply").aria_snapshot() == scripted
    for told in ('group "WASH in Metekel by organisation"', 'columnheader "Records"', 'link "Safe water', "note:"):
        assert told in scripted, scripted


@pytest.mark.parametrize(
    ("href", "kept"),
    [
        ("/records/a b/c?d#e", True),
        ("//evil.example/x", False),
        ("/\\evil.example", False),
        ("javascript:alert(1)", False),
        ("https://evil.example/", False),
        ("/records/\u202etxt", False),
        ("/records/\u00a0x", False),
        ("/records/\nx", False),
        ("", False),
    ],
)
def test_citation_links_stay_on_this_server(open_page: Any, desk: Any, href: str, kept: bool) -> None:
    reply = desk.replies["only national NGOs"]
    reply = reply.model_copy(update={"citations": [reply.citations[0].model_copy(update={"href": href})]})
    desk.replies["links"] = reply
    page = open_page("/")
    built = by_server(page, "links")
    assert built == by_script(page, reply)
    found = re.findall(r"'href': '([^#'][^']*)'", repr(built))
    assert bool(found) is kept
