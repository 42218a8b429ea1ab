"""Nothing of a hidden record comes through any door of a running server, whoever asks, however they ask."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from knowledge.records import RecordKind
from knowledge.vocabulary import themes
from tests.access.conftest import (
    BRIDGEWELL,
    COMMUNITY,
    FERNHILL,
    LANTERNWAY,
    OPERATOR,
    PEOPLE,
    VISITOR,
    Person,
    Recorded,
    may_see,
)

COUNTRIES = ("Kenya", "Colombia", "Senegal")
THEMES = tuple(theme.labels["en"] for theme in themes().values() if not theme.parents)
KINDS = tuple(kind.value for kind in RecordKind)
OUTSIDERS = (VISITOR, COMMUNITY, OPERATOR, BRIDGEWELL, LANTERNWAY)
CONTENT = "parts", "citations", "buttons"
QUESTIONS = (
    "hello",
    "help",
    "where does this come from?",
    "what do you cover in Kenya?",
    "where does your information on Tibú come from?",
    "who does protection in Kilifi?",
    "who works on protection in Buenaventura?",
    "who does protection in Ziguinchor?",
    "who does shelter in Tibú?",
    "who does cash in Mandera East?",
    "who works in Mandera East?",
    "who does water in Turkana South?",
    "who does malaria in Kédougou?",
    "who works on gender-based violence in Arauca?",
    "who does child protection in Garissa?",
    "who works on mine risk education in Tibú?",
    "who works in Homa Bay?",
    "who does water in Alto Baudó?",
    "what does Lanternway International do in Senegal?",
    "what does Fernhill Child Protection Network do?",
    "who works on survivors of violence?",
    "who works on separated children in Garissa?",
    "tell me about flood and drought alerts for Garsen",
)


def hidden(recorded: Iterable[Recorded], who: str) -> list[Recorded]:
    return [record for record in recorded if not may_see(who, record.source)]


def secrets(recorded: list[Recorded], who: str) -> set[str]:
    """Ids, titles and files that stand in nothing this person may see."""
    shut, open_ = hidden(recorded, who), [record for record in recorded if may_see(who, record.source)]
    titles = {record.title for record in shut} - {record.title for record in open_}
    files = {Path(record.source["path"]).name for record in shut} | {record.source["title"] for record in shut}
    return {record.id for record in shut} | titles | files


def leaks(said: object, told: set[str], asked: str = "") -> list[str]:
    """What of `told` stands in an answer. Words of the question may come back."""
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    return sorted(
        secret
        for secret in told
        if secret not in asked and re.search(rf"(?<![\w.-]){re.escape(secret)}(?![\w-])", text)
    )


@pytest.mark.parametrize("who", PEOPLE)
def test_search_gives_each_person_all_of_their_records_and_no_other(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    found: set[str] = set()

    def search(**asked: str) -> int:
        content = person(who).get("/api/v1/search", limit=200, **asked).json()
        found.update(result["id"] for result in content["results"])
        return int(content["total"])

    for kind in KINDS:
        total = search(kind=kind)
        assert total == sum(record.kind == kind and may_see(who, record.source) for record in recorded)
        for place in COUNTRIES if total > 200 else ():
            if search(kind=kind, place=place) > 200:
                for theme in THEMES:
                    search(kind=kind, place=place, theme=theme)
    wanted = {record.id for record in recorded if may_see(who, record.source)}
    assert found <= wanted
    # Records without a country stand beyond the first 200 of their kind; all others are there.
    assert len(wanted - found) < 0.15 * len(wanted)


@pytest.mark.parametrize("who", [VISITOR, OPERATOR, LANTERNWAY])
def test_words_of_hidden_records_find_only_what_may_be_seen(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    told = secrets(recorded, who)
    ids = {record.id for record in hidden(recorded, who)}
    titles = [r.title for r in recorded if r.source["audience"] in ("named", "own")]
    for title in titles:
        results = person(who).get("/api/v1/search", q=title, limit=200).json()["results"]
        assert ids.isdisjoint(result["id"] for result in results)
        assert leaks(results, told) == []


@pytest.mark.parametrize("who", PEOPLE)
def test_a_hidden_record_is_answered_as_one_that_does_not_exist(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    for record in recorded:
        if record.kind == "presence":
            continue
        response = person(who).get(f"/api/v1/records/{quote(record.id, safe='')}")
        if may_see(who, record.source):
            assert response.status_code == 200, record.id
            continue
        nowhere = person(who).get("/api/v1/records/XX-CGD-NOBODY-1")
        assert (response.status_code, response.text.replace(record.id, "XX-CGD-NOBODY-1")) == (404, nowhere.text)
        assert response.headers.keys() == nowhere.headers.keys()


def test_pages_show_a_visitor_public_records_only(person: Callable[[str], Person], recorded: list[Recorded]) -> None:
    visitor, told = person(VISITOR), secrets(recorded, VISITOR)
    assert leaks(visitor.get("/sources").text, told) == []
    assert leaks(visitor.get("/").text, told) == []
    for record in hidden(recorded, VISITOR):
        response = visitor.get(f"/records/{quote(record.id, safe='')}")
        assert response.status_code == 404
        assert leaks(response.text, told, asked=record.id) == []
    shown = visitor.get("/?q=" + quote("who does cash in Mandera East?"))
    assert shown.status_code == 200
    assert leaks(shown.text, told) == []
    assert "Cash assistance of Bridgewell Relief" in person(OPERATOR).get("/sources").text


@pytest.mark.parametrize("who", OUTSIDERS)
def test_organisations_are_told_by_visible_records_alone(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    told = secrets(recorded, who)
    for name in (FERNHILL, LANTERNWAY, BRIDGEWELL, "Kenya Arid Counties Water Authority"):
        response = person(who).get(f"/api/v1/organisations/{quote(name)}")
        assert response.status_code in (200, 404)
        assert leaks(response.text, told) == []


@pytest.mark.parametrize("who", OUTSIDERS)
def test_links_do_not_confirm_hidden_identifiers(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    seen_as: dict[str, list[float]] = {}
    for record in hidden(recorded, who):
        if record.kind == "presence" or record.id.startswith("mandate:"):
            continue
        # An identifier as sure as one made up, and written as it was typed.
        for identifier in (record.id.lower(), record.id.lower()[:-2] + "00"):
            entities = [e for e in person(who).link(f"tell me about {identifier}")["entities"] if e["type"] == "record"]
            seen_as.setdefault("made up" if identifier[-2:] == "00" else "hidden", []).extend(
                entity["probability"] for entity in entities
            )
            assert all(entity["value"]["id"] == identifier.upper() for entity in entities)
    assert set(seen_as["hidden"]) == set(seen_as["made up"]) == {0.9}


@pytest.mark.parametrize("who", [VISITOR, COMMUNITY, LANTERNWAY])
def test_conversations_tell_nothing_of_hidden_records(
    who: str, person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    told = secrets(recorded, who)
    ids = {record.id for record in hidden(recorded, who)}
    for question in QUESTIONS:
        answer = person(who).ask(question)
        for follow_up in ("show more", "where does this come from?", "tell me about the first one"):
            assert leaks(answer, told, asked=question) == [], question
            assert ids.isdisjoint(record["id"] for record in answer["records"]), question
            if not answer["records"] or (follow_up == "show more" and not answer["reply"]["remaining"]):
                continue
            answer = person(who).ask(follow_up, answer["conversation"])
        assert leaks(answer, told, asked=question) == [], question


def test_counts_are_of_what_the_person_may_see(person: Callable[[str], Person], recorded: list[Recorded]) -> None:
    for who in (VISITOR, COMMUNITY, FERNHILL):
        visible = sum(may_see(who, record.source) for record in recorded)
        for question in ("help", "where does your information come from?"):
            numbers = _numbers(person(who).ask(question)["reply"])
            assert visible in numbers, (who, question, numbers)
            assert len(recorded) not in numbers


def _numbers(reply: dict[str, Any]) -> set[int]:
    text = json.dumps([reply[key] for key in CONTENT])
    return {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", text)}


def test_describing_a_hidden_record_says_what_an_unknown_one_gets(
    person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    unknown = person(VISITOR).ask("tell me about XX-CGD-INGO-1007-CP999")["reply"]
    for record in hidden(recorded, VISITOR):
        if record.kind != "activity":
            continue
        said = person(VISITOR).ask(f"tell me about {record.id}")["reply"]
        assert json.dumps(said).replace(record.id, "XX-CGD-INGO-1007-CP999") == json.dumps(unknown)


def test_a_conversation_taken_from_somebody_else_is_empty(person: Callable[[str], Person]) -> None:
    owner = person(LANTERNWAY)
    listed = owner.ask("what does Lanternway International do in Turkana South?")
    conversation = listed["conversation"]
    assert "XX-CGD-INGO-1001-KE235" in {record["id"] for record in listed["records"]}
    for who in (VISITOR, COMMUNITY, FERNHILL, OPERATOR):
        for follow_up in ("show more", "tell me about the first one", "and in Garissa?", "where does this come from?"):
            answer = person(who).ask(follow_up, conversation)
            assert "KE235" not in json.dumps(answer), (who, follow_up)
            assert "lanternway-international" not in {o["id"] for o in answer["query"]["organisations"]}
    still = owner.ask("tell me about the first one", conversation)
    assert still["records"], "the owner's conversation goes on"


def test_clarifying_questions_name_only_what_may_be_known(
    person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    told = secrets(recorded, VISITOR)
    for question in ("who works in Garissa?", "who works in Central?", "what does the Meridian bank do?"):
        answer = person(VISITOR).ask(question)
        assert leaks(answer["reply"]["buttons"], told) == []
        for button in answer["reply"]["buttons"][:2]:
            assert leaks(person(VISITOR).ask(button["send"], answer["conversation"]), told, asked=button["send"]) == []


def test_metrics_count_for_a_visitor_what_a_visitor_may_see(
    person: Callable[[str], Person], recorded: list[Recorded]
) -> None:
    def counted(who: str) -> dict[str, int]:
        text = person(who).get("/metrics").text
        return {kind: int(number) for kind, number in re.findall(r'records\{kind="(\w+)"\} (\d+)', text)}

    for who, seen in ((VISITOR, [r for r in recorded if may_see(VISITOR, r.source)]), (OPERATOR, recorded)):
        assert counted(who) == Counter(record.kind for record in seen)
    assert "vectors" not in person(VISITOR).get("/metrics").text
    assert "commonground_vectors" in person(OPERATOR).get("/metrics").text


def test_errors_say_nothing_of_hidden_records(person: Callable[[str], Person], recorded: list[Recorded]) -> None:
    told = secrets(recorded, VISITOR)
    for query in ({"org": "Nobody At All"}, {"place": "Nowhere"}, {"kind": "secret"}, {"from": "soon"}, {"limit": "x"}):
        response = person(VISITOR).get("/api/v1/search", **query)
        assert response.status_code == 422
        assert response.headers["content-type"] == "application/problem+json"
        assert leaks(response.text, told) == []


@pytest.mark.parametrize("who", ["public", COMMUNITY, LANTERNWAY])
def test_commands_take_the_place_of_somebody_else(
    who: str, corpus_server: str, corpus_home: Path, recorded: list[Recorded]
) -> None:
    rule = VISITOR if who == "public" else who
    told = secrets(recorded, rule)
    ours = next(r.id for r in recorded if r.source.get("owner") == LANTERNWAY)
    for arguments in (["search", "water in Turkana South", "--limit", "50"], ["record", ours]):
        done = subprocess.run(
            [Path(sys.executable).with_name("commonground"), *arguments, "--as", who, "--json"],
            env=os.environ | {"COMMONGROUND_HOME": str(corpus_home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert leaks(done.stdout, told) == []
        assert leaks(done.stderr, told, asked=ours) == []
        if arguments[0] == "record":
            assert done.returncode == (0 if who == LANTERNWAY else 1)
        else:
            assert (ours in done.stdout) == (who == LANTERNWAY)
