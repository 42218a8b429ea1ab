"""Two records compared: what they are to each other, how sure that is, what speaks for and against, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.answers import overlaps_buttons as buttons_for
from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from bot.answers.overlaps import labelled, sentence
from bot.answers.overlaps_evidence import evidence
from bot.answers.overlaps_pairs import judged
from bot.answers.record import say
from bot.words import Words
from knowledge.answers import Ledger, summary, text
from knowledge.extracts.fields import load
from knowledge.finding import Hit
from knowledge.overlap.comparing import Compared
from knowledge.overlap.decision import SAME_GRANT
from knowledge.overlap.explaining import Clause, Fact
from knowledge.overlap.judging import Judgement
from knowledge.overlap.labels import Label
from knowledge.overlap.profiles import Profile
from knowledge.records import Record, Role
from knowledge.reply import Answer, Button, Column, Coverage, Notice, Paragraph, Part, Query, Reply, Span, Table
from knowledge.store import models as m

_TITLE = 110
_QUOTE = 240
_NAMES_SHOWN, _PLACES_SHOWN, _SECTORS_SHOWN = 3, 5, 4
_OF_PLACES = frozenset({Fact.SAME_AREAS, Fact.SAME_COUNTRIES, Fact.OTHER_AREAS, Fact.OTHER_COUNTRIES})
_TOTALS = ("total-budget", "budget", "awarded", "contract", "requested", "commitment", "pledge", "2", "1", "11")


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records that are compared."""

    hit: Hit
    record: Record
    profile: Profile


def place_names(session: Session, clauses: Iterable[Clause]) -> dict[str, str]:
    """Names of the places that clauses speak of, by id."""
    ids = {
        ident for clause in clauses if clause.fact in _OF_PLACES for ident in (*clause.both, *clause.one, *clause.other)
    }
    rows = session.execute(select(m.PlaceRow.id, m.PlaceRow.name).where(m.PlaceRow.id.in_(sorted(ids))))
    return {row.id: row.name for row in rows}


def answer(
    session: Session,
    query: Query,
    words: Words,
    today: date,
    hits: tuple[Hit, Hit],
    profiles: tuple[Profile, Profile],
    found: Compared,
    judgement: Judgement | None = None,
) -> Answer:
    """`hits` are what the audience may see. What people said of the pair comes before what the engine says."""
    records = load(session, [hit.pk for hit in hits])
    one, other = (Side(hit, records[hit.pk], profile) for hit, profile in zip(hits, profiles, strict=True))
    ledger = Ledger()
    places = place_names(session, found.clauses)
    cites = [_cited(ledger, side, number, found.clauses, places) for number, side in enumerate((one, other))]
    called = telling.names(one.hit, other.hit)
    told = telling.told(words, found.clauses, called, (one.hit.end, other.hit.end), places, today)
    parts: list[Part] = [_titles(words, one.hit, other.hit, cites)]
    label = found.label
    over = any(telling.is_over(hit, today) for hit in hits)
    if judgement is not None and judgement.label is not None:
        label = judgement.label
        parts.append(Notice(tone="info", spans=[Span(text=" ".join(judged(words, judgement)), cites=cites)]))
        chance = telling.percent(found.confidence)
        by_engine = words("judged_beside", label=words(f"label_of_{found.label}"), percent=chance)
        parts.append(text(telling.said_as(words, label, over=over), by_engine, cites=cites))
    else:
        parts.append(text(*telling.verdict(words, label, found.probabilities, over=over), cites=cites))
    if label is Label.CHAIN and (flow := telling.flow(words, one.profile, other.profile)):
        parts.append(text(flow, cites=cites))
    shared = [*told.shared, *(words(f"rule_{rule}") for rule in found.rules if rule == SAME_GRANT)]
    if shared:
        parts.append(text(words("pair_for"), *shared, cites=cites))
    against = [*told.parting, *(words(f"rule_{rule}") for rule in found.rules if rule != SAME_GRANT)]
    if against:
        parts.append(text(words("pair_against"), *against, cites=cites))
    if told.between:
        parts.append(text(*told.between, cites=cites))
    parts.append(_table(words, one, other, cites, today))
    if unsaid := _unsaid(words, one, other):
        parts.append(
            Notice(tone="info", spans=[Span(text=words("neither_says", list=words.listed(unsaid)), cites=cites)])
        )
    buttons = [buttons_for.describe(words, one.hit), buttons_for.describe(words, other.hit)]
    mine = judgement is not None and any(each.mine for each in (judgement, *judgement.others))
    buttons += [buttons_for.overlaps_of(words, one.hit)]
    sends = [words("send_undo")] if mine else [words("send_so"), words("send_not_so")]
    buttons += [Button(title=send, send=send) for send in sends]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=parts,
            citations=ledger.citations,
            buttons=buttons,
        ),
        query=query,
        records=[summary(one.hit), summary(other.hit)],
        coverage=Coverage(state="reported", as_of=today),
    )


def _cited(ledger: Ledger, side: Side, number: int, clauses: Sequence[Clause], places: Mapping[str, str]) -> int:
    spans = [
        span
        for clause in clauses
        for span in evidence(clause, side.record, [*clause.both, *(clause.one, clause.other)[number]], places)
    ]
    return ledger.record(side.hit, *spans)


