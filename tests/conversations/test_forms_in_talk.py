"""Forms in the course of a conversation: opened from a list, left for a question, filled in another language."""

from __future__ import annotations

import pytest

from bot.words import Words
from tests.conversations.talking import Speaker, asks, buttons_of, names_of, rows_of, summed_up, words_of

MEMBER = "Saltmarsh Aid"
EN = Words("en")


def test_an_introduction_to_a_row_takes_over_whom_and_what_about(speaker: Speaker) -> None:
    talk = speaker(MEMBER)
    listed = talk.say("Who works on WASH in Turkana?")
    asked = talk.say("introduce us to the third one")
    (whom,) = [organisation["name"] for organisation in asked["query"]["organisations"]]
    assert rows_of(listed)[2].startswith(whom)
    assert asks(asked, EN, "ask_message")
    offered = talk.say("Could we share a store for hygiene kits in Kakuma?")
    shown = summed_up(offered)
    assert shown[EN("label_whom")] == whom
    assert "Turkana" in shown[EN("label_about")]
    renamed = talk.say("change the subject to hygiene kits for Kakuma")
    assert summed_up(renamed)[EN("label_about")] == "hygiene kits for Kakuma"
    assert summed_up(renamed)[EN("label_message")] == shown[EN("label_message")]
    assert asks(talk.say("cancel"), EN, "form_dropped")


def test_an_alert_in_spanish_with_a_question_a_change_a_no_and_a_yes(speaker: Speaker) -> None:
    words, talk = Words("es"), speaker("Garissa Drylands Action Forum")
    assert asks(talk.say("Avísenme cuando haya algo nuevo"), words, "ask_subject")
    offered = talk.say("salud en Kolda")
    assert summed_up(offered)[words("label_events")] == words("event_new")
    aside = talk.say("¿quién más trabaja ahí?")
    assert (aside["query"]["intent"], bool(aside["organisations"])) == ("who_does_what", True)
    assert [place["id"] for place in aside["query"]["places"]] == ["SN07"]
    assert asks(aside, words, "ask_watch_confirmed")
    wider = talk.say("todo")
    assert summed_up(wider)[words("label_events")] != words("event_new")
    assert asks(talk.say("no"), words, "form_denied")
    narrowed = talk.say("solo lo que termina")
    assert summed_up(narrowed)[words("label_events")] == words("event_ended")
    kept = talk.say("sí")
    assert (kept["query"]["intent"], asks(kept, words, "watch_kept")) == ("affirm", True)
    listed = talk.press(kept, words("button_list_watches"))
    assert "Kolda" in words_of(listed)


def test_after_a_form_the_conversation_goes_on_with_what_was_asked_before(speaker: Speaker) -> None:
    talk = speaker(MEMBER)
    before = talk.say("Who works on health in Kenya?")
    talk.say("introduce us to the second one")
    assert asks(talk.say("never mind"), EN, "form_dropped")
    narrowed = talk.say("only national NGOs")
    assert narrowed["query"]["places"] == before["query"]["places"]
    assert names_of(narrowed) < names_of(before)


@pytest.mark.parametrize(
    ("opening", "first", "change", "changed"),
    [
        (
            "Please register our nutrition project “Porridge” in Kolda from March to June",
            ("2027-03-01", "2027-06-30"),
            "change the start to April",
            ("2027-04-01", "2027-06-30"),
        ),
        (
            "Merci d'enregistrer notre projet de nutrition « Bouillie » à Kolda de mars à juin 2028",
            ("2028-03-01", "2028-06-30"),
            "le début est en avril",
            ("2028-04-01", "2028-06-30"),
        ),
    ],
)
def test_months_without_a_year_are_those_of_the_plan(
    speaker: Speaker, opening: str, first: tuple[str, str], change: str, changed: tuple[str, str]
) -> None:
    talk = speaker(MEMBER)
    for said, (start, end) in ((opening, first), (change, changed)):
        period = talk.say(said)["query"]["period"]
        assert (period["start"], period["end"]) == (start, end), said
    talk.say("cancel")


def test_an_organisation_that_no_record_names_cannot_be_asked(speaker: Speaker) -> None:
    talk = speaker(MEMBER)
    asked = talk.say("introduce us to GIZ about cash")
    assert asks(asked, EN, "answer_whom")
    assert asks(asked, EN, "ask_whom")
    assert asks(talk.say("Bridgewell Relief"), EN, "ask_message")
    talk.say("cancel")


def test_a_form_that_is_open_is_finished_before_another_begins(speaker: Speaker) -> None:
    talk = speaker(MEMBER)
    talk.say("Please register our nutrition project “Porridge” in Kolda")
    told = talk.say("Tell me when anyone new starts on health in Turkana")
    assert EN("form_first", form=EN("form_register_initiative")) in words_of(told)
    assert asks(talk.say("skip"), EN, "ask_initiative_confirmed")
    dropped = talk.say("cancel")
    assert talk.say(buttons_of(dropped)[0])["organisations"]


def test_a_choice_of_places_waits_within_the_form_while_the_language_changes(speaker: Speaker) -> None:
    talk = speaker(MEMBER)
    asked = talk.say("Please register our health project “Rural clinics” in Congo from May to June 2027")
    options = buttons_of(asked)
    assert "Congo" in words_of(asked)
    french = talk.say("bonjour")
    assert french["reply"]["language"] == "fr"
    chosen = talk.press(asked, next(b["title"] for b in asked["reply"]["buttons"] if b["send"] == options[0]))
    assert len(chosen["query"]["places"]) == 1
    assert "Rural clinics" in summed_up(chosen).values()
    talk.say("annuler")
