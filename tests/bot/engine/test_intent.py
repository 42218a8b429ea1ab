"""What the intent classifier sees of a message, and what it makes of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.conftest import engine_environment, engine_python

LANGUAGES = {"en", "fr", "es", "ar", "pt"}
SEEING = """
import json, sys
from commonground_engine.cues import Cues
from commonground_engine.features import views
from commonground_engine.link import Span, tokens
given = json.load(sys.stdin)
cues = Cues(given["phrases"])
found = [cues.find(words) for words in given["words"]]
seen = [views(text, tokens(text, [Span(*span) for span in spans])) for text, spans in given["texts"]]
print("RESULT", json.dumps([found, seen]))
"""
LEARNING = """
import json, pathlib, sys
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from commonground_engine.intent import TokenIntentClassifier
from commonground_engine.link import LinkTokenizer
given = json.load(sys.stdin)
tokenizer = LinkTokenizer(LinkTokenizer.get_default_config() | {})
storage, resource = LocalModelStorage(pathlib.Path(sys.argv[1])), Resource("intents")
def learned():
    data = TrainingData([Message({TEXT: text, INTENT: intent}) for text, intent in given["examples"]])
    tokenizer.process_training_data(data)
    TokenIntentClassifier.create(TokenIntentClassifier.get_default_config(), storage, resource, None).train(data)
    return TokenIntentClassifier.load(TokenIntentClassifier.get_default_config(), storage, resource, None)
def read(classifier):
    messages = [Message({TEXT: text}) for text in given["texts"]]
    tokenizer.process(messages)
    return [message.get("intent_ranking") for message in classifier.process(messages)]
print("RESULT", json.dumps([read(learned()), read(learned())]))
"""


def engine(repo_root: Path, folder: Path, code: str, given: object, *arguments: str) -> Any:
    done = subprocess.run(
        [engine_python(repo_root), "-c", code, *arguments],
        input=json.dumps(given),
        env=engine_environment(repo_root, folder, ""),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(done.stdout.split("RESULT ", 1)[1])


PHRASES = {"ask": ["who", "est ce", "كيف"], "money": ["fund*", "pay* for"], "gap": ["no one"], "one": ["one"]}
WORDS = [
    ("who funds it", [[0, "ask"], [1, "money"]]),
    ("fun", []),
    ("pays for", [[0, "money"]]),
    ("pays him", []),
    ("no one", [[0, "gap"], [1, "one"]]),
    ("no", []),
    ("وكيف", [[0, "ask"]]),
    ("est ce que", [[0, "ask"]]),
]


@pytest.fixture(scope="module")
def seen(repo_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    texts = [
        ("Who funds WASH in Bakool?", [(10, 14, "theme"), (18, 24, "place")]),
        ("¿Quién financia el agua en Gedo?", [(19, 23, "theme"), (27, 31, "place")]),
        ("compare XA-1 and XB-2", [(8, 12, "record"), (17, 21, "record")]),
        ("zzz qqq", []),
    ]
    given = {"phrases": PHRASES, "words": [words.split() for words, _ in WORDS], "texts": texts}
    return engine(repo_root, tmp_path_factory.mktemp("seeing"), SEEING, given)


def test_concepts_are_found_by_word_beginning_phrase_and_without_arabic_particles(seen: Any) -> None:
    assert seen[0] == [expected for _, expected in WORDS]


def test_one_question_shows_the_same_concepts_in_two_languages(seen: Any) -> None:
    english, spanish = (set(concepts) for _, _, concepts in seen[1][:2])
    assert {"who", "money", "__theme__", "__place__", "who money"} <= english & spanish


def test_names_become_kinds_and_their_number_counts(seen: Any) -> None:
    linked, plain, concepts = seen[1][2]
    assert (linked, plain) == ("compare __record__ and __record__", "compare xa 1 and xb 2")
    assert {"compare", "several __record__"} <= set(concepts)
    assert {"no names", "no concepts", "length 2"} == set(seen[1][3][2])


def test_the_tables_name_the_same_concepts_in_every_language(repo_root: Path) -> None:
    folder = repo_root / "bot" / "engine" / "commonground_engine" / "cues"
    tables = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8")) for path in folder.glob("*.yml")}
    assert set(tables) == LANGUAGES
    assert len({frozenset(table) for table in tables.values()}) == 1
    for language, table in tables.items():
        for concept, listed in table.items():
            phrases = [phrase.strip() for phrase in listed.split(",")]
            assert all(phrases), (language, concept)
            assert len(set(phrases)) == len(phrases), (language, concept)


def test_training_is_repeatable_and_what_was_learned_is_loaded(repo_root: Path, tmp_path: Path) -> None:
    examples = [
        *((f"who funds {thing}", "trace_funding") for thing in ("schools", "the wells", "health", "this")),
        *((f"compare {thing} with the other", "compare_records") for thing in ("it", "this", "mine", "that")),
        *((f"{thing} thanks a lot", "thanks") for thing in ("ok", "great", "many", "well")),
    ]
    texts = ["who funds boreholes", "compare hers with the other", "thanks a lot"]
    first, again = engine(repo_root, tmp_path, LEARNING, {"examples": examples, "texts": texts}, str(tmp_path))
    assert first == again
    assert [ranking[0]["name"] for ranking in first] == ["trace_funding", "compare_records", "thanks"]
    for ranking in first:
        confidences = [entry["confidence"] for entry in ranking]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) == pytest.approx(1.0)
