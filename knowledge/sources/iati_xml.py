"""The elements of an IATI file one at a time, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

from lxml import etree

from knowledge.sources import guard
from knowledge.sources.iati_draft import Element

_CHUNK = 64 * 1024
_MARK = "commonground-root"


def prolog_of(path: Path, root: str, what: str) -> guard.Prolog:
    """The prolog of a file with that root element.

    Raises `guard.Refused` for any other. `what` it should be is for people: "an IATI activity file".
    """
    guard.check_file(path, guard.MAX_XML_BYTES)
    prolog = guard.xml_prolog(path)
    if prolog.root != root:
        raise guard.refused(path, f"the root element is {prolog.root}, not {root}", f"Give {what}", line=1)
    return prolog


def elements(path: Path, prolog: guard.Prolog, tag: str) -> Iterator[Element]:
    """Each child of the root with that name, whole; forgotten as soon as the next one is asked for.

    Raises `guard.Refused` where the file breaks off or is not well-formed.
    """
    parser = etree.XMLPullParser(
        events=("pi",),
        encoding=prolog.encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_blank_text=True,
        remove_comments=True,
        collect_ids=False,
        huge_tree=False,
    )
    with guard.opened(path) as file:
        bounded = guard.BoundedReader(file, path)
        head = bounded.read(prolog.root_at)
        data = head + _mark_like(bounded.peek(2)) + bounded.read(_CHUNK)
        root: etree._Element | None = None
        instructions = False
        try:
            while data:
                parser.feed(data)
                for _, event in parser.read_events():
                    found = cast(etree._ProcessingInstruction, event)
                    if root is None and found.target == _MARK:
                        root = found.getnext()
                    elif root is not None:
                        instructions = True
                while root is not None and len(root) and (child := root[0]).getnext() is not None:
                    root.remove(child)
                    bounded.mark()
                    if child.tag == tag:
                        yield _plain(child) if instructions else cast(Element, child)
                data = bounded.read(_CHUNK)
            root = parser.close()
            for child in root:
                if child.tag == tag:
                    yield _plain(child) if instructions else cast(Element, child)
        except etree.XMLSyntaxError as error:
            _broken(path, error)


def _mark_like(start: bytes) -> bytes:
    """A processing instruction in the encoding in which the root element begins.

    It stands before the root and leads to it. Events for the ends of elements would do so too, but lxml spends a
    quarter of its time on telling them.
    """
    mark = f"<?{_MARK}?>"
    if start == b"<\x00":
        return mark.encode("utf-16-le")
    return mark.encode("utf-16-be" if start == b"\x00<" else "ascii")


def _plain(element: etree._Element) -> Element:
    """The element without the processing instructions in it, which would cut its texts in pieces."""
    etree.strip_tags(element, etree.PI)
    return cast(Element, element)


def _broken(path: Path, error: etree.XMLSyntaxError) -> None:
    line, column = error.position
    declared = guard.xml_prolog(path).declared
    if (bad := guard.bad_byte(path, declared)) and bad[0] <= line + 1:
        raise guard.refused(
            path,
            f"byte 0x{bad[1]:02X} is not {declared or 'UTF-8'}, which the file says it is",
            "Save it as UTF-8, or declare the encoding it really has",
            line=bad[0],
        )
    words = (error.msg or "not well-formed").split(", line ")[0]
    raise guard.refused(
        path,
        f"broken XML at column {column}: {words}; nothing of the file was kept",
        "Mend that line, or export the file again",
        line=line,
    )
