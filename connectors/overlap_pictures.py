"""Pictures of an answer about overlaps: their addresses, and what is drawn when one is asked for.

An address names the records and what each of them is to what was asked about; whoever opens it is shown those of them
that they may see, as the records stand now. So nothing of an answer has to be kept for its pictures.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Final, Literal

from sqlalchemy import select

from bot.answers import phrases
from bot.answers.overlaps import named_places
from bot.answers.pictures import ASKED, MOST_RECORDS, PLANNED, RELATIONS, address
from bot.words import Words
from connectors.overlap_cells import grid
from connectors.pictures.drawing import NARROW, Chart, Frame, Kind
from connectors.pictures.matrix import MOST_ROWS, MatrixWords, matrix
from connectors.pictures.renderer import Renderer
from connectors.pictures.timeline import MOST, Bar, TimelineWords, timeline
from connectors.web.initiative_lines import initiatives
from connectors.web.overlap_views import PictureView
from connectors.web.words import direction, known, months, number, words
from knowledge.access import Audience
from knowledge.finding import Hit
from knowledge.index import Index
from knowledge.records import Period
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from knowledge.timing import Timing

_LONGEST_ID: Final = 300
_KEPT: Final = 48


def pictures_for(
    rows: Sequence[tuple[str, str]], language: str, *, cells: int, planned: str = ""
) -> tuple[PictureView, ...]:
    """The pictures of an answer with these records. `cells`: how many of them name places and themes: a matrix of
    fewer than two would show nothing. `planned`: when the proposal runs that is asked about."""
    shown = len(rows) + bool(planned)
    if shown < 2:
        return ()
    said = words(language)

    def picture(name: Literal["timeline", "matrix"], title: str, caption: str = "") -> PictureView:
        own = planned if name == "timeline" else ""
        return PictureView(
            title=title,
            alt=said[f"alt_{name}"].replace("{n}", number(min(len(rows) + bool(own), MOST), language)),
            wide=address(name, rows, language, planned=own),
            narrow=address(name, rows, language, planned=own, width="narrow"),
            wide_dark=address(name, rows, language, planned=own, scheme="dark"),
            narrow_dark=address(name, rows, language, planned=own, width="narrow", scheme="dark"),
            caption=caption,
        )

    found = [picture("timeline", said["side_in_time"])]
    if cells > 1:
        found.append(picture("matrix", said["where_they_meet"], said["matrix_caption"]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Shown:
    hit: Hit
    period: Period
    relation: str


class Pictures:
    """Draws pictures for addresses, and keeps those drawn last. Thread-safe."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._lock = Lock()
        self._drawn: OrderedDict[Hashable, bytes] = OrderedDict()
        self._renderer = Renderer()
        index.home.on_forget.append(self.clear)
        index.home.on_close.append(self._renderer.close)

    def clear(self) -> None:
        """What was forgotten stays in no picture."""
        with self._lock:
            self._drawn.clear()

    def draw(self, name: str, kind: str, parameters: Sequence[tuple[str, str]], audience: Audience) -> bytes | None:
        """SVG or PNG, None where `audience` may see none of the records. `parameters` are those of the address.
        Raises NotDrawn."""
        given = dict(parameters)
        language = known(given.get("lang", "en"))
        frame = Frame(
            width=NARROW if given.get("width") == "narrow" else Frame().width,
            dark=given.get("scheme") == "dark",
            rtl=direction(language) == "rtl",
            kind="png" if kind == "png" else "svg",
        )
        if name == "cells":
            rows, columns, counts = grid(self._index, audience, given, language)
            return self._drawn_grid(rows, columns, counts, "cells_title", language, frame) if counts else None
        wanted = {
            ident[:_LONGEST_ID]: relation for relation, ident in parameters[:MOST_RECORDS] if relation in RELATIONS
        }
        shown = self._read(wanted, audience)
        if not shown:
            return None
        if name == "matrix":
            return self._matrix(shown, language, frame)
        return self._timeline(shown, language, frame, given.get(PLANNED, ""))

    def _read(self, wanted: dict[str, str], audience: Audience) -> list[_Shown]:
        with self._index.home.database.read() as session:
            found = initiatives(session, list(wanted), audience)
            bodies = session.execute(
                select(m.RecordRow.id, m.RecordRow.body).where(m.RecordRow.pk.in_([hit.pk for hit in found.values()]))
            )
            periods = {ident: RECORD.validate_json(body).period for ident, body in bodies}
        return [
            _Shown(found[ident], periods[ident], relation) for ident, relation in wanted.items() if ident in periods
        ]

    def _kept(self, key: Hashable, chart: Callable[[], Chart], kind: Kind) -> bytes:
        with self._lock:
            if (held := self._drawn.get(key)) is not None:
                self._drawn.move_to_end(key)
                return held
        drawn = self._renderer.render(chart(), kind)
        with self._lock:
            self._drawn[key] = drawn
            while len(self._drawn) > _KEPT:
                self._drawn.popitem(last=False)
        return drawn

    def _timeline(self, shown: Sequence[_Shown], language: str, frame: Frame, planned: str) -> bytes:
        said, today = words(language), self._index.today()
        bars = (*_own_bar(planned, language), *(_bar(each, language, today) for each in shown))
        told = TimelineWords(
            title=said["side_in_time"],
            today=said["today_line"],
            planned=said["bar_planned"],
            actual=said["bar_actual"],
            open=said["bar_open"],
            stale=said["bar_stale"],
            undated=said["bar_undated"],
            more=said["not_pictured"],
        )
        return self._kept((bars, told, today, frame), lambda: timeline(bars, told, today, frame), frame.kind)

    def _matrix(self, shown: Sequence[_Shown], language: str, frame: Frame) -> bytes | None:
        rows, columns, counts = cells([each.hit for each in shown], language)
        return self._drawn_grid(rows, columns, counts, "where_they_meet", language, frame) if counts else None

    def _drawn_grid(
        self,
        rows: Sequence[str],
        columns: Sequence[str],
        counts: Mapping[tuple[int, int], int],
        title: str,
        language: str,
        frame: Frame,
    ) -> bytes:
        said = words(language)
        told = MatrixWords(title=said[title], corner=said["place_theme"], more=said["not_pictured"])
        key = (tuple(rows), tuple(columns), tuple(sorted(counts.items())), told, frame)
        return self._kept(key, lambda: matrix(rows, columns, counts, told, frame), frame.kind)


