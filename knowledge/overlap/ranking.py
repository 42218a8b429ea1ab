"""Which initiatives a coordination officer should bring together: for a record, a proposal, or a place and theme.

True overlaps come first, then what is complementary; among each, what is probable and useful: what can still be acted
on, what meets below the country, and what has different owners.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge import finding
from knowledge.access import Audience, visible
from knowledge.finding import Facets
from knowledge.overlap import districts, folding, judging, usefulness
from knowledge.overlap import graph as graphs
from knowledge.overlap.answering import Answering, Meets, Table
from knowledge.overlap.folding import Known, Ties
from knowledge.overlap.graph import Graph
from knowledge.overlap.judgements import Judgement
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.meetings import Heading, Meetings
from knowledge.overlap.profiles import INITIATIVES
from knowledge.overlap.seating import by_use, tables_of
from knowledge.overlap.standing import PATIENCE, NotReady
from knowledge.overlap.wanted import MEET, SAME
from knowledge.overlap.wanted import Unknown as Unknown
from knowledge.overlap.wanted import Wanted as Wanted
from knowledge.store import models as m
from knowledge.timing import Timing
from knowledge.whowhatwhere import who

if TYPE_CHECKING:
    from knowledge.index import Index

_NEIGHBOURS = 150
"""Records around one that are folded and ranked: those surest of having to do with it."""
_SAME_SHOWN = 30
_BEYOND = 2_000
"""Pairs with what was not asked for."""
_TIMINGS = list(Timing)


def meetings(
    index: Index,
    audience: Audience,
    wanted: Wanted,
    offset: int = 0,
    limit: int = 10,
    judged: Mapping[frozenset[str], Judgement] | None = None,
    wait: float | None = PATIENCE,
) -> Meetings:
    """What `wanted` meets, or who should meet there, as `audience` may see it. Raises Unknown, and NotReady where the
    records are not read, or for a place not compared, within `wait` seconds (None: as long as it takes).

    `judged`: what people said of pairs of identifiers, which outranks the model; undeclared: what `audience` may know.
    """
    asked = _asked(index, audience, wanted, wait)
    with index.home.database.read() as session:
        said = judging.judged(session, audience) if judged is None else judged
        ranking = _Ranking(session, index.today(), audience, asked, wanted, said)
        return ranking.among(offset, limit) if asked.row is None else ranking.around(asked.row, offset, limit)


@dataclass(frozen=True, slots=True)
class _Asked:
    """`graph` holds the pairs of `row`, `whole` those among all others; None where they are still to be decided."""

    graph: Graph
    row: int | None = None
    whole: Graph | None = None


def _asked(index: Index, audience: Audience, wanted: Wanted, wait: float | None) -> _Asked:
    overlaps = index.overlaps
    if wanted.proposal is not None:
        graph, row = overlaps.with_proposal(audience, wanted.proposal, wait)
        return _Asked(graph, row, _whole(index, audience, row))
    if not wanted.record:
        everything = overlaps.graph(audience, wait)
        return _Asked(everything, None, everything)
    with index.home.database.read() as session:
        ident = _as_stored(session, audience, wanted.record)
    try:
        graph, row = overlaps.around(audience, ident, wait)
    except KeyError:
        raise Unknown(
            f"{ident} is not among the initiatives that are compared: only activities, projects and grants are"
        ) from None
    if not wanted.links:
        return _Asked(graphs.build(graph.corpus, of=np.array([row], np.int64), links=False), row)
    whole = _whole(index, audience, len(graph.corpus))
    return _Asked(graph if whole is None else whole, row, whole)


def _whole(index: Index, audience: Audience, records: int) -> Graph | None:
    """The graph of all, where it is made: nobody waits for it who asks about one record."""
    try:
        found = index.overlaps.graph(audience, 0)
    except NotReady:
        return None
    return found if len(found.corpus) == records else None


def _as_stored(session: Session, audience: Audience, ident: str) -> str:
    table = m.RecordRow
    found = session.scalar(
        select(table.id)
        .where(func.lower(table.id) == ident.strip().lower(), visible(audience), table.retired_at.is_(None))
        .order_by(table.id != ident.strip())
    )
    if found is None:
        raise Unknown(f"No record {ident} that you may see. Check the identifier")
    return found


class _Ranking:
    def __init__(
        self,
        session: Session,
        today: date,
        audience: Audience,
        asked: _Asked,
        wanted: Wanted,
        judged: Mapping[frozenset[str], Judgement],
    ) -> None:
        self._session, self._today, self._audience = session, today, audience
        self._graph, self._whole, self._wanted = asked.graph, asked.whole, wanted
        self._corpus = asked.graph.corpus
        self._said = {pair: each.label for pair, each in judged.items() if each.label is not None}
        self._same = tuple(label for label in SAME if label in wanted.labels) or SAME
        self._told = Answering(session, today, audience, self._corpus, wanted, judged)
        self._use: dict[tuple[int, int], float] = {}

    def around(self, row: int, offset: int, limit: int) -> Meetings:
        """What one record meets."""
        told, near = self._told, self._near(row)
        allowed = self._allowed()
        ties = self._ties([row, *near])
        if self._whole is not self._graph:
            folding.take(ties, self._graph, self._graph.around(row))
        folding.judge(ties, self._corpus.index, self._said)
        self._weighed(ties)
        groups = folding.headings(ties, [row, *near], self._corpus.reporters)
        told.read(each for group in groups for each in group)
        own = next(group for group in groups if row in group)
        works = [work for group in groups if group is not own and (work := told.shown(group))]
        subject = told.heading([row], [own], ties)
        found = self._alone(row, own, ties, subject)
        for programme in folding.programmes(ties, works):
            parts = [works[number] for number in programme]
            answering = [each for part in parts for each in part if allowed is None or each in allowed]
            meets = self._between(0, (row,), 1, answering, ties)
            if meets is None:
                continue
            if meets.known.label in (*MEET, Label.FAMILY):
                found.append(Table(partial(self._with, subject, meets.rows, parts, ties), (meets,)))
            else:
                found += self._alone(row, answering, ties, subject)
        found.sort(key=lambda table: by_use(table.pairs[0]))
        return told.answer(
            [table for table in found if table.label in MEET],
            offset,
            limit,
            subject=subject,
            same=sorted((table for table in found if table.label in self._same), key=_surest)[:_SAME_SHOWN],
            places=self._wanted.places or tuple(self._countries(row)),
        )

    def among(self, offset: int, limit: int) -> Meetings:
        """Who should meet where a place, a theme or an organisation is asked for."""
        told, asked = self._told, self._allowed() or set()
        if self._wanted.beyond:
            return self._beyond(asked, offset, limit)
        ties = self._ties(sorted(asked))
        folding.judge(ties, self._corpus.index, self._said)
        self._weighed(ties)
        groups = folding.headings(ties, sorted(asked), self._corpus.reporters)
        told.read(row for group in groups for row in group)
        works = [work for group in groups if not asked.isdisjoint(work := told.shown(group))]
        if self._wanted.at_least:
            tables = self._in_districts(works, ties)
            headings = [told.heading(asked, [work], ties) for work in works]
        else:
            programmes = [[works[k] for k in members] for members in folding.programmes(ties, works)]
            programmes.sort(key=lambda parts: self._standing_order(row for part in parts for row in part))
            tables = self._meeting(programmes, asked, ties)
            headings = [told.heading(asked, parts, ties) for parts in programmes]
        return told.answer(tables, offset, limit, initiatives=headings, places=self._wanted.places)

    def _beyond(self, asked: set[int], offset: int, limit: int) -> Meetings:
        """What is asked for with whatever it meets, be that asked for or not."""
        told, apart = self._told, self._wanted.same_only
        rows = sorted(asked | self._met_by(asked))
        ties = self._ties(rows)
        folding.judge(ties, self._corpus.index, self._said)
        self._weighed(ties)
        groups = [(row,) for row in rows] if apart else folding.headings(ties, rows, self._corpus.reporters)
        told.read(row for group in groups for row in group)
        works = [work for group in groups if (work := told.shown(group))]
        together = [(k,) for k in range(len(works))] if apart else folding.programmes(ties, works)
        programmes = [[works[k] for k in members] for members in together]
        own = [any(not asked.isdisjoint(part) for part in parts) for parts in programmes]

        def meet(one: int, other: int) -> bool:
            return own[one] or own[other] if apart else own[one] != own[other]

        tables = self._meeting(programmes, set(rows), ties, meet)
        asked_for = [parts for parts, mine in zip(programmes, own, strict=True) if mine]
        asked_for.sort(key=lambda parts: self._standing_order(row for part in parts for row in part))
        headings = [told.heading(asked, parts, ties) for parts in asked_for]
        return told.answer(tables, offset, limit, initiatives=headings, places=self._wanted.places)

    def _met_by(self, asked: set[int]) -> set[int]:
        """The rows beyond `asked` that those are of the wanted labels to: by the model the surest, and all that people
        say."""
        graph, index = self._graph, self._corpus.index
        columns = [LABELS.index(label) for label in self._wanted.labels]
        inside = np.zeros(len(self._corpus), np.bool_)
        inside[list(asked)] = True
        pairs = np.flatnonzero(np.isin(graph.best, columns) & (inside[graph.left] ^ inside[graph.right]))
        chance = graph.probabilities[pairs][:, columns].astype(np.float32).sum(axis=1)
        pairs = pairs[np.argsort(-chance, kind="stable")[:_BEYOND]]
        found = {*graph.left[pairs].tolist(), *graph.right[pairs].tolist()}
        for pair, label in self._said.items():
            rows = {index[ident] for ident in pair if ident in index}
            if label in self._wanted.labels and len(rows) == 2 and not rows.isdisjoint(asked):
                found |= rows
        return found - asked

    def _meeting(
        self,
        programmes: Sequence[Sequence[Sequence[int]]],
        asked: set[int],
        ties: Ties,
        meet: Callable[[int, int], bool] = lambda one, other: True,
    ) -> list[Table]:
        """Meetings of programmes that may `meet`, over the records that are `asked` for."""
        where = {
            row: number for number, parts in enumerate(programmes) for part in parts for row in part if row in asked
        }
        best: dict[tuple[int, int], Meets] = {}
        for one, others in ties.by_row.items():
            for other, known in others.items():
                if one < other and known.label in self._wanted.labels:
                    pair = where.get(one, -1), where.get(other, -1)
                    if min(pair) >= 0 and pair[0] != pair[1] and meet(*pair):
                        rows = (one, other) if pair[0] < pair[1] else (other, one)
                        self._keep(best, (min(pair), max(pair)), rows, known)
        found = []
        for members, pairs in tables_of(list(best.values())):
            # Each is called by the record of it that the first reason speaks of.
            deciding = [next(row for each in pairs for row in each.rows if where[row] == number) for number in members]
            works = [programmes[number] for number in members]
            found.append(Table(partial(self._headings, [(row,) for row in deciding], works, ties), pairs))
        return found

    def _in_districts(self, works: Sequence[Sequence[int]], ties: Ties) -> list[Table]:
        """One meeting for each district where enough organisations do the work. Where more of them do the same, more is
        to be settled; then where more organisations are."""
        told = self._told
        paths = tuple(finding.paths_of(self._session, self._wanted.places).values())
        found: list[tuple[int, int, Table]] = []
        for district in districts.busiest([list(map(told.hit, work)) for work in works], self._wanted.at_least, paths):
            there = [
                [row for row in works[number] if districts.names(told.hit(row), district.place)]
                for number in district.headings
            ]
            pairs = [
                meets
                for k, one in enumerate(there)
                for other in range(k + 1, len(there))
                if (meets := self._between(k, one, other, there[other], ties)) is not None
                and meets.known.label in self._wanted.labels
            ]
            pairs.sort(key=by_use)
            # Those whom the first reason speaks of come first.
            told_of = list(dict.fromkeys(k for each in pairs for k in (each.one, each.other)))
            order = [*told_of, *(k for k in range(len(there)) if k not in told_of)]
            parts = [[works[district.headings[k]]] for k in order]
            headings = partial(self._headings, [there[k] for k in order], parts, ties)
            overlapping = sum(each.known.label is Label.OVERLAP for each in pairs)
            table = Table(headings, tuple(pairs), district.place)
            found.append((-overlapping, -len(district.organisations), table))
        return [table for _, _, table in sorted(found, key=lambda entry: (*entry[:2], entry[2].place))]

    def _ties(self, rows: Sequence[int]) -> Ties:
        if self._whole is None:
            return folding.decided(self._corpus, rows, links=self._wanted.links)
        # A proposal is the last row of a wider corpus: the rows of all others are the same.
        return folding.ties(self._whole, [row for row in rows if row < len(self._whole.corpus)])

    def _alone(self, row: int, others: Iterable[int], ties: Ties, subject: Heading) -> list[Table]:
        """Records that are the same work or programme as one, each by itself."""
        found = []
        for other in self._told.shown(others):
            meets = self._between(0, (row,), 1, (other,), ties) if other != row else None
            if meets is not None:
                found.append(Table(partial(self._with, subject, (other,), [(other,)], ties), (meets,)))
        return found

    def _with(
        self, subject: Heading, leads: Collection[int], works: Sequence[Sequence[int]], ties: Ties
    ) -> tuple[Heading, ...]:
        return subject, self._told.heading(leads, works, ties)

    def _headings(
        self, leads: Sequence[Collection[int]], works: Sequence[Sequence[Sequence[int]]], ties: Ties
    ) -> tuple[Heading, ...]:
        return tuple(self._told.heading(one, parts, ties) for one, parts in zip(leads, works, strict=True))

    def _near(self, row: int) -> list[int]:
        pairs = self._graph.around(row)[:_NEIGHBOURS]
        found = np.where(self._graph.left[pairs] == row, self._graph.right[pairs], self._graph.left[pairs]).tolist()
        own, index = self._told.id(row), self._corpus.index
        judged = sorted(ident for pair in self._said if own in pair for ident in pair if ident != own)
        return list(dict.fromkeys([*found, *(index[ident] for ident in judged if ident in index)]))

    def _allowed(self) -> set[int] | None:
        """The rows that what is asked for leaves; None where nothing is asked for but a record."""
        wanted = self._wanted
        if wanted.about_one and not wanted.narrows:
            return None
        # Who meets in a district are those who are there, unless a time is asked for.
        only_open = wanted.only_open or (wanted.at_least > 0 and not (wanted.start or wanted.end))
        found = who(
            self._session,
            Facets(wanted.places, wanted.themes, wanted.organisations, wanted.start, wanted.end, kinds=INITIATIVES),
            self._audience,
            self._today,
            kinds=wanted.kinds,
            only_open=only_open,
            without=wanted.without,
        )
        until = _months_later(self._today, wanted.starting_within)
        hits = [
            hit
            for hit in found.hits
            if not wanted.starting_within or (hit.start is not None and self._today <= hit.start <= until)
        ]
        self._told.keep(hits)
        index = self._corpus.index
        return {index[hit.id] for hit in hits if hit.id in index}

    def _between(self, one: int, group: Sequence[int], other: int, others: Sequence[int], ties: Ties) -> Meets | None:
        """What decides between two works: an overlap of any two of their records, else what makes them the same, else
        the surest pair."""
        best: dict[tuple[int, int], Meets] = {}
        for row in group:
            for near in others:
                if (known := ties.between(row, near)) is not None:
                    self._keep(best, (one, other), (row, near), known)
        return best.get((one, other))

    def _keep(
        self, best: dict[tuple[int, int], Meets], pair: tuple[int, int], rows: tuple[int, int], known: Known
    ) -> None:
        together = self._use.get((min(rows), max(rows)), 0.0)
        meets = Meets(*pair, rows, known, usefulness.score(known, self._told.when(rows), together))
        if pair not in best or _decides(meets) < _decides(best[pair]):
            best[pair] = meets

    def _weighed(self, ties: Ties) -> None:
        """Notes of all pairs that may bring somebody together how much that is worth."""
        pairs = [
            (one, other)
            for one, others in ties.by_row.items()
            for other, known in others.items()
            if one < other and known.label in MEET
        ]
        left, right = np.array(pairs, np.int64).reshape(-1, 2).T
        self._use = dict(zip(pairs, usefulness.use(self._corpus, left, right).tolist(), strict=True))

    def _standing_order(self, rows: Iterable[int]) -> tuple[int, str]:
        return min((_TIMINGS.index(self._told.standing(row).timing), self._told.id(row)) for row in rows)

    def _countries(self, row: int) -> list[str]:
        return sorted({path.split("|")[0] for path in self._corpus.profiles[row].places})


def _surest(table: Table) -> tuple[float, tuple[int, int]]:
    return -table.pairs[0].known.probability, table.pairs[0].rows


def _decides(meets: Meets) -> tuple[Any, ...]:
    """Overlap before what makes two records the same work, and what is only complementary last."""
    order = (Label.OVERLAP, *SAME, Label.COMPLEMENTARY, Label.UNRELATED)
    return order.index(meets.known.label), -round(meets.score, 6), meets.rows


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
