"""What changed and the alerts, as they are answered: counted, cited, in five languages, silent on what is hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.actions import understanding
from bot.actions.capabilities import CAPABILITIES
from bot.actions.context import Request
from bot.answers import kept
from bot.words import LANGUAGES, Words
from knowledge import indexing, introductions, watches
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.answers import cited_numbers, plain
from knowledge.home import Home
from knowledge.index import Index
from knowledge.keeping import NotAMember, Who
from knowledge.records import Access, GazetteerPlace, Level, Period, Record
from knowledge.reply import Answer, PeriodReading, PlaceReading, Query, Table
from knowledge.store import models as m
from knowledge.store.sql import utc_now
from knowledge.watches import Event, Watch
from tests.homes import activity, implementer, opened, place, source, write

DAY = utc_now().date()
"""Files are read now, so the days that are asked about are counted from today."""
RUNNING = Period(planned_start=DAY - timedelta(days=300), planned_end=DAY + timedelta(days=400))
ORDINARY = Who(VISITOR, "v")
BRAMBLE = Who(member("Bramble Fund"), "p1")
CEDAR = Who(member("Cedar Trust"), "p2")
TURKANA = PlaceReading(id="KE023", name="Turkana", country="KE", level=1, within=["Kenya"])
ASKED = Query(intent="what_changed", places=[TURKANA], period=PeriodReading(start=DAY - timedelta(days=3)))


def well(record_id: str, title: str, **more: Any) -> Record:
    who = [implementer("Acme Relief"), implementer("Cedar Trust")]
    made = activity(record_id, title, who=who, where=[place("Turkana", pcode="KE023")], sectors=["14031"], **more)
    return replace(made, language="en", period=more.get("period", RUNNING))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A home in which something is new, ended, changed and withdrawn; one record is hidden."""
    with opened(tmp_path_factory.mktemp("home"), "Quiet Office") as home:
        write(home, source("places"), [GazetteerPlace("KE", 1, "KE023", "Turkana")])
        over = Period(planned_start=DAY - timedelta(days=300), planned_end=DAY - timedelta(days=2))
        first = [well("KE-1", "Wells"), well("KE-2", "Pumps"), well("KE-3", "Pipes", period=over)]
        write(home, source("a"), first)
        indexing.finish(home)
        with home.database.write() as session:
            session.execute(update(m.RecordChangeRow).values(at=utc_now() - timedelta(days=9)))
            watch = Watch(places=("KE023",), themes=("water",))
            watches.add(session, BRAMBLE, watch)
            watches.add(session, BRAMBLE, Watch(organisations=("acme-relief",), events=frozenset({Event.ENDED})))
        later = replace(RUNNING, planned_end=DAY + timedelta(days=900))
        write(
            home, source("a", sha="2"), [well("KE-1", "Deep wells", period=later), first[2], well("KE-4", "Sand dams")]
        )
        write(home, source("b", title="Register of wells"), [well("KE-5", "Boreholes")])
        write(home, source("secret", Access(Level.OWN, "cedar-trust")), [well("XX-1", "Hush")])
        indexing.finish(home)
        with home.database.write() as session:
            introductions.request(session, BRAMBLE, "cedar-trust", "Cholera in Turkana", "Two trucks.")
        yield home


def day(after: int) -> str:
    return Words("en").date(DAY + timedelta(days=after))


def changed(home: Home, who: Who, query: Query = ASKED, language: str = "en") -> Answer:
    with home.database.read() as session:
        return kept.what_changed(session, who, query, Words(language), DAY)


def listed(home: Home, who: Who, language: str = "en") -> Answer:
    with home.database.read() as session:
        return kept.list_watches(session, who, Query(intent="list_watches"), Words(language), DAY)


def tables(answer: Answer) -> dict[str, list[list[str]]]:
    return {
        part.caption: [["".join(span.text for span in cell) for cell in row] for row in part.rows]
        for part in answer.reply.parts
        if isinstance(part, Table)
    }


