"""What a text names reaches the actions whole, and the dialogue as placeholders."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.bot.conftest import Application, Engine, engine_environment, engine_python, linked


def last(application: Application) -> dict[str, Any]:
    message = application.action_requests[-1]["tracker"]["latest_message"]
    assert isinstance(message, dict)
    return message


def test_entities_reach_the_action_whole(engine: Engine, application: Application) -> None:
    text = "Who is doing WASH in Bakool?"
    assert engine.turn(text, turn="turn-5", channel="web").status_code == 200
    assert application.link_requests == [{"text": text, "turn": "turn-5"}]
    message = last(application)
    assert [entity["value"] for entity in message["entities"]] == sorted(
        linked(text)["entities"], key=lambda entity: entity["start"]
    )
    assert [(entity["entity"], entity["start"], entity["end"]) for entity in message["entities"]] == [
        ("theme", 13, 17),
        ("place", 21, 27),
    ]
    assert {entity["extractor"] for entity in message["entities"]} == {"LinkTokenizer"}
    assert message["metadata"] == {
        "turn": "turn-5",
        "channel": "web",
        "link_failed": False,
        "language": "en",
        "words": "left over",
    }
    assert message["intent"]["name"] == "who_does_what"


def test_one_token_stands_for_a_whole_name(engine: Engine, application: Application) -> None:
    engine.turn("only national NGOs")
    assert last(application)["text_tokens"] == [[0, 4], [5, 18]]
    assert application.action_requests[-1]["next_action"] == "action_refine"


@pytest.mark.parametrize(
    "body",
    [
        {"entities": None},
        {},
        [],
        "text",
        {"entities": [{"type": "weather", "start": 0, "end": 1}]},
        {"entities": [{"type": "place", "start": 0, "end": 999}]},
        {"entities": [{"type": "place", "start": 3, "end": 3}]},
        {"entities": ["place"]},
        {"entities": [], "asked": "who"},
        {"entities": [], "asked": None},
    ],
)
def test_a_link_result_of_the_wrong_shape_counts_as_none(engine: Engine, application: Application, body: Any) -> None:
    application.link_body = body
    assert engine.turn("who is in Bakool").status_code == 200
    assert last(application)["metadata"]["link_failed"] is True
    assert last(application)["entities"] == []


def test_what_is_no_part_of_the_question_tips_nothing(engine: Engine, application: Application) -> None:
    text = "who is doing WASH in Bakool? Thank you, goodbye and a thousand thanks to all of you"
    asked = text[: text.index("?") + 1]
    application.link_body = {**linked(asked), "asked": asked.ljust(len(text))}
    engine.turn(text)
    message = last(application)
    assert (message["text"], message["intent"]["name"]) == (text, "who_does_what")
    assert message["text_tokens"][-1] == [asked.index("?"), len(asked)]
    assert message["metadata"]["asked"] == asked.ljust(len(text))


def test_a_message_without_a_question_is_out_of_scope(engine: Engine, application: Application) -> None:
    application.link_body = {"entities": [], "asked": " " * len("who is doing WASH")}
    engine.turn("who is doing WASH")
    assert last(application)["intent"] == {"name": "out_of_scope", "confidence": 1.0}


def test_overlapping_entities_keep_the_first_and_longest(engine: Engine, application: Application) -> None:
    spans = [("place", 10, 16), ("organisation", 10, 20), ("theme", 18, 22)]
    application.link_body = {"entities": [{"type": kind, "start": start, "end": end} for kind, start, end in spans]}
    engine.turn("who is in Bakool Relief Group")
    assert [entity["entity"] for entity in last(application)["entities"]] == ["organisation"]


def test_a_link_that_fails_leaves_the_turn_alive(engine: Engine, application: Application) -> None:
    application.link_status = 503
    assert engine.turn("who is doing WASH in Bakool?").status_code == 200
    assert last(application)["metadata"]["link_failed"] is True
    assert last(application)["intent"]["name"] == "who_does_what"


def test_a_link_that_hangs_costs_ten_seconds(engine: Engine, application: Application) -> None:
    application.link_delay = 12
    started = time.monotonic()
    engine.turn("who is in Bakool")
    assert 9.5 < time.monotonic() - started < 20
    assert last(application)["metadata"]["link_failed"] is True


CASES: list[tuple[str, list[tuple[int, int, str]], list[str]]] = [
    ("Who's in Côte d’Ivoire?", [(9, 22, "place")], ["who", "s", "in", "__place__", "questionmark"]),
    ("مَن يعملُ بعكار؟", [(11, 15, "place")], ["من", "يعمل", "ب", "__place__", "questionmark"]),
    ("أين المنظّمات إلى", [], ["اين", "المنظمات", "الي"]),
    (
        "Qui fait l'éducation à N'Djaména",
        [(11, 20, "theme"), (23, 32, "place")],
        ["qui", "fait", "l", "__theme__", "a", "__place__"],
    ),
    ("٢", [], ["2"]),
    ("#2", [(0, 2, "ordinal")], ["__ordinal__"]),
    ("thanks 👍", [], ["thanks", "👍"]),
    ("...", [], ["..."]),
]


def test_words_are_folded_and_names_replaced(repo_root: Path, tmp_path: Path) -> None:
    code = (
        "import json, sys\n"
        "from commonground_engine.link import Span, tokens\n"
        "cases = json.load(sys.stdin)\n"
        "found = [[t.lemma for t in tokens(text, [Span(*span) for span in spans])] for text, spans, _ in cases]\n"
        "print('RESULT', json.dumps(found))\n"
    )
    done = subprocess.run(
        [engine_python(repo_root), "-c", code],
        input=json.dumps(CASES),
        env=engine_environment(repo_root, tmp_path, ""),
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    result = json.loads(done.stdout.split("RESULT ", 1)[1])
    assert result == [expected for _, _, expected in CASES]
