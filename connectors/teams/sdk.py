"""Microsoft's SDK for Teams: the only import of it. Built from what it is given, never from the environment."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import ValidationError

from connectors.channels.inbox import NotSent, Unsure
from connectors.teams.tokens import NoToken

QUIET = logging.getLogger("microsoft_teams")
"""Above the loggers of the SDK, which write addresses, tokens' claims and whole activities."""

_TALKS = "microsoft_teams.common.http.client"
_NO_FILE = "PYTHON_DOTENV_DISABLED"
_READ = (
    _NO_FILE, "CLIENT_ID", "CLIENT_SECRET", "TENANT_ID", "MANAGED_IDENTITY_CLIENT_ID", "CLOUD", "SERVICE_URL",
    "DANGEROUSLY_ALLOW_UNAUTHENTICATED_REQUESTS",
)  # fmt: skip
TIMEOUT = 20.0
CARD = "application/vnd.microsoft.card.adaptive"
CONSENT = "application/vnd.microsoft.teams.card.file.consent"
INFO = "application/vnd.microsoft.teams.card.file.info"
PAGE_OF_MEMBERS, MOST_PAGES = 500, 4
# Answered before anything was done with the request.
_LATER = frozenset({412, 429, 503})

Json = dict[str, Any]
Handler = Callable[[Json], Awaitable[Json | None]]


class Misshapen(Exception):
    """An activity that is not shaped as Teams shapes it."""


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of a conversation, as Teams has them. `role`: user, guest, anonymous; `tenant` and `person` are ids of
    Entra, "" where it tells none."""

    tenant: str
    person: str
    role: str


@contextmanager
def _held() -> Iterator[None]:
    """While the SDK is loaded and built: its previews warn, it would read a file .env into the environment, and takes
    from there what it is not given."""
    before = {name: os.environ.pop(name) for name in _READ if name in os.environ}
    os.environ[_NO_FILE] = "1"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        del os.environ[_NO_FILE]
        os.environ.update(before)


class Sdk:
    """The SDK's application: activities that the guard let through go in, messages go out.

    `token` gives the bearer token for what goes out and raises NoToken; `forget_token` is called where Teams does not
    take it. The SDK's own HTTP endpoint is never mounted: it accepts more than the guard does, and fetches keys while
    everything else waits.
    """

    def __init__(
        self, app_id: str, service: str, token: Callable[[], Awaitable[str]], forget_token: Callable[[], None]
    ) -> None:
        QUIET.setLevel(logging.CRITICAL)
        # With every client it makes, the SDK gives httpx this one's level; lines of httpx name conversations.
        for name in (_TALKS, "httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)
        with _held():
            from microsoft_teams.api.auth.cloud_environment import PUBLIC
            from microsoft_teams.apps import App
            from microsoft_teams.common import ClientOptions

            async def provided(scope: Any, tenant: str | None) -> str:
                return await token()

            self._app = App(
                client_id=app_id,
                token=provided,
                service_url=service,
                cloud=PUBLIC,
                client=ClientOptions(timeout=TIMEOUT),
                http_server_adapter=_NoServer(),
                fetch_user_token=False,
                telemetry={"agent365": False},
            )
        self._forget_token = forget_token

    async def start(self) -> None:
        with _held():
            await self._app.initialize()

    async def stop(self) -> None:
        await self._app.api.http.http.aclose()
        await self._app.http_client.http.aclose()

    # --- what arrives

    def listen(self, kind: str, handler: Handler) -> None:
        """`handler` takes activities of a kind ("message", "conversation_update", "message_ext_query" ...), as Teams
        wrote them and the SDK read them; what it returns is the answer to an invoke."""

        async def heard(context: Any) -> Any:
            return await handler(context.activity.model_dump(mode="json", by_alias=True, exclude_none=True))

        getattr(self._app, f"on_{kind}")(heard)

    async def take(self, activity: Json, token: str) -> Json | None:
        """Gives an activity to those who listen; the body of the answer, None for none. Raises Misshapen."""
        from microsoft_teams.api.auth.json_web_token import JsonWebToken
        from microsoft_teams.apps.events import ActivityEvent, CoreActivity

        try:
            event = ActivityEvent(body=CoreActivity.model_validate(activity), token=JsonWebToken(token))
            taken = self._app.server.on_request
            assert taken is not None, "started"
            response = await taken(event)
        except ValidationError:
            # Its text holds what was sent.
            raise Misshapen from None
        body = response.body
        return body if isinstance(body, dict) else None

    # --- what goes out

    async def send(self, service: str, conversation: str, message: Json, replace: str = "") -> str:
        """Sends a message, or puts it in the place of the one with the id `replace`; its id. NotSent or Unsure."""
        from microsoft_teams.api.activities.message.message import MessageActivityInput

        activity = MessageActivityInput.model_validate(message | ({"id": replace} if replace else {}))
        sent = await self._called(self._app.send(conversation, activity, service_url=service))
        return str(sent.id)

    async def members(self, service: str, conversation: str) -> list[Member] | None:
        """Everybody in a conversation; None where Teams does not say, or they are too many to ask for."""
        api = self._app.api.from_service_url(service)
        found: list[Member] = []
        more: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._called(api.conversations.get_paged_members(conversation, PAGE_OF_MEMBERS, more))
            found += [_member(one) for one in page.members or ()]
            more = page.continuation_token
            if not more:
                return found
        return None

    async def member(self, service: str, conversation: str, account: str) -> Member:
        """One of them. Raises NotSent or Unsure."""
        api = self._app.api.from_service_url(service)
        return _member(await self._called(api.conversations.get_member_by_id(conversation, account)))

    async def _called(self, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except NoToken:
            raise NotSent("no token") from None
        except httpx.HTTPStatusError as error:
            raise self._meaning(error.response) from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise NotSent("no connection") from None
        except (httpx.TransportError, ValueError, KeyError):
            # Also an answer that cannot be read: what was sent has arrived, or not.
            raise Unsure("the connection was cut") from None

    def _meaning(self, response: httpx.Response) -> Exception:
        status = response.status_code
        if status == 401:
            self._forget_token()
            return NotSent("status 401")
        if status in _LATER:
            return NotSent(f"status {status}", wait=_seconds(response.headers.get("retry-after", "1")))
        return Unsure(f"status {status}") if status >= 500 else NotSent(f"status {status}", final=True)


class _NoServer:
    """Takes the place of the web server that the SDK would start."""

    def register_route(self, method: str, path: str, handler: Any) -> None:
        """Nothing is registered: see `Sdk`."""

    def serve_static(self, path: str, directory: str) -> None:
        """Nothing is served."""

    async def start(self, port: int) -> None:
        """Nothing is started."""

    async def stop(self) -> None:
        """Nothing was started."""


def message(text: str) -> Json:
    """A line of text, in which no mark-up counts."""
    return {"type": "message", "text": text, "textFormat": "plain"}


def offered(name: str, size: int, about: str, receipt: int) -> Json:
    """Teams' question whether the person wants a file of so many bytes in their own storage."""
    context = {"of": receipt}
    content = {"description": about, "sizeInBytes": size, "acceptContext": context, "declineContext": context}
    return {"type": "message", "attachments": [{"contentType": CONSENT, "name": name, "content": content}]}


