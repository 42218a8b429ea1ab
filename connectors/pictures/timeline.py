"""Initiatives side by side in time: what is planned, what has happened, what is open, and where today stands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from connectors.pictures.drawing import Chart, Frame, finished, library, text_layers
from connectors.pictures.texts import clean, cut, lines

MOST: Final = 12
"""Initiatives in one picture; the table beside it has them all."""

_TITLE, _DETAIL, _SMALL = 13, 11, 11
_LINE, _KEY = 17, 22
_ASIDE: Final = 0.46
"""The share of a wide picture that is for words."""
_BEFORE, _AFTER = 8, 6
"""Years before and after today beyond which a bar is cut off: some initiatives are said to start in 2050."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One initiative. `detail` is said below the title (who, what it is to the asked one, its dates); `tone` is a name
    of the palette. `stale`: reported as under way though its planned end has passed."""

    title: str
    detail: str
    tone: str = "asked"
    planned_start: date | None = None
    planned_end: date | None = None
    actual_start: date | None = None
    actual_end: date | None = None
    stale: bool = False

    @property
    def dates(self) -> tuple[date, ...]:
        stated = (self.planned_start, self.actual_start, self.planned_end, self.actual_end)
        return tuple(day for day in stated if day is not None)


@dataclass(frozen=True, slots=True)
class TimelineWords:
    """What the picture itself says. `more` has the placeholder `{n}`."""

    title: str
    today: str
    planned: str
    actual: str
    open: str
    stale: str
    undated: str
    more: str


def timeline(bars: Sequence[Bar], words: TimelineWords, today: date, frame: Frame) -> Chart:
    """The first `MOST` of `bars` in their order, as a chart. On a phone the words stand above the bars, else before
    them."""
    alt = library()
    shown = [*bars[:MOST]]
    first, last = _window(shown, today)
    aside = 0 if frame.narrow else round(frame.width * _ASIDE)
    room = frame.width if frame.narrow else aside - 24
    rows = _rows(shown, words, room, above=frame.narrow)
    height = rows[-1].bottom if rows else 40
    days = [frame.width - aside, 0] if frame.rtl else [aside, frame.width]
    day = alt.Scale(domain=[first, last], range=days, nice=False, zero=False)
    pixels = alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False)
    x, y = alt.X("start:Q", scale=day), alt.Y("y:Q", scale=pixels, axis=None)
    at_begin = {"x": alt.value(frame.width if frame.rtl else 0), "y": y}

    layers: list[Any] = [_axis(alt, first, last, day, frame.width - aside, frame)]
    layers += _now(alt, today, day, words.today, height, frame)
    parts = [part for row in rows for part in _parts(row, first, last, today, frame)]
    layers += _marks(alt, parts, x, y, rtl=frame.rtl)
    titles = [
        {"y": row.top + (n + 0.5) * _LINE, "text": line, "ink": frame.palette.ink}
        for row in rows
        for n, line in enumerate(row.title)
    ]
    details = [
        {
            "y": row.top + (len(row.title) + n + 0.5) * _LINE,
            "text": line,
            "ink": frame.palette.tone(row.bar.tone),
        }
        for row in rows
        for n, line in enumerate(row.detail)
    ]
    layers += text_layers(titles, frame, at_begin, size=_TITLE, weight="bold", halo=frame.narrow)
    layers += text_layers(details, frame, at_begin, size=_DETAIL, halo=frame.narrow)
    chart = alt.layer(*layers).properties(width=frame.width, height=height)
    left_out = len(bars) - len(shown)
    key = _key(alt, parts, words, words.more.replace("{n}", str(left_out)) if left_out else "", frame)
    return finished(alt.vconcat(chart, key) if key is not None else chart, frame, words.title)


@dataclass(frozen=True, slots=True)
class _Row:
    """Where one initiative stands: the top of its words, the middle of its bar and the end of its row, in pixels."""

    bar: Bar
    title: Sequence[str]
    detail: Sequence[str]
    top: float
    middle: float
    bottom: float


def _rows(bars: Sequence[Bar], words: TimelineWords, room: float, *, above: bool) -> list[_Row]:
    found, at = [], 0.0
    for bar in bars:
        title = [line for line in lines(bar.title, _TITLE, room, most=2) if line] or ["–"]
        said = clean(bar.detail if bar.dates else " · ".join(filter(None, (bar.detail, words.undated))))
        detail = [line for line in lines(said, _DETAIL, room, most=2) if line]
        top, tall = at + 8, (len(title) + len(detail)) * _LINE
        bottom = top + tall + (24 if above else 6)
        found.append(_Row(bar, title, detail, top, top + (tall + 9 if above else tall / 2), bottom))
        at = bottom
    return found


def _window(bars: Iterable[Bar], today: date) -> tuple[int, int]:
    """The days that the picture begins and ends with, as ordinals: all that is stated and today, within reason."""
    days = [today, *(day for bar in bars for day in bar.dates)]
    first = max(min(days), date(today.year - _BEFORE, 1, 1))
    last = min(max(days), date(today.year + _AFTER, 12, 31))
    room = max(90, (last - first).days // 25)
    return first.toordinal() - room, last.toordinal() + room


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a bar. `kind` is "planned", "actual" or "stale", or "onward" or "back" for an end that is open."""

    y: float
    kind: str
    start: int
    end: int
    ink: str


