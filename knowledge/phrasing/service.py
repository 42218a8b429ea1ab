"""The language model's service, and the only import of LangChain's chat models: one question, one text, in time.

Whatever goes wrong out there is one answer here: no text. What went wrong is logged by its class alone, since messages
of errors can hold keys and texts.
"""

from __future__ import annotations

import asyncio
import logging
from time import monotonic
from typing import TYPE_CHECKING, Any

from knowledge.settings import CHAT_PROVIDERS, Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

logger = logging.getLogger(__name__)

_LONGEST_BODY = 1_000_000
"""Bytes of an answer, as they come over the wire."""
_LOOK_EVERY = 0.05
_TOKENS = 1_024
_TURN_SHARE = 0.8
"""Of the time that one turn has, so that the answer composed by code still arrives."""
_AT_ONCE = 4
_FAILURES, _REST = 3, 60.0
_CHATTY = ("openai", "anthropic", "httpx", "httpx2", "httpcore", "httpcore2", "langsmith")


class NoAnswer(RuntimeError):
    """The service gave nothing that can be used. The message is for the operator."""


class ChatService:
    """The model that `chat_model` names. At most `_AT_ONCE` questions are out at a time; after `_FAILURES` failures in
    a row the service is left alone for a while."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._provider, self._name = provider_of(settings.chat_model)
        self.seconds = min(settings.chat_timeout, settings.engine_timeout * _TURN_SHARE)
        self._out, self._failed, self._rests_until = 0, 0, 0.0
        self._tempered = True
        self._absent = False

    async def ask(self, instructions: str, content: str) -> str:
        """What the model says, or "" where it says nothing in `seconds`."""
        if self._absent or self._out >= _AT_ONCE or monotonic() < self._rests_until:
            return ""
        self._out += 1
        try:
            async with asyncio.timeout(self.seconds):
                said = await self._answer(instructions, content)
            self._failed = 0
            return said
        except ImportError:
            self._absent = True
            logger.error(
                "chat_model names a model of %s, which needs the package langchain-%s: install it, or leave chat_model "
                "out. Answers are composed by code alone",
                self._provider,
                self._provider,
            )
        except Exception as error:  # noqa: BLE001 - whatever fails out there, the answer composed by code stands
            self._failed += 1
            if self._failed >= _FAILURES:
                self._failed, self._rests_until = 0, monotonic() + _REST
            logger.warning("The language model did not answer (%s); the composed sentences stand", type(error).__name__)
        finally:
            self._out -= 1
        return ""

    async def _answer(self, instructions: str, content: str) -> str:
        try:
            return await self._within_bounds(instructions, content)
        except Exception as error:
            # Some models refuse a temperature, and say so with this status.
            if not self._tempered or getattr(error, "status_code", 0) != 400:
                raise
        self._tempered = False
        return await self._within_bounds(instructions, content)

    async def _within_bounds(self, instructions: str, content: str) -> str:
        from langsmith.run_helpers import tracing_context

        watch = _Watch()
        model = await asyncio.to_thread(self._model, watch)
        # What the environment may say of tracing would send the question to a third party.
        with tracing_context(enabled=False):
            asked = asyncio.ensure_future(model.ainvoke([("system", instructions), ("human", content)]))
        try:
            while not (await asyncio.wait({asked}, timeout=_LOOK_EVERY))[0]:
                if watch.bytes > _LONGEST_BODY:
                    raise NoAnswer("its answer is too long")
            return str(asked.result().text)
        finally:
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            await watch.close()

    def _model(self, watch: _Watch) -> BaseChatModel:
        """A client for one question: none is kept between questions, nor is a connection."""
        from langchain.chat_models import init_chat_model

        settings = self._settings
        key = settings.chat_api_key.get_secret_value()
        more: dict[str, Any] = {"temperature": 0} if self._tempered else {}
        if self._provider == "ollama":
            headers = _HEADERS | ({"Authorization": f"Bearer {key}"} if key else {})
            more["num_predict"] = _TOKENS
            more["async_client_kwargs"] = {
                "event_hooks": watch.hooks,
                "follow_redirects": False,
                "timeout": self.seconds,
                "headers": headers,
            }
        else:
            more |= {"api_key": key or "none", "timeout": self.seconds, "max_retries": 0}
        if self._provider == "openai":
            more |= {"http_async_client": watch.client(), "http_socket_options": ()}
        if self._provider == "anthropic":
            more["max_tokens"] = _TOKENS
        model: BaseChatModel = init_chat_model(
            self._name, model_provider=self._provider, base_url=settings.chat_base_url or None, **more
        )
        if self._provider == "anthropic":
            # Its client takes no transport from outside, so the one it made is given ours.
            opened: Any = model
            client = opened._async_client.with_options(http_client=watch.client())
            vars(model)["_async_client"] = client
        for name in _CHATTY:
            # At their most talkative they write whole requests, and the addresses they go to.
            logging.getLogger(name).setLevel(logging.WARNING)
        return model


_HEADERS = {"Accept-Encoding": "identity", "Connection": "close"}


class _Watch:
    """Sees the responses of one question. No redirect is followed, and nothing compressed is unpacked: neither is what
    a chat service does, and both can be turned against who asks."""

    def __init__(self) -> None:
        self._responses: list[Any] = []
        self._clients: list[Any] = []

    @property
    def hooks(self) -> dict[str, list[Any]]:
        return {"response": [self._seen]}

    @property
    def bytes(self) -> int:
        return sum(response.num_bytes_downloaded for response in self._responses)

    def client(self) -> Any:
        """A client for the services that share OpenAI's kind."""
        from openai import DefaultAsyncHttpxClient

        client = DefaultAsyncHttpxClient(event_hooks=self.hooks, follow_redirects=False, headers=_HEADERS)
        self._clients.append(client)
        return client

    async def _seen(self, response: Any) -> None:
        self._responses.append(response)
        length = response.headers.get("content-length", "")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise NoAnswer("its answer is compressed, which was not asked for")
        if length.isdigit() and int(length) > _LONGEST_BODY:
            raise NoAnswer("its answer is too long")

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()


def provider_of(chat_model: str) -> tuple[str, str]:
    """("anthropic", "NAME") of "anthropic:NAME"; a name without a known service is one of an OpenAI-compatible one."""
    before, _, name = chat_model.partition(":")
    return (before, name) if name and before in CHAT_PROVIDERS else ("openai", chat_model)
