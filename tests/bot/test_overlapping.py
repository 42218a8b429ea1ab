"""Two records compared and overlaps found, as the actions answer it, over hand-made records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from bot.actions import overlapping_judged
from bot.actions.context import Context, Item, Request
from bot.actions.understanding import Message
from bot.answers.overlaps_telling import percent
from bot.words import LANGUAGES, Words
from knowledge.access import PUBLIC, Audience, operator
from knowledge.extracts.fields import value_at
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap.comparing import compare
from knowledge.overlap.judging import Opinion, judge
from knowledge.overlap.labels import Label
from knowledge.overlap.standing import NotReady
from knowledge.records import (
    Access,
    GazetteerPlace,
    Level,
    Money,
    OrganisationMention,
    Period,
    Record,
    RecordKind,
    Role,
)
from knowledge.reply import Answer, Query
from knowledge.store import models as m
from knowledge.store.copies import RECORD
from tests.bot.test_actions import Dialogue
from tests.homes import activity, implementer, opened, place, put

EN = Words("en")
WATER, HEALTH = "14031", "12220"
INNER, OTHER = place(pcode="KE0101"), place(pcode="KE0102")
BRIDGE, LANTERN, DONOR, CLINIC, ROW = "XX-BR-1-WELLS", "XX-LA-2-WELLS", "XX-DO-3-GRANT", "XX-CL-4-CARE", "XX-RO-5-ROW"
SECRET = "XX-SE-6-WELLS"
TEXT = (
    "The project rehabilitates boreholes with solar pumps for herders in Innerton. Water committees are trained to keep"
    " the boreholes running through the dry season."
)


def reported(record: Record, by: str, **more: str) -> Record:
    mention = OrganisationMention(Role.REPORTING, by, **more)
    return replace(record, organisations=(mention, *record.organisations))


def records() -> list[Record]:
    bridge = activity(
        BRIDGE, "Boreholes for herders in Innerton", who=["Bridge Relief"], where=[INNER], sectors=[WATER], text=TEXT
    )
    lantern = activity(
        LANTERN,
        "Solar boreholes for herders, Innerton",
        who=["Lantern Aid"],
        where=[INNER],
        sectors=[WATER],
        period=Period(planned_start=date(2026, 3, 1), planned_end=date(2028, 6, 30)),
        text="Boreholes in Innerton are rehabilitated and fitted with solar pumps, so that herders keep their animals.",
    )
    donor = activity(
        DONOR,
        "Grant to Bridge Relief: boreholes for herders in Innerton",
        who=["Bridge Relief", OrganisationMention(Role.FUNDING, "Northland Aid")],
        where=[INNER],
        sectors=[WATER],
        text=TEXT,
    )
    clinic = activity(
        CLINIC, "A clinic", who=["Otherham Doctors"], where=[OTHER], sectors=[HEALTH], text="It treats cholera."
    )
    bridge = replace(
        bridge,
        organisations=(*bridge.organisations, OrganisationMention(Role.FUNDING, "Northland Aid")),
        money=(Money("budget", 250_000, "USD"),),
    )
    row = activity(ROW, "Wells in Innerton", who=[implementer("Row Relief")], where=[INNER], kind=RecordKind.PRESENCE)
    return [
        reported(bridge, "Bridge Relief", ref="XX-BR-1"),
        reported(lantern, "Lantern Aid", ref="XX-LA-2"),
        reported(donor, "Northland Aid", ref="XX-DO-3"),
        reported(clinic, "Otherham Doctors", ref="XX-CL-4"),
        row,
        *(
            reported(activity(f"XX-FI-{n}-GOATS", f"Goats of number {n}", where=[OTHER], text="Goats."), f"Bureau {n}")
            for n in range(8)
        ),
    ]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    with opened(tmp_path_factory.mktemp("home"), "House Relief") as home:
        places = [
            GazetteerPlace("KE", 1, "KE01", "Uppershire"),
            GazetteerPlace("KE", 2, "KE0101", "Innerton", "KE01"),
            GazetteerPlace("KE", 2, "KE0102", "Otherham", "KE01"),
        ]
        put(home, "places", places)
        put(home, "records", records())
        secret = activity(SECRET, "Secret boreholes in Innerton", who=["Hidden Relief"], where=[INNER], text=TEXT)
        put(home, "secret", [reported(secret, "Hidden Relief", ref="XX-SE-6")], Access(Level.OWN, "hidden-relief"))
        made = Index(home)
        made.overlaps.graph(PUBLIC, None)
        yield made


@pytest.fixture
def dialogue(index: Index) -> Dialogue:
    return Dialogue(index)


def words_of(answer: Answer) -> str:
    said = []
    for part in answer.reply.parts:
        rows = part.rows if part.type == "table" else [part.items] if part.type == "list" else []
        said += ["".join(span.text for span in cell) for row in rows for cell in row]
        said += [span.text for span in getattr(part, "spans", ())]
    return "\n".join(said)


def sends(answer: Answer) -> list[str]:
    return [button.send for button in answer.reply.buttons]


# --- two records ---------------------------------------------------------------------------------------------------


def test_two_records_are_told_apart_with_how_sure_and_what_speaks_for_it(dialogue: Dialogue, index: Index) -> None:
    answer = dialogue.say("compare_records", f"Are {BRIDGE} and {LANTERN} the same?")
    (found,) = compare(index.overlaps.corpus(PUBLIC), [(BRIDGE, LANTERN)])
    said = words_of(answer)
    assert EN(f"label_of_{found.label}") in said or EN(f"pair_{found.label}") in said
    assert f"{percent(found.confidence)}%" in said
    assert EN("tell_time_now", start="1 Mar 2026", end="31 Dec 2027") in said
    assert "30 Jun 2028" in said, "their ends differ"
    assert "water supply" in said
    assert "herders" in said
    assert "250,000 USD" in said
    assert [record.id for record in answer.records] == [BRIDGE, LANTERN]
    assert f"Describe {LANTERN}" in sends(answer)


@pytest.mark.parametrize("follow_up", [None, "why?"])
def test_every_span_that_is_cited_stands_in_the_record(dialogue: Dialogue, index: Index, follow_up: str | None) -> None:
    answer = dialogue.say("compare_records", f"compare {BRIDGE} with {DONOR}")
    if follow_up:
        answer = dialogue.say("nlu_fallback", follow_up)
        assert EN("table_evidence") in [part.caption for part in answer.reply.parts if part.type == "table"]
    with index.home.database.read() as session:
        for citation in answer.reply.citations:
            body = session.scalar(select(m.RecordRow.body).where(m.RecordRow.id == citation.record))
            record = RECORD.validate_json(body or b"")
            assert citation.evidence, citation.record
            for item in citation.evidence:
                assert value_at(record, item.field)[item.start : item.end] == item.quote != ""
    fields = {item.field.split("/")[0] for citation in answer.reply.citations for item in citation.evidence}
    assert {"period", "organisations", "places"} <= fields


def test_of_a_chain_it_is_said_who_pays_and_who_works(dialogue: Dialogue) -> None:
    said = words_of(dialogue.say("compare_records", f"is {DONOR} the funder side of {BRIDGE}?"))
    assert EN("pair_flow", payer="Northland Aid", doer="Bridge Relief") in said


def test_the_missing_record_is_asked_for_and_the_answer_is_taken(dialogue: Dialogue) -> None:
    asked = dialogue.say("compare_records", f"compare {BRIDGE} with another one")
    assert EN("compare_with_which", title="Boreholes for herders in Innerton") in words_of(asked)
    taken = dialogue.say("describe_record", LANTERN)
    assert (taken.query.intent, taken.query.records) == ("compare_records", [BRIDGE, LANTERN])
    assert EN("compare_which") in words_of(Dialogue(dialogue.index).say("compare_records", "compare them"))


def test_the_record_spoken_of_is_one_of_the_two(dialogue: Dialogue) -> None:
    dialogue.say("describe_record", f"Describe {BRIDGE}")
    assert dialogue.say("compare_records", f"is it the same as {LANTERN}?").query.records == [BRIDGE, LANTERN]


def test_rows_of_organisations_are_compared_by_what_they_do(dialogue: Dialogue) -> None:
    listed = dialogue.say("who_does_what", "Who works in Innerton?")
    names = [organisation.name for organisation in listed.organisations]
    assert "Row Relief" in names
    row, other = names.index("Row Relief") + 1, 1 if names[0] != "Row Relief" else 2
    answer = dialogue.say("compare_records", f"compare {row} and {other}")
    assert answer.query.intent == "find_overlaps"
    assert {one.name for one in answer.query.organisations} == {names[row - 1], names[other - 1]}


def test_rows_of_presence_are_no_initiatives(dialogue: Dialogue) -> None:
    for intent, text in (
        ("compare_records", f"compare {ROW} with {BRIDGE}"),
        ("find_overlaps", f"what overlaps with {ROW}?"),
    ):
        assert EN("not_an_initiative", title="Wells in Innerton") in words_of(dialogue.say(intent, text))


def test_three_records_are_compared_each_with_each(dialogue: Dialogue) -> None:
    answer = dialogue.say("compare_records", f"compare {BRIDGE}, {LANTERN} and {DONOR}")
    (table,) = (part for part in answer.reply.parts if part.type == "table")
    assert len(table.rows) == 3
    second = dialogue.say("compare_records", "compare the second")
    assert set(second.query.records) == {BRIDGE, DONOR}


# --- who meets -----------------------------------------------------------------------------------------------------


def test_what_meets_a_record_is_listed_and_each_row_can_be_asked_about(dialogue: Dialogue) -> None:
    answer = dialogue.say("find_overlaps", f"What overlaps with {BRIDGE}?")
    ids = {record.id for record in answer.records}
    assert {BRIDGE, LANTERN, DONOR} <= ids
    assert CLINIC not in ids
    (table,) = (part for part in answer.reply.parts if part.type == "table")
    first = table.rows[0][0][0].text
    assert first == "Solar boreholes for herders, Innerton"
    for question in ("why?", "why the first?", "the first one"):
        why = Dialogue(dialogue.index, dict(dialogue.slots)).say("nlu_fallback", question)
        assert (why.query.intent, why.query.records) == ("compare_records", [BRIDGE, LANTERN]), question
    assert dialogue.say("nlu_fallback", f"why not {CLINIC}?").query.records == [BRIDGE, CLINIC]


def test_a_place_and_theme_bring_those_together_who_meet_there(dialogue: Dialogue) -> None:
    answer = dialogue.say("find_overlaps", "Which water projects overlap in Innerton?")
    assert [reading.id for reading in answer.query.places] == ["KE0101"]
    said = words_of(answer)
    assert "Lantern Aid" in said
    assert "Bridge Relief" in said
    assert EN("reported_times", n=2, publishers="") in said, "the chain is one heading"
    assert "Northland Aid" in said
    picked = dialogue.say("choose", "the first one")
    assert picked.query.intent == "compare_records"
    assert LANTERN in picked.query.records
    narrowed = dialogue.say("refine", "and in Otherham?")
    assert (narrowed.query.intent, [reading.id for reading in narrowed.query.places]) == ("find_overlaps", ["KE0102"])


def test_none_there_is_said_apart_from_not_covered(dialogue: Dialogue) -> None:
    none = dialogue.say("find_overlaps", "overlaps in health in Innerton")
    assert none.coverage.state == "none_reported"
    assert "no activity, project or grant" in words_of(none)
    assert any("Innerton [KE0101]" in send for send in sends(none))
    away = dialogue.say("find_overlaps", "overlaps in health in Chad")
    assert away.coverage.state == "not_covered"
    assert "do not cover" in words_of(away)


def test_what_is_asked_for_is_asked_back_where_nothing_is_named(dialogue: Dialogue) -> None:
    assert EN("overlaps_which") in words_of(dialogue.say("find_overlaps", "find overlaps"))
    assert EN("proposal_paste") in words_of(Dialogue(dialogue.index).say("find_overlaps", "scan our proposal"))
    open_still = Dialogue(dialogue.index)
    open_still.say("find_overlaps", "find overlaps")
    assert open_still.say("who_does_what", "water in Innerton").query.intent == "find_overlaps"


def test_a_number_of_organisations_in_one_area_is_kept_apart_from_the_topic(dialogue: Dialogue) -> None:
    answer = dialogue.say("find_overlaps", "where do two or more agencies overlap in Uppershire?")
    assert (answer.query.at_least, answer.query.words) == (2, "")
    assert EN("in_district", place="Innerton", n=2) in words_of(answer)


STEERED = {
    ("who_does_what", "three or more agencies in one district in Innerton"): [],
    ("compare_records", "Which records in Innerton are reported twice?"): ["duplicate"],
    ("trace_funding", "which are funding chains in Innerton"): ["chain"],
    ("find_overlaps", "Quels doublons y a-t-il ici : Innerton [KE0101] ?"): ["duplicate"],
    ("find_overlaps", "¿Qué proyectos duplicados hay en Innerton [KE0101]?"): ["duplicate"],
    ("find_overlaps", "ما السجلات المكررة في Innerton [KE0101]؟"): ["duplicate"],
    ("find_overlaps", "Que cadeias de financiamento há em Innerton [KE0101]?"): ["chain"],
    ("find_overlaps", "Which projects in Innerton belong to the same programme?"): ["family"],
    ("find_overlaps", "is anybody duplicating water projects in Innerton"): [],
}


@pytest.mark.parametrize(("intent", "text"), STEERED)
def test_what_records_are_to_be_to_each_other_is_read_from_the_question(index: Index, intent: str, text: str) -> None:
    answer = Dialogue(index).say(intent, text)
    assert answer.query.intent == "find_overlaps"
    assert answer.query.labels == STEERED[intent, text]
    assert answer.query.words == ""


def test_of_two_records_it_is_still_asked_what_they_are(index: Index) -> None:
    talk = Dialogue(index)
    talk.say("compare_records", f"compare {BRIDGE} with {LANTERN}")
    assert talk.say("compare_records", "are these two duplicates?").query.intent == "compare_records"


def test_none_of_one_work_is_no_general_answer(dialogue: Dialogue) -> None:
    none = dialogue.say("find_overlaps", "Are there any duplicates in Innerton?")
    assert EN("overlaps_also_meet") in words_of(none)
    assert "Lantern Aid" not in words_of(none), "what only overlaps is another question"
    assert any("Innerton [KE0101]" in send for send in sends(none))
    chains = dialogue.say("find_overlaps", "which are funding chains in Innerton")
    assert {record.id for record in chains.records} >= {BRIDGE, DONOR}
    assert EN("label_of_chain") in words_of(chains)


def test_the_relation_can_be_asked_for_among_what_was_shown(dialogue: Dialogue) -> None:
    dialogue.say("find_overlaps", "which projects overlap in Innerton?")
    chains = dialogue.say("trace_funding", "which of them are funding chains?")
    assert chains.query.intent == "find_overlaps"
    assert [place.id for place in chains.query.places] == ["KE0101"]
    assert {record.id for record in chains.records} >= {BRIDGE, DONOR}


def test_the_work_of_one_organisation_is_held_against_that_of_all_others(dialogue: Dialogue) -> None:
    answer = dialogue.say("find_overlaps", "What overlaps with the work of Lantern Aid?")
    assert [organisation.name for organisation in answer.query.organisations] == ["Lantern Aid"]
    assert {LANTERN, BRIDGE} <= {record.id for record in answer.records} | {
        record.id for record in dialogue.say("show_more", "more").records
    }
    assert "Hidden Relief" not in words_of(answer)
    narrowed = dialogue.say("refine", "only in Otherham")
    assert [place.id for place in narrowed.query.places] == ["KE0102"]
    assert [organisation.name for organisation in narrowed.query.organisations] == ["Lantern Aid"]


def test_whose_work_is_meant_by_us_is_said_where_it_is_not_known(dialogue: Dialogue) -> None:
    answer = dialogue.say("find_partners", "Who doubles up with us?")
    assert answer.query.intent == "find_overlaps"
    assert EN("overlaps_own_unknown") in words_of(answer)


@pytest.mark.parametrize("language", ["fr", "es", "ar", "pt"])
def test_the_question_of_one_organisation_at_a_place_is_understood(index: Index, language: str) -> None:
    text = Words(language)("send_overlaps_of_at", organisation="Lantern Aid", place="Innerton", id="KE0101")
    answer = Dialogue(index).say("find_overlaps", text)
    assert [place.id for place in answer.query.places] == ["KE0101"]
    assert [organisation.name for organisation in answer.query.organisations] == ["Lantern Aid"]
    assert answer.reply.language == language


# --- a pasted text -------------------------------------------------------------------------------------------------

PASTED = (
    "We want to rehabilitate boreholes with solar pumps for herders in Innerton from January 2027 to December 2027."
    " Does anybody already do this?"
)


def test_a_pasted_text_is_compared_read_back_and_not_kept(dialogue: Dialogue, index: Index) -> None:
    before = index.version()
    answer = dialogue.say("find_overlaps", PASTED)
    said = words_of(answer)
    assert EN("proposal_not_kept") in said
    assert "Innerton" in said
    assert {BRIDGE, LANTERN} & {record.id for record in answer.records}
    assert (index.version(), "proposal" in index.overlaps.corpus(PUBLIC).index) == (before, False)
    why = dialogue.say("nlu_fallback", "why the first?")
    assert EN("your_text") in words_of(why)
    assert why.reply.citations
    assert EN("send_register") in sends(answer)


def test_a_correction_of_the_place_is_compared_anew(dialogue: Dialogue) -> None:
    dialogue.say("find_overlaps", PASTED)
    moved = dialogue.say("refine", "no, Otherham")
    assert [reading.id for reading in moved.query.places] == ["KE0102"]
    assert "Innerton" not in words_of(moved).split("\n")[0]


def test_a_short_question_is_no_pasted_text(dialogue: Dialogue) -> None:
    assert dialogue.say("find_overlaps", "overlaps in water in Innerton").reply.parts[0].type != "notice"
    assert dialogue.slots["last_answer"]["proposal"] == ""


# --- who may know --------------------------------------------------------------------------------------------------


def test_what_may_not_be_seen_changes_no_word(dialogue: Dialogue, tmp_path_factory: pytest.TempPathFactory) -> None:
    questions = [
        ("compare_records", f"compare {BRIDGE} with {LANTERN}"),
        ("find_overlaps", f"What overlaps with {BRIDGE}?"),
        ("find_overlaps", "Which water projects overlap in Innerton?"),
        ("find_overlaps", PASTED),
    ]
    with opened(tmp_path_factory.mktemp("other"), "House Relief") as home:
        places = [
            GazetteerPlace("KE", 1, "KE01", "Uppershire"),
            GazetteerPlace("KE", 2, "KE0101", "Innerton", "KE01"),
            GazetteerPlace("KE", 2, "KE0102", "Otherham", "KE01"),
        ]
        put(home, "places", places)
        put(home, "records", records())
        without = Index(home)
        without.overlaps.graph(PUBLIC, None)
        for intent, text in questions:
            told = Dialogue(dialogue.index).say(intent, text)
            assert words_of(told) == words_of(Dialogue(without).say(intent, text)), text
    hidden = dialogue.say("compare_records", f"compare {BRIDGE} with {SECRET}")
    assert "Secret" not in words_of(hidden)
    assert hidden.records == []


# --- not ready, and what people said -------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_how_far_the_comparing_is_is_said(index: Index, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    def unready(*_: object, **__: object) -> object:
        raise NotReady(120, 4_000)

    for name in ("corpus", "graph", "around", "with_proposal"):
        monkeypatch.setattr(index.overlaps, name, unready)
    words = Words(language)
    for intent, text in (
        ("find_overlaps", words("send_overlaps_of", id=BRIDGE)),
        ("compare_records", words("send_compare", id=BRIDGE, other=LANTERN)),
    ):
        answer = Dialogue(index).say(intent, text)
        assert answer.reply.language == language
        assert words("still_comparing", done=120, all=4_000) in words_of(answer)
        assert sends(answer) == [text]


JUDGED = {
    "that is wrong, they are a chain": ("chain", ""),
    "they are a funding chain, not an overlap": ("chain", ""),
    "not the same, different district": ("", "reject"),
    "that comparison is wrong": ("", "reject"),
    "that comparison is right": ("", "confirm"),
    "no overlap there: they complement each other": ("complementary", ""),
    "ce n'est pas un chevauchement mais une chaîne": ("chain", ""),
    "cette comparaison est fausse": ("", "reject"),
    "esa comparación es correcta": ("", "confirm"),
    "os dois complementam-se": ("complementary", ""),
    "هذه المقارنة غير صحيحة": ("", "reject"),
    "لا علاقة بين هذين السجلين": ("unrelated", ""),
    "they closed their office": None,
}


@pytest.mark.parametrize("text", JUDGED)
def test_what_is_said_of_a_pair_is_read_as_a_judgement(index: Index, text: str) -> None:
    asked = Query(intent="compare_records", records=[BRIDGE, LANTERN])
    request = Request(index, PUBLIC, EN, "feedback", Message(), text=text, context=Context(asked=asked))
    read = overlapping_judged.read(request)
    wanted = JUDGED[text]
    if wanted is None:
        assert read is None
        return
    assert read is not None
    assert (read["records"], read["pair"]) == ([BRIDGE, LANTERN], {"label": wanted[0], "what": wanted[1]})
    assert LANTERN in overlapping_judged.in_words(EN, read)


def test_a_row_that_is_judged_is_the_pair_with_what_was_asked_about(index: Index) -> None:
    asked = Query(intent="find_overlaps", records=[BRIDGE])
    context = Context(asked=asked, listed=[Item("record", DONOR, "", DONOR), Item("record", LANTERN, "", LANTERN)])
    message = Message(ordinals=[2])
    request = Request(index, PUBLIC, EN, "feedback", message, text="the second one is unrelated", context=context)
    read = overlapping_judged.read(request)
    assert read is not None
    assert read["records"] == [BRIDGE, LANTERN]


def test_what_people_said_outranks_the_engine_where_it_may_be_known(dialogue: Dialogue, index: Index) -> None:
    who = Who(operator("House Relief"), "somebody")
    judge(index, who, Opinion(BRIDGE, LANTERN, label=Label.UNRELATED, reason="other wells", level=Level.PUBLIC))
    told = words_of(dialogue.say("compare_records", f"compare {BRIDGE} with {LANTERN}"))
    assert EN("pair_unrelated") in told
    assert "other wells" in told
    assert "House Relief" in told
    met = dialogue.say("find_overlaps", f"What overlaps with {BRIDGE}?")
    assert LANTERN not in {record.id for record in met.records}


def test_a_judgement_is_taken_back_in_conversation_by_whose_it_is(index: Index) -> None:
    who = Who(operator("House Relief"), "somebody")
    judge(index, who, Opinion(BRIDGE, CLINIC, label=Label.FAMILY, reason="one plan"))
    asked = overlapping_judged.spoken_of({"pair": {"label": "", "what": "reject"}, "records": [BRIDGE, CLINIC]})
    assert asked is not None, "the pair stays spoken of when the form is over"

    def take_back(audience: Audience) -> str:
        context = Context(asked=asked)
        request = Request(index, audience, EN, "feedback", Message(), text="undo that", context=context, person="x")
        assert overlapping_judged.takes_back(request)
        with index.home.database.read() as session:
            return words_of(overlapping_judged.taken_back(session, request))

    assert "one plan" not in take_back(PUBLIC)
    assert EN("judged_undone", one=BRIDGE, other=CLINIC) in take_back(operator("House Relief"))
    assert EN("judged_nothing") in take_back(operator("House Relief"))
    assert overlapping_judged.spoken_of({"kind": "wrong", "records": [BRIDGE]}) is None


@pytest.mark.parametrize(
    "text", ["take my judgement back", "retire mon avis", "retira mi juicio", "اسحب حكمي", "retira o meu juízo"]
)
def test_taking_a_judgement_back_is_understood_without_a_pair(index: Index, text: str) -> None:
    request = Request(index, PUBLIC, EN, "nlu_fallback", Message(), text=text)
    assert overlapping_judged.takes_back(request)
    assert not overlapping_judged.takes_back(Request(index, PUBLIC, EN, "deny", Message(), text="undo that"))
