"""The Teams connector served over loopback HTTP, with a stub for the conversation; and Microsoft's side of requests."""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from connectors.serving import free_port
from knowledge.settings import Settings
from tests.connectors.slack.served import Stub, Turn, application, echo, eventually
from tests.connectors.teams.fake_teams import APP, TENANT, FakeTeams, guid

BASE = "https://ground.example"
BOT = f"28:{APP}"
CHANNEL = "19:a-channel@thread.tacv2"
GROUP = "19:a-group@thread.v2"
Json = dict[str, Any]
_ids = itertools.count(1)


NO_LIMITS = {"turns_per_minute": 10_000, "tenant_turns_per_minute": 10_000}


def teams_settings(home: Path, teams: FakeTeams, **more: Any) -> Settings:
    given: Json = {"home": home, "public_url": BASE} | NO_LIMITS
    return Settings(**(given | teams.settings | more))


class Side:
    """Microsoft's side of a running application."""

    def __init__(self, url: str, stub: Stub, teams: FakeTeams, client: httpx.Client) -> None:
        self.url, self.stub, self.teams, self.client = url, stub, teams, client
        self._token = ""

    def post(self, body: bytes, token: str | None = None, **headers: str) -> httpx.Response:
        """`token` None is a good one, "" none."""
        if token is None:
            token = self._token = self._token or self.teams.token()
        given = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        return self.client.post(f"{self.url}/teams/messages", content=body, headers=given | headers)

    def send(self, activity: Json, token: str | None = None) -> httpx.Response:
        return self.post(json.dumps(activity).encode(), token)

    # --- what people do

    def direct(self, text: str = "who does water?", user: str = "29:one", **more: Any) -> Json:
        return self._activity(user, f"a:{user}", "personal", text=text, **more)

    def mention(self, text: str = "who does water?", user: str = "29:one", place: str = CHANNEL, **more: Any) -> Json:
        name = "<at>Common Ground</at>"
        entity = {"type": "mention", "text": name, "mentioned": {"id": BOT, "name": "Common Ground"}}
        return self.said(f"{name} {text}", user, place, entities=[entity], **more)

    def said(self, text: str, user: str = "29:one", place: str = CHANNEL, thread: str = "", **more: Any) -> Json:
        """A message among several people."""
        channel = place.endswith("tacv2")
        made = self._activity(user, place, "channel" if channel else "groupChat", text=text, **more)
        if channel:
            made["conversation"]["id"] = f"{place};messageid={thread or made['id']}"
            made["channelData"] |= {"channel": {"id": place, "type": "standard"}, "team": {"id": place}}
        return made

    def press(self, activity: Json, message: Json, button: Json) -> Json:
        """A button under `message`, pressed by who sent `activity`."""
        data = dict(button["data"])
        more: Json = {"value": data, "replyToId": message["id"]}
        if "msteams" in data:
            said = data.pop("msteams")
            more |= {"text": said["text"], "value": said["value"]}
        return {name: activity[name] for name in activity if name not in ("entities", "text", "id")} | more | {
            "id": f"f:{next(_ids)}"
        }  # fmt: skip

    def invoke(self, activity: Json, name: str, value: Json, **more: Any) -> Json:
        kept = {key: activity[key] for key in activity if key not in ("entities", "text")}
        return kept | {"type": "invoke", "name": name, "value": value, "id": f"f:{next(_ids)}"} | more

    def _activity(self, user: str, place: str, kind: str, **more: Any) -> Json:
        made: Json = {
            "type": "message",
            "id": f"17639{next(_ids):08d}",
            "timestamp": "2026-11-23T09:00:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.teams.service,
            "from": {"id": user, "name": "A person", "aadObjectId": guid(user)},
            "conversation": {"id": place, "conversationType": kind, "tenantId": TENANT},
            "recipient": {"id": BOT, "name": "Common Ground"},
            "channelData": {"tenant": {"id": TENANT}},
            "locale": "en-GB",
            "textFormat": "plain",
        }
        return made | more


@contextmanager
def served(settings: Settings, teams: FakeTeams, turn: Turn = echo) -> Iterator[Side]:
    stub = Stub(turn)
    port = free_port()
    config = uvicorn.Config(application(settings, stub), port=port, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), name="application", daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive(), 60)
        assert server.started
        with httpx.Client(timeout=20, trust_env=False) as client:
            yield Side(f"http://127.0.0.1:{port}", stub, teams, client)
    finally:
        server.should_exit = True
        thread.join(30)
