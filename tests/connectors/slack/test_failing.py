"""When Rasa, the conversation or Slack itself fails: an answer or a reason, once, and nothing private in a log."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from connectors.channels import inbox
from connectors.conversation import TurnError
from connectors.messages import IncomingMessage
from knowledge.reply import Answer
from tests.connectors.slack.fake_slack import FakeSlack, shown
from tests.connectors.slack.served import (
    Side,
    answer,
    buttons,
    direct,
    echo,
    eventually,
    mention,
    press,
    served,
    slack_settings,
)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TurnError(503, "Not ready", "x"), "redémarre"),
        (TurnError(504, "Too slow", "x"), "trop long"),
        (TurnError(502, "No answer", "x"), "erreur"),
        (RuntimeError("a private question"), "erreur"),
    ],
)
def test_whatever_fails_the_person_is_told_in_their_language(
    slack: FakeSlack, tmp_path: Path, error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def turn(_: IncomingMessage) -> Answer:
        raise error

    with caplog.at_level(logging.DEBUG, "connectors"), served(slack_settings(tmp_path / "home", slack), turn) as side:
        side.event(direct("qui travaille sur la nutrition dans cette région ?"))
        (told,) = eventually(lambda: slack.said("D1"))
    assert "Attention" in shown(told["blocks"])
    assert said in shown(told["blocks"])
    assert not any(block["type"] == "context_actions" for block in told["blocks"]), "nothing to judge"
    assert "private question" not in caplog.text
    assert "nutrition" not in caplog.text


def test_a_long_wait_is_shown_and_becomes_the_answer(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(1.2)
        return await echo(message)

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        side.event(mention("slow"))
        (waiting,) = eventually(lambda: slack.said("C1"), 1.1)
        assert waiting["text"] == "Looking through the records …"
        (done,) = eventually(lambda: [one for one in slack.said("C1") if one.get("blocks")])
        assert "You asked: slow" in shown(done["blocks"])
        assert len(slack.said("C1")) == 1


THREAD = "1763800000.000001"


async def slow(message: IncomingMessage) -> Answer:
    await asyncio.sleep(1.2)
    return await echo(message)


def test_in_a_thread_of_direct_messages_an_answer_is_streamed(slack: FakeSlack, tmp_path: Path) -> None:
    with served(slack_settings(tmp_path / "home", slack), slow) as side:
        side.event(direct("slow", thread_ts=THREAD))
        (begun,) = eventually(lambda: slack.said("D1"), 1.1)
        assert [(task["title"], task["status"]) for task in begun["tasks"]] == [
            ("Looking through the records …", "in_progress")
        ]
        (done,) = eventually(lambda: [one for one in slack.said("D1") if one.get("blocks")])
        assert (done["streams"], [task["status"] for task in done["tasks"]]) == (False, ["complete"])
        assert "You asked: slow" in shown(done["blocks"])
        assert len(slack.said("D1")) == 1
        assert slack.count("assistant.threads.setStatus") == slack.count("chat.update") == 0


def test_where_slack_streams_nothing_its_status_says_what_is_under_way(slack: FakeSlack, tmp_path: Path) -> None:
    slack.failures["chat.startStream"] = ["not_allowed"]
    with served(slack_settings(tmp_path / "home", slack), slow) as side:
        side.event(direct("slow", thread_ts=THREAD))
        (done,) = eventually(lambda: slack.said("D1"))
        assert "You asked: slow" in shown(done["blocks"])
        assert slack.count("assistant.threads.setStatus") == 1


@pytest.mark.parametrize("failure", ["expired", "cut", "lost", "429", "500", "invalid_blocks"])
def test_a_stream_that_cannot_be_ended_as_meant_still_becomes_the_answer_once(
    slack: FakeSlack, tmp_path: Path, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))

    async def turn(message: IncomingMessage) -> Answer:
        said = await slow(message)
        if failure == "expired":
            for one in slack.messages["D1"]:
                one["streams"] = False
        return said

    slack.failures["chat.stopStream"] = [] if failure == "expired" else [failure]
    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        side.event(direct("slow", thread_ts=THREAD))
        (done,) = eventually(lambda: [one for one in slack.said("D1") if one.get("blocks")])
        assert "You asked: slow" in shown(done["blocks"])
        assert len(slack.said("D1")) == 1


@pytest.mark.parametrize("failure", ["429", "cut", "lost", "500"])
def test_an_answer_arrives_once_however_its_sending_fails(
    slack: FakeSlack, side: Side, failure: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    slack.failures["chat.postMessage"] = [failure]
    side.event(mention("first"))
    side.event(direct("second"))
    eventually(lambda: slack.said("C1") and slack.said("D1"), 15)
    assert len(slack.said("C1")) == 1
    assert len(slack.said("D1")) == 1


def test_blocks_that_slack_does_not_take_still_leave_words(slack: FakeSlack, side: Side) -> None:
    slack.failures["chat.postMessage"] = ["invalid_blocks"]
    side.event(mention("first"))
    (said,) = eventually(lambda: slack.said("C1"))
    assert "You asked: first" in said["text"]


def test_a_message_that_was_removed_meanwhile_is_written_anew(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(1)
        slack.messages["C1"].clear()
        return await echo(message)

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        side.event(mention("first"))
        eventually(lambda: any(one.get("blocks") for one in slack.said("C1")))


def test_a_private_answer_that_was_cut_off_is_not_sent_twice_but_can_be_had(
    slack: FakeSlack, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    slack.failures["respond"] = ["500", "500"]
    side.form(
        {
            "command": "/commonground", "text": "one", "team_id": "T0TEAM001", "user_id": "U1", "channel_id": "C1",
            "trigger_id": "9.9", "response_url": slack.response_url,
        }
    )  # fmt: skip
    (told,) = eventually(lambda: slack.responses)
    assert "interrupted" in shown(told["blocks"])
    (show,) = buttons(told).values()
    side.payload(press(slack, show, private=True))
    eventually(lambda: len(slack.responses) == 2)
    assert "You asked: one" in shown(slack.responses[1]["blocks"])
    assert len(side.stub.asked) == 1


def test_an_answer_that_slack_cannot_look_for_is_told_of_in_its_place(
    slack: FakeSlack, side: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAUSES", (0.05, 0.05, 0.05))
    slack.failures["chat.postMessage"] = ["lost"]
    slack.failures["conversations.replies"] = ["missing_scope"]
    side.event(mention("first"))
    (told,) = eventually(lambda: slack.said("C1"))
    assert "interrupted" in shown(told["blocks"])
    (show,) = buttons(told).values()
    side.payload(press(slack, show, thread=told["thread_ts"]))
    eventually(lambda: len(slack.said("C1")) == 2)
    assert "You asked: first" in shown(slack.said("C1")[1]["blocks"])


def test_no_other_address_is_ever_answered_to(slack: FakeSlack, side: Side) -> None:
    for address in (
        "https://elsewhere.example/hook",
        "http://127.0.0.1:1/respond",
        "https://slack.com.evil.example/x",
        "x",
    ):
        side.form(
            {
                "command": "/commonground", "text": "one", "team_id": "T0TEAM001", "user_id": "U1", "channel_id": "C1",
                "trigger_id": address, "response_url": address,
            }
        )  # fmt: skip
    side.event(direct("last"))
    eventually(lambda: slack.said("D1"))
    assert slack.responses == []


def test_who_asks_too_much_is_told_so_once(slack: FakeSlack, tmp_path: Path) -> None:
    with served(slack_settings(tmp_path / "home", slack, turns_per_minute=2)) as side:
        for _ in range(5):
            side.event(direct("again"))
        eventually(lambda: len(slack.said("D1")) == 3)
        side.event(direct("another person", user="U2", channel="D2"))
        eventually(lambda: slack.said("D2"))
        assert len(slack.said("D1")) == 3
        assert sum("That was a lot" in shown(one["blocks"]) for one in slack.said("D1")) == 1


def test_answers_of_one_thread_stand_in_the_order_of_its_questions(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(0.3 if "first" in message.text else 0)
        return answer(message.text)

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        for text in ("first", "second", "third"):
            side.event(direct(text))
        side.event(direct("elsewhere", user="U2", channel="D2"))
        eventually(lambda: len(slack.said("D1")) == 3)
        assert [shown(one["blocks"]).split()[0].removesuffix("[1]") for one in slack.said("D1")] == [
            "first",
            "second",
            "third",
        ]


def test_a_text_too_long_is_told_how_long_it_may_be(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        raise TurnError(413, "Message too long", "x")

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        side.event(direct("x" * 100))
        (told,) = eventually(lambda: slack.said("D1"))
    assert "4,000 characters" in shown(told["blocks"])
