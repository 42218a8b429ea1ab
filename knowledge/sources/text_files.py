"""Markdown and plain text: the front matter, and the paragraphs under their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml

from knowledge.sources import encodings, guard
from knowledge.sources.sections import Block, is_shouted, numbered_depth

_FENCE = re.compile(r"-{3,}\s*")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_LONGEST_HEADING = 1_000
_CODE_FENCE = re.compile(r"\s*(```|~~~)")
_MAX_FRONT_MATTER = 20_000
_MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Written:
    """A text file: the fields of its front matter, None where it has none; the lines below it; the number of the first
    of them."""

    fields: dict[str, str] | None
    lines: list[str]
    first: int


def read_text(path: Path) -> Written:
    """Raises `guard.Refused` where the file is no text, or its front matter no fields and values."""
    text, _ = encodings.decode(path, guard.read_bytes(path, guard.MAX_TEXT_BYTES))
    lines = text.splitlines()
    if not lines or not _FENCE.fullmatch(lines[0]):
        return Written(None, lines, 1)
    end = next((i for i, line in enumerate(lines[1:], 1) if _FENCE.fullmatch(line)), None)
    if end is None:
        raise guard.refused(path, "the front matter is not closed", "End it with a line of three hyphens", line=1)
    block = "\n".join(lines[1:end])
    if len(block) > _MAX_FRONT_MATTER:
        raise guard.refused(path, "the front matter is too long", "Keep texts below it", line=1)
    if re.search(r"(^|[\s:\-\[{,])[&*][A-Za-z0-9_]", block, re.MULTILINE):
        raise guard.refused(
            path, "the front matter holds YAML anchors or aliases", "Write plain values, in quotation marks", line=2
        )
    try:
        loaded = yaml.safe_load(block) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise guard.refused(
            path, "the front matter is not YAML", "Write one `field: value` per line", line=mark.line + 2 if mark else 2
        ) from error
    if not isinstance(loaded, dict):
        raise guard.refused(path, "the front matter has no fields", "Write one `field: value` per line", line=2)
    fields = {str(key).casefold(): _value(value) for key, value in loaded.items()}
    return Written(fields, lines[end + 1 :], end + 2)


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return guard.one_line(str(value)) if isinstance(value, str | int | float) else ""


def blocks_of(path: Path, lines: Sequence[str]) -> Iterator[Block]:
    """The headings of the text, with what stands under each as one block.

    A heading has Markdown's marks or, in a file that is not named as Markdown and has none, a number or upper case
    with blank lines around it.
    """
    in_code, headings = False, 0
    for line in lines:
        in_code ^= bool(_CODE_FENCE.match(line))
        headings += not in_code and _heading(line) is not None
    if headings > guard.MAX_HEADINGS:
        raise guard.refused(path, f"{headings} headings, more than {guard.MAX_HEADINGS}", "Split it into documents")
    yield from _marked(lines) if headings or path.suffix.casefold() in _MARKDOWN else _plain(lines)


def _heading(line: str) -> re.Match[str] | None:
    # the pattern takes time that grows with the square of the line
    return _HEADING.fullmatch(line.rstrip()) if len(line) <= _LONGEST_HEADING and line.startswith("#") else None


def _marked(lines: Sequence[str]) -> Iterator[Block]:
    held: list[str] = []
    in_code = False
    for line in lines:
        in_code ^= bool(_CODE_FENCE.match(line))
        found = None if in_code else _heading(line)
        if found is None:
            held.append(line)
            continue
        yield Block("\n".join(held))
        held = []
        yield Block(found[2], len(found[1]))
    yield Block("\n".join(held))


def _plain(lines: Sequence[str]) -> Iterator[Block]:
    stripped = [line.strip() for line in lines]
    held: list[str] = []
    numbered = False
    for number, line in enumerate(stripped):
        depth = 0
        if line and (number == 0 or not stripped[number - 1]) and not any(stripped[number + 1 : number + 2]):
            depth = numbered_depth(line)
            numbered = numbered or depth > 0
            # Under numbered parts a line in upper case is one of their parts; without them it stands alone.
            depth = depth or (1 if is_shouted(line) and not numbered else 3 if is_shouted(line) else 0)
        if depth:
            yield Block("\n".join(held))
            held = []
            yield Block(line, depth)
        else:
            held.append(line)
    yield Block("\n".join(held))
