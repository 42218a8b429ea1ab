"""A whole action with a language model behind it: what it words is marked so, and it never holds up a turn."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.injections import answered
from bot.words import LANGUAGES, Words
from knowledge.home import Home
from knowledge.index import Index
from knowledge.settings import Settings
from tests.asynchronous import run
from tests.chat_services import ChatService, chat_service
from tests.homes import TODAY, activity, opened, place, put

ASKED = {
    "en": "Who works on health in Kenya?",
    "fr": "Qui travaille sur la santé au Kenya ?",
    "es": "¿Quién trabaja en salud en Kenia?",
    "ar": "من يعمل في مجال الصحة في كينيا؟",
    "pt": "Quem trabalha em saúde no Quénia?",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with opened(folder) as home:
        records = [
            activity(f"XX-{n}", f"Clinics {n}", who=[f"Bureau {name}"], where=[place()], sectors=["12220"])
            for n, name in enumerate(("Amber", "Basalt", "Cedar"))
        ]
        put(home, "a", records)
    return folder


@pytest.fixture
def service() -> Iterator[ChatService]:
    with chat_service() as running:
        yield running


def ask(folder: Path, service: ChatService, language: str, seconds: float = 20.0) -> Any:
    settings = Settings(home=folder, today=TODAY, chat_timeout=seconds, **service.settings("openai"))
    with Home(settings) as home:
        return run(answered(Index(home), "who_does_what", ASKED[language], language)).reply


def repeated(body: dict[str, Any]) -> str:
    given = json.loads(body["messages"][-1]["content"])["findings"]
    return "\n".join(f"{one['says']} " + "".join(f"[{n}]" for n in one["citations"]) for one in given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_model_words_is_marked_in_the_language_of_the_answer(
    folder: Path, service: ChatService, language: str
) -> None:
    service.says = repeated
    reply = ask(folder, service, language)
    marks = [part for part in reply.parts if part.type == "notice"]
    assert [part.spans[0].text for part in marks] == [Words(language)("phrased_by_model")]
    said = " ".join(span.text for span in reply.parts[0].spans)
    assert re.search(r"\b3\b", said), said
    assert all(span.cites for span in reply.parts[0].spans)
    assert "{" not in said


def test_a_model_that_is_silent_holds_up_no_turn(folder: Path, service: ChatService) -> None:
    service.says = repeated
    ask(folder, service, "en")  # whatever has to be loaded is
    service.manner = "is silent"
    started = time.monotonic()
    reply = ask(folder, service, "en", seconds=0.5)
    assert time.monotonic() - started < 4
    assert len(service.requests) == 2
    assert not [part for part in reply.parts if part.type == "notice"]
