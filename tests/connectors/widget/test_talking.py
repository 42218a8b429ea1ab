"""A question from a page elsewhere, and its answer on the stream: written down first, in order, once."""

from __future__ import annotations

import asyncio
import io
import json
from pathlib import Path

import httpx
from docx import Document

from connectors.channels.forgetting import forget_answers
from connectors.messages import IncomingMessage
from knowledge.access import PUBLIC
from knowledge.reply import Answer
from tests.connectors.widget.served import Running, Visit, answer, echo, eventually, served


def text_of(event: dict[str, object]) -> str:
    return json.dumps(event["reply"], ensure_ascii=False)


def test_a_question_is_taken_and_answered_on_the_stream(visit: Visit, running: Running) -> None:
    response = visit.ask("who does water?", "question-1")
    assert (response.status_code, response.json()) == (202, {"id": "question-1", "known": False})
    (event,) = visit.events(1)
    assert (event["id"], event["question"], event["answered"]) == ("question-1", "who does water?", True)
    assert event["seen"] == event["receipt"]
    assert "You asked: who does water?" in text_of(event)
    (asked,) = running.stub.asked
    assert asked.audience == PUBLIC
    assert visit.token not in asked.conversation


def test_what_is_sent_twice_is_asked_once(visit: Visit, running: Running) -> None:
    answers = [visit.ask("once", "the-same-id").json()["known"] for _ in range(4)]
    visit.ask("last", "the-last-id")
    assert answers == [False, True, True, True]
    assert [event["question"] for event in visit.events(2)] == ["once", "last"]
    assert [message.text for message in running.stub.asked] == ["once", "last"]


def test_the_stream_goes_on_after_the_last_event_seen(visit: Visit) -> None:
    for number in range(4):
        visit.ask(f"question {number}")
    first, second, third, fourth = visit.events(4)
    again = visit.events(2, second["seen"])
    assert [event["seen"] for event in again] == [third["seen"], fourth["seen"]]
    assert first["seen"] < second["seen"] < third["seen"] < fourth["seen"]


def test_who_comes_back_is_told_what_is_under_way_and_that_it_takes_a_moment(
    tmp_path: Path, http: httpx.Client
) -> None:
    async def slow(message: IncomingMessage) -> Answer:
        await asyncio.sleep(1.2)
        return await echo(message)

    with served(tmp_path / "home", slow) as running:
        visit = Visit(running.url, http).begin()
        visit.ask("patience", "patience-1")
        events = visit.events(3, names=("waiting", "progress", "answer"))
        assert [event["event"] for event in events] == ["waiting", "progress", "answer"]
        assert {event["id"] for event in events} == {"patience-1"}


def test_questions_of_one_session_share_a_conversation_and_those_of_two_do_not(
    running: Running, http: httpx.Client
) -> None:
    one, other = Visit(running.url, http).begin(), Visit(running.url, http).begin()
    one.ask("a")
    one.ask("b")
    one.events(2)
    other.ask("c")
    other.events(1)
    first, second, third = (message.conversation for message in running.stub.asked)
    assert first == second != third
    assert [event["question"] for event in other.events(1)] == ["c"]


def test_nothing_acknowledged_is_lost_when_the_server_ends_and_begins_again(tmp_path: Path, http: httpx.Client) -> None:
    released = False

    async def held(message: IncomingMessage) -> Answer:
        if not released:
            await asyncio.sleep(60)
        return answer(f"You asked: {message.text}")

    with served(tmp_path / "home", held) as running:
        visit = Visit(running.url, http).begin()
        for number in range(3):
            assert visit.ask(f"question {number}").status_code == 202
        eventually(lambda: running.stub.asked)
        running.stop()
        released = True
        running.start()
        assert [event["question"] for event in visit.events(3)] == ["question 0", "question 1", "question 2"]
        assert "You asked: question 2" in text_of(visit.events(3)[-1])


def test_a_reason_stands_where_there_is_no_answer(tmp_path: Path, http: httpx.Client) -> None:
    async def failing(message: IncomingMessage) -> Answer:
        raise RuntimeError(message.text)

    with served(tmp_path / "home", failing) as running:
        visit = Visit(running.url, http).begin()
        visit.ask("qui travaille au Kenya ?")
        (event,) = visit.events(1)
        assert event["answered"] is False
        assert event["reply"]["language"] == "fr"
        assert "qui travaille" not in text_of(event)


def test_every_message_over_the_limit_is_told_so(tmp_path: Path, http: httpx.Client) -> None:
    with served(tmp_path / "home", turns_per_minute=2) as running:
        visit = Visit(running.url, http).begin()
        for number in range(4):
            visit.ask(f"question {number}")
        assert [event["answered"] for event in visit.events(4)] == [True, True, False, False]
        # One site's visitors do not use up what another's may ask.
        other = Visit(running.url, http, running.url).begin()
        other.ask("hello")
        assert other.events(1)[0]["answered"]


def test_a_proposal_in_a_file_is_asked_about_and_not_kept(visit: Visit, running: Running) -> None:
    document = Document()
    document.add_paragraph("Safe water for displaced families")
    document.add_paragraph("Trucking and latrines in Metekel, January to June 2027.")
    written = io.BytesIO()
    document.save(written)
    sent = {"file": ("..\\plan.docx", written.getvalue(), "application/octet-stream")}
    response = visit.post("file", files=sent, data={"id": "proposal-1", "language": "en"})
    assert response.status_code == 202, response.text
    (event,) = visit.events(1)
    assert event["question"] == "plan.docx"
    assert "Trucking" not in json.dumps(event)
    (asked,) = running.stub.asked
    assert "Trucking and latrines in Metekel" in f"{asked.text} {getattr(asked, 'attached', '')}"
    for name, content, status in (("a.exe", b"MZ", 422), ("a.pdf", b"not a PDF", 422), ("a.txt", b"  ", 422)):
        refused = visit.post("file", files={"file": (name, content)}, data={"id": "proposal-2"})
        assert refused.status_code == status, (name, refused.text)
        assert refused.json()["detail"]


def test_an_answer_that_was_forgotten_is_said_to_be_gone(visit: Visit, running: Running) -> None:
    visit.ask("who does water?")
    visit.events(1)
    forget_answers(running.home / "channels.db")
    (event,) = visit.events(1)
    assert (event["answered"], event["question"]) == (False, "")
    assert "no longer kept" in text_of(event)
    refused = visit.post("feedback", {"receipt": event["receipt"], "kind": "helpful"})
    assert refused.status_code == 404


def test_feedback_is_kept_for_the_operator_with_what_it_is_about(
    visit: Visit, running: Running, http: httpx.Client
) -> None:
    visit.ask("who does water?")
    (event,) = visit.events(1)
    for kind, text in (("helpful", ""), ("wrong", "They left in May.")):
        response = visit.post("feedback", {"receipt": event["receipt"], "kind": kind, "text": text})
        assert response.status_code == 200, response.text
        assert response.json()["text"].startswith("Thank you")
    stranger = Visit(running.url, http).begin()
    assert stranger.post("feedback", {"receipt": event["receipt"], "kind": "helpful"}).status_code == 404
    assert visit.post("feedback", {"receipt": event["receipt"], "kind": "splendid"}).status_code == 422
