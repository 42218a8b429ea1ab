"""The actions as Rasa calls them, over hand-made records: what each makes of a message and of what was said before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest
import yaml

from bot.actions import executor, understanding
from bot.actions.capabilities import CAPABILITIES
from bot.actions.forms.table import FORMS
from bot.actions.turns import Turn, Turns
from bot.answers import phrases
from bot.words import Words
from knowledge.access import PUBLIC
from knowledge.finding import Facets, find
from knowledge.index import Index
from knowledge.records import GazetteerPlace, Period, RecordKind
from knowledge.reply import Answer, PlaceReading, Query, ThemeReading
from tests.asynchronous import run
from tests.homes import TODAY, activity, implementer, opened, place, put

HEALTH, WATER, SAFE_WATER = "12220", "14015", "14031"
INNER, OTHER = place(pcode="KE0101"), place(pcode="KE0102")
CLINIC = "XX-REG-77-CLINIC-01"
BUREAUS = ("Amber", "Basalt", "Cedar", "Dahlia", "Ember", "Fennel", "Garnet", "Hazel", "Iris")
EN = Words("en")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(
            home,
            "places",
            [
                GazetteerPlace("KE", 1, "KE01", "Uppershire"),
                GazetteerPlace("KE", 2, "KE0101", "Innerton", "KE01"),
                GazetteerPlace("KE", 2, "KE0102", "Otherham", "KE01"),
            ],
        )
        records = [
            activity(f"w{n}", f"Wells of number {n}", who=[f"Bureau {name}"], where=[INNER], sectors=[SAFE_WATER])
            for n, name in enumerate(
                ["Amber", "Basalt", "Cedar", "Dahlia", "Ember", "Fennel", "Garnet", "Hazel", "Iris"]
            )
        ]
        records += [
            activity("w9", "Pumps", who=["Bureau Amber"], where=[INNER], sectors=[SAFE_WATER]),
            activity(CLINIC, "Clinic", who=["Bureau Jade"], where=[INNER], sectors=[HEALTH], text="It treats cholera."),
            activity("h2", "Goats", who=[implementer("Bureau Kestrel", kind="80")], where=[OTHER], sectors=[HEALTH]),
            activity("n1", "North", who=[implementer("Northern Relief Bank", acronym="NRB")], where=[OTHER]),
            activity("s1", "South", who=[implementer("Southern Relief Bank", acronym="NRB")], where=[OTHER]),
        ]
        put(home, "records", records)
        yield Index(home)


@dataclass
class Dialogue:
    """Rasa's part: links a message, calls an action over the webhook's protocol, keeps the slots as JSON."""

    index: Index
    slots: dict[str, Any] = field(default_factory=dict)
    sure: float = 1.0

    def say(self, intent: str, text: str, **metadata: Any) -> Answer:
        turns = Turns()
        turn = turns.begin(Turn(text=text, audience=PUBLIC))
        link = self.index.link(text, PUBLIC).as_json()
        message = {
            "text": text,
            "intent": {"name": intent, "confidence": self.sure},
            "entities": [{"entity": entity["type"], "value": entity} for entity in link["entities"]],
            "metadata": {"turn": turn.id, "language": link["language"], "words": link["words"], **metadata},
        }
        name = {"affirm": "action_yes_or_no", "deny": "action_yes_or_no"}.get(intent, f"action_{intent}")
        name = name if name in CAPABILITIES else "action_capability"
        result = run(executor.build(self.index, turns).run(call(name, message, self.slots)))
        assert result is not None
        done = json.loads(json.dumps(result.model_dump()))
        assert [response["custom"] for response in done["responses"]] == [{"turn": turn.id}]
        self.slots = {event["name"]: event["value"] for event in done["events"] if event["event"] == "slot"}
        assert turn.answer is not None
        return turn.answer


def call(action: str, message: dict[str, Any], slots: dict[str, Any]) -> dict[str, Any]:
    tracker = {
        "sender_id": "somebody",
        "slots": slots,
        "latest_message": message,
        "events": [],
        "paused": False,
        "followup_action": None,
        "active_loop": {},
        "latest_action_name": None,
    }
    return {"next_action": action, "sender_id": "somebody", "tracker": tracker, "domain": {}, "version": "3.6.21"}


@pytest.fixture
def dialogue(index: Index) -> Dialogue:
    return Dialogue(index)


def said(answer: Answer) -> str:
    return " ".join(span.text for part in answer.reply.parts for span in getattr(part, "spans", ()))


def names(answer: Answer) -> set[str]:
    return {organisation.name for organisation in answer.organisations}


def records(answer: Answer) -> list[str]:
    return [record.id for record in answer.records]


# --- the way Rasa calls --------------------------------------------------------------------------------------------


def test_a_turn_that_is_not_under_way_is_not_answered(index: Index) -> None:
    message = {"text": "hello", "intent": {"name": "greet"}, "entities": [], "metadata": {"turn": "made-up"}}
    with pytest.raises(executor.UnknownTurn):
        run(executor.build(index, Turns()).run(call("action_greet", message, {})))


def test_every_action_of_the_dialogue_exists(index: Index, repo_root: Any) -> None:
    domain = yaml.safe_load((repo_root / "bot" / "dialogue" / "domain.yml").read_text(encoding="utf-8"))
    registered = executor.build(index, Turns()).actions
    assert set(domain["actions"]) == set(registered)
    assert set(CAPABILITIES) <= set(registered)
    assert list(domain["forms"]) == list(FORMS)
    for form in FORMS.values():
        assert domain["forms"][form.name]["required_slots"] == [field.slot for field in form.fields]
        assert {field.slot for field in form.fields} <= set(domain["slots"])


def test_an_answer_without_the_linker_says_that_it_may_be_off(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who does water in Innerton?", link_failed=True)
    assert said(answer).startswith(EN("link_failed"))


# --- what a message asks -------------------------------------------------------------------------------------------


def ambiguous(probability: float) -> dict[str, Any]:
    value = {"id": "A", "name": "Aland", "country": "KE", "level": 1, "within": ["Kenya"]}
    other = {"value": value | {"id": "B"}, "probability": 1 - probability}
    return {"type": "place", "text": "Aland", "value": value, "probability": probability, "alternatives": [other]}


def test_a_name_is_asked_about_below_seven_tenths_and_taken_from_there() -> None:
    assert [reading.id for reading in understanding.read([ambiguous(0.7)]).places] == ["A"]
    unsure = understanding.read([ambiguous(0.69)])
    assert unsure.places == []
    assert [option["id"] for option in unsure.ambiguities[0].options] == ["A", "B"]


BEFORE = Query(places=[PlaceReading(id="KE0101", name="Innerton", country="KE", level=2)])


def test_a_question_with_a_theme_alone_is_about_the_place_before_and_says_so() -> None:
    message = understanding.Message(themes=[ThemeReading(id="health", name="Health")])
    query, kept = understanding.asked("who_does_what", message, "", BEFORE)
    assert (query.places, kept) == (BEFORE.places, ["Innerton"])


def test_a_place_or_an_unknown_name_begins_anew() -> None:
    elsewhere = understanding.Message(places=[PlaceReading(id="KE0102", name="Otherham", country="KE", level=2)])
    assert understanding.asked("who_does_what", elsewhere, "", BEFORE)[0].themes == []
    themed = understanding.Message(themes=[ThemeReading(id="health", name="Health")])
    assert understanding.asked("who_does_what", themed, "Xyzzyville", BEFORE)[0].places == []
    assert understanding.asked("who_does_what", themed, "mobile", BEFORE)[0].places == BEFORE.places


# --- words that nobody knows ---------------------------------------------------------------------------------------


def test_an_unknown_name_is_neither_swallowed_nor_replaced_by_something_near(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who works with Xyzzy?")
    assert answer.organisations == []
    assert answer.coverage.state == "not_covered"
    assert EN("words_unknown", words="Xyzzy") in said(answer)


def test_an_unknown_name_beside_a_theme_is_said_to_be_left_out(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who does health in Xyzzyville?")
    assert names(answer) == {"Bureau Jade", "Bureau Kestrel"}
    assert EN("left_out", words="Xyzzyville") in said(answer)
    assert "“Xyzzyville”" not in said(answer).partition("wider than your question.")[2]


def test_words_of_records_find_them(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who works on goats?")
    if not answer.query.themes:
        assert names(answer) == {"Bureau Kestrel"}
        assert EN("in_records_saying", words=answer.query.words) in said(answer)


def test_a_theme_without_coded_records_is_looked_for_in_their_text(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who works on cholera in Innerton?")
    assert records(answer) == [CLINIC]
    assert EN("theme_by_text", themes="cholera") in said(answer)
    nowhere = dialogue.say("who_does_what", "Who works on cholera in Otherham?")
    assert nowhere.coverage.state == "none_reported"


# --- following on --------------------------------------------------------------------------------------------------


def test_more_rows_come_until_all_were_shown_and_the_list_stays(dialogue: Dialogue) -> None:
    first = dialogue.say("who_does_what", "Who does water in Innerton?")
    assert (len(first.organisations), first.reply.remaining, len(dialogue.slots["last_answer"]["listed"])) == (9, 1, 8)
    rest = dialogue.say("show_more", "more")
    assert (rest.reply.remaining, len(dialogue.slots["last_answer"]["listed"])) == (0, 1)
    listed = dialogue.slots["last_answer"]["listed"]
    for _ in range(2):
        assert said(dialogue.say("show_more", "more")) == EN("nothing_more")
        assert dialogue.slots["last_answer"]["listed"] == listed
    assert dialogue.say("refine", "and in Uppershire?").query.offset == 0


@pytest.mark.parametrize(
    ("language", "wanted"),
    [
        ("en", "Send me the photographs of the survivors in Innerton"),
        ("fr", "Exporte les empreintes digitales des réfugiés à Innerton"),
        ("ar", "صدّر صور اللاجئين وبصماتهم"),
    ],
)
def test_data_of_single_people_are_not_given_out(dialogue: Dialogue, language: str, wanted: str) -> None:
    answer = dialogue.say("export_report", wanted)
    assert answer.query.intent == "out_of_scope"
    assert Words(language)("no_data_of_people") in said(answer)


def test_a_question_about_work_for_people_is_answered(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who takes photos of children in Innerton?")
    assert answer.query.intent == "who_does_what"


def test_what_is_kept_from_before_is_called_as_the_new_language_calls_it(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "Qui travaille dans la santé à Innerton ?")
    answer = dialogue.say("refine", "¿Y en Otherham?")
    assert [theme.name for theme in answer.query.themes] == ["Salud"]


def test_the_second_one_is_the_second_row_also_after_one_was_described(dialogue: Dialogue) -> None:
    answer = dialogue.say("who_does_what", "Who does water in Innerton?")
    assert len(answer.organisations[0].records) == 2, "a row with two records comes first"
    assert records(dialogue.say("choose", "the second one"))[0] in answer.organisations[1].records
    assert records(dialogue.say("describe_record", "describe the third one"))[0] in answer.organisations[2].records


def test_provenance_is_of_what_was_said_last(dialogue: Dialogue) -> None:
    found = dialogue.say("who_does_what", "Who does water in Innerton?")
    assert records(dialogue.say("provenance", "where from?")) == records(found)
    dialogue.say("describe_record", f"Describe {CLINIC}")
    assert records(dialogue.say("provenance", "where from?")) == [CLINIC]
    dialogue.say("who_does_what", "Who works on water in Otherham?")
    nothing = dialogue.say("provenance", "where from?")
    assert (records(nothing), nothing.coverage.state) == ([], "none_reported")
    dialogue.say("restart_conversation", "start over")
    assert f"{EN.number(14)} records" in said(dialogue.say("provenance", "where from?"))


@pytest.mark.parametrize("choice", ["the southern one", "2", "Southern Relief Bank"])
def test_an_option_is_chosen_by_its_own_word_its_number_or_its_name(dialogue: Dialogue, choice: str) -> None:
    question = dialogue.say("who_does_what", "What is NRB doing in Otherham?")
    titles = [button.title for button in question.reply.buttons]
    assert set(titles) == {"Northern Relief Bank", "Southern Relief Bank"}
    wanted = titles[1] if choice == "2" else "Southern Relief Bank"
    answer = dialogue.say("choose", choice)
    assert [organisation.name for organisation in answer.query.organisations] == [wanted]
    assert [reading.id for reading in answer.query.places] == ["KE0102"]


def test_a_word_that_all_options_share_chooses_none(dialogue: Dialogue) -> None:
    question = dialogue.say("who_does_what", "What is NRB doing?")
    again = dialogue.say("choose", "the relief bank")
    assert again.reply.buttons == question.reply.buttons
    assert said(again) == EN("choose_again")


def test_a_filter_that_leaves_nobody_is_told_with_how_many_there_are_without_it(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "Who does water in Innerton?")
    none = dialogue.say("refine", "only universities")
    assert none.organisations == []
    assert EN("without_kinds", n=9) in said(none)
    send = next(button.send for button in none.reply.buttons if button.title == EN("button_all_kinds"))
    assert len(dialogue.say("who_does_what", send).organisations) == 9


def test_no_followed_by_a_name_is_a_correction_and_alone_drops_the_question(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "Who does water in Innerton?")
    assert dialogue.say("deny", "no, health").query.themes[0].id == "health"
    dialogue.say("who_does_what", "What is NRB doing?")
    assert said(dialogue.say("deny", "no")) == EN("choice_dropped")
    assert dialogue.slots["clarification"] is None


def test_what_is_not_built_offers_the_question_that_is(dialogue: Dialogue) -> None:
    answer = dialogue.say("trace_funding", "Who funds health in Innerton?")
    assert answer.records == []
    assert answer.query.intent == "trace_funding"
    assert names(dialogue.say("who_does_what", answer.reply.buttons[0].send)) == {"Bureau Jade"}


def test_nothing_before_leads_to_questions_that_have_answers(dialogue: Dialogue) -> None:
    for intent, text in (("refine", "only those"), ("show_more", "more"), ("choose", "the third one")):
        answer = Dialogue(dialogue.index).say(intent, text)
        assert answer.reply.buttons, intent
        for button in answer.reply.buttons:
            assert dialogue.say("who_does_what", button.send).organisations


# --- how a presence row stands in time -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "reported", "status", "words"),
    [
        (Period(actual_start=date(2026, 10, 1), planned_end=date(2026, 10, 31)), date(2026, 10, 31), "",
         "present as of October 2026"),
        (Period(actual_start=date(2026, 1, 1), planned_end=date(2027, 6, 30)), date(2026, 10, 31), "Ongoing",
         "present as of October 2026, planned to 30 Jun 2027"),
        (Period(actual_start=date(2027, 1, 1), planned_end=date(2027, 6, 30)), date(2026, 10, 31), "",
         "planned, starts 1 Jan 2027"),
        (Period(actual_start=date(2025, 1, 1), planned_end=date(2026, 3, 31)), date(2026, 10, 31), "Ongoing",
         "reported as active, planned end passed 7 months ago"),
        (Period(actual_start=date(2025, 8, 1), planned_end=date(2025, 8, 31)), date(2025, 8, 31), "",
         "reported in August 2025, 14 months ago"),
        (Period(), None, "", "reported, no date"),
    ],
)  # fmt: skip
def test_a_presence_row_says_when_it_was_seen_and_until_when_it_is_planned(
    tmp_path: Any, period: Period, reported: date | None, status: str, words: str
) -> None:
    with opened(tmp_path) as home:
        row = activity("p1", who=["Bureau"], period=period, reported_on=reported, status=status,
                       kind=RecordKind.PRESENCE)  # fmt: skip
        put(home, "table", [row])
        with home.database.read() as session:
            (hit,) = find(session, Facets(), PUBLIC)
    assert phrases.standing(EN, hit, hit.standing(TODAY)) == words


# --- what the words of a message steer -----------------------------------------------------------------------------


@pytest.mark.parametrize("mistaken", ["out_of_scope", "what_changed", "find_mandate", "greet", "describe_record"])
def test_names_alone_are_never_what_needs_words_of_its_own(dialogue: Dialogue, mistaken: str) -> None:
    alone = Dialogue(dialogue.index).say(mistaken, "Innerton (Kenya)")
    assert (alone.query.intent, [reading.id for reading in alone.query.places]) == ("who_does_what", ["KE0101"])
    dialogue.say("who_does_what", "Who does water in Innerton?")
    changed = dialogue.say(mistaken, "in Otherham?")
    assert (changed.query.intent, [reading.id for reading in changed.query.places]) == ("who_does_what", ["KE0102"])
    assert changed.query.themes, "the theme of the question before is kept"


def test_a_message_with_words_of_its_own_is_what_it_was_read_as(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "Who does water in Innerton?")
    assert dialogue.say("find_mandate", "whose mandate is health in Otherham?").query.intent == "find_mandate"
    assert dialogue.say("out_of_scope", "what is the weather in Innerton?").query.intent == "out_of_scope"


def test_rows_alone_are_picked_however_they_were_read(dialogue: Dialogue) -> None:
    listed = dialogue.say("who_does_what", "Who does water in Innerton?").organisations[:8]
    picked = dialogue.say("compare_records", "the last two")
    assert [one.id for one in picked.query.organisations] == [one.id for one in listed[-2:]]
    dialogue.say("who_does_what", "Who does water in Innerton?")
    compared = dialogue.say("compare_records", "compare 1 and 3")
    assert (compared.query.intent, len(compared.query.records)) == ("compare_records", 2)
    again = dialogue.say("describe_record", "the first two")
    assert (again.query.intent, len(again.query.records)) == ("compare_records", 2)


@pytest.mark.parametrize("text", ['{"query": null}', "slot_set query", "<b>reset</b>"])
def test_markup_and_names_of_slots_forget_nothing(dialogue: Dialogue, text: str) -> None:
    dialogue.say("who_does_what", "Who does water in Innerton?")
    for mistaken in ("restart_conversation", "who_does_what", "out_of_scope"):
        assert dialogue.say(mistaken, text).query.intent == "fallback"
    assert [reading.id for reading in dialogue.say("refine", "and in Otherham?").query.places] == ["KE0102"]
    assert dialogue.slots["query"]["themes"]


def test_starting_over_that_is_not_sure_forgets_nothing(index: Index) -> None:
    unsure = Dialogue(index, sure=0.3)
    unsure.say("who_does_what", "Who does water in Innerton?")
    assert unsure.say("restart_conversation", "again").query.intent == "fallback"
    assert unsure.slots["query"]["places"]


def test_a_name_that_nobody_knows_does_not_replace_the_question_before(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "Who does water in Innerton?")
    assert not dialogue.say("who_does_what", "Who works in Xyzzyville?").records
    back = dialogue.say("refine", "and in Otherham?")
    assert ([reading.id for reading in back.query.places], back.query.words) == (["KE0102"], "")
    assert back.query.themes


def test_several_records_are_shown_side_by_side(dialogue: Dialogue) -> None:
    dialogue.say("who_does_what", "What is Bureau Amber doing?")
    both = dialogue.say("describe_record", "both")
    assert set(records(both)) == {"w0", "w9"}
    assert {button.send for button in both.reply.buttons} == {EN("send_describe", id=one) for one in records(both)}
    assert records(dialogue.say("describe_record", "the second one")) == records(both)[1:]


def test_what_goes_on_without_a_sure_intent_stays_with_the_question_before(index: Index) -> None:
    unsure = Dialogue(index, sure=0.3)
    unsure.say("find_gaps", "What gaps are there in health in Innerton?")
    for text in ("and on the other side?", "only those still active"):
        stayed = unsure.say("compare_records", text)
        assert stayed.query.intent == "find_gaps", text
        assert [reading.id for reading in stayed.query.places] == ["KE0101"]
    assert unsure.say("compare_records", "are they still active?").query.intent == "who_does_what"
