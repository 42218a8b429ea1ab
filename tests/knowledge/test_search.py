"""Text and meaning together, within facets and audience."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge import search as searching
from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, Level
from knowledge.retrieval import meaning
from knowledge.search import Found, search
from tests.homes import activity, opened, place, put

TEXTS = {
    "wells": "Boreholes and hand pumps give herders safe drinking water.",
    "meals": "Children eat a hot lunch at school every day.",
    "mines": "Teams clear landmines and teach families about unexploded ordnance.",
    "law": "Lawyers help displaced women to recover their land titles.",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        towns = {"wells": place("Turkana")}
        put(
            home,
            "open",
            [activity(k, f"Project {k}", text=text, where=[towns.get(k, place("Kitui"))]) for k, text in TEXTS.items()],
        )
        put(home, "own", [activity("secret", "Project secret", text="Boreholes and hand pumps for a hidden house.")],
            Access(Level.OWN, "acme"))  # fmt: skip
        yield home


def found(home: Home, words: str, audience: Audience = VISITOR, limit: int = 20, **facets: object) -> list[Found]:
    with home.database.read() as session:
        return search(home, session, words, Facets(**facets), audience, limit)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("hand pumps", "wells"),
        ("clean drinking water for nomads", "wells"),
        ("school feeding programme", "meals"),
        ("explosive remnants of war", "mines"),
        ("legal aid on property for refugees", "law"),
        ("Project law", "law"),
    ],
)
def test_words_and_meaning_both_find(home: Home, words: str, first: str) -> None:
    assert found(home, words)[0].hit.id == first


def test_the_passage_shown_is_the_one_that_answers(home: Home) -> None:
    (best, *_) = found(home, "unexploded ordnance")
    assert TEXTS["mines"] in best.passage


def test_facets_and_audience_narrow_before_the_ranking(home: Home) -> None:
    assert "secret" not in {item.hit.id for item in found(home, "boreholes and hand pumps")}
    assert "secret" in {item.hit.id for item in found(home, "boreholes and hand pumps", member("Acme"))}
    assert [item.hit.id for item in found(home, "hand pumps for a hidden house", limit=1)] == ["wells"]
    assert "wells" not in {item.hit.id for item in found(home, "hand pumps", places=("KE:kitui",))}
    assert found(home, "hand pumps", places=("KE:nowhere",)) == []


@pytest.mark.parametrize(
    "words", ["", "  ", '"', "* OR *", "NEAR(a b)", 'title:"x" AND', "); DROP TABLE record; --", "\u0000", "💧" * 50]
)
def test_no_words_break_a_search(home: Home, words: str) -> None:
    found(home, words)
    assert found(home, "hand pumps")


def test_near_texts_beyond_the_first_do_not_hide_what_facets_ask_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No vectors in memory: Chroma, which knows no audience and no place, is asked.
    monkeypatch.setattr(meaning, "_HALF", 0)
    monkeypatch.setattr(searching, "_NEIGHBOURS", 3)
    crowd = [activity(f"crowd{n}", f"Lot {n}", text=f"Boreholes and hand pumps, lot {n}.") for n in range(15)]
    one = activity("one", "The one", text="Wells with pumps by hand.", where=[place("Kitui")])
    with opened(tmp_path) as home:
        put(home, "a", [*crowd, one])
        assert [item.hit.id for item in found(home, "boreholes and hand pumps", places=("KE:kitui",))] == ["one"]
