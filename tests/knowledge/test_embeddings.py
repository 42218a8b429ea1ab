"""One model, two ways to run it: OpenVINO gives what sentence-transformers gives, and gives way to it."""

from __future__ import annotations

import logging
from itertools import islice, product
from pathlib import Path

import numpy as np
import pytest

from knowledge import embedding_openvino
from knowledge.embeddings import Embedder, ModelError, Vectors

WORK = (
    "drills boreholes and repairs hand pumps",
    "feeds children at school",
    "vaccinates against measles and cholera",
    "pays cash to families who fled",
    "forme des enseignants dans les écoles rurales",
    "distribuye semillas a los agricultores",
    "clears mines from farm land",
    "يقوم بحفر الآبار وإصلاح المضخات",
)
AREAS = ("Bakool", "Ituri", "the hills of Karamoja", "Borno State", "Alta Verapaz")
WHO = ("The Well Trust", "A ministry of health", "UNICEF", "Une association locale", "The Red Cross society")
TEXTS = [f"{who} {work} in {area}. {detail}" for who, work, area, detail in product(
    WHO, WORK, AREAS, ("Phase II ended in June.",)
)]  # fmt: skip
ENGLISH = "The programme repairs hand pumps and trains water committees in every village. "
AMHARIC = "ፕሮግራሙ በእያንዳንዱ መንደር የውሃ ጉድጓዶችን ይቆፍራል። "


@pytest.fixture(scope="module")
def reference() -> Embedder:
    return Embedder(backend="sentence-transformers")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def converted(cache: Path) -> Embedder:
    return Embedder(backend="openvino", cache=cache)


def ten_nearest(vectors: Vectors) -> list[set[int]]:
    near = vectors @ vectors.T
    np.fill_diagonal(near, -2)
    return [set(row) for row in np.argsort(-near, axis=1)[:, :10].tolist()]


def test_both_give_the_same_vectors_and_the_same_neighbours(reference: Embedder, converted: Embedder) -> None:
    assert len(set(TEXTS)) == 200
    expected, found = reference.embed(TEXTS), converted.embed(TEXTS)
    assert (reference.runs_on, converted.runs_on.split()[0]) == ("sentence-transformers", "openvino")
    assert float((expected * found).sum(axis=1).min()) > 0.999
    kept = [len(a & b) for a, b in zip(ten_nearest(expected), ten_nearest(found), strict=True)]
    assert float(np.mean(kept)) >= 9.9
    assert np.allclose(np.linalg.norm(found, axis=1), 1.0, atol=1e-3)


@pytest.mark.parametrize(
    "text", ["", "  padded with blanks \n", "SHOUTED", ENGLISH * 60], ids=["empty", "blanks", "capitals", "too long"]
)
def test_a_text_out_of_the_ordinary_gets_the_reference_vector(
    text: str, reference: Embedder, converted: Embedder
) -> None:
    assert float(reference.embed([text])[0] @ converted.embed([text])[0]) > 0.999


def test_order_and_progress_are_those_of_the_texts(converted: Embedder) -> None:
    texts = [ENGLISH * (1 + number % 5) + str(number) for number in range(40)]
    seen: list[int] = []
    vectors = converted.embed(texts, seen.append)
    assert sum(seen) == len(texts)
    assert all(float(vectors[i] @ converted.embed([texts[i]])[0]) > 0.999 for i in (0, 7, 39))
    assert converted.embed([]).shape == (0, converted.dimension)


@pytest.mark.parametrize("sentence", [ENGLISH, AMHARIC, "well-being, 3.5 km² (e.g.) "])
def test_what_fits_is_told_as_exactly_as_the_reference_tells_it(
    sentence: str, reference: Embedder, converted: Embedder
) -> None:
    answers = []
    for words in range(8, 400, 7):
        text = " ".join(islice((sentence * 100).split(" "), words))
        answers.append(converted.fits(text))
        assert answers[-1] == reference.fits(text), words
    assert set(answers) == {True, False}


def test_a_converted_model_loads_without_the_reference(
    cache: Path, converted: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = converted.embed(["water"])
    monkeypatch.setattr(Embedder, "_reference", lambda self: pytest.fail("the reference was loaded"))
    assert np.allclose(Embedder(cache=cache).embed(["water"]), expected, atol=1e-6)


def test_a_damaged_conversion_is_made_anew(cache: Path, converted: Embedder) -> None:
    expected = converted.embed(["water"])
    (folder,) = cache.iterdir()
    weights = (folder / "model.bin").read_bytes()
    damaged = bytearray(weights)
    damaged[len(damaged) // 2] ^= 0xFF
    (folder / "model.bin").unlink()
    (folder / "model.bin").write_bytes(damaged)
    assert np.allclose(Embedder(cache=cache).embed(["water"]), expected, atol=1e-6)
    assert (folder / "model.bin").read_bytes() == weights
    assert list(cache.iterdir()) == [folder]


def test_where_conversion_fails_the_reference_embeds(
    reference: Embedder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise embedding_openvino.Unusable("another shape")

    monkeypatch.setattr(embedding_openvino, "convert", refuse)
    with caplog.at_level(logging.WARNING):
        fallen_back = Embedder(cache=tmp_path)
        assert fallen_back.runs_on == "sentence-transformers"
    assert "another shape" in caplog.text
    assert np.allclose(fallen_back.embed(["water"]), reference.embed(["water"]), atol=1e-6)
    with pytest.raises(ModelError, match="embedding_backend"):
        Embedder(backend="openvino", cache=tmp_path).embed(["water"])


def test_a_conversion_that_gives_other_vectors_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding_openvino, "_SAME", 1.1)
    with pytest.raises(ModelError, match="differ"):
        Embedder(backend="openvino").embed(["water"])


def test_a_model_that_is_not_here_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="embedding_model to 'packaged'"):
        Embedder(str(tmp_path / "no-such-model"), cache=tmp_path).embed(["water"])
