"""What is done with a form once the person has confirmed it, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from bot.actions.context import Request, with_examples
from bot.actions.forms.form import Values
from bot.actions.understanding import day_of
from bot.answers import record as records
from bot.answers.record import say
from knowledge import feedback, initiatives, introductions, watches
from knowledge.answers import Ledger, summary, text
from knowledge.feedback import Feedback, FeedbackKind
from knowledge.initiatives import Draft
from knowledge.keeping import NotKept, Who
from knowledge.overlap.judging import Opinion, What, judge
from knowledge.overlap.labels import Label
from knowledge.overlap.standing import NotReady
from knowledge.records import Level
from knowledge.reply import Answer, Button, PlaceReading, Query, Reply
from knowledge.watches import IN_CONVERSATION, Event, Watch

_CONFIRMED = "affirm"


def who(request: Request) -> Who:
    return Who(request.audience, request.person)


def may_store(request: Request) -> bool:
    """Whether the person speaks for an organisation: visitors may ask, and have nothing kept."""
    return bool(who(request).organisation)


def refused(session: Session, request: Request, query: Query) -> Answer:
    """What a visitor is told who wants something stored: that it is not done, and who may have it done."""
    words = request.words_of
    return with_examples(session, request, query, words("not_a_member", form=words(f"form_{query.intent}")))


def not_kept(request: Request, error: NotKept) -> Answer:
    """Why something was not kept, in the person's language where there are words for it."""
    words = request.words_of
    key = f"not_kept_{error.code}"
    said = words(key, **error.values) if words.has(key) else words("not_kept")
    return say(words, Query(intent=_CONFIRMED), said, tone="warning")


def _ids(readings: Any) -> tuple[str, ...]:
    return tuple(str(reading["id"]) for reading in readings or ())


def initiative(request: Request, values: Values) -> Answer:
    words, period = request.words_of, values["initiative_period"] or {}
    draft = Draft(
        title=values["initiative_title"],
        organisation=values["initiative_organisation"].get("id", ""),
        places=_ids(values["initiative_places"]),
        themes=_ids(values["initiative_themes"]),
        start=day_of(period.get("start")),
        end=day_of(period.get("end")),
        level=Level(values["initiative_audience"]),
    )
    identifier = initiatives.register(request.index.home, who(request), draft)
    with request.index.home.database.read() as session:
        hits = records.by_ids(session, [identifier], request.audience)
    ledger = Ledger()
    cites = [ledger.record(hit) for hit in hits]
    seen = words("registered_seen", audience=words(f"audience_{draft.level.value}"))
    said = words("registered", title=draft.title, id=identifier)
    place = PlaceReading.model_validate(values["initiative_places"][0])
    sends = [
        words("send_describe", id=identifier),
        words("send_all_areas_any", place=place.name, id=place.id),
    ]
    request.context.described = identifier
    return Answer(
        reply=Reply(
            language=words.language,
            parts=[text(said, seen, cites=cites)],
            citations=ledger.citations,
            buttons=[Button(title=send, send=send) for send in sends],
        ),
        query=Query(intent=_CONFIRMED),
        records=[summary(hit) for hit in hits],
    )


def watch(request: Request, values: Values) -> Answer:
    words, subject = request.words_of, values["watch_subject"]
    wanted = Watch(
        places=_ids(subject.get("places")),
        themes=_ids(subject.get("themes")),
        organisations=_ids(subject.get("organisations")),
        events=frozenset(Event(event) for event in values["watch_events"]),
        channel=values["watch_channel"] or IN_CONVERSATION,
    )
    with request.index.home.database.write() as session:
        made = watches.add(session, who(request), wanted)
    asks = [words("button_list_watches"), words("button_what_changed")]
    told = words("watch_told_here") if request.tells else words("watch_not_sent")
    answer = _kept(request, [words("watch_kept"), told], asks)
    answer.watch = made
    return answer


def introduction(request: Request, values: Values) -> Answer:
    words, whom = request.words_of, values["introduction_whom"]
    with request.index.home.database.write() as session:
        introductions.request(
            session, who(request), whom["id"], values["introduction_about"], values["introduction_message"]
        )
    return _kept(request, [words("introduction_kept", organisation=whom["name"]), words("introduction_not_sent")])


def note(request: Request, values: Values) -> Answer:
    kept = values["feedback_about"] or {}
    if kept.get("pair"):
        return _judged(request, kept, values["feedback_text"])
    said = Feedback(
        kind=FeedbackKind(kept.get("kind", "other")),
        text=values["feedback_text"],
        records=tuple(kept.get("records", ())),
    )
    with request.index.home.database.write() as session:
        feedback.note(session, who(request), said)
    return _kept(request, [request.words_of("feedback_kept")])


def _judged(request: Request, kept: Values, reason: str) -> Answer:
    """Keeps what the person says that two records are to each other."""
    words, (one, other) = request.words_of, kept["records"]
    verdict = kept["pair"]
    label = Label(verdict["label"]) if verdict["label"] else None
    opinion = Opinion(one, other, label=label, what=None if label else What(verdict["what"]), reason=reason)
    try:
        judge(request.index, who(request), opinion)
    except NotReady:
        return say(words, Query(intent=_CONFIRMED), words("still_reading"), tone="warning")
    return _kept(request, [words("pair_kept")], [words("send_compare", id=one, other=other)])


def stop(request: Request, values: Values) -> Answer:
    chosen = values["stop_which"]
    with request.index.home.database.write() as session:
        for identifier in chosen:
            watches.remove(session, who(request), identifier)
    words = request.words_of
    return _kept(request, [words("watches_stopped", n=len(chosen))], [words("button_list_watches")])


def _kept(request: Request, sentences: Sequence[str], asks: Sequence[str] = ()) -> Answer:
    """What was done, with what can be asked of it."""
    buttons = [Button(title=question, send=question) for question in asks]
    return say(request.words_of, Query(intent=_CONFIRMED), *sentences, buttons=buttons)
