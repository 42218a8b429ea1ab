"""HTML pages: the main content under its headings, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from knowledge.sources import encodings, guard
from knowledge.sources.dates import iso_date
from knowledge.sources.sections import Block, Content

_NEVER = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio", "video",
    "nav", "aside", "form", "button", "select", "input", "textarea", "menu", "dialog", "head", "map",
}  # fmt: skip
_AROUND = {"header", "footer"}
_AROUND_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alert", "menu", "menubar"}
_AROUND_NAMES = re.compile(
    r"(?:^|[-_ ])(?:cookies?|breadcrumbs?|sidebar|skip-link|social|share|related-links|site-footer|site-header|navbar)"
    r"(?:$|[-_ ])",
    re.IGNORECASE,
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_PARAGRAPHS = {
    "p", "div", "section", "article", "main", "li", "dt", "dd", "blockquote", "pre", "figcaption", "caption", "td",
    "th", "tr", "table", "ul", "ol", "dl", "header", "footer", "address", "details", "summary", "figure", "hr", "body",
}  # fmt: skip
_TITLES = ("og:title", "dc.title", "dcterms.title", "citation_title")
_ORGANISATIONS = ("dc.publisher", "dcterms.publisher", "citation_publisher", "og:site_name")
_DATES = ("article:published_time", "dc.date", "dcterms.date", "dcterms.issued", "citation_publication_date", "date")


def read_html(path: Path) -> Content:
    """The page in `path`. Raises `guard.Refused` where it holds no text or no markup that can be read."""
    root = _parsed(path)
    told = _facts(root)
    blocks = tuple(_blocks(path, _main(root)))
    if not any(block.text for block in blocks):
        reason = "the page holds no text of its own"
        raise guard.refused(path, reason, "Save the page from a browser once it is loaded, or give its PDF")
    heading = next((block.text for block in blocks if block.level == 1), "")
    return Content(blocks, told.title or heading, told.author, told.language, told.written)


def html_facts(path: Path) -> Content:
    """What the page says of itself, without its text."""
    return _facts(_parsed(path))


def _parsed(path: Path) -> Any:
    from lxml import etree, html

    data = guard.read_bytes(path, guard.MAX_HTML_BYTES)
    declared = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]{2,20})", data[:4096], re.IGNORECASE)
    encoding = declared[1].decode().casefold() if declared else ""
    try:
        text = data.decode(encoding) if encoding not in ("", "utf-8", "utf8") else encodings.decode(path, data)[0]
    except (UnicodeDecodeError, LookupError):
        text, _ = encodings.decode(path, data)
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError, TypeError) as error:
        reason = f"broken HTML ({guard.one_line(str(error))})"
        raise guard.refused(path, reason, "Save the page again from a browser") from error
    if any("xcessive depth" in entry.message for entry in parser.error_log):
        reason = f"elements stand more than {guard.MAX_HTML_DEPTH} deep in each other"
        raise guard.refused(path, reason, "Save the page again from a browser")
    return root


def _facts(root: Any) -> Content:
    metas: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = str(meta.get("name") or meta.get("property") or "").casefold()
        metas.setdefault(name, guard.one_line(str(meta.get("content") or "")))
    title = root.find(".//title")
    named = guard.one_line(title.text_content()) if title is not None else ""
    written = next((metas[name] for name in _DATES if metas.get(name)), "")
    return Content(
        title=next((metas[name] for name in _TITLES if metas.get(name)), "") or named,
        author=next((metas[name] for name in _ORGANISATIONS if metas.get(name)), ""),
        language=str(root.get("lang") or ""),
        written=iso_date(written[:10]),
    )


def _main(root: Any) -> Any:
    """The element that holds the content: the one that says so, an only article, else the body."""
    mains = root.xpath("//main | //*[@role='main']")
    articles = root.xpath("//article")
    body = root.find("body")
    for found in (mains, articles if len(articles) == 1 else []):
        if found and (body is None or len(found[0].text_content()) * 4 > len(body.text_content())):
            return found[0]
    return body if body is not None else root


def _blocks(path: Path, main: Any) -> Iterator[Block]:
    """Walks the tree without recursion: its depth is the page's choice."""
    from lxml import etree

    held: list[str] = []
    count = size = 0

    def flushed(level: int = 0) -> Iterator[Block]:
        text = guard.one_line("".join(held))
        held.clear()
        if text.strip(" |"):
            yield Block(text.strip(" |"), level)

    skipped: Any = None
    for event, element in etree.iterwalk(main, events=("start", "end")):
        tag = element.tag if isinstance(element.tag, str) else ""
        if skipped is not None:
            if event == "end" and element is skipped:
                skipped = None
                held.append(element.tail or "")
            continue
        if event == "start":
            if element is not main and _is_around(element, tag, inside=main.tag != "body"):
                skipped = element
                continue
            if tag in _HEADINGS or (tag in _PARAGRAPHS and tag not in ("td", "th")):
                yield from flushed()
            elif tag == "br":
                held.append(" ")
            held.append(element.text or "")
            size += len(held[-1])
            continue
        if tag in _HEADINGS:
            yield from flushed(_HEADINGS[tag])
        elif tag in ("td", "th"):
            held.append(" | ")
        elif tag in _PARAGRAPHS:
            yield from flushed()
        if element is not main:
            held.append(element.tail or "")
            count += 1
            size += len(held[-1])
            if count > guard.MAX_BLOCKS or size > guard.MAX_DOCUMENT_CHARACTERS:
                raise guard.refused(path, "more text than a page holds", "Give the document as PDF, or split it")
    yield from flushed()


def _is_around(element: Any, tag: str, *, inside: bool) -> bool:
    if tag in _NEVER or element.get("hidden") is not None or element.get("aria-hidden") == "true":
        return True
    if tag in _AROUND and not inside:
        return not any(parent.tag in ("article", "main", "section") for parent in element.iterancestors())
    if str(element.get("role") or "").casefold() in _AROUND_ROLES:
        return True
    return bool(_AROUND_NAMES.search(f"{element.get('class') or ''} {element.get('id') or ''}"))
