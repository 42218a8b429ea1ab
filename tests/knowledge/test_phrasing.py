"""The language model may only rephrase. A service that speaks the protocol stands in on loopback, and misbehaves."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from knowledge.phrasing import Phraser, checked
from knowledge.reply import Paragraph, Reply, Span
from knowledge.settings import Settings

GIVEN = [
    Span(text="12 organisations are reported working on health in Turkana.", cites=[1, 2]),
    Span(text=" By kind: 7 International NGO, 5 National NGO.", cites=[1]),
]


class Service:
    """An OpenAI-compatible chat service: says `content`, or answers `status`, after `delay` seconds."""

    def __init__(self) -> None:
        self.content, self.status, self.delay = "", 200, 0.0
        self.requests: list[dict[str, Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.requests.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
                time.sleep(service.delay)
                message = {"role": "assistant", "content": service.content}
                answer = {
                    "id": "1",
                    "object": "chat.completion",
                    "created": 0,
                    "model": "stand-in",
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                }
                self.send_response(service.status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                try:
                    self.wfile.write(json.dumps(answer).encode())
                except OSError:
                    return  # the caller gave up waiting, which is what one test is about

            def log_message(self, *_: object) -> None:
                """Nothing: the test reads `requests`."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.server.shutdown()
    running.server.server_close()


def phraser(tmp_path: Path, service: Service, timeout: float = 5.0) -> Phraser:
    settings = Settings(
        home=tmp_path,
        chat_model="stand-in",
        chat_base_url=service.url,
        chat_api_key=SecretStr("not-a-real-key"),
        chat_timeout=timeout,
    )
    return Phraser(settings)


def reply() -> Reply:
    return Reply(language="en", parts=[Paragraph(spans=[span.model_copy() for span in GIVEN])])


def test_what_keeps_figures_and_citations_is_taken(tmp_path: Path, service: Service) -> None:
    service.content = (
        "In Turkana, 12 organisations work on health [1][2]\nOf them 7 are International NGO and 5 National NGO [1]"
    )
    said = phraser(tmp_path, service).rephrase(reply()).parts[0]
    assert isinstance(said, Paragraph)
    assert [span.text.strip() for span in said.spans] == [
        "In Turkana, 12 organisations work on health",
        "Of them 7 are International NGO and 5 National NGO",
    ]
    assert [span.cites for span in said.spans] == [[1, 2], [1]]
    sent = service.requests[0]["body"]
    assert sent["temperature"] == 0
    assert "tools" not in sent


@pytest.mark.parametrize(
    "sentence",
    [
        "13 organisations work on health in Turkana [1]",
        "12 organisations work on health in Turkana",
        "12 organisations work on health in Turkana [9]",
        "12 organisations led by Oxfam work on health in Turkana [1]",
        "",
    ],
    ids=["wrong figure", "no citation", "unknown citation", "new name", "nothing"],
)
def test_what_the_findings_do_not_say_is_dropped(tmp_path: Path, service: Service, sentence: str) -> None:
    service.content = sentence
    assert phraser(tmp_path, service).rephrase(reply()) == reply()


def test_a_service_that_fails_or_is_slow_leaves_the_composed_answer(tmp_path: Path, service: Service) -> None:
    service.content, service.status = "12 organisations [1]", 500
    assert phraser(tmp_path, service).rephrase(reply()) == reply()
    service.status, service.delay = 200, 1.5
    started = time.monotonic()
    assert phraser(tmp_path, service, timeout=0.3).rephrase(reply()) == reply()
    assert time.monotonic() - started < 1.4, "it waited for the slow service"


def test_without_a_model_nothing_is_asked(tmp_path: Path) -> None:
    assert Phraser(Settings(home=tmp_path)).rephrase(reply()) == reply()


def test_a_sentence_that_loses_all_figures_is_no_gain(tmp_path: Path, service: Service) -> None:
    service.content = "Several organisations work on health there [1]"
    assert phraser(tmp_path, service).rephrase(reply()) == reply()


def test_grouped_figures_count_as_the_same_figure() -> None:
    given = [Span(text="1,204 records.", cites=[1])]
    assert [span.text for span in checked("There are 1 204 records [1]".replace(" 204", "\u202f204"), given)]