def handed_over(name: str, url: str, ident: str) -> Json:
    """The file that now lies in the person's own storage, as Teams shows it."""
    content = {"uniqueId": ident, "fileType": name.rpartition(".")[2]}
    return {
        "type": "message",
        "attachments": [{"contentType": INFO, "contentUrl": url, "name": name, "content": content}],
    }


def labelled(built: Json, sources: list[tuple[int, str, str, str]], *, judged: bool) -> Json:
    """The message with its sources as Teams' own citations (number, title, extract, address or ""), the label of what
    software wrote, and, where it may be `judged`, Teams' own thumbs."""
    from microsoft_teams.api.activities.message.message import MessageActivityInput
    from microsoft_teams.api.models.entity import CitationAppearance

    activity = MessageActivityInput.model_validate(built)
    for number, title, extract, url in sources:
        activity.add_citation(number, CitationAppearance(name=title, abstract=extract, url=url or None))
    activity.add_ai_generated()
    if judged:
        activity.add_feedback()
    found: Json = activity.model_dump(mode="json", by_alias=True, exclude_none=True)
    return found


def _member(one: Any) -> Member:
    return Member(str(one.tenant_id or ""), str(one.aad_object_id or ""), str(one.user_role or "").casefold())


def _seconds(text: Any) -> float:
    try:
        return min(max(float(text), 1.0), 300.0)
    except (TypeError, ValueError):
        return 1.0
