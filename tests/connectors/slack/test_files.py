"""Files on Slack: a proposal is fetched from Slack alone, read within limits and compared; pictures are uploaded."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from docx import Document

from connectors.channels.pictures import ChannelPictures
from connectors.messages import IncomingMessage
from connectors.slack.files import is_file_host
from knowledge.access import Audience
from knowledge.overlap import proposals
from knowledge.reply import Answer, Column, Picture, Span, Table
from tests.connectors.slack.fake_slack import TEAM, TOKEN, FakeSlack, shown
from tests.connectors.slack.served import Side, answer, command, direct, eventually, mention, served, slack_settings

Json = dict[str, Any]
PROPOSAL = b"Boreholes for Turkana\nWe will drill boreholes in Turkana from January 2027 to June 2028."


def file_of(slack: FakeSlack, name: str, content: Any = PROPOSAL, **more: Any) -> Json:
    slack.served[name] = content
    size = len(content) if isinstance(content, bytes) else 10
    return {"id": "F0000001", "name": name, "size": size, "url_private_download": slack.file_url(name)} | more


def answers(slack: FakeSlack, channel: str) -> list[Json]:
    """Messages that are more than a word that something is looked up."""
    return [one for one in slack.said(channel) if one.get("blocks")]


def word_file(*paragraphs: str) -> bytes:
    document = Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def sent(text: str = "", *files: Json, **more: Any) -> Json:
    return direct(text, subtype="file_share", files=list(files), **more)


def test_a_file_in_a_direct_message_is_compared_and_kept_nowhere(side: Side, slack: FakeSlack, tmp_path: Path) -> None:
    side.event(sent("", file_of(slack, "plan.docx", word_file("Boreholes for Turkana", "A secretive sentence."))))
    (said,) = eventually(lambda: answers(slack, "D1"))
    (asked,) = side.stub.asked
    assert asked.attached.splitlines() == ["Boreholes for Turkana", "A secretive sentence."]
    assert asked.text == "Does this proposal duplicate an existing project: Boreholes for Turkana"
    assert "I read the file plan.docx." in shown(said["blocks"])
    assert slack.fetches == [("plan.docx", f"Bearer {TOKEN}")]
    written = b"".join(file.read_bytes() for file in (tmp_path / "home").rglob("*") if file.is_file())
    assert b"secretive" not in written


def test_what_is_written_with_a_file_is_what_is_asked_in_a_thread_too(side: Side, slack: FakeSlack) -> None:
    plan, photo = file_of(slack, "plan.txt"), file_of(slack, "photo.png", b"x")
    event = mention("qui fait déjà cela dans cette région ?", files=[photo, plan])
    side.event(event)
    (said,) = eventually(lambda: answers(slack, "C1"))
    assert said["thread_ts"] == event["ts"]
    (asked,) = side.stub.asked
    assert (asked.text, asked.attached) == ("qui fait déjà cela dans cette région ?", PROPOSAL.decode())
    assert "J’ai lu le fichier plan.txt. Un fichier à la fois" in shown(said["blocks"])


def test_the_shortcut_compares_the_file_of_a_message_without_words(side: Side, slack: FakeSlack) -> None:
    message = {"type": "message", "ts": "1.0", "text": "", "files": [file_of(slack, "plan.txt")]}
    pressed = {
        "type": "message_action", "callback_id": "cg_does_anyone", "team": {"id": TEAM}, "trigger_id": "6.1",
        "user": {"id": "U1", "team_id": TEAM}, "channel": {"id": "C1"}, "response_url": slack.response_url,
        "message": message,
    }  # fmt: skip
    assert side.payload(pressed).status_code == 200
    eventually(lambda: slack.responses)
    assert side.stub.asked[0].attached == PROPOSAL.decode()


@pytest.mark.parametrize(
    ("name", "content", "more", "why"),
    [
        ("plan.xlsx", PROPOSAL, {}, "I do not read files like plan.xlsx"),
        ("plan", PROPOSAL, {}, "I do not read files like plan."),
        ("plan.pdf", PROPOSAL, {"size": proposals.MOST_BYTES + 1}, "plan.pdf is larger than 10 MB"),
        ("plan.txt", b"x" * (proposals.MOST_BYTES + 5), {"size": 10}, "plan.txt is larger than 10 MB"),
        ("plan.pdf", b"no PDF at all", {}, "I could not read plan.pdf"),
        ("plan.docx", b"PK\x03\x04 broken", {}, "I could not read plan.docx"),
        ("plan.txt", b" \n . ", {}, "I could not read plan.txt"),
        ("plan.pdf", (302, {"Location": "https://elsewhere.example/"}, b""), {}, "I could not get plan.pdf"),
        ("plan.pdf", (200, {"Content-Type": "text/html"}, b"<h1>Sign in</h1>"), {}, "I could not get plan.pdf"),
        ("plan.pdf", (404, {}, b""), {}, "I could not get plan.pdf"),
        ("plan.pdf", PROPOSAL, {"url_private_download": "https://elsewhere.example/x"}, "I could not get plan.pdf"),
        ("plan.pdf", PROPOSAL, {"url_private_download": "https://files.slack.com.evil.example/x"}, "I could not get"),
        ("plan.pdf", PROPOSAL, {"url_private_download": ""}, "I could not get plan.pdf"),
        ("../../etc/<!channel>\u202e.exe", PROPOSAL, {}, "I do not read files like <!channel>.exe"),
    ],
)
def test_what_is_not_read_is_refused_in_words(
    side: Side, slack: FakeSlack, name: str, content: Any, more: Json, why: str
) -> None:
    side.event(sent("please look", file_of(slack, name, content, **more)))
    (said,) = eventually(lambda: answers(slack, "D1"))
    assert why in shown(said["blocks"])
    assert "please note" in shown(said["blocks"]).casefold()
    assert side.stub.asked == []
    assert all(name == "plan.pdf" or "plan" in name for name, _ in slack.fetches)


def test_a_file_of_another_workspace_is_asked_for_by_its_id(side: Side, slack: FakeSlack) -> None:
    given = file_of(slack, "plan.txt", file_access="check_file_info")
    slack.files["F0000001"] = {"id": "F0000001", "url_private_download": slack.file_url("plan.txt")}
    side.event(sent("", given | {"url_private_download": ""}))
    eventually(lambda: answers(slack, "D1"))
    assert side.stub.asked[0].attached == PROPOSAL.decode()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://files.slack.com/files-pri/T1-F1/download/x.pdf", True),
        ("https://files.slack-gov.com/files-pri/x", True),
        ("https://slack.com/x", True),
        ("http://files.slack.com/x", False),
        ("https://files.slack.com:8443/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://evil.example#files.slack.com", False),
        ("https://files.slack.com.evil.example/x", False),
        ("https://evil.slack.com/x", False),
        ("https://[::1/x", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_the_token_goes_to_slacks_own_hosts_alone(url: str, expected: bool) -> None:
    assert is_file_host(url, "https://slack.com/api") is expected


# --- pictures

SRC = "/pictures/timeline.svg?asked=XX-1&overlap=XX-2&lang=en"
PNG = b"\x89PNG and so on"


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was drawn, for whom; the drawing itself is tested where it is done."""
    asked: list[tuple[str, str]] = []

    async def png(_: ChannelPictures, src: str, audience: Audience) -> bytes | None:
        asked.append((src, ",".join(sorted(audience.organisations))))
        return PNG

    monkeypatch.setattr(ChannelPictures, "png", png)
    return asked


