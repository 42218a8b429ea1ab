"""Labelled utterances: one JSON object a line; docs/evaluate.md describes the fields."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.countries import LANGUAGES
from knowledge.text import fold
from knowledge.vocabulary import kind_of, theme_words

INTENTS = (
    "who_does_what", "find_overlaps", "compare_records", "find_partners", "find_gaps", "find_results", "trace_funding",
    "find_mandate", "find_contact", "describe_record", "create_watch", "list_watches", "stop_watch", "what_changed",
    "provenance", "introduce", "register_initiative", "learn", "export_report", "feedback", "greet", "thanks", "help",
    "affirm", "deny", "cancel", "out_of_scope",
)  # fmt: skip
"""The public intents. A follow-up has the intent of the question it belongs to."""
_TEXTS = ("themes", "organisations", "organisation_kinds", "records")


class _Wrong(Exception):
    """What is wrong with a line, its field named."""


class Unreadable(ValueError):
    """A file that is no list of utterances. The message names file, line and field, and what is wrong there."""


@dataclass(frozen=True, slots=True)
class WantedPlace:
    """`country` is an ISO alpha-2 code; "" for a region of several countries."""

    name: str
    country: str


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody typed and how it is to be read, `context` (the turn before) merged in.

    `themes` holds, for each wanted theme, the ids that are accepted for it under its name; `kinds` are ids; `start` and
    `end` are ISO dates or "". `number` is the line in the file.
    """

    number: int
    id: str
    text: str
    language: str
    intent: str
    context: str
    places: tuple[WantedPlace, ...]
    themes: dict[str, tuple[str, ...]]
    organisations: tuple[str, ...]
    kinds: tuple[str, ...]
    start: str
    end: str
    records: tuple[str, ...]
    traps: tuple[str, ...]


def read(path: Path) -> list[Utterance]:
    """The utterances of a file. Raises Unreadable."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise Unreadable(f"{path}: cannot be read: {reason}") from None
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                found.append(_utterance(number, line))
            except _Wrong as error:
                raise Unreadable(f"{path}, line {number}: {error}") from None
    if not found:
        raise Unreadable(f"{path}: holds no utterance")
    return found


def _utterance(number: int, line: str) -> Utterance:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise _Wrong(f"is no JSON: {error}") from None
    if not isinstance(given, dict):
        raise _Wrong("is no JSON object")
    period = given.get("period") or {}
    if not isinstance(period, dict):
        raise _Wrong('field "period": must be an object with "start" and "end"')
    lists = {field: _strings(given, field) for field in _TEXTS}
    return Utterance(
        number=number,
        id=str(given.get("id", number)),
        text=_text(given, "text"),
        language=_one_of(given, "lang", LANGUAGES),
        intent=_one_of(given, "intent", INTENTS),
        context=_text(given, "context") if given.get("context") is not None else "",
        places=_places(given.get("places") or []),
        themes={name: _theme(name) for name in lists["themes"]},
        organisations=lists["organisations"],
        kinds=tuple(map(_kind, lists["organisation_kinds"])),
        start=_day(period, "start"),
        end=_day(period, "end"),
        records=lists["records"],
        traps=tuple(_text(given, "trap").split("+")) if given.get("trap") is not None else (),
    )


def _text(given: dict[str, Any], field: str) -> str:
    value = given.get(field)
    if not isinstance(value, str) or not value.strip():
        raise _Wrong(f'field "{field}": must be a text that is not blank')
    return value


def _one_of(given: dict[str, Any], field: str, known: tuple[str, ...]) -> str:
    value = _text(given, field)
    if value not in known:
        raise _Wrong(f'field "{field}": {value!r} is none of {", ".join(known)}')
    return value


def _strings(given: dict[str, Any], field: str) -> tuple[str, ...]:
    values = given.get(field) or []
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise _Wrong(f'field "{field}": must be a list of texts')
    return tuple(values)


def _places(values: Any) -> tuple[WantedPlace, ...]:
    if not isinstance(values, list):
        raise _Wrong('field "places": must be a list of objects with "name" and "country"')
    found = []
    for value in values:
        name = value.get("name") if isinstance(value, dict) else None
        country = (value.get("country") or "") if isinstance(value, dict) else None
        if not isinstance(name, str) or not name or not isinstance(country, str):
            raise _Wrong('field "places": must be a list of objects with "name" and "country"')
        found.append(WantedPlace(name, country))
    return tuple(found)


def _theme(name: str) -> tuple[str, ...]:
    """A theme that no vocabulary knows stands for itself: it was wanted, and cannot be read."""
    return tuple(theme_words().get(fold(name), (name,)))


def _kind(name: str) -> str:
    return kind_of(name) or name


def _day(period: dict[str, Any], field: str) -> str:
    value = period.get(field)
    if value is None:
        return ""
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _Wrong(f'field "period.{field}": {value!r} is no date like 2026-01-31') from None