def quoted(
    session: Session, query: Query, words: Words, today: date, hits: Sequence[Hit], found: Compared | None
) -> Answer:
    """What each clause rests on, word for word from both records."""
    query = query.model_copy(update={"intent": "compare_records"})
    if len(hits) != len(("one", "other")) or found is None:
        return say(words, query, words("compare_which"))
    records = load(session, [hit.pk for hit in hits])
    ledger, places = Ledger(), place_names(session, found.clauses)
    called = telling.names(*hits)
    rows: list[list[list[Span]]] = []
    for clause in found.clauses:
        cells: list[list[Span]] = []
        for number, hit in enumerate(hits):
            mine = [*clause.both, *(clause.one, clause.other)[number]]
            spans = evidence(clause, records[hit.pk], mine, places)
            cite = ledger.record(hit, *spans)
            quotes = [
                Span(
                    text=f"“{phrases.cut(span.quote, _QUOTE)}” ", lang=span.lang if span.lang != words.language else ""
                )
                for span in spans
            ]
            cells.append([*quotes, Span(text="" if quotes else words("not_stated"), cites=[cite])])
        rows.append([[Span(text=sentence(words, clause, *called, places))], *cells])
    columns = [words("column_shared"), *called]
    table = Table(caption=words("table_evidence"), columns=[Column(title=title) for title in columns], rows=rows)
    not_so = words("send_not_so")
    buttons = [*(buttons_for.describe(words, hit) for hit in hits), Button(title=not_so, send=not_so)]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=[table],
            citations=ledger.citations,
            buttons=buttons,
        ),
        query=query,
        records=[summary(hit) for hit in hits],
        coverage=Coverage(state="reported", as_of=today),
    )


def _titles(words: Words, one: Hit, other: Hit, cites: Sequence[int]) -> Paragraph:
    """Both titles, as written and in their own languages, with who reports each."""
    spans: list[Span] = []
    for hit, cite in zip((one, other), cites, strict=True):
        spans.append(Span(text=f"“{phrases.cut(hit.title or hit.id, _TITLE)}”", lang=_other(words, hit), strong=True))
        spans.append(Span(text=telling.by(words, hit), cites=[cite]))
        spans.append(Span(text=f" {words('compared_with')} "))
    return Paragraph(spans=spans[:-1])


def _other(words: Words, hit: Hit) -> str:
    return hit.language if hit.language != words.language else ""


def _table(words: Words, one: Side, other: Side, cites: Sequence[int], today: date) -> Table:
    rows = [
        [[Span(text=label)], *(_cell(words, value, cite) for value, cite in zip(pair, cites, strict=True))]
        for label, pair in _facts(words, one, other, today)
    ]
    titles = telling.names(one.hit, other.hit)
    columns = [Column(title=words("column_field")), *(Column(title=title) for title in titles)]
    return Table(caption=words("table_compared"), columns=columns, rows=rows)


def _cell(words: Words, value: str, cite: int) -> list[Span]:
    return [Span(text=value or words("not_stated"), cites=[cite])]


def _facts(words: Words, one: Side, other: Side, today: date) -> list[tuple[str, tuple[str, str]]]:
    """(label, what each says) for every row of which at least one says something."""
    rows = (
        (words("record_who"), _who),
        (words("record_where"), _where),
        (words("record_time"), _when),
        (words("record_status"), lambda w, side: phrases.standing(w, side.hit, side.hit.standing(today))),
        (words("record_what"), _what),
        (words("row_services"), lambda w, side: labelled(w, sorted(side.profile.told.services))),
        (words("row_groups"), lambda w, side: labelled(w, sorted(side.profile.told.groups))),
        (words("row_money"), money),
    )
    found = [(label, (told(words, one), told(words, other))) for label, told in rows]
    return [(label, pair) for label, pair in found if any(pair)]


def _who(words: Words, side: Side) -> str:
    roles: dict[str, list[str]] = {}
    for part in side.hit.organisations:
        roles.setdefault(part.role.value, []).append(part.written)
    return "; ".join(
        f"{words(f'role_{role}')}: {phrases.shortened(words, list(dict.fromkeys(written)), _NAMES_SHOWN)}"
        for role, written in roles.items()
    )


def _where(words: Words, side: Side) -> str:
    return phrases.shortened(words, list(dict.fromkeys(place.name for place in side.hit.places)), _PLACES_SHOWN)


def _when(words: Words, side: Side) -> str:
    hit = side.hit
    if not (hit.start or hit.end):
        return ""
    return words("period_from_to", start=words.date(hit.start), end=words.date(hit.end))


def _what(words: Words, side: Side) -> str:
    stated = side.hit.sector_names or [phrases.theme_name(words, theme) for theme in side.hit.themes]
    return phrases.shortened(words, list(dict.fromkeys(stated)), _SECTORS_SHOWN, "; ")


def money(words: Words, side: Side) -> str:
    """The largest total of one kind of amount, in one currency: kinds tell of the same money and are never added."""
    sums: dict[tuple[int, str], float] = {}
    for item in side.record.money:
        if item.kind in _TOTALS and item.amount > 0:
            key = (_TOTALS.index(item.kind), item.currency)
            sums[key] = sums.get(key, 0.0) + item.amount
    if not sums:
        return ""
    (_, currency), total = min(sums.items(), key=lambda entry: (entry[0][0], -entry[1]))
    return f"{words.number(round(total))} {currency}".strip()


def _unsaid(words: Words, one: Side, other: Side) -> list[str]:
    """What would tell more and stands in neither record."""
    both = (one, other)
    lacks = {
        "place": not any(place.level > 0 for side in both for place in side.hit.places),
        "groups": not any(side.profile.told.groups for side in both),
        "end": not any(side.hit.end for side in both),
        "doer": not any(part.role is Role.IMPLEMENTING for side in both for part in side.hit.organisations),
        "money": not any(side.record.money for side in both),
    }
    return [words(f"unsaid_{what}") for what, lacking in lacks.items() if lacking]
