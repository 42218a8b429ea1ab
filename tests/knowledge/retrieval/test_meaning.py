"""Vectors in memory: an exact scan within a mask, in single and half precision, and Chroma where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from knowledge.access import PUBLIC as VISITOR
from knowledge.access import operator
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.records import Access, Level, RecordKind
from knowledge.retrieval import meaning
from knowledge.retrieval.kept import Held
from tests.homes import activity, opened, place, put

TEXTS = ("Boreholes and hand pumps.", "A hot lunch at school.", "Clearing of landmines.", "Land titles for women.")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    with opened(tmp_path_factory.mktemp("home")) as home:
        records = [
            activity(f"r{n}", f"Lot {n % 5}", text=TEXTS[n % 4], where=[place("Kitui")] if n % 3 else [])
            for n in range(24)
        ]
        put(
            home,
            "open",
            [*records, activity("long", "A long one", text="\n\n".join(TEXTS[i % 4] * 40 for i in range(9)))],
        )
        put(
            home,
            "own",
            [activity("secret", "Secret", text="Boreholes, hand pumps, hidden.")],
            Access(Level.OWN, "acme"),
        )
        yield home


def level(home: Home) -> Held:
    with home.database.read() as session:
        return home.retrieval.level(session)


def by_hand(home: Home, held: Held, words: str, mask: np.ndarray) -> dict[int, float]:
    """Record -> similarity of its nearest passage, read from the store one by one."""
    vector = home.embedder.embed([words])[0]
    found: dict[int, float] = {}
    with home.database.read() as session:
        rows = session.connection().exec_driver_sql(
            "SELECT record_pk, vector FROM passage JOIN embedding USING (text_hash)"
        )
        for pk, stored in rows:
            (at,) = held.columns.ordinals([pk])
            if mask[at]:
                found[int(at)] = max(found.get(int(at), -2.0), float(np.frombuffer(stored, np.float32) @ vector))
    return found


@pytest.mark.parametrize("facets", [Facets(), Facets(places=("KE:kitui",)), Facets(kinds=(RecordKind.MANDATE,))])
@pytest.mark.parametrize("half", [False, True])
def test_the_scan_finds_the_nearest_passage_of_every_record_of_the_mask(
    home: Home, facets: Facets, half: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if half:
        monkeypatch.setattr(meaning, "_FULL", 0)
        home.retrieval.clear()
    held = level(home)
    assert held.passages.matrix is not None
    assert held.passages.matrix.dtype == (np.float16 if half else np.float32)
    with home.database.read() as session:
        mask = held.mask(session, facets, held.visible(VISITOR))
    near = held.passages.nearest(home.retrieval.vector("water pumps"), mask, home.vectors.nearest, 50, 0.3)
    wanted = by_hand(home, held, "water pumps", mask)
    assert near.exact
    assert np.flatnonzero(near.values > -2).tolist() == sorted(wanted)
    assert [float(near.values[i]) for i in sorted(wanted)] == pytest.approx(
        [wanted[i] for i in sorted(wanted)], abs=2e-3 if half else 1e-5
    )
    home.retrieval.clear()


def test_without_vectors_in_memory_chroma_answers_the_same(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    held = level(home)
    with home.database.read() as session:
        mask = held.mask(session, Facets(places=("KE:kitui",)), held.visible(VISITOR))
    vector = home.retrieval.vector("water pumps")
    exact = held.passages.nearest(vector, mask, home.vectors.nearest, 3, 0.3).values
    monkeypatch.setattr(meaning, "_HALF", 0)
    home.retrieval.clear()
    large = level(home).passages
    assert large.matrix is None
    near = large.nearest(vector, mask, home.vectors.nearest, 3, 0.3)
    assert not near.exact
    found = np.flatnonzero(near.values > -2)
    assert len(found) >= 3
    assert mask[found].all()
    assert near.values[found] == pytest.approx(exact[found], abs=1e-4)
    assert exact[found].min() >= np.sort(exact)[-len(found)] - 1e-4
    home.retrieval.clear()


def test_chroma_is_asked_once_nothing_is_narrowed_and_there_is_much(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = level(home)
    asked: list[int] = []

    def nearest(vector: np.ndarray, count: int) -> list[tuple[str, float]]:
        asked.append(count)
        return home.vectors.nearest(vector, count)

    everything = held.visible(operator()) | True
    vector = home.retrieval.vector("water pumps")
    assert held.passages.nearest(vector, everything, nearest, 50, 0.3).exact
    monkeypatch.setattr(meaning, "_CHROMA_FROM", 0)
    near = held.passages.nearest(vector, everything, nearest, 50, 0.3)
    assert asked
    assert not near.exact
    narrowed = everything.copy()
    narrowed[0] = False
    assert held.passages.nearest(vector, narrowed, nearest, 50, 0.3).exact


def test_texts_without_a_vector_are_near_nothing(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        put(home, "a", [activity("r1", "Wells", text=TEXTS[0]), activity("r2", "Meals", text=TEXTS[1])])
        with home.database.write() as session:
            session.connection().exec_driver_sql(
                "DELETE FROM embedding WHERE text_hash IN (SELECT text_hash FROM passage WHERE text LIKE '%lunch%')"
            )
        held = level(home)
        near = held.passages.nearest(
            home.retrieval.vector("school lunch"), np.ones(2, np.bool_), home.vectors.nearest, 5, 0.0
        )
        assert (near.values > -2).tolist() == [True, False]
