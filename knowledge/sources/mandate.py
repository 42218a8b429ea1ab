"""Mandate documents: Markdown or plain text with a front matter that says whose mandate it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import yaml

from knowledge.records import Item, Locator, OrganisationMention, Problem, Record, RecordKind, Role, Text
from knowledge.sources import guard
from knowledge.sources.dates import iso_date
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.tables import slug

_FENCE = re.compile(r"-{3,}\s*")
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_CODE_FENCE = re.compile(r"\s*(```|~~~)")
_MAX_FRONT_MATTER = 20_000
_TEXTS = (".md", ".markdown", ".txt", "")


def split_front_matter(path: Path) -> tuple[dict[str, str], list[str], int] | None:
    """(fields, lines of the body, number of the first of them), or None where the text has no front matter."""
    text, _ = guard.decode(path, guard.read_bytes(path, guard.MAX_TEXT_BYTES))
    lines = text.splitlines()
    if not lines or not _FENCE.fullmatch(lines[0]):
        return None
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
    return fields, lines[end + 1 :], end + 2


def _value(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return guard.one_line(str(value)) if isinstance(value, str | int | float) else ""


def read_mandate(path: Path, _given: Given) -> Iterator[Item]:
    """Yield the one `Record` of a document. Raises `guard.Refused` where it says of nobody."""
    parts = split_front_matter(path)
    if parts is None:
        raise guard.refused(
            path, "no front matter", "Begin with --- and the fields organisation, title, language, date", line=1
        )
    fields, body, first = parts
    name = fields.get("organisation", "") or fields.get("organization", "")
    ref = fields.get("ref", "")
    if not name and not ref:
        raise guard.refused(path, "the front matter names no organisation", "Add `organisation: NAME`", line=1)
    written = fields.get("date", "")
    reported_on = iso_date(written) if written else None
    if written and reported_on is None:
        yield Problem(path.name, "date", 1, f"{written[:40]!r} is not a date", "Write it as YYYY-MM-DD")
    language = fields.get("language", "").casefold()
    texts = tuple(_sections(body, language))
    if not texts:
        raise guard.refused(path, "no text under the front matter", "Add the text of the mandate", line=first)
    title = fields.get("title", "") or f"Mandate of {name or ref}"
    digest = hashlib.sha256(guard.fold(f"{ref} {name} {title}").encode()).hexdigest()[:8]
    yield Record(
        id=f"mandate:{slug(ref or name)[:60]}:{digest}",
        kind=RecordKind.MANDATE,
        title=title,
        locator=Locator(title, first),
        language=language,
        texts=texts,
        organisations=(
            OrganisationMention(Role.REPORTING, name, fields.get("acronym", ""), ref, fields.get("kind", "")),
        ),
        reported_on=reported_on,
        extra=tuple((key, fields[key]) for key in ("source", "url", "document") if fields.get(key)),
    )


def _sections(lines: list[str], language: str) -> Iterator[Text]:
    """One text per heading. `heading` holds the headings above it too: "Mandate > Core functions"."""
    trail: list[tuple[int, str]] = []
    held: list[str] = []
    in_code = False

    def section() -> Iterator[Text]:
        if text := guard.paragraphs("\n".join(held)):
            yield Text("section", text, language, " > ".join(heading for _, heading in trail))
        held.clear()

    for line in lines:
        in_code ^= bool(_CODE_FENCE.match(line))
        found = None if in_code else _HEADING.fullmatch(line.rstrip())
        if found is None:
            held.append(line)
            continue
        yield from section()
        depth = len(found[1])
        trail = [(d, heading) for d, heading in trail if d < depth] + [(depth, guard.one_line(found[2]))]
    yield from section()


def _recognises(path: Path) -> bool:
    return path.suffix.casefold() in _TEXTS and split_front_matter(path) is not None


def _facts(path: Path) -> SourceFacts:
    fields, _, _ = split_front_matter(path) or ({}, [], 0)
    return SourceFacts(
        Format.MANDATE,
        fields.get("title", "") or title_of(path),
        fields.get("publisher", "") or fields.get("organisation", ""),
        iso_date(fields.get("date", "")),
        fields.get("licence", "") or fields.get("license", ""),
    )


READER = Reader(Format.MANDATE, _recognises, read_mandate, _facts)
