"""Rows of a corpus and what they are to each other, told as meetings: headings, reasons, names and what is covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.finding import Facets, Hit
from knowledge.overlap import folding, usefulness
from knowledge.overlap.comparing import Compared, compare
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.explaining import Fact
from knowledge.overlap.folding import Known, Ties
from knowledge.overlap.judgements import Judgement
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.meetings import Covered, Fold, Heading, Meeting, Meetings, Pair, When
from knowledge.overlap.profiles import INITIATIVES
from knowledge.overlap.wanted import MEET, SAME, Wanted
from knowledge.records import RecordKind
from knowledge.store import models as m
from knowledge.store.sql import in_parts
from knowledge.timing import Standing, standing
from knowledge.whowhatwhere import coverage, doing

_USEFUL = 0.05
"""What is complementary and of less use than this is not worth a meeting: over, elsewhere, or of one owner."""
_ABOUT_PLACES = (Fact.SAME_AREAS, Fact.SAME_COUNTRIES, Fact.OTHER_AREAS, Fact.OTHER_COUNTRIES)


@dataclass(frozen=True, slots=True)
class Meets:
    """Two works, by their place in a list, and the pair of rows that decides between them."""

    one: int
    other: int
    rows: tuple[int, int]
    known: Known
    score: float


@dataclass(frozen=True, slots=True)
class Table:
    """Headings that meet, and the pairs between them, what decides first. `place`: the district, by id. `headings`
    gives them: of thousands of tables few are shown."""

    headings: Callable[[], tuple[Heading, ...]]
    pairs: tuple[Meets, ...]
    place: str = ""

    @property
    def use(self) -> float:
        """That of the pair which decides."""
        return self.pairs[0].score if self.pairs else 0.0

    @property
    def label(self) -> Label:
        return self.pairs[0].known.label if self.pairs else Label.UNRELATED


class Answering:
    """Of one question. What was withdrawn since the graph was made is not found here, and not shown."""

    def __init__(
        self,
        session: Session,
        today: date,
        audience: Audience,
        corpus: Corpus,
        wanted: Wanted,
        judged: Mapping[frozenset[str], Judgement],
    ) -> None:
        self._session, self._today, self._audience = session, today, audience
        self._corpus, self._wanted, self._judged = corpus, wanted, judged
        self._hits: dict[str, Hit] = {}
        self._standings: dict[int, Standing] = {}

    def read(self, rows: Iterable[int]) -> None:
        """Reads the records of these rows."""
        missing = [ident for ident in map(self.id, rows) if ident not in self._hits]
        for part in in_parts(missing):
            pks = self._session.scalars(
                select(m.RecordRow.pk).where(m.RecordRow.id.in_(part), visible(self._audience))
            ).all()
            self.keep(finding.find(self._session, Facets(kinds=INITIATIVES, pks=tuple(pks)), self._audience))

    def keep(self, hits: Iterable[Hit]) -> None:
        """Takes records that are read already."""
        self._hits.update((hit.id, hit) for hit in hits)

    def id(self, row: int) -> str:
        return self._corpus.ids[row]

    def hit(self, row: int) -> Hit:
        return self._hits[self.id(row)]

    def known(self, row: int) -> bool:
        return self.id(row) in self._hits

    def shown(self, rows: Iterable[int]) -> tuple[int, ...]:
        return tuple(row for row in rows if self.known(row))

    def standing(self, row: int) -> Standing:
        found = self._standings.get(row)
        if found is None:
            found = self._standings[row] = self._standing(row)
        return found

    def _standing(self, row: int) -> Standing:
        if self.known(row):
            return self.hit(row).standing(self._today)
        period = self._wanted.proposal.period if self._wanted.proposal is not None else None
        start, end = (period.start, period.end) if period is not None else (None, None)
        return standing(RecordKind.PROJECT, "", start, end, None, self._today)

    def when(self, rows: Iterable[int]) -> When:
        return usefulness.when(self.standing(row) for row in rows)

    def heading(self, asked: Collection[int], works: Sequence[Sequence[int]], ties: Ties) -> Heading:
        """`works`: the groups of rows that tell of the same work, more than one where they are one programme. What says
        most of the work, of those that are `asked` for, leads."""

        def order(row: int) -> tuple[object, ...]:
            profile = self._corpus.profiles[row]
            says_little = profile.secondary, not usefulness.areas(profile), -len(profile.terms)
            return row not in asked, *says_little, profile.id

        rows = [row for work in works for row in work]
        lead = min(rows, key=order) if len(rows) > 1 else rows[0]
        kinds: dict[Label, list[str]] = {}
        for work in works:
            for row in self.shown(work):
                if row != lead:
                    known = ties.between(lead, row)
                    kind = known.label if known is not None and known.label in folding.SAME_WORK else Label.CHAIN
                    kinds.setdefault(kind if lead in work else Label.FAMILY, []).append(self.id(row))
        own = next(work for work in works if lead in work)
        reported = [self.hit(row) for row in self.shown([lead, *own])]
        hits = [*reported, *(self.hit(row) for row in self.shown(rows))]
        return Heading(
            lead=self.id(lead),
            folded=tuple(Fold(kind, tuple(sorted(kinds[kind]))) for kind in SAME if kind in kinds),
            publishers=tuple(dict.fromkeys(hit.publisher for hit in reported if hit.publisher)),
            organisations=tuple({o.organisation: o.written for hit in hits for o in doing(hit)}.values()),
        )

    def answer(
        self,
        tables: Sequence[Table],
        offset: int,
        limit: int,
        *,
        places: tuple[str, ...],
        subject: Heading | None = None,
        same: Sequence[Table] = (),
        initiatives: Sequence[Heading] = (),
    ) -> Meetings:
        """The tables from `offset` on, `same` whole, with the reasons of their pairs. What is of hardly any use is left
        out, and counted."""
        wanted = [table for table in tables if table.label not in MEET or table.label in self._wanted.labels]
        tables = [table for table in wanted if table.label is not Label.COMPLEMENTARY or table.use >= _USEFUL]
        page = tables[offset : offset + limit]
        explained = self._explained([meets for table in (*page, *same) for meets in table.pairs])
        shown = tuple(self._meeting(table, explained) for table in page)
        alike = tuple(self._meeting(table, explained) for table in same)
        headings = [heading for each in (*shown, *alike) for heading in each.headings]
        headings += [*initiatives, *([subject] if subject else [])]
        named = sorted({ident for heading in headings for ident in heading.records})
        counts = Counter(table.label for table in tables)
        where = self._where(tables) if self._wanted.beyond else ()
        proposal = self._wanted.proposal
        return Meetings(
            meetings=shown,
            total=len(tables),
            offset=offset,
            limit=limit,
            by_label={label: counts[label] for label in LABELS if counts[label]},
            today=self._today,
            coverage=self._covered(places, bool(tables or initiatives or same)),
            hits={ident: self._hits[ident] for ident in named if ident in self._hits},
            names=self._names((*shown, *alike), [place for place, _ in where]),
            subject=subject,
            proposal=proposal.title if proposal is not None else "",
            planned=proposal.period if proposal is not None else None,
            same=alike,
            initiatives=tuple(initiatives),
            compared=len(self._corpus) - (proposal is not None),
            left_out=len(wanted) - len(tables),
            where=where,
        )

    def _where(self, tables: Iterable[Table]) -> tuple[tuple[str, int], ...]:
        """Places with how many tables meet there, most first: countries, or the areas below where it is one country, or
        where places are asked for."""
        met = [[set(self._corpus.profiles[row].places) for row in table.pairs[0].rows] for table in tables]
        countries, areas = (
            Counter(
                place
                for one, other in met
                for place in {_upto(path, depth) for path in one} & {_upto(path, depth) for path in other} - {""}
            )
            for depth in (1, 2)
        )
        below = self._wanted.places or (len(countries) == 1 and len(areas) > 1)
        counts = areas if below else countries
        return tuple(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))

    def _explained(self, meets: Iterable[Meets]) -> dict[tuple[int, int], Compared]:
        rows = list(dict.fromkeys(each.rows for each in meets))
        pairs = [(self.id(one), self.id(other)) for one, other in rows]
        found = compare(self._corpus, pairs, links=self._wanted.links) if pairs else []
        return dict(zip(rows, found, strict=True))

    def _meeting(self, table: Table, explained: Mapping[tuple[int, int], Compared]) -> Meeting:
        pairs = tuple(self._pair(each, explained[each.rows]) for each in table.pairs)
        headings = table.headings()
        leads = [self._corpus.index[heading.lead] for heading in headings]
        moments = [self.when(each.rows) for each in table.pairs] or [self.when(leads)]
        return Meeting(
            label=table.label,
            probability=pairs[0].probability if pairs else 0.0,
            when=min(moments, key=list(When).index),
            headings=headings,
            pairs=pairs,
            place=table.place,
        )

    def _pair(self, meets: Meets, found: Compared) -> Pair:
        known = meets.known
        return Pair(
            a=found.a,
            b=found.b,
            label=known.label,
            probability=known.probability,
            clauses=tuple(found.clauses),
            rules=() if known.judged else found.rules,
            evidence=found.evidence,
            probabilities=dict(zip(LABELS, known.probabilities, strict=True)),
            judgement=self._judged.get(frozenset((found.a, found.b))),
        )

    def _names(self, shown: Iterable[Meeting], places: Iterable[str]) -> dict[str, str]:
        ids = set(places)
        for each in shown:
            ids.update({each.place} - {""})
            for clause in (clause for pair in each.pairs for clause in pair.clauses):
                if clause.fact in _ABOUT_PLACES:
                    ids.update((*clause.both, *clause.one, *clause.other))
        return place_names(self._session, ids)

    def _covered(self, places: tuple[str, ...], anything: bool) -> Covered:
        covered = coverage(self._session, places, self._audience)
        state = "reported" if anything else "none_reported" if covered.anything else "not_covered"
        facets = Facets(places, self._wanted.themes, self._wanted.organisations, kinds=(RecordKind.PRESENCE,))
        asked = bool(self._wanted.places or self._wanted.themes)
        return Covered(
            state=state,
            as_of=self._today,
            publishers=covered.publishers,
            tables=tuple(covered.tables),
            newest=covered.newest,
            presence=finding.count(self._session, facets, self._audience) if asked else 0,
        )


def _upto(path: str, depth: int) -> str:
    """The id of the place so many steps down the path, the country being the first; "" where it does not reach."""
    steps = path.strip("|").split("|")
    return steps[depth - 1] if len(steps) >= depth else ""


def place_names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    """Place id -> name, for the ids that are of places."""
    table = m.PlaceRow
    return {
        row.id: row.name
        for part in in_parts(sorted(ids))
        for row in session.execute(select(table.id, table.name).where(table.id.in_(part)))
    }
