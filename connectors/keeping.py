"""What is kept for people, for the API and for commands: alerts, initiatives, introductions, feedback; what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from connectors.client import CommandError
from connectors.kept_json import changes_json, facets_json, introduction_json, time_json, watch_json
from knowledge import feedback, initiatives, introductions, keeping, watches
from knowledge.changes import TOLD, Since
from knowledge.feedback import Feedback, FeedbackKind
from knowledge.finding import Facets
from knowledge.index import Index
from knowledge.initiatives import Draft
from knowledge.keeping import NotKept, Who, Wrong
from knowledge.records import Level, RecordKind
from knowledge.store import models as m
from knowledge.vocabulary import themes
from knowledge.watches import Event, Watch

Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=300)]], Field(max_length=keeping.MOST_VALUES)]


class Asked(BaseModel):
    """`as`: ask as somebody else; only the operator may. `key`: the caller's own name for this request: sent twice with
    the same key it is kept once."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")
    speak_as: str = Field(default="", alias="as")
    key: str = Field(default="", max_length=200)


class WatchRequest(Asked):
    """Places, themes and organisations by name or id, at least one of any. `kinds` of records: all where empty."""

    places: Names = []
    themes: Names = []
    organisations: Names = []
    kinds: list[RecordKind] = []
    events: list[Event] = list(Event)
    channel: str = watches.IN_CONVERSATION


class InitiativeRequest(Asked):
    """What is registered. Places and themes by name or id, one of any at least; `organisation`: who does it, the own
    one where empty. Without `audience` only the own organisation sees it; `named` are those it is shown to besides."""

    title: str
    description: str = ""
    organisation: str = ""
    places: Names = []
    themes: Names = []
    start: date | None = None
    end: date | None = None
    audience: Level = Level.OWN
    named: Names = []


class IntroductionRequest(Asked):
    """Whom to be introduced to, by name or id, and about what. Before they agree they see only the name of the asking
    organisation and `about`; `message` and `contact` are shown to them then."""

    organisation: str
    about: str
    message: str = ""
    contact: str = ""


class AnswerRequest(Asked):
    """`answer`: "accept" or "decline" for who is asked, "withdraw" for who asked. The other side sees `reason`, and
    `contact` where it is accepted."""

    answer: str = Field(pattern="^(accept|decline|withdraw)$")
    reason: str = ""
    contact: str = ""


class FeedbackRequest(Asked):
    """`records`: identifiers of what it is about; `question`: what had been asked."""

    kind: FeedbackKind
    text: str = ""
    records: Names = []
    question: str = ""


class ChangesRequest(BaseModel):
    """`since` and `until`: a day (2026-11-16), a time (UTC) or the number of a version of the index."""

    model_config = ConfigDict(extra="forbid")
    since: str = ""
    until: str = ""
    places: Names = []
    themes: Names = []
    organisations: Names = []
    kinds: list[RecordKind] = []
    limit: int = Field(default=20, ge=1, le=200)


class Busy(NotKept):
    """A large file is being written; nothing was kept."""

    def __init__(self) -> None:
        super().__init__("busy", "The index is being written just now. Try again in a minute")


# --- what is kept ---------------------------------------------------------------------------------------------------


def add_watch(index: Index, who: Who, asked: WatchRequest) -> dict[str, Any]:
    with writing(index) as session:
        watch = Watch(
            places=idents(index, session, who, "place", asked.places),
            themes=idents(index, session, who, "theme", asked.themes),
            organisations=idents(index, session, who, "organisation", asked.organisations),
            kinds=tuple(asked.kinds),
            events=frozenset(asked.events),
            channel=asked.channel,
        )
        made = watches.add(session, who, watch, key=asked.key)
        kept = watches.get(session, who, made, today=index.today(), limit=1)
        return watch_json(session, kept, index.today())


def list_watches(index: Index, who: Who) -> dict[str, Any]:
    with index.home.database.read() as session:
        kept = watches.list_(session, who, today=index.today())
        return {"watches": [watch_json(session, one, index.today()) for one in kept]}


def see_watch(index: Index, who: Who, watch_id: str, since: str, limit: int) -> dict[str, Any]:
    """One alert with the records it found since `since`, else since the last look."""
    with index.home.database.read() as session:
        kept = watches.get(session, who, watch_id, today=index.today(), limit=limit)
        found = kept.found
        if since:
            found = watches.changes(
                session, who, _since(since, "since"), watch=watch_id, today=index.today(), limit=limit
            )
        return watch_json(session, kept, index.today()) | {"changes": changes_json(found, index.today())}


