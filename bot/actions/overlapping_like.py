"""What already stands in the index and looks like an initiative that is about to be registered."""

from __future__ import annotations

from bot.actions.context import Request
from bot.answers import overlaps_telling as telling
from bot.answers import phrases
from knowledge.answers import Ledger, text
from knowledge.overlap import proposals
from knowledge.overlap.judging import judged
from knowledge.overlap.labels import Label
from knowledge.overlap.proposals import Corrections, UnreadableProposal
from knowledge.overlap.ranking import Wanted, meetings
from knowledge.overlap.standing import NotReady
from knowledge.reply import BulletList, Part, Query, Span

_SHOWN = 3
_TITLE = 100
_LIKE = (Label.DUPLICATE, Label.CHAIN, Label.OVERLAP)


def alike(request: Request, query: Query, title: str, ledger: Ledger) -> list[Part]:
    """The nearest initiatives, so that nobody registers what is there; nothing while the index is being compared.

    `query` and `title` are what the form has so far. Nothing is stored.
    """
    words, index, audience = request.words_of, request.index, request.audience
    organisation = query.organisations[0].name if query.organisations else ""
    corrections = Corrections(
        title=title,
        places=tuple(place.id for place in query.places),
        themes=tuple(theme.id for theme in query.themes),
        start=query.period.start,
        end=query.period.end,
        organisation=organisation,
    )
    try:
        draft = proposals.from_text(index, audience, title, corrections).record
        with index.home.database.read() as session:
            known = judged(session, audience)
        found = meetings(index, audience, Wanted(proposal=draft, labels=_LIKE), 0, _SHOWN, judged=known)
    except (NotReady, UnreadableProposal):
        return []
    if not found.meetings:
        return [text(words("already_none", date=words.date(found.today)))]
    items: list[list[Span]] = []
    for meeting in found.meetings:
        hit = found.hits.get(meeting.headings[-1].lead)
        if hit is not None and meeting.pairs:
            pair = meeting.pairs[0]
            sure = telling.sure(words, pair.probability)
            said = words("same_line", label=words(f"label_of_{pair.label}"), sure=sure)
            stands = phrases.standing(words, hit, hit.standing(found.today))
            lang = hit.language if hit.language != words.language else ""
            items.append(
                [
                    Span(text=phrases.cut(hit.title or hit.id, _TITLE), lang=lang),
                    Span(text=f"{telling.by(words, hit)}: {said}; {stands}", cites=[ledger.record(hit)]),
                ]
            )
    cites = [citation.number for citation in ledger.citations]
    return [text(words("already_like", n=found.total), cites=cites), BulletList(items=items)]
