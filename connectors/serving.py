"""`commonground serve`: Rasa and the application under one supervisor, on one address.

`engine_spec` also serves whoever needs Rasa alone, such as `commonground ask` where no server runs.
"""

from __future__ import annotations

import errno
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from connectors.ops.dialogue import ModelError, check_model, engine_environment
from connectors.ops.layout import ENGINE, ENGINE_ENVIRONMENT, python_of
from connectors.ops.progress import Progress
from connectors.supervisor import ChildFailed, ChildSpec, Supervisor
from knowledge.settings import PREFIX, Settings

LOOPBACK = "127.0.0.1"
LOCK_LIFETIME = 60
"""Seconds Rasa lets one turn of a conversation keep the next one waiting."""


class ServeError(Exception):
    """Serving cannot start. The message says why and how to mend it."""


def free_port() -> int:
    """A loopback port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def new_secret() -> str:
    return secrets.token_urlsafe(32)


def answers(url: str, timeout: float = 1.0) -> Callable[[], bool]:
    """A probe that is true once a GET of `url` gives 200. No proxy is asked: the address is this machine's."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def probe() -> bool:
        try:
            with opener.open(url, timeout=timeout) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError, ValueError):
            return False

    return probe


def engine_health(engine_url: str) -> str:
    return f"{engine_url}/webhooks/gateway/health"


def application_health(application_url: str) -> str:
    return f"{application_url}/healthz"


def application_started(application_url: str) -> str:
    return f"{application_url}/startupz"


def engine_spec(settings: Settings, application_url: str, secret: str, port: int) -> ChildSpec:
    """How to run Rasa on loopback `port`. `application_url` is where it finds /internal/link and /internal/actions.

    Raises ServeError when its environment or model is missing or the model is not the one trained here.
    """
    python = python_of(ENGINE_ENVIRONMENT)
    if not python.exists():
        raise ServeError(f"{python}: Rasa's environment is missing. Run make setup")
    try:
        check_model(settings.model)
    except ModelError as error:
        raise ServeError(str(error)) from None
    argv: list[str | Path] = [
        python, "-m", "rasa", "run",
        "--interface", LOOPBACK,
        "--port", str(port),
        "--endpoints", ENGINE / "endpoints.yml",
        "--credentials", ENGINE / "credentials.yml",
        "--model", settings.model,
    ]  # fmt: skip
    return ChildSpec(
        name="rasa",
        argv=argv,
        ready=answers(engine_health(f"http://{LOOPBACK}:{port}")),
        env=engine_environment()
        | {
            PREFIX + "URL": application_url,
            PREFIX + "ENGINE_SECRET": secret,
            PREFIX + "HOME": str(settings.home),
            "TICKET_LOCK_LIFETIME": str(LOCK_LIFETIME),
        },
        cwd=ENGINE,
        start_timeout=settings.engine_start_timeout,
    )


def application_spec(settings: Settings, engine_url: str, secret: str) -> ChildSpec:
    """How to run the application. Its access log stays off: addresses may hold questions."""
    argv: list[str | Path] = [
        sys.executable, "-m", "uvicorn", "connectors.app:create_app", "--factory",
        "--host", settings.host,
        "--port", str(settings.port),
        "--log-level", settings.log_level,
        "--no-access-log",
        "--timeout-graceful-shutdown", "5",
        # Longer than proxies and browsers keep theirs: a question must not meet a connection that is just being closed.
        "--timeout-keep-alive", "75",
    ]  # fmt: skip
    return ChildSpec(
        name="application",
        argv=argv,
        ready=answers(application_started(settings.local_url)),
        env={
            PREFIX + "HOME": str(settings.home),
            PREFIX + "HOST": settings.host,
            PREFIX + "PORT": str(settings.port),
            PREFIX + "ENGINE_URL": engine_url,
            PREFIX + "ENGINE_SECRET": secret,
            "PYTHONUNBUFFERED": "1",
        },
        start_timeout=settings.engine_start_timeout,
    )


def check_port(host: str, port: int) -> None:
    """Raises ServeError when nothing can listen on `host`:`port`."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror:
        raise ServeError(
            f"{host}: no such address on this machine. Set {PREFIX}HOST, for example to 127.0.0.1"
        ) from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason = f"Port {port} is taken. Stop what uses it"
        elif error.errno == errno.EACCES:
            reason = f"Port {port} may not be used by this account. Take one above 1023"
        else:
            reason = f"{host}:{port} cannot be used: {error.strerror}. Correct {PREFIX}HOST"
        raise ServeError(f"{reason}, or choose another: {PREFIX}PORT={port + 1} make run") from None


def specs(settings: Settings) -> list[ChildSpec]:
    """What runs together. With `engine_url` set, Rasa runs elsewhere and only the application is started.

    Raises ServeError when something is missing.
    """
    secret = settings.engine_secret.get_secret_value()
    if settings.engine_url:
        if not secret:
            raise ServeError(f"{PREFIX}ENGINE_URL names a Rasa; set {PREFIX}ENGINE_SECRET to the secret it was given")
        return [application_spec(settings, settings.engine_url, secret)]
    secret = secret or new_secret()
    port = settings.engine_port or free_port()
    engine = engine_spec(settings, settings.local_url, secret, port)
    return [engine, application_spec(settings, f"http://{LOOPBACK}:{port}", secret)]


def serve(settings: Settings, progress: Progress | None = None) -> int:
    """Runs until Ctrl-C or SIGTERM. Returns the exit code: 0 after a wanted end, 1 when starting failed."""
    progress = progress or Progress()
    started = time.monotonic()
    try:
        check_port(settings.host, settings.port)
        settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        supervisor = Supervisor(specs(settings), logs=settings.logs_path, progress=progress)
        _stop_on_signals(supervisor)
        with supervisor:
            if not supervisor.stopping:
                seconds = time.monotonic() - started
                progress.say(f"Common Ground is ready: {settings.address} (after {seconds:.0f} s; Ctrl-C stops it)")
                supervisor.watch()
            progress.say("Stopping")
    except (ServeError, ChildFailed) as error:
        progress.say(str(error))
        return 1
    except OSError as error:
        progress.say(
            f"{error.filename or settings.home}: {error.strerror}. Choose a folder you may write: {PREFIX}HOME"
        )
        return 1
    return 0


def _stop_on_signals(supervisor: Supervisor) -> None:
    """The first signal ends everything in order; a second one of the kind ends this process at once."""

    def stop(number: int, frame: FrameType | None) -> None:
        supervisor.stop_soon()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
