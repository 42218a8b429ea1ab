"""When a part is down, slow, or asked too much, every channel says so: an answer or a reason for each message, once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.exc import OperationalError

from bot.words import Words
from connectors.conversation import TurnError
from connectors.messages import IncomingMessage
from knowledge.reply import Answer
from tests.connectors.slack.served import echo
from tests.contract.conversations import says
from tests.contract.driving import Driver
from tests.contract.product import SIDES
from tests.contract.stubbed import PER_MINUTE, Stubbed

CHANNELS = [name for name in SIDES if name != "rest"]
QUESTION = "qui travaille sur la nutrition dans cette région ?"
FR = Words("fr")


@pytest.fixture(params=CHANNELS)
def driver(request: pytest.FixtureRequest, stubbed: Stubbed) -> Driver:
    stubbed.turn = echo
    return stubbed.drivers[request.param]


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (TurnError(503, "Not ready", "x"), "channel_not_ready"),
        (TurnError(504, "Too slow", "x"), "channel_too_slow"),
        (TurnError(502, "No answer", "x"), "channel_failed"),
        (OperationalError("SELECT a private question", {}, Exception("disk I/O error")), "channel_failed"),
        (RuntimeError("the model is gone"), "channel_failed"),
    ],
    ids=["engine down", "engine slow", "engine fails", "store down", "model down"],
)
def test_whatever_is_down_the_person_is_told_in_their_language(
    driver: Driver, stubbed: Stubbed, error: Exception, key: str
) -> None:
    async def turn(_: IncomingMessage) -> Answer:
        raise error

    stubbed.turn = turn
    person = driver.person()
    told = person.say(QUESTION)
    assert not told.answered
    assert says(FR, key, told.text), told.text
    assert "private" not in told.text
    stubbed.turn = echo
    assert f"You asked: {QUESTION}" in person.say(QUESTION).text


def test_a_wait_is_shown(driver: Driver, stubbed: Stubbed) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        await asyncio.sleep(1.5)
        return await echo(message)

    stubbed.turn = turn
    heard = driver.person().say("slow")
    assert "You asked: slow" in heard.text
    assert heard.progress


def test_who_asks_too_much_is_told_so_and_others_are_answered(driver: Driver) -> None:
    person = driver.person()
    for number in range(PER_MINUTE):
        assert f"You asked: question {number}" in person.say(f"question {number}").text
    told = person.say("one more")
    assert not told.answered
    assert says(Words("en"), "channel_too_many", told.text)
    assert "You asked: hello" in driver.person().say("hello").text


def test_each_message_is_answered_in_its_own_conversation(driver: Driver, stubbed: Stubbed) -> None:
    one, other = driver.person(), driver.person()
    before = len(stubbed.asked)
    for text, person in (("first", one), ("second", other), ("third", one)):
        assert f"You asked: {text}" in person.say(text).text
    asked = stubbed.asked[before:]
    assert [message.text for message in asked] == ["first", "second", "third"]
    assert asked[0].conversation == asked[2].conversation != asked[1].conversation
    assert asked[0].person == asked[2].person != asked[1].person
