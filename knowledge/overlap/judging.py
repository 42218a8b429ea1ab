"""What people say that two records are to each other: kept by identifiers, never changed, and above the model.

    kept = judge(index, who, Opinion("XX-1", "YY-2", label=Label.CHAIN, reason="YY-2 is paid from XX-1"))
    known = judged(session, who.audience)          # {frozenset(("XX-1", "YY-2")): Judgement}
    undo(session, who, kept.id)

Everybody who speaks for an organisation may judge what they see, for that organisation. Only who runs the installation
and the organisations that own or report one of the two records may share a judgement with others. Of what an audience
may see the newest counts: who judged last could read what was said before. A view is made of visible rows alone: where
somebody's new word is for other eyes than their last one, the last one is first taken back before the eyes it was for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from knowledge import keeping, personal
from knowledge.access import HOME_OWNER, Audience, organisation_key, visible
from knowledge.keeping import UnknownThing, Who, Wrong
from knowledge.overlap.corpus import Corpus
from knowledge.overlap.decision import PARAMETERS, decide
from knowledge.overlap.evidence import evidence
from knowledge.overlap.graph import Graph
from knowledge.overlap.judgements import JUDGEMENTS as JUDGEMENTS
from knowledge.overlap.judgements import Entry as Entry
from knowledge.overlap.judgements import Judgement as Judgement
from knowledge.overlap.judgements import Pair as Pair
from knowledge.overlap.judgements import State as State
from knowledge.overlap.judgements import Told as Told
from knowledge.overlap.judgements import What as What
from knowledge.overlap.judgements import history as history
from knowledge.overlap.judgements import judged as judged
from knowledge.overlap.judgements import may_know, ordered, read
from knowledge.overlap.judgements import skipped as skipped
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.standing import PATIENCE
from knowledge.records import Access, Level
from knowledge.sources import guard
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.vocabulary import table_text

if TYPE_CHECKING:
    from knowledge.index import Index

MOST_OF_A_PERSON = 10_000
LONGEST_REASON = 1_000


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says of the records `a` and `b`. `label` is what they are to each other; without one, `what` is
    "confirm" or "reject" of `shown` (undeclared: the label that who speaks is shown now), or "skip".

    `sure` is 1 for a toss-up, 2, or 3. `level` and `named` (organisations): who may know of it besides the own one."""

    a: str
    b: str
    label: Label | None = None
    what: What | None = None
    shown: Label | None = None
    reason: str = ""
    sure: int = 3
    level: Level = Level.OWN
    named: tuple[str, ...] = ()


def judge(index: Index, who: Who, opinion: Opinion, *, key: str = "", wait: float | None = PATIENCE) -> Judgement:
    """Keeps the opinion and returns it; saying the same again keeps nothing new. On disk when this returns.

    Raises NotAMember, TooMany, Wrong (unknown records, one record twice, records of no initiatives, too long, a level
    that is not theirs to give) and `standing.NotReady`.
    """
    who.require_organisation()
    with index.home.database.read() as session:
        pair = known(session, who.audience, opinion.a, opinion.b)
        standing = judged(session, who.audience, [pair]).get(frozenset(pair))
    try:
        graph, _ = index.overlaps.around(who.audience, pair[0], wait)
    except KeyError:
        raise _not_compared(pair[0]) from None
    told = said_by_model(graph, [pair])[0]
    shown = opinion.shown or (standing.label if standing is not None else None) or told.label
    with index.home.database.write() as session:
        return keep(session, who, replace(opinion, a=pair[0], b=pair[1], shown=shown), told, key=key)


