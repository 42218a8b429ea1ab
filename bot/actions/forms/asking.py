"""What a form says: its questions with buttons, the summary before anything is stored, and the values in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import asking, overlapping_judged, overlapping_like
from bot.actions.context import Request
from bot.actions.forms.form import Field, Form, query_of
from bot.answers import phrases
from bot.words import Words
from knowledge.answers import Ledger, cited_numbers, text
from knowledge.reply import (
    Answer,
    Button,
    Column,
    Notice,
    Part,
    PeriodReading,
    PlaceReading,
    Query,
    Reply,
    Span,
    Table,
)
from knowledge.watches import IN_CHAT

_THEMES_OFFERED = ("wash", "health", "nutrition", "education")
_EVENTS_OFFERED = ("new", "ended", "changed")


def question(
    form: Form,
    asked: Field,
    request: Request,
    values: Mapping[str, Any],
    *,
    notes: Sequence[str] = (),
    choice: Mapping[str, Any] | None = None,
    confirms: str = "",
) -> Answer:
    """The open question of the form: what there is to say first, the question, buttons that answer it."""
    words = request.words_of
    parts: list[Part] = []
    if notes:
        parts.append(Notice(tone="info", spans=[Span(text=" ".join(notes))]))
    buttons: list[Button] = []
    ledger = Ledger()
    if choice and choice["slot"] == asked.slot:
        parts.append(text(words(f"ask_which_{choice['type']}", text=choice["text"])))
        buttons = [
            Button(title=title, send=send) for title, send in asking.options(words, choice["type"], choice["options"])
        ]
    else:
        if asked.kind == "confirm":
            parts.append(summary(form, words, values))
            if form.intent == "register_initiative":
                parts += overlapping_like.alike(
                    request, query_of(form, values), str(values["initiative_title"]), ledger
                )
        judges = bool((values.get("feedback_about") or {}).get("pair"))
        parts.append(text(words("ask_pair_confirmed" if judges else f"ask_{asked.words}")))
        buttons = _buttons(form, asked, words, values)
    buttons.append(Button(title=words("button_cancel"), send=words("button_cancel")))
    query = Query(intent=confirms) if confirms else query_of(form, values)
    reply = Reply(language=words.language, parts=parts, citations=ledger.citations, buttons=buttons)
    return Answer(reply=reply, query=query)


def joined(first: Answer, then: Answer, words: Words, form: Form) -> Answer:
    """An answer to something else, and after it the form's question again, without what was cited beside it before."""
    asked = [part for part in then.reply.parts if not cited_numbers([part])]
    first.reply.parts += [text(words("form_goes_on", form=words(f"form_{form.intent}"))), *asked]
    first.reply.buttons = [*then.reply.buttons, *first.reply.buttons]
    return first


def _buttons(form: Form, asked: Field, words: Words, values: Mapping[str, Any]) -> list[Button]:
    sends: list[str] = []
    match asked.kind:
        case "confirm":
            sends = [words("button_yes"), words("button_no")]
        case "themes":
            sends = [phrases.theme_name(words, theme) for theme in _THEMES_OFFERED]
        case "events":
            sends = [words(f"watch_for_{event}") for event in (*_EVENTS_OFFERED, "everything")]
        case "text" if suggestion := _suggestion(form, words, values):
            sends = [suggestion]
        case _:
            pass
    if asked.optional:
        sends.append(words("button_skip"))
    return [Button(title=send, send=send) for send in sends]


def _suggestion(form: Form, words: Words, values: Mapping[str, Any]) -> str:
    """A title made of what is known: "Nutrition in Turkana"."""
    query = query_of(form, values)
    if not (query.themes and query.places):
        return ""
    topic = words.listed(phrases.theme_name(words, theme.id) for theme in query.themes)
    return words("title_suggested", themes=topic, places=words.listed(place.name for place in query.places))


def summary(form: Form, words: Words, values: Mapping[str, Any]) -> Table:
    rows = [
        [
            [Span(text=words(f"label_{item.words}"))],
            [Span(text=shown(item, words, values.get(item.slot)) or words("left_open"))],
        ]
        for item in form.fields
        if item.kind != "confirm"
    ]
    return Table(
        caption=words(f"summary_{form.intent}"),
        columns=[Column(title=words("column_field")), Column(title=words("column_understood"))],
        rows=rows,
    )


def shown(item: Field, words: Words, value: Any) -> str:
    """A value in words; "" where there is none."""
    if not value:
        return ""
    match item.kind:
        case "places":
            return _places(words, value)
        case "themes":
            return _themes(words, value)
        case "organisation" | "speaker":
            return str(value["name"])
        case "period":
            period = PeriodReading.model_validate(value)
            start = words.date(period.start) if period.start else words("open_start")
            end = words.date(period.end) if period.end else words("open_end")
            return words("period_from_to", start=start, end=end)
        case "level":
            return words(f"audience_{value}")
        case "events":
            return words.listed(words(f"event_{event}") for event in value)
        case "subject":
            names = [organisation["name"] for organisation in value.get("organisations", ())]
            facets = [
                _themes(words, value.get("themes", ())),
                _places(words, value.get("places", ())),
                ", ".join(names),
            ]
            return "; ".join(facet for facet in facets if facet)
        case "channel":
            return words("channel_told" if value == IN_CHAT else "channel_here")
        case "watches":
            return "; ".join(value.values())
        case "about" if value.get("pair"):
            return overlapping_judged.in_words(words, value)
        case "about":
            return "; ".join([words(f"judged_{value['kind']}"), *value.get("records", ())])
        case _:
            return str(value)


def _places(words: Words, value: Sequence[Any]) -> str:
    return phrases.places(words, (PlaceReading.model_validate(place) for place in value))


def _themes(words: Words, value: Sequence[Any]) -> str:
    return words.listed(phrases.theme_name(words, theme["id"]) for theme in value)
