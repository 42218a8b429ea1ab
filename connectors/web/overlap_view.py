"""Meetings of initiatives laid out for reading: who meets whom, what that is, how sure, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from bot.answers import phrases
from bot.answers.overlaps import named_places
from bot.answers.pictures import rows_of
from connectors.web.initiative_lines import Lines, compare_href, pair_view
from connectors.web.overlap_views import FoldView, HeadingView, MeetingView, OverlapForm, OverlapsView, PairView, Row
from connectors.web.words import day, number
from knowledge.countries import country_names
from knowledge.overlap.meetings import Heading, Meeting, Meetings, Pair
from knowledge.overlap.proposals import Proposal

PAGE: Final = 10
_MOST_INITIATIVES: Final = 30
_MOST_PAIRS: Final = 6
_MOST_WHERE: Final = 8


class Layout:
    """A `Meetings` in the words of one language."""

    def __init__(self, found: Meetings, form: OverlapForm, language: str) -> None:
        self.found, self.form, self.language = found, form, language
        self.lines = Lines(language, found.today, found.hits)
        self.said, self.words = self.lines.said, self.lines.words

    def view(self, read: Proposal | None = None, *, may_judge: bool = False) -> OverlapsView:
        """The whole answer but its pictures."""
        found = self.found
        first = found.offset + 1
        last = found.offset + len(found.meetings)
        return OverlapsView(
            form=self.form,
            heading=self._heading(),
            facts=tuple(self._facts()),
            subject=self._subject(),
            read=tuple(self._read(read)) if read is not None else (),
            where=tuple(self._where()),
            same=tuple(self._meeting(meeting, n) for n, meeting in enumerate(found.same, 1)),
            meetings=tuple(self._meeting(meeting, n) for n, meeting in enumerate(found.meetings, first)),
            initiatives=tuple(self.heading(heading) for heading in found.initiatives[:_MOST_INITIATIVES]),
            initiatives_total=len(found.initiatives),
            none="" if found.total else self._none(),
            shown=f"{first}–{last} / {number(found.total, self.language)}" if found.meetings else "",
            previous=self._page(found.offset - found.limit) if found.offset else "",
            next=self._page(found.offset + found.limit) if found.more else "",
            table=tuple(Row(self.lines.line(ident), relation) for ident, relation in self.rows()),
            downloads=self._downloads(),
            may_judge=may_judge,
        )

    def rows(self) -> list[tuple[str, str]]:
        """(identifier, what it is to what was asked about) of what the pictures and the table beside them show."""
        rows = rows_of(self.found)
        return rows or [(heading.lead, "") for heading in self.found.initiatives[:_MOST_INITIATIVES]]

    @property
    def _about_one(self) -> bool:
        return self.found.subject is not None

    def _heading(self) -> str:
        subject = self.found.subject
        if subject is None:
            asked = (self.form.organisation, self.form.theme, self.form.place)
            return ", ".join(filter(None, asked)) or self.said["nav_overlaps"]
        return self.lines.line(subject.lead).title if subject.lead in self.found.hits else self.found.proposal

    def _facts(self) -> Iterable[str]:
        found = self.found
        if found.total:
            counts = [
                f"{self.said[f'label_{label.value}']}: {number(n, self.language)}"
                for label, n in found.by_label.items()
            ]
            yield self.said["meetings_found"].replace("{n}", number(found.total, self.language))
            yield from counts
        if len(found.initiatives):
            yield self.said["initiatives_there"].replace("{n}", number(len(found.initiatives), self.language))
        yield self.said["compared_with"].replace("{n}", number(found.compared, self.language))

    def _read(self, read: Proposal) -> Iterable[tuple[str, str]]:
        """What was read of a proposal, for a person to correct; what was not read is said too."""
        said, period = self.said, read.record.period
        parts: dict[str, list[str]] = {}
        for name, role in read.organisations:
            parts.setdefault(said.get(f"role_{role.value}", role.value), []).append(name)
        days = [day(one, self.language) if one else "…" for one in (period.start, period.end)]
        amounts = [f"{number(round(money.amount), self.language)} {money.currency}" for money in read.record.money]
        yield said["read_title"], read.record.title
        yield said["col_where"], self.lines.listed(name for _, name in read.places) or said["not_stated"]
        themes = [phrases.theme_name(self.words, ident) for ident, _ in read.themes]
        yield said["col_themes"], self.words.listed(themes) or said["not_stated"]
        yield said["read_period"], " – ".join(days) if period.start or period.end else said["not_stated"]
        for part, names in parts.items():
            yield part, self.lines.listed(names)
        if not parts:
            yield said["col_organisation"], said["not_stated"]
        if amounts:
            yield said["read_amount"], self.words.listed(amounts)

    def _where(self) -> Iterable[tuple[str, str, str]]:
        """The places where most of the answer is, each with the address of the question about it alone."""
        if len(self.found.where) < 2:
            return
        for ident, met in self.found.where[:_MOST_WHERE]:
            name = named_places(self.words, [ident], self.found.names)
            yield name, number(met, self.language), address(replace(self.form, place=place_field(name, ident)))

    def _none(self) -> str:
        if self.found.coverage.state == "not_covered":
            return self.said["not_covered"]
        return self.said["none_meets"].replace("{n}", day(self.found.coverage.as_of, self.language))

    def _subject(self) -> HeadingView | None:
        subject = self.found.subject
        return self.heading(subject) if subject is not None and subject.lead in self.found.hits else None

    def heading(self, heading: Heading) -> HeadingView:
        reported = ""
        if heading.reported > 1:
            who = self.lines.listed(heading.publishers)
            counted = self.said["times_reported"].replace("{n}", number(heading.reported, self.language))
            reported = f"{counted} ({who})" if who else counted
        folded = tuple(
            FoldView(fold.kind.value, tuple(self.lines.line(ident) for ident in fold.records))
            for fold in heading.folded
        )
        return HeadingView(self.lines.line(heading.lead), reported, folded)

    def _meeting(self, meeting: Meeting, at: int) -> MeetingView:
        headings = meeting.headings[1:] if self._about_one else meeting.headings
        place = named_places(self.words, [meeting.place], self.found.names) if meeting.place else ""
        return MeetingView(
            number=at,
            label=meeting.label.value,
            headings=tuple(map(self.heading, headings)),
            pairs=tuple(map(self._pair, meeting.pairs[:_MOST_PAIRS])),
            when=self.said[f"when_{meeting.when.value}"],
            place=place,
        )

    def _pair(self, pair: Pair) -> PairView:
        known = pair.a in self.found.hits and pair.b in self.found.hits
        return pair_view(
            self.lines,
            pair.a,
            pair.b,
            pair.label,
            pair.probabilities,
            pair.clauses,
            self.found.names,
            pair.judgement if pair.judged else None,
            href=compare_href(pair.a, pair.b) if known else "",
        )

    def _page(self, offset: int) -> str:
        return address(self.form, max(0, offset)) if not self.form.proposal else ""

    def _downloads(self) -> dict[str, str]:
        """This answer and all pairs, for programs: the same over the API."""
        if self.form.proposal:
            return {}
        names = {"kind": "org_kind", "within": "starting_within", "least": "at_least", "open": "only_open"}
        asked = {names.get(name, name): value for name, value in parameters(self.form).items()}
        answer = urlencode(asked | {"offset": str(self.found.offset), "limit": str(self.found.limit)})
        every = {
            f"{name} ({self.said['all_pairs']})": f"/api/v1/overlaps/export?format={kind}"
            for name, kind in (("CSV", "csv"), ("JSON", "json"), ("GraphML", "graphml"))
        }
        return {f"JSON ({self.said['this_answer']})": f"/api/v1/overlaps?{answer}", **every}


def parameters(form: OverlapForm) -> dict[str, str]:
    """The form as the parameters of an address, those that are set."""
    given = {
        "record": form.record,
        "place": form.place,
        "theme": form.theme,
        "from": form.start,
        "to": form.end,
        "kind": form.kind,
        "within": form.within,
        "least": form.least,
        "open": "1" if form.open else "",
        "org": form.organisation,
        "label": form.label,
    }
    return {name: value for name, value in given.items() if value}


def place_field(name: str, ident: str) -> str:
    """A place as the form takes it, with its identifier where its name alone may mean another."""
    return name if ident in country_names() else f"{name} [{ident}]"


def address(form: OverlapForm, offset: int = 0) -> str:
    """Where the answer to the form stands."""
    given = parameters(form) | ({"offset": str(offset)} if offset else {})
    return f"/overlaps?{urlencode(given)}"
