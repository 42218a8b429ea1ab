"""Words to postings: forms of five languages, slips of the finger, and weights that tell of nothing unseen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import Audience, member
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, Level
from knowledge.retrieval import lexical
from knowledge.retrieval.lexical import concepts, forms
from tests.homes import activity, opened, put

TEXTS = {
    "wells": ("Boreholes for herders", "Drilling of boreholes and communities that keep them."),
    "school": ("A school", "Children eat at school; a school garden; the school kitchen."),
    "ecole": ("Écoles du désert", "Construction d'écoles et formation des enseignants."),
    "agua": ("Água para todos", "Reabilitação de sistemas de água nas regiões."),
    "miyah": ("مشروع المياه", "حفر الآبار وإصلاح المضخات للمدارس"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        put(home, "open", [activity(key, title, text=text) for key, (title, text) in TEXTS.items()])
        hidden = [activity(f"hidden{n}", "Boreholes hushword", text="Boreholes, cholera.") for n in range(20)]
        put(home, "own", hidden, Access(Level.OWN, "acme"))
        yield home


def scored(home: Home, words: str, audience: Audience = VISITOR) -> dict[str, tuple[float, float]]:
    """Record id -> BM25 and share of the words, of the records that hold any."""
    with home.database.read() as session:
        held = home.retrieval.level(session)
        visible = held.visible(audience)
        found = held.texts.scores(session, concepts(words), held.mask(session, Facets(), visible), visible)
        ids = dict(session.connection().exec_driver_sql("SELECT pk, id FROM record").all())
    return {
        ids[pk]: (float(value), float(share))
        for pk, value, share in zip(held.columns.pks.tolist(), found.values, found.shares, strict=True)
        if value > 0
    }


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("borehole", {"wells"}),
        ("community", {"wells"}),
        ("schools", {"school"}),
        ("école", {"ecole"}),
        ("ECOLES", {"ecole"}),
        ("agua", {"agua"}),
        ("região", {"agua"}),
        ("regiao", {"agua"}),
        ("مياه", {"miyah"}),
        ("والمياه", {"miyah"}),
        ("آبار", {"miyah"}),
        ("مدارس", {"miyah"}),
        ("the school of a", {"school"}),
        ("of the xylophone", set()),
    ],
)
def test_words_are_found_in_their_forms(home: Home, words: str, wanted: set[str]) -> None:
    assert set(scored(home, words)) == wanted


def test_words_of_grammar_count_only_where_there_are_no_others() -> None:
    assert [concept.word for concept in concepts("The water of the river, the WATERS")] == ["water", "river"]
    assert [concept.word for concept in concepts("who is it")] == ["who", "is", "it"]
    assert concepts("?!  ") == []
    assert len(concepts(" ".join(f"word{n}x" for n in range(500)))) < 100


def test_forms_share_one_stem() -> None:
    assert set(forms("communities")) == {"communities", "community", "communitys"}
    assert {"populações", "populacoes", "populacao"} <= set(forms("populações"))
    assert "bus" in forms("bus")


@pytest.mark.parametrize(
    ("typed", "wanted"), [("boreohles", "wells"), ("scool", "school"), ("enseignents", "ecole"), ("chldren", "school")]
)
def test_a_slip_of_the_finger_is_forgiven(home: Home, typed: str, wanted: str) -> None:
    assert set(scored(home, typed)) == {wanted}


def test_short_words_and_known_words_are_taken_as_they_stand(home: Home) -> None:
    assert scored(home, "eet") == {}
    assert set(scored(home, "garden")) == {"school"}


def test_more_and_rarer_words_weigh_more_and_titles_most(home: Home) -> None:
    both = scored(home, "school garden children")["school"]
    one = scored(home, "school")["school"]
    assert both[0] > one[0]
    assert both[1] == one[1] == 1.0
    assert 0 < scored(home, "school cholera")["school"][1] < 1
    assert scored(home, "boreholes")["wells"][0] > scored(home, "drilling")["wells"][0]


def test_records_unseen_change_no_weight_and_no_spelling(tmp_path: Path, home: Home) -> None:
    with opened(tmp_path) as bare:
        put(bare, "open", [activity(key, title, text=text) for key, (title, text) in TEXTS.items()])
        for words in ("boreholes for children", "cholera", "hushwork school", "boreholes school garden"):
            assert scored(home, words) == scored(bare, words)
    assert len(scored(home, "cholera", member("Acme"))) == 20
    assert len(scored(home, "hushwork", member("Acme"))) == 20


def test_few_postings_are_kept_and_none_is_lost(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexical, "_KEPT", 1)
    before = scored(home, "boreholes school water children construction")
    assert scored(home, "boreholes school water children construction") == before
    with home.database.read() as session:
        assert len(home.retrieval.level(session).texts._postings) == 1