async def pictured(message: IncomingMessage) -> Answer:
    found = answer(f"You asked: {message.text}")
    table = Table(caption="When", columns=[Column(title="What")], rows=[[[Span(text="Wells")]]])
    found.reply.parts += [Picture(src=SRC, alt="Bars of two initiatives <in time>"), table]
    return found


def pictures(message: Json) -> list[Json]:
    return [block for block in message["blocks"] if block["type"] == "image"]


def test_the_picture_of_an_answer_stands_in_it_with_words_and_its_table(
    slack: FakeSlack, tmp_path: Path, drawn: list[tuple[str, str]]
) -> None:
    settings = slack_settings(tmp_path / "home", slack, slack_organisations=f"{TEAM}=Delta Aid")
    with served(settings, pictured) as side:
        side.event(mention("overlaps?"))
        (said,) = eventually(lambda: answers(slack, "C1"))
    (picture,) = pictures(said)
    (file,) = slack.files.values()
    assert picture["slack_file"] == {"id": file["id"]}
    assert picture["alt_text"] == file["alt_txt"] == "Bars of two initiatives <in time>"
    assert slack.contents[file["id"]] == PNG
    assert file["channel"] == "", "seen by nobody before the message"
    assert drawn == [(SRC, "delta-aid")]
    assert "Wells" in shown(said["blocks"])
    assert slack.refused == []


@pytest.mark.parametrize(
    ("method", "failure"),
    [
        ("files.getUploadURLExternal", "missing_scope"),
        ("upload", "500"),
        ("files.completeUploadExternal", "500"),
        ("chat.postMessage", "invalid_blocks"),
    ],
)
def test_without_its_picture_the_answer_still_arrives_whole(
    slack: FakeSlack, tmp_path: Path, drawn: list[tuple[str, str]], method: str, failure: str
) -> None:
    slack.failures[method] = [failure]
    with served(slack_settings(tmp_path / "home", slack), pictured) as side:
        side.event(mention("overlaps?"))
        (said,) = eventually(lambda: answers(slack, "C1"))
    assert pictures(said) == []
    assert "You asked: overlaps?" in shown(said["blocks"])
    assert "Wells" in shown(said["blocks"])


def test_a_private_answer_has_its_table_and_no_picture(
    slack: FakeSlack, tmp_path: Path, drawn: list[tuple[str, str]]
) -> None:
    with served(slack_settings(tmp_path / "home", slack), pictured) as side:
        side.form(command(slack, "overlaps?"))
        (said,) = eventually(lambda: slack.responses)
    assert pictures(said) == []
    assert "Wells" in shown(said["blocks"])
    assert slack.files == {}


@pytest.mark.parametrize("src", ["https://elsewhere.example/pictures/timeline.svg", "/records/1", "//x/pictures/", ""])
def test_nothing_else_is_drawn(tmp_path: Path, src: str) -> None:
    from knowledge.access import PUBLIC
    from knowledge.index import Index
    from tests.asynchronous import run
    from tests.homes import opened

    with opened(tmp_path / "home") as home:
        assert run(ChannelPictures(Index(home)).png(src, PUBLIC)) is None
