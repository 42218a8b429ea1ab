"""What is not Microsoft's own, about Teams, of a tenant and a service we take is refused, and never with a 5xx."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from connectors.teams import guard
from connectors.teams.guard import is_service, tenant_of
from connectors.teams.tokens import ASKED_AGAIN, Keys, NoKeys
from tests.asynchronous import run
from tests.connectors.slack.served import eventually
from tests.connectors.teams.fake_teams import APP, ISSUER, TENANT, FakeTeams, jwk, private_key, unsigned
from tests.connectors.teams.served import Side, served, teams_settings

Json = dict[str, Any]


def signed_with_the_public_key(teams: FakeTeams) -> str:
    """HS256, with what everybody may read as its secret."""
    public = private_key().public_key()
    secret = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    claims = {"iss": ISSUER, "aud": APP, "exp": int(time.time()) + 600, "serviceurl": teams.service}

    def part(value: Json) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    whole = part({"alg": "HS256", "typ": "JWT", "kid": "first"}) + b"." + part(claims)
    signature = base64.urlsafe_b64encode(hmac.new(secret, whole, hashlib.sha256).digest()).rstrip(b"=")
    return (whole + b"." + signature).decode()


def test_no_token_but_microsofts_own_is_taken(side: Side, teams: FakeTeams, caplog: pytest.LogCaptureFixture) -> None:
    now = int(time.time())
    good = teams.token()
    claims = {"iss": ISSUER, "aud": APP, "exp": now + 600, "serviceurl": teams.service}
    bad = {
        "none": "",
        "garbage": "garbage",
        "three parts of garbage": "a.b.c",
        "a part is missing": good.rpartition(".")[0],
        "signature cut": good[:-4],
        "claims changed": ".".join([good.split(".")[0], base64.urlsafe_b64encode(b'{"aud":"x"}').decode(), "x"]),
        "alg none": unsigned(**claims),
        "HS256 with the public key": signed_with_the_public_key(teams),
        "RS512": jwt.encode(claims, private_key(), algorithm="RS512", headers={"kid": "first"}),
        "no key named": jwt.encode(claims, private_key(), algorithm="RS256"),
        "a number for a key": jwt.encode(claims, private_key(), algorithm="RS256", headers={"kid": "7"}),
        "another audience": teams.token(aud="22222222-2222-4333-8444-555555555555"),
        "several audiences": teams.token(aud=[APP, "22222222-2222-4333-8444-555555555555"]),
        "no audience": teams.token(aud=None),
        "another issuer": teams.token(iss="https://sts.windows.net/common/"),
        "no issuer": teams.token(iss=None),
        "expired": teams.token(exp=now - 600),
        "no end": teams.token(exp=None),
        "an end that is no time": teams.token(exp="soon"),
        "not yet": teams.token(nbf=now + 3600),
        "another's key under a known name": teams.token(key="second", kid="first"),
        "unknown key": teams.token(key="second"),
        "no service": teams.token(serviceurl=None),
        "too long": teams.token(padding="x" * 20_000),
    }
    asked = json.dumps(side.direct("a private question")).encode()
    refused = {name: side.post(asked, token).status_code for name, token in bad.items()}
    refused["another scheme"] = side.post(asked, "", authorization=f"Basic {good}").status_code
    refused["not ASCII"] = side.client.post(
        f"{side.url}/teams/messages", content=asked, headers=[(b"authorization", "Bearer é.b.c".encode("latin-1"))]
    ).status_code
    assert refused == dict.fromkeys(refused, 401)
    assert side.stub.asked == []
    assert "private question" not in caplog.text
    assert good not in caplog.text


def foreign(side: Side, **changed: Any) -> Json:
    return side.direct("a private question") | changed


def test_no_activity_but_of_teams_and_of_our_tenants_is_taken(side: Side, teams: FakeTeams) -> None:
    other = "bbbbbbbb-bbbb-4ccc-8ddd-eeeeeeeeeeee"
    asked = side.direct()
    elsewhere = {"id": asked["conversation"]["id"], "conversationType": "personal", "tenantId": other}
    unnamed = {"id": "a:1", "conversationType": "personal"}
    evil = "https://evil.example/amer/"
    bad: dict[str, tuple[Json, str | None]] = {
        "spoofed channel": (foreign(side, channelId="webchat"), None),
        "no channel": (foreign(side, channelId=None), None),
        "a key of another channel": (foreign(side), teams.token(key="other channel")),
        "another tenant": (foreign(side, channelData={"tenant": {"id": other}}, conversation=elsewhere), None),
        "two tenants": (foreign(side, conversation=elsewhere), None),
        "no tenant": (foreign(side, channelData={}, conversation=unnamed), None),
        "odd tenant": (foreign(side, channelData={"tenant": {"id": [TENANT]}}, conversation=unnamed), None),
        "not the token's service": (foreign(side, serviceUrl=evil), None),
        "a service we do not take": (foreign(side, serviceUrl=evil), teams.token(serviceurl=evil)),
        "no service": (foreign(side, serviceUrl=None), None),
        "odd service": (foreign(side, serviceUrl=["x"]), None),
    }
    refused = {name: side.send(activity, token).status_code for name, (activity, token) in bad.items()}
    assert refused == dict.fromkeys(refused, 403)
    assert side.stub.asked == []
    assert teams.messages == {}


UNREADABLE = {
    "nothing": b"",
    "cut": b"{",
    "a list": b"[]",
    "null": b"null",
    "a text": b'"text"',
    "NaN": b'{"a": NaN}',
    "not UTF-8": b"\xff\xfe",
    "a half character": b'{"a": "\\ud800"}',
    "deep lists": b"[" * 5000 + b"]" * 5000,
    "deep objects": b'{"a":' * 900 + b"1" + b"}" * 900,
}


def test_what_cannot_be_read_is_said_to_be_so(side: Side, teams: FakeTeams) -> None:
    found = {name: side.post(body).status_code for name, body in UNREADABLE.items()}
    assert found == dict.fromkeys(UNREADABLE, 400)
    assert side.post(b"x" * (guard.MOST_BYTES + 1)).status_code == 413
    assert side.post(b"x" * (guard.MOST_BYTES + 1), "").status_code == 413


ODD: list[Json] = [
    {"type": 5},
    {"type": None},
    {"from": None},
    {"from": {"id": 5}},
    {"from": []},
    {"conversation": {"id": 5, "tenantId": TENANT}},
    {"recipient": 7},
    {"id": None},
    {"id": 7},
    {"text": 7},
    {"entities": 7},
    {"entities": [7]},
    {"entities": [{"type": "mention"}]},
    {"entities": [{"type": "mention", "text": 7, "mentioned": 7}]},
    {"attachments": 7},
    {"attachments": [{"contentType": "application/vnd.microsoft.teams.file.download.info", "content": 7}]},
    {"value": 7},
    {"value": {"commonground": "page", "of": "x", "page": -1}},
    {"value": {"commonground": "page", "of": 10**30, "page": 10**30}},
    {"value": {"commonground": "page", "of": True, "page": 1.5}},
    {"value": {"commonground": ["page"]}},
    {"locale": 5},
    {"locale": "../../etc"},
    {"channelData": {"tenant": {"id": TENANT}, "channel": 7}},
    {"timestamp": "yesterday"},
    {"type": "unheard of"},
    {"type": "trace"},
    {"type": "conversationUpdate", "membersAdded": 7},
    {"type": "conversationUpdate", "membersAdded": [7]},
    {"type": "installationUpdate"},
    {"type": "installationUpdate", "action": "unheard of"},
    {"type": "invoke"},
    {"type": "invoke", "name": 5},
    {"type": "invoke", "name": "signin/verifyState", "value": {"state": "1"}},
    {"type": "invoke", "name": "message/submitAction", "value": 7},
    {"type": "invoke", "name": "message/submitAction", "value": {"actionName": "feedback", "actionValue": {}}},
    {"type": "invoke", "name": "composeExtension/query", "value": 7},
    {"type": "invoke", "name": "composeExtension/query", "value": {"commandId": "x", "parameters": [7]}},
    {"type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandContext": 7}},
    {"type": "invoke", "name": "composeExtension/fetchTask", "value": {"commandContext": "message"}},
    {"type": "invoke", "name": "fileConsent/invoke", "value": {"action": "perhaps"}},
]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_teams_would_never_write_leads_to_no_server_error(odd_side: Side, number: int) -> None:
    assert odd_side.send(odd_side.direct() | ODD[number]).status_code < 500


@pytest.fixture(scope="module")
def odd_side(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with_teams = FakeTeams()
    try:
        with served(teams_settings(tmp_path_factory.mktemp("home"), with_teams), with_teams) as side:
            yield side
            side.send(side.direct("still there", "29:last"))
            eventually(lambda: with_teams.said("a:29:last"))
    finally:
        with_teams.close()


def test_a_new_key_of_microsofts_is_learned(side: Side, teams: FakeTeams, monkeypatch: pytest.MonkeyPatch) -> None:
    assert side.send(side.direct("first")).status_code == 200
    teams.keys.append(jwk("third", ["msteams"]))
    # Not at once: an unknown key makes nobody ask Microsoft at every request.
    asked = teams.count("keys")
    assert side.send(side.direct(), teams.token(key="third")).status_code == 401
    assert teams.count("keys") == asked
    monkeypatch.setattr("connectors.teams.tokens.ASKED_AGAIN", 0.0)
    assert side.send(side.direct(), teams.token(key="third")).status_code == 200
    assert ASKED_AGAIN >= 30


def test_without_keys_nothing_is_taken_and_nothing_lost(teams: FakeTeams, tmp_path: Path) -> None:
    settings = teams_settings(tmp_path / "home", teams, teams_openid_url=f"http://{teams.host}/nowhere")
    with served(settings, teams) as side:
        # Microsoft sends it again where the answer is a 503.
        assert side.send(side.direct()).status_code == 503
        assert side.post(b"{}", "garbage").status_code == 401
        assert side.stub.asked == []


def test_keys_come_from_where_the_metadata_is_or_over_https(teams: FakeTeams) -> None:
    async def find(client: httpx.AsyncClient) -> None:
        await Keys(client, "https://login.example/openid").find("first")

    def elsewhere(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"jwks_uri": "http://evil.example/keys"})

    async def asked() -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(elsewhere)) as client:
            with pytest.raises(NoKeys):
                await find(client)

    run(asked())


HOSTS = frozenset({"smba.trafficmanager.net", "127.0.0.1:3978"})


@pytest.mark.parametrize(
    ("address", "taken"),
    [
        ("https://smba.trafficmanager.net/amer/", True),
        ("https://SMBA.trafficmanager.net:443/amer/", True),
        ("http://127.0.0.1:3978/amer", True),
        ("http://smba.trafficmanager.net/amer/", False),
        ("https://smba.trafficmanager.net:8443/amer/", False),
        ("https://smba.trafficmanager.net.evil.example/", False),
        ("https://evil.example/smba.trafficmanager.net", False),
        ("https://smba.trafficmanager.net@evil.example/", False),
        ("https://user:word@smba.trafficmanager.net/", False),
        ("https://smba.trafficmanager.net/?x=1", False),
        ("http://127.0.0.1:3979/amer", False),
        ("https://127.0.0.1/amer", False),
        ("file:///etc/passwd", False),
        ("//smba.trafficmanager.net/", False),
        ("https://[::1", False),
        ("https://smba.trafficmanager.net:x/", False),
        ("", False),
    ],
)
def test_answers_go_to_services_of_teams_alone(address: str, taken: bool) -> None:
    assert is_service(address, HOSTS) is taken


def test_the_tenant_is_the_one_that_all_of_an_activity_names() -> None:
    assert tenant_of({"channelData": {"tenant": {"id": TENANT.upper()}}}) == TENANT
    assert tenant_of({"conversation": {"tenantId": TENANT}, "channelData": {}}) == TENANT
    assert tenant_of({"conversation": {"tenantId": TENANT}, "channelData": {"tenant": {"id": "b"}}}) == ""
    assert tenant_of({}) == ""


def test_nothing_of_teams_is_there_without_settings(teams: FakeTeams, tmp_path: Path) -> None:
    with served(teams_settings(tmp_path / "home", teams, teams_tenants=""), teams) as side:
        assert side.send(side.direct()).status_code == 404