def looked(index: Index, who: Who, watch_id: str) -> dict[str, Any]:
    with writing(index) as session:
        watches.looked(session, who, watch_id)
        return watch_json(session, watches.get(session, who, watch_id, today=index.today(), limit=1), index.today())


def remove_watch(index: Index, who: Who, watch_id: str) -> dict[str, Any]:
    with writing(index) as session:
        return {"removed": watch_id, **facets_json(session, watches.remove(session, who, watch_id))}


def register(index: Index, who: Who, asked: InitiativeRequest) -> dict[str, Any]:
    with index.home.database.read() as session:
        named = (asked.organisation,) if asked.organisation else ()
        draft = Draft(
            title=asked.title,
            description=asked.description,
            organisation="".join(idents(index, session, who, "organisation", named)),
            places=idents(index, session, who, "place", asked.places),
            themes=idents(index, session, who, "theme", asked.themes),
            start=asked.start,
            end=asked.end,
            level=asked.audience,
            named=tuple(asked.named),
        )
    with not_busy():
        made = initiatives.register(index.home, who, draft, key=asked.key)
    return next(one for one in list_initiatives(index, who)["initiatives"] if one["record"] == made)


def list_initiatives(index: Index, who: Who) -> dict[str, Any]:
    with index.home.database.read() as session:
        kept = initiatives.list_(session, who)
    return {
        "initiatives": [
            {
                "record": one.record,
                "title": one.title,
                "by": one.by,
                "mine": one.mine,
                "audience": one.level.value,
                "registered_at": time_json(one.registered_at),
                "withdrawn_at": time_json(one.withdrawn_at),
            }
            for one in kept
        ]
    }


def withdraw_initiative(index: Index, who: Who, record_id: str) -> dict[str, Any]:
    with not_busy():
        initiatives.withdraw(index.home, who, record_id)
    return {"withdrawn": record_id}


def introduce(index: Index, who: Who, asked: IntroductionRequest) -> dict[str, Any]:
    with writing(index) as session:
        (whom,) = idents(index, session, who, "organisation", (asked.organisation,))
        made = introductions.request(
            session, who, whom, asked.about, asked.message, contact=asked.contact, key=asked.key
        )
        return introduction_json(introductions.get(session, who, made))


def list_introductions(index: Index, who: Who) -> dict[str, Any]:
    with index.home.database.read() as session:
        return {"introductions": [introduction_json(one) for one in introductions.list_(session, who)]}


def answer_introduction(index: Index, who: Who, introduction_id: str, asked: AnswerRequest) -> dict[str, Any]:
    with writing(index) as session:
        if asked.answer == "withdraw":
            return introduction_json(introductions.withdraw(session, who, introduction_id, reason=asked.reason))
        accept = asked.answer == "accept"
        return introduction_json(
            introductions.answer(
                session, who, introduction_id, accept=accept, reason=asked.reason, contact=asked.contact
            )
        )


def note(index: Index, who: Who, asked: FeedbackRequest) -> dict[str, Any]:
    with writing(index) as session:
        said = Feedback(asked.kind, asked.text, tuple(asked.records), asked.question)
        return {"id": feedback.note(session, who, said, key=asked.key)}


def list_feedback(index: Index, who: Who) -> dict[str, Any]:
    with index.home.database.read() as session:
        kept = feedback.list_(session, who)
    return {
        "feedback": [
            {
                "id": one.id,
                "kind": one.feedback.kind.value,
                "text": one.feedback.text,
                "records": list(one.feedback.records),
                "question": one.feedback.question,
                "by": one.by,
                "at": time_json(one.at),
            }
            for one in kept
        ]
    }


def erase_feedback(index: Index, who: Who, feedback_id: str) -> dict[str, Any]:
    with writing(index) as session:
        feedback.erase(session, who, feedback_id)
    return {"erased": feedback_id}


