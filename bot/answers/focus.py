"""Answers to how many, what, where, when, whether, which and the most: a number first, then the rows behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bot.actions.context import Item
from bot.answers import focus_reading, phrases
from bot.answers.focus_records import columns, starts_or_ends
from bot.answers.page import SCREENFUL, Page
from knowledge import tallies
from knowledge.answers import text
from knowledge.finding import Hit, paths_of
from knowledge.records import RecordKind
from knowledge.reply import Column, Focus, Notice, Part, Query, Result, Span, Table, Tally
from knowledge.tallies import Counted
from knowledge.timing import Timing

_CITES_PER_ROW = 3
_TIED = 4
"""Names shown where several have the most."""
_KINDS = {"projects": (RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT), "grants": (RecordKind.GRANT,)}
_LISTS = frozenset({"records", "dates", "presence"})


def focused(query: Query) -> bool:
    """Whether something else is asked for than who does the work."""
    focus = query.focus
    return focus is not None and (focus.about != "organisations" or focus.count or bool(focus.rank))


class FocusPage(Page):
    """One screenful of what `query.focus` asks for."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.focus = focus_reading.settled(self.query.focus or Focus(), self.query)
        wanted = _KINDS.get(self.focus.unit)
        units = [hit for hit in self.findings.hits if wanted is None or hit.kind in wanted]
        self.other_records = len(self.findings.hits) - len(units)
        self.already_over = 0
        self.picked = self._by_date(units) if self.focus.date else units
        self.who = tallies.doers(self.findings)
        self.by_record = self.focus.about in _LISTS or self._of_organisations()
        self.level = 0
        self.coarser = self.unstated = 0
        self.rows: list[Counted] = [] if self.focus.about in _LISTS else self._counted()
        self.total = len(self.picked) if self.by_record else len(self.rows)
        self.remaining = max(0, self.total - self.query.offset - SCREENFUL)
        self.result = self._result()

    def _of_organisations(self) -> bool:
        """What somebody does: the themes are said, and the records listed."""
        return self.focus.about == "themes" and bool(self.query.organisations) and not self.focus.count

    # --- what is counted

    def _by_date(self, hits: Sequence[Hit]) -> list[Hit]:
        """Those whose start or end lies in the period; an end "before June" to come is one from today on."""
        period, which = self.query.period, self.focus.date
        if period.start is None and period.end is None:
            return list(hits)
        first = period.start
        if first is None and period.end is not None and period.end > self.today:
            first = self.today
            self.already_over = sum(1 for hit in hits if (day := starts_or_ends(hit, which)) and day < self.today)
        return [
            hit
            for hit in hits
            if (day := starts_or_ends(hit, which))
            and (first is None or day >= first)
            and (period.end is None or day <= period.end)
        ]

    def _counted(self) -> list[Counted]:
        focus = self.focus
        match focus.about:
            case "places":
                asked = list(paths_of(self.session, [place.id for place in self.query.places]).values())
                found = tallies.by_place(self.session, self.picked, self.who, asked, focus.level)
                rows, self.level, self.coarser = found.counted, found.level, found.coarser
            case "themes":
                rows, self.unstated = tallies.by_theme(self.session, self.picked, self.who)
                asked_themes = {main for theme in self.query.themes for main in tallies.main_themes(theme.id)}
                rows = [row for row in rows if not asked_themes or row.id in asked_themes]
            case "years":
                rows, self.unstated = tallies.by_year(self.picked, self.who)
            case "kinds":
                rows = tallies.by_kind(self.findings, self.picked)
            case _:
                rows = tallies.by_organisation(self.findings, self.picked)
                if not focus.rank:
                    order = {one.id: place for place, one in enumerate(self.findings.organisations)}
                    rows.sort(key=lambda row: order[row.id])
        if focus.rank or focus.measure:
            rows = self._ranked(rows) if focus.about != "years" else rows
        return rows

    def _ranked(self, rows: Sequence[Counted]) -> list[Counted]:
        sign = 1 if self.focus.rank == "fewest" else -1
        return sorted(rows, key=lambda row: (sign * self._measured(row), row.name.casefold(), row.id))

    def _measured(self, row: Counted) -> int:
        return len(row.organisations) if self.focus.measure == "organisations" else len(row.hits)

    def _result(self) -> Result:
        if self.focus.about in _LISTS:
            rows = [Tally(id=hit.id, name=hit.title, records=1, start=hit.start, end=hit.end) for hit in self._listed()]
        else:
            rows = [
                Tally(id=row.id, name=row.name, records=len(row.hits), organisations=len(row.organisations))
                for row in self.rows
            ]
        best = self._timings()[0][0].value if self.picked else "none"
        return Result(
            about=self.focus.about,
            number=len(rows),
            rows=rows,
            timing=best if self.focus.about == "presence" else "",
        )

    def _timings(self) -> list[tuple[Timing, int]]:
        counts = Counter(hit.standing(self.today).timing for hit in self.picked)
        return [(timing, counts[timing]) for timing in Timing if counts[timing]]

    def _listed(self) -> list[Hit]:
        """Records in the order shown: by the date asked for, else what runs first."""
        focus, today = self.focus, self.today
        which = focus.date or "end"
        if focus.about == "dates" or focus.date:
            picked = bool(focus.date and (self.query.period.start or self.query.period.end))

            def by_date(hit: Hit) -> tuple[int, int, str]:
                day = starts_or_ends(hit, which)
                if day is None:
                    return 1, 0, hit.id
                past = not picked and day < today
                return (2, -day.toordinal(), hit.id) if past else (0, day.toordinal(), hit.id)

            return sorted(self.picked, key=by_date)
        order = list(Timing)
        return sorted(
            self.picked, key=lambda hit: (order.index(hit.standing(today).timing), hit.title.casefold(), hit.id)
        )

    # --- what is said

    def opening(self, *, now: bool, kept: Sequence[str]) -> list[Part]:
        words = self.words
        parts = self.readings(kept)
        if not self.picked:
            cites = self.ledger.sources(self.findings.hits)
            return [
                *parts,
                Notice(tone="warning", spans=[Span(text=" ".join(filter(None, self._none())), cites=cites)]),
            ]
        if self.query.offset == 0:
            cites = self.ledger.sources(self.picked)
            kinds = words.listed(phrases.kind(words, kind) for kind in self.query.organisation_kinds)
            limits = [words("of_kinds", kinds=kinds) if kinds else "", words("only_open") if now else ""]
            parts.append(text(*self._headline(), *limits, cites=cites))
        if self.total:
            parts.append(self._table())
        notes = [note for note in self._notes() if note] if self.query.offset == 0 else []
        if notes:
            cites = self.ledger.sources(self.findings.hits)
            parts.append(Notice(tone="info", spans=[Span(text=" ".join(notes), cites=cites)]))
        return parts

    def scope(self) -> str:
        """ " of Acme on health in Turkana": the end of a sentence, with a space before it."""
        words, query = self.words, self.query
        topic, where = phrases.themes(words, query), phrases.places(words, query.places)
        names = words.listed(organisation.name for organisation in query.organisations)
        of = words("focus_of", organisations=names) if names else ""
        if topic and where:
            about = words("focus_on_in", themes=topic, places=where)
        else:
            about = words("focus_on", themes=topic) if topic else self._where()
        return "".join(f" {part}" for part in (of, about) if part)

    def _where(self) -> str:
        where = phrases.places(self.words, self.query.places)
        return self.words("focus_in", places=where) if where else ""

    def what(self, number: int, about: str = "", unit: str = "") -> str:
        """ "3 districts" without naming what they are called in one country: "3 places of administrative level 2"."""
        about = about or self.focus.about
        if about in _LISTS:
            return self.words(f"focus_n_{unit or self.focus.unit or 'records'}", n=number)
        if about == "places":
            return self.words(f"focus_n_level_{self.level}", n=number)
        return self.words(f"focus_n_{about}", n=number)

    def _headline(self) -> list[str]:
        words, focus = self.words, self.focus
        if focus.about == "presence":
            return [self._presence(), self._standing()]
        if focus.rank:
            return self._extreme()
        if self._of_organisations():
            names = words.listed(organisation.name for organisation in self.query.organisations)
            found = words("org_found", n=len(self.picked), organisations=names, doing=phrases.doing(words, self.query))
            shown = [self._named(row) for row in self.rows[:SCREENFUL]]
            rest = len(self.rows) - len(shown)
            listed = words.listed([*shown, words("and_more", n=rest)] if rest else shown)
            return [found, words("focus_themes", list=listed) if listed else "", self._standing()]
        counted = words("focus_count", what=self.what(self.total), scope=self.scope())
        said = [counted]
        if focus.about in ("themes", "kinds", "years"):
            behind = "organisations" if focus.measure == "organisations" else "records"
            number = len(set().union(*(row.organisations for row in self.rows))) if behind == "organisations" else 0
            said = [words("focus_split", what=self.what(number or len(self.picked), behind), scope=self.scope(),
                          over=self.what(self.total))]  # fmt: skip
            first = self.rows[: _TIED + 1] if focus.about != "years" else []
            if first:
                said.append(words("focus_first", list=words.listed(self._named(row) for row in first)))
        if focus.about == "organisations":
            said += [self.kinds_said(), self.timings_said()]
        elif focus.about in ("records", "dates"):
            said += [self._picked_said(), *self._span_said(), self._standing()]
        return said

    def _named(self, row: Counted) -> str:
        return f"{self._name(row)} ({self.words.number(self._measured(row))})"

    def _standing(self) -> str:
        listed = [self.words(f"timing_{timing}", n=number) for timing, number in self._timings()]
        return self.words("by_timing", list="; ".join(listed))

    def _presence(self) -> str:
        words = self.words
        best, number = self._timings()[0]
        newest = max((hit.reported_on for hit in self.picked if hit.reported_on), default=None)
        key = f"focus_presence_{'ended' if best is Timing.CANCELLED else best.value}"
        names = words.listed(organisation.name for organisation in self.query.organisations)
        where = self._where()
        return words(
            key,
            organisations=names,
            scope=f" {where}" if where else "",
            what=words("focus_n_records", n=number),
            total=words("focus_n_records", n=len(self.picked)),
            date=words.date(newest),
        )

    def _extreme(self) -> list[str]:
        words, focus = self.words, self.focus
        if not self.rows:
            return [words("focus_count", what=self.what(0), scope=self.scope())]
        best = self._measured(self.rows[0])
        tied = [self._name(row) for row in self.rows if self._measured(row) == best]
        shown = words.listed(tied[:_TIED])
        if len(tied) > _TIED:
            shown = f"{shown} {words('and_more', n=len(tied) - _TIED)}"
        measured = self.what(best, focus.measure, focus.unit)
        found = words(f"focus_{focus.rank}", names=shown, what=measured, scope=self.scope())
        return [found, words("focus_compared", what=self.what(self.total))]

    def _picked_said(self) -> str:
        period, words = self.query.period, self.words
        if not self.focus.date or not (period.start or period.end):
            return ""
        first = period.start or (self.today if period.end and period.end > self.today else None)
        start = words.date(first) if first else words("open_start")
        end = words.date(period.end) if period.end else words("open_end")
        return words(f"focus_picked_{self.focus.date}", start=start, end=end)

    def _span_said(self) -> list[str]:
        if self.focus.about != "dates":
            return []
        words, said = self.words, []
        for which in ("start", "end"):
            if self.focus.date not in ("", which):
                continue
            days = sorted(day for hit in self.picked if (day := starts_or_ends(hit, which)))
            if days:
                said.append(words(f"focus_{which}s", first=words.date(days[0]), last=words.date(days[-1])))
            if missing := len(self.picked) - len(days):
                said.append(words(f"focus_no_{which}", n=missing))
        return said

    def _none(self) -> list[str]:
        """Records are there, but none of what is asked for."""
        words = self.words
        said = [words("focus_none", what=self.what(0), scope=self.scope(), date=words.date(self.today))]
        said.append(self._picked_said())
        return [*said, *self._left_out()]

    def _left_out(self) -> list[str]:
        words = self.words
        return [
            words("focus_other_records", n=self.other_records) if self.other_records else "",
            words("focus_already", n=self.already_over) if self.already_over else "",
        ]

    def _notes(self) -> Iterable[str]:
        words, focus = self.words, self.focus
        yield from self._left_out()
        if focus.unit == "projects" and not self.query.organisations:
            yield words("focus_same_work")
        if self.coarser:
            yield words("focus_coarser", n=self.coarser)
        if self.unstated:
            yield words("focus_no_theme" if focus.about == "themes" else "focus_no_start", n=self.unstated)
        if self.findings.wider:
            yield words("wider", n=self.findings.wider)
        if self.findings.unnamed and focus.about in ("organisations", "kinds"):
            yield words("unnamed", n=self.findings.unnamed)
        if self.besides:
            yield words("besides", n=self.besides, themes=phrases.themes(words, self.query))

    # --- rows

    def _name(self, row: Counted) -> str:
        words = self.words
        match self.focus.about:
            case "themes":
                return phrases.theme_name(words, row.id)
            case "kinds":
                return phrases.kind(words, row.id)
            case "places" if self.level == 0:
                return words.country(row.id, row.name)
        return row.name

    def _table(self) -> Table:
        return self._record_table() if self.by_record else self._tally_table()

    def _tally_table(self) -> Table:
        words, about = self.words, self.focus.about
        shown = self.rows[self.query.offset : self.query.offset + SCREENFUL]
        key = "column_organisation" if about == "organisations" else f"focus_column_{about}"
        titles = [Column(title=words(key))]
        if about != "organisations":
            titles.append(Column(title=words("focus_column_organisations"), numeric=True))
        titles += [Column(title=words("column_records"), numeric=True), Column(title=words("column_when"))]
        rows = []
        for row in shown:
            best = min(row.hits, key=lambda hit: list(Timing).index(hit.standing(self.today).timing), default=None)
            if best is not None:
                self.listed.append(self._item(row, best))
            ordered = [hit for hit in (best, *row.hits) if hit is not None]
            cites = [self.ledger.record(hit) for hit in _unique(ordered)[:_CITES_PER_ROW]]
            cells = [[Span(text=self._name(row), strong=True)]]
            if about != "organisations":
                cells.append([Span(text=words.number(len(row.organisations)))])
            cells.append([Span(text=words.number(len(row.hits)), cites=cites)])
            cells.append([Span(text=phrases.standing(words, best, best.standing(self.today)) if best else "")])
            rows.append(cells)
        return Table(caption=self.caption(f"focus_table_{about}"), columns=titles, rows=rows)

    def _item(self, row: Counted, best: Hit) -> Item:
        kinds = {"organisations": "organisation", "places": "place", "themes": "theme"}
        return Item(kinds.get(self.focus.about, "record"), row.id, self._name(row), best.id)

    def _record_table(self) -> Table:
        words = self.words
        shown = self._listed()[self.query.offset : self.query.offset + SCREENFUL]
        asked = frozenset(organisation.id for organisation in self.query.organisations)
        by_date = self.focus.about == "dates" or bool(self.focus.date)
        cells = columns(words, self.today, self.who, asked, by_date=by_date)
        rows = []
        for hit in shown:
            self.listed.append(Item("record", hit.id, hit.title, hit.id))
            lang = hit.language if hit.language and hit.language != words.language else ""
            row = [[Span(text=phrases.cut(hit.title, 120), lang=lang)]]
            row += [[Span(text=show(hit))] for show in cells.values()]
            row[-1][0].cites = [self.ledger.record(hit)]
            rows.append(row)
        titles = [Column(title=words("column_what")), *(Column(title=title) for title in cells)]
        return Table(caption=self.caption("table_records"), columns=titles, rows=rows)


def _unique(hits: Iterable[Hit]) -> list[Hit]:
    return list({hit.pk: hit for hit in hits}.values())
