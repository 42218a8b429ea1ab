"""The words of the assistant: five tables that say the same, are complete, and are understood when they come back."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import httpx
import pytest
import yaml
from babel import Locale

from bot.actions.forms.form import FORM_INTENTS
from bot.actions.forms.table import FORMS
from bot.words import LANGUAGES, Words
from knowledge.feedback import FeedbackKind
from knowledge.language import detect
from knowledge.linking import Lexicon, Linker, PlaceEntry
from knowledge.overlap import decision
from knowledge.overlap.decision import RULES
from knowledge.overlap.explaining import Fact
from knowledge.overlap.judging import What
from knowledge.overlap.labels import Label
from knowledge.overlap.meetings import When
from knowledge.records import Role
from knowledge.statements import FIELDS
from knowledge.store.history import FIELDS as CHANGED_FIELDS
from knowledge.timing import Timing
from knowledge.vocabulary import kinds, themes
from knowledge.watches import Event

ROOT = Path(__file__).resolve().parents[2]
OTHERS = tuple(language for language in LANGUAGES if language != "en")
FORM = re.compile(r"_(zero|one|two|few|many|other)$")
NUMBERS = (0, 1, 2, 3, 11, 100, 1_000_000)
BY_PREFIX = {
    "timing_": {timing.value for timing in Timing},
    "role_": {role.value for role in Role},
    "ask_which_": {"place", "organisation"},
    "count_": {"results", "money", "documents", "links"},
    "field_": set(FIELDS),
    "changed_": set(CHANGED_FIELDS),
    "audience_": {"public", "community", "named", "own"},
    "ask_": {field.words for form in FORMS.values() for field in form.fields if field.has_question},
    "answer_": {field.words for form in FORMS.values() for field in form.fields if field.has_question}
    - {form.confirmation.words for form in FORMS.values()},
    "label_": {field.words for form in FORMS.values() for field in form.fields}
    - {form.confirmation.words for form in FORMS.values()},
    "form_": set(FORM_INTENTS),
    "summary_": set(FORM_INTENTS),
    "event_": set(Event),
    "watch_for_": {*Event, "everything"},
    "judged_": set(FeedbackKind),
    "label_of_": set(Label),
    "pair_": set(Label),
    "pair_noted_": set(What) & {"confirm", "reject"},
    "sure_": {"almost", "very", "likely", "open"},
    "rule_": set(RULES),
    "tell_time_": {"now", "past", "ahead"},
    "unsaid_": {"place", "groups", "end", "doer", "money"},
    "meets_": set(When),
    "short_": {fact.value for fact in Fact if fact.against}
    | {"linked", "same_number", "part_of_number", "same_amount"},
    "not_kept_": {"too_many", "own_organisation"},
    "focus_": {"most", "fewest", "starts", "ends"},
    "focus_n_": {"projects", "grants", "records", "organisations", "themes", "kinds", "years"},
    "focus_n_level_": {"0", "1", "2", "3", "5"},
    "focus_no_": {"start", "end", "theme"},
    "focus_picked_": {"start", "end"},
    "focus_column_": {"places", "themes", "kinds", "years"},
    "focus_table_": {"organisations", "places", "themes", "kinds", "years"},
    "focus_presence_": {timing.value for timing in Timing} - {"cancelled"},
    "standing_": {"current", "planned", "stale", "undated", "suspended", "ended", "cancelled"}
    | {f"{timing}_presence" for timing in ("current", "planned", "stale", "ended")},
}
"""What follows the beginning of a key that the code puts together."""


@cache
def table(language: str) -> dict[str, str]:
    loaded: dict[str, str] = yaml.safe_load(written(language))
    return loaded


def written(language: str) -> str:
    files = sorted((ROOT / "bot" / "words" / language).glob("*.yml"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def families(language: str) -> dict[str, dict[str, str]]:
    """Key without its plural form -> form ("" where there is none) -> text."""
    found: dict[str, dict[str, str]] = {}
    for key, text in table(language).items():
        form = FORM.search(key)
        plural = form is not None and {f"{key[: form.start()]}_{f}" for f in ("one", "other")} <= table(language).keys()
        name = key[: form.start()] if form and plural else key
        found.setdefault(name, {})[form[1] if form and plural else ""] = text
    return found


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def wanted(family: str) -> set[str]:
    return set().union(*(placeholders(text) for text in families("en")[family].values()))


def says_its_number(language: str, form: str) -> bool:
    """Whether the form stands for one number only, so that the text may say it in words."""
    meant = [n for n in range(200) if Locale(language).plural_form(n) == form]
    return form == "zero" or len(meant) == 1


def filled(words: Words, family: str, **values: Any) -> str:
    return words(family, **{name: name.upper() for name in wanted(family) - {"n"}} | values)


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_stand_once(language: str) -> None:
    keys = re.findall(r"^(\w+):", written(language), re.MULTILINE)
    assert sorted(keys) == sorted(set(keys))
    assert all(isinstance(value, str) and value.strip() == value != "" for value in table(language).values())


@pytest.mark.parametrize("language", OTHERS)
def test_same_keys_as_english(language: str) -> None:
    assert families(language).keys() == families("en").keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_same_placeholders_as_english(language: str) -> None:
    wrong = {
        (family, form): placeholders(text)
        for family, forms in families(language).items()
        for form, text in forms.items()
        if placeholders(text) != wanted(family)
        and not (says_its_number(language, form) and placeholders(text) == wanted(family) - {"n"})
    }
    assert wrong == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_filled_in_for_every_number(language: str) -> None:
    words = Words(language)
    for family in families("en"):
        for n in NUMBERS if "n" in wanted(family) else (None,):
            said = filled(words, family, **({} if n is None else {"n": n}))
            assert "{" not in said, family
            for name in wanted(family) - {"n"}:
                assert name.upper() in said, (family, n)
            form = Locale(language).plural_form(n) if n is not None else ""
            if n is not None and not says_its_number(language, form):
                assert words.number(n) in said, (family, n)


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_is_left_in_english(language: str) -> None:
    neutral = {"option_place", "button_theme", "period_from_to", "same_line"}
    same = {key for key, text in table(language).items() if text == table("en").get(key)} - neutral
    # Words that two languages share letter for letter.
    assert same <= {"record_documents", "column_source", "column_organisation", "record_who", "provenance_table",
                    "record_time", "count_documents_one", "count_documents_other", "field_budget",
                    "label_message", "button_no"}  # fmt: skip


def test_arabic_counts_in_its_own_forms() -> None:
    said = {n: Words("ar")("months", n=n) for n in (1, 2, 3, 11, 100)}
    assert len(set(said.values())) == 5
    assert "2" not in said[2]


def test_months_read_as_one_says_them() -> None:
    said = {language: Words(language).month(date(2025, 8, 31)) for language in LANGUAGES}
    assert said["en"] == "August 2025"
    assert said["fr"] == "août 2025"
    assert said["es"] == said["pt"] == "agosto de 2025"
    assert said["ar"] == "أغسطس 2025"


# Keys and the code that uses them.


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in (
        "bot/actions",
        "bot/answers",
        "bot/words",
        "connectors/channels",
        "connectors/slack",
        "connectors/teams",
        "connectors/widget",
    ):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return (
        node.func.id
        if isinstance(node.func, ast.Name)
        else node.func.attr
        if isinstance(node.func, ast.Attribute)
        else ""
    )


def is_lookup(node: ast.Call) -> bool:
    """`words(...)`, `self.words(...)`, `request.words_of(...)`, `Words(language)(...)`, and `self(...)` in words/."""
    return called(node) in ("words", "words_of", "self") or (
        isinstance(node.func, ast.Call) and called(node.func) == "Words"
    )


def keys_of(node: ast.expr) -> Iterator[str]:
    """The keys that an expression may give; one put together ends in "*"."""
    match node:
        case ast.Constant(value=str(key)):
            yield key
        case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]):
            yield f"{start}*"
        case ast.IfExp(body=body, orelse=orelse):
            yield from keys_of(body)
            yield from keys_of(orelse)


def used() -> Iterator[tuple[str, set[str] | None, str]]:
    """(key, names filled in where they are told, place in the source) of every lookup of a text."""
    trees = list(sources())
    takes_key = {
        node.name: [argument.arg for argument in node.args.args if argument.arg != "self"].index("key")
        for _, tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name != "__call__" and "key" in [a.arg for a in node.args.args]
    }
    for path, tree in trees:
        for node in ast.walk(tree):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "key" for t in node.targets):
                yield from ((key, None, where) for key in keys_of(node.value))
            if not isinstance(node, ast.Call) or not node.args:
                continue
            if is_lookup(node):
                names = {keyword.arg for keyword in node.keywords if keyword.arg}
                yield from ((key, names, where) for key in keys_of(node.args[0]))
            elif (position := takes_key.get(called(node))) is not None and position < len(node.args):
                yield from ((key, None, where) for key in keys_of(node.args[position]))


def expanded() -> Iterator[tuple[str, set[str] | None, str]]:
    for key, names, where in used():
        if not key.endswith("*"):
            yield key, names, where
        elif key == "capability_*":  # the intents that have no answer yet, with a text for any other
            yield from ((family, None, where) for family in families("en") if family.startswith("capability_"))
        else:
            assert key[:-1] in BY_PREFIX, f"{where} puts a key together from {key!r}: list its ends in this test"
            yield from ((key[:-1] + end, None, where) for end in BY_PREFIX[key[:-1]])


def test_every_key_that_is_used_exists() -> None:
    # A key put together may end in a value that the code answers by another text; the prefix list says which exist.
    missing = {(key, where) for key, _, where in expanded() if key not in families("en") and key not in table("en")}
    assert missing == set()


def test_every_rule_that_decides_is_one_that_is_told() -> None:
    tree = ast.parse(inspect.getsource(decision))
    rules = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_rules")
    yielded = [
        node.value.elts[0]
        for node in ast.walk(rules)
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple)
    ]
    fired = {getattr(decision, name.id) for name in yielded if isinstance(name, ast.Name)}
    assert fired | {decision.SAME_GRANT} == set(decision.RULES)


def test_every_key_is_used() -> None:
    assert families("en").keys() - {key for key, _, _ in expanded()} - {"months_zero"} == set()


def test_every_name_is_filled_in() -> None:
    lacking = {
        (key, where, name)
        for key, names, where in expanded()
        if names is not None and key in families("en")
        for name in wanted(key) - names
    }
    assert lacking == set()


# Texts that come back as typed questions.


def sent(language: str) -> Iterator[str]:
    """Every question that a button may send, for each kind and theme."""
    words = Words(language)
    yield from (words("send_more"), words("button_source"))
    yield from (words("send_only_kind", kind=kind.labels[language]) for kind in kinds().values() if kind.asked)
    for theme in themes().values():
        label = theme.labels[language]
        yield words("send_theme", theme=label)
        yield words("example_who", theme=label, place="Dibate")
        yield words("send_all_areas", themes=label, place="Ethiopia", id="ET")
    yield words("send_all_areas_any", place="Ethiopia", id="ET")
    yield words("send_organisation_area", organisation="OXFAM", place="Ethiopia", id="ET")


@pytest.fixture(scope="module")
def linker() -> Linker:
    places = [
        PlaceEntry("ET", "Ethiopia", 0, "ET", weight=50),
        PlaceEntry("ET060205", "Dibate", 3, "ET", "ET", weight=10),
        PlaceEntry("BR2929800", "Saúde", 2, "BR", "BR"),
        PlaceEntry("CO15542", "Pesca", 2, "CO", "CO"),
        PlaceEntry("HN1616", "Protección", 2, "HN", "HN"),
    ]
    return Linker(Lexicon([], places), date(2026, 11, 23), lambda _: None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_sent_texts_tell_their_language(language: str) -> None:
    # A button must not turn the conversation into another language.
    assert [text for text in sent(language) if detect(text, "en") != language] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_kinds_are_read_back(language: str, linker: Linker) -> None:
    for kind in kinds().values():
        if kind.asked:
            read = linker.link(Words(language)("send_only_kind", kind=kind.labels[language]))
            assert [(e.type, e.value["id"]) for e in read.entities] == [("organisation_kind", kind.id)]
            assert read.words == ""


@pytest.mark.parametrize("language", OTHERS)
def test_labels_of_themes_are_read_back(language: str, linker: Linker) -> None:
    words = Words(language)
    for ident, theme in themes().items():
        label = theme.labels[language]
        about = linker.link(words("send_theme", theme=label))
        assert [(e.type, e.value["id"]) for e in about.entities] == [("theme", ident)]
        assert about.words == ""
        for text, place in (
            (words("example_who", theme=label, place="Dibate"), "ET060205"),
            (words("send_all_areas", themes=label, place="Ethiopia", id="ET"), "ET"),
        ):
            read = linker.link(text)
            found = {(e.type, e.value["id"]) for e in read.entities}
            assert found == {("theme", ident), ("place", place)}, text
            assert read.words == "", text


@pytest.mark.parametrize("language", LANGUAGES)
def test_sent_texts_are_understood(language: str, corpus_server: str) -> None:
    """One conversation of buttons only, through Rasa: each does what its title says and keeps the language."""
    words = Words(language)
    health, nutrition = (themes()[ident].labels[language] for ident in ("health", "nutrition"))
    with httpx.Client(base_url=corpus_server, timeout=60, trust_env=False) as client:
        conversation = ""

        def say(text: str) -> dict[str, Any]:
            nonlocal conversation
            body = {"text": text} | ({"conversation": conversation} if conversation else {})
            answer: dict[str, Any] = client.post("/api/v1/chat", json=body).raise_for_status().json()
            conversation = answer["conversation"]
            assert answer["reply"]["language"] == language, text
            return answer["query"]

        asked = say(words("send_all_areas", themes=health, place="Kenya", id="KE"))
        assert asked["intent"] == "who_does_what"
        assert [theme["id"] for theme in asked["themes"]] == ["health"]
        assert [place["id"] for place in asked["places"]] == ["KE"]
        more = say(words("send_more"))
        assert more["offset"] > 0
        only = say(words("send_only_kind", kind=kinds()["nngo"].labels[language]))
        assert only["organisation_kinds"] == ["nngo"]
        assert [place["id"] for place in only["places"]] == ["KE"]
        assert say(words("button_source"))["intent"] == "provenance"
        other = say(words("send_theme", theme=nutrition))
        assert [theme["id"] for theme in other["themes"]] == ["nutrition"]
        assert [place["id"] for place in other["places"]] == ["KE"]
        anything = say(words("send_all_areas_any", place="Kenya", id="KE"))
        assert (anything["intent"], anything["themes"]) == ("who_does_what", [])
        # Names in another language, and messages that are nothing else, leave the conversation in its own.
        organisation = "Mathare United for Affordable Health"
        named = say(words("send_organisation_area", organisation=organisation, place="Kenya", id="KE"))
        assert [found["name"] for found in named["organisations"]] == [organisation]
        assert [place["id"] for place in say("Turkana (Kenya)")["places"]] == ["KE023"]
        example = say(words("example_who", theme=nutrition, place="Kenya"))
        assert (example["intent"], example["offset"]) == ("who_does_what", 0)