def test_what_changed_is_counted_shown_and_cited(home: Home) -> None:
    answer = changed(home, ORDINARY)
    said = plain(answer.reply)
    assert (
        f"On Turkana (Kenya), in my index from {day(-3)} to {day(0)}: 2 new records, 1 record that ended, "
        "1 record that changed and 1 record that its source withdrew." in said
    )
    assert "1 of the new ones came with a source that I read for the first time (Register of wells)" in said
    shown = tables(answer)
    assert {caption: [row[1] for row in rows] for caption, rows in shown.items()} == {
        "New in the index": ["Sand dams", "Boreholes"],
        "Ended": ["Pipes"],
        "Changed": ["Deep wells"],
        "Withdrawn by the source": ["Pumps"],
    }
    assert shown["Changed"][0][4] == f"title: Wells → Deep wells; end: {day(400)} → {day(900)}"
    assert [record.id for record in answer.records] == ["KE-4", "KE-5", "KE-3", "KE-1", "KE-2"]
    assert answer.coverage.state == "reported"
    rows = [row for part in answer.reply.parts if isinstance(part, Table) for row in part.rows]
    assert all(any(span.cites for cell in row for span in cell) for row in rows)
    assert cited_numbers(answer.reply.parts) == {citation.number for citation in answer.reply.citations}


def test_a_time_that_is_past_ends_where_it_ends(home: Home) -> None:
    last = replace_period(start=DAY - timedelta(days=30), end=DAY - timedelta(days=5))
    assert [record.id for record in changed(home, ORDINARY, last).records] == ["KE-1", "KE-2", "KE-3"]
    before = replace_period(start=DAY - timedelta(days=30), end=DAY - timedelta(days=20))
    answer = changed(home, ORDINARY, before)
    assert answer.records == []
    assert f"I know of no change from {day(-30)} to {day(-20)} on Turkana (Kenya)" in plain(answer.reply)
    assert answer.coverage.state == "none_reported"


def replace_period(start: date, end: date) -> Query:
    return ASKED.model_copy(update={"period": PeriodReading(start=start, end=end)})


def test_without_a_time_it_says_which_one_it_took(home: Home) -> None:
    answer = changed(home, ORDINARY, Query(intent="what_changed"))
    assert plain(answer.reply).startswith("You named no time, so I looked at the last seven days.")
    assert len(answer.records) == 5


def test_hidden_records_change_nothing_that_others_are_told(home: Home) -> None:
    assert "3 new records" in plain(changed(home, CEDAR).reply)
    for who in (ORDINARY, BRAMBLE, Who(Audience(community=True), "c")):
        answer = changed(home, who)
        assert "Hush" not in answer.model_dump_json()
        assert answer.model_dump() == changed(home, ORDINARY).model_dump()


def test_alerts_are_listed_with_what_they_found(home: Home) -> None:
    answer = listed(home, BRAMBLE)
    said = plain(answer.reply)
    assert said.startswith("Bramble Fund has 2 alerts.")
    (rows,) = tables(answer).values()
    assert rows[0][0] == "water supply, Turkana (Kenya)"
    assert rows[0][3].startswith("2 new records, 1 record that changed and 1 record that its source withdrew (from ")
    assert rows[1][:3] == ["Acme Relief", "what ends or is withdrawn", "here, when you ask"]
    assert "is told there, at most once a day" in said
    assert "asks to be introduced" not in said
    assert all(row[3][-1].cites or row[3][0].cites for row in _rows(answer))


def _rows(answer: Answer) -> list[Any]:
    return [row for part in answer.reply.parts if isinstance(part, Table) for row in part.rows]


