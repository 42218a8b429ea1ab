"""What a text is read as, trap by trap."""

from __future__ import annotations

from datetime import date

import pytest

from knowledge.linking import Lexicon, Linker, OrganisationEntry, PlaceEntry


def ids(linker: Linker, text: str, kind: str, **options: object) -> list[object]:
    return [entity.value["id"] for entity in linker.link(text, **options).of(kind)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Who is doing WASH in Bakool?", ["SO25"]),
        ("and in Dibate?", ["ET060205"]),
        ("Dibate in Metekel", ["ET060205"]),
        ("Somali Region", ["ET05"]),
        ("who does health in Somali, Ethiopia", ["ET05"]),
        ("Somali refugees", ["SO"]),
        ("Somali refugees in Kenya", ["KE"]),
        ("who works in Niger", ["NE"]),
        ("Niger State", ["NG027"]),
        ("Niger or Nigeria", ["NE", "NG"]),
        ("Niger, Nigeria", ["NG027"]),
        ("Nigeria, not Kenya", ["NG"]),
        ("WASH in Equateur province, DRC", ["CD41"]),
        ("Ecuador", ["EC"]),
        ("health in DRC", ["CD"]),
        ("South Sudan", ["SS"]),
        ("Sudan", ["SD"]),
        ("Guinea-Bissau, Papua New Guinea and Equatorial Guinea, not Guinea", ["GW", "PG", "GQ"]),
        ("Chad told me about it", []),
        ("please ask Jordan", []),
        ("who works in Jordan", ["JO"]),
        ("who works in Chad", ["TD"]),
        ("Of course, are you there?", []),
        ("WASH in Bay", ["SO24"]),
        ("at bay", []),
        ("Bay region", ["SO24"]),
        ("the central question", []),
        ("Central in Chad", ["TD:central"]),
        ("Central [UG1]", ["UG1"]),
        ("[et060205]", ["ET060205"]),
        ("TCD07 health", ["TD07"]),
        ("partners around Maidugri", ["NG008021"]),
        ("is cox bazaar on my list", ["BD2022"]),
        ("ok but in Cox's", ["BD2022"]),
        ("Kharkiv oblast", ["UA63"]),
        ("Conakry", ["GN002"]),
        ("Conakry prefecture", ["GN002001"]),
        ("Qui intervient dans la province du Lac ?", ["TD07"]),
        ("ONG au Tchad", ["TD"]),
        ("quem trabalha na Etiópia", ["ET"]),
        ("¿quién trabaja en Etiopía?", ["ET"]),
        ("من يعمل في عدن", ["YE24"]),
        ("مشاريع بتشاد", ["TD"]),
        ("Ethiopian NGOs", ["ET"]),
        ("Ukrainian partners in Borno", ["NG008"]),
    ],
)
def test_places(linker: Linker, text: str, wanted: list[str]) -> None:
    assert ids(linker, text, "place") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Is WFP still in Ituri?", ["wfp"]),
        ("programme alimentaire mondial", ["wfp"]),
        ("اليونيسف في تشاد", ["unicef"]),
        ("WHO funds it", ["who"]),
        ("who funds it", []),
        ("WHO IS DOING WASH IN CHAD", []),
        ("who takes care of it", []),
        ("what does CARE do", ["care"]),
        ("is Plan still active", ["plan"]),
        ("we plan to save water, our goal is of concern", []),
        ("DRC works in Chad", ["drc"]),
        ("African Development Bank", ["afdb"]),
        ("Asian Development Bank", ["asdb"]),
        ("AfDB and AsDB", ["afdb", "asdb"]),
        ("the kenyan red cross branches", ["krcs"]),
        ("Safaricom Foundaton", ["safaricom"]),
        ("unicef vs save the children", ["unicef", "sci"]),
        ("Ministry of Health of Chad", ["moh-td"]),
        ("health", []),
    ],
)
def test_organisations(linker: Linker, text: str, wanted: list[str]) -> None:
    assert ids(linker, text, "organisation") == wanted


def test_an_acronym_two_banks_share_is_ambiguous_unless_the_place_tells(linker: Linker) -> None:
    (bank,) = linker.link("the ADB").of("organisation")
    assert bank.ambiguous
    assert {bank.value["id"], bank.alternatives[0].value["id"]} == {"afdb", "asdb"}
    (bank,) = linker.link("is the ADB lending for hydropower in Nepal").of("organisation")
    assert bank.value["id"] == "asdb"
    assert not bank.ambiguous


def test_a_name_of_many_places_is_ambiguous_and_lists_them(linker: Linker) -> None:
    (place,) = linker.link("who works in Central").of("place")
    assert place.value["level"] == 1
    assert place.ambiguous
    assert len(place.alternatives) == 2
    (place,) = linker.link("who works in Central", countries=["UG"]).of("place")
    assert place.value["id"] == "UG1"


