"""What is understood though the index holds nothing of it, and how it gives way to what the index holds."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.linking import Lexicon, Linker, OrganisationEntry, PlaceEntry
from knowledge.linking.known import areas, known_organisations, known_places
from knowledge.linking.spelling import arabic_names, directed_names, skeleton
from knowledge.text import fold
from knowledge.vocabulary import country_words, kinds


def test_tables_name_countries_kinds_and_members_that_exist() -> None:
    for organisation in known_organisations():
        assert organisation.entry.kind in kinds(), organisation.entry.id
        assert not organisation.entry.country or organisation.entry.country in country_words(), organisation.entry.id
    for place in known_places():
        assert place.country in country_words(), place.name
        assert all(map(fold, place.names)), place.name
    for area in areas():
        codes = [member if isinstance(member, str) else member[0] for member in area.members]
        assert all(code in country_words() or code.startswith("region:") for code in codes), area.id


def test_an_organisation_of_the_index_stands_before_the_known_one(today: date) -> None:
    indexed = OrganisationEntry("eb-1", "Equity Bank", "private", "KE", weight=2)
    without, with_it = Linker(Lexicon(), today), Linker(Lexicon([indexed]), today)
    (known,) = without.link("does Equity Bank lend").of("organisation")
    assert known.value["indexed"] is False
    (own,) = with_it.link("does Equity Bank lend").of("organisation")
    assert own.value == {"id": "eb-1", "name": "Equity Bank", "kind": "private"}
    assert own.alternatives == ()


def test_a_hidden_organisation_leaves_the_known_one_as_if_there_were_none(today: date) -> None:
    indexed = OrganisationEntry("eb-1", "Equity Bank", "private", "KE", weight=2)
    hiding = Linker(Lexicon([indexed]), today).link("Equity Bank", visible=lambda entry: entry.id != "eb-1")
    assert hiding.as_json() == Linker(Lexicon(), today).link("Equity Bank").as_json()


def test_one_well_known_organisation_under_several_entries_is_not_asked_back(today: date) -> None:
    doubles = [
        OrganisationEntry("a", "UN Refugee Agency", "un", aliases=("UNHCR",), weight=3),
        OrganisationEntry("b", "UNHCR", "un", weight=2),
    ]
    (unhcr,) = Linker(Lexicon(doubles), today).link("is UNHCR there").of("organisation")
    assert unhcr.value["id"] == "b"
    assert not unhcr.ambiguous
    assert unhcr.alternatives == ()


def test_an_area_names_its_members(today: date) -> None:
    north = PlaceEntry("SD02", "North Darfur", 1, "SD", "SD", weight=3)
    south = PlaceEntry("SD03", "South Darfur", 1, "SD", "SD")
    (area,) = Linker(Lexicon([], [north, south]), today).link("wells in Darfur").of("place")
    assert area.value["name"] == "Darfur"
    assert [member["id"] for member in area.value["members"]] == ["SD02", "SD03"]
    (sahel,) = Linker(Lexicon(), today).link("who works in the Sahel").of("place")
    assert (sahel.value["country"], sahel.value["level"]) == ("", -1)
    assert {"BF", "ML", "NE"} <= {member["id"] for member in sahel.value["members"]}


def test_a_camp_is_known_with_what_lies_around_it(today: date) -> None:
    garissa = PlaceEntry("KE007", "Garissa", 1, "KE", "KE")
    (camp,) = Linker(Lexicon([], [garissa]), today).link("schools in Dadaab").of("place")
    assert camp.value["within"] == ["Garissa", "Kenya"]


def test_a_site_of_the_index_lies_where_the_table_says(today: date) -> None:
    nairobi = PlaceEntry("KE047", "Nairobi", 1, "KE", "KE")
    kibera = PlaceEntry("KE:kibera", "Kibera", 5, "KE", "KE", weight=1)
    (place,) = Linker(Lexicon([], [nairobi, kibera]), today).link("clinics in Kibera, Nairobi").of("place")
    assert (place.value["id"], place.value["within"][0]) == ("KE:kibera", "Nairobi")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("funded by Japan", "JP"),
        ("how much has Germany given to Lebanon", "DE"),
        ("Norway's grants to Somalia", "NO"),
        ("financé par la France", "FR"),
        ("¿cuánto dio España a Palestina?", "ES"),
        ("quanto deu Portugal a Moçambique", "PT"),
        ("كم دفعت اليابان للسودان", "JP"),
    ],
)
def test_a_country_that_gives_is_its_government(today: date, text: str, code: str) -> None:
    result = Linker(Lexicon(), today).link(text)
    assert [entity.value["id"] for entity in result.of("organisation")] == [f"government:{code}"]
    assert code not in [entity.value["id"] for entity in result.of("place")]


@pytest.mark.parametrize("text", ["how much was given to Kenya", "projects funded in Japan", "who funds Niger"])
def test_a_country_that_receives_is_a_place(today: date, text: str) -> None:
    result = Linker(Lexicon(), today).link(text)
    assert result.of("organisation") == []
    assert len(result.of("place")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("hodeidah", "hudaydah"), ("qamishli", "kamishly"), ("maiduguri", "maidougouri"), ("kismaayo", "kismayo")],
)
def test_spellings_of_one_name_sound_alike(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other) != ""


def test_names_with_an_article_or_a_point_of_the_compass_are_known_in_their_other_forms() -> None:
    assert {"geneina", "el geneina"} <= arabic_names("SD", "ag geneina")
    assert arabic_names("PE", "el oro") == set()
    assert {"kivu du nord", "kivu del norte", "north kivu", "شمال kivu"} <= directed_names("nord kivu")
    assert directed_names("kivu") == set()


@pytest.mark.parametrize(
    ("text", "ids", "code", "vocabulary"),
    [
        ("DAC 12240", ["nutrition"], "12240", "1"),
        ("secteur 151", ["governance"], "151", "2"),
        ("ODD 6.2", ["sanitation"], "6.2", "sdg"),
        ("SDG 5", ["gender"], "5", "sdg"),
        ("reproductive health care", ["maternal_health"], "13020", "1"),
    ],
)
def test_codes_and_names_of_sectors_and_goals(
    today: date, text: str, ids: list[str], code: str, vocabulary: str
) -> None:
    found = Linker(Lexicon(), today).link(text).of("theme")
    assert [entity.value["id"] for entity in found] == ids
    assert {(entity.value["code"], entity.value["vocabulary"]) for entity in found} == {(code, vocabulary)}


@pytest.mark.parametrize(
    "text", ["15110 households were reached", "in room 151", "our goal 2", "call 12240-33", "USD 11220"]
)
def test_numbers_that_are_no_code(today: date, text: str) -> None:
    assert Linker(Lexicon(), today).link(text).of("theme") == []
