"""The sentence that answers is chosen; where none does, nothing is given as an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from knowledge.access import PUBLIC
from knowledge.extracts import choosing, cues, questions
from knowledge.extracts.choosing import Candidate, Chosen
from knowledge.extracts.fields import load, value_at
from knowledge.finding import Facets, find
from knowledge.home import Home
from tests import homes

WELLS = (
    "The project repairs wells in five villages. Committees failed because nobody paid the pump mechanic. "
    "It aims to give every household water all year. Mechanics are trained through a school of plumbers."
)
GOATS = "The project buys goats for widows. It began in 2024 with 40,000 USD. Women choose the animals at a fair."


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with homes.opened(tmp_path_factory.mktemp("home")) as opened:
        homes.put(opened, "a", [homes.activity("w1", "Wells", text=WELLS), homes.activity("g1", "Goats", text=GOATS)])
        yield opened


def chosen(home: Home, question: str) -> Chosen:
    with home.database.read() as session:
        hits = find(session, Facets(), PUBLIC)
        bodies = load(session, [hit.pk for hit in hits])
        return choosing.choose(
            questions.read(question), [Candidate(hit, bodies[hit.pk]) for hit in hits], home.embedder.embed
        )


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("Why did the committees fail over the mechanic?", "Committees failed because nobody paid the pump mechanic."),
        ("How are mechanics trained?", "Mechanics are trained through a school of plumbers."),
        ("What is the aim for household water?", "It aims to give every household water all year."),
        ("When did goats come for 40,000 USD?", "It began in 2024 with 40,000 USD."),
        ("Who chooses the animals at the fair?", "Women choose the animals at a fair."),
    ],
)
def test_the_sentence_that_answers_is_given(home: Home, question: str, sentence: str) -> None:
    found = chosen(home, question)
    assert [extract.evidence.quote for extract in found.extracts][:1] == [sentence]


@pytest.mark.parametrize(
    "question",
    [
        "What colour is the logo of the project?",
        "How many helicopters does the school of plumbers own?",
        "Why do lighthouses fail?",
        "When was the director born?",
        "What did the ambassador say about goats and parliament?",
    ],
)
def test_what_no_sentence_says_is_not_answered(home: Home, question: str) -> None:
    assert chosen(home, question).extracts == ()


def test_words_that_nobody_says_are_named(home: Home) -> None:
    assert chosen(home, "How many helicopters have wells?").missing == ("helicopters",)


def test_a_title_names_the_work_and_tells_nothing_about_it(home: Home) -> None:
    assert all(extract.evidence.field != "title" for extract in chosen(home, "Tell me about goats").extracts)


def test_evidence_is_the_span_it_names(home: Home) -> None:
    (extract, *_) = chosen(home, "How are mechanics trained?").extracts
    with home.database.read() as session:
        record = load(session, [extract.hit.pk])[extract.hit.pk]
    evidence = extract.evidence
    assert value_at(record, evidence.field)[evidence.start : evidence.end] == evidence.quote


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Why are there wells?", "purpose"),
        ("Pourquoi des puits ?", "purpose"),
        ("¿Cómo eligen los pueblos?", "manner"),
        ("ما هو هدف المشروع؟", "purpose"),
        ("Quantos poços?", "number"),
        ("How much does it cost?", "amount"),
        ("Who works on wells in Kenya?", ""),
    ],
)
def test_the_kind_of_answer_is_read_from_the_question(question: str, wanted: str) -> None:
    assert cues.wanted(question) == wanted


@pytest.mark.parametrize(
    ("words", "asked", "left"),
    [
        ("mandate peacekeeping", "mandate", "peacekeeping"),
        ("results achieved solar pumps", "results", "solar pumps"),
        ("email director Oxfam", "contact", "director Oxfam"),
        ("mandato", "mandate", ""),
    ],
)
def test_words_that_only_ask_are_no_topic(words: str, asked: str, left: str) -> None:
    assert cues.topic(words, asked) == left
