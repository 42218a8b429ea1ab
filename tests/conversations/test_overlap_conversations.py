"""Overlaps asked for, explained, compared, narrowed, pasted and judged in conversation, in five languages."""

from __future__ import annotations

import pytest

from bot.words import LANGUAGES, Words
from tests.conversations.talking import BOREHOLES, Json, Speaker, Talk, buttons_of, ids_of, planted, words_of

EN = Words("en")
WATER = "XX-CGD-INGO-1001-KE201"
CLINIC = "XX-CGD-INGO-1001-KE209"


def met(answer: Json) -> list[str]:
    """First cells of the rows of the table of meetings."""
    tables = [part for part in answer["reply"]["parts"] if part["type"] == "table"]
    return ["".join(span["text"] for span in row[0]) for row in tables[-1]["rows"]] if tables else []


def intent(answer: Json) -> str:
    return str(answer["query"]["intent"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_lead_from_a_record_to_what_meets_it_and_to_why(talk: Talk, language: str) -> None:
    words = Words(language)
    answer = talk.say(words("send_overlaps_of", id=WATER))
    assert (intent(answer), answer["query"]["records"]) == ("find_overlaps", [WATER])
    assert {WATER, BOREHOLES} <= ids_of(answer)
    assert answer["reply"]["language"] == language
    compared = talk.say(words("send_compare", id=WATER, other=BOREHOLES))
    assert (intent(compared), compared["query"]["records"]) == ("compare_records", [WATER, BOREHOLES])
    assert compared["reply"]["language"] == language
    assert words("pair_overlap") in words_of(compared)
    assert all(citation["evidence"] for citation in compared["reply"]["citations"])
    described = words("send_describe", id=BOREHOLES)
    (title,) = (button["title"] for button in compared["reply"]["buttons"] if button["send"] == described)
    assert BOREHOLES not in title, "people read titles, not identifiers"
    again = talk.press(compared, title)
    assert (intent(again), ids_of(again)) == ("describe_record", {BOREHOLES})


WHY = {
    "en": ("what overlaps with {id}?", "why the second one?", "why?"),
    "fr": ("qu'est-ce qui fait double emploi avec {id} ?", "pourquoi la deuxième ?", "pourquoi ?"),
    "es": ("¿qué se solapa con {id}?", "¿por qué la segunda?", "¿por qué?"),
    "pt": ("o que se sobrepõe a {id}?", "por que a segunda?", "por que?"),
    "ar": ("ما الذي يتداخل مع {id}؟", "لماذا الثانية؟", "لماذا؟"),
}


@pytest.mark.parametrize("language", WHY)
def test_a_row_is_explained_when_asked_why(talk: Talk, language: str) -> None:
    question, why, bare = WHY[language]
    listed = talk.say(question.format(id=WATER))
    explained = talk.say(why)
    assert intent(explained) == "compare_records"
    first, second = explained["query"]["records"]
    assert first == WATER
    assert second in ids_of(listed)
    assert explained["reply"]["language"] == language
    quoted = talk.say(bare)
    assert Words(language)("table_evidence") in [part.get("caption") for part in quoted["reply"]["parts"]]


def test_planted_overlaps_are_told_as_such(talk: Talk) -> None:
    public = [entry["records"] for entry in planted()["overlaps"] if entry["visible_to"] == "public"][:6]
    said = [words_of(talk.say(f"are {one} and {other} the same project?")) for one, other in public]
    # The engine is measured elsewhere; here it is enough that most of what was planted is told.
    assert sum(EN("pair_overlap") in told or EN("label_of_overlap") in told for told in said) >= 4


def test_declared_chains_and_copies_are_told_as_what_they_are(talk: Talk) -> None:
    chain = next(entry for entry in planted()["chains"] if entry["link"] == "declared")
    said = words_of(talk.say(f"compare {chain['funder']} with {chain['implementer']}"))
    assert EN("pair_chain") in said
    copy = next(entry for entry in planted()["duplicates"] if entry["visible_to"] == "public")
    assert EN("pair_duplicate") in words_of(talk.say(f"compare {copy['original']} with {copy['copy']}"))


def test_a_place_and_theme_are_narrowed_and_moved(talk: Talk) -> None:
    listed = talk.say("Which WASH projects overlap in Kenya?")
    assert (intent(listed), len(met(listed))) == ("find_overlaps", 6)
    assert EN("send_more") in buttons_of(listed)
    more = talk.say("show more")
    assert set(met(more)).isdisjoint(met(listed))
    moved = talk.say("and in Marsabit?")
    assert (intent(moved), [place["id"] for place in moved["query"]["places"]]) == ("find_overlaps", ["KE010"])
    narrowed = talk.say("only national NGOs")
    assert narrowed["query"]["organisation_kinds"] == ["nngo"]
    assert intent(narrowed) == "find_overlaps"


def test_where_most_work_side_by_side_is_told_by_district(talk: Talk) -> None:
    answer = talk.say("where do three or more agencies overlap in Kenya?")
    assert answer["query"]["at_least"] == 3
    assert any(row.startswith("Turkana West: ") for row in met(answer))


def test_the_missing_record_is_asked_for(talk: Talk) -> None:
    asked = talk.say(f"compare {WATER} with another project")
    assert "With which record" in words_of(asked)
    assert talk.say(BOREHOLES)["query"]["records"] == [WATER, BOREHOLES]


PASTED = {
    "en": "We plan to rehabilitate boreholes with solar pumps for herders in Turkana West from January 2027 to December"
    " 2028, and to train water committees. Does anybody already do this?",
    "fr": "Nous voulons réhabiliter des forages avec des pompes solaires pour les éleveurs à Turkana West de janvier"
    " 2027 à décembre 2028 et former des comités d'eau. Est-ce que quelqu'un fait déjà cela ?",
}


@pytest.mark.parametrize("language", PASTED)
def test_a_pasted_plan_is_compared_and_can_be_registered(talk: Talk, language: str) -> None:
    words = Words(language)
    answer = talk.say(PASTED[language])
    assert intent(answer) == "find_overlaps"
    assert {WATER, BOREHOLES} <= ids_of(answer)
    assert words("proposal_not_kept") in words_of(answer)
    assert [place["id"] for place in answer["query"]["places"]] == ["KE023124"]
    why = talk.say({"en": "why the first?", "fr": "pourquoi la première ?"}[language])
    assert words("your_text") in words_of(why)
    form = talk.press(answer, words("send_register"))
    assert intent(form) == "register_initiative"


def test_what_is_registered_is_first_held_against_what_there_is(speaker: Speaker) -> None:
    talk = speaker("Bridgewell Relief")
    talk.say("register our project on water in Turkana West from January 2027 to December 2028")
    summed = talk.say("Solar boreholes for herders")
    assert "Before I register it" in words_of(summed)
    assert ids_of(summed) == set()
    assert WATER in {citation["record"] for citation in summed["reply"]["citations"]}
    assert "Nothing was stored" in words_of(talk.say("cancel"))


def test_what_people_say_of_a_pair_is_kept_after_a_yes_and_outranks(speaker: Speaker) -> None:
    talk = speaker("Lanternway International")
    talk.say(f"compare {CLINIC} with {BOREHOLES}")
    asked = talk.say("that is wrong, they are a funding chain")
    assert EN("ask_pair_confirmed") in words_of(asked)
    assert EN("pair_kept") in words_of(talk.say("yes"))
    told = words_of(talk.say(f"compare {CLINIC} with {BOREHOLES}"))
    assert EN("pair_chain") in told
    assert "Judged by Lanternway International" in told
    others = speaker("Bridgewell Relief").say(f"compare {CLINIC} with {BOREHOLES}")
    assert "Judged by" not in words_of(others), "a judgement is its organisation's own"
