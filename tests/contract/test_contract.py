"""The same conversations on every channel, each held against what the API answers to the same words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from bot.words import LANGUAGES, Words
from tests.contract.conversations import Conversation, Going, conversations, differing, foreign, unmet
from tests.contract.driving import MEMBERS, Heard
from tests.contract.product import SIDES
from tests.contract.rest import Caller, Rest

if TYPE_CHECKING:
    from tests.contract.conftest import On

OTHERS = [name for name in SIDES if name != "rest"]
_heard: dict[tuple[str, str], list[Heard]] = {}


def through(caller: Caller, talk: Conversation, speaks: str) -> Iterator[tuple[Heard, list[str]]]:
    """Each answer of the API, and what it lacks of what is expected."""
    words = Words(talk.language)
    going = Going(caller, words)
    for turn in talk.turns:
        heard = going.take(turn)
        last = caller.last or {"query": {"intent": ""}, "reply": {"citations": []}}
        cited = {citation["record"] for citation in last["reply"]["citations"]}
        expected = turn.expected(speaks)
        yield heard, unmet(expected, heard, words, intent=last["query"]["intent"], cited=cited)


def reference(rest: Rest, talk: Conversation, speaks: str) -> list[Heard]:
    """What the API answers to the conversation; asked once in a run."""
    key = (talk.name, speaks)
    if key not in _heard:
        _heard[key] = [heard for heard, _ in through(rest.person(speaks), talk, speaks)]
    return _heard[key]


@pytest.mark.parametrize("name", conversations())
def test_the_api_answers_as_expected(on: On, name: str) -> None:
    talk = conversations()[name]
    for speaks in sorted({"", talk.speaks}):
        found = [(heard, faults) for heard, faults in through(on.rest.person(speaks), talk, speaks)]
        _heard[name, speaks] = [heard for heard, _ in found]
        assert [faults for _, faults in found] == [[] for _ in found]


@pytest.mark.parametrize("channel", OTHERS)
@pytest.mark.parametrize("name", conversations())
def test_every_channel_conveys_what_the_api_answers(on: On, channel: str, name: str) -> None:
    talk, driver = conversations()[name], on.drivers[channel]
    speaks = talk.speaks if driver.knows_members else ""
    expected = reference(on.rest, talk, speaks)
    going = Going(driver.person(speaks), Words(talk.language))
    faults = []
    for turn, wanted in zip(talk.turns, expected, strict=True):
        heard = going.take(turn)
        faults.append(differing(wanted, heard, driver, going.words) + foreign(list(heard.links), on.product.url))
    assert faults == [[] for _ in faults]


@pytest.mark.parametrize("channel", OTHERS)
def test_an_answer_is_judged(on: On, channel: str) -> None:
    """By a member it is kept with its reason, question and records; a visitor is told who may."""
    driver = on.drivers[channel]
    for speaks in ("", MEMBERS[0]) if driver.knows_members else ("",):
        before = {one["id"] for one in on.rest.feedback()}
        person = driver.person(speaks)
        person.say("Who works on WASH in Turkana?")
        assert person.rate(good=True).strip()
        assert person.rate(good=False, reason="The boreholes are dry").strip()
        kept = [one for one in on.rest.feedback() if one["id"] not in before]
        assert len(kept) == (2 if speaks or driver.hears_visitors else 0)
        if kept:
            assert {one["kind"] for one in kept} == {"helpful", "wrong"}
            assert {one["text"] for one in kept} == {"", "The boreholes are dry"}
            assert all(one["question"] == "Who works on WASH in Turkana?" and one["records"] for one in kept)


@pytest.mark.parametrize("channel", OTHERS)
def test_nothing_that_leaves_names_another_address(on: On, channel: str) -> None:
    on.drivers[channel].person().say("Which WASH projects overlap in Turkana?")
    assert foreign(on.drivers[channel].addresses(), on.product.url) == []


def test_conversations_are_sixty_in_five_languages_about_everything() -> None:
    talks = conversations().values()
    assert len(talks) == 60
    assert {talk.language for talk in talks} == set(LANGUAGES)
    assert {talk.speaks for talk in talks} == {"", *MEMBERS}
    assert all(1 <= len(talk.turns) <= 5 for talk in talks)
