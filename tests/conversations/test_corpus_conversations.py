"""Whole conversations over HTTP, through the real Rasa, on the shipped corpus, whose facts are known."""

from __future__ import annotations

import pytest

from bot.words import Words
from tests.conversations.talking import (
    BOREHOLES,
    NewTalk,
    Talk,
    buttons_of,
    ids_of,
    locations,
    names_of,
    planted,
    present,
    rows_of,
    words_of,
    written_in,
)

THEMES = {
    "wash": "WASH",
    "health": "health",
    "nutrition": "nutrition",
    "education": "education",
    "school_feeding": "school feeding",
    "mine_action": "mine action",
}
SAID = Words("en")


# --- who does what where -------------------------------------------------------------------------------------------


def test_one_question_has_one_answer_in_five_languages(new_talk: NewTalk) -> None:
    questions = {
        "en": "Who works on WASH in North Horr?",
        "fr": "Qui travaille dans l'eau, l'hygiène et l'assainissement à North Horr ?",
        "es": "¿Quién trabaja en agua, saneamiento e higiene en North Horr?",
        "ar": "من يعمل في مجال المياه والصرف الصحي في North Horr؟",
        "pt": "Quem trabalha com água, saneamento e higiene em North Horr?",
    }
    answers = {language: new_talk().say(question) for language, question in questions.items()}
    for language, answer in answers.items():
        assert answer["reply"]["language"] == language
        assert present("KE010046", "WASH") <= written_in(answer), language
    assert len({frozenset(names_of(answer)) for answer in answers.values()}) == 1
    assert len({frozenset(ids_of(answer)) for answer in answers.values()}) == 1


@pytest.mark.parametrize(
    ("question", "area", "cluster"),
    [
        ("Who does nutrition in Turkana South?", "KE023127", "Nutrition"),
        ("who's on education in Dadaab", "KE007030", "Education"),
        ("Qui fait de la santé à Matam, Kanel ?", "SN0901", "Santé"),
        ("¿Qué organizaciones hacen acción contra minas en Ituango?", "CO05361", "Acción contra minas"),
        ("Quem atua em nutrição em Manaure?", "CO44560", "Nutrición"),
    ],
)
def test_the_tables_rows_are_in_the_answer(talk: Talk, question: str, area: str, cluster: str) -> None:
    expected = present(area, cluster)
    assert expected, "the corpus changed: choose another cell"
    answer = talk.say(question)
    assert [place["id"] for place in answer["query"]["places"]] == [area]
    assert expected <= written_in(answer)


def test_both_sides_of_each_planted_overlap_stand_in_the_answer_for_their_place(new_talk: NewTalk) -> None:
    asked: dict[tuple[str, str], set[str]] = {}
    for overlap in planted()["overlaps"]:
        if overlap["theme"] in THEMES and overlap["visible_to"] == "public":
            for place in overlap["places"]:
                here = {record for record in overlap["records"] if place in locations().get(record, ())}
                asked.setdefault((overlap["theme"], place), set()).update(here)
    missing = {}
    for (theme, place), records in list(asked.items())[::2]:
        answer = new_talk().say(f"Who works on {THEMES[theme]} in [{place}]?")
        if absent := records - ids_of(answer):
            missing[theme, place] = absent
    assert not missing


def test_where_a_gap_is_planted_nobody_is_reported_and_that_is_no_proof_of_absence(new_talk: NewTalk) -> None:
    gaps = [gap for gap in planted()["gaps"] if gap["theme"] in ("nutrition", "wash", "mine_action")][::9]
    assert len(gaps) >= 6
    for gap in gaps:
        answer = new_talk().say(f"Who works on {THEMES[gap['theme']]} in {gap['name']} [{gap['place']}]?")
        assert answer["coverage"]["state"] == "none_reported", gap
        assert answer["organisations"] == []
        assert "None published in my index as of" in words_of(answer)


