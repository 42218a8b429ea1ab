"""Whether an answer says only what its sources say: every sentence is held against the records that it cites.

A quotation must be `start` to `end` of the field it names. Every other word of a sentence or a row must be one of the
assistant's own words, a word of the question, or stand in a record that is cited there; every figure must stand there
too, or be a count that comes out the same when it is counted again.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.extracts import results
from knowledge.extracts.denying import LOOKUPS
from knowledge.extracts.fields import NoSuchField, load, value_at
from knowledge.extracts.held import figures_in, figures_of, of_record, plain_figure, words_of, work_of
from knowledge.extracts.lines import Line, lines_of
from knowledge.extracts.questions import theme_spellings
from knowledge.extracts.voice import Voice
from knowledge.finding import Facets, Hit
from knowledge.records import WORK, Record, RecordKind
from knowledge.reply import Answer, Citation
from knowledge.search import mentioning
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from knowledge.tallies import main_themes
from knowledge.text import fold, tokens
from knowledge.vocabulary import country_names, kind_label, theme, theme_label
from knowledge.whowhatwhere import Findings, coverage, who

_LEAST_LETTERS = 2
_ALL = tuple(RecordKind)


class Kind(StrEnum):
    """What a sentence rests on."""

    QUOTED = "quoted"
    """The words of a source."""
    FIELDS = "fields"
    """Fields of the records it cites."""
    COUNTED = "counted"
    """A set of records that was counted again."""
    SEARCHED = "searched"
    """The sources that were searched, looked up again."""
    DENIED = "denied"
    """That there is nothing: looked up again, and so."""
    FRAME = "frame"
    """No statement about records: a question back, how a question was read, what such answers do not show, that no
    sentence was found to answer. Not verified, but for naming and counting nothing."""
    UNCITED = "uncited"
    """A statement about records that cites nothing."""
    WRONG = "wrong"
    """A citation that does not hold what is claimed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    kind: Kind
    text: str
    reason: str = ""

    @property
    def holds(self) -> bool:
        return self.kind not in (Kind.UNCITED, Kind.WRONG)


def check(session: Session, answer: Answer, audience: Audience, own: Voice, today: date) -> list[Verdict]:
    """One verdict for each sentence and row of the reply."""
    checker = _Checker(session, answer, audience, own, today)
    return [checker.verdict(line) for line in lines_of(answer)]


