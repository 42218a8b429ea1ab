"""Many workspaces that install the app themselves, and one workspace reached through a socket."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from knowledge.settings import Settings
from tests.connectors.slack.fake_slack import FakeSlack, shown
from tests.connectors.slack.served import BASE, Side, direct, envelope, eventually, served, slack_settings


def many(home: Path, slack: FakeSlack) -> Settings:
    return slack_settings(
        home, slack, slack_bot_token="", slack_client_id="1.2", slack_client_secret="open-sesame-client"
    )


def begin(side: Side) -> tuple[str, str]:
    """The state of an installation that was begun, and the cookie that goes with it."""
    response = side.client.get(f"{side.url}/slack/install", follow_redirects=False)
    assert response.status_code == 302
    address = urlsplit(response.headers["location"])
    assert (address.scheme, address.netloc, address.path) == ("https", "slack.com", "/oauth/v2/authorize")
    asked = parse_qs(address.query)
    assert asked["redirect_uri"] == [f"{BASE}/slack/oauth_redirect"]
    assert "user_scope" not in asked or asked["user_scope"] == [""]
    return asked["state"][0], response.headers["set-cookie"].partition(";")[0]


def come_back(side: Side, cookie: str, **query: str) -> httpx.Response:
    return side.client.get(f"{side.url}/slack/oauth_redirect", params=query, headers={"cookie": cookie})


def install(side: Side, slack: FakeSlack, team: str, token: str) -> httpx.Response:
    slack.codes["a-code"] = {
        "access_token": token, "token_type": "bot", "scope": "chat:write", "bot_user_id": f"UBOT{team}", "app_id": "A1",
        "team": {"id": team, "name": team}, "enterprise": None, "authed_user": {"id": "U1"},
        "is_enterprise_install": False,
    }  # fmt: skip
    slack.tokens[token] = {"team_id": team, "user_id": f"UBOT{team}", "bot_id": "B1"}
    state, cookie = begin(side)
    return come_back(side, cookie, code="a-code", state=state)


def test_workspaces_install_the_app_are_answered_with_their_own_token_and_leave(
    slack: FakeSlack, tmp_path: Path, caplog: Any
) -> None:
    with caplog.at_level(logging.DEBUG), served(many(tmp_path / "home", slack)) as side:
        assert install(side, slack, "TONE", "xoxb-open-sesame-one").status_code == 200
        assert install(side, slack, "TTWO", "xoxb-open-sesame-two").status_code == 200
        for team in ("TONE", "TTWO", "TNONE"):
            side.event(direct("hello", channel=f"D{team}"), team_id=team)
        eventually(lambda: slack.said("DTONE") and slack.said("DTTWO"))
        assert slack.said("DTNONE") == []
        side.event({"type": "app_uninstalled"}, team_id="TONE")
        side.event(direct("again", channel="DTONE"), team_id="TONE")
        side.event(direct("again", channel="DTTWO"), team_id="TTWO")
        eventually(lambda: len(slack.said("DTTWO")) == 2)
        assert len(slack.said("DTONE")) == 1
        written = b"".join(file.read_bytes() for file in (tmp_path / "home").glob("channels*"))
    assert b"open-sesame" not in written
    assert "open-sesame" not in caplog.text


def test_tokens_are_still_there_after_a_restart(slack: FakeSlack, tmp_path: Path) -> None:
    with served(many(tmp_path / "home", slack)) as side:
        install(side, slack, "TONE", "xoxb-open-sesame-one")
    with served(many(tmp_path / "home", slack)) as side:
        side.event(direct("hello"), team_id="TONE")
        eventually(lambda: slack.said("D1"))


def test_an_installation_that_was_not_begun_here_is_refused(slack: FakeSlack, tmp_path: Path) -> None:
    with served(many(tmp_path / "home", slack)) as side:
        assert install(side, slack, "TONE", "xoxb-one").status_code == 200
        state, cookie = begin(side)
        slack.codes["b-code"] = {"access_token": "xoxb-two", "team": {"id": "TTWO"}}
        slack.tokens["xoxb-two"] = {"team_id": "TTWO", "user_id": "UBOTTTWO"}
        wrong = {
            "another state": come_back(side, cookie, code="b-code", state="made-up"),
            "no cookie": come_back(side, "x=1", code="b-code", state=state),
            "no state": come_back(side, cookie, code="b-code"),
            "refused by the person": come_back(side, cookie, error="access_denied", state=state),
        }
        assert all(response.status_code in (200, 400, 401) for response in wrong.values())
        assert "b-code" in slack.codes, "no code was used"
        assert come_back(side, cookie, code="b-code", state=state).status_code == 200
        assert come_back(side, cookie, code="b-code", state=state).status_code == 401, "a state is good once"


@pytest.mark.parametrize("failure", ["invalid_code", "500", "cut", "429"])
def test_an_installation_that_slack_does_not_finish_is_said_to_have_failed(
    slack: FakeSlack, tmp_path: Path, failure: str
) -> None:
    with served(many(tmp_path / "home", slack)) as side:
        state, cookie = begin(side)
        slack.failures["oauth.v2.access"] = [failure]
        assert 400 <= come_back(side, cookie, code="x-code", state=state).status_code < 500
        for query in ({"code": "x" * 5000, "state": "\x00"}, {"state": state}, {"error": "<script>"}, {}):
            answered = come_back(side, cookie, **query)
            assert answered.status_code < 500
            assert "<script>" not in answered.text


def test_a_socket_brings_events_and_each_is_acknowledged_when_it_is_on_disk(slack: FakeSlack, tmp_path: Path) -> None:
    settings = slack_settings(tmp_path / "home", slack, slack_signing_secret="", slack_app_token="xapp-a-token")
    with served(settings) as side:
        eventually(lambda: slack.connected)
        assert side.event(direct()).status_code == 404, "no address for requests"
        event = envelope(direct("through the socket"))
        for n in range(3):
            slack.push(
                {"envelope_id": f"e{n}", "type": "events_api", "payload": event, "accepts_response_payload": False}
            )
        command = {
            "command": "/commonground", "text": "private", "team_id": "T0TEAM001", "user_id": "U1", "channel_id": "C1",
            "trigger_id": "1.1", "response_url": slack.response_url,
        }  # fmt: skip
        slack.push(
            {"envelope_id": "e9", "type": "slash_commands", "payload": command, "accepts_response_payload": True}
        )
        eventually(lambda: slack.said("D1") and slack.responses)
        eventually(lambda: {one.get("envelope_id") for one in slack.acknowledged} == {"e0", "e1", "e2", "e9"})
        assert len(slack.said("D1")) == 1
        assert "through the socket" in shown(slack.said("D1")[0]["blocks"])


@pytest.mark.parametrize("team", ["TONE"])
def test_a_token_that_slack_withdrew_fails_quietly(slack: FakeSlack, tmp_path: Path, team: str) -> None:
    with served(many(tmp_path / "home", slack)) as side:
        install(side, slack, team, "xoxb-one")
        slack.tokens.clear()
        assert side.event(direct("hello"), team_id=team).status_code == 200
        eventually(lambda: slack.count("chat.postMessage"))
    assert slack.said("D1") == []
