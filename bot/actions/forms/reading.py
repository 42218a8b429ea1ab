"""What a message means while a form is open: an answer, a correction, a yes or no, or something else altogether."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.actions import said, understanding
from bot.actions.asking import picked
from bot.actions.context import Item, Request, beside_names, only_names
from bot.actions.forms.form import FORM_INTENTS, Field, Form, Kind, Step, place_json
from bot.actions.steering import SURE
from bot.actions.understanding import day_of
from bot.words import Words
from knowledge.access import HOME_OWNER, organisation_key
from knowledge.linking.known import GOVERNMENT, KNOWN
from knowledge.reply import OrganisationReading, PeriodReading
from knowledge.text import fold, tokens

QUESTIONS = frozenset(
    {
        *("who_does_what", "find_overlaps", "compare_records", "find_partners", "find_gaps", "find_results", "learn"),
        *("trace_funding", "find_mandate", "find_contact", "describe_record", "what_changed", "provenance", "help"),
        *("list_watches", "export_report", "show_more", "out_of_scope"),
    }
)
"""Intents of messages that ask something of their own and are no answer to a form."""
_NOTHING_WATCHED: dict[str, list[Any]] = {"places": [], "themes": [], "organisations": []}
_ASIDES = frozenset({"greet", "thanks", "help", "show_more", "restart_conversation"})
_ASIDE_WORDS = 4
_STOP_WORDS = 8
_SURELY = 0.8
_CORRECTION_WORDS = 14
_QUOTED = re.compile(r"[\"“«„](.{2,}?)[\"”»“]")
_LINE = 300
"""Characters of a field that is one line; a longer one is a message."""
_BARE_MONTH = {"en": "in", "fr": "en", "es": "en", "pt": "em", "ar": "في"}
_YEAR = re.compile(r"\d{4}")
_LETTERS = re.compile(r"[^\W\d_]")
EVENTS = ("new", "ended", "changed")
LEVELS = ("own", "community", "public")


def read(form: Form, request: Request, values: Mapping[str, Any], asked: Field, choice: dict[str, Any] | None) -> Step:
    """What the message does to the form, whose open question is `asked`."""
    request = _weighed(request)
    _read_bare_month(form, request, asked)
    text, words = request.text, request.words_of
    length = len(tokens(text))
    if asked.optional and said.only(text, "skip"):
        return Step({asked.slot: empty(asked)})
    if _stops(request, length):
        return Step(over="cancelled")
    short = length <= _STOP_WORDS and not request.message.names_something
    if short and request.intent == "restart_conversation" and not said.puts_right(text):
        return Step(elsewhere=True)
    if choice is not None and (step := _chosen(form, request, values, choice)):
        return step
    if asked.kind == "confirm" and (step := _confirmed(form, request, asked)):
        return step
    if asked.optional and (answer := _yes_or_no(request)) and not _level(request):
        return Step({asked.slot: empty(asked)}, confirms=answer)
    # A word of a name asks nothing: the Arabic "from May" begins as "who" does.
    to_them = asked.longest > _LINE and said.speaks_to_them(text)
    if said.asks(beside_names(request)) and request.intent in QUESTIONS and not to_them:
        return Step(elsewhere=True)
    begins_another = request.intent in FORM_INTENTS - {form.intent} and not only_names(request)
    if asked.kind != "text" and begins_another and not _says_a_date(form, request):
        return Step(notes=[words("form_first", form=words(f"form_{form.intent}"))])
    if step := _correction(form, request, values, asked):
        return step
    if request.intent in _ASIDES and length <= _ASIDE_WORDS and not (_has_answer(asked, request) or _level(request)):
        return Step(elsewhere=True)
    if asked.kind == "text":
        if not asked.optional and (answer := _yes_or_no(request)):
            # Nobody calls a project "yes, please" or "no, better not".
            again = Step(notes=[_help(asked, words)], confirms=answer)
            return Step(over="denied") if answer == "deny" else again
        return _text(asked, text, words)
    step = _unforced(asked, values, taken(form, request, values, asked))
    if step.values or step.notes or step.choice:
        return step
    if request.intent in QUESTIONS and not _has_answer(asked, request) and not only_names(request):
        return Step(elsewhere=True)
    if answer := _yes_or_no(request):
        if answer == "deny" and asked.kind == "watches":
            return Step(over="denied")
        return Step(notes=[_help(asked, words)], confirms=answer)
    return Step(notes=[words("not_understood_there"), _help(asked, words)])


def _stops(request: Request, length: int) -> bool:
    """Whether the message ends the form. A longer one has to be surer of it: it may be the answer to the question."""
    if request.message.names_something:
        return False
    if length <= _STOP_WORDS and said.only(request.text, "stops"):
        return True
    return request.intent == "cancel" and (
        length <= _STOP_WORDS or (length <= _CORRECTION_WORDS and request.sure >= _SURELY)
    )


def _weighed(request: Request) -> Request:
    """The request without an intent that would end or confirm something, where that is not sure or not plain words."""
    decides = request.intent in ("affirm", "deny", "cancel", *_ASIDES)
    if decides and (request.sure < SURE or not said.plain(request.text)):
        return replace(request, intent="")
    return request


def _read_bare_month(form: Form, request: Request, asked: Field) -> None:
    """Dates are what a form asks for: a month counts there that stands alone, as in "the start is May"."""
    text, message = request.text, request.message
    about_dates = asked.kind == "period" or said.says(text, "starts") or said.says(text, "ends")
    if form.of_kind("period") is None or message.period is not None or not about_dates:
        return
    cues = said.words_in("starts", "ends")
    for token in [token for token in tokens(text)[-2:] if not cues & set(token.forms)]:
        said_so = f"{_BARE_MONTH[request.words_of.language]} {text[token.start :].rstrip(' .!')}"
        found = understanding.read(request.index.link(said_so, request.audience).as_json()["entities"], said_so)
        if found.period is not None and found.spans[-1] == (0, len(said_so)):
            message.period, message.periods = found.period, found.periods
            message.spans.append((token.start, len(text)))
            return


def _says_a_date(form: Form, request: Request) -> bool:
    """ "The start is in April": short, and of nothing but when it begins or ends."""
    text, message = request.text, request.message
    if message.period is None or form.of_kind("period") is None or len(tokens(text)) > _STOP_WORDS:
        return False
    others = message.places or message.themes or message.organisations
    return not others and (said.says(text, "starts") or said.says(text, "ends"))


def _unforced(asked: Field, values: Mapping[str, Any], step: Step) -> Step:
    """Names that do not answer the question fill what is still open; only a correction replaces what was said."""
    if asked.kind != "confirm" and step.values.get(asked.slot) is None and step.choice is None:
        step.values = {slot: value for slot, value in step.values.items() if values.get(slot) is None}
    return step


def _yes_or_no(request: Request) -> str:
    """The intent of a bare yes or no; "" of any other message."""
    if not said.plain(request.text):
        return ""
    if said.only(request.text, "yes_words"):
        return "affirm"
    if said.only(request.text, "no_words"):
        return "deny"
    length = len(tokens(request.text))
    bare = length <= _ASIDE_WORDS or (length <= _STOP_WORDS and not said.says(request.text, "hedges"))
    bare = bare and not request.message.names_something
    return request.intent if bare and request.intent in ("affirm", "deny") else ""


def _help(asked: Field, words: Words) -> str:
    """What would answer the question."""
    return words("answer_confirmed") if asked.kind == "confirm" else words(f"answer_{asked.words}")


def empty(asked: Field) -> Any:
    """What stands for a field that was skipped: filled, but with nothing."""
    return "" if asked.kind == "text" else {} if asked.kind == "period" else []


def _has_answer(asked: Field, request: Request) -> bool:
    message = request.message
    match asked.kind:
        case "places":
            return bool(message.places or any(item.type == "place" for item in message.ambiguities))
        case "themes":
            return bool(message.themes)
        case "organisation" | "speaker":
            return bool(message.organisations or any(item.type == "organisation" for item in message.ambiguities))
        case "period":
            return message.period is not None
        case "subject":
            return bool(message.places or message.themes or message.organisations or message.ambiguities)
        case "watches":
            return bool(message.ordinals)
        case _:
            return False


def _confirmed(form: Form, request: Request, asked: Field) -> Step | None:
    words, message = request.words_of, request.message
    if message.names_something or _level(request) or (said.asks(beside_names(request)) and request.intent in QUESTIONS):
        return None
    answer = _yes_or_no(request)
    if answer == "affirm":
        return Step({asked.slot: True}, confirms="affirm")
    if answer == "deny" and form.of_kind("watches"):
        return Step(over="denied")
    if answer == "deny":
        return Step(notes=[words("form_denied")], confirms="deny")
    return None


def _chosen(form: Form, request: Request, values: Mapping[str, Any], choice: dict[str, Any]) -> Step | None:
    """The reading of a name that the form asked about."""
    option = picked(request, choice["options"])
    into = form.field(choice["slot"])
    if option is None or into is None:
        return None
    if choice["type"] == "place":
        name, reading = "places", [place_json(place) for place in understanding.places(option)]
    else:
        name, reading = "organisations", [organisation_json(understanding.organisation(option))]
    if into.kind == "subject":
        return Step({into.slot: {**_NOTHING_WATCHED, **(values.get(into.slot) or {}), name: reading}})
    return Step({into.slot: reading if name == "places" else reading[0]})


def _correction(form: Form, request: Request, values: Mapping[str, Any], asked: Field) -> Step | None:
    """ "No, Gedo region", "change the start to May", "the title is ...": another field than the one asked for."""
    text, words = request.text, request.words_of
    listened = tokens(text)
    if len(listened) > _CORRECTION_WORDS and asked.kind == "text":
        return None
    opens = said.puts_right(text)
    corrects = opens or request.intent in ("refine", "deny") or asked.kind == "confirm"
    if not (corrects or _says_a_date(form, request)):
        return None
    named = [item for item in form.fields if item.text_cue and item.slot != asked.slot]
    for item in named if opens or asked.kind == "confirm" else ():
        if new := _renamed(text, item.text_cue):
            return _text(item, new, words)
    if asked.kind == "text" and not (request.message.names_something and opens):
        return None
    step = taken(form, request, values, asked)
    if step.values or step.notes or step.choice:
        return step
    return Step(notes=[words("form_change_what")]) if opens and asked.kind == "confirm" else None


def _renamed(text: str, cue: str) -> str:
    """The new text in "change the title to ...", "the title is ...": in quotes, after a colon, or after "to"."""
    listened = tokens(text)
    if (found := said.find(listened, cue)) is None:
        return ""
    if quoted := _QUOTED.search(text):
        return quoted.group(1).strip()
    rest = text[listened[found[1] - 1].end :]
    if ":" in rest:
        return rest.partition(":")[2].strip()
    after = tokens(rest)
    if after and (into := said.find(after, "into")) is not None and into[0] <= 1 and into[1] < len(after):
        return rest[after[into[1]].start :].strip(' .«»"“”')
    return ""


def taken(form: Form, request: Request, values: Mapping[str, Any], asked: Field | None = None) -> Step:
    """Every field that the entities of the message fill. A value that cannot be is said, with the reason."""
    message, words = request.message, request.words_of
    step = Step()
    for ambiguity in message.ambiguities:
        kinds: tuple[Kind, ...] = ("places", "subject") if ambiguity.type == "place" else ("organisation", "subject")
        into = form.of_kind(*kinds)
        if into is not None and step.choice is None:
            step.choice = {
                "slot": into.slot,
                "type": ambiguity.type,
                "text": ambiguity.text,
                "options": ambiguity.options,
            }
            step.values[into.slot] = None
    if (into := form.of_kind("places")) and message.places:
        step.values[into.slot] = [place_json(place) for place in message.places]
    if (into := form.of_kind("themes")) and message.themes:
        step.values[into.slot] = [theme.model_dump(mode="json") for theme in message.themes]
    organisations = [organisation for organisation in message.organisations if _indexed(organisation)]
    if (into := form.of_kind("organisation", "speaker", "subject")) and message.organisations and not organisations:
        step.notes.append(words(f"answer_{into.words}"))
    if (into := form.of_kind("organisation")) and organisations:
        step.values[into.slot] = organisation_json(organisations[0])
    if (into := form.of_kind("speaker")) and organisations and asked is not None:
        _speaker(request, organisations[0], into, step)
    if (into := form.of_kind("period")) and message.period is not None:
        _period(request, message.period, values.get(into.slot) or {}, into, step)
    if (into := form.of_kind("subject")) and (message.places or message.themes or organisations):
        step.values[into.slot] = _subject(request, values.get(into.slot) or {})
    if (into := form.of_kind("level")) and (level := _level(request)) and asked is not None:
        step.values[into.slot] = level
    if (into := form.of_kind("events")) and (events := events_said(request)):
        step.values[into.slot] = events
    if (into := form.of_kind("watches")) and asked is not None:
        listed = [item for item in request.context.listed if item.type == "watch"]
        if meant := watches_meant(request, listed):
            step.values[into.slot] = meant
    if asked is not None and asked.slot in step.values and step.values[asked.slot] is None and not step.choice:
        step.notes.append(_help(asked, words))
    return step


def organisation_json(organisation: OrganisationReading) -> dict[str, str]:
    return {"id": organisation.id, "name": organisation.name, "kind": organisation.kind}


def may_speak_for(request: Request, organisation: OrganisationReading) -> bool:
    """The operator enters what any organisation asks for; everybody else speaks for their own."""
    own = request.audience.organisations
    return HOME_OWNER in own or organisation_key(organisation.name) in own


def _speaker(request: Request, organisation: OrganisationReading, into: Field, step: Step) -> None:
    if may_speak_for(request, organisation):
        step.values[into.slot] = organisation_json(organisation)
    else:
        step.notes.append(
            request.words_of("speaks_for_another", organisation=organisation.name, own=request.audience.label)
        )


def _period(request: Request, period: PeriodReading, before: Mapping[str, Any], into: Field, step: Step) -> None:
    """A period, or only its start or its end where the message names one of these."""
    if period.start is None and period.end is None:
        step.notes.append(request.words_of("period_unread", words=period.words))
        return
    text = beside_names(request)
    starts, ends = said.says(text, "starts"), said.says(text, "ends")
    start, end = period.start, period.end
    if len(request.message.periods) > 1:  # two dates that are no span: "from December to the May before"
        start = request.message.periods[0].start
    kept_start, kept_end = day_of(before.get("start")), day_of(before.get("end"))
    latest = end or start
    exact = _YEAR.search(period.words) or said.says(period.words, "past")
    if latest and latest < request.index.today() and not exact:
        # A month without a year is read as the last one; a plan means the year that the form has, or the next.
        kept = (kept_end if ends and not starts else kept_start) or kept_start or kept_end
        years = max(1, kept.year - latest.year) if kept else 1
        start, end = _years_on(start, years), _years_on(end, years)
    if before and starts != ends:
        start, end = (start or end, kept_end) if starts else (kept_start, end or start)
    if start and end and end < start:
        words = request.words_of
        step.notes.append(words("period_backwards", start=words.date(start), end=words.date(end)))
        return
    said_as = period.words if not (before and starts != ends) else ""
    step.values[into.slot] = PeriodReading(start=start, end=end, words=said_as).model_dump(mode="json")


def _years_on(day: date | None, years: int) -> date | None:
    if day is None:
        return None
    last = monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))


def _subject(request: Request, before: Mapping[str, Any]) -> dict[str, Any]:
    message = request.message
    found = {name: list(before.get(name, ())) for name in _NOTHING_WATCHED}
    if message.places:
        found["places"] = [place_json(place) for place in message.places]
    if message.themes:
        found["themes"] = [theme.model_dump(mode="json") for theme in message.themes]
    if organisations := [organisation for organisation in message.organisations if _indexed(organisation)]:
        found["organisations"] = [organisation_json(organisation) for organisation in organisations]
    return found


def _indexed(organisation: OrganisationReading) -> bool:
    """Whether records name the organisation; one that is only known by name can neither be asked nor watched."""
    return not organisation.id.startswith((KNOWN, GOVERNMENT))


def _level(request: Request) -> str:
    text = beside_names(request)
    return next((level for level in LEVELS if said.says(text, level)), "")


def events_said(request: Request) -> list[str]:
    """What is to be watched for, in the words of the message."""
    text = beside_names(request)
    if said.only(text, "everything"):
        return list(EVENTS)
    return [event for event in EVENTS if said.says(text, event)]


def watches_meant(request: Request, listed: Sequence[Item]) -> dict[str, str]:
    """Id -> words of the watches that the message points at: all, by number, or by what they are about."""
    if said.says(beside_names(request), "all_watches"):
        return {item.id: item.name for item in listed}
    numbers = said.rows(request.text, len(listed), request.message.ordinals, request.message.spans)
    return {listed[number - 1].id: listed[number - 1].name for number in numbers}


def _text(asked: Field, text: str, words: Words) -> Step:
    """Free text as it was typed. Only a text without letters, or one that is too long, is no answer."""
    typed = " ".join(text.split()) if asked.longest <= _LINE else text.strip()
    if len(typed) > asked.longest:
        return Step(notes=[words("text_too_long", n=asked.longest)])
    if len(_LETTERS.findall(typed)) < 3:
        return Step(notes=[_help(asked, words)])
    return Step({asked.slot: typed})


def titled(text: str, request: Request) -> str:
    """A title that the first message gives: in quotes, or after a colon. "" where it gives none."""
    if quoted := _QUOTED.search(text):
        return quoted.group(1).strip()
    _, colon, rest = text.partition(": ")
    rest = re.split(r"(?<=[.!?\u061f])\s", rest.strip(), maxsplit=1)[0].rstrip(".")
    return rest if colon and len(fold(rest).split()) > 2 and not said.asks(rest) else ""