def cells(shown: Sequence[Hit], language: str) -> tuple[list[str], list[str], dict[tuple[int, int], int]]:
    """Names of places and of themes, and how many of the records name both, by their places in these lists; those
    first that most records name."""
    said = Words(language)
    names: dict[str, str] = {}
    where: Counter[str] = Counter()
    what: Counter[str] = Counter()
    both: Counter[tuple[str, str]] = Counter()
    for hit in shown:
        below = {place.place: place.name for place in hit.places if place.level}
        here = below or {place.place: place.name for place in hit.places}
        names.update(here)
        where.update(here.keys())
        themes = set(hit.themes)
        what.update(themes)
        both.update((place, theme) for place in here for theme in themes)
    rows = sorted(where, key=lambda place: (-where[place], names[place], place))
    columns = sorted(what, key=lambda theme: (-what[theme], theme))
    # Of a record that names fifty districts, those are shown in which it is not alone; of few, all.
    if len(rows) > MOST_ROWS:
        rows = [place for place in rows if where[place] > 1] or rows
    counts = {
        (r, c): both[place, theme]
        for r, place in enumerate(rows)
        for c, theme in enumerate(columns)
        if both[place, theme]
    }
    told = [named_places(said, [place], names) for place in rows]
    return told, [phrases.theme_name(said, theme) for theme in columns], counts


def _own_bar(planned: str, language: str) -> tuple[Bar, ...]:
    """The bar of a proposal, of which an address holds only when it runs; none where that is no span of days."""
    said = words(language)
    try:
        start, end = (date.fromisoformat(day) if day else None for day in planned.split("/"))
    except ValueError:
        return ()
    return (
        Bar(
            title=said["your_proposal"],
            detail=" · ".join(filter(None, (said["asked_about"], _months(start, end, language)))),
            tone=ASKED,
            planned_start=start,
            planned_end=end,
        ),
    )


def _months(start: date | None, end: date | None, language: str) -> str:
    return " – ".join(_month(day, language) for day in (start, end)) if start or end else ""


def _bar(each: _Shown, language: str, today: date) -> Bar:
    said = words(language)
    hit, period = each.hit, each.period
    relation = said["asked_about"] if each.relation == ASKED else said.get(f"label_{each.relation}", "")
    dates = _months(hit.start, hit.end, language)
    return Bar(
        title=hit.title or said["untitled"],
        detail=" · ".join(filter(None, (relation, hit.publisher, dates))),
        tone=each.relation,
        planned_start=period.planned_start,
        planned_end=period.planned_end,
        actual_start=period.actual_start,
        actual_end=period.actual_end,
        stale=hit.standing(today).timing is Timing.STALE,
    )


def _month(day: date | None, language: str) -> str:
    return f"{months(language)[day.month - 1]}\u00a0{day.year}" if day else "…"