def _parts(row: _Row, first: int, last: int, today: date, frame: Frame) -> Iterable[_Part]:
    bar, y = row.bar, row.middle
    ink, now = frame.palette.tone(bar.tone), today.toordinal()

    def part(kind: str, start: int, end: int) -> Iterable[_Part]:
        start, end = max(start, first), min(end, last)
        if start < end:
            yield _Part(y, kind, start, end, ink)

    starts, ends = (bar.planned_start or bar.actual_start), (bar.planned_end or bar.actual_end)
    begun = bar.actual_start
    if starts is not None:
        yield from part("planned", starts.toordinal(), ends.toordinal() + 1 if ends else max(now, starts.toordinal()))
    elif ends is not None:
        yield from part("planned", max(first, ends.toordinal() - 180), ends.toordinal() + 1)
    if begun is not None:
        until = bar.actual_end or min(filter(None, (bar.planned_end, today)))
        yield from part("actual", begun.toordinal(), until.toordinal() + 1)
    if bar.stale and ends is not None and ends < today:
        yield from part("stale", ends.toordinal() + 1, now)
    if ends is None and (begun or starts):
        # Beyond the line of today, which would hide it.
        from_day = max(now, (begun or starts or today).toordinal()) + (last - first) // 60
        yield _Part(y, "onward", min(from_day, last), min(from_day, last), ink)
    elif ends is not None and ends.toordinal() > last:
        yield _Part(y, "onward", last, last, ink)
    if starts is None and ends is not None:
        at = max(first, ends.toordinal() - 180)
        yield _Part(y, "back", at, at, ink)
    elif starts is not None and min(starts, begun or starts).toordinal() < first:
        yield _Part(y, "back", first, first, ink)


def _axis(alt: Any, first: int, last: int, day: Any, room: float, frame: Frame) -> Any:
    """Lines at the beginnings of years, and their numbers as far as there is room."""
    years = range(date.fromordinal(first).year + 1, date.fromordinal(last).year + 1)
    every = max(1, math.ceil(len(years) * 44 / room))
    ticks = {str(date(year, 1, 1).toordinal()): str(year) for year in years if year % every == 0}
    # Only years stand in the expression: no text of a record is ever read as one.
    said = "{" + ",".join(f"'{at}':'{year}'" for at, year in ticks.items()) + "}"
    axis = alt.Axis(
        values=[int(at) for at in ticks],
        labelExpr=f"({said})[datum.value]",
        orient="top",
        title=None,
        grid=True,
        gridColor=frame.palette.line,
        labelColor=frame.palette.muted,
        labelFont=frame.font(""),
        labelFontSize=_SMALL,
        labelPadding=4,
    )
    # An axis belongs to a layer with data; this one draws nothing.
    return (
        alt.Chart(alt.Data(values=[{"start": first}]))
        .mark_rule(opacity=0, aria=False)
        .encode(x=alt.X("start:Q", scale=day, axis=axis))
    )


