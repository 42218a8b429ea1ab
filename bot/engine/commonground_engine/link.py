"""Tokenizer and entity source in one: what a text names becomes an entity and one placeholder token.

"Who does WASH in Bakool" becomes the tokens: who, does, __theme__, in, __place__. Intents are therefore learned over
kinds of things, never over names, so a new organisation or district needs no new training. In training the spans are
those annotated in the examples; in conversation they come from the application's /internal/link.
"""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass
from typing import Any

import requests
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import TOKENS_NAMES
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from commonground_engine.folding import folded, pieces

logger = logging.getLogger(__name__)

KINDS = frozenset({"place", "organisation", "organisation_kind", "theme", "period", "record", "ordinal"})


class LinkFailed(Exception):
    """The application did not say what the text names; the message is a reason without the text."""


@dataclass(frozen=True)
class Span:
    """`start` and `end` count characters of the message, end exclusive."""

    start: int
    end: int
    kind: str


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class LinkTokenizer(Tokenizer):
    """Asks `COMMONGROUND_URL`/internal/link (bearer `COMMONGROUND_ENGINE_SECRET`) once per message.

    Without an answer the message goes on with plain tokens, no entities and `metadata["link_failed"] = True`. With one,
    `metadata` gains "language" and "words", and each entity's value is the whole entity of the link result. Where the
    application takes some of the text for no part of the question, `metadata["asked"]` is the text with blanks there,
    and intents are read from that.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        # Seconds. After a publish the application reads its names anew, and a question waits for that.
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "timeout": 10.0}

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        url = os.environ.get("COMMONGROUND_URL", "").rstrip("/")
        self._endpoint = f"{url}/internal/link" if url else ""
        self._session = requests.Session()
        # A proxy named in the environment must never see what a person asked.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {os.environ.get('COMMONGROUND_ENGINE_SECRET', '')}"

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinkTokenizer:
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute)
        return tokens(text, _annotated(message) if attribute == TEXT else [])

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT)
            if not isinstance(text, str):
                continue
            spans: list[Span] = []
            asked = text
            metadata = message.get("metadata")
            try:
                result = self._link(text, metadata)
                entities = link_entities(result, text)
            except LinkFailed as failure:
                logger.warning("Continuing without entities: %s.", failure)
                if isinstance(metadata, dict):
                    metadata["link_failed"] = True
            else:
                spans = [Span(entity["start"], entity["end"], entity["entity"]) for entity in entities]
                message.set(ENTITIES, entities, add_to_output=True)
                if isinstance(metadata, dict):
                    metadata.update(
                        link_failed=False, language=result.get("language", ""), words=result.get("words", "")
                    )
                    asked = result.get("asked", text)
                    if asked != text:
                        metadata["asked"] = asked
            message.set(TOKENS_NAMES[TEXT], tokens(asked, spans))
        return messages

    def _link(self, text: str, metadata: Any) -> dict[str, Any]:
        """The link result for `text`; `LinkFailed` when there is none of the agreed shape."""
        if not self._endpoint:
            raise LinkFailed("COMMONGROUND_URL is not set")
        turn = metadata.get("turn", "") if isinstance(metadata, dict) else ""
        try:
            response = self._session.post(
                self._endpoint,
                json={"text": text, "turn": turn},
                timeout=self._config["timeout"],
                allow_redirects=False,
            )
        except requests.RequestException as error:
            # Only the class: the text of the exception names addresses and may quote the request.
            raise LinkFailed(f"the application did not answer ({type(error).__name__})") from None
        if response.status_code != 200:
            raise LinkFailed(f"the application answered {response.status_code}")
        try:
            result = response.json()
        except ValueError:
            raise LinkFailed("the application's answer is not JSON") from None
        if not isinstance(result, dict) or not isinstance(result.get("entities"), list):
            raise LinkFailed("the application's answer has no list of entities")
        asked = result.get("asked", text)
        if not isinstance(asked, str) or len(asked) != len(text):
            raise LinkFailed("the application's answer asks something of another length")
        return result


def link_entities(result: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """The entities of a link result as Rasa's, in order of the text. Overlapping ones after the first are left out.

    Raises `LinkFailed` on an entity of unknown type or with a span outside the text.
    """
    found: list[dict[str, Any]] = []
    for entity in result["entities"]:
        if not isinstance(entity, dict) or entity.get("type") not in KINDS:
            raise LinkFailed("the application's answer holds an entity of unknown type")
        start, end = entity.get("start"), entity.get("end")
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
            raise LinkFailed("the application's answer holds a span outside the text")
        found.append(
            {
                "entity": entity["type"],
                "start": start,
                "end": end,
                "value": entity,
                "confidence_entity": entity.get("probability", 1.0),
                "extractor": LinkTokenizer.__name__,
            }
        )
    found.sort(key=lambda item: (item["start"], -item["end"]))
    kept: list[dict[str, Any]] = []
    for item in found:
        if not kept or item["start"] >= kept[-1]["end"]:
            kept.append(item)
    return kept


def _annotated(message: Message) -> list[Span]:
    entities = sorted(message.get(ENTITIES) or [], key=lambda entity: entity["start"])
    return [Span(entity["start"], entity["end"], entity["entity"]) for entity in entities]


def tokens(text: str, spans: list[Span]) -> list[Token]:
    """Words, question marks and symbols of `text`, with one placeholder for each of the ordered, disjoint `spans`."""
    found: list[Token] = []
    position = 0
    for span in spans:
        found += _words(text, position, span.start)
        found.append(Token(placeholder(span.kind), span.start, span.end))
        position = span.end
    found += _words(text, position, len(text))
    return found or [Token(text, 0)]


def placeholder(kind: str) -> str:
    return f"__{kind}__"


def asked_in(message: Message) -> str:
    """The text of a message without what is no part of its question."""
    metadata = message.get("metadata")
    asked = metadata.get("asked") if isinstance(metadata, dict) else None
    return asked if isinstance(asked, str) else str(message.get(TEXT))


def _words(text: str, start: int, end: int) -> list[Token]:
    return [Token(word, first, last, lemma=folded(word)) for word, first, last in pieces(text, start, end)]
