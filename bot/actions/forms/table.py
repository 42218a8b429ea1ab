"""The forms of the assistant, and what each takes over from the message that opens it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.actions import overlapping_judged, said
from bot.actions.context import Item, Request, pointed_at
from bot.actions.forms import storing
from bot.actions.forms.form import Field, Form, Step, Values
from bot.actions.forms.reading import events_said, may_speak_for, organisation_json, taken, titled, watches_meant
from bot.actions.referring import organisations
from bot.answers import kept, phrases
from knowledge import watches
from knowledge.access import HOME_OWNER
from knowledge.reply import OrganisationReading, Query
from knowledge.text import tokens
from knowledge.watches import IN_CHAT, IN_CONVERSATION

_ENOUGH_SAID = 4
"""Words from which feedback says what it is about."""


def _whole(request: Request) -> Request:
    """The request with what is kept from the question before read as if it had been said."""
    query, message = request.query, request.message
    message.places, message.themes = query.places, query.themes
    message.organisations, message.period = query.organisations, message.period
    return request


def _initiative(_: Session, request: Request) -> Step:
    form = FORMS["initiative_form"]
    step = taken(form, _whole(request), {})
    step.values["initiative_audience"] = "own"
    if title := titled(request.text, request):
        step.values["initiative_title"] = title
    own = request.audience.organisations
    named = [organisation for organisation in request.message.organisations if may_speak_for(request, organisation)]
    if own == {HOME_OWNER}:
        # An installation that names no organisation of its own: whose initiative it is has to be said.
        step.values["initiative_organisation"] = organisation_json(named[0]) if named else None
    else:
        mine = named[0] if named and HOME_OWNER not in own else OrganisationReading(id="", name=request.audience.label)
        step.values["initiative_organisation"] = organisation_json(mine)
    return step


def _watch(_: Session, request: Request) -> Step:
    step = taken(FORMS["watch_form"], _whole(request), {})
    step.values["watch_channel"] = IN_CHAT if request.tells else IN_CONVERSATION
    step.values["watch_events"] = events_said(request) or None
    return step


def _introduction(session: Session, request: Request) -> Step:
    step = taken(FORMS["introduction_form"], _whole(request), {})
    if step.values.get("introduction_whom") is None and step.choice is None:
        step.values["introduction_whom"] = _spoken_of(session, request)
    words, query = request.words_of, request.query
    if query.places or query.themes:
        topic = Query(places=query.places, themes=query.themes)
        facets = [phrases.themes(words, topic), phrases.places(words, topic.places)]
        step.values["introduction_about"] = ", ".join(filter(None, facets))
    return step


def _spoken_of(session: Session, request: Request) -> dict[str, str] | None:
    """The organisation of the row that the message points at, or of the one record or organisation spoken of."""
    context = request.context
    rows = pointed_at(request) or (context.listed if len(context.listed) == 1 else [])
    if not rows and context.described:
        rows = [Item("record", context.described, "", context.described)]
    found = organisations(session, request, rows)
    return organisation_json(found[0]) if found else None


def _feedback(_: Session, request: Request) -> Step:
    if pair := overlapping_judged.read(request):
        return Step({"feedback_about": pair, "feedback_text": request.text})
    context, message = request.context, request.message
    kinds = ("wrong", "outdated", "missing", "helpful")
    kind = next((name for name in kinds if said.says(request.text, name)), "other")
    rows = [row.record for row in pointed_at(request)] if message.ordinals else []
    about = message.records or rows or ([context.described] if context.described else [])
    values: Values = {"feedback_about": {"kind": kind, "records": [one for one in about if one]}}
    if len(tokens(request.text)) >= _ENOUGH_SAID or kind == "helpful" or about:
        values["feedback_text"] = request.text
    return Step(values)


def _stop(session: Session, request: Request) -> Step:
    listed = _watches(session, request)
    request.context.listed = listed
    if not listed:
        return Step(over="no_watches")
    meant = watches_meant(request, listed)
    named = {place.name for place in request.message.places} | {theme.name for theme in request.message.themes}
    meant = meant or {item.id: item.name for item in listed if any(name in item.name for name in named)}
    if not meant and len(listed) == 1:
        meant = {listed[0].id: listed[0].name}
    if meant:
        return Step({"stop_which": meant})
    numbered = [f"{number}. {item.name}" for number, item in enumerate(listed, 1)]
    return Step(notes=[request.words_of("watches_are", list="; ".join(numbered))])


def _watches(session: Session, request: Request) -> list[Item]:
    """The alerts of the person's organisation as rows, in words."""
    listed = watches.list_(session, storing.who(request))
    about = [kept.in_words(request.words_of, kept.reading(session, one.watch)) for one in listed]
    return [Item("watch", one.id, name) for one, name in zip(listed, about, strict=True)]


FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form(
            "initiative_form",
            "register_initiative",
            (
                Field("initiative_title", "text", "title", text_cue="title"),
                Field("initiative_organisation", "speaker", "speaker"),
                Field("initiative_places", "places", "places"),
                Field("initiative_themes", "themes", "themes"),
                Field("initiative_period", "period", "period", optional=True),
                Field("initiative_audience", "level", "level"),
                Field("initiative_confirmed", "confirm", "initiative_confirmed"),
            ),
            _initiative,
            storing.initiative,
        ),
        Form(
            "watch_form",
            "create_watch",
            (
                Field("watch_subject", "subject", "subject"),
                Field("watch_events", "events", "events"),
                Field("watch_channel", "channel", "channel"),
                Field("watch_confirmed", "confirm", "watch_confirmed"),
            ),
            _watch,
            storing.watch,
        ),
        Form(
            "introduction_form",
            "introduce",
            (
                Field("introduction_whom", "organisation", "whom"),
                Field("introduction_about", "text", "about", text_cue="about"),
                Field("introduction_message", "text", "message", optional=True, text_cue="message", longest=2000),
                Field("introduction_confirmed", "confirm", "introduction_confirmed"),
            ),
            _introduction,
            storing.introduction,
        ),
        Form(
            "feedback_form",
            "feedback",
            (
                Field("feedback_text", "text", "feedback_text", text_cue="message", longest=2000),
                Field("feedback_about", "about", "judged"),
                Field("feedback_confirmed", "confirm", "feedback_confirmed"),
            ),
            _feedback,
            storing.note,
        ),
        Form(
            "stop_form",
            "stop_watch",
            (
                Field("stop_which", "watches", "which_watches"),
                Field("stop_confirmed", "confirm", "stop_confirmed"),
            ),
            _stop,
            storing.stop,
        ),
    )
}


def values_of(form: Form, slots: dict[str, Any]) -> Values:
    return {item.slot: slots.get(item.slot) for item in form.fields}
