"""Rasa itself, as it runs in service, with a stand-in for the application on the other end of real HTTP."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request, Response

SECRET = "a-secret-for-the-tests-only"
KNOWN = {
    "Bakool": "place",
    "Dibate": "place",
    "عكار": "place",
    "WASH": "theme",
    "nutrition": "theme",
    "national NGOs": "organisation_kind",
}


@dataclass
class Application:
    """The application's two internal endpoints: what they were asked, and how they are to misbehave."""

    port: int
    link_requests: list[dict[str, Any]] = field(default_factory=list)
    action_requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: set[str] = field(default_factory=set)
    link_status: int = 200
    link_delay: float = 0.0
    link_body: Any = None
    action_status: int = 200
    silent: bool = False
    action_body: Any = None
    _server: uvicorn.Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        self.link_requests.clear()
        self.action_requests.clear()
        self.authorizations.clear()
        self.link_status, self.link_delay, self.link_body, self.action_status, self.silent = 200, 0.0, None, 200, False
        self.action_body = None

    def start(self) -> None:
        config = uvicorn.Config(self._app(), host="127.0.0.1", port=self.port, log_level="error", ws="none")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        deadline = time.monotonic() + 30
        while not self._server.started:
            assert time.monotonic() < deadline, "the stand-in application did not start"
            time.sleep(0.02)

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(timeout=30)

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/internal/link")
        async def link(request: Request) -> Any:
            self.authorizations.add(request.headers.get("authorization", ""))
            body = await request.json()
            self.link_requests.append(body)
            if self.link_delay:
                await asyncio.sleep(self.link_delay)
            if self.link_status != 200:
                return Response(status_code=self.link_status)
            return linked(body["text"]) if self.link_body is None else self.link_body

        @app.post("/internal/actions")
        async def actions(request: Request) -> Any:
            self.authorizations.add(request.headers.get("authorization", ""))
            body = await request.json()
            self.action_requests.append(body)
            if self.action_status != 200:
                return Response(status_code=self.action_status, content=b'{"error": "out of order"}')
            if self.action_body is not None:
                return self.action_body
            message = body["tracker"]["latest_message"]
            said = {"turn": message["metadata"]["turn"], "action": body["next_action"]}
            return {
                "events": [{"event": "slot", "name": "query", "value": {"words": message["text"]}, "timestamp": None}],
                "responses": [] if self.silent else [{"custom": said}],
            }

        return app


def linked(text: str) -> dict[str, Any]:
    entities = [
        {
            "type": kind,
            "start": match.start(),
            "end": match.end(),
            "text": match.group(),
            "value": {"id": name},
            "probability": 0.6,
            "alternatives": [{"value": {"id": "other"}, "probability": 0.4}],
        }
        for name, kind in KNOWN.items()
        for match in re.finditer(re.escape(name), text)
    ]
    return {"text": text, "language": "en", "entities": entities, "words": "left over"}


@dataclass
class Engine:
    """A running Rasa. `post` sends a body as it is; `turn` sends a good turn with the given changes."""

    url: str
    log: Path
    client: httpx.Client

    def post(self, content: bytes, secret: str | None = SECRET) -> httpx.Response:
        headers = {"content-type": "application/json"}
        if secret is not None:
            headers["authorization"] = f"Bearer {secret}"
        return self.client.post(f"{self.url}/webhooks/gateway/turn", content=content, headers=headers)

    def turn(self, text: Any, **changes: Any) -> httpx.Response:
        body = {"sender": "conversation-0000001", "text": text, "turn": "turn-1", "channel": "rest", **changes}
        request = httpx.Request("POST", "http://unused", json=body)
        return self.post(request.read())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def engine_python(root: Path) -> Path:
    python = root / "bot" / "engine" / ".venv" / "bin" / "python"
    if not python.exists():
        pytest.fail("Rasa's environment is missing: run `make setup`")
    return python


def dialogue_model(root: Path) -> Path:
    model = Path(os.environ.get("COMMONGROUND_MODEL") or root / "bot" / "engine" / "models" / "dialogue.tar.gz")
    if not model.exists():
        pytest.fail(f"the dialogue model {model.name} is missing: run `make setup`")
    return model


def engine_environment(root: Path, home: Path, url: str, secret: str = SECRET) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(root / "bot" / "engine"), os.environ.get("PYTHONPATH", "")]),
        "COMMONGROUND_URL": url,
        "COMMONGROUND_ENGINE_SECRET": secret,
        "COMMONGROUND_HOME": str(home),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


@pytest.fixture(scope="session")
def running_application() -> Iterator[Application]:
    application = Application(port=free_port())
    application.start()
    yield application
    application.stop()


@pytest.fixture
def application(running_application: Application) -> Iterator[Application]:
    running_application.reset()
    yield running_application
    running_application.reset()


@pytest.fixture(scope="session")
def engine(
    repo_root: Path, running_application: Application, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    home = tmp_path_factory.mktemp("engine")
    port = free_port()
    configured = repo_root / "bot" / "engine"
    command = [str(engine_python(repo_root)), "-m", "rasa", "run", "--interface", "127.0.0.1", "-p", str(port)]
    command += ["--endpoints", str(configured / "endpoints.yml"), "--credentials", str(configured / "credentials.yml")]
    command += ["-m", str(dialogue_model(repo_root))]
    log = home / "engine.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=engine_environment(repo_root, home, running_application.url),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(timeout=60, trust_env=False) as client:
            url = f"http://127.0.0.1:{port}"
            _wait(client, url, process, log)
            yield Engine(url, log, client)
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(client: httpx.Client, url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if client.get(f"{url}/webhooks/gateway/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    sys.stderr.write(log.read_text(errors="replace")[-4000:])
    pytest.fail("Rasa did not become ready")