def keep(
    session: Session, who: Who, opinion: Opinion, told: Told, *, key: str = "", most: int | None = None
) -> Judgement:
    """The part of `judge` that writes: `session` is to be committed. `opinion.shown` is the label that was shown.

    `most`: how many entries the person may have; undeclared: `MOST_OF_A_PERSON`."""
    owner = who.require_organisation()
    a, b = known(session, who.audience, opinion.a, opinion.b)
    what, label = _verdict(opinion, told)
    reason = personal.scrub(keeping.prose(opinion.reason, "reason", LONGEST_REASON))[0]
    if opinion.sure not in (1, 2, 3):
        raise Wrong("sure", f"{opinion.sure} does not say how sure you are. Say 1 for a toss-up, 2, or 3")
    access = _access(session, who, (a, b), opinion, what)
    values = {
        "a": a,
        "b": b,
        "what": what.value,
        "label": label.value if label else "",
        "shown": opinion.shown.value if opinion.shown and what is not What.SKIP else "",
        "sure": opinion.sure,
        "reason": reason,
        "level": access.level.value,
        "named": list(access.named),
    }
    table = m.OverlapJudgementRow
    own = table.owner == owner, table.person == who.person
    digest = keeping.key_of(key) if key else ""
    same = session.scalar(select(table).where(*own, table.key == digest)) if key else None
    rows = session.scalars(select(table).where(*own, table.a == a, table.b == b).order_by(table.number)).all()
    undone = {row.undoes for row in rows}
    kind = (What.SKIP,) if what is What.SKIP else JUDGEMENTS
    last = next((row for row in reversed(rows) if row.what in kind), None)
    last = None if last is not None and last.id in undone else last
    if same is None and last is not None and _content(last) == _content(m.OverlapJudgementRow(**values)):
        same = last
    if same is not None:
        return read(same, who.audience)
    keeping.check_limit(session, table, who, MOST_OF_A_PERSON if most is None else most)
    if last is not None and (last.level, last.named) != (access.level.value, list(access.named)):
        _take_back(session, last, who.name)
    model = {"model_label": told.label.value, "model_probability": told.probability, "model_hash": told.model}
    row = _write(session, {**values, **model, "owner": owner, "by": who.name, "person": who.person}, digest)
    return read(row, who.audience)


def undo(session: Session, who: Who, judgement_id: str) -> Judgement:
    """Takes a judgement or a skip back, for the people of its organisation and for the operator, and returns it. It
    stays in the history. Raises NotAMember, UnknownThing."""
    who.require_organisation()
    table = m.OverlapJudgementRow
    row = session.scalar(select(table).where(table.id == judgement_id, may_know(who.audience)))
    if row is None or row.what == What.UNDO or not (who.owns(row.owner) or HOME_OWNER in who.audience.organisations):
        raise UnknownThing(judgement_id)
    if session.scalar(select(table.id).where(table.undoes == row.id)) is None:
        _take_back(session, row, who.name)
    return read(row, who.audience)


def known(session: Session, audience: Audience, a: str, b: str) -> tuple[str, str]:
    """The identifiers of two records as they are written, in their order. Raises Wrong."""
    found = ordered(_record(session, audience, a), _record(session, audience, b))
    if found[0] == found[1]:
        raise Wrong("same_record", f"{found[0]} cannot be judged beside itself. Name two records", id=found[0])
    return found


def said_by_model(graph: Graph, pairs: Sequence[tuple[str, str]]) -> list[Told]:
    """What the model says of each pair. Raises Wrong where a record is not compared with others."""
    corpus = graph.corpus
    check_compared(corpus, (ident for pair in pairs for ident in pair))
    rows = np.array([[corpus.index[ident] for ident in pair] for pair in pairs], np.int64).reshape(-1, 2)
    left, right = rows.min(axis=1), rows.max(axis=1)
    decided = decide(evidence(corpus, left, right, links=True), links=True)
    found = []
    for k in range(len(pairs)):
        # The graph also knows that a record is reported again of one other only.
        kept = np.flatnonzero((graph.left == left[k]) & (graph.right == right[k]))
        label = LABELS[int(graph.best[kept[0]]) if len(kept) else int(decided.best[k])]
        chances = {each: float(decided.probabilities[k, c]) for c, each in enumerate(LABELS)}
        found.append(Told(label, round(chances[label], 4), model_hash(), chances))
    return found


def check_compared(corpus: Corpus, idents: Iterable[str]) -> None:
    """Raises Wrong at the first record that is not compared with others."""
    for ident in idents:
        if ident not in corpus.index:
            raise _not_compared(ident)