def _marks(alt: Any, parts: Sequence[_Part], x: Any, y: Any, *, rtl: bool) -> list[Any]:
    bar = {"type": "bar", "orient": "horizontal", "size": 10, "cornerRadius": 2}
    point = {"type": "point", "size": 80, "filled": True, "opacity": 1}
    styles: dict[str, Any] = {
        "planned": {**bar, "fillOpacity": 0.28},
        "actual": bar,
        "stale": {"type": "rule", "strokeDash": [3, 3], "strokeWidth": 2},
        "onward": {**point, "shape": "triangle-left" if rtl else "triangle-right"},
        "back": {**point, "shape": "triangle-right" if rtl else "triangle-left"},
    }
    found = []
    for kind, style in styles.items():
        rows = [{"y": p.y, "start": p.start, "end": p.end, "ink": p.ink} for p in parts if p.kind == kind]
        if rows:
            marks = alt.Chart(alt.Data(values=rows), mark=alt.MarkDef(**style, aria=False))
            ends = {} if kind in ("onward", "back") else {"x2": alt.X2("end:Q")}
            found.append(marks.encode(x=x, y=y, color=alt.Color("ink:N", scale=None), **ends))
    return found


def _now(alt: Any, today: date, day: Any, word: str, height: float, frame: Frame) -> list[Any]:
    row = {"start": today.toordinal(), "text": word, "ink": frame.palette.now}
    x = alt.X("start:Q", scale=day)
    line = alt.Chart(alt.Data(values=[row])).mark_rule(color=frame.palette.now, strokeWidth=1.5, aria=False).encode(x=x)
    # Below the chart, where no year stands.
    places = {"x": x, "y": alt.value(height)}
    return [line, *text_layers([row], frame, places, size=_SMALL, dy=8, align="center")]


def _key(alt: Any, parts: Sequence[_Part], words: TimelineWords, more: str, frame: Frame) -> Any:
    """What the signs mean, as far as they are used, two beside each other; then how many are not shown."""
    said = {"actual": words.actual, "planned": words.planned, "onward": words.open, "stale": words.stale}
    used = [kind for kind in said if any(part.kind == kind for part in parts)]
    across = 2 if frame.narrow else 4
    column = frame.width / across
    ink = frame.palette.muted

    def sign(n: int, kind: str) -> _Part:
        at = int(n % across * column)
        middle = kind == "onward"
        return _Part(n // across * _KEY + _KEY / 2, kind, at + (10 if middle else 0), at + (10 if middle else 20), ink)

    signs = [sign(n, kind) for n, kind in enumerate(used)]
    rows = -(-len(used) // across) + bool(more)
    if not rows:
        return None
    pixels = alt.Scale(domain=[0, frame.width], range=[0, frame.width], reverse=frame.rtl, nice=False, zero=False)
    down = alt.Scale(domain=[0, rows * _KEY], range=[0, rows * _KEY], nice=False, zero=False)
    y = alt.Y("y:Q", axis=None, scale=down)
    texts = [
        {
            "y": at.y,
            "start": n % across * column + 28,
            "text": cut(said[at.kind], _SMALL, column - 36),
            "ink": ink,
        }
        for n, at in enumerate(signs)
    ]
    if more:
        texts.append({"y": (rows - 0.5) * _KEY, "start": 0, "text": cut(more, _SMALL, frame.width), "ink": ink})
    x = alt.X("start:Q", scale=pixels, axis=None)
    layers = _marks(alt, signs, x, y, rtl=frame.rtl)
    layers += text_layers(texts, frame, {"x": x, "y": y}, size=_SMALL)
    return alt.layer(*layers).properties(width=frame.width, height=rows * _KEY)
