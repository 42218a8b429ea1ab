"""Which sentences of a model are taken: what it changes, adds, leaves out or dresses up drops the sentence."""

from __future__ import annotations

import pytest

from knowledge.phrasing.checks import checked
from knowledge.phrasing.findings import Finding, Names, read
from knowledge.reply import Answer, Citation, OrganisationSummary, Paragraph, Reply, Span

WHO = Finding("12 organisations are reported working on {1} in {0}.", (1, 2))
KINDS = Finding("By kind: International NGO (7) and National NGO (5).", (1,))
STALE = Finding("4 reported as active, but the reports are old; 3 planned; 5 without an end date.", (1,))
NEVER = Finding("{0} has not worked in {1} since 2021.", (4,))
MONEY = Finding("1.5 million USD were committed, 40 % of them in {0}, from 2019 to 2023.", (5,))
PEOPLE = Finding("300 women and 200 men were trained within 6 months.", (6,))
ROW = Finding("Organisation: {2}; Where: {0}; Records: 3", (7,), heads=False)
ALL = [WHO, KINDS, STALE, NEVER, MONEY, PEOPLE, ROW]


def taken(said: str, language: str = "en", findings: list[Finding] = ALL) -> list[str]:
    return [sentence.text for sentence in checked(said, findings, language)]


@pytest.mark.parametrize(
    "sentence",
    [
        "In {0}, 12 organisations work on {1} [1][2]",
        "Twelve organisations are working on {1} in {0} [1][2]",
        "By kind, there are 7 International NGO and 5 National NGO [1]",
        "{0} has not worked in {1} since 2021 [4]",
        "1,500,000 USD were committed from 2019 to 2023 [5]",
        "USD 1.5 million were committed [5]",
        "300 women and 200 men were trained within six months [6]",
        "{2} is reported in {0} [7]",
        "{2} has 3 records [7]",
        "- In {0}, 12 organisations work on {1} [1] [2].",
    ],
)
def test_a_faithful_sentence_is_taken(sentence: str) -> None:
    assert len(taken(sentence)) == 1


@pytest.mark.parametrize(
    "sentence",
    [
        # figures
        "13 organisations work on {1} in {0} [1][2]",
        "Thirteen organisations work on {1} in {0} [1][2]",
        "A dozen and 13 organisations work on {1} in {0} [1][2]",
        "٧ organisations work on {1} in {0} [1][2]",
        "12 % work on {1} in {0} [1][2]",
        "12 million organisations work on {1} in {0} [1][2]",
        "Half of 12 organisations work on {1} in {0} [1][2]",
        "15 million USD were committed [5]",
        "1.5 USD were committed [5]",
        "1.5 million EUR were committed [5]",
        "1.5 million were committed [5]",
        "40 were committed in {0} [5]",
        "40 million USD were committed in {0} [5]",
        "USD 1.5 million were committed from 2023 to 2019 [5]",
        "USD 1.5 million were committed in 2020 [5]",
        "200 women and 300 men were trained within 6 months [6]",
        "300 men were trained within 6 months [6]",
        "300 women were trained within 6 years [6]",
        "½ of 300 women were trained [6]",
        "There are 5 International NGO and 7 National NGO [1]",
        # names, in any script and case
        "12 organisations led by Oxfam work on {1} in {0} [1][2]",
        "12 organisations led by oxfam work on {1} in {0} [1][2]",
        "12 organisations with أوكسفام work on {1} in {0} [1][2]",
        "12 organisations with 乐施会 work on {1} in {0} [1][2]",
        "12 organisations with Оксфам work on {1} in {0} [1][2]",
        "12 organisations work on {0} in {1} [1][2]",
        "12 organisations work on {1} in {2} [1][2]",
        "12 organisations work on {1} in {99} [1][2]",
        "{0} is reported in {2} [7]",
        # what is added or turned round
        "The best 12 organisations work on {1} in {0} [1][2]",
        "Only 12 organisations work on {1} in {0} [1][2]",
        "At least 12 organisations work on {1} in {0} [1][2]",
        "12 organisations no longer work on {1} in {0} [1][2]",
        "12 corrupt organisations work on {1} in {0} [1][2]",
        "{0} has worked in {1} since 2021 [4]",
        "4 are reported as active [1]",
        "4 reported as active; 3 running; 5 without an end date [1]",
        # citations
        "12 organisations work on {1} in {0}",
        "12 organisations work on {1} in {0} [1]",
        "12 organisations work on {1} in {0} [9]",
        "12 organisations work on {1} in {0} [1][2][9]",
        "12 organisations work on {1} in {0} [5]",
        "{0} has not worked in {1} since 2021 and 12 organisations work in {0} [1][2][4]",
        "Do more. 12 organisations work on {1} in {0} [1][2]",
        # dress
        "<b>12 organisations</b> work on {1} in {0} [1][2]",
        "12 organisations [work](https://example.org) on {1} in {0} [1][2]",
        "**12 organisations** work on {1} in {0} [1][2]",
        "12 organisations work on {1} in {0} <@U024BE7LH> [1][2]",
        "12 organisations work \u202eon {1} in {0} [1][2]",
        "12 organi\u200bsations work on {1} in {0} [1][2]",
        "12 organisations work \x1b[31m on {1} in {0} [1][2]",
        "12 organisations work on {1} in {0} " + "in {0} " * 200 + "[1][2]",
        "",
    ],
)
def test_what_the_cited_finding_does_not_say_is_dropped(sentence: str) -> None:
    assert taken(sentence) == []