def test_no_source_is_told_apart_from_nobody_there(talk: Talk) -> None:
    nobody = talk.say("Who works on nutrition in Dakar?")
    assert nobody["coverage"]["state"] == "none_reported"
    unknown = talk.say("Who works on nutrition in Yemen?")
    assert unknown["coverage"]["state"] == "not_covered"
    assert "do not cover Yemen" in words_of(unknown)
    invented = talk.say("Who works on nutrition in Xyzzyville?")
    assert "“Xyzzyville”" in words_of(invented), "a name nobody knows must not be swallowed"
    assert not invented["query"]["places"], "nor may the place of the question before stand in for it"


def test_a_row_says_how_old_it_is_and_never_lies_in_the_future(talk: Talk) -> None:
    answer = talk.say("Who works on WASH in Turkana?")
    standing = [row[3][0]["text"] for part in answer["reply"]["parts"] for row in part.get("rows", ())]
    assert any("present as of October 2026" in text for text in standing)
    assert not any("present as of" in text and "2027" in text.split(",")[0] for text in standing)


def test_records_that_name_a_theme_without_its_code_are_not_passed_over(talk: Talk) -> None:
    answer = talk.say("Who is doing cholera response in Nyando?")
    assert answer["organisations"]
    planned = {"XX-CGD-ORG-41003-HSS2201", "XX-CGD-INGO-1008-KE9"}
    assert planned <= ids_of(answer) or "name it in their text" in words_of(answer)


@pytest.mark.parametrize("name", ["Lanternway", "Tarnside Trust", "Manglar Vivo", "Lucero del Valle", "RLIPH"])
def test_an_organisation_is_known_by_names_that_only_the_list_of_names_has(talk: Talk, name: str) -> None:
    answer = talk.say(f"What is {name} doing?")
    assert len(answer["query"]["organisations"]) == 1, name
    assert answer["records"]


# --- follow-ups and corrections ------------------------------------------------------------------------------------

FOLLOW_UPS = {
    "en": ("Who works on WASH in Turkana?", "and in Kolda?", "only national NGOs", "what about education?"),
    "fr": ("Qui travaille dans l'EHA à Turkana ?", "et à Kolda ?", "seulement les ONG nationales", "et l'éducation ?"),
    "es": ("¿Quién trabaja en WASH en Turkana?", "¿y en Kolda?", "solo ONG nacionales", "¿y en educación?"),
    "pt": ("Quem trabalha com WASH em Turkana?", "e em Kolda?", "apenas ONGs nacionais", "e na educação?"),
    "ar": (
        "من يعمل في مجال المياه والصرف الصحي في Turkana؟",
        "وفي Kolda؟",
        "فقط المنظمات غير الحكومية الوطنية",
        "وماذا عن التعليم؟",
    ),
}


@pytest.mark.parametrize("language", FOLLOW_UPS)
def test_a_follow_up_changes_only_what_it_names(talk: Talk, language: str) -> None:
    opening, elsewhere, kind, theme = FOLLOW_UPS[language]
    first = talk.say(opening)["query"]
    assert [place["id"] for place in first["places"]] == ["KE023"]
    assert first["themes"]

    moved = talk.say(elsewhere)
    assert [place["id"] for place in moved["query"]["places"]] == ["SN07"]
    assert moved["query"]["themes"] == first["themes"]

    narrowed = talk.say(kind)
    assert narrowed["query"]["organisation_kinds"] == ["nngo"]
    assert narrowed["query"]["places"] == moved["query"]["places"]
    assert narrowed["query"]["themes"] == first["themes"]
    assert names_of(narrowed) < names_of(moved)
    assert {"Collectif Jàmm Kolda"} == names_of(narrowed)

    turned = talk.say(theme)
    assert [theme["id"] for theme in turned["query"]["themes"]] == ["education"]
    assert turned["query"]["places"] == moved["query"]["places"]
    assert turned["query"]["organisation_kinds"] == ["nngo"]
    assert turned["reply"]["language"] == language


def test_a_correction_replaces_what_was_misread(talk: Talk) -> None:
    talk.say("Who works on health in Kolda?")
    corrected = talk.say("no, I meant Matam")
    assert [place["name"] for place in corrected["query"]["places"]] == ["Matam"]
    assert [theme["id"] for theme in corrected["query"]["themes"]] == ["health"]
    again = talk.say("no, nutrition")
    assert [place["name"] for place in again["query"]["places"]] == ["Matam"]
    assert [theme["id"] for theme in again["query"]["themes"]] == ["nutrition"]