class _Checker:
    def __init__(self, session: Session, answer: Answer, audience: Audience, own: Voice, today: date) -> None:
        self.session, self.answer, self.audience = session, answer, audience
        self.own, self.today = own, today
        self.citations = {citation.number: citation for citation in answer.reply.citations}
        self._hits: dict[str, Hit] = {}
        self._bodies: dict[str, Record] = {}
        asked = answer.query
        named = [reading.name for reading in asked.places] + [reading.name for reading in asked.organisations]
        self.asked = words_of(
            " ".join(
                [
                    *named,
                    *(name for place in asked.places for name in (*place.within, *country_names(place.country))),
                    *(label for reading in asked.themes for label in theme(reading.id).labels.values()),
                    *(kind_label(kind, answer.reply.language) for kind in asked.organisation_kinds),
                    *asked.records,
                    asked.words,
                    asked.period.words,
                ]
            )
        )

    def verdict(self, line: Line) -> Verdict:
        if line.quotation:
            return self._quoted(line)
        if line.text in (self.answer.coverage.text, self._searched()):
            return self._covered(line)
        if not line.cites:
            return self._uncited(line)
        unknown = [number for number in line.cites if number not in self.citations]
        if unknown:
            return Verdict(Kind.WRONG, line.text, f"cites {unknown[0]}, which is no citation")
        cited = [self.citations[number] for number in line.cites]
        if reason := next((reason for citation in cited if (reason := self._evidence(citation))), ""):
            return Verdict(Kind.WRONG, line.text, reason)
        counted = any(not citation.record for citation in cited)
        records = [citation.record for citation in cited if citation.record]
        if counted or line.part == "table":
            records += self._counted_with(line)
        if line.part == "paragraph" and (reason := self._miscounted(line.text)):
            return Verdict(Kind.WRONG, line.text, reason)
        known = self._known(tuple(records))
        if left := self._unexplained(line.text, known):
            return Verdict(Kind.WRONG, line.text, f"not in what it cites: {', '.join(sorted(left))}")
        return Verdict(Kind.COUNTED if counted else Kind.FIELDS, line.text)

    # --- quotations -------------------------------------------------------------------------------------------------

    def _quoted(self, line: Line) -> Verdict:
        for number in line.cites:
            citation = self.citations.get(number)
            if citation is None:
                continue
            if reason := self._evidence(citation):
                return Verdict(Kind.WRONG, line.text, reason)
            if any(line.text == item.quote for item in citation.evidence):
                return Verdict(Kind.QUOTED, line.text)
            # A description that is quoted as a whole names its record and no span of it.
            if not citation.evidence and self._stands_in(citation.record, line.text):
                return Verdict(Kind.QUOTED, line.text)
        reason = "quotes what it does not cite" if line.cites else "quotes without a citation"
        return Verdict(Kind.WRONG if line.cites else Kind.UNCITED, line.text, reason)

    def _stands_in(self, record_id: str, quote: str) -> bool:
        record = self._record(record_id)
        plain = quote.removesuffix("…").rstrip()
        return record is not None and any(plain in text.text for text in record.texts)

    def _evidence(self, citation: Citation) -> str:
        """Why the evidence of a citation does not hold, "" where it does."""
        if not citation.record:
            return ""
        record = self._record(citation.record)
        if record is None:
            return f"cites {citation.record}, which this audience may not see"
        for item in citation.evidence:
            try:
                value = value_at(record, item.field)
            except NoSuchField as error:
                return str(error)
            if value[item.start : item.end] != item.quote or not item.quote:
                return f"{item.field} of {citation.record} does not read {item.quote[:60]!r} there"
        return ""

    # --- statements -------------------------------------------------------------------------------------------------

    def _uncited(self, line: Line) -> Verdict:
        """A notice may say that nothing was found and how a question was read; who answers nothing states nothing."""
        reply, answer = self.answer.reply, self.answer
        states_nothing = not answer.records and not answer.organisations
        if line.part == "notice" or (states_nothing and not reply.citations):
            said = [key for pattern, key in self.own.denying if pattern.search(line.text)]
            so = {key: LOOKUPS[key](self.session, answer.query, self.audience, self.today) for key in said}
            if false := [key for key, found in so.items() if found is False]:
                return Verdict(Kind.WRONG, line.text, f"not so when looked up again: {', '.join(false)}")
            denied = any(so.values())
            known = self._known(tuple(record.id for record in answer.records))
            if left := self._unexplained(line.text, known, counts=denied and not answer.organisations):
                return Verdict(Kind.UNCITED, line.text, f"names without a citation: {', '.join(sorted(left))}")
            return Verdict(Kind.DENIED if denied else Kind.FRAME, line.text)
        return Verdict(Kind.UNCITED, line.text, "states something about records and cites nothing")

    def _searched(self) -> str:
        return self.answer.coverage.text

    def _covered(self, line: Line) -> Verdict:
        """What is said of the sources searched comes out the same when it is looked up again."""
        found = coverage(self.session, tuple(place.id for place in self.answer.query.places), self.audience)
        known = words_of(" ".join(title for title, _ in found.tables)) | figures_of([day for _, day in found.tables])
        known |= figures_of([found.newest, self.today]) | {str(found.publishers), str(max(0, len(found.tables) - 4))}
        if left := self._unexplained(line.text, known):
            return Verdict(Kind.WRONG, line.text, f"not so in the index: {', '.join(sorted(left))}")
        return Verdict(Kind.SEARCHED, line.text)

    def _counted_with(self, line: Line) -> list[str]:
        """The records of the set that a sentence counts; of a row that names an organisation, that one's."""
        if line.part != "table":
            return [record.id for record in self.answer.records]
        named = fold(line.text)
        return [
            record
            for organisation in self.answer.organisations
            if fold(organisation.name) and f" {fold(organisation.name)} " in f" {named} "
            for record in organisation.records
        ]

    def _miscounted(self, text: str) -> str:
        """Why a number that counts one of the answer's sets is not its size, "" where it is."""
        for pattern, counted in self.own.counting:
            if found := pattern.search(text):
                size = len(self.answer.organisations if counted == "organisations" else self.answer.records)
                if plain_figure(found["n"].strip(".,\u00a0\u202f")) != str(size):
                    return f"counts {found['n']} where the answer holds {size} {counted}"
        return ""

    def _unexplained(self, text: str, known: Collection[str], *, counts: bool = True) -> set[str]:
        """Words and figures that are neither the assistant's own, nor asked, nor in what is known."""
        # A text that is cut ends within a word.
        left = {
            token.text
            for token in tokens(re.sub(r"\w+…", " ", text))
            if len(token.form) >= _LEAST_LETTERS
            and not any(map(str.isdigit, token.form))
            and not any(form in self.own.words or form in known or form in self.asked for form in token.forms)
        }
        figures = figures_in(text)
        allowed = {*known, *self.asked, *(self._counts() if counts else ()), *figures_of([self.today])}
        if counts and not self.answer.records:
            names, numbers = self._nearby()
            left = {word for word in left if not any(form in names for t in tokens(word) for form in t.forms)}
            allowed |= numbers
        return left | {figure for figure in figures if figure not in allowed}

    @lru_cache(maxsize=1)  # noqa: B019 - a checker lives as long as one answer is checked
    def _again(self) -> Findings:
        """All that answers the question, whatever of it was asked for."""
        asked = self.answer.query
        by_date = asked.focus is not None and asked.focus.date
        facets = Facets(
            places=tuple(place.id for place in asked.places),
            themes=tuple(reading.id for reading in asked.themes),
            organisations=tuple(reading.id for reading in asked.organisations),
            start=None if by_date else asked.period.start,
            end=None if by_date else asked.period.end,
        )
        return who(self.session, facets, self.audience, self.today, kinds=asked.organisation_kinds)

    @lru_cache(maxsize=1)  # noqa: B019 - a checker lives as long as one answer is checked
    def _nearby(self) -> tuple[frozenset[str], frozenset[str]]:
        """(words, numbers) of what is nearest to a question that has no answer, looked up again."""
        found = self._again()
        names = [theme_label(ident, self.answer.reply.language) for ident, _ in found.other_themes]
        for ident, _ in found.elsewhere:
            place = self.session.get(m.PlaceRow, ident)
            names += [place.name, *country_names(place.country)] if place else []
        numbers = frozenset(str(number) for _, number in (*found.other_themes, *found.elsewhere))
        return frozenset(words_of(" ".join(names))), numbers

    @lru_cache(maxsize=1)  # noqa: B019 - a checker lives as long as one answer is checked
    def _counts(self) -> frozenset[str]:
        """Every number that counting the answer's sets again gives."""
        answer = self.answer
        hits = [hit for hit in self._all_hits() if hit.id in {record.id for record in answer.records}]
        counted: Counter[str] = Counter()
        kinds = Counter(organisation.kind for organisation in answer.organisations)
        timings = Counter(organisation.timing for organisation in answer.organisations)
        standing = Counter(hit.standing(self.today).timing.value for hit in hits)
        themes = Counter(found for hit in hits for found in hit.themes)
        sources = Counter(hit.source_id for hit in hits)
        areas = Counter(
            step for hit in hits for step in {s for place in hit.places for s in place.path.strip("|").split("|")}
        )
        main = Counter(ident for hit in hits for ident in {one for found in hit.themes for one in main_themes(found)})
        by_kind: dict[str, set[str]] = defaultdict(set)
        for organisation in answer.organisations:
            by_kind[organisation.kind].update(organisation.records)
        for tally in (areas, main, Counter({kind: len(records) for kind, records in by_kind.items()})):
            counted.update(str(number) for number in tally.values())
        for counts in (kinds, timings, standing, themes, sources):
            counted.update(str(number) for number in counts.values())
        sizes = {len(answer.records), len(answer.organisations), len(hits), len(answer.reply.citations)}
        if answer.query.focus is not None and answer.query.focus.unit:
            ids = {record.id for record in answer.records}
            sizes.add(sum(hit.id not in ids for hit in self._again().hits))
        sizes |= {len(organisation.records) for organisation in answer.organisations}
        rows = [len(part.rows) for part in answer.reply.parts if part.type == "table"]
        # Rows shown of all rows: "1-8 / 14", "+12 more".
        total = {len(answer.records), len(answer.organisations)}
        sizes |= {n - shown for n in total for shown in rows if n > shown} | set(rows) | {answer.query.offset + 1}
        # "+12 more" of the works and places in an organisation's row.
        titles = {hit.id: hit.title for hit in hits}
        for organisation in answer.organisations:
            works = len({work_of(titles.get(record, "")) for record in organisation.records})
            sizes |= {works - 2, len(organisation.places) - 3, works, len(organisation.places)}
        readings = [reading for hit in hits if hit.id in self._bodies for reading in self._readings(hit)]
        states = Counter(reading.state for reading in readings)
        both = states[results.State.REACHED] + states[results.State.BELOW]
        sizes |= {*states.values(), both, len(readings) - both, len({reading.hit.id for reading in readings})}
        return frozenset(counted) | {str(size) for size in sizes} | self._narrowed()

    def _readings(self, hit: Hit) -> list[results.Reading]:
        return list(results.of_record(hit, self._bodies[hit.id], ()))

    def _narrowed(self) -> frozenset[str]:
        """How many records the question narrows to, of the kinds that work and that report results."""
        query = self.answer.query
        facets = Facets(
            places=tuple(place.id for place in query.places),
            themes=tuple(reading.id for reading in query.themes),
            organisations=tuple(organisation.id for organisation in query.organisations),
            start=query.period.start,
            end=query.period.end,
            kinds=results.KINDS,
        )
        if not (facets.places or facets.themes or facets.organisations):
            return frozenset()
        total = finding.count(self.session, facets, self.audience)
        numbers = {total, max(0, total - len(self.answer.records))}
        work = replace(facets, kinds=WORK)
        found = who(self.session, work, self.audience, self.today, kinds=query.organisation_kinds)
        numbers |= {found.wider, found.unnamed, *(n for _, n in found.elsewhere), *(n for _, n in found.other_themes)}
        named = [set(theme_spellings(reading.id)) for reading in query.themes]
        saying = mentioning(self.session, set().union(*named), replace(work, themes=()), self.audience)
        numbers.add(len(set(saying) - {hit.pk for hit in found.hits}))
        return frozenset(map(str, numbers))

    # --- records ----------------------------------------------------------------------------------------------------

    def _record(self, record_id: str) -> Record | None:
        if record_id not in self._bodies:
            body = self.session.scalar(
                select(m.RecordRow.body).where(m.RecordRow.id == record_id, visible(self.audience))
            )
            if body is None:
                return None
            self._bodies[record_id] = RECORD.validate_json(body)
        return self._bodies[record_id]

    def _all_hits(self) -> list[Hit]:
        wanted = {record.id for record in self.answer.records}
        wanted |= {citation.record for citation in self.answer.reply.citations if citation.record}
        wanted |= {record for organisation in self.answer.organisations for record in organisation.records}
        if not self._hits and wanted:
            rows = self.session.execute(
                select(m.RecordRow.pk, m.RecordRow.id).where(m.RecordRow.id.in_(sorted(wanted)), visible(self.audience))
            )
            pks = {row.pk: row.id for row in rows}
            found = finding.find(self.session, Facets(kinds=_ALL, pks=tuple(pks)), self.audience, retired=True)
            self._hits = {hit.id: hit for hit in found}
            missing = [pk for pk, record_id in pks.items() if record_id not in self._bodies]
            self._bodies.update((pks[pk], body) for pk, body in load(self.session, missing).items())
        return list(self._hits.values())

    def _known(self, records: tuple[str, ...]) -> frozenset[str]:
        """The words and figures of records, of what the index takes their names to be, and what code derives."""
        self._all_hits()
        found: set[str] = set()
        for record_id in dict.fromkeys(records):
            hit, body = self._hits.get(record_id), self._bodies.get(record_id)
            if hit is not None and body is not None:
                found |= of_record(hit, body, self.today)
        sources = [c for c in self.citations.values() if not c.record]
        for citation in sources:
            found |= words_of(f"{citation.title} {citation.file} {citation.publisher}") | figures_of(
                [citation.reported_on]
            )
        return frozenset(found)
