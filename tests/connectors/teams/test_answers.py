"""What people do with answers: next questions, pages, thumbs, files; and none of it where it does not belong."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from connectors.messages import IncomingMessage
from knowledge.reply import Answer, BulletList, Citation, Paragraph, RecordSummary, Reply, Span
from tests.connectors.slack.served import answer, eventually
from tests.connectors.teams import fake_teams
from tests.connectors.teams.fake_teams import TENANT, FakeTeams, actions, cards, shown
from tests.connectors.teams.served import Side, served, teams_settings

PLACE = "a:29:one"
Json = dict[str, Any]


async def long(message: IncomingMessage) -> Answer:
    """An answer of several pages."""
    items = [[Span(text=f"entry {n:03d} " + "word " * 60)] for n in range(90)]
    return Answer(reply=Reply(parts=[Paragraph(spans=[Span(text=message.text)]), BulletList(items=items)]))


async def cited(message: IncomingMessage) -> Answer:
    return answer(f"You asked: {message.text}", buttons=("Show them",))


def button(message: Json, index: int = 0) -> Json:
    return actions(message)[index]


def test_a_button_asks_what_its_title_says(teams: FakeTeams, tmp_path: Path) -> None:
    with served(teams_settings(tmp_path / "home", teams), teams, cited) as side:
        asked = side.mention("first")
        side.send(asked)
        place = asked["conversation"]["id"]
        (said,) = eventually(lambda: teams.said(place))
        # Pressed in a channel: nobody has to name us for that.
        side.send(side.press(asked, said, button(said)))
        eventually(lambda: len(teams.said(place)) == 2)
        assert [one.text for one in side.stub.asked] == ["first", "Show them"]
        # Some clients send what is behind the button as it is, and no text.
        unread = side.press(asked, said, button(said)) | {"value": button(said)["data"]}
        del unread["text"]
        side.send(unread)
        eventually(lambda: len(teams.said(place)) == 3)
        assert [one.text for one in side.stub.asked] == ["first", "Show them", "Show them"]


def test_pages_are_turned_where_the_answer_stands_and_nowhere_else(teams: FakeTeams, tmp_path: Path) -> None:
    with served(teams_settings(tmp_path / "home", teams), teams, long) as side:
        asked = side.direct("a question")
        side.send(asked)
        (first,) = eventually(lambda: teams.said(PLACE))
        turn = button(first)
        side.send(side.press(asked, first, turn))
        second = eventually(lambda: teams.said(PLACE)[1:])[0]
        assert "entry 000" in shown(first)
        assert "entry 000" not in shown(second)
        assert len(side.stub.asked) == 1, "nobody thinks twice"
        elsewhere = side.direct("x", "29:two")
        side.send(side.press(elsewhere, first, turn))
        told = eventually(lambda: teams.said("a:29:two"))[0]
        assert "another conversation" in shown(told)
        gone = {"data": {"commonground": "page", "of": 999, "page": 1}}
        side.send(side.press(elsewhere, first, gone))
        eventually(lambda: len(teams.said("a:29:two")) == 2)
        assert "no longer kept" in shown(teams.said("a:29:two")[1])


def test_a_page_is_not_shown_to_who_came_later_and_may_not_see_it(teams: FakeTeams, tmp_path: Path) -> None:
    place = "19:a-group@thread.v2"
    teams.roster[place] = [fake_teams.member("29:one")]
    settings = teams_settings(tmp_path / "home", teams, teams_organisations=f"{TENANT}=Delta Aid")
    with served(settings, teams, long) as side:
        asked = side.mention("a question", place=place)
        side.send(asked)
        (first,) = eventually(lambda: teams.said(place))
        teams.roster[place].append(fake_teams.member("29:guest", role="guest"))
        joined = side.said("", place=place) | {"type": "conversationUpdate", "membersAdded": [{"id": "29:guest"}]}
        side.send(joined)
        side.send(side.press(asked, first, button(first)))
        told = eventually(lambda: teams.said(place)[1:])[0]
        assert "not everybody here may see" in shown(told)


def judgement(side: Side, asked: Json, message: Json, reaction: str, text: str = "") -> Json:
    value = {"reaction": reaction, "feedback": json.dumps({"feedbackText": text})}
    return side.invoke(
        asked, "message/submitAction", {"actionName": "feedback", "actionValue": value}, replyToId=message["id"]
    )


def test_thumbs_are_kept_with_their_words_for_who_speaks_for_somebody(teams: FakeTeams, tmp_path: Path) -> None:
    settings = teams_settings(tmp_path / "home", teams, teams_organisations=f"{TENANT}=Delta Aid")
    teams.roster[""] = [fake_teams.member("29:one")]

    async def turn(message: IncomingMessage) -> Answer:
        return answer("yes", cites=0)

    with served(settings, teams, turn) as side:
        asked = side.direct("a question")
        side.send(asked)
        (said,) = eventually(lambda: teams.said(PLACE))
        assert side.send(judgement(side, asked, said, "like")).status_code == 200
        assert side.send(judgement(side, asked, said, "dislike", "It ended")).status_code == 200
        eventually(lambda: len(teams.said(PLACE)) == 3)
        assert ["Thank you" in one["text"] for one in teams.said(PLACE)[1:]] == [True, True]
        side.send(judgement(side, asked, {"id": "of nothing"}, "like"))
        eventually(lambda: any("no longer kept" in one.get("text", "") for one in teams.said(PLACE)))
    with closing(sqlite3.connect(tmp_path / "home" / "commonground.db")) as connection:
        kept = sorted(connection.execute("SELECT kind, text, question FROM feedback"))
    assert kept == [("helpful", "", "a question"), ("wrong", "It ended", "a question")]


def test_thumbs_of_a_visitor_are_refused_in_words(side: Side, teams: FakeTeams) -> None:
    asked = side.direct("a question")
    side.send(asked)
    (said,) = eventually(lambda: teams.said(PLACE))
    side.send(judgement(side, asked, said, "dislike", "no"))
    eventually(lambda: any("only people who speak for" in one.get("text", "") for one in teams.said(PLACE)))


# --- files


def handed_in(side: Side, name: str, url: str) -> Json:
    content = {"downloadUrl": url, "uniqueId": "1", "fileType": name.rpartition(".")[2]}
    attachment = {"contentType": "application/vnd.microsoft.teams.file.download.info", "content": content, "name": name}
    return side.direct("", attachments=[attachment])


PROPOSAL = "Safe water for Bakool\nWe drill twelve wells in Bakool, Somalia, from January 2027 on."


def test_a_proposal_that_is_handed_in_is_read(side: Side, teams: FakeTeams) -> None:
    teams.files["wells.txt"] = PROPOSAL.encode()
    side.send(handed_in(side, "wells.txt", f"http://{teams.host}/files/wells.txt"))
    (said,) = eventually(lambda: teams.said(PLACE))
    (asked,) = side.stub.asked
    assert "twelve wells" in asked.attached
    assert "wells.txt" in shown(said)


@pytest.mark.parametrize(
    ("name", "url", "said"),
    [
        ("a.exe", "http://{host}/files/a.exe", "I do not read files like"),
        ("a.pdf", "http://{host}/files/a.pdf", "could not get"),
        ("a.pdf", "http://127.0.0.1:1/files/a.pdf", "could not get"),
        ("a.pdf", "https://evil.example/a.pdf", "could not get"),
        ("a.pdf", "https://sharepoint.com.evil.example/a.pdf", "could not get"),
        ("a.pdf", "file:///etc/passwd", "could not get"),
        ("broken.pdf", "http://{host}/files/broken.pdf", "could not read"),
    ],
)
def test_a_file_that_is_not_read_gets_a_reason(side: Side, teams: FakeTeams, name: str, url: str, said: str) -> None:
    teams.files["broken.pdf"] = b"no PDF"
    side.send(handed_in(side, name, url.format(host=teams.host)))
    (told,) = eventually(lambda: teams.said(PLACE))
    assert said in shown(told)
    assert side.stub.asked == []


async def with_records(message: IncomingMessage) -> Answer:
    found = [
        RecordSummary(id="XX-1", kind="activity", title="=cmd|' /C calc'!A0", publisher="P", href="/records/XX-1"),
        RecordSummary(id="XX-2", kind="activity", title="Wells", publisher="Q", href="/records/XX-2"),
    ]
    return answer("Two.", cites=0).model_copy(update={"records": found})


def consent(side: Side, asked: Json, message: Json, action: str, host: str) -> Json:
    (offer,) = message["attachments"]
    url = f"http://{host}/files/{offer['name']}"
    info = {"uploadUrl": url, "contentUrl": url, "name": offer["name"], "uniqueId": "u1", "fileType": "csv"}
    value = {"type": "fileUpload", "action": action, "context": offer["content"]["acceptContext"]}
    return side.invoke(asked, "fileConsent/invoke", value | ({"uploadInfo": info} if action == "accept" else {}))


def test_records_are_handed_over_as_a_file_to_who_wants_it(teams: FakeTeams, tmp_path: Path) -> None:
    with served(teams_settings(tmp_path / "home", teams), teams, with_records) as side:
        asked = side.direct("a question")
        side.send(asked)
        (said,) = eventually(lambda: teams.said(PLACE))
        (offer,) = [one for one in actions(said) if one["title"] == "As a file"]
        side.send(side.press(asked, said, offer))
        offered = eventually(lambda: teams.said(PLACE)[1:])[0]
        (card,) = offered["attachments"]
        assert card["contentType"] == "application/vnd.microsoft.teams.card.file.consent"
        assert side.send(consent(side, asked, offered, "decline", teams.host)).status_code == 200
        assert side.send(consent(side, asked, offered, "accept", teams.host)).status_code == 200
        info = eventually(lambda: teams.said(PLACE)[2:])[0]
        assert info["attachments"][0]["contentType"] == "application/vnd.microsoft.teams.card.file.info"
        content = teams.files["records.csv"]
        assert len(content) == card["content"]["sizeInBytes"]
        rows = list(csv.reader(content.decode("utf-8-sig").splitlines()))
        assert [row[0] for row in rows] == ["record", "XX-1", "XX-2"]
        assert rows[1][1].startswith("'="), "no formula"
        assert rows[2][-1] == "https://ground.example/records/XX-2"
        # Somebody else's answer, and storage that is not Microsoft's.
        other = side.direct("x", "29:two")
        side.send(consent(side, other, offered, "accept", teams.host))
        eventually(lambda: any("no longer kept" in one.get("text", "") for one in teams.said("a:29:two")))
        side.send(consent(side, asked, offered, "accept", "127.0.0.1:1"))
        eventually(lambda: any("could not be put" in one.get("text", "") for one in teams.said(PLACE)))
        assert len(teams.files) == 1


def test_no_file_is_offered_where_others_read_along(teams: FakeTeams, tmp_path: Path) -> None:
    with served(teams_settings(tmp_path / "home", teams), teams, with_records) as side:
        asked = side.mention("a question")
        side.send(asked)
        (said,) = eventually(lambda: teams.said(asked["conversation"]["id"]))
        assert actions(said) == []


# --- the message extension


def test_a_message_is_pointed_at_and_the_answer_is_for_one_person_alone(teams: FakeTeams, tmp_path: Path) -> None:
    settings = teams_settings(tmp_path / "home", teams, teams_organisations=f"{TENANT}=Delta Aid")
    teams.roster[""] = [fake_teams.member("29:one"), fake_teams.member("29:guest", role="guest")]
    with served(settings, teams, cited) as side:
        body = {"contentType": "html", "content": "<div>Wells in <b>Bakool</b>&nbsp;&amp; Gedo</div><p>from 2027</p>"}
        value = {
            "commandId": "doesAnyone", "commandContext": "message", "messagePayload": {"id": "1", "body": body}
        }  # fmt: skip
        response = side.send(side.invoke(side.mention(), "composeExtension/fetchTask", value))
        assert response.status_code == 200
        shown_card = response.json()["task"]["value"]["card"]
        assert fake_teams.wrong_card(shown_card["content"]) == []
        (asked,) = side.stub.asked
        assert "Wells in Bakool & Gedo" in asked.text
        assert "from 2027" in asked.text
        assert asked.audience.label == "Delta Aid"
        assert "You asked: Does this proposal" in shown({"attachments": [shown_card]})
        assert teams.messages == {}


def test_nothing_of_a_chosen_record_is_private_and_an_empty_index_says_so(side: Side) -> None:
    value = {"commandId": "searchRecords", "parameters": [{"name": "query", "value": ""}]}
    response = side.send(side.invoke(side.direct(), "composeExtension/query", value))
    assert response.status_code == 200
    assert response.json()["composeExtension"]["type"] == "message"


def test_found_records_are_cards_with_links_of_ours() -> None:
    from bot.words import Words
    from connectors.teams import extension

    results = [{"id": "XX-1/2", "title": "<at>Wells</at> *bold*", "publisher": "P & Q"}]
    found = extension.listed(results, Words("ar"), "https://ground.example")["composeExtension"]["attachments"]
    (one,) = found
    assert fake_teams.wrong_card(one["content"]) == []
    assert "https://ground.example/records/XX-1%2F2" in json.dumps(one)
    assert "<at>" not in json.dumps(one["preview"])


def test_citations_of_records_reach_teams_with_what_they_are() -> None:
    # A reply with a citation that has no title of its own.
    from connectors.channels.asking import Said
    from connectors.teams.rendering import pages

    bare = Citation(number=1, record="XX-1", title="", publisher="", file="", element="", href="/records/XX-1")
    said = Said(Answer(reply=Reply(parts=[Paragraph(spans=[Span(text="Yes", cites=[1])])], citations=[bare])), True)
    (page,) = pages(said, base="https://ground.example", receipt=1)
    assert fake_teams.wrong_message(page) == []
    assert page["entities"][0]["citation"][0]["appearance"]["name"] == "XX-1"
    assert cards(page)
