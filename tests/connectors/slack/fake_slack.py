"""A stand-in for Slack on loopback: its Web API, files, response URLs, OAuth and Socket Mode, as far as we use them.

It holds messages by channel, refuses blocks that break Slack's documented limits, and can fail in the ways Slack does.
What it cannot show: how Slack renders, its real rate limits, scopes that are not checked here, the retries of Slack's
own event delivery (tests send those), and whatever of Block Kit's rules is not documented.
"""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import WSMsgType, web

BOT, TEAM, TOKEN = "UBOT00001", "T0TEAM001", "xoxb-a-token-of-tests"
Json = dict[str, Any]


class FakeSlack:
    """`failures[method]` is used up call by call: "429", "500", "cut" (done, but the answer is lost), "lost" (not done,
    and the answer is lost), or a code of Slack's such as "channel_not_found"."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json]] = []
        self.messages: dict[str, list[Json]] = defaultdict(list)
        self.responses: list[Json] = []
        self.failures: dict[str, list[str]] = defaultdict(list)
        self.tokens: dict[str, Json] = {TOKEN: {"team_id": TEAM, "user_id": BOT}}
        self.codes: dict[str, Json] = {}
        self.users: dict[str, Json] = {}
        self.channels: dict[str, Json] = {}
        self.members: dict[str, list[str]] = {}
        self.files: dict[str, Json] = {}
        self.contents: dict[str, bytes] = {}
        self.served: dict[str, bytes | tuple[int, dict[str, str], bytes]] = {}
        self.fetches: list[tuple[str, str]] = []
        self.acknowledged: list[Json] = []
        self.refused: list[str] = []
        self.port = 0
        self._number = 0
        self._sockets: list[web.WebSocketResponse] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fake slack", daemon=True)
        self._thread.start()
        assert self._ready.wait(10)

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def response_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/respond/1"

    def file_url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/files-pri/{name}"

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def push(self, envelope: Json) -> None:
        """Sends an envelope through the open socket."""

        async def push() -> None:
            for socket in self._sockets:
                await socket.send_json(envelope)

        asyncio.run_coroutine_threadsafe(push(), self._loop).result(10)

    @property
    def connected(self) -> bool:
        return bool(self._sockets)

    def said(self, channel: str, thread: str = "") -> list[Json]:
        """Messages of the app in a channel, or of one thread in it."""
        return [one for one in list(self.messages[channel]) if not thread or one.get("thread_ts") == thread]

    def count(self, method: str) -> int:
        return sum(1 for name, _ in list(self.calls) if name == method)

    # --- the server

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()

    async def _start(self) -> None:
        app = web.Application(client_max_size=10_000_000)
        app.router.add_post("/api/{method}", self._method)
        app.router.add_get("/api/{method}", self._method)
        app.router.add_post("/respond/{number}", self._respond)
        app.router.add_get("/socket", self._socket)
        app.router.add_get("/files-pri/{name}", self._file)
        app.router.add_post("/upload/{id}", self._upload)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def _stop(self) -> None:
        for socket in self._sockets:
            await socket.close()
        await self._runner.cleanup()

    async def _method(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = await _given(request)
        self.calls.append((method, given))
        failure = self.failures[method].pop(0) if self.failures[method] else ""
        if failure == "429":
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if failure == "500":
            return web.json_response({"ok": False, "error": "internal_error"}, status=500)
        if failure == "lost":
            _cut(request)
        if failure and failure not in ("cut", "lost"):
            return web.json_response({"ok": False, "error": failure})
        try:
            answer = self._do(method, given, request.headers.get("Authorization", ""))
        except KeyError as error:
            answer = {"ok": False, "error": str(error.args[0])}
        if failure == "cut":
            _cut(request)
        return web.json_response(answer)

    def _do(self, method: str, given: Json, authorization: str) -> Json:
        if method == "oauth.v2.access":
            if given.get("code") not in self.codes:
                raise KeyError("invalid_code")
            return {"ok": True} | self.codes.pop(given["code"])
        if method == "apps.connections.open":
            if not authorization.startswith("Bearer xapp-"):
                raise KeyError("not_allowed_token_type")
            return {"ok": True, "url": f"ws://127.0.0.1:{self.port}/socket"}
        token = self.tokens.get(authorization.removeprefix("Bearer "))
        if token is None:
            raise KeyError("invalid_auth")
        match method:
            case "auth.test":
                return {"ok": True} | token
            case "users.info":
                return {"ok": True, "user": self.users.get(given["user"], {"id": given["user"], "locale": "en-GB"})}
            case "conversations.info":
                return {"ok": True, "channel": self.channels.get(given["channel"], {"id": given["channel"]})}
            case "conversations.open":
                return {"ok": True, "channel": {"id": f"D{given['users']}"}}
            case "chat.postMessage":
                return self._post(given)
            case "chat.update":
                return self._update(given)
            case "chat.startStream":
                if not (given["thread_ts"] and given["recipient_user_id"] and given["recipient_team_id"]):
                    raise KeyError("invalid_arguments")
                return self._post(given | {"tasks": given.pop("chunks"), "streams": True})
            case "chat.stopStream":
                return self._end_stream(given)
            case "conversations.replies" | "conversations.history":
                found = self.said(given["channel"], given.get("ts", ""))
                return {"ok": True, "messages": found, "has_more": False}
            case "users.list":
                return _page_of(list(self.users.values()), given)
            case "conversations.members":
                return _page_of(self.members.get(given["channel"], []), given)
            case "files.getUploadURLExternal":
                ident = f"F{len(self.files):09d}"
                self.files[ident] = {"id": ident, "name": given["filename"], "length": int(given["length"])}
                self.files[ident]["alt_txt"] = given.get("alt_txt", "")
                return {"ok": True, "upload_url": f"http://127.0.0.1:{self.port}/upload/{ident}", "file_id": ident}
            case "files.completeUploadExternal":
                (done,) = json.loads(given["files"])
                if len(self.contents.get(done["id"], b"")) != self.files[done["id"]]["length"]:
                    raise KeyError("file_update_failed")
                self.files[done["id"]] |= {"complete": True, "channel": given.get("channel_id", "")}
                return {"ok": True, "files": [{"id": done["id"]}]}
            case "files.info":
                return {"ok": True, "file": self._looked_at(self.files[given["file"]])}
            case "assistant.threads.setSuggestedPrompts":
                if not 0 < len(given["prompts"]) <= 4 or "thread_ts" in given:
                    raise KeyError("invalid_arguments")
                return {"ok": True}
            case "chat.postEphemeral" | "views.open" | "views.publish" | "chat.unfurl" | "assistant.threads.setStatus":
                if "blocks" in (view := given.get("view") or {}):
                    self._checked(view["blocks"], most=100)
                return {"ok": True}
        raise KeyError("unknown_method")

    def _post(self, given: Json) -> Json:
        self._checked(given.get("blocks") or [])
        self._number += 1
        stamp = f"1763900000.{self._number:06d}"
        self.messages[given["channel"]].append(given | {"ts": stamp})
        return {"ok": True, "ts": stamp, "channel": given["channel"]}

    def _update(self, given: Json) -> Json:
        self._checked(given.get("blocks") or [])
        for message in self.messages[given["channel"]]:
            if message["ts"] == given["ts"]:
                if message.get("streams"):
                    raise KeyError("streaming_state_conflict")
                message.update({name: given[name] for name in ("text", "blocks") if name in given})
                return {"ok": True, "ts": given["ts"], "channel": given["channel"]}
        raise KeyError("message_not_found")

    def _end_stream(self, given: Json) -> Json:
        self._checked(given.get("blocks") or [])
        for message in self.messages[given["channel"]]:
            if message["ts"] == given["ts"]:
                if not message.get("streams"):
                    raise KeyError("message_not_in_streaming_state")
                message |= {"streams": False, "tasks": given["chunks"], "blocks": given.get("blocks") or []}
                return {"ok": True, "ts": given["ts"], "channel": given["channel"], "message": message}
        raise KeyError("message_not_found")

    def _checked(self, blocks: list[Json], most: int = 50) -> None:
        for block in blocks:
            if block.get("type") == "image" and not self.files.get(block["slack_file"]["id"], {}).get("complete"):
                raise KeyError("invalid_blocks")
        if wrong := wrong_blocks(blocks, most):
            self.refused += wrong
            raise KeyError("invalid_blocks")

    def _looked_at(self, file: Json) -> Json:
        """A picture is taken up at the second look, as Slack needs a moment for it."""
        file["looks"] = file.get("looks", 0) + 1
        ready = file.get("complete") and file["looks"] > 1
        return file | ({"mimetype": "image/png"} if ready else {"mimetype": ""} if "looks" in file else {})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        self.fetches.append((name, request.headers.get("Authorization", "")))
        served = self.served.get(name, (404, {}, b""))
        if isinstance(served, bytes):
            served = (200, {"Content-Type": "application/octet-stream"}, served)
        status, headers, body = served
        return web.Response(status=status, headers=headers, body=body)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        if self.failures["upload"]:
            return web.Response(status=int(self.failures["upload"].pop(0)))
        self.contents[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        given = await request.json()
        failure = self.failures["respond"].pop(0) if self.failures["respond"] else ""
        if failure == "500":
            return web.Response(status=500)
        self.refused += wrong_blocks(given.get("blocks") or [])
        self.responses.append(given)
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A1"}})
        self._sockets.append(socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.acknowledged.append(json.loads(message.data))
        self._sockets.remove(socket)
        return socket


def _page_of(listed: list[Any], given: Json) -> Json:
    """A page of a list, two to a page, so that who asks for one only is found out."""
    at = int(given.get("cursor") or 0)
    after = str(at + 2) if at + 2 < len(listed) else ""
    return {"ok": True, "members": listed[at : at + 2], "response_metadata": {"next_cursor": after}}


async def _given(request: web.Request) -> Json:
    """The arguments of a call, however they were sent; JSON within a form is read too."""
    if request.content_type == "application/json":
        given = await request.json()
    else:
        given = dict(request.query) | (dict(await request.post()) if request.method == "POST" else {})
    for name in ("blocks", "metadata", "view", "unfurls"):
        if isinstance(given.get(name), str):
            given[name] = json.loads(given[name])
    return dict(given)


def _cut(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.abort()
    raise asyncio.CancelledError


# --- Block Kit's documented limits

_MOST = {"header": 150, "section": 3000}


def wrong_blocks(blocks: list[Json], most: int = 50) -> list[str]:
    """What Slack would refuse, each with its reason."""
    wrong = [f"{len(blocks)} blocks"] if len(blocks) > most else []
    if sum(block.get("type") == "table" for block in blocks) > 1:
        wrong.append("two tables")
    for block in blocks:
        wrong += _wrong(block)
    return wrong


def _wrong(block: Json) -> list[str]:
    kind = block.get("type")
    match kind:
        case "header":
            return _wrong_text(block["text"], 150)
        case "divider":
            return []
        case "image":
            fits = re.fullmatch(r"F[A-Z0-9]{8,}", block["slack_file"]["id"]) and 0 < len(block["alt_text"]) <= 2000
            return [] if fits else ["a picture that is no file of Slack's"]
        case "rich_text":
            return _wrong_rich(block)
        case "actions":
            names = [element["action_id"] for element in block["elements"]]
            wrong = [] if 0 < len(names) <= 25 and len(set(names)) == len(names) else [f"actions {names}"]
            for element in block["elements"]:
                wrong += _wrong_text(element["text"], 75)
                wrong += [] if len(element.get("value", "")) <= 2000 else ["value too long"]
            return wrong
        case "context_actions":
            (element,) = block["elements"]
            buttons = element["positive_button"], element["negative_button"]
            return [reason for one in buttons for reason in _wrong_text(one["text"], 75)]
        case "input":
            return _wrong_text(block["label"], 2000)
        case "table":
            rows = block["rows"]
            wrong = [] if 0 < len(rows) <= 100 else [f"{len(rows)} rows"]
            wrong += [] if all(0 < len(row) <= 20 for row in rows) else ["columns"]
            cells = [cell for row in rows for cell in row]
            total = sum(len(text) for cell in cells for text in _texts(cell))
            wrong += [] if total <= 10_000 else [f"table of {total} characters"]
            for cell in cells:
                wrong += _wrong_rich(cell) if cell["type"] == "rich_text" else [] if cell["text"] else ["empty cell"]
            return wrong
    return [f"block {kind}"]


def _wrong_text(text: Json, most: int) -> list[str]:
    return [] if text["type"] == "plain_text" and 0 < len(text["text"]) <= most else [f"text of {len(text['text'])}"]


def _wrong_rich(block: Json) -> list[str]:
    wrong = [] if block["elements"] else ["empty rich text"]
    for part in block["elements"]:
        if part["type"] not in ("rich_text_section", "rich_text_list", "rich_text_quote"):
            wrong.append(f"part {part['type']}")
        inner = part["elements"] if part["type"] == "rich_text_list" else [part]
        for section in inner:
            wrong += [] if section["elements"] else ["empty section"]
            for element in section["elements"]:
                if element["type"] not in ("text", "link") or not element["text"]:
                    wrong.append(f"element {element['type']}")
                if element["type"] == "link" and not element["url"].startswith("https://ground.example/"):
                    wrong.append("a link that is not ours")
    total = sum(len(text) for text in _texts(block))
    return wrong + ([] if total <= 3000 else [f"rich text of {total}"])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("text"), str):
            yield value["text"]
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def shown(blocks: list[Json]) -> str:
    """All words of blocks, in order."""
    return "\n".join("".join(_texts(block)) for block in blocks)


@contextmanager
def fake_slack() -> Iterator[FakeSlack]:
    slack = FakeSlack()
    try:
        yield slack
    finally:
        slack.close()
