"""The queue of pairs to judge, and judgements as files."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member, operator
from knowledge.home import Home
from knowledge.index import Index
from knowledge.keeping import NotAMember, Who
from knowledge.overlap import judged_files, judging, labels
from knowledge.overlap.graph import Graph
from knowledge.overlap.judged_files import Line
from knowledge.overlap.judging import Opinion, What
from knowledge.overlap.labels import LABELS, Label, LabelledPair, UnreadablePairs
from knowledge.overlap.queue import Queue, WantedPairs, queue
from knowledge.overlap.standing import Standing
from knowledge.records import Access, Level, OrganisationMention, Period, Record, Role
from tests.homes import activity, opened, place, put

BRAMBLE, CEDAR = Who(member("Bramble Fund"), "p1"), Who(member("Cedar Trust"), "p2")
OPERATOR = Who(operator("Quiet Office"), "operator")
WELLS = "Drilling boreholes and repairing handpumps so that villages have safe water."


def work(ident: str, by: str, district: str = "Turkana", period: Period | None = None) -> Record:
    who = [OrganisationMention(Role.REPORTING, by)]
    where = [place(district)]
    return activity(ident, f"Water of {ident}", who=who, where=where, sectors=["14031"], text=WELLS, period=period)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    old = Period(planned_start=activity("x").period.start, planned_end=activity("x").period.start)
    with opened(tmp_path / "home", "Quiet Office") as home:
        records = [
            work("KE-1", "Bramble Fund"),
            work("KE-2", "Cedar Trust"),
            work("KE-3", "Acme Relief"),
            work("KE-4", "Bramble Fund", "Kitui"),
            work("KE-5", "Acme Relief", "Kitui", old),
        ]
        put(home, "a", records)
        put(home, "secret", [work("XX-1", "Cedar Trust")], Access(Level.OWN, "cedar-trust"))
        yield home


ROOT = Path(__file__).parents[3]
SURE = {("KE-1", "KE-2"): 0.52, ("KE-4", "KE-5"): 0.55, ("KE-1", "KE-4"): 0.58, ("KE-2", "KE-3"): 0.61}
"""How sure the model is that two overlap; of all others 0.9."""


@pytest.fixture(autouse=True)
def graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """All records meet, as surely as `SURE` says, whatever the shipped model makes of them."""

    def made(standing: Standing, audience: Audience, wait: float | None = None) -> Graph:
        corpus = standing.corpus(audience, None)
        left, right = np.triu_indices(len(corpus), 1)
        chances = np.zeros((len(left), len(LABELS)), np.float16)
        for k, rows in enumerate(zip(left.tolist(), right.tolist(), strict=True)):
            one, other = sorted(corpus.profiles[row].id for row in rows)
            chances[k, LABELS.index(Label.OVERLAP)] = SURE.get((one, other), 0.9)
        chances[:, LABELS.index(Label.CHAIN)] = 1.0 - chances[:, LABELS.index(Label.OVERLAP)]
        return Graph(corpus, left, right, chances, np.argmax(chances, axis=1).astype(np.uint8), len(left))

    monkeypatch.setattr(Standing, "graph", made)


def waiting(
    home: Home, who: Who = OPERATOR, wanted: WantedPairs | None = None, offset: int = 0, limit: int = 50
) -> Queue:
    return queue(Index(home), who, wanted, offset=offset, limit=limit, wait=None)


def pairs(found: Queue) -> list[tuple[str, str]]:
    return [(one.a, one.b) for one in found.pairs]


def judge(home: Home, who: Who, a: str, b: str, label: Label | None = None, **more: object) -> None:
    judging.judge(Index(home), who, replace(Opinion(a, b, label, level=Level.PUBLIC), **more), wait=None)  # type: ignore[arg-type]


def test_what_is_least_sure_and_matters_most_comes_first(home: Home) -> None:
    found = waiting(home)
    # KE-5 has ended, and one publisher knows of KE-1 and KE-4 by itself.
    assert pairs(found)[:4] == [("KE-1", "KE-2"), ("KE-2", "KE-3"), ("KE-4", "KE-5"), ("KE-1", "KE-4")]
    assert [one.weight for one in found.pairs[:4]] == [1.0, 1.0, 0.7, 0.5]
    assert pairs(found)[4:6] == [("KE-1", "KE-3"), ("KE-2", "KE-4")]
    assert found.total == len(found.pairs) == 10
    first = found.pairs[0]
    assert (first.label, first.titles) == (Label.OVERLAP, ("Water of KE-1", "Water of KE-2"))
    assert first.clauses


def test_pages_are_parts_of_one_order(home: Home) -> None:
    everything = pairs(waiting(home))
    disputed = "KE-1", "KE-3"
    judge(home, BRAMBLE, *disputed, Label.CHAIN)
    judge(home, OPERATOR, *disputed, Label.FAMILY)
    whole = waiting(home)
    assert pairs(whole) == [disputed, *(pair for pair in everything if pair != disputed)]
    assert whole.disputed == 1
    parts = [pair for at in range(0, whole.total, 2) for pair in pairs(waiting(home, offset=at, limit=2))]
    assert parts == pairs(whole)
    assert pairs(waiting(home, offset=1_000)) == []


def test_what_is_judged_or_skipped_is_no_longer_asked(home: Home) -> None:
    first, second, third, *_ = pairs(waiting(home))
    judge(home, OPERATOR, *first, Label.OVERLAP)
    judge(home, OPERATOR, *second, what=What.SKIP, reason="No way to tell.")
    judge(home, BRAMBLE, *third, Label.CHAIN, level=Level.OWN)
    left = pairs(waiting(home))
    assert left[0] == third
    assert {first, second}.isdisjoint(left)
    others = pairs(waiting(home, BRAMBLE))
    assert second in others
    assert third not in others


def test_nothing_of_hidden_records_or_judgements_is_in_it(home: Home) -> None:
    before = waiting(home, BRAMBLE)
    judge(home, CEDAR, "KE-1", "XX-1", Label.CHAIN)
    judge(home, CEDAR, "KE-1", "KE-2", Label.CHAIN, level=Level.OWN)
    assert waiting(home, BRAMBLE) == before
    assert any("XX-1" in pair for pair in pairs(waiting(home, CEDAR)))
    assert not any("XX-1" in pair for pair in pairs(before))
    assert waiting(home, Who(VISITOR, "v")).total == before.total


def test_places_themes_and_publishers_narrow_it(home: Home) -> None:
    assert pairs(waiting(home, wanted=WantedPairs(places=("KE:kitui",)))) == [("KE-4", "KE-5")]
    assert pairs(waiting(home, wanted=WantedPairs(themes=("education",)))) == []
    one_of = pairs(waiting(home, wanted=WantedPairs(publishers=("cedar-trust",))))
    assert len(one_of) == 4
    assert all("KE-2" in pair for pair in one_of)


# --- files ------------------------------------------------------------------------------------------------------------


def test_what_counts_goes_out_as_labelled_pairs_and_comes_in_again(home: Home, tmp_path: Path) -> None:
    judge(home, BRAMBLE, "KE-1", "KE-2", Label.CHAIN, reason="=Paid\nby it.", sure=2)
    judge(home, BRAMBLE, "KE-3", "KE-4", Label.FAMILY)
    judge(home, OPERATOR, "KE-3", "KE-4", Label.OVERLAP)
    judge(home, BRAMBLE, "KE-1", "KE-3", what=What.REJECT)
    judge(home, CEDAR, "KE-1", "XX-1", Label.DUPLICATE)
    with home.database.read() as session:
        out = judged_files.labelled(session, BRAMBLE.audience)
    assert out == [
        LabelledPair("KE-1", "KE-2", Label.CHAIN, 2, "judged", "=Paid by it."),
        LabelledPair("KE-3", "KE-4", Label.OVERLAP, 1, "disputed", ""),
    ]
    file = tmp_path / "pairs.csv"
    with file.open("w", encoding="utf-8", newline="") as opened_file:
        judged_files.write(out, opened_file)
    assert "'=Paid" in file.read_text()
    assert [(one.a, one.b, one.label) for one in labels.read(file)] == [(one.a, one.b, one.label) for one in out]
    lines, problems = judged_files.read(file.read_text())
    assert (problems, [line.pair for line in lines]) == ([], out)
    taken = judged_files.take_in(Index(home), CEDAR, lines)
    assert (taken.kept, taken.unchanged, taken.problems) == (2, 0, [])
    taken = judged_files.take_in(Index(home), CEDAR, lines)
    assert (taken.kept, taken.unchanged) == (0, 2)


def test_problems_of_a_file_are_named_by_line(home: Home) -> None:
    lines, problems = judged_files.read(
        "\ufeffa,b,label,confidence,why\r\n"
        'KE-1,KE-2,overlap,3,"two\r\nlines"\r\n'
        "KE-1,KE-1,overlap,3,\r\n"
        "KE-1,KE-3,same,3,\r\n"
        "KE-1,KE-3,chain,9,\r\n"
        "KE-1\r\n"
        "KE-2,KE-1,chain,,\r\n"
        "KE-1,XX-1,chain,,\r\n"
        f"KE-1,KE-4,chain,,{'x' * 2000}\r\n"
    )
    assert [problem[:7] for problem in problems] == ["line 4:", "line 5:", "line 6:", "line 7:"]
    taken = judged_files.take_in(Index(home), BRAMBLE, lines)
    assert taken.kept == 1
    assert taken.problems == [
        "line 8: the pair of line 3, called overlap there, chain here",
        "line 9: XX-1 is not known to this index. `commonground link` finds how things are called",
        "line 10: reason has 2000 characters. Say it in 1000",
    ]
    with pytest.raises(NotAMember):
        judged_files.take_in(Index(home), Who(VISITOR, "v"), lines)


@pytest.mark.parametrize("text", ["", "a;b;label\n", "\x00", "x,y\n1,2\n"])
def test_what_is_no_file_of_pairs_is_refused(text: str) -> None:
    with pytest.raises(UnreadablePairs):
        judged_files.read(text)


def test_a_hostile_file_ends(home: Home) -> None:
    endless = "a,b,label\n" + 'KE-1,"' + "x" * 300_000
    lines, problems = judged_files.read(endless)
    assert lines == []
    assert "line" in problems[0]
    many, problems = judged_files.read("a,b,label\n" + "KE-1,,overlap\n" * (judged_files.MOST_LINES + 5))
    assert many == []
    assert problems[-1].endswith("Give the rest in another file")


def test_killed_in_the_middle_nothing_of_a_file_is_kept(home: Home) -> None:
    folder = home.settings.home
    home.close()
    script = """
        import os, signal, sys
        from pathlib import Path
        from knowledge.access import operator
        from knowledge.index import Index
        from knowledge.keeping import Who
        from knowledge.overlap import judged_files, judging
        from knowledge.overlap.judged_files import Line
        from knowledge.overlap.labels import Label, LabelledPair
        from tests.homes import opened
        keep, calls = judging.keep, []
        def dies(*given, **more):
            calls.append(keep(*given, **more))
            if len(calls) == 2:
                os.kill(os.getpid(), signal.SIGKILL)
            return calls[-1]
        judging.keep = dies
        pairs = [LabelledPair("KE-1", f"KE-{n}", Label.CHAIN) for n in (2, 3, 4)]
        with opened(Path(sys.argv[1])) as home:
            judged_files.take_in(Index(home), Who(operator(), "operator"), [Line(n, p) for n, p in enumerate(pairs)])
    """
    code = "\n".join(line[8:] for line in script.splitlines())
    died = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, check=False, timeout=120, cwd=ROOT
    )
    assert died.returncode == -signal.SIGKILL, died.stderr[-2000:]
    with opened(folder) as again:
        with again.database.read() as session:
            assert judging.history(session, operator()) == []
        lines = [Line(n, LabelledPair("KE-1", f"KE-{n}", Label.CHAIN)) for n in (2, 3, 4)]
        assert judged_files.take_in(Index(again), Who(operator(), "operator"), lines).kept == 3
