"""Files of labelled utterances: what is accepted, and what is said of a line that is not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from connectors.evaluation.utterances import INTENTS, Unreadable, WantedPlace, read

WHOLE = {
    "id": 7,
    "text": "And in Gedo, since May?",
    "lang": "en",
    "intent": "who_does_what",
    "followup": True,
    "context": "Who drills boreholes in Bakool?",
    "places": [{"name": "Gedo", "country": "SO"}, {"name": "Sahel", "country": None}],
    "themes": ["WASH", "basket weaving"],
    "organisations": ["Horn Wells Trust (HWT)"],
    "organisation_kinds": ["national NGO", "UN"],
    "period": {"start": "2026-05-01", "end": None},
    "records": ["XA-1-2"],
    "trap": "misspelt_place+somali_region",
}
LEAST = {"text": "hello", "lang": "en", "intent": "greet"}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "utterances.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_a_line_is_read_whole(tmp_path: Path) -> None:
    (utterance,) = read(written(tmp_path, WHOLE))
    assert (utterance.number, utterance.id, utterance.language) == (1, "7", "en")
    assert utterance.context == "Who drills boreholes in Bakool?"
    assert utterance.places == (WantedPlace("Gedo", "SO"), WantedPlace("Sahel", ""))
    assert utterance.themes == {"WASH": ("wash",), "basket weaving": ("basket weaving",)}
    assert utterance.kinds == ("nngo", "un")
    assert (utterance.start, utterance.end) == ("2026-05-01", "")
    assert utterance.traps == ("misspelt_place", "somali_region")


def test_what_a_line_does_not_say_is_empty_and_blank_lines_do_not_count(tmp_path: Path) -> None:
    first, second = read(written(tmp_path, LEAST, "", LEAST | {"context": None, "period": None, "trap": None}))
    assert (first.id, second.id) == ("1", "3")
    assert (second.context, second.places, second.start, second.records, second.traps) == ("", (), "", (), ())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{not json", "is no JSON"),
        ("[]", "is no JSON object"),
        (LEAST | {"text": " "}, 'field "text"'),
        (LEAST | {"text": 5}, 'field "text"'),
        (LEAST | {"lang": "xx"}, "field \"lang\": 'xx' is none of"),
        (LEAST | {"intent": "refine"}, "field \"intent\": 'refine' is none of"),
        (LEAST | {"context": ""}, 'field "context"'),
        (LEAST | {"places": ["Gedo"]}, 'field "places"'),
        (LEAST | {"places": "Gedo"}, 'field "places"'),
        (LEAST | {"places": [{"name": "Gedo", "country": 4}]}, 'field "places"'),
        (LEAST | {"themes": "WASH"}, 'field "themes"'),
        (LEAST | {"records": [1]}, 'field "records"'),
        (LEAST | {"period": "2026"}, 'field "period"'),
        (LEAST | {"period": {"start": "May"}}, "field \"period.start\": 'May' is no date"),
        (LEAST | {"trap": 1}, 'field "trap"'),
    ],
)
def test_what_is_wrong_is_named_by_file_line_and_field(tmp_path: Path, line: object, said: str) -> None:
    path = written(tmp_path, LEAST, line)
    with pytest.raises(Unreadable) as refused:
        read(path)
    assert str(refused.value).startswith(f"{path}, line 2: ")
    assert said in str(refused.value)


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="holds no utterance"):
        read(written(tmp_path, ""))
    with pytest.raises(Unreadable, match="cannot be read"):
        read(tmp_path / "absent.jsonl")
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Unreadable, match="not UTF-8"):
        read(binary)


def test_every_public_intent_of_the_dialogue_can_be_wanted(repo_root: Path) -> None:
    domain = yaml.safe_load((repo_root / "bot" / "dialogue" / "domain.yml").read_text(encoding="utf-8"))
    internal = {"refine", "choose", "show_more", "restart_conversation", "nlu_fallback"}
    assert {name for entry in domain["intents"] for name in entry} - internal == set(INTENTS)


def test_the_shipped_measuring_set_is_whole(repo_root: Path) -> None:
    utterances = read(repo_root / "benchmarks" / "utterances.jsonl")
    assert {utterance.intent for utterance in utterances} == set(INTENTS)
    assert len({utterance.id for utterance in utterances}) == len(utterances)
