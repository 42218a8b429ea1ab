"""What is read of a proposal, in five languages and from files, and that nothing of it stands anywhere afterwards."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.home import Home
from knowledge.index import Index
from knowledge.overlap import proposals
from knowledge.overlap.proposals import Corrections, Proposal, UnreadableProposal, from_file, from_text
from knowledge.overlap.ranking import Wanted, meetings
from knowledge.records import Role
from tests.homes import activity, opened, place, put

TEXT = """Safe water for herders of Turkana

Bolt Fund will drill 12 boreholes and train water committees in Turkana, Kenya, for herders and refugees.
Funded by Acme Relief with USD 1,200,000. The work runs from 1 March 2027 to 28 February 2029."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(
            home,
            "open",
            [
                activity("A", "Wells", who=["Acme Relief"], where=[place("Turkana")], sectors=["14031"]),
                activity("B", "Meals", who=["Bolt Fund"], where=[place("Kitui")], sectors=["11250"]),
                activity("U", "Schools", who=["Cedar Trust"], where=[place("Gulu", country="UG")]),
            ],
        )
        yield home


@pytest.fixture(scope="module")
def index(home: Home) -> Index:
    return Index(home)


def read(index: Index, text: str, corrections: Corrections | None = None) -> Proposal:
    return from_text(index, VISITOR, text, corrections or Corrections())


def names(found: tuple[tuple[str, str], ...]) -> list[str]:
    return [name for _, name in found]


def test_where_what_when_who_and_how_much_are_read(index: Index) -> None:
    found = read(index, TEXT)
    assert found.record.title == "Safe water for herders of Turkana"
    assert names(found.places) == ["Turkana"]
    assert "water" in dict(found.themes)
    assert (found.record.period.start, found.record.period.end) == (date(2027, 3, 1), date(2029, 2, 28))
    assert found.organisations == (("Bolt Fund", Role.IMPLEMENTING), ("Acme Relief", Role.FUNDING))
    (amount,) = found.record.money
    assert (amount.amount, amount.currency) == (1_200_000, "USD")
    assert found.as_json()["places"] == [{"id": found.places[0][0], "name": "Turkana"}]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "fr",
            "De l'eau pour les éleveurs de Turkana\n"
            "Financé par Acme Relief, de mars 2027 à juin 2028, pour forer des puits.",
        ),
        (
            "es",
            "Agua para los pastores de Turkana\n"
            "Financiado por Acme Relief, de marzo de 2027 a junio de 2028, para perforar pozos.",
        ),
        ("ar", "مياه للرعاة في Turkana\nبتمويل من Acme Relief من مارس 2027 إلى يونيو 2028 لحفر عشرين بئرا للمياه."),
        (
            "pt",
            "Água para os pastores de Turkana\n"
            "Financiado pela Acme Relief, de março de 2027 a junho de 2028, para a perfuração de poços. "
            "A água não chega às aldeias.",
        ),
    ],
)
def test_other_languages(index: Index, language: str, text: str) -> None:
    found = read(index, text)
    assert found.record.language == language
    assert names(found.places) == ["Turkana"]
    assert found.organisations == (("Acme Relief", Role.FUNDING),)
    assert (found.record.period.start, found.record.period.end) == (date(2027, 3, 1), date(2028, 6, 30))


def test_a_donor_is_not_taken_for_who_proposes(index: Index) -> None:
    """What one owner does never overlaps: a donor as the owner would hide all that it pays for."""
    record = read(index, "Wells in Turkana. Funded by Acme Relief.").record
    roles = {mention.role: mention.name for mention in record.organisations}
    assert roles == {Role.REPORTING: "", Role.FUNDING: "Acme Relief"}


def test_who_is_only_mentioned_takes_no_part(index: Index) -> None:
    assert read(index, "Wells in Turkana\nAs in the evaluation of Bolt Fund, pumps break.").organisations == ()


def test_a_country_named_in_passing_is_left_out(index: Index) -> None:
    text = "Wells\n" + "Turkana lacks water. " * 6 + "Uganda has more."
    assert names(read(index, text).places) == ["Turkana"]


def test_what_a_person_says_takes_the_place_of_what_is_read(index: Index) -> None:
    corrected = Corrections(
        places=("UG",), themes=("education",), start=date(2030, 1, 1), organisation="New School Circle"
    )
    found = read(index, TEXT, corrected)
    assert names(found.places) == ["Uganda"]
    assert dict(found.themes).keys() == {"education"}
    assert found.organisations[0] == ("New School Circle", Role.REPORTING)
    # The end that was read lies before the start that was said: it was read wrongly.
    assert (found.record.period.start, found.record.period.end) == (date(2030, 1, 1), None)
    assert read(index, TEXT, Corrections(places=())).places == ()