def _not_compared(ident: str) -> Wrong:
    return Wrong("not_compared", f"{ident} is no activity, project or grant that is compared with others", id=ident)


def last_number(session: Session) -> int:
    """The number of the last entry."""
    return session.scalar(select(func.max(m.OverlapJudgementRow.number))) or 0


@lru_cache(maxsize=1)
def model_hash() -> str:
    """Which parameters the model has."""
    return hashlib.sha256(table_text(PARAMETERS).encode()).hexdigest()[:12]


def _record(session: Session, audience: Audience, ident: str) -> str:
    ident = guard.one_line(ident[:LONGEST_REASON])
    same = func.lower(m.RecordRow.id) == ident.lower()
    found = session.scalars(select(m.RecordRow.id).where(same, visible(audience)).order_by(m.RecordRow.id)).all()
    if not ident or not found:
        raise keeping.unknown_value("unknown_record", ident[:200])
    return ident if ident in found else found[0]


def _content(row: m.OverlapJudgementRow) -> tuple[Any, ...]:
    """What makes two entries the same: a label once given is given again by confirming it."""
    said = ("not", row.shown) if row.what == What.REJECT else ("is", row.label)
    return (*said, row.sure, row.reason, row.level, row.named)


def _verdict(opinion: Opinion, told: Told) -> tuple[What, Label | None]:
    if opinion.what is What.SKIP:
        return What.SKIP, None
    if opinion.label is None and opinion.shown is not None:
        if opinion.what is What.CONFIRM:
            return What.CONFIRM, opinion.shown
        if opinion.what is What.REJECT:
            others = [label for label in LABELS if label is not opinion.shown]
            return What.REJECT, max(others, key=lambda label: told.chances.get(label, 0.0))
    if opinion.what not in (None, What.RELABEL) or opinion.label is None:
        raise Wrong("verdict", "Say what the two are to each other, or confirm or reject the label that is shown")
    return (What.CONFIRM if opinion.label is opinion.shown else What.RELABEL), opinion.label


def _access(session: Session, who: Who, pair: tuple[str, str], opinion: Opinion, what: What) -> Access:
    owner = who.require_organisation()
    if opinion.level is Level.OWN or what is What.SKIP:
        return Access(Level.OWN, owner)
    named = tuple(sorted({key for name in opinion.named if (key := organisation_key(name))}))
    if opinion.level is Level.NAMED and not named:
        raise Wrong("nobody_named", "Nobody is named who may see it. Name the organisations, or choose another level")
    records = session.execute(select(m.RecordRow.owner, m.RecordRow.publisher).where(m.RecordRow.id.in_(pair)))
    theirs = {key for record_owner, publisher in records for key in (record_owner, organisation_key(publisher))}
    if not who.audience.organisations & {HOME_OWNER, *theirs} - {""}:
        raise Wrong(
            "not_yours_to_share",
            "Only the operator and the organisations that own or report one of the two records may share a judgement "
            "with others. Keep it for your own organisation",
        )
    return Access(opinion.level, owner, named if opinion.level is Level.NAMED else ())


def _take_back(session: Session, row: m.OverlapJudgementRow, by: str) -> None:
    """Seen by whoever sees what is taken back, and forgotten with it."""
    kept = ("a", "b", "owner", "person", "level", "named")
    none = {"label": "", "shown": "", "sure": row.sure, "reason": ""}
    model = {"model_label": "", "model_probability": 0.0, "model_hash": ""}
    values = {name: getattr(row, name) for name in kept} | none | model
    _write(session, {**values, "what": What.UNDO.value, "undoes": row.id, "by": by}, "")


def _write(session: Session, values: Mapping[str, Any], key: str) -> m.OverlapJudgementRow:
    new_id = keeping.new_id()
    table = m.OverlapJudgementRow
    # Most rows have no key of their caller's: their id stands in for it.
    session.execute(insert(table).values({"undoes": "", **values, "id": new_id, "key": key or new_id, "at": utc_now()}))
    return session.scalars(select(table).where(table.id == new_id)).one()
