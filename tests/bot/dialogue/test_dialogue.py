"""The dialogue data as a whole, and whole conversations through the trained model by Rasa's own test command."""

from __future__ import annotations

import json
import re
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.actions.capabilities import CAPABILITIES
from bot.actions.forms.table import FORMS
from tests.bot.conftest import dialogue_model, engine_environment, engine_python

LANGUAGES = {"en", "fr", "es", "ar", "pt"}
KINDS = {"place", "organisation", "organisation_kind", "theme", "period", "record", "ordinal"}
PUBLIC = {
    "who_does_what",
    "find_overlaps",
    "compare_records",
    "find_partners",
    "find_gaps",
    "find_results",
    "trace_funding",
    "find_mandate",
    "find_contact",
    "describe_record",
    "create_watch",
    "list_watches",
    "stop_watch",
    "what_changed",
    "provenance",
    "introduce",
    "register_initiative",
    "learn",
    "export_report",
    "feedback",
    "greet",
    "thanks",
    "help",
    "affirm",
    "deny",
    "cancel",
    "out_of_scope",
}
OWN = {"show_more", "refine", "choose", "restart_conversation", "nlu_fallback"}


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def examples(root: Path) -> Iterator[tuple[str, str, str]]:
    """(language, intent, sentence with its annotations) of every training example."""
    for path in sorted((root / "bot" / "dialogue" / "nlu").glob("*/*.yml")):
        for block in read(path)["nlu"]:
            for line in block["examples"].splitlines():
                yield path.parent.name, block["intent"], line.removeprefix("- ").strip()


def intents(root: Path) -> set[str]:
    return {name for entry in read(root / "bot" / "dialogue" / "domain.yml")["intents"] for name in entry}


def test_the_public_intents_are_there(repo_root: Path) -> None:
    assert intents(repo_root) == PUBLIC | OWN


def test_every_intent_leads_by_one_rule_to_an_action_or_a_form(repo_root: Path) -> None:
    rules = read(repo_root / "bot" / "dialogue" / "rules.yml")["rules"]
    beginnings = [rule["steps"] for rule in rules if "intent" in rule["steps"][0]]
    led = [steps for steps in beginnings if {"active_loop": None} not in steps]
    assert Counter(steps[0]["intent"] for steps in led) == Counter(intents(repo_root))
    actions = {steps[1]["action"] for steps in led}
    assert actions == set(CAPABILITIES) | set(FORMS)
    assert all(len(steps) == (3 if steps[1]["action"] in FORMS else 2) for steps in led)


def test_every_form_ends_by_its_own_action_however_it_ends(repo_root: Path) -> None:
    rules = read(repo_root / "bot" / "dialogue" / "rules.yml")["rules"]
    for form in FORMS.values():
        ends = [rule for rule in rules if rule["steps"][-1] == {"action": f"action_end_{form.name}"}]
        open_before = [rule.get("condition") == [{"active_loop": form.name}] for rule in ends]
        assert sorted(open_before) == [False, True], form.name
        assert all({"active_loop": None} in rule["steps"] for rule in ends), form.name


def test_every_intent_is_taught_in_every_language(repo_root: Path) -> None:
    taught = Counter((language, intent) for language, intent, _ in examples(repo_root))
    assert {language for language, _ in taught} == LANGUAGES
    for intent in intents(repo_root) - {"nlu_fallback"}:
        for language in LANGUAGES:
            least = 24 if language == "en" else 9
            assert taught[language, intent] >= least, (intent, language, taught[language, intent])


def test_annotations_are_well_formed(repo_root: Path) -> None:
    for _, _, sentence in examples(repo_root):
        marks = re.findall(r"\[([^\[\]]+)\]\(([a-z_]+)\)", sentence)
        assert {kind for _, kind in marks} <= KINDS, sentence
        assert not re.search(r"[\[\]]|\]\(", re.sub(r"\[[^\[\]]+\]\([a-z_]+\)", "", sentence)), sentence
        assert all(text == text.strip() for text, _ in marks), sentence


def bare(sentence: str) -> str:
    text = unicodedata.normalize("NFKD", re.sub(r"\[([^\[\]]+)\]\([a-z_]+\)", r"\1", sentence).casefold())
    return " ".join(re.findall(r"\w+", "".join(c for c in text if not unicodedata.combining(c))))


def test_no_sentence_teaches_two_intents(repo_root: Path) -> None:
    taught: dict[str, set[str]] = {}
    for _, intent, sentence in examples(repo_root):
        masked = re.sub(r"\[[^\[\]]+\]\(([a-z_]+)\)", r"__\1__", sentence)
        taught.setdefault(masked.casefold().strip(), set()).add(intent)
    assert {sentence: found for sentence, found in taught.items() if len(found) > 1} == {}


def test_nothing_is_taught_from_what_understanding_is_measured_on(repo_root: Path, shared_data: Path) -> None:
    lines = (shared_data / "gold" / "utterances.jsonl").read_text(encoding="utf-8").splitlines()
    measured = {bare(json.loads(line)["text"]) for line in lines}
    long_enough = {sentence for sentence in measured if len(sentence.split()) > 3}
    assert len(long_enough) > 80
    assert not long_enough & {bare(sentence) for _, _, sentence in examples(repo_root)}


@pytest.mark.parametrize("name", ["test_stories.yml"])
def test_whole_conversations_go_as_written(repo_root: Path, tmp_path: Path, name: str) -> None:
    done = subprocess.run(
        [
            *(engine_python(repo_root), "-m", "rasa", "test", "core", "--e2e", "--fail-on-prediction-errors"),
            *("--model", dialogue_model(repo_root)),
            *("--stories", Path(__file__).parent / name),
            *("--out", tmp_path / "results"),
        ],
        cwd=tmp_path,
        env=engine_environment(repo_root, tmp_path, ""),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    failed = tmp_path / "results" / "failed_test_stories.yml"
    assert done.returncode == 0, failed.read_text() if failed.exists() else done.stderr[-2000:]
    assert "None of the test stories failed" in failed.read_text()
