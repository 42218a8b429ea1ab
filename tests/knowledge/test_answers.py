"""Citations are numbered once, and every number in an answer has its citation."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.answers import Ledger, cited_numbers, plain, record_href, summary, text
from knowledge.finding import Hit
from knowledge.records import RecordKind
from knowledge.reply import BulletList, Column, Heading, Notice, Quote, Reply, Span, Table


def hit(pk: int, source: int = 1, level: str = "public", kind: RecordKind = RecordKind.ACTIVITY) -> Hit:
    return Hit(
        pk, f"XX-1-{pk}", kind, f"Title {pk}", "en", "Acme", "2", None, None, date(2026, 1, 2), False,
        f"iati-activity[{pk}]", pk * 10, level, source, f"file{source}.xml", f"Source {source}", "iati-activity",
        date(2026, 2, 1),
    )  # fmt: skip


def test_the_same_record_has_one_number_wherever_it_is_cited() -> None:
    ledger = Ledger()
    assert [ledger.record(hit(pk)) for pk in (7, 8, 7, 9, 8)] == [1, 2, 1, 3, 2]
    assert [citation.number for citation in ledger.citations] == [1, 2, 3]
    first = ledger.citations[0]
    assert (first.record, first.file, first.element, first.line, first.reported_on) == (
        "XX-1-7", "file1.xml", "iati-activity[7]", 70, date(2026, 1, 2),
    )  # fmt: skip


def test_a_record_and_its_file_are_cited_apart() -> None:
    ledger = Ledger()
    assert ledger.record(hit(1)) != ledger.source(hit(1), "public")
    assert ledger.source(hit(2), "public") == ledger.source(hit(1), "public")
    assert ledger.citations[1].record == ""
    assert ledger.citations[1].reported_on == date(2026, 2, 1)


def test_a_table_of_many_publishers_is_cited_without_one() -> None:
    ledger = Ledger()
    ledger.source(hit(1, kind=RecordKind.PRESENCE), "community")
    assert (ledger.citations[0].publisher, ledger.citations[0].audience) == ("", "community")


def test_the_files_behind_most_records_are_cited_first_and_three_at_most() -> None:
    ledger = Ledger()
    hits = [hit(n, source) for n, source in enumerate([1, 2, 2, 3, 3, 3, 4, 4])]
    assert ledger.sources(hits) == [1, 2, 3]
    assert [citation.file for citation in ledger.citations] == ["file3.xml", "file2.xml", "file4.xml"]


def test_a_source_citation_does_not_number_the_files_of_the_index() -> None:
    ledger = Ledger()
    ledger.source(hit(1, source=417), "public")
    assert "417" not in ledger.citations[0].href


@pytest.mark.parametrize(
    ("record", "href"),
    [
        ("XX-1", "/records/XX-1"),
        ("a/b", "/records/a%2Fb"),
        ("a b?c#d", "/records/a%20b%3Fc%23d"),
        ("../x", "/records/..%2Fx"),
    ],
)
def test_addresses_of_records_hold_any_identifier(record: str, href: str) -> None:
    assert record_href(record) == href


def test_every_part_tells_its_citations() -> None:
    parts = [
        text("One.", "", "Two.", cites=[1]),
        Heading(text="H"),
        BulletList(items=[[Span(text="x", cites=[2])], [Span(text="y")]]),
        Quote(text="q", lang="en", cites=[3]),
        Notice(tone="info", spans=[Span(text="n", cites=[4, 5])]),
        Table(caption="c", columns=[Column(title="a")], rows=[[[Span(text="v", cites=[6])]]]),
    ]
    assert cited_numbers(parts) == {1, 2, 3, 4, 5, 6}


def test_sentences_of_a_paragraph_share_their_citations() -> None:
    paragraph = text("One.", "", "Two.", cites=[1, 2])
    assert "".join(span.text for span in paragraph.spans) == "One. Two."
    assert paragraph.spans[-1].cites == [1, 2]


def test_a_reply_as_text_keeps_words_numbers_and_sources() -> None:
    ledger = Ledger()
    number = ledger.record(hit(1))
    table = Table(
        caption="Who", columns=[Column(title="Name"), Column(title="Records", numeric=True)],
        rows=[[[Span(text="Acme")], [Span(text="1", cites=[number])]]],
    )  # fmt: skip
    shown = plain(Reply(parts=[text("Found 1.", cites=[1]), table, Quote(text="As is", lang="en", cites=[1])],
                        citations=ledger.citations))  # fmt: skip
    assert "Found 1. [1]" in shown
    assert "Name  Records" in shown
    assert "“As is” [1]" in shown
    assert "[1] XX-1-1, Title 1, Acme, file1.xml, iati-activity[1], 2026-01-02" in shown


def test_a_summary_is_of_the_record() -> None:
    assert summary(hit(3)).model_dump(include={"id", "kind", "href"}) == {
        "id": "XX-1-3", "kind": "activity", "href": "/records/XX-1-3",
    }  # fmt: skip
