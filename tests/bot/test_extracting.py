"""Mandates, results, contacts and open questions as a conversation asks them, over hand-made records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.actions import understanding
from bot.actions.capabilities import CAPABILITIES
from bot.actions.context import Context, Request
from bot.words import LANGUAGES, Words
from knowledge.access import PUBLIC
from knowledge.index import Index
from knowledge.records import (
    Access,
    Contact,
    Indicator,
    Level,
    Locator,
    OrganisationMention,
    Record,
    RecordKind,
    Role,
    Text,
)
from knowledge.reply import Answer, Notice, Paragraph, Quote, Table
from tests import homes

TODAY = homes.TODAY


def charter(name: str, text: str) -> Record:
    return Record(
        f"charter {name}", RecordKind.MANDATE, f"Charter of {name}", Locator("page 1"), "en",
        (Text("section", text, "en", "Mandate", 3),), (OrganisationMention(Role.REPORTING, name),),
        extra=(("document-type", "statute"),),
    )  # fmt: skip


def work(record_id: str, who: str, text: str = "", **more: Any) -> Record:
    mentions = [OrganisationMention(Role.REPORTING, who), OrganisationMention(Role.IMPLEMENTING, who)]
    made = homes.activity(
        record_id, f"Wells {record_id}", who=mentions, where=[homes.place()], sectors=["14031"], text=text
    )
    return replace(made, **more)


def told() -> list[Record]:
    dug = Indicator("Water", "Wells dug by hand", target="100", actual="82")
    evaluation = replace(
        charter("Garnet Reviewers", "The boreholes reached fewer households than the target said, by a third."),
        id="evaluation", kind=RecordKind.DOCUMENT, extra=(("document-type", "evaluation"),),
    )  # fmt: skip
    return [
        charter("Rivers Authority", "The Authority is responsible for boreholes and keeps the register of them."),
        charter("Shelter Office", "The Office builds houses. It does not drill boreholes for anybody."),
        work("w1", "Bureau Amber", "Committees failed because nobody paid the mechanic of the pump.",
             indicators=(dug,), contacts=(Contact("", "https://amber.example", "info@amber.example"),)),
        work("w2", "Bureau Basalt", secondary_reporter=True,
             indicators=tuple(Indicator("Water", f"Wells kept, year {n}", target="9", actual="9") for n in range(9))),
        work("w3", "Bureau Cedar"),
        evaluation,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with homes.opened(tmp_path_factory.mktemp("home")) as home:
        homes.put(home, "records", told())
        yield Index(home)


class Talk:
    """One conversation, in which the intent of each message is given."""

    def __init__(self, index: Index, language: str = "en") -> None:
        self.index, self.words, self.context = index, Words(language), Context()

    def ask(self, intent: str, text: str) -> Answer:
        linked = self.index.link(text, PUBLIC)
        message = understanding.read([entity.as_json() for entity in linked.entities])
        query = understanding.fresh(intent, message, linked.words)
        request = Request(
            self.index, PUBLIC, self.words, intent, message, linked.words, text, context=self.context, query=query,
            capabilities=CAPABILITIES,
        )  # fmt: skip
        with self.index.home.database.read() as session:
            return CAPABILITIES[f"action_{intent}"](session, request)


def said(answer: Answer) -> str:
    return " ".join(
        "".join(span.text for span in part.spans) for part in answer.reply.parts if isinstance(part, Paragraph | Notice)
    )


def rows(answer: Answer) -> list[list[str]]:
    return [
        ["".join(span.text for span in cell) for cell in row]
        for part in answer.reply.parts
        if isinstance(part, Table)
        for row in part.rows
    ]


def quotes(answer: Answer) -> list[str]:
    return [part.text for part in answer.reply.parts if isinstance(part, Quote)]


def test_who_has_the_mandate_is_told_in_their_own_words_with_page_and_heading(index: Index) -> None:
    talk = Talk(index)
    answer = talk.ask("find_mandate", "Who has the mandate for boreholes?")
    assert "1 organisation speaks of water supply in its own mandate texts." in said(answer)
    claimed, denied = rows(answer)
    assert claimed[1] == "The Authority is responsible for boreholes and keeps the register of them."
    assert denied[1] == "It does not drill boreholes for anybody."
    assert answer.reply.citations[0].element == "page 3, Mandate"
    assert "#:~:text=The%20Authority" in answer.reply.citations[0].href
    assert [(item.type, item.name) for item in talk.context.listed] == [("organisation", "Rivers Authority")]


def test_what_an_organisation_may_do_falls_back_on_what_it_says_and_what_it_does(index: Index) -> None:
    talk = Talk(index)
    assert "says of itself on water supply" in said(talk.ask("find_mandate", "Rivers Authority mandate for boreholes"))
    other = talk.ask("find_mandate", "What is the mandate of Rivers Authority on nutrition?")
    assert "I find no sentence on nutrition among the tasks" in said(other)
    assert other.coverage.state == "none_reported"
    assert quotes(other) == ["The Authority is responsible for boreholes and keeps the register of them."]
    silent = talk.ask("find_mandate", "What is the mandate of Bureau Cedar?")
    assert "I hold no mandate text of Bureau Cedar" in said(silent)
    assert "its records show it working on: Water supply (1)" in said(silent)


def test_results_set_figures_beside_targets_and_claim_no_cause(index: Index) -> None:
    talk = Talk(index)
    answer = talk.ask("find_results", "What results were achieved on boreholes in Kenya?")
    assert "2 records working on water supply in Kenya report results." in said(answer)
    assert "10 indicators give a target and a figure for the same period: target reached 9, not reached 1." in said(
        answer
    )
    assert "They do not show what caused what" in said(answer)
    assert "1 other record of this search reports no results." in said(answer)
    assert answer.reply.remaining == 2
    shown = {row[0]: row for row in rows(answer)}
    assert any(row[1].endswith("(Repeated by a secondary reporter)") for row in shown.values())
    more = talk.ask("show_more", "show more")
    found = {row[0]: row[5] for row in (*rows(answer), *rows(more))}
    assert len(found) == 10
    assert found["Wells dug by hand"] == "82 % of target"
    assert "That was all of it." in said(talk.ask("show_more", "show more"))


def test_what_evaluations_say_is_quoted(index: Index) -> None:
    answer = Talk(index).ask("find_results", "results of boreholes")
    assert quotes(answer) == ["The boreholes reached fewer households than the target said, by a third."]


def test_contacts_are_offices(index: Index) -> None:
    talk = Talk(index)
    assert [row[1:] for row in rows(talk.ask("find_contact", "How do I reach Bureau Amber?"))] == [
        ["shared mailbox", "info@amber.example"],
        ["website", "https://amber.example"],
    ]
    several = talk.ask("find_contact", "Contacts for boreholes in Kenya")
    assert "No public office published for: Bureau Basalt, Bureau Cedar." in said(several)
    assert "I give out offices only, never persons" in said(talk.ask("find_contact", "mail of Bureau Cedar"))


def test_an_open_question_is_answered_with_a_sentence_and_a_weak_one_is_not(index: Index) -> None:
    talk = Talk(index)
    why = talk.ask("who_does_what", "Why did the committees fail over the mechanic?")
    assert quotes(why) == ["Committees failed because nobody paid the mechanic of the pump."]
    assert [item.id for item in talk.context.listed] == ["w1"]
    weak = talk.ask("who_does_what", "Why do lighthouses sing?")
    assert quotes(weak) == []
    assert "I found no sentence that answers this" in said(weak)
    assert "lighthouses" in said(weak)
    listed = talk.ask("who_does_what", "Who works on boreholes in Kenya?")
    assert rows(listed)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("intent", "text"),
    [
        ("find_mandate", "telescope"),
        ("find_mandate", "Zorblax Institute"),
        ("find_results", "telescope Kenya"),
        ("find_results", "nutrition Kenya"),
        ("find_results", "boreholes Peru"),
        ("find_contact", "Zorblax Institute"),
        ("find_contact", "boreholes Peru"),
    ],
)
def test_what_nobody_published_is_said_so_in_every_language(
    index: Index, language: str, intent: str, text: str
) -> None:
    answer = Talk(index, language).ask(intent, text)
    assert answer.coverage.state in ("none_reported", "not_covered")
    assert answer.records == []
    assert answer.reply.citations == []
    assert any(isinstance(part, Notice) and part.tone == "warning" for part in answer.reply.parts)


@pytest.mark.parametrize("intent", ["find_mandate", "find_results", "find_contact"])
def test_a_question_without_a_name_is_put_back_or_counts_all(index: Index, intent: str) -> None:
    answer = Talk(index).ask(intent, "?")
    assert answer.reply.parts


def test_what_others_may_not_see_changes_no_answer(index: Index, tmp_path: Path) -> None:
    hidden = [
        charter("Quiet Office", "The Office is mandated to drill boreholes and to sing to lighthouses."),
        work("h1", "Bureau Amber", "Lighthouses sing because of boreholes in the mechanic's pump.",
             indicators=(Indicator("Water", "Wells kept quiet in all", target="5", actual="1"),),
             contacts=(Contact("", "https://quiet.example"),)),
        replace(charter("Quiet Reviewers", "The boreholes reached nobody, which the evaluation found to be a result."),
                id="quiet evaluation", kind=RecordKind.DOCUMENT, extra=(("document-type", "evaluation"),)),
    ]  # fmt: skip
    asked = [
        ("find_mandate", "Who has the mandate for boreholes?"),
        ("find_mandate", "What is the mandate of Rivers Authority?"),
        ("find_results", "results of boreholes in Kenya"),
        ("find_contact", "How do I reach Bureau Amber?"),
        ("find_contact", "Contacts for boreholes in Kenya"),
        ("who_does_what", "Why did the committees fail over the mechanic?"),
        ("who_does_what", "Why do lighthouses sing?"),
    ]
    before = [Talk(index).ask(*question) for question in asked]
    with homes.opened(tmp_path) as home:
        homes.put(home, "records", told())
        homes.put(home, "hidden", hidden, Access(Level.OWN))
        after = [Talk(Index(home)).ask(*question) for question in asked]
    assert [answer.model_dump() for answer in after] == [answer.model_dump() for answer in before]


def test_that_one_organisation_is_not_found_is_not_said_of_all(index: Index) -> None:
    """Others do work on boreholes in Kenya: what narrowed the question is named."""
    talk = Talk(index)
    for intent, text in (
        ("find_results", "results of Rivers Authority on boreholes in Kenya"),
        ("who_does_what", "How does Rivers Authority repair telescopes for boreholes in Kenya?"),
    ):
        told_none = said(talk.ask(intent, text))
        assert "No record published in my index fits all of this together" in told_none
        assert "Rivers Authority" in told_none
        assert "working on water supply in Kenya" not in told_none


def test_names_alone_find_no_sentence_about_something_else(tmp_path: Path) -> None:
    text = "Bureau Amber has made clear that it finances nothing of the dispute over the harbour, which is not its aim."
    with homes.opened(tmp_path) as home:
        homes.put(home, "a", [work("w1", "Bureau Amber", text)])
        answer = Talk(Index(home)).ask("describe_record", "What is the aim of w1 by Bureau Amber?")
    assert "harbour" not in " ".join(quotes(answer)) or answer.coverage.state == "none_reported"
