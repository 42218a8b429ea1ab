"""The check finds what an answer says beyond its sources, and lets stand what they hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from babel import Locale

from bot.answers import mandate, passages, record, results, texts, who
from bot.words import LANGUAGES, Words
from knowledge.access import PUBLIC, operator
from knowledge.extracts import checking, held
from knowledge.extracts.checking import Kind, Verdict
from knowledge.extracts.voice import Voice, voice
from knowledge.home import Home
from knowledge.records import Access, Indicator, Level, Locator, OrganisationMention, Record, RecordKind, Role, Text
from knowledge.reply import (
    Answer,
    Evidence,
    Notice,
    OrganisationReading,
    Paragraph,
    Query,
    Quote,
    Reply,
    Span,
    Table,
    ThemeReading,
)
from knowledge.vocabulary import kinds
from tests import homes

WATER = [ThemeReading(id="water", name="Water supply")]
CHARTER = Record(
    id="charter",
    kind=RecordKind.MANDATE,
    title="Charter of the Rivers Authority",
    locator=Locator("page 1"),
    language="en",
    texts=(Text("section", "It was set up in 1990. The Authority is responsible for boreholes.", "en", "Mandate", 2),),
    organisations=(OrganisationMention(Role.REPORTING, "Rivers Authority"),),
    extra=(("document-type", "statute"),),
)
WELLS = replace(
    homes.activity("w1", "Wells by hand", who=["Amber Aid"], sectors=["14031"], text="The project aims to dig wells."),
    indicators=(Indicator("Water", "Wells dug by hand", baseline="0", target="1,000", actual="820"),),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with homes.opened(tmp_path_factory.mktemp("home")) as opened:
        more = [homes.activity(f"w{n}", f"Pumps {n}", who=["Basalt Relief"], sectors=["14031"]) for n in (2, 3)]
        homes.put(opened, "a", [WELLS, CHARTER, *more])
        homes.put(opened, "own", [homes.activity("secret", "Quiet wells", who=["Cedar"])], Access(Level.OWN))
        yield opened


def own(language: str) -> Voice:
    files = (Path(__file__).resolve().parents[3] / "bot" / "words" / language).glob("*.yml")
    said = {k: str(v) for file in files for k, v in yaml.safe_load(file.read_text(encoding="utf-8")).items()}
    months = Locale.parse(language).months
    named = [name for form in months.values() for width in form.values() for name in width.values()]
    return voice(said, [*named, *(kind.labels[language] for kind in kinds().values())])


def verdicts(home: Home, answer: Answer, language: str = "en") -> list[Verdict]:
    with home.database.read() as session:
        return checking.check(session, answer, PUBLIC, own(language), homes.TODAY)


def answers(home: Home, language: str = "en") -> list[Answer]:
    words = Words(language)
    on_water = Query(intent="who_does_what", themes=WATER)
    with home.database.read() as session:
        said = texts.found(home, session, on_water, PUBLIC)
        return [
            who.answer(session, on_water, PUBLIC, words, homes.TODAY, texts=said)[0],
            mandate.answer(session, Query(themes=WATER), PUBLIC, words, homes.TODAY),
            results.answer(session, Query(themes=WATER), PUBLIC, words, homes.TODAY),
            record.describe(session, Query(records=["w1"]), PUBLIC, words, homes.TODAY),
            passages.answer(home, session, Query(words="wells"), "Why wells?", PUBLIC, words, homes.TODAY),
            mandate.answer(session, Query(words="falconry"), PUBLIC, words, homes.TODAY),
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_true_answers_holds(home: Home, language: str) -> None:
    for answer in answers(home, language):
        assert [verdict for verdict in verdicts(home, answer, language) if not verdict.holds] == []


def test_what_each_sentence_rests_on_is_told(home: Home) -> None:
    counted, quoted, compared, *_ = answers(home)
    assert Kind.COUNTED in {verdict.kind for verdict in verdicts(home, counted)}
    assert Kind.FIELDS in {verdict.kind for verdict in verdicts(home, quoted)}
    assert Kind.FIELDS in {verdict.kind for verdict in verdicts(home, compared)}
    assert {verdict.kind for verdict in verdicts(home, answers(home)[-1])} == {Kind.FRAME, Kind.SEARCHED}


def _in_table(answer: Answer, before: str, after: str) -> None:
    for part in answer.reply.parts:
        if isinstance(part, Table):
            for span in (span for row in part.rows for cell in row for span in cell):
                span.text = span.text.replace(before, after)


def _headline(answer: Answer, before: str, after: str) -> None:
    part = next(part for part in answer.reply.parts if isinstance(part, Paragraph))
    assert before in part.spans[0].text
    part.spans[0].text = part.spans[0].text.replace(before, after, 1)


def _moved(answer: Answer) -> None:
    citation = next(citation for citation in answer.reply.citations if citation.evidence)
    citation.evidence[0] = citation.evidence[0].model_copy(update={"start": 1})


def _foreign(answer: Answer) -> None:
    answer.reply.parts.append(Quote(text="Nobody ever wrote this.", lang="en", cites=[1]))


def _bare(answer: Answer) -> None:
    answer.reply.parts.append(Paragraph(spans=[Span(text="Amber Aid works well.")]))


def _dangling(answer: Answer) -> None:
    answer.reply.parts.append(Paragraph(spans=[Span(text="As reported.", cites=[99])]))


def _hidden(answer: Answer) -> None:
    answer.reply.citations[0].record = "secret"


def _no_field(answer: Answer) -> None:
    answer.reply.citations[0].evidence = [Evidence(field="texts/9/text", quote="x", start=0, end=1)]


@pytest.mark.parametrize(
    ("which", "wrong", "kind"),
    [
        (0, lambda a: _headline(a, "2 organisations", "3 organisations"), Kind.WRONG),
        (0, lambda a: _in_table(a, "Basalt", "Garnet"), Kind.WRONG),
        (1, lambda a: _in_table(a, "responsible", "irresponsible"), Kind.WRONG),
        (1, _moved, Kind.WRONG),
        (1, _foreign, Kind.WRONG),
        (1, _hidden, Kind.WRONG),
        (2, lambda a: _in_table(a, "820", "990"), Kind.WRONG),
        (2, lambda a: _in_table(a, "82 %", "98 %"), Kind.WRONG),
        (2, _no_field, Kind.WRONG),
        (2, _dangling, Kind.WRONG),
        (3, lambda a: _in_table(a, "2027", "2031"), Kind.WRONG),
        (3, _bare, Kind.UNCITED),
    ],
)
def test_what_its_sources_do_not_say_is_found(
    home: Home, which: int, wrong: Callable[[Answer], None], kind: Kind
) -> None:
    answer = answers(home)[which].model_copy(deep=True)
    wrong(answer)
    assert kind in {verdict.kind for verdict in verdicts(home, answer)}


def test_an_answer_for_the_owner_does_not_hold_for_others(home: Home) -> None:
    query = Query(organisations=[OrganisationReading(id="x", name="Cedar")], records=["secret"])
    with home.database.read() as session:
        answer = record.describe(session, query, operator(), Words("en"), homes.TODAY)
    assert {verdict.kind for verdict in verdicts(home, answer)} >= {Kind.WRONG}


@pytest.mark.parametrize(
    ("written", "plain"),
    [("1,200", "1200"), ("1.200.000", "1200000"), ("08", "8"), ("12.5", "12.5"), ("4.00", "4"), ("1\u00a0200", "1200")],
)
def test_a_figure_is_the_same_however_it_is_grouped(written: str, plain: str) -> None:
    assert held.plain_figure(written) == plain


@pytest.mark.parametrize(
    ("sentence", "query", "kind"),
    [
        ("none_reported", Query(themes=WATER), Kind.WRONG),
        ("none_reported", Query(themes=[ThemeReading(id="nutrition", name="Nutrition")]), Kind.DENIED),
        # Nobody of one organisation is not nobody.
        ("none_reported", Query(themes=WATER, organisations=[OrganisationReading(id="x", name="X")]), Kind.WRONG),
        ("fits_none", Query(themes=WATER), Kind.WRONG),
        ("fits_none", Query(themes=WATER, organisations=[OrganisationReading(id="x", name="X")]), Kind.DENIED),
        ("fits_none", Query(themes=WATER, words="lighthouses"), Kind.DENIED),
        ("results_none", Query(themes=WATER), Kind.WRONG),
        ("contact_none", Query(organisations=[OrganisationReading(id="x", name="X")]), Kind.DENIED),
    ],
)
def test_that_there_is_nothing_is_looked_up_again(home: Home, sentence: str, query: Query, kind: Kind) -> None:
    words = Words("en")
    filled = {
        "none_reported": {"doing": "at work"},
        "fits_none": {"list": "water supply"},
        "results_none": {"count": "3"},
        "contact_none": {"organisation": "X"},
    }[sentence]
    text = words(sentence, date=words.date(homes.TODAY), **filled)
    answer = Answer(reply=Reply(parts=[Notice(tone="warning", spans=[Span(text=text)])]), query=query)
    assert [verdict.kind for verdict in verdicts(home, answer)] == [kind]


def test_a_notice_that_counts_records_needs_a_citation(home: Home) -> None:
    said = Notice(tone="warning", spans=[Span(text="One level up, Garnetshire has 3 records.")])
    answer = Answer(reply=Reply(parts=[said]), query=Query(themes=WATER))
    assert [verdict.kind for verdict in verdicts(home, answer)] == [Kind.UNCITED]
