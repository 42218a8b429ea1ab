"""The search as a LangChain retriever: passages with the record, page, heading and span they stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.documents import Document
from sqlalchemy import select

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import member
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, Level, Record, RecordKind, Text, ThemeMention
from knowledge.retrieval.retriever import RecordRetriever
from knowledge.retrieval.spans import Span, span_of
from knowledge.search import passages, search
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from tests.homes import activity, opened, place, put

MANDATE = replace(
    activity("mandate", "Statute of the Fictive Water Office", kind=RecordKind.MANDATE),
    texts=(
        Text("section", "The office keeps a seal and a register.", "en", "1 General", 3),
        Text("section", "The office drills boreholes where herders ask for water.", "en", "Part 2 > 2.1 Mandate", 7),
        Text("section", "It may clear landmines on the way to a borehole.", "en", "Part 2 > 2.4 Safety", 9),
        Text("section", "Budgets are approved by the council.", "en", "3 Money", 12),
    ),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        row = replace(
            activity("row", "Row", kind=RecordKind.PRESENCE),
            texts=(Text("general", "Distribution of blankets", "en"),),
            themes=(ThemeMention("cluster", "", "Shelter"),),
        )
        work = activity("work", "Wells of Kitui", text="Boreholes for herders.", where=[place("Kitui")])
        put(home, "open", [MANDATE, work, row, activity("bare", "Only a title of kites")])
        put(home, "own", [activity("secret", "Secret wells", text="Boreholes for herders.")], Access(Level.OWN, "acme"))
        yield home


def asked(home: Home, words: str, **options: Any) -> list[Document]:
    return RecordRetriever(home=home, **options).invoke(words)


def stored(home: Home, record_id: str) -> Record:
    with home.database.read() as session:
        return RECORD.validate_json(session.scalars(select(m.RecordRow.body).where(m.RecordRow.id == record_id)).one())


def test_documents_say_where_their_words_stand(home: Home) -> None:
    (best, *_) = asked(home, "who drills boreholes for herders", facets=Facets(kinds=(RecordKind.MANDATE,)))
    about = best.metadata
    assert (about["record"], about["page"], about["heading"]) == ("mandate", 7, "Part 2 > 2.1 Mandate")
    assert (about["kind"], about["source"], about["title"]) == ("mandate", "open.xml", MANDATE.title)
    assert about["field"] == "texts/1/text"
    assert MANDATE.texts[1].text[about["start"] : about["end"]] in best.page_content
    assert 0 < about["score"] <= 1


@pytest.mark.parametrize("words", ["boreholes", "blankets", "kites", "landmines"])
def test_every_span_holds_the_words_of_its_passage(home: Home, words: str) -> None:
    found = asked(home, words, audience=member("Acme"))
    assert found
    for document in found:
        about = document.metadata
        record = stored(home, about["record"])
        text = record.title if about["field"] == "title" else record.texts[int(about["field"].split("/")[1])].text
        said = text[about["start"] : about["end"]]
        assert said
        assert document.page_content.endswith(said)


def test_audience_and_facets_narrow(home: Home) -> None:
    assert {d.metadata["record"] for d in asked(home, "boreholes")} == {"work", "mandate"}
    assert {d.metadata["record"] for d in asked(home, "boreholes", audience=member("Acme"))} >= {"work", "secret"}
    kitui = Facets(places=("KE:kitui",))
    assert [d.metadata["record"] for d in asked(home, "boreholes", facets=kitui)] == ["work"]
    assert len(asked(home, "boreholes", k=1)) == 1
    assert asked(home, "boreholes", facets=Facets(places=("KE:nowhere",))) == []


def test_a_document_answers_with_each_passage_that_does(home: Home) -> None:
    written = Facets(kinds=(RecordKind.MANDATE, RecordKind.DOCUMENT))
    once = asked(home, "boreholes", facets=written)
    often = asked(home, "boreholes", facets=written, each_record_once=False)
    assert [d.metadata["page"] for d in once] == [7] or [d.metadata["page"] for d in once] == [9]
    assert {7, 9} <= {d.metadata["page"] for d in often}
    with home.database.read() as session:
        found = passages(home, session, "clear landmines", written, VISITOR)
        assert found[0].stands_in == "page 9, 2.4 Safety"
        assert found[0].hit is not None
        assert search(home, session, "clear landmines", written, VISITOR)[0].stands_in == "page 9, 2.4 Safety"


def test_spans_leave_out_what_was_put_before_a_text() -> None:
    record = replace(
        activity("r", "A title", text="First words. More words."),
        texts=(Text("general", "First words. More words.", "en"), Text("section", "Deep.", "en", "Head", 4)),
    )
    assert span_of(record, "A title. First words.") == Span("texts/0/text", 0, 12)
    assert span_of(record, "More words.") == Span("texts/0/text", 13, 24)
    assert span_of(record, "Head. Deep.", heading="Head", page=4) == Span("texts/1/text", 0, 5)
    assert span_of(record, "A title") == Span("title", 0, 7)
    assert span_of(record, "Head. Deep.", heading="Head", page=5) is None
