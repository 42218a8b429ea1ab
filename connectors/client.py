"""How commands reach an index: by HTTP where a server of the home runs, else in this process under the home's lock."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import httpx
from rich.console import Console
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from connectors import doctor, serving
from connectors.identity import read_server_file
from connectors.ops.progress import Progress as Line
from connectors.supervisor import ChildFailed, Supervisor
from knowledge import embedded
from knowledge.embeddings import Embedder
from knowledge.indexing import Progress
from knowledge.records import Level
from knowledge.settings import Settings

_LONG = httpx.Timeout(60.0, connect=3.0)


class CommandError(Exception):
    """A command that cannot be carried out. `code` is the exit code: 1 failed or not found, 2 wrong input."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


class NotYet(CommandError):
    """Initiatives are still being compared, `done` of `total` records: the same request is answered in a while."""

    def __init__(self, done: int, total: int) -> None:
        super().__init__(f"Initiatives are still being compared ({done:,} of {total:,}). Try again in a minute")
        self.done, self.total = done, total


class Service(Protocol):
    """The REST API, wherever it runs."""

    def get(self, path: str, query: dict[str, Any]) -> Any: ...
    def post(self, path: str, body: dict[str, Any]) -> Any: ...
    def delete(self, path: str, query: dict[str, Any]) -> Any: ...
    def download(self, path: str, query: dict[str, Any]) -> Iterator[bytes]: ...
    def ingest(
        self, paths: Sequence[Path], audience: Level | None, owner: str, named: Sequence[str], progress: Progress
    ) -> dict[str, Any]: ...
    def work(self, path: str, body: dict[str, Any], progress: Progress) -> dict[str, Any]: ...


def quoted(identifier: str) -> str:
    return quote(identifier, safe="")