def test_a_filter_that_empties_the_answer_is_named_and_can_be_taken_off(talk: Talk) -> None:
    everybody = talk.say("Who works on WASH in Turkana?")
    none = talk.say("only women-led organisations")
    assert none["coverage"]["state"] == "none_reported"
    assert "Women-led" in words_of(none), "what was counted must be said"
    assert f"{len(everybody['organisations'])} organisations" in words_of(none)
    assert names_of(talk.press(none, SAID("button_all_kinds"))) == names_of(everybody)


def test_what_is_kept_from_the_question_before_is_said_also_where_nothing_is_found(talk: Talk) -> None:
    talk.say("Who works on health in Kolda?")
    answer = talk.say("Who is doing mine action?")
    if answer["query"]["places"]:
        assert "Kept from your last question: Kolda" in words_of(answer)


def test_only_un_agencies_finds_those_whom_iati_can_only_call_multilateral(talk: Talk) -> None:
    talk.say("Who works on nutrition in Kenya?")
    assert names_of(talk.say("only UN agencies")) == {"World Child Nutrition Agency"}


# --- clarifying questions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ["2", "the second one", "Meridional Development Bank", "the Meridional one"])
def test_two_banks_of_one_acronym_are_asked_about_and_chosen_in_any_way(talk: Talk, reply: str) -> None:
    question = talk.say("What is MDB doing in Kenya?")
    assert question["records"] == []
    options = buttons_of(question)
    assert set(options) == {"Meridian Development Bank", "Meridional Development Bank"}
    said = options[1] if reply in ("2", "the second one") else "Meridional Development Bank"
    answer = talk.say(reply)
    assert [organisation["name"] for organisation in answer["query"]["organisations"]] == [said]
    assert [place["id"] for place in answer["query"]["places"]] == ["KE"], "the rest of the question is kept"
    assert answer["records"]


def test_an_ambiguous_place_is_asked_about_and_chosen_by_number_name_and_button(new_talk: NewTalk) -> None:
    for choose in (
        lambda talk, question: talk.say("1"),
        lambda talk, question: talk.say("Kinshasa"),
        lambda talk, question: talk.say(buttons_of(question)[0]),
    ):
        talk = new_talk()
        question = talk.say("Who works on health in Congo?")
        assert "Which “Congo”" in words_of(question)
        answer = choose(talk, question)
        assert [place["id"] for place in answer["query"]["places"]] == ["CD"]
        assert [theme["id"] for theme in answer["query"]["themes"]] == ["health"]
        assert answer["coverage"]["state"] == "not_covered"


def test_the_choice_waits_through_a_digression(talk: Talk) -> None:
    question = talk.say("What is MDB doing in Kenya?")
    talk.say("what can you do?")
    talk.say("thanks")
    answer = talk.say("Meridian Development Bank")
    assert [place["id"] for place in answer["query"]["places"]] == ["KE"]
    assert answer["query"]["organisations"][0]["name"] in buttons_of(question)


def test_an_unfit_choice_gets_the_options_again(talk: Talk) -> None:
    question = talk.say("What is MDB doing in Kenya?")
    again = talk.say("neither of them")
    assert buttons_of(again) == buttons_of(question)


def test_a_new_question_ends_the_choice(talk: Talk) -> None:
    talk.say("What is MDB doing in Kenya?")
    talk.say("Who works on education in Kolda?")
    described = talk.say("describe the second one")
    assert described["query"]["intent"] == "describe_record"


def test_digression_and_return(talk: Talk) -> None:
    before = talk.say("Who works on WASH in Turkana?")
    for aside in ("hello", "thanks", "what's the weather like in Paris?", "help"):
        talk.say(aside)
    after = talk.say("only national NGOs")
    assert after["query"]["places"] == before["query"]["places"]
    assert after["query"]["themes"] == before["query"]["themes"]


# --- records and where things come from ----------------------------------------------------------------------------