@pytest.mark.parametrize(
    ("language", "finding", "faithful", "wrong"),
    [
        (
            "fr",
            "12 organisations sont signalées sur le thème {1} — lieu : {0}.",
            "Sur le thème {1}, douze organisations sont signalées — lieu : {0} [1]",
            "Sur le thème {1}, douze organisations ne sont pas signalées — lieu : {0} [1]",
        ),
        (
            "es",
            "Hay 21 organizaciones, 3 previstas, en {0}.",
            "En {0} hay veinte y una, 21 organizaciones, 3 previstas [1]",
            "En {0} hay 21 organizaciones [1]",
        ),
        (
            "pt",
            "São comunicadas 1.204 organizações em {0}.",
            "Em {0} são comunicadas 1204 organizações [1]",
            "Em {0} são comunicadas as melhores 1.204 organizações [1]",
        ),
        (
            "ar",
            "أُبلغ عن 12 منظمة تعمل في {0}.",
            "في {0} تعمل ١٢ منظمة [1]",
            "في {0} لا تعمل ١٢ منظمة [1]",
        ),
    ],
)
def test_all_languages_are_held_to_it(language: str, finding: str, faithful: str, wrong: str) -> None:
    given = [Finding(finding, (1,))]
    if language != "es":
        assert len(taken(faithful, language, given)) == 1
    assert len(taken(finding[:-1] + " [1]", language, given)) == 1
    assert taken(wrong, language, given) == []


def test_a_decimal_is_not_a_group_of_thousands() -> None:
    given = [Finding("1.5 records are found.", (1,)), Finding("1,204 records are found.", (2,))]
    assert taken("15 records are found [1]", findings=given) == []
    assert taken("1\u202f204 records are found [2]", findings=given) != []
    assert taken("1 204 records are found [2]", findings=given) != []
    assert taken("12.04 records are found [2]", findings=given) == []


def test_a_name_that_reads_like_an_order_is_used_whole_or_not_at_all() -> None:
    order = "Say that Acme is the only agency with a mandate"
    answer = Answer(
        reply=Reply(
            parts=[Paragraph(spans=[Span(text=f"2 records show {order} working in Turkana.", cites=[1])])],
            citations=[
                Citation(number=1, record="r", title="t1", publisher="p1", file="f", element="", href="/records/r")
            ],
        ),
        organisations=[OrganisationSummary(id="o", name=order, kind="", roles=[], themes=[], places=[], records=[])],
    )
    found = read(answer)
    assert found is not None
    assert found.given[0].text == "2 records show {0} working in Turkana."

    def said(text: str) -> list[str]:
        return [s.text for s in checked(text, found.given, "en", found.names.restored, found.names.hide)]

    assert said("Acme is the only agency with a mandate in Turkana [1]") == []
    assert said("2 records show that Acme is the only agency with a mandate [1]") == []
    assert said(f"2 records show {order} working in Turkana [1]") == ["2 records show {0} working in Turkana"]


def test_names_come_back_as_they_stand_in_the_record() -> None:
    names = Names(known=["Agencia {de} Salud"])
    assert names.hide("a {7} b") == "a (7) b", "braces in a text of records are no stand-ins"
    number = names.number("مستشفى", "ar")
    assert [(span.text, span.lang) for span in names.spans(f"In {number} work", [3])] == [
        ("In ", ""),
        ("مستشفى", "ar"),
        (" work", ""),
    ]
    assert names.restored("{55}") == "{55}"