def test_who_is_asked_for_an_introduction_is_told_with_the_alerts(home: Home) -> None:
    said = plain(listed(home, CEDAR).reply)
    assert said.startswith("Cedar Trust has no alerts.")
    assert "Bramble Fund asks to be introduced to you. Subject: Cholera in Turkana." in said
    assert "Two trucks" not in said
    with pytest.raises(NotAMember):
        listed(home, ORDINARY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_it_all(home: Home, language: str) -> None:
    for answer in (
        changed(home, ORDINARY, language=language),
        changed(home, ORDINARY, Query(intent="what_changed"), language),
        changed(home, ORDINARY, replace_period(start=date(2020, 1, 1), end=date(2020, 2, 1)), language),
        listed(home, BRAMBLE, language),
        listed(home, CEDAR, language),
    ):
        said = plain(answer.reply)
        assert answer.reply.language == language
        assert "{" not in said
        assert language == "en" or not re.search(r"\b(alerts?|records?|withdrew|no change)\b", said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_question_that_shows_what_an_alert_found_is_read_back(home: Home, language: str) -> None:
    index = Index(home)
    sends = [button.send for button in listed(home, BRAMBLE, language).reply.buttons]
    linked = [index.link(send, BRAMBLE.audience) for send in sends]
    assert [found.language for found in linked] == [language] * 2
    found = [
        {(e["type"], e["value"].get("id") or e["value"].get("start")) for e in one.as_json()["entities"]}
        for one in linked
    ]
    looked = _looked(home)
    assert found == [
        {("theme", "water"), ("place", "KE023"), ("period", looked)},
        {("organisation", "acme-relief"), ("period", looked)},
    ]


def _looked(home: Home) -> str:
    with home.database.read() as session:
        return watches.list_(session, BRAMBLE, today=DAY)[0].looked_at.date().isoformat()


def test_words_of_records_keep_their_language(home: Home) -> None:
    for row in _rows(changed(home, ORDINARY, language="fr")):
        assert [span.lang for span in row[1]] == ["en"]
    (title, *_) = [row[4] for row in _rows(changed(home, ORDINARY, language="ar")) if len(row) > 4]
    assert [span.lang for span in title[:4]] == ["", "en", "", "en"]


def test_asking_for_the_alerts_is_a_look_and_makes_a_list_to_point_at(home: Home) -> None:
    asked = request(home, BRAMBLE)
    with home.database.read() as session:
        looks = [(row.id, row.looked, row.looked_at) for row in session.scalars(select(m.WatchRow))]
        first = CAPABILITIES["action_list_watches"](session, asked)
    assert [(item.type, item.name) for item in asked.context.listed] == [
        ("watch", "water supply, Turkana (Kenya)"),
        ("watch", "Acme Relief"),
    ]
    assert "2 new records" in plain(first.reply)
    with home.database.read() as session:
        again = CAPABILITIES["action_list_watches"](session, request(home, BRAMBLE))
    assert "2 new records" not in plain(again.reply)
    with home.database.write() as session:
        for watch_id, looked, at in looks:
            session.execute(update(m.WatchRow).where(m.WatchRow.id == watch_id).values(looked=looked, looked_at=at))


def test_a_visitor_is_told_who_may_have_alerts(home: Home) -> None:
    with home.database.read() as session:
        answer = CAPABILITIES["action_list_watches"](session, request(home, ORDINARY))
    assert (answer.query.intent, answer.records) == ("list_watches", [])
    assert "visitor" in plain(answer.reply)


def test_the_rows_of_what_changed_can_be_pointed_at(home: Home) -> None:
    asked = request(home, ORDINARY, ASKED.model_copy(update={"words": "changed"}))
    with home.database.read() as session:
        answer = CAPABILITIES["action_what_changed"](session, asked)
    assert [item.id for item in asked.context.listed] == [record.id for record in answer.records]
    assert asked.context.query is not None
    assert (asked.context.query.words, answer.query.intent) == ("", "what_changed")


def request(home: Home, who: Who, query: Query | None = None) -> Request:
    query = query or Query(intent="list_watches")
    return Request(
        index=Index(home),
        audience=who.audience,
        words_of=Words("en"),
        intent=query.intent,
        message=understanding.read([]),
        person=who.person,
        query=query,
    )