def test_a_record_is_described_by_its_identifier_in_any_letter_case(new_talk: NewTalk) -> None:
    for identifier in (BOREHOLES, BOREHOLES.lower()):
        answer = new_talk().say(f"Describe {identifier}")
        assert ids_of(answer) == {BOREHOLES}
        assert "Aldermere Agency for Development Assistance" in words_of(answer)
        citation = answer["reply"]["citations"][0]
        assert (citation["file"], citation["publisher"]) == ("bridgewell-relief.xml", "Bridgewell Relief")
        assert citation["line"] > 0


def test_an_unknown_record_is_said_to_be_unknown(talk: Talk) -> None:
    answer = talk.say("Describe XX-CGD-INGO-1002-BW-9999")
    assert answer["records"] == []
    assert answer["query"]["intent"] not in ("who_does_what", "find_overlaps")


def test_the_second_one_is_the_organisation_of_the_second_row(talk: Talk) -> None:
    listed = talk.say("Who works on WASH in Turkana?")
    second = next(o for o in listed["organisations"] if rows_of(listed)[1].startswith(o["name"]))
    described = talk.say("describe the second one")
    assert described["query"]["intent"] == "describe_record"
    assert [organisation["id"] for organisation in described["query"]["organisations"]] == [second["id"]]
    assert set(second["records"]) <= ids_of(described)
    assert described["query"]["places"] == listed["query"]["places"], "within the question that listed it"


def test_records_of_one_organisation_are_numbered_as_shown(talk: Talk) -> None:
    listed = talk.say("What is the Vestmark Red Cross doing in Kenya?")
    title = rows_of(listed)[2]
    (record,) = talk.say("describe the third one")["records"]
    assert record["title"] == title


def test_provenance_of_the_last_answer_counts_all_its_records(talk: Talk) -> None:
    answer = talk.say("Who works on WASH in Turkana?")
    source = talk.say("Where does this come from?")
    assert ids_of(source) == ids_of(answer)
    assert f"rests on {len(answer['records'])} records" in words_of(source)
    counts = [row[2][0]["text"] for part in source["reply"]["parts"] for row in part.get("rows", ())]
    assert sum(map(int, counts)) == len(answer["records"])


def test_provenance_of_an_answer_that_found_nothing_names_no_record(talk: Talk) -> None:
    talk.say("Who works on WASH in Turkana?")
    talk.say("Who works on nutrition in Dakar?")
    source = talk.say("Where does this come from?")
    assert source["records"] == []
    assert "no record" in words_of(source)


def test_provenance_of_a_record_and_of_a_place(talk: Talk) -> None:
    record = talk.say(f"Where does {BOREHOLES} come from?")
    assert ids_of(record) == {BOREHOLES}
    assert "bridgewell-relief.xml, iati-activity[1]" in words_of(record)
    talk.say(f"Describe {BOREHOLES}")
    assert words_of(talk.say("Where does this come from?")) == words_of(record)
    place = talk.say("How old is your data on Kolda?")
    assert "senegal_3w_septembre_2026.csv" in words_of(place)
    assert place["coverage"]["state"] == "reported"


# --- show more -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", ["Who works in Kenya?", "What is Saltmarsh Aid doing?"])
def test_show_more_shows_everything_once(talk: Talk, opening: str) -> None:
    answer = first = talk.say(opening)
    by_record = bool(first["query"]["organisations"])
    total = len(first["records"] if by_record else first["organisations"])
    cited: list[tuple[str, ...]] = []
    shown = 0
    while True:
        rows = [row for part in answer["reply"]["parts"] for row in part.get("rows", ())]
        href = {citation["number"]: citation["href"] for citation in answer["reply"]["citations"]}
        cited += [(row[0][0]["text"], href[row[-1][0]["cites"][0]]) for row in rows]
        shown += len(rows)
        assert answer["reply"]["remaining"] == total - shown
        if not answer["reply"]["remaining"]:
            break
        answer = talk.press(answer, SAID("button_more"))
    assert total > 16
    assert shown == total
    assert len(set(cited)) == total, "no row twice"
    assert SAID("button_more") not in [button["title"] for button in answer["reply"]["buttons"]]
    assert SAID("nothing_more") in words_of(talk.say("show more"))
    assert SAID("nothing_more") in words_of(talk.say("show more"))
