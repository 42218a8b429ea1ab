"""Periods in five languages, counted from Monday 2026-11-23."""

from __future__ import annotations

import pytest

from knowledge.linking import Linker


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("who ends this year", "2026-01-01", "2026-12-31"),
        ("since June", "2026-06-01", None),
        ("since December", "2025-12-01", None),
        ("since last month", "2026-10-01", None),
        ("in the next six months", "2026-11-23", "2027-05-23"),
        ("in 2025", "2025-01-01", "2025-12-31"),
        ("between March and July 2025", "2025-03-01", "2025-07-31"),
        ("between November and February 2026", "2025-11-01", "2026-02-28"),
        ("right now", "2026-11-23", "2026-11-23"),
        ("2022 through 2025", "2022-01-01", "2025-12-31"),
        ("2023-2025", "2023-01-01", "2025-12-31"),
        ("2023/24", "2023-01-01", "2024-12-31"),
        ("past fortnight", "2026-11-09", "2026-11-23"),
        ("last 30 days", "2026-10-24", "2026-11-23"),
        ("last week", "2026-11-16", "2026-11-22"),
        ("third quarter of 2026", "2026-07-01", "2026-09-30"),
        ("Q1 2026", "2026-01-01", "2026-03-31"),
        ("we start from February", "2027-02-01", None),
        ("by March 2027", None, "2027-03-31"),
        ("before 2020", None, "2019-12-31"),
        ("after June 2025", "2025-07-01", None),
        ("on 1 March 2025", "2025-03-01", "2025-03-01"),
        ("2025-03-01", "2025-03-01", "2025-03-01"),
        ("31/12/2025", "2025-12-31", "2025-12-31"),
        ("until the end of the year", None, "2026-12-31"),
        ("depuis juin 2024", "2024-06-01", None),
        ("entre mars et juillet 2025", "2025-03-01", "2025-07-31"),
        ("les six prochains mois", "2026-11-23", "2027-05-23"),
        ("au cours des trois derniers mois", "2026-08-23", "2026-11-23"),
        ("premier semestre 2025", "2025-01-01", "2025-06-30"),
        ("il y a deux ans", "2024-11-23", "2024-11-23"),
        ("los próximos seis meses", "2026-11-23", "2027-05-23"),
        ("el año pasado", "2025-01-01", "2025-12-31"),
        ("de marzo a julio de 2025", "2025-03-01", "2025-07-31"),
        ("desde junho de 2024", "2024-06-01", None),
        ("no próximo ano", "2027-01-01", "2027-12-31"),
        ("منذ ٢٠٢٢", "2022-01-01", None),
        ("الشهر الماضي", "2026-10-01", "2026-10-31"),
        ("خلال الأشهر الستة القادمة", "2026-11-23", "2027-05-23"),
    ],
)
def test_periods(linker: Linker, text: str, start: str | None, end: str | None) -> None:
    values = [entity.value for entity in linker.link(text).of("period")]
    assert [(value["start"], value["end"]) for value in values] == [(start, end)]


@pytest.mark.parametrize(
    "text", ["may we know", "this may be it", "the second one", "a last question", "on the march", "99/99/2025x", "mai"]
)
def test_no_period(linker: Linker, text: str) -> None:
    assert linker.link(text).of("period") == []


def test_a_season_is_named_without_dates(linker: Linker) -> None:
    (season,) = linker.link("what was done last dry season").of("period")
    assert season.value["start"] is season.value["end"] is None
    assert str(season.value["words"]).startswith("last dry season")
    assert season.ambiguous


@pytest.mark.parametrize(
    ("text", "start", "end", "said"),
    [
        ("last dry season in South Sudan", "2025-11-01", "2026-04-30", "(dry season, South Sudan: November–April)"),
        (
            "la dernière saison des pluies au Mali",
            "2026-06-01",
            "2026-10-31",
            "(saison des pluies, Mali : juin–octobre)",
        ),
        ("última época das chuvas em Moçambique", "2025-11-01", "2026-04-30", "novembro–abril"),
        ("this winter in Ukraine", "2026-12-01", "2027-02-28", "(winter, Ukraine: December–February)"),
        ("winter 2024/25 in Afghanistan", "2024-12-01", "2025-02-28", "(winter, Afghanistan: December–February)"),
        ("the last rainy season in Somalia", "2026-04-01", "2026-06-30", "(rainy season, Somalia: April–June)"),
        ("next lean season in Niger", "2027-06-01", "2027-08-31", "(lean season, Niger: June–August)"),
    ],
)
def test_a_season_is_dated_where_its_country_has_one(
    linker: Linker, text: str, start: str, end: str, said: str
) -> None:
    (season,) = linker.link(text).of("period")
    assert (season.value["start"], season.value["end"]) == (start, end)
    assert said.replace(" : ", ": ") in season.value["words"]
    assert not season.ambiguous


@pytest.mark.parametrize(
    "text",
    [
        "last rainy season in Congo and Mali",
        "last dry season in Colombia",
        "rainy season 2025 in Somalia",
        "هذا الشتاء",
    ],
)
def test_a_season_without_certain_months_says_that_it_is_not_read(linker: Linker, text: str) -> None:
    (season,) = linker.link(text).of("period")
    assert season.value["start"] is season.value["end"] is None
    assert season.value["words"].endswith(("(no dates read)", "(لم تُقرأ له تواريخ)"))


def test_the_country_of_the_conversation_dates_a_season(linker: Linker) -> None:
    (season,) = linker.link("and last dry season?", countries=["SS"]).of("period")
    assert season.value["start"] == "2025-11-01"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("Ramadan 2025", "2025-03-01", "2025-03-29"),
        ("رمضان 2026", "2026-02-18", "2026-03-19"),
        ("since last Ramadan", "2026-02-18", None),
        ("FY2024", "2024-01-01", "2024-12-31"),
        ("mid-2025", "2025-05-01", "2025-08-31"),
        ("year to date", "2026-01-01", "2026-11-23"),
        ("last quarter of 2025", "2025-10-01", "2025-12-31"),
        ("the last three months of 2025", "2025-10-01", "2025-12-31"),
        ("Jan-Mar 2025", "2025-01-01", "2025-03-31"),
        ("2024 and 2025", "2024-01-01", "2025-12-31"),
        ("from March 2025 to date", "2025-03-01", "2026-11-23"),
        ("depuis deux ans", "2024-11-23", None),
        ("within 90 days", "2026-11-23", "2027-02-21"),
        ("الشهرين الماضيين", "2026-09-23", "2026-11-23"),
        ("the 2010s", "2010-01-01", "2019-12-31"),
    ],
)
def test_more_periods(linker: Linker, text: str, start: str | None, end: str | None) -> None:
    values = [entity.value for entity in linker.link(text).of("period")]
    assert [(value["start"], value["end"]) for value in values] == [(start, end)]


@pytest.mark.parametrize(
    "text",
    ["after the 2015 earthquake", "for tomorrow's meeting", "el comité de mañana", "a grant for two years", "set"],
)
def test_words_of_time_that_say_no_period(linker: Linker, text: str) -> None:
    assert linker.link(text).of("period") == []
