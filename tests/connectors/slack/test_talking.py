"""Slack's requests over HTTP, through bolt, into the conversation, and the answers on their way back."""

from __future__ import annotations

from tests.connectors.slack.fake_slack import BOT, FakeSlack, shown
from tests.connectors.slack.served import Side, direct, eventually, mention


def test_a_mention_is_answered_in_its_thread(side: Side, slack: FakeSlack) -> None:
    event = mention("who does water?")
    assert side.event(event).status_code == 200
    (said,) = eventually(lambda: slack.said("C1"))
    assert said["thread_ts"] == event["ts"]
    assert "You asked: who does water?" in shown(said["blocks"])
    assert slack.refused == []
    assert str(said.get("unfurl_links")).lower() in ("0", "false")


def test_a_mention_and_its_message_are_one(side: Side, slack: FakeSlack) -> None:
    event = mention()
    twin = event | {"type": "message", "channel_type": "channel"}
    for one in (event, twin, event, twin):
        assert side.event(one).status_code == 200
    eventually(lambda: slack.said("C1"))
    side.event(direct("last"))
    eventually(lambda: slack.said("D1"))
    assert len(slack.said("C1")) == 1
    assert len(side.stub.asked) == 2


def test_threads_are_followed_without_a_mention_once_we_are_in_them(side: Side, slack: FakeSlack) -> None:
    root = mention("first")
    side.event(root)
    eventually(lambda: slack.said("C1"))
    follow = {"type": "message", "channel_type": "channel", "user": "U2", "channel": "C1", "thread_ts": root["ts"]}
    side.event(follow | {"text": "and in Kenya?", "ts": "1763800009.000001"})
    side.event(follow | {"text": "<@U1> what do you think?", "ts": "1763800009.000002"})
    side.event(follow | {"text": "elsewhere", "ts": "1763800009.000003", "thread_ts": "1763800001.000009"})
    side.event(follow | {"text": "I am a bot", "ts": "1763800009.000004", "bot_id": "B9"})
    side.event(follow | {"text": "edited", "ts": "1763800009.000005", "subtype": "message_changed"})
    side.event(follow | {"text": "ours", "ts": "1763800009.000006", "user": BOT})
    side.event(direct("last"))
    eventually(lambda: slack.said("D1"))
    eventually(lambda: len(slack.said("C1")) == 2)
    assert sorted(message.text for message in side.stub.asked) == ["and in Kenya?", "first", "last"]
    one, other = (m for m in side.stub.asked if m.text != "last")
    assert one.conversation == other.conversation