def what_changed(index: Index, who: Who, asked: ChangesRequest) -> dict[str, Any]:
    """New, ended, changed and withdrawn records since `since`; visitors may ask too."""
    with index.home.database.read() as session:
        facets = Facets(
            places=keeping.known_places(session, idents(index, session, who, "place", asked.places), who.audience),
            themes=keeping.known_ids(idents(index, session, who, "theme", asked.themes), themes(), "unknown_theme"),
            organisations=idents(index, session, who, "organisation", asked.organisations),
            kinds=tuple(asked.kinds) or TOLD,
        )
        for organisation in facets.organisations:
            keeping.known_organisation(session, organisation, who.audience)
        if not asked.since:
            raise Wrong("since", "Say since when, for example since=2026-11-16")
        found = watches.changes(
            session,
            who,
            _since(asked.since, "since"),
            facets=facets,
            until=_since(asked.until, "until") if asked.until else None,
            today=index.today(),
            limit=asked.limit,
        )
        return changes_json(found, index.today())


# --- what is read ---------------------------------------------------------------------------------------------------


def _since(text: str, name: str) -> Since:
    """A version, a day, or a time with or without a zone."""
    try:
        if text.isdecimal() and len(text) < 8:
            return int(text)
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=None) - (moment.utcoffset() or moment - moment)
    except ValueError:
        raise Wrong(name, f"`{name}` {text[:60]!r} is no date, time or version. Write it as 2026-11-16") from None


def idents(index: Index, session: Session, who: Who, kind: str, texts: Names | tuple[str, ...]) -> tuple[str, ...]:
    """Ids of what the texts name. What names nothing stays as it is, and is refused as any unknown id."""
    return tuple(_ident(index, session, who, kind, text) for text in texts)


def _ident(index: Index, session: Session, who: Who, kind: str, text: str) -> str:
    if kind == "theme" and text in themes():
        return text
    table: Any = {"place": m.PlaceRow, "organisation": m.OrganisationRow}.get(kind)
    if table is not None and session.get(table, text) is not None:
        return text
    read = [entity for entity in index.link(text, who.audience).entities if entity.type == kind]
    return str(read[0].value["id"]) if read else text


@contextmanager
def writing(index: Index) -> Iterator[Session]:
    """One transaction. Raises Busy."""
    with not_busy(), index.home.database.write() as session:
        yield session


@contextmanager
def not_busy() -> Iterator[None]:
    """Raises Busy where the store is locked."""
    try:
        yield
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise Busy from None
        raise


# --- without a server -----------------------------------------------------------------------------------------------


def carry_out(index: Index, who: Who, method: str, path: str, values: dict[str, Any]) -> dict[str, Any] | None:
    """What a request to `path` does, in this process; None for a path that is not of this. Raises CommandError."""
    kind, _, rest = path.removeprefix("/api/v1/").partition("/")
    ident, _, _ = unquote(rest).partition("/")
    operations: dict[tuple[str, str], Callable[[], dict[str, Any]]] = {
        ("POST", "watches"): lambda: add_watch(index, who, WatchRequest(**values)),
        ("GET", "watches"): lambda: (
            see_watch(index, who, ident, values.get("since", ""), values.get("limit", 20))
            if ident
            else list_watches(index, who)
        ),
        ("GET", "changes"): lambda: what_changed(
            index,
            who,
            ChangesRequest(
                since=values["since"],
                until=values["until"],
                places=values["place"],
                themes=values["theme"],
                organisations=values["org"],
                kinds=values["kind"],
                limit=values["limit"],
            ),
        ),
        ("DELETE", "watches"): lambda: remove_watch(index, who, ident),
        ("POST", "initiatives"): lambda: register(index, who, InitiativeRequest(**values)),
        ("GET", "initiatives"): lambda: list_initiatives(index, who),
        ("DELETE", "initiatives"): lambda: withdraw_initiative(index, who, unquote(rest)),
        ("POST", "introductions"): lambda: (
            answer_introduction(index, who, ident, AnswerRequest(**values))
            if ident
            else introduce(index, who, IntroductionRequest(**values))
        ),
        ("GET", "introductions"): lambda: list_introductions(index, who),
        ("POST", "feedback"): lambda: note(index, who, FeedbackRequest(**values)),
        ("GET", "feedback"): lambda: list_feedback(index, who),
        ("DELETE", "feedback"): lambda: erase_feedback(index, who, ident),
    }
    if (method, kind) not in operations:
        return None
    try:
        return operations[method, kind]()
    except NotKept as error:
        raise CommandError(str(error), 2 if isinstance(error, Wrong) else 1) from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise CommandError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 2) from None
