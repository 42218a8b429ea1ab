"""What somebody is told of pairs does not depend on judgements, or on records, that they may not know of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from io import StringIO

import orjson
import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, named, operator
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap import exporting, judged_files, judging
from knowledge.overlap.judging import Opinion, What
from knowledge.overlap.labels import Label
from knowledge.overlap.queue import queue
from knowledge.overlap.ranking import meetings
from knowledge.overlap.wanted import Wanted
from knowledge.records import Access, Level, OrganisationMention, Record, Role
from tests.homes import PUBLIC, activity, opened, place, put

BRAMBLE, CEDAR = Who(member("Bramble Fund"), "p1"), Who(member("Cedar Trust"), "p2")
OPEN = ("KE-1", "KE-2", "KE-3", "KE-4", "KE-5")
TEXTS = (
    "Drilling boreholes and repairing hand pumps for villages of herders.",
    "Boreholes and hand pumps for herders and their villages.",
    "School meals for girls in primary schools.",
    "Training of midwives and nurses.",
    "Cash for families who lost their goats.",
)


def work(ident: str, by: str, text: str) -> Record:
    who = [OrganisationMention(Role.REPORTING, by)]
    return activity(
        ident, f"{text.split()[0]} of {by}", who=who, where=[place("Turkana")], sectors=["14031"], text=text
    )


def open_records() -> list[Record]:
    reporters = ("Bramble Fund", "Cedar Trust", "Acme Relief", "Delta Aid", "Elm Works")
    return [work(ident, by, text) for ident, by, text in zip(OPEN, reporters, TEXTS, strict=True)]


@pytest.fixture(scope="module")
def indices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Index, Index]]:
    """Two homes with the same open records and judgements; the second holds private ones of both besides."""
    with ExitStack() as stack:
        made = []
        for private in (False, True):
            home = stack.enter_context(opened(tmp_path_factory.mktemp("home"), "Quiet Office"))
            if private:
                hidden = [work(f"PRIV-{n}", "Bramble Fund", TEXTS[n % 5]) for n in range(6)]
                put(home, "own", hidden, Access(Level.OWN, "bramble-fund"))
            put(home, "open", open_records(), PUBLIC)
            index = Index(home)
            say(index, CEDAR, "KE-1", "KE-2", Label.CHAIN, Level.PUBLIC)
            say(index, BRAMBLE, "KE-1", "KE-3", Label.FAMILY, Level.COMMUNITY)
            if private:
                say(index, BRAMBLE, "KE-1", "KE-2", Label.DUPLICATE)
                say(index, BRAMBLE, "KE-2", "KE-3", Label.OVERLAP, Level.OWN)
                say(index, BRAMBLE, "KE-1", "KE-5", Label.OVERLAP, Level.NAMED, ("Cedar Trust",))
                say(index, BRAMBLE, "PRIV-1", "KE-2", Label.OVERLAP, Level.PUBLIC)
                say(index, BRAMBLE, "PRIV-1", "PRIV-2", Label.FAMILY, Level.COMMUNITY)
                judging.judge(index, BRAMBLE, Opinion("KE-3", "KE-4", what=What.SKIP), wait=None)
            made.append(index)
        yield made[0], made[1]


def say(
    index: Index, who: Who, a: str, b: str, label: Label, level: Level = Level.OWN, named_: tuple[str, ...] = ()
) -> None:
    judging.judge(index, who, Opinion(a, b, label, reason="Whispered.", level=level, named=named_), wait=None)


def told(index: Index, audience: Audience) -> dict[str, str]:
    """All that the engine says of pairs, without ids and times, which differ from home to home."""
    who = Who(audience, "somebody")
    graph = index.overlaps.graph(audience, None)
    out, file = StringIO(), StringIO()
    with index.home.database.read() as session:
        entries = [entry.as_json() for entry in judging.history(session, audience)]
        known = judging.judged(session, audience)
        judged_files.write(judged_files.labelled(session, audience), out)
    exporting.write_json(graph, known, file)
    found = {
        "history": orjson.dumps(entries).decode(),
        "judged": orjson.dumps([one.as_json() for one in known.values()]).decode(),
        "labelled": out.getvalue(),
        "exported": file.getvalue(),
        "queue": orjson.dumps([one.as_json() for one in queue(index, who, limit=100).pairs]).decode(),
    }
    for ident in OPEN:
        answer = meetings(index, audience, Wanted(record=ident)).as_json()
        found[f"meetings {ident}"] = orjson.dumps(answer).decode()
    return {asked: re.sub(r'"(id|at)":"[0-9a-fTZ:-]{12,20}"', "", said) for asked, said in found.items()}


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param(VISITOR, id="visitor"),
        pytest.param(named("community"), id="community"),
        pytest.param(member("Acme Relief"), id="an organisation with records"),
        pytest.param(operator("Quiet Office"), id="operator"),
    ],
)
def test_private_judgements_change_nothing_that_others_are_shown(
    indices: tuple[Index, Index], audience: Audience
) -> None:
    bare, disturbed = (told(index, audience) for index in indices)
    assert [asked for asked in bare if bare[asked] != disturbed[asked]] == []
    assert "chain" in bare["judged"]
    assert "PRIV" not in str(disturbed)


def test_who_is_meant_is_told(indices: tuple[Index, Index]) -> None:
    _, disturbed = indices
    assert "PRIV-1" in told(disturbed, BRAMBLE.audience)["judged"]
    named_to = told(disturbed, CEDAR.audience)
    assert '"KE-5"' in named_to["judged"]
    assert "duplicate" not in named_to["judged"]
