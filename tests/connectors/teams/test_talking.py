"""Teams' requests over HTTP, through the SDK, into the conversation, and the answers on their way back."""

from __future__ import annotations

from tests.connectors.slack.served import eventually
from tests.connectors.teams.fake_teams import FakeTeams, shown
from tests.connectors.teams.served import CHANNEL, GROUP, Side


def test_a_direct_message_is_answered_there(side: Side, teams: FakeTeams) -> None:
    assert side.send(side.direct("who does water?")).status_code == 200
    (said,) = eventually(lambda: teams.said("a:29:one"))
    assert "You asked: who does water?" in shown(said)
    assert teams.refused == []
    assert said["from"]["id"].endswith(teams.settings["teams_app_id"])


def test_a_mention_is_answered_in_its_thread_without_our_name(side: Side, teams: FakeTeams) -> None:
    asked = side.mention("who does water?")
    assert side.send(asked).status_code == 200
    (said,) = eventually(lambda: teams.said(asked["conversation"]["id"]))
    assert "You asked: who does water? [1]" in shown(said)


def test_a_thread_goes_on_without_a_mention_and_others_are_left_alone(side: Side, teams: FakeTeams) -> None:
    first = side.mention("first")
    side.send(first)
    thread = first["conversation"]["id"]
    eventually(lambda: teams.said(thread))
    side.send(side.said("and in Kenya?", "29:two", thread=first["id"]))
    side.send(side.said("elsewhere", "29:two"))
    side.send(side.said("not for us", "29:two", GROUP))
    side.send(side.mention("in the group", "29:two", GROUP))
    eventually(lambda: len(teams.said(thread)) == 2 and teams.said(GROUP))
    asked = {one.text: one.conversation for one in side.stub.asked}
    assert sorted(asked) == ["and in Kenya?", "first", "in the group"]
    assert asked["first"] == asked["and in Kenya?"] != asked["in the group"]


def test_what_comes_twice_is_answered_once(side: Side, teams: FakeTeams) -> None:
    asked = side.direct("once")
    for _ in range(4):
        assert side.send(asked).status_code == 200
    side.send(side.direct("last", "29:two"))
    eventually(lambda: teams.said("a:29:two"))
    assert [one.text for one in side.stub.asked] == ["once", "last"]
    assert len(teams.said("a:29:one")) == 1


def test_the_same_id_in_another_conversation_is_another_message(side: Side, teams: FakeTeams) -> None:
    side.send(side.direct("one", id="1"))
    side.send(side.direct("other", "29:two", id="1"))
    eventually(lambda: teams.said("a:29:one") and teams.said("a:29:two"))


def test_we_do_not_answer_ourselves_or_other_bots(side: Side, teams: FakeTeams) -> None:
    ours = side.direct("ours")
    ours["from"]["id"] = ours["recipient"]["id"]
    other = side.direct("a bot's")
    other["from"]["role"] = "bot"
    side.send(ours)
    side.send(other)
    side.send(side.direct("last"))
    eventually(lambda: teams.said("a:29:one"))
    assert [one.text for one in side.stub.asked] == ["last"]


def test_whoever_adds_us_is_greeted_once(side: Side, teams: FakeTeams) -> None:
    added = side.direct()
    added |= {"type": "conversationUpdate", "membersAdded": [{"id": added["recipient"]["id"]}, {"id": "29:one"}]}
    del added["text"]
    for _ in range(2):
        assert side.send(added).status_code == 200
    side.send(added | {"id": "99", "membersAdded": [{"id": "29:two"}]})
    side.send(side.direct("last"))
    eventually(lambda: len(teams.said("a:29:one")) == 2)
    assert [one.text for one in side.stub.asked] == ["help", "last"]


def test_names_of_others_stay_and_marks_become_what_they_mean(side: Side, teams: FakeTeams) -> None:
    asked = side.mention("who&nbsp;works with <at>Ana</at> on R&amp;D?")
    asked["entities"].append({"type": "mention", "text": "<at>Ana</at>", "mentioned": {"id": "29:ana", "name": "Ana"}})
    side.send(asked)
    eventually(lambda: side.stub.asked)
    assert side.stub.asked[0].text == "who works with Ana on R&D?"


def test_a_channel_keeps_its_threads_apart(side: Side, teams: FakeTeams) -> None:
    one, other = side.mention("one"), side.mention("other")
    side.send(one)
    side.send(other)
    eventually(lambda: len(side.stub.asked) == 2)
    assert side.stub.asked[0].conversation != side.stub.asked[1].conversation
    assert all(place.startswith(CHANNEL) for place in teams.messages)
