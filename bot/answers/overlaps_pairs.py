"""Three or more records compared, each with each; and what people said of a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from bot.answers import overlaps_buttons as buttons_for
from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from bot.words import Words
from knowledge.answers import Ledger, summary
from knowledge.finding import Hit
from knowledge.overlap.comparing import Compared
from knowledge.overlap.judging import Judgement, What
from knowledge.reply import Answer, Column, Coverage, Query, Reply, Span, Table

_TITLE = 70


def several(
    query: Query,
    words: Words,
    hits: Sequence[Hit],
    found: Sequence[Compared],
    known: Mapping[frozenset[str], Judgement],
    today: date,
) -> Answer:
    """Each two of the records with what they are to each other. Places are left to the comparison of two."""
    ledger = Ledger()
    by_id = {hit.id: hit for hit in hits}

    def title(ident: str) -> list[Span]:
        hit = by_id[ident]
        lang = hit.language if hit.language != words.language else ""
        said = Span(text=phrases.cut(hit.title or hit.id, _TITLE), lang=lang)
        return [said, Span(text=telling.by(words, hit), cites=[ledger.record(hit)])]

    rows = []
    for each in found:
        said = known.get(frozenset((each.a, each.b)))
        label = said.label if said is not None and said.label is not None else each.label
        sure = "" if said is not None else telling.sure(words, each.confidence)
        what = words("same_line", label=words(f"label_of_{label}"), sure=sure) if sure else words(f"label_of_{label}")
        rows.append([title(each.a), title(each.b), [Span(text=what)]])
    titles = words("column_first"), words("column_second"), words("column_are")
    columns = [Column(title=title) for title in titles]
    buttons = [buttons_for.of_row(words, row, each.a, each.b) for row, each in enumerate(found[:3], 1)]
    return Answer(
        reply=Reply(
            language=words.language,
            parts=[Table(caption=words("table_pairs"), columns=columns, rows=rows)],
            citations=ledger.citations,
            buttons=buttons,
        ),
        query=query,
        records=[summary(hit) for hit in hits],
        coverage=Coverage(state="reported", as_of=today),
    )


def judged(words: Words, judgement: Judgement) -> list[str]:
    """Who said what of a pair, when and why, with what others say against it."""
    said = []
    for one in (judgement, *(judgement.others if judgement.disputed else ())):
        if one.label is None:
            continue
        label = words(f"label_of_{one.label}")
        if one.what is What.REJECT and one.shown is not None:
            label = words("judged_not", label=words(f"label_of_{one.shown}"))
        said.append(words("judged_pair", by=one.by, date=words.date(one.at.date()), label=label))
        if one.reason:
            said.append(words("judged_because", reason=phrases.cut(one.reason, 300)))
    if judgement.disputed:
        said.append(words("judged_disputed"))
    return said
