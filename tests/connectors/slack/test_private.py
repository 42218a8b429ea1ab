"""Commands, shortcuts and buttons: what one person sees, shares, keeps, turns over and judges."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.messages import IncomingMessage
from knowledge.reply import Answer, BulletList, Paragraph, Reply, Span
from tests.connectors.slack.fake_slack import TEAM, FakeSlack, shown
from tests.connectors.slack.served import (
    BASE,
    Side,
    answer,
    buttons,
    command,
    direct,
    eventually,
    mention,
    press,
    served,
    slack_settings,
)

Json = dict[str, Any]


def long_answer() -> Answer:
    items = [[Span(text=f"{n} " + "word " * 60)] for n in range(80)]
    return Answer(reply=Reply(parts=[Paragraph(spans=[Span(text="All of them:")]), BulletList(items=items)]))


def test_a_command_is_answered_to_one_person_at_once_and_whole(side: Side, slack: FakeSlack) -> None:
    told = side.form(command(slack, "who does water?"))
    assert told.json() == {"response_type": "ephemeral", "text": "Looking through the records …"}
    (said,) = eventually(lambda: slack.responses)
    assert said["response_type"] == "ephemeral"
    assert "You asked: who does water?" in shown(said["blocks"])
    assert set(buttons(said)) == {"Share with everybody here", "Keep in my messages"}
    assert slack.messages == {}


def test_a_command_without_words_asks_for_help(side: Side, slack: FakeSlack) -> None:
    side.form(command(slack, " "))
    eventually(lambda: slack.responses)
    assert side.stub.asked[0].text == "help"


def test_the_shortcut_asks_whether_anyone_does_what_a_message_says(side: Side, slack: FakeSlack) -> None:
    pressed = {
        "type": "message_action", "callback_id": "cg_does_anyone", "team": {"id": TEAM},
        "user": {"id": "U1", "team_id": TEAM},
        "channel": {"id": "C1"}, "trigger_id": "5.1", "response_url": slack.response_url,
        "message": {"type": "message", "ts": "1.0", "text": "Our *latrines* in <#C9|bakool> &amp; <!channel> <@U7>"},
    }  # fmt: skip
    assert side.payload(pressed).status_code == 200
    eventually(lambda: slack.responses)
    (asked,) = side.stub.asked
    assert asked.text == "Does this proposal duplicate an existing project: Our *latrines* in #bakool &"


def test_a_long_answer_is_turned_page_by_page_by_whoever_sees_it(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(_: IncomingMessage) -> Answer:
        return long_answer()

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        event = mention()
        side.event(event)
        (first,) = eventually(lambda: slack.said("C1"))
        more = next(button for title, button in buttons(first).items() if title.startswith("Show more (2 of"))
        side.payload(press(slack, more, user="U2", thread=event["ts"]))
        first, second = eventually(lambda: slack.said("C1") if len(slack.said("C1")) > 1 else None)
        assert second["thread_ts"] == event["ts"]
        assert "0 word" in shown(first["blocks"])
        assert "0 word" not in shown(second["blocks"]).splitlines()[0].split(" 2")[0][:2]
        assert not set(shown(first["blocks"]).split("\n")) & set(shown(second["blocks"]).split("\n")) - {""}
        # The same button in a channel where the answer never was, and one of an answer that never was.
        side.payload(press(slack, more, user="U2", channel="C2"))
        (elsewhere,) = eventually(lambda: slack.said("C2"))
        assert "another conversation" in shown(elsewhere["blocks"])
        side.payload(press(slack, more | {"value": "99999:1"}, channel="C3"))
        (gone,) = eventually(lambda: slack.said("C3"))
        assert "no longer kept" in shown(gone["blocks"])
        assert slack.refused == []
        assert len(side.stub.asked) == 1


def test_a_private_answer_is_shared_and_kept(side: Side, slack: FakeSlack) -> None:
    side.form(command(slack, "who does water?"))
    (said,) = eventually(lambda: slack.responses)
    share, keep = buttons(said)["Share with everybody here"], buttons(said)["Keep in my messages"]
    side.payload(press(slack, share, private=True))
    (shared,) = eventually(lambda: slack.said("C1"))
    assert "You asked: who does water?" in shown(shared["blocks"])
    assert "Shared by a member" in shown(shared["blocks"])
    side.payload(press(slack, keep, private=True))
    (kept,) = eventually(lambda: slack.said("DU1"))
    assert "You asked: who does water?" in shown(kept["blocks"])
    # Somebody else cannot share it: for them it never was.
    side.payload(press(slack, share, private=True, user="U2"))
    eventually(lambda: len(slack.said("C1")) == 2)
    assert "another conversation" in shown(slack.said("C1")[1]["blocks"])
    assert len(side.stub.asked) == 1


def test_what_others_may_not_see_is_not_shared(slack: FakeSlack, tmp_path: Path) -> None:
    settings = slack_settings(tmp_path / "home", slack, slack_organisations=f"{TEAM}/U1=Nile Relief; {TEAM}=Delta Aid")
    with served(settings) as side:
        side.form(command(slack, "what do we plan?"))
        (said,) = eventually(lambda: slack.responses)
        side.payload(press(slack, buttons(said)["Share with everybody here"], private=True))
        (refused,) = eventually(lambda: slack.said("C1"))
        assert "not everybody here may see" in shown(refused["blocks"])
        assert "what do we plan" not in shown(refused["blocks"])


def test_a_next_question_is_asked_where_its_button_stands(slack: FakeSlack, tmp_path: Path) -> None:
    async def turn(message: IncomingMessage) -> Answer:
        return answer(f"You asked: {message.text}", buttons=("And in Kenya?",))

    with served(slack_settings(tmp_path / "home", slack), turn) as side:
        event = mention()
        side.event(event)
        (said,) = eventually(lambda: slack.said("C1"))
        side.payload(press(slack, buttons(said)["And in Kenya?"], thread=event["ts"]))
        eventually(lambda: len(slack.said("C1", event["ts"])) == 2)
        assert side.stub.asked[0].conversation == side.stub.asked[1].conversation
        side.payload(press(slack, buttons(said)["And in Kenya?"], channel=""))
        eventually(lambda: slack.said("DU1"))


def test_feedback_is_kept_with_its_reason_for_who_speaks_for_somebody(slack: FakeSlack, tmp_path: Path) -> None:
    settings = slack_settings(tmp_path / "home", slack, slack_organisations=f"{TEAM}=Delta Aid")

    async def turn(message: IncomingMessage) -> Answer:
        return answer("yes", cites=0)

    with served(settings, turn) as side:
        side.event(mention("a question"))
        (said,) = eventually(lambda: slack.said("C1"))
        (judge,) = [b["elements"][0] for b in said["blocks"] if b["type"] == "context_actions"]
        good = {"type": "feedback_buttons", "action_id": "cg_feedback", "value": judge["positive_button"]["value"]}
        assert side.payload(press(slack, good)).status_code == 200
        eventually(lambda: slack.count("chat.postEphemeral") == 1)
        side.payload(press(slack, good | {"value": judge["negative_button"]["value"]}))
        opened = eventually(lambda: next((given for name, given in slack.calls if name == "views.open"), None))
        view = opened["view"]
        state = {
            "values": {
                "kind": {"kind": {"selected_option": {"value": "outdated"}}},
                "why": {"why": {"value": "It ended"}},
            }
        }
        sent = {
            "type": "view_submission", "team": {"id": TEAM}, "user": {"id": "U1", "team_id": TEAM},
            "view": {
                "type": "modal", "callback_id": view["callback_id"], "private_metadata": view["private_metadata"],
                "state": state,
            },
        }  # fmt: skip
        assert side.payload(sent).text == ""
        eventually(lambda: slack.count("chat.postEphemeral") == 2)
    told = [given["text"] for name, given in slack.calls if name == "chat.postEphemeral"]
    assert all(text.startswith("Thank you") for text in told)
    assert kept_feedback(tmp_path / "home") == [("helpful", "", "a question"), ("outdated", "It ended", "a question")]


def kept_feedback(home: Path) -> list[tuple[str, str, str]]:
    import sqlite3

    connection = sqlite3.connect(home / "commonground.db")
    try:
        return sorted(connection.execute("SELECT kind, text, question FROM feedback"))
    finally:
        connection.close()


def test_feedback_of_a_visitor_is_refused_in_words(side: Side, slack: FakeSlack) -> None:
    side.event(mention())
    (said,) = eventually(lambda: slack.said("C1"))
    (judge,) = [b["elements"][0] for b in said["blocks"] if b["type"] == "context_actions"]
    side.payload(press(slack, {"action_id": "cg_feedback", "value": judge["positive_button"]["value"]}))
    eventually(lambda: slack.count("chat.postEphemeral") == 1)
    (told,) = [given["text"] for name, given in slack.calls if name == "chat.postEphemeral"]
    assert "speak for an organisation" in told


def test_the_home_of_the_app_says_what_can_be_asked(side: Side, slack: FakeSlack) -> None:
    side.event({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home"})
    published = eventually(lambda: next((given for name, given in slack.calls if name == "views.publish"), None))
    assert published["user_id"] == "U1"
    assert "Who is doing what, where?" in shown(published["view"]["blocks"])
    assert "You see public records" in shown(published["view"]["blocks"])


def test_links_to_records_that_are_not_there_or_not_ours_are_not_shown(side: Side, slack: FakeSlack) -> None:
    links = [
        {"url": f"{BASE}/records/XX-1"},
        {"url": "https://elsewhere.example/records/XX-1"},
        {"url": "javascript:1"},
    ]
    side.event({"type": "link_shared", "channel": "C1", "message_ts": "1.0", "links": links, "user": "U1"})
    side.event(direct("last"))
    eventually(lambda: slack.said("D1"))
    assert slack.count("chat.unfurl") == 0