class HttpService:
    """A running server."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def get(self, path: str, query: dict[str, Any]) -> Any:
        return self._content(self._client.get(path, params={k: v for k, v in query.items() if v}))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._content(self._client.post(path, json=body))

    def delete(self, path: str, query: dict[str, Any]) -> Any:
        return self._content(self._client.delete(path, params={k: v for k, v in query.items() if v}))

    def download(self, path: str, query: dict[str, Any]) -> Iterator[bytes]:
        """What is too large for one answer, in parts. Raises before the first of them."""
        request = self._client.build_request("GET", path, params={k: v for k, v in query.items() if v})
        response = self._client.send(request, stream=True)
        if response.status_code >= 400:
            response.read()
            self._content(response)
        return _parts(response)

    def _content(self, response: httpx.Response) -> Any:
        try:
            content = response.json()
        except ValueError:
            raise CommandError(f"The server answered {response.status_code} without JSON. Its log says more") from None
        if response.status_code == 503 and "compared" in content:
            raise NotYet(int(content["compared"]), int(content["of"]))
        if response.status_code >= 400:
            wrong_input = response.status_code in (400, 413, 422)
            raise CommandError(str(content.get("detail") or content.get("title")), 2 if wrong_input else 1)
        return content

    def ingest(
        self, paths: Sequence[Path], audience: Level | None, owner: str, named: Sequence[str], progress: Progress
    ) -> dict[str, Any]:
        body = {
            "paths": [str(path.absolute()) for path in paths],
            "audience": audience.value if audience else None,
            "owner": owner,
            "named": list(named),
        }
        return self.work("/api/v1/ingest", body, progress)

    def work(self, path: str, body: dict[str, Any], progress: Progress) -> dict[str, Any]:
        """What may take long: its report, or the answer where there is nothing to wait for."""
        timeout = httpx.Timeout(None, connect=3.0)
        with self._client.stream("POST", path, json=body, timeout=timeout) as response:
            if response.status_code != 200 or response.headers.get("content-type") == "application/json":
                response.read()
                answer: dict[str, Any] = self._content(response)
                return answer
            for line in response.iter_lines():
                event = json.loads(line)
                if "stage" in event:
                    progress.start(event["stage"], event["total"])
                elif "advance" in event:
                    progress.advance(event["advance"])
                elif "finish" in event:
                    progress.finish()
                elif "code" in event:
                    raise CommandError(event["error"], event["code"])
                elif "error" in event:
                    raise CommandError(f"Failed: {event['error']}. The server's log says more")
                elif "report" in event:
                    report: dict[str, Any] = event["report"]
                    return report
        raise CommandError("The server ended before the work did. Start it again; run the command again: it goes on")


def _parts(response: httpx.Response) -> Iterator[bytes]:
    with contextlib.closing(response):
        yield from response.iter_bytes()


@contextlib.contextmanager
def open_service(settings: Settings | None = None) -> Iterator[Service]:
    """The running server of the home, else the home itself."""
    settings = settings or Settings.load()
    with contextlib.ExitStack() as stack:
        running = _running(settings)
        if running is not None:
            yield stack.enter_context(_http(*running))
        else:
            yield stack.enter_context(_local(settings))


def _running(settings: Settings) -> tuple[str, str] | None:
    found = read_server_file(settings.server_path)
    if found is None or not serving.answers(serving.application_health(found[0]))():
        return None
    return found


@contextlib.contextmanager
def _http(url: str, token: str) -> Iterator[HttpService]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=_LONG, trust_env=False) as client:
        try:
            yield HttpService(client)
        except httpx.TransportError as error:
            raise CommandError(f"The server stopped answering ({type(error).__name__}). Its log says more") from None


@contextlib.contextmanager
def _local(settings: Settings) -> Iterator[Service]:
    from connectors.channels import forgetting
    from connectors.local import LocalService
    from knowledge.home import Home, HomeInUse

    try:
        home = Home(settings)
    except HomeInUse as error:
        raise CommandError(str(error)) from None
    with home:
        forgetting.with_records(home)
        yield LocalService(home)


@contextlib.contextmanager
def chat_server(err: Console) -> Iterator[Service]:
    """A server with Rasa: the running one, else one of its own for the time of the command."""
    settings = Settings.load()
    running = _running(settings)
    if running is not None:
        with _http(*running) as service:
            yield service
        return
    settings = settings.model_copy(update={"host": serving.LOOPBACK, "port": serving.free_port()})
    err.print("No server runs for this home: starting Rasa and the application for this question.", style="dim")
    try:
        with Supervisor(serving.specs(settings), logs=settings.logs_path, progress=Line()):
            started = _wait_for(settings)
            with _http(*started) as service:
                yield service
    except ChildFailed as error:
        raise CommandError(str(error)) from None


def _wait_for(settings: Settings) -> tuple[str, str]:
    for _ in range(50):
        if (found := read_server_file(settings.server_path)) is not None:
            return found
        time.sleep(0.1)
    raise CommandError(f"The application started but did not say where. See {settings.logs_path}")


def vectors_probe(settings: Settings) -> str:
    """How many texts have a vector, read from the database without opening Chroma, which has one owner."""
    engine = create_engine(f"sqlite:///file:{settings.database_path}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            texts = connection.execute(text("SELECT count(DISTINCT text_hash) FROM passage")).scalar_one()
            embedded = connection.execute(
                text("SELECT count(DISTINCT p.text_hash) FROM passage p JOIN embedding e USING (text_hash)")
            ).scalar_one()
    finally:
        engine.dispose()
    other = _other_model(settings)
    owed = f"; {texts - embedded:,} follow at the next start or ingest" if embedded < texts else ""
    return f"{embedded:,} of {texts:,} texts have a vector{owed}{other}"


def _other_model(settings: Settings) -> str:
    """That the index is of another model than the settings name, "" where it is not."""
    engine = create_engine(f"sqlite:///file:{settings.database_path}?mode=ro&uri=true")
    try:
        with Session(engine) as session:
            found = embedded.read(session)
    finally:
        engine.dispose()
    if found is None or found.name == Embedder(settings.embedding_model).name:
        return ""
    return f"; they are of {found.setting!r}, not of embedding_model: commonground reindex changes that"


def schema_probe(path: Path) -> doctor.Schema:
    """The revisions of the database at `path`, read without changing it."""
    from knowledge.store.database import current_revision, newest_revision

    engine = create_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    try:
        with engine.connect() as connection:
            return doctor.Schema(current_revision(connection) or "", newest_revision() or "")
    finally:
        engine.dispose()