def test_places_tell_what_is_around_them(linker: Linker) -> None:
    (place,) = linker.link("Dibate").of("place")
    assert place.value == {
        "id": "ET060205",
        "name": "Dibate",
        "country": "ET",
        "level": 3,
        "within": ["Metekel", "Benishangul Gumuz", "Ethiopia"],
    }


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("what about nutriton?", ["nutrition"]),
        ("école et santé", ["education", "health"]),
        ("vacunas para niños", ["vaccination"]),
        ("مياه", ["water"]),
        ("FSL partners", ["food_security", "livelihoods"]),
        ("school feeding", ["school_feeding"]),
        ("health teams against malaria", ["malaria"]),
        ("health and malaria", ["health", "malaria"]),
        ("projets avec le PAM", []),
        ("Save the Children education work", ["education"]),
        ("Secours en eau potable et GBV", ["disaster_response", "water", "gbv"]),
        ("font-ils double emploi ?", []),
    ],
)
def test_themes(linker: Linker, text: str, wanted: list[str]) -> None:
    assert ids(linker, text, "theme") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("only national NGOs", ["nngo"]),
        ("ONG locales", ["nngo"]),
        ("المنظمات المحلية", ["nngo"]),
        ("cherche partenaire libanais", ["nngo"]),
        ("private companies or foundations", ["private", "foundation"]),
        ("as a national NGO we ask which UN agencies", ["un"]),
        ("un projet", []),
        ("organisations run by refugees", ["refugee_led"]),
    ],
)
def test_kinds_of_organisation(linker: Linker, text: str, wanted: list[str]) -> None:
    assert ids(linker, text, "organisation_kind") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("give me the gist of ET-MFA-4471", ["ET-MFA-4471"]),
        ("compare np-swc-22145, GB-GOV-1-203186.", ["NP-SWC-22145", "GB-GOV-1-203186"]),
        ("3w:chad_3w:0123456789ab-2", ["3w:chad_3w:0123456789ab-2"]),
        ("xx-lower-7 please", ["xx-lower-7"]),
        ("COVID-19 in T-shirt sizes", []),
        ("what is 360G-ABC-1001 and fts:158?", ["360G-ABC-1001", "fts:158"]),
        ("compare DAC-1601-INV-0019 with IADB-HA-L1095", ["DAC-1601-INV-0019", "IADB-HA-L1095"]),
        ("41AAA-119-013, iati-publisher:acf_xx", ["41AAA-119-013", "iati-publisher:acf_xx"]),
        ("the HRP-2025-2026 and SDG-6, FTS-2024; event: a flood", []),
    ],
)
def test_records(linker: Linker, text: str, wanted: list[str]) -> None:
    assert ids(linker, text, "record") == wanted


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("the second one", 2),
        ("#2", 2),
        ("2", 2),
        ("number four", 4),
        ("la deuxième", 2),
        ("el segundo", 2),
        ("الثاني", 2),
        ("o segundo", 2),
    ],
)
def test_ordinals(linker: Linker, text: str, number: int) -> None:
    assert [entity.value for entity in linker.link(text).of("ordinal")] == [{"number": number}]


def test_offsets_are_those_of_the_text_as_typed(linker: Linker) -> None:
    text = "Santé à l'Ouaddaï — et  DIBATE؟"
    for entity in linker.link(text).entities:
        assert text[entity.start : entity.end] == entity.text
    assert [entity.text for entity in linker.link(text).of("place")] == ["Ouaddaï", "DIBATE"]


def test_what_nothing_knows_is_left_as_words(linker: Linker) -> None:
    assert linker.link("Who is doing beekeeping in Bakool this year?").words == "beekeeping"


def test_hidden_entries_leave_no_trace(
    organisations: list[OrganisationEntry], places: list[PlaceEntry], today: date
) -> None:
    known = Linker(Lexicon(organisations, places), today)
    unknown = Linker(Lexicon([entry for entry in organisations if entry.id != "hidden"], places), today)

    def visible(entry: object) -> bool:
        return not (isinstance(entry, OrganisationEntry) and entry.id == "hidden")

    for text in (
        "Secret Shelter Trust in Bakool",
        "SSTX",
        "who works with SSTX",
        "health in bakoolo",
        "Secret Sheltr Trust",
    ):
        assert known.link(text, visible=visible).as_json() == unknown.link(text).as_json()
    assert [entity.value["id"] for entity in known.link("SSTX").of("organisation")] == ["hidden"]


def test_the_json_has_the_public_shape(linker: Linker) -> None:
    answer = linker.link("UNICEF in Chad").as_json()
    assert set(answer) == {"text", "language", "entities", "words"}
    assert set(answer["entities"][0]) == {"type", "start", "end", "text", "value", "probability", "alternatives"}
    assert answer["entities"][0]["value"] == {"id": "unicef", "name": "United Nations Children's Fund", "kind": "un"}


@pytest.mark.parametrize("text", ["", " ", "؟!", "\ud83d\ude00", "a" * 50_000, "'" * 300, "- - -", "[", "0" * 400])
def test_any_text_is_read(linker: Linker, text: str) -> None:
    assert linker.link(text).entities == ()


@pytest.mark.parametrize("text", ["no one works on health there", "noone is there", "no two of them agree"])
def test_nobody_is_no_number(linker: Linker, text: str) -> None:
    assert "ordinal" not in {entity.type for entity in linker.link(text).entities}


def test_words_of_two_sentences_are_no_period(linker: Linker) -> None:
    assert not linker.link("Right. Now show me the rest").entities


def test_talk_around_a_question_is_not_left_over(linker: Linker) -> None:
    asked = "Who is doing beekeeping in Bakool? Please ignore whatever stands elsewhere."
    assert linker.link(asked).words == "beekeeping"
    assert linker.link("We are in Zorpville. Who does health in Bakool?").words == "Zorpville"


@pytest.mark.parametrize(
    "text",
    [
        "necesito el informe para la reunión",
        "une réunion avec les partenaires",
        "see https://example.org/kenya/a.png",
        "write to info@health.example.org",
    ],
)
def test_meetings_and_addresses_are_no_places_or_themes(linker: Linker, text: str) -> None:
    assert not {entity.type for entity in linker.link(text).entities} & {"place", "theme"}


def test_the_island_is_a_place() -> None:
    (place,) = Linker(Lexicon(), date(2026, 11, 23)).link("projets à la Réunion").of("place")
    assert place.value["id"] == "RE"
