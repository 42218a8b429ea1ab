"""What a person says that the two records shown last are to each other, read as a judgement to be kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.actions import said
from bot.actions.context import Request, pointed_at
from bot.actions.forms import storing
from bot.answers.overlaps_found import pair_of
from bot.answers.record import say
from bot.words import Words
from knowledge.keeping import NotKept
from knowledge.overlap.judging import What, judged, undo
from knowledge.overlap.labels import Label
from knowledge.reply import Answer, Button, Query
from knowledge.text import tokens

_LONGEST_FIRST = (Label.COMPLEMENTARY, Label.UNRELATED, Label.CHAIN, Label.FAMILY, Label.OVERLAP, Label.DUPLICATE)
"""In this order a label is looked for: "the same programme" is no duplicate."""


def read(request: Request) -> dict[str, Any] | None:
    """{"kind", "records": two ids, "pair": {"what", "label"}} of a message that judges a pair; None of any other."""
    pair = meant(request)
    if pair is None:
        return None
    label, what = _verdict(request.text)
    if label is None and what is None:
        return None
    kind = "helpful" if what is What.CONFIRM else "wrong"
    verdict = {"what": what.value if what else "", "label": label.value if label else ""}
    return {"kind": kind, "records": list(pair), "pair": verdict}


def spoken_of(about: dict[str, Any] | None) -> Query | None:
    """The pair that a form was about, as the question to which what follows belongs; None of any other form."""
    if not (about or {}).get("pair"):
        return None
    return Query(intent="compare_records", records=list((about or {})["records"]))


def takes_back(request: Request) -> bool:
    """Whether the person wants what was said of a pair to count no longer: "undo that", "take my judgement back"."""
    asked = request.context.asked
    spoken = asked is not None and asked.intent in ("find_overlaps", "compare_records")
    meant = spoken or said.says(request.text, "judgement")
    return meant and not request.filling and said.says(request.text, "takes_back")


def taken_back(session: Session, request: Request) -> Answer:
    """Takes back what the person's organisation said of the pair that was spoken of last."""
    words, pair = request.words_of, meant(request)
    request.intent = "compare_records"
    query = Query(intent=request.intent, records=list(pair or ()))
    if pair is None:
        return say(words, query, words("judged_which"))
    if not storing.may_store(request):
        return storing.refused(session, request, Query(intent="feedback"))
    who, home = storing.who(request), request.index.home
    counts = judged(session, request.audience, [pair]).get(frozenset(pair))
    mine = next((one for one in (counts, *counts.others) if one.mine), None) if counts is not None else None
    if mine is None:
        return say(words, query, words("judged_nothing"))
    try:
        with home.database.write() as writing:
            undo(writing, who, mine.id)
    except NotKept as error:
        return storing.not_kept(request, error)
    answer = say(words, query, words("judged_undone", one=pair[0], other=pair[1]))
    send = words("send_compare", id=pair[0], other=pair[1])
    answer.reply.buttons = [Button(title=send, send=send)]
    return answer


def meant(request: Request) -> tuple[str, str] | None:
    """The pair that was compared last, or that a row of the last list stands for."""
    asked, message = request.context.asked, request.message
    if asked is None or message.places or message.themes or message.organisations:
        return None
    if len(message.records) == 2:
        return message.records[0], message.records[1]
    if message.records:
        return None
    listed = request.context.listed
    rows = pointed_at(request) if message.ordinals else listed if len(listed) == 1 else []
    if asked.intent == "compare_records" and len(asked.records) == 2 and not message.ordinals:
        return asked.records[0], asked.records[1]
    if asked.intent not in ("find_overlaps", "compare_records") or len(rows) != 1:
        return None
    if pair := pair_of(rows[0]):
        return pair
    return (asked.records[0], rows[0].record) if asked.records and asked.records[0] != rows[0].record else None


def _verdict(text: str) -> tuple[Label | None, What | None]:
    """What the two are said to be; or only that what was shown is right, or wrong."""
    words = tokens(text)
    denied = False
    for label in _LONGEST_FIRST:
        found = said.find(words, f"pair_{label}")
        if found is None:
            continue
        if said.leaves_out(text, words[found[0]].start):
            denied = True
        else:
            return label, None
    if denied or said.find(words, "pair_wrong"):
        return None, What.REJECT
    return None, What.CONFIRM if said.find(words, "pair_right") else None


def in_words(words: Words, about: dict[str, Any]) -> str:
    """The judgement as the summary before its confirmation shows it."""
    one, other = about["records"]
    verdict = about["pair"]
    if verdict["label"]:
        label = words(f"label_of_{verdict['label']}")
        return words("pair_noted_relabel", one=one, other=other, label=label)
    return words(f"pair_noted_{verdict['what']}", one=one, other=other)
