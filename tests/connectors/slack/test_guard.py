"""What is not Slack's own, fresh, small and readable is refused before anything reads it, and never with a 5xx."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.slack import guard
from tests.connectors.slack.fake_slack import FakeSlack
from tests.connectors.slack.served import Side, direct, envelope, eventually, served, slack_settings

FORM = "application/x-www-form-urlencoded"


def test_requests_that_are_not_slacks_own(side: Side, slack: FakeSlack, caplog: pytest.LogCaptureFixture) -> None:
    body = json.dumps(envelope(direct("a private question"))).encode()
    now = int(time.time())
    refused = {
        "no headers": side.client.post(f"{side.url}/slack/events", content=body),
        "no signature": side.post(body, headers={"x-slack-signature": ""}),
        "another secret": side.post(body, secret="another"),
        "garbage": side.post(body, headers={"x-slack-signature": "v0=zz"}),
        "other version": side.post(body, headers={"x-slack-signature": "v1=" + "0" * 64}),
        "latin-1": side.client.post(
            f"{side.url}/slack/events",
            content=body,
            headers=[
                (b"x-slack-request-timestamp", str(now).encode()),
                (b"x-slack-signature", "v0=é".encode("latin-1")),
            ],
        ),
        "old": side.post(body, stamp=str(now - 301)),
        "of the future": side.post(body, stamp=str(now + 302)),
        "no number": side.post(body, stamp="yesterday"),
        "negative": side.post(body, stamp="-5"),
        "infinite": side.post(body, stamp="9" * 300),
        "a digit of another script": side.client.post(
            f"{side.url}/slack/events", content=body, headers=[(b"x-slack-request-timestamp", "٣".encode())]
        ),
    }
    assert {name: response.status_code for name, response in refused.items()} == dict.fromkeys(refused, 401)
    assert side.post(b"x" * (guard.MOST_BYTES + 1)).status_code == 413
    assert side.stub.asked == []
    assert "private question" not in caplog.text


UNREADABLE = [
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b'"text"', "application/json"),
    (b'{"a": NaN}', "application/json"),
    (b"\xff\xfe", "application/json"),
    (b'{"a": "\\ud800"}', "application/json"),
    (b'{"event": 7, "type": "event_callback"}', "application/json"),
    (b'{"event": "x", "type": "event_callback"}', "application/json"),
    (b'{"event": [], "type": "event_callback"}', "application/json"),
    (b"[" * 5000 + b"]" * 5000, "application/json"),
    (b'{"a":' * 900 + b"1" + b"}" * 900, "application/json"),
    (b"payload={", FORM),
    (b"payload=%FF", FORM),
    (b"payload=[]", FORM),
    (b'payload={"type":"block_actions","actions":[]}', FORM),
    (b'payload={"type":"block_actions","actions":7}', FORM),
    (b'payload={"type":"block_actions","actions":[7]}', FORM),
    (b"&".join(b"a=1" for _ in range(500)), FORM),
    (b"nothing", FORM),
    (b"nothing", "text/plain"),
    (b"nothing", ""),
]


@pytest.mark.parametrize(("body", "kind"), UNREADABLE)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes, kind: str) -> None:
    import hashlib
    import hmac

    signed = hmac.new(b"secret", b"v0:100:" + body, hashlib.sha256).hexdigest()
    headers = {"x-slack-request-timestamp": "100", "x-slack-signature": f"v0={signed}", "content-type": kind}
    with pytest.raises(guard.Refused) as refused:
        guard.check(headers, body, "secret", now=100)
    assert refused.value.status == 400


def test_what_cannot_be_read_is_refused_over_http_as_well(side: Side, slack: FakeSlack) -> None:
    statuses = {side.post(body, kind=kind).status_code for body, kind in UNREADABLE}
    assert statuses == {400}
    deep = json.dumps(envelope(direct("x"))).encode()[:-1] + b',"deep":' + b"[" * 900 + b"]" * 900 + b"}"
    assert side.post(deep).status_code == 400
    assert side.stub.asked == []


ODD_FILES: list[Any] = [[5], [{"name": 5, "size": "x", "url_private_download": 7, "id": []}], [{}], [[]]]
ODD: list[dict[str, Any]] = [
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": "message", "files": 5}},
    *(
        {"type": "event_callback", "team_id": "T0TEAM001", "event": direct("", subtype="file_share", files=files)}
        for files in ODD_FILES
    ),
    {"type": "block_actions", "team": {"id": "T0TEAM001"}, "actions": [{"action_id": "cg_quiet", "value": 5}]},
    {
        "type": "block_actions",
        "team": {"id": "T0TEAM001"},
        "user": {"id": "U1"},
        "actions": [{"action_id": "cg_stop", "value": "x" * 5000}],
    },
    {"type": "event_callback"},
    {"type": "event_callback", "team_id": 5, "event": {}},
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": "message", "text": 5, "ts": [], "user": {}}},
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": 5}},
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": "link_shared", "links": 5}},
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": "app_home_opened"}},
    {"type": "event_callback", "team_id": "T0TEAM001", "authorizations": 5, "event": {"type": "app_mention"}},
    {"type": "event_callback", "team_id": "T0TEAM001", "event": {"type": "tokens_revoked", "tokens": 5}},
    {"type": "unheard of"},
    {"type": "view_submission", "team": {"id": "T0TEAM001"}, "user": 5, "view": {"callback_id": "cg_remark"}},
    {"type": "view_submission", "team": {"id": "T0TEAM001"}, "view": {"callback_id": "cg_remark", "state": 5}},
    {"type": "block_actions", "team": 5, "user": {}, "actions": [{"action_id": "cg_page", "value": 5}]},
    {
        "type": "block_actions",
        "team": {"id": "T0TEAM001"},
        "channel": 5,
        "container": 5,
        "actions": [{"action_id": "cg_ask"}],
    },
    {
        "type": "block_actions",
        "team": {"id": "T0TEAM001"},
        "actions": [{"action_id": "cg_feedback", "value": "good:x"}],
    },
    {"type": "message_action", "callback_id": "cg_does_anyone", "team": {"id": "T0TEAM001"}, "message": {"text": 5}},
]


def test_what_slack_would_never_write_leads_to_no_server_error(side: Side, slack: FakeSlack) -> None:
    for body in ODD:
        as_json = side.post(json.dumps(body).encode())
        as_form = side.payload(body)
        assert as_json.status_code < 500, body
        assert as_form.status_code < 500, body
    assert side.form({"command": "/commonground", "team_id": "T0TEAM001"}).status_code < 500
    assert side.form({"ssl_check": "1"}).status_code == 200
    side.event(direct("still there"))
    eventually(lambda: slack.said("D1"))


def test_the_same_request_again_is_answered_once(side: Side, slack: FakeSlack) -> None:
    body = urlencode(
        {"command": "/commonground", "text": "hello", "team_id": "T0TEAM001", "user_id": "U1", "channel_id": "C1",
         "trigger_id": "1.2.3", "response_url": slack.response_url}
    ).encode()  # fmt: skip
    stamp = str(int(time.time()))
    for _ in range(3):
        assert side.post(body, kind=FORM, stamp=stamp).status_code == 200
    side.event(direct("last"))
    eventually(lambda: slack.said("D1") and slack.responses)
    assert len(slack.responses) == 1


def test_another_workspace_gets_nothing(side: Side, slack: FakeSlack) -> None:
    eventually(lambda: slack.count("auth.test"))
    eventually(lambda: side.event(direct("foreign"), team_id="T0OTHER").status_code == 200)
    side.event(direct("own"))
    eventually(lambda: slack.said("D1"))
    assert [message.text for message in side.stub.asked][-1] == "own"


def test_slack_checks_the_address(side: Side) -> None:
    response = side.post(json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode())
    assert (response.status_code, response.json()) == (200, {"challenge": "abc"})


def test_nothing_of_slack_is_there_without_settings(slack: FakeSlack, tmp_path: Path) -> None:
    settings = slack_settings(tmp_path / "home", slack, slack_bot_token="", slack_signing_secret="")
    with served(settings) as side:
        assert side.event(direct()).status_code == 404
        assert side.client.get(f"{side.url}/slack/install").status_code == 404
    assert slack.calls == []
