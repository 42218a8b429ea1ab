"""Conflict and hazard events: UCDP GED, ACLED and GDACS exports, and tables of deaths by place.

Who fought whom goes to `extra`: an armed group runs no programme. Headlines and articles are left out, because they
name people.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.countries import iso2
from knowledge.records import Figure, Item, Locator, Period, PlaceMention, Problem, Record, RecordKind, Text
from knowledge.sources import dates, guard
from knowledge.sources.country_words import country_in, country_named
from knowledge.sources.formats import Format, Given, Reader, SourceFacts, title_of
from knowledge.sources.hxl_tags import are_tags
from knowledge.sources.layouts import Layout, layout
from knowledge.sources.table_rows import TableRows, as_of_tables, country_name, digest, number
from knowledge.sources.tables import Row, Sheet, sheets, slug

_VIOLENCE = {"1": "State-based conflict", "2": "Non-state conflict", "3": "One-sided violence"}
_HAZARDS = {
    "eq": "Earthquake",
    "tc": "Tropical cyclone",
    "fl": "Flood",
    "vo": "Volcano",
    "dr": "Drought",
    "wf": "Wildfire",
    "ts": "Tsunami",
}
_HEADER_ROWS = 10


@dataclass(frozen=True, slots=True)
class _Event:
    """A row of a known export by the folded names of its columns."""

    cells: Mapping[str, str]
    identifier: str
    locator: Locator

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def first(self, *names: str) -> str:
        return next((self.cells[name] for name in names if self.cells.get(name)), "")

    def extra(self, **names: str) -> list[tuple[str, str]]:
        """(our word, cell) of the cells that are filled; -1 is how UCDP writes unknown."""
        return [
            (ours, value) for ours, name in names.items() if (value := self[name.replace("_", " ")]) not in ("", "-1")
        ]

    def deaths(self, name: str, group: str = "") -> list[Figure]:
        value = number(self[name])
        return [] if value is None else [Figure("deaths", value, group)]


@dataclass(frozen=True, slots=True)
class _Export:
    """A shape of table: the columns it is known by, how ids begin, what a row becomes. `record` raises ValueError
    ("what is wrong|how to mend it") for a row that cannot be read."""

    needed: frozenset[str]
    prefix: str
    identifier: tuple[str, ...]
    record: Callable[[_Event], Record]


def _ucdp(event: _Event) -> Record:
    kind = _VIOLENCE.get(event["type of violence"], "Armed conflict")
    start = _day(event["date start"])
    end = dates.cell_date(event["date end"], day_first=True) or start
    place = _place(event, event.first("iso3", "country"), ("adm 1", "adm 2"), event["where coordinates"])
    extra = event.extra(
        type_of_violence="type_of_violence",
        conflict="conflict_name",
        dyad="dyad_name",
        side_a="side_a",
        side_b="side_b",
        deaths_low="low",
        deaths_high="high",
        deaths_a="deaths_a",
        deaths_b="deaths_b",
        deaths_unknown="deaths_unknown",
        where_precision="where_prec",
        date_precision="date_prec",
        event_clarity="event_clarity",
        sources="number_of_sources",
        source="source_office",
    )
    figures = [*event.deaths("best"), *event.deaths("deaths civilians", "civilians")]
    return _record(event, kind, place, start, end, figures, extra)


def _acled(event: _Event) -> Record:
    start = _day(event["event date"])
    code = event.first("iso3", "country")
    place = _place(event, code, ("admin1", "admin2", "admin3"), event["location"])
    extra = event.extra(
        disorder="disorder_type",
        event_type="event_type",
        sub_event_type="sub_event_type",
        side_a="actor1",
        associated_a="assoc_actor_1",
        side_b="actor2",
        associated_b="assoc_actor_2",
        interaction="interaction",
        civilian_targeting="civilian_targeting",
        date_precision="time_precision",
        where_precision="geo_precision",
        source="source",
        source_scale="source_scale",
        tags="tags",
    )
    kind = event.first("sub event type", "event type") or "Conflict event"
    return _record(event, kind, place, start, start, event.deaths("fatalities"), extra, event["notes"])


def _gdacs(event: _Event) -> Record:
    written = event.first("eventtype", "event type")
    kind = _HAZARDS.get(guard.fold(written), written) or "Hazard"
    start = _day(event.first("fromdate", "from date", "event date", "date", "start date"))
    end = dates.cell_date(event.first("todate", "to date", "end date"), day_first=True) or start
    level = event.first("alertlevel", "alert level")
    place = _place(event, event.first("iso3", "country"), ("admin1",), "")
    extra = [("event_type", kind), ("alert_level", level)]
    extra += event.extra(name="name", severity="severity", alert_score="alertscore", glide="glide", source="source")
    exposed = number(event.first("population", "population exposed", "affected population"))
    figures = [] if exposed is None else [Figure("population", exposed, "exposed")]
    return _record(event, f"{kind}, {level.casefold()} alert", place, start, end, figures, extra)


_EXPORTS = (
    _Export(frozenset({"type of violence", "dyad name", "date start", "best"}), "ucdp", ("id",), _ucdp),
    _Export(frozenset({"event date", "event type", "fatalities", "country"}), "acled", ("event id cnty",), _acled),
    _Export(frozenset({"eventtype", "alertlevel"}), "gdacs", ("eventtype", "eventid"), _gdacs),
    _Export(frozenset({"event type", "alert level"}), "gdacs", ("event type", "event id"), _gdacs),
)


def _record(
    event: _Event,
    kind: str,
    place: PlaceMention,
    start: date,
    end: date,
    figures: Sequence[Figure],
    extra: Sequence[tuple[str, str]],
    notes: str = "",
) -> Record:
    where = place.site or (place.names[-1] if place.names else "") or country_name(place.country)
    return Record(
        id=event.identifier,
        kind=RecordKind.EVENT,
        title=f"{kind}: {where}, {start.isoformat()}" if where else f"{kind}, {start.isoformat()}",
        locator=event.locator,
        texts=(Text("general", notes),) if notes else (),
        places=(place,) if place != PlaceMention() else (),
        period=Period(actual_start=start, actual_end=end),
        figures=tuple(figures),
        extra=tuple(extra),
    )


def _day(text: str) -> date:
    if day := dates.cell_date(text, day_first=True):
        return day
    raise ValueError(f"{text[:40]!r} is not a date; the event is left out|Write it as YYYY-MM-DD")


def _place(event: _Event, country: str, levels: Sequence[str], site: str) -> PlaceMention:
    code = iso2(country) or country_named(event["country"]) or country_in(event["country"]) or country_named(country)
    names = tuple(name for level in levels if (name := event[level]))
    site = "" if guard.fold(site) in {guard.fold(event["country"]), *map(guard.fold, names)} else site
    try:
        latitude, longitude = float(event["latitude"]), float(event["longitude"])
    except ValueError:
        return PlaceMention(code, names, site=site)
    if not (abs(latitude) <= 90 and abs(longitude) <= 180):
        raise ValueError("latitude or longitude is out of range; the event is left out|Write decimal degrees")
    return PlaceMention(code, names, site=site, latitude=latitude, longitude=longitude)


# --- known exports --------------------------------------------------------------------------------------------------


def _export(sheet: Sheet) -> tuple[_Export, dict[str, int], Sequence[Row]] | None:
    """The shape of a sheet, its columns by folded name, and its rows of data."""
    for position, row in enumerate(sheet.rows[:_HEADER_ROWS]):
        names = {guard.fold(cell): i for i, cell in reversed(list(enumerate(row.cells))) if cell}
        for export in _EXPORTS:
            if export.needed <= names.keys():
                rows = sheet.rows[position + 1 :]
                return export, names, rows[1:] if rows and are_tags(rows[0].cells) else rows
    return None


def _read_export(
    path: Path, sheet: Sheet, export: _Export, names: Mapping[str, int], rows: Sequence[Row], times: Counter[str]
) -> Iterator[Item]:
    for row in rows:
        cells = {name: value for name, i in names.items() if (value := row.at(i))}
        own = "".join(cells.get(name, "") for name in export.identifier)
        identifier = f"{export.prefix}:{own}"
        if not own or (len(export.identifier) > 1 and not cells.get(export.identifier[-1])):
            identifier = f"{export.prefix}:{slug(path.stem)}:{digest(sorted(cells.items()))}"
        times[identifier] += 1
        if times[identifier] > 1:
            identifier = f"{identifier}-{times[identifier]}"
        try:
            yield export.record(_Event(cells, identifier, sheet.locator(row)))
        except ValueError as error:
            reason, _, mend = str(error).partition("|")
            where = sheet.locator(row)
            yield Problem(path.name, where.element, where.line, reason, mend)


# --- tables of deaths by place --------------------------------------------------------------------------------------

_VICTIMS = {"deaths", "injured", "displaced", "affected"}
_PLACES = {"adm", "country", "pcode", "site"}


def _victims(sheet: Sheet) -> Layout | None:
    table = layout(sheet)
    if table is None or "organisation" in table.subjects or not table.subjects & _PLACES:
        return None
    figures = {field.attribute for field in table.columns.values() if field.subject == "people"}
    return table if figures & {"deaths", "injured"} and figures <= _VICTIMS | {"population"} else None


def _read_victims(rows: TableRows) -> Iterator[Item]:
    kinds = [i for i in rows.table.headings if guard.fold(rows.table.heading(i)) in ("event type", "disorder type")]
    counts = [i for i in rows.table.headings if guard.fold(rows.table.heading(i)) in ("events", "number of events")]
    for row in rows.table.rows:
        problems: list[Problem] = []
        place, extra = rows.place(row, problems)
        start, end, reported_on = rows.period(row, problems)
        yield from problems
        figures = tuple(figure for figure, _ in rows.figures(row))
        kind = next((value for i in kinds if (value := row.at(i))), "Conflict")
        extra += [("events", value) for i in counts if (value := row.at(i))]
        where = (place.names[-1] if place.names else "") or place.site or country_name(place.country)
        title = f"{kind.replace('_', ' ').capitalize()}: {where or 'place not stated'}"
        yield Record(
            id=rows.identifier(f"event:{slug(rows.path.stem)}", row),
            kind=RecordKind.EVENT,
            title=f"{title}, {start.year}" if start else title,
            locator=rows.sheet.locator(row),
            places=(place,) if place != PlaceMention() else (),
            period=Period(actual_start=start, actual_end=end),
            reported_on=reported_on,
            figures=figures,
            extra=tuple(extra),
        )


# --- a file ---------------------------------------------------------------------------------------------------------


def recognises(tops: Sequence[Sheet]) -> bool:
    """Whether any sheet holds events."""
    return any(_export(sheet) or _victims(sheet) for sheet in tops)


def read_events(path: Path, given: Given) -> Iterator[Item]:
    """Yield an event per row. Raises `guard.Refused` where no sheet holds events."""
    found = sheets(path)
    if not recognises(found):
        reason = "no columns of events are recognised"
        raise guard.refused(path, reason, "Give an export of UCDP GED, ACLED or GDACS with its own column names")
    times: Counter[str] = Counter()
    for sheet in found:
        if export := _export(sheet):
            yield from _read_export(path, sheet, *export, times)
        elif table := _victims(sheet):
            as_of = given.as_of or as_of_tables(path, [(sheet, table)])
            yield from _read_victims(TableRows(path, sheet, table, as_of, times))


def _facts(path: Path) -> SourceFacts:
    """`as_of` is the last day on which an event ended."""
    latest: date | None = None
    for sheet in sheets(path):
        if export := _export(sheet):
            _, names, rows = export
            at = [names[name] for name in ("date end", "event date", "todate", "to date") if name in names][:1]
            days = [day for row in rows for i in at if (day := dates.cell_date(row.at(i), day_first=True))]
            latest = max([*days, *([latest] if latest else [])], default=latest)
        elif table := _victims(sheet):
            latest = latest or as_of_tables(path, [(sheet, table)])
    return SourceFacts(Format.EVENT, title_of(path), as_of=latest or dates.from_file_name(path.stem))


READER: Reader[list[Sheet]] = Reader(Format.EVENT, recognises, read_events, _facts)
