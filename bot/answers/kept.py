"""What changed, and the alerts of an organisation: counted, cited, and plain about what is not done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.answers.frame import Frame
from bot.words import Words
from knowledge import introductions, watches
from knowledge.access import Audience
from knowledge.changes import TOLD, Change, Changes, FieldChange, Group
from knowledge.finding import Facets, Hit
from knowledge.introductions import State
from knowledge.keeping import Who
from knowledge.records import UNDER_WAY, Role
from knowledge.reply import Answer, Column, OrganisationReading, PlaceReading, Query, Span, Table, ThemeReading
from knowledge.store import models as m
from knowledge.vocabulary import status_label, theme_label
from knowledge.watches import IN_CHAT, IN_CONVERSATION, Event, KeptWatch, News, Watch

LATELY = 7
"""Days that are meant where nobody said since when; the words say so."""

_ROWS = 6
_TITLE = 90
_NAMES = 2
_SOURCES_NAMED = 3
_HITS_OF_A_WATCH = 3


def what_changed(session: Session, who: Who, query: Query, words: Words, today: date) -> Answer:
    """What is new, ended, changed or withdrawn of what `query` names, in its period: by code, with the latest records.

    `records` of the answer are those of the rows, in their order. Visitors may ask too.
    """
    frame = Frame(session, query, who.audience, words, today)
    since = query.period.start or today - timedelta(days=LATELY)
    until = query.period.end + timedelta(days=1) if query.period.end and query.period.end < today else None
    facets = Facets(
        places=tuple(place.id for place in query.places),
        themes=tuple(theme.id for theme in query.themes),
        organisations=tuple(organisation.id for organisation in query.organisations),
        kinds=TOLD,
    )
    found = watches.changes(session, who, since, facets=facets, until=until, today=today, limit=_ROWS)
    if not query.period.start:
        frame.say(words("lately"))
    about = in_words(words, query)
    span = words("in_span", start=words.date(since), end=words.date(query.period.end if until else today))
    if not found.total:
        frame.say(
            words("nothing_changed_about", about=about, span=span) if about else words("nothing_changed", span=span)
        )
        frame.say(words("changes_meaning"))
        return frame.done(found=False)
    listed = words.listed(_counts(words, found))
    said = words("changed_about", about=about, span=span, list=listed) if about else ""
    return _told(frame, found, said or words("changed_in", span=span, list=listed))


def news(session: Session, audience: Audience, told: News, words: Words, today: date) -> Answer:
    """What an alert found, told unasked; `told.found` holds something."""
    about = reading(session, told.watch)
    frame = Frame(session, about, audience, words, today)
    span = words("in_span", start=words.date(told.found.since.date()), end=words.date(today))
    alert = words("alert_news", organisation=told.by, about=in_words(words, about))
    return _told(
        frame, told.found, alert, words("changed_in", span=span, list=words.listed(_counts(words, told.found)))
    )


def _told(frame: Frame, found: Changes, *said: str) -> Answer:
    """What changed in short, as `said`, then the latest records of each group."""
    words = frame.words
    cites = frame.ledger.sources(_hits(found))
    frame.say(*said, cites=cites)
    if found.first_read:
        titles = phrases.shortened(words, [title for title, _ in found.first_read], _SOURCES_NAMED, "; ")
        frame.say(
            words("changes_first_read", n=sum(number for _, number in found.first_read), list=titles), cites=cites
        )
    for caption, group in (
        (words("table_new"), found.new),
        (words("table_ended"), found.ended),
        (words("table_changed"), found.changed),
        (words("table_withdrawn"), found.withdrawn),
    ):
        if group.changes:
            frame.parts.append(_table(frame, caption, group))
    frame.say(words("changes_meaning"), cites=cites)
    hits = list(_hits(found))
    frame.offer(*(words("send_describe", id=hit.id) for hit in hits[:2]))
    return frame.done(hits)


def list_watches(session: Session, who: Who, query: Query, words: Words, today: date) -> Answer:
    """The organisation's alerts in the order of `watches.list_`, each with what it found since its maker's last look,
    and the requests for an introduction that wait for the organisation.

    `watches.looked` notes the look itself. Raises NotAMember.
    """
    frame = Frame(session, query, who.audience, words, today)
    kept = watches.list_(session, who, today=today, limit=_HITS_OF_A_WATCH)
    if kept:
        frame.say(words("watches_listed", n=len(kept), organisation=who.name))
        titles = (words("column_watched"), words("column_watched_for"), words("column_told"), words("column_found"))
        rows = [_watch_row(frame, one) for one in kept]
        columns = [Column(title=title) for title in titles]
        frame.parts.append(Table(caption=words("table_watches"), columns=columns, rows=rows))
        frame.say(words("watches_tell_here"))
    else:
        frame.say(words("watches_none", organisation=who.name))
    for one in introductions.list_(session, who):
        if not one.ours and one.state is State.ASKED:
            frame.note(words("introduction_waits", other=one.other, about=one.about, id=one.id))
    frame.offer(*(question for one in kept if one.found.total and (question := _since_look(frame, one))))
    answer = frame.done([hit for one in kept for hit in _hits(one.found)])
    # Nothing was searched for: how well an area is covered is told with what changed in it.
    answer.coverage.state = "not_asked"
    return answer


def reading(session: Session, watch: Watch) -> Query:
    """What a watch is about, as a question that was understood."""
    places = [row for ident in watch.places if (row := session.get(m.PlaceRow, ident)) is not None]
    organisations = [one for ident in watch.organisations if (one := session.get(m.OrganisationRow, ident)) is not None]
    return Query(
        intent="what_changed",
        places=[_place(session, row) for row in places],
        themes=[ThemeReading(id=theme, name=theme_label(theme)) for theme in watch.themes],
        organisations=[OrganisationReading(id=one.id, name=one.name, kind=one.kind) for one in organisations],
    )


def _place(session: Session, row: m.PlaceRow) -> PlaceReading:
    above = [session.get(m.PlaceRow, step) for step in reversed(row.path.strip("|").split("|")[:-1])]
    within = [place.name for place in above if place is not None]
    return PlaceReading(id=row.id, name=row.name, country=row.country, level=max(row.level, 0), within=within)


def in_words(words: Words, query: Query) -> str:
    """What is asked about, as a list: "water, Turkana (Kenya), Oxfam"."""
    names = ", ".join(organisation.name for organisation in query.organisations)
    return ", ".join(filter(None, (phrases.themes(words, query), phrases.places(words, query.places), names)))


def _hits(found: Changes) -> Iterable[Hit]:
    for group in (found.new, found.ended, found.changed, found.withdrawn):
        yield from (change.hit for change in group.changes)


def _counts(words: Words, found: Changes) -> list[str]:
    """ "3 new records", "one that ended" ...: the groups that are not empty."""
    return [
        *([words("n_new", n=found.new.total)] if found.new.total else []),
        *([words("n_ended", n=found.ended.total)] if found.ended.total else []),
        *([words("n_changed", n=found.changed.total)] if found.changed.total else []),
        *([words("n_withdrawn", n=found.withdrawn.total)] if found.withdrawn.total else []),
    ]


def _table(frame: Frame, caption: str, group: Group) -> Table:
    words = frame.words
    told = any(change.fields for change in group.changes)
    titles = [words("column_organisation"), words("column_what"), words("column_where"), words("column_when")]
    titles += [words("column_change")] if told else []
    if group.total > len(group.changes):
        caption = words("table_latest", title=caption, shown=len(group.changes), total=group.total)
    return Table(
        caption=caption,
        columns=[Column(title=title) for title in titles],
        rows=[_row(frame, change, told) for change in group.changes],
    )


def _row(frame: Frame, change: Change, told: bool) -> list[list[Span]]:
    hit, words = change.hit, frame.words
    cite = [frame.ledger.record(hit)]
    places = list(dict.fromkeys(place.name for place in hit.places))
    stands = phrases.standing(words, hit, hit.standing(frame.today)) if hit.kind in UNDER_WAY else ""
    reported = words("reported_on", date=words.date(hit.reported_on)) if hit.reported_on else ""
    foreign = hit.language if hit.language != words.language else ""
    cells = [
        [Span(text=_organisations(words, hit), strong=True)],
        [Span(text=phrases.cut(hit.title, _TITLE), lang=foreign, cites=cite)],
        [Span(text=phrases.shortened(words, places, _NAMES) if places else words("no_place_named"))],
        [Span(text="; ".join(filter(None, (stands, reported))), cites=cite)],
    ]
    if told:
        cells.append(_fields(words, change.fields, foreign, cite))
    return cells


def _organisations(words: Words, hit: Hit) -> str:
    """Those who do the work; where none is named, the publisher."""
    names = [one.written for one in hit.organisations if one.role is Role.IMPLEMENTING]
    return phrases.shortened(words, list(dict.fromkeys(names)) or [hit.publisher], _NAMES)


def _fields(words: Words, fields: Sequence[FieldChange], foreign: str, cite: list[int]) -> list[Span]:
    """ "end: 31 Dec 2026 → 30 Jun 2027; places", with words of the source in their own language."""
    spans: list[Span] = []
    for number, change in enumerate(fields):
        name = words(f"changed_{change.field}")
        lead = f"{'; ' if number else ''}{name}"
        if change.before is None or change.after is None:
            spans.append(Span(text=lead))
            continue
        lang = foreign if change.field == "title" else ""
        spans += [
            Span(text=f"{lead}: "),
            Span(text=_value(words, change.field, change.before), lang=lang),
            Span(text=" → "),
            Span(text=_value(words, change.field, change.after), lang=lang),
        ]
    if spans:
        spans[-1].cites = cite
    return spans


def _value(words: Words, field: str, value: str) -> str:
    if not value:
        return words("change_nothing")
    if field in ("start", "end"):
        return words.date(date.fromisoformat(value[:10]))
    return status_label(value, words.language) if field == "status" else phrases.cut(value, _TITLE)


def _watch_row(frame: Frame, kept: KeptWatch) -> list[list[Span]]:
    words = frame.words
    named = {
        Event.NEW: words("watched_new"),
        Event.ENDED: words("watched_ended"),
        Event.CHANGED: words("watched_changed"),
    }
    channel, named_channel = kept.watch.channel, {IN_CONVERSATION: words("told_here"), IN_CHAT: words("told_in_chat")}
    counts = _counts(words, kept.found)
    cites = frame.ledger.sources(_hits(kept.found)) if counts else []
    span = words("in_span", start=words.date(kept.looked_at.date()), end=words.date(frame.today))
    found = words("found_in", span=span, list=words.listed(counts)) if counts else words("found_nothing", span=span)
    return [
        [Span(text=in_words(words, reading(frame.session, kept.watch)), strong=True)],
        [Span(text=words.listed(named[event] for event in Event if event in kept.watch.events))],
        [Span(text=named_channel.get(channel, channel))],
        [Span(text=found, cites=cites)],
    ]


def _since_look(frame: Frame, kept: KeptWatch) -> str:
    """The question that shows what an alert found, as a person could have typed it."""
    words, query = frame.words, reading(frame.session, kept.watch)
    places = [f"{phrases.place(words, place)} [{place.id}]" for place in query.places]
    themes = [phrases.in_sentence(phrases.theme_name(words, theme.id)) for theme in query.themes]
    about = ", ".join([*themes, *places, *(organisation.name for organisation in query.organisations)])
    return words("send_changed", about=about, date=kept.looked_at.date().isoformat()) if about else ""