@pytest.mark.parametrize("text", ["", "   \n ", "12 / 34", "…"])
def test_nothing_to_read(index: Index, text: str) -> None:
    with pytest.raises(UnreadableProposal, match="no text"):
        read(index, text)


def test_limits_and_wrong_corrections(index: Index) -> None:
    with pytest.raises(UnreadableProposal, match="characters"):
        read(index, "water " * 40_000)
    with pytest.raises(UnreadableProposal, match="not known"):
        read(index, TEXT, Corrections(places=("XX99",)))
    with pytest.raises(UnreadableProposal, match="ends before"):
        read(index, TEXT, Corrections(start=date(2028, 1, 1), end=date(2027, 1, 1)))


def test_a_text_of_very_many_short_lines_is_read_in_a_few_pieces(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    link = Index.link

    def counted(self: Index, text: str, *arguments: Any) -> Any:
        asked.append(text)
        return link(self, text, *arguments)

    monkeypatch.setattr(Index, "link", counted)
    assert names(read(index, "Wells\n" + "of\n" * 20_000 + "Uganda").places) == []
    assert names(read(index, "Wells\n" + "of\n" * 3_000 + "Turkana").places) == ["Turkana"]
    assert len(asked) < 40


def test_a_text_of_one_line_has_its_first_sentence_as_title(index: Index) -> None:
    found = read(index, "Wells for Turkana. " + "They will be drilled where herders water their animals. " * 20)
    assert found.record.title == "Wells for Turkana"
    assert len(read(index, "wells " * 200).record.title) < 210


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("USD 1,200,000", 1_200_000, "USD"),
        ("€1.5 million", 1_500_000, "EUR"),
        ("450 000 euros", 450_000, "EUR"),
        ("2,5 millions d'euros", 2_500_000, "EUR"),
        ("1.200.000,50 EUR", 1_200_000.5, "EUR"),
        ("$ 300k", 300_000, "USD"),
    ],
)
def test_amounts(index: Index, written: str, amount: float, currency: str) -> None:
    (found,) = read(index, f"Wells in Turkana\nThe budget is {written}, of which a part is for pumps.").record.money
    assert (found.amount, found.currency) == (amount, currency)


def test_numbers_without_a_currency_are_no_money(index: Index) -> None:
    assert read(index, "Wells in Turkana\nFor 30,000 people in 2027, 12 boreholes.").record.money == ()


def test_files(index: Index, tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    for line in TEXT.split("\n"):
        document.add_paragraph(line)
    document.save(str(tmp_path / "p.docx"))
    plain = read(index, TEXT)
    for name, content in (
        ("p.docx", (tmp_path / "p.docx").read_bytes()),
        ("p.txt", TEXT.encode()),
        ("P.TXT", TEXT.encode("utf-16")),
        ("p.html", f"<html><body><p>{TEXT.replace(chr(10), '</p><p>')}</p></body></html>".encode()),
    ):
        found = from_file(index, VISITOR, name, content)
        assert (found.places, found.organisations, found.record.period) == (
            plain.places,
            plain.organisations,
            plain.record.period,
        ), name
        assert found.record.title == plain.record.title, name


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.exe", b"MZ"),
        ("noending", b"text"),
        ("p.pdf", b"%PDF-1.7 but broken"),
        ("p.docx", b"PK\x03\x04 no package"),
        ("p.txt", b""),
        ("../../p.txt", b"\x00\x01\x02\x03" * 50),
        ("p.txt", b"a" * (proposals.MOST_BYTES + 1)),
    ],
)
def test_files_that_cannot_be_read(index: Index, name: str, content: bytes) -> None:
    with pytest.raises(UnreadableProposal) as error:
        from_file(index, VISITOR, name, content)
    assert "/" not in str(error.value).split(":")[0]


def test_nothing_of_a_proposal_stands_anywhere(
    home: Home, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not in the store, the vectors, kept files, logs or what is left in the folder for temporary files."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    telling = "Zarquebrillo"
    text = f"{telling} pumps for Turkana\nThe {telling} method lifts water for herders. {telling} is new."
    version = index.version()
    with caplog.at_level(logging.DEBUG):
        proposal = from_file(index, VISITOR, f"{telling}.txt", text.encode())
        found = meetings(index, VISITOR, Wanted(proposal=proposal.record), wait=None)
    assert found.compared == 3
    assert telling.casefold() not in caplog.text.casefold()
    assert list(tmp_path.iterdir()) == []
    assert index.version() == version
    for file in home.settings.home.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            assert telling.lower().encode() not in content, file.name
            assert telling.lower().encode("utf-16-le") not in content, file.name
    # And the next one is compared with what is stored alone.
    again = meetings(index, VISITOR, Wanted(proposal=read(index, TEXT).record), wait=None)
    assert again.compared == 3
