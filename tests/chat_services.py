"""A chat service for tests, on loopback: it speaks the protocols of OpenAI, Anthropic and Ollama, well or badly."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODEL = "stand-in"
MANNERS = (
    "500", "503", "429", "401", "400", "refuses", "is silent", "drips", "drips headers", "is huge", "announces huge",
    "wrong json", "other json", "page", "empty", "garbage stream", "resets", "resets midway", "redirects", "compressed",
    "calls a tool", "says nothing",
)  # fmt: skip
"""Ways to misbehave. None of them gives a text that may be used."""


class ChatService:
    """Says `says` (a text, or what it makes of the request) in the `manner` named, "well" or one of `MANNERS`."""

    def __init__(self) -> None:
        self.says: str | Callable[[dict[str, Any]], str] = ""
        self.manner = "well"
        self.requests: list[dict[str, Any]] = []
        self.over = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.requests.append({"path": self.path, "headers": dict(self.headers), "body": body})
                self.close_connection = True
                with suppress(OSError):  # the caller gave up, which is what some tests are about
                    service._answer(self, body)

            def log_message(self, *_: object) -> None:
                """Nothing: tests read `requests`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def settings(self, provider: str) -> dict[str, Any]:
        """The settings by which the application finds this service."""
        return {
            "chat_model": f"{provider}:{MODEL}",
            "chat_base_url": f"{self.url}/v1" if provider == "openai" else self.url,
        }

    def _answer(self, to: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        said = self.says(body) if callable(self.says) else self.says
        whole = _in_protocol(to.path, "" if self.manner == "says nothing" else said, self.manner)
        match self.manner:
            case "500" | "503" | "429" | "401":
                _send(to, int(self.manner), b'{"error": {"message": "no", "type": "stand_in"}}', {"Retry-After": "60"})
            case "400":
                _send(to, 400, b'{"error": {"message": "temperature is not supported", "type": "stand_in"}}')
            case "400 with a temperature":
                wrong = "temperature" in body
                _send(to, 400 if wrong else 200, b'{"error": {"message": "no temperature"}}' if wrong else whole)
            case "is silent":
                self.over.wait(60)
            case "drips":
                _head(to, 200, {"Content-Length": str(len(whole))})
                for byte in whole:
                    to.wfile.write(bytes([byte]))
                    if self.over.wait(0.1):
                        return
            case "drips headers":
                to.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not self.over.wait(0.1):
                    to.wfile.write(b"X-Drip: 1\r\n")
            case "is huge":
                _head(to, 200, {})
                to.wfile.write(whole[:-1])
                while not self.over.is_set():
                    to.wfile.write(b" " * 65_536)
            case "announces huge":
                _head(to, 200, {"Content-Length": str(10**12)})
                to.wfile.write(whole)
                self.over.wait(60)
            case "wrong json":
                _send(to, 200, whole[:-9])
            case "other json":
                _send(to, 200, b'{"choices": 7, "content": {"a": []}, "message": [null], "model": 3}')
            case "page":
                _send(to, 200, b"<html><body>12 organisations [1][2]</body></html>", {"Content-Type": "text/html"})
            case "empty":
                _send(to, 200, b"")
            case "garbage stream":
                _send(to, 200, b"data: \xff\xfe\n\ndata: {\n\n: [DONE]\n\n" * 50, {"Content-Type": "text/event-stream"})
            case "resets":
                _reset(to)
            case "resets midway":
                _head(to, 200, {"Content-Length": str(len(whole))})
                to.wfile.write(whole[: len(whole) // 2])
                to.wfile.flush()
                _reset(to)
            case "redirects":
                _send(to, 307, b"", {"Location": f"{self.url}/elsewhere"})
            case "compressed":
                _send(to, 200, gzip.compress(whole), {"Content-Encoding": "gzip"})
            case _:
                _send(to, 200, whole)


def _head(to: BaseHTTPRequestHandler, status: int, headers: dict[str, str]) -> None:
    to.send_response(status)
    for name, value in ({"Content-Type": "application/json", "Connection": "close"} | headers).items():
        to.send_header(name, value)
    to.end_headers()


def _send(to: BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
    _head(to, status, {"Content-Length": str(len(body)), **(headers or {})})
    to.wfile.write(body)


def _reset(to: BaseHTTPRequestHandler) -> None:
    to.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    to.connection.close()


def _in_protocol(path: str, said: str, manner: str) -> bytes:
    """A whole answer as the service that has this path gives it. Documented by each of the three providers."""
    refuses, tool = manner == "refuses", manner == "calls a tool"
    if path.endswith("/chat/completions"):
        message: dict[str, Any] = {"role": "assistant", "content": said}
        if refuses:
            message = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        if tool:
            call = {"id": "1", "type": "function", "function": {"name": "export", "arguments": "{}"}}
            message = {"role": "assistant", "content": None, "tool_calls": [call]}
        choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if tool else "stop"}
        return json.dumps(
            {"id": "1", "object": "chat.completion", "created": 0, "model": MODEL, "choices": [choice]}
        ).encode()
    if path.endswith("/messages"):
        content: list[dict[str, Any]] = [{"type": "text", "text": said}] if said and not refuses else []
        if tool:
            content = [{"type": "tool_use", "id": "1", "name": "export", "input": {}}]
        stop = "refusal" if refuses else "tool_use" if tool else "end_turn"
        return json.dumps(
            {
                "id": "1", "type": "message", "role": "assistant", "model": MODEL, "content": content,
                "stop_reason": stop, "stop_sequence": None, "usage": {"input_tokens": 1, "output_tokens": 1},
            }
        ).encode()  # fmt: skip
    message = {"role": "assistant", "content": "" if refuses or tool else said}
    if tool:
        message["tool_calls"] = [{"function": {"name": "export", "arguments": {}}}]
    first = {"model": MODEL, "created_at": "2026-11-23T00:00:00Z", "message": message, "done": False}
    last = first | {"message": {"role": "assistant", "content": ""}, "done": True, "done_reason": "stop"}
    return b"".join(json.dumps(line).encode() + b"\n" for line in (first, last))


@contextmanager
def chat_service() -> Iterator[ChatService]:
    running = ChatService()
    try:
        yield running
    finally:
        running.close()
