"""Texts are cut so that the model reads every word of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge.embeddings import Embedder
from knowledge.records import Record, RecordKind, Text, ThemeMention
from knowledge.splitting import PassageSplitter, text_hash
from tests.homes import activity

ENGLISH = "The programme drills boreholes, repairs hand pumps and trains committees in every village of the district. "
ARABIC = "يقوم البرنامج بحفر الآبار وإصلاح المضخات اليدوية وتدريب اللجان في كل قرية من قرى المنطقة. "
AMHARIC = "ፕሮግራሙ በእያንዳንዱ መንደር የውሃ ጉድጓዶችን ይቆፍራል እና የእጅ ፓምፖችን ይጠግናል። "


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder()


def with_texts(*texts: str, title: str = "Title", kind: RecordKind = RecordKind.ACTIVITY) -> Record:
    return replace(activity("r1", title, kind=kind), texts=tuple(Text("general", text, "en") for text in texts))


@pytest.mark.parametrize("sentence", [ENGLISH, ARABIC, AMHARIC], ids=["English", "Arabic", "Amharic"])
def test_every_passage_is_read_whole_and_no_word_is_lost(sentence: str, embedder: Embedder) -> None:
    text = "".join(f"{number} {sentence}" for number in range(40))
    passages = PassageSplitter(embedder.fits).passages(with_texts(text))
    assert len(passages) > 1
    assert all(embedder.fits(passage.text) for passage in passages)
    joined = " ".join(passage.text for passage in passages)
    assert {word for word in text.split() if word not in joined} == set()


def test_a_word_without_end_is_cut_all_the_same(embedder: Embedder) -> None:
    passages = PassageSplitter(embedder.fits).passages(with_texts("ab" * 2000))
    assert all(embedder.fits(passage.text) for passage in passages)


def test_a_title_leads_its_first_text_and_stands_alone_without_one() -> None:
    splitter = PassageSplitter()
    first, second = splitter.passages(with_texts("Deep wells.", "School meals.", title="Water"))
    assert (first.text, second.text) == ("Water. Deep wells.", "School meals.")
    assert [passage.text for passage in splitter.passages(with_texts("Water for all.", title="Water"))] == [
        "Water for all."
    ]
    (alone,) = splitter.passages(with_texts("  ", title="Water"))
    assert (alone.purpose, alone.text) == ("title", "Water")


def test_rows_that_report_the_same_work_share_one_passage() -> None:
    water = (ThemeMention("cluster", name="WASH"),)
    rows = [
        replace(with_texts("Water trucking", title=title, kind=RecordKind.PRESENCE), themes=water)
        for title in ("Acme: Water trucking in Dibate", "Bolt: Water trucking in Guba")
    ]
    one, two = (PassageSplitter().passages(row) for row in rows)
    assert one == two
    assert one[0].text == "WASH: Water trucking"
    assert one[0].text_hash == text_hash("WASH: Water trucking") != text_hash("WASH: water trucking")


def test_a_report_pasted_into_a_record_does_not_outweigh_a_country() -> None:
    assert len(PassageSplitter().passages(with_texts(ENGLISH * 2000))) == 40


def test_a_document_is_kept_whole() -> None:
    texts = tuple(Text("section", f"{number} {ENGLISH}", "en", "Mandate", number) for number in range(1, 201))
    record = replace(with_texts(kind=RecordKind.MANDATE), texts=texts)
    passages = PassageSplitter().passages(record)
    assert [passage.page for passage in passages] == list(range(1, 201))
    assert passages[6].text.startswith("Mandate. 7 The programme")


def test_a_register_entry_without_headings_is_led_by_its_name() -> None:
    (passage,) = PassageSplitter().passages(with_texts("Wells for all.", title="Lantern", kind=RecordKind.MANDATE))
    assert passage.text == "Lantern. Wells for all."
