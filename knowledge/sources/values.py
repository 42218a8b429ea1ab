"""Values of parsed JSON, read with distrust: what is not of the shape it should be costs only itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from pathlib import Path
from typing import Any

from knowledge.records import Item, Note, Problem, Record
from knowledge.sources import dates, guard

_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_WEB = re.compile(r"https?://[^\s<>\"']{3,1000}", re.IGNORECASE)
_SIGNS = "£$€¥ \u00a0"


@dataclass(slots=True)
class Element:
    """One element of a file while it is being read. `label` as people find it ("grants[12]"), `line` 0 in JSON."""

    file: str
    label: str
    line: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def problem(self, part: str, reason: str, mend: str) -> None:
        where = guard.one_line(f"{self.label} {part}")[:200]
        self.problems.append(Problem(self.file, where, self.line, guard.one_line(reason)[:200], mend))

    def left_out(self, reason: str, mend: str) -> None:
        self.problem("", f"{reason}; it is left out", mend)

    def note(self, code: str, text: str) -> None:
        note = Note(code, text)
        if note not in self.notes:
            self.notes.append(note)

    def number(self, value: object, part: str) -> float | None:
        """A finite number, also of "1,200.50" and "£12"; None where there is none, with a problem where it is none."""
        if value is None or value == "" or isinstance(value, bool):
            return None
        written = line(value).strip(_SIGNS)
        if _THOUSANDS.fullmatch(written):
            written = written.replace(",", "")
        try:
            number = float(written)
        except ValueError:
            number = float("nan")
        if not isfinite(number) or "_" in written or abs(number) > guard.MAX_NUMBER:
            self.problem(part, f"{line(value)[:40]!r} is not a number", "Write digits and a decimal point only")
            return None
        return number

    def day(self, value: object, part: str, *, day_first: bool = True) -> date | None:
        """The day of a date or a time, ISO or d/m/y (m/d/y where `day_first` is false); None with a problem if none."""
        if not (written := line(value)):
            return None
        found = dates.iso_date(written) or dates.cell_date(re.split(r"[T ]", written)[0], day_first)
        if found is None:
            self.problem(part, f"{written[:40]!r} is not a date", "Write it as YYYY-MM-DD")
        return found

    def share(self, value: object, part: str) -> float | None:
        number = self.number(value, part)
        if number is not None and not 0 <= number <= 100:
            self.problem(part, f"percentage {number:g} is not between 0 and 100", "Write a share of 100")
            return None
        return number

    def position(self, latitude: object, longitude: object, part: str) -> tuple[float | None, float | None]:
        """(latitude, longitude) in degrees, both or neither."""
        if latitude in (None, "") and longitude in (None, ""):
            return None, None
        north, east = self.number(latitude, f"{part} latitude"), self.number(longitude, f"{part} longitude")
        if north is not None and east is not None and abs(north) <= 90 and abs(east) <= 180:
            return north, east
        if north is not None or east is not None:
            self.problem(part, "latitude and longitude are not both on the globe", "Write decimal degrees")
        return None, None


def line(value: object) -> str:
    """A text or number on one line; "" for anything else."""
    if isinstance(value, str):
        return guard.one_line(value[: guard.MAX_NARRATIVE_CHARACTERS])
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def prose(value: object) -> str:
    """A text with its paragraphs; "" for anything else."""
    return guard.paragraphs(value) if isinstance(value, str) else ""


def objects(value: object) -> list[dict[str, Any]]:
    """The objects in a list, or the one that stands where a list belongs."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def mapping(value: object) -> dict[str, Any]:
    """An object, or an empty one where something else stands."""
    return value if isinstance(value, dict) else {}


def lines(value: object) -> list[str]:
    """The texts in a list, or the one that stands where a list belongs; each once, none empty."""
    found = value if isinstance(value, list) else [value]
    return list(dict.fromkeys(text for item in found if (text := line(item))))


def web(value: object) -> str:
    """An address of the web, or "" for anything that is none."""
    written = line(value)
    return written if _WEB.fullmatch(written) else ""


def numbered(name: str, values: object) -> Iterator[tuple[str, Any]]:
    """("grants[1]", value) ... of a list, counted from 1."""
    if isinstance(values, list):
        yield from ((f"{name}[{number}]", value) for number, value in enumerate(values, 1))


def records(
    path: Path, entries: Iterable[tuple[str, Any]], build: Callable[[dict[str, Any], Element], Record | None]
) -> Iterator[Item]:
    """The record that `build` makes of each labelled value, after its problems."""
    for label, value in entries:
        element = Element(path.name, label)
        record = None
        if isinstance(value, dict):
            record = build(value, element)
        else:
            element.left_out("it is no JSON object", "Write an object with the fields of the format")
        yield from element.problems
        if record is not None:
            yield record


def latest(values: Iterable[object]) -> date | None:
    """The last of the ISO dates among `values`."""
    return max((day for value in values if (day := dates.iso_date(line(value)))), default=None)


def is_json(path: Path) -> bool:
    """Whether a file begins as JSON does: what tells the two shapes of a format that also comes as a table."""
    with guard.opened(path) as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"[")
