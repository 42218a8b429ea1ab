"""Another embedding model: its vectors are made beside those that answer, which answer until the swap, and then go."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from knowledge import embedded, indexing, reindexing
from knowledge.access import PUBLIC
from knowledge.embeddings import PACKAGED_NAME, Embedder, ModelError
from knowledge.finding import Facets
from knowledge.home import Home
from knowledge.progress import NoProgress
from knowledge.search import search
from knowledge.settings import Settings
from knowledge.store import models as m
from tests import homes
from tests.homes import TODAY, activity, put
from tests.models import DIMENSION, shortened

RECORDS = [
    activity("XX-1", "Drilling boreholes and repairing hand pumps", text="Water for villages in the dry season."),
    activity("XX-2", "School meals", text="Children are fed at school."),
    activity("XX-3", "Clearing mines", text="Mines are cleared from farm land. " * 60),
]


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shortened(tmp_path_factory.mktemp("other"))


@contextmanager
def opened(folder: Path, model: str = "packaged") -> Iterator[Home]:
    settings = Settings(home=folder, today=TODAY, embedding_model=model, embedding_backend="sentence-transformers")
    with Home(settings) as home:
        yield home


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A home whose index is of the packaged model."""
    with homes.opened(tmp_path / "home") as home:
        put(home, "a", RECORDS)
    return tmp_path / "home"


def models(home: Home) -> dict[str, int]:
    with home.database.read() as session:
        rows = session.execute(select(m.EmbeddingRow.model, func.count()).group_by(m.EmbeddingRow.model))
        return {row[0]: row[1] for row in rows}


def found(home: Home, words: str) -> list[str]:
    with home.database.read() as session:
        return [item.hit.id for item in search(home, session, words, Facets(), PUBLIC, 1)]


class At(NoProgress):
    """Calls `then` when a stage has begun or gone on `times` times."""

    def __init__(self, stage: str, then: Callable[[], None], times: int = 1) -> None:
        self._stage, self._then, self._left, self._inside = stage, then, times, False

    def start(self, stage: str, total: int) -> None:
        self._inside = stage.startswith(self._stage)
        self._count()

    def advance(self, by: int = 1) -> None:
        self._count()

    def _count(self) -> None:
        if self._inside:
            self._left -= 1
            if self._left == 0:
                self._then()


def test_the_new_model_answers_after_the_swap_and_nothing_is_left_of_the_old(folder: Path, other: Path) -> None:
    with opened(folder) as home:
        texts = len(home.vectors)
        version = indexing.finish(home).version
        seen: list[list[str]] = []
        report = reindexing.reindex(home, str(other), At("writing", lambda: seen.append(found(home, "water wells"))))
        assert (report.before, report.dimension, report.swapped) == ("packaged", DIMENSION, True)
        assert report.embedded == report.texts == texts
        assert report.version > version
        assert seen == [["XX-1"]], "the old vectors answer until the swap"
        assert found(home, "water wells") == ["XX-1"]
        assert home.embedder.dimension == DIMENSION
        assert models(home) == {str(other): texts}
        with home.database.read() as session:
            held = home.retrieval.level(session)
        assert held.passages.matrix is not None
        assert held.passages.matrix.shape == (texts, DIMENSION)
        put(home, "b", [activity("XX-4", "Seeds", text="Seeds for farmers.")])
        assert models(home) == {str(other): texts + 1}
    names = sorted(path.name for path in (folder / "vectors").iterdir() if path.is_dir())
    assert len(names) == 1, "vectors of the old model are still on disk"


def test_what_was_swapped_answers_at_the_next_start_whatever_the_settings_say(
    folder: Path, other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(folder) as home:
        reindexing.reindex(home, str(other))
    with opened(folder) as home:
        assert (home.embedder.name, home.embedder.dimension) == (str(other), DIMENSION)
        assert found(home, "water wells") == ["XX-1"]
    assert "commonground reindex" in caplog.text
    assert f"embedding_model to {str(other)!r}" in caplog.text
    caplog.clear()
    with opened(folder, str(other)) as home:
        assert indexing.finish(home).embedded == 0
    assert caplog.text == ""


def test_a_changed_setting_embeds_nothing_until_it_is_asked_for(
    folder: Path, other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with opened(folder, str(other)) as home:
        assert home.embedder.name == PACKAGED_NAME
        assert "embedding_model names" in caplog.text
        assert indexing.finish(home).embedded == 0
        assert found(home, "water wells") == ["XX-1"]
        assert reindexing.reindex(home).model == str(other)
        assert home.embedder.name == str(other)
        again = reindexing.reindex(home)
        assert (again.embedded, again.swapped) == (0, False)


KILLED = """
import os, signal, sys
from pathlib import Path
from knowledge import reindexing
from knowledge.home import Home
from knowledge.progress import NoProgress
from knowledge.settings import Settings
reindexing._AT_ONCE = 1
class Kill(NoProgress):
    stage, left = "", int(sys.argv[4])
    def start(self, stage, total):
        self.stage = stage
        self.advance()
    def advance(self, by=1):
        if self.stage.startswith(sys.argv[3]):
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
    def finish(self):
        self.advance()
settings = Settings(home=Path(sys.argv[1]), embedding_backend="sentence-transformers")
with Home(settings) as home:
    reindexing.reindex(home, sys.argv[2], Kill())
"""


@pytest.mark.parametrize(("stage", "times"), [("embedding", 3), ("writing", 2)], ids=["embedding", "before the swap"])
def test_a_run_that_is_killed_changes_nothing_and_is_gone_on_with(
    folder: Path, other: Path, stage: str, times: int
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(other), stage, str(times)],
        check=False, capture_output=True, timeout=120, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL, ended.stderr.decode()[-500:]
    with opened(folder) as home:
        assert home.embedder.name == PACKAGED_NAME
        assert found(home, "water wells") == ["XX-1"]
        done = models(home)[str(other)]
        assert done >= 2
        texts = len(home.vectors)
        report = reindexing.reindex(home, str(other))
        assert (report.embedded, report.texts) == (texts - done, texts)
        assert found(home, "water wells") == ["XX-1"]
        assert models(home) == {str(other): texts}


def test_what_a_killed_run_left_of_the_old_model_goes_at_the_next_start(folder: Path, other: Path) -> None:
    with opened(folder) as home, pytest.MonkeyPatch.context() as patched:
        # As if killed right after the swap.
        patched.setattr(indexing, "finish", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            reindexing.reindex(home, str(other))
    with opened(folder, str(other)) as home:
        assert home.embedder.name == str(other)
        assert set(models(home)) == {str(other), PACKAGED_NAME}
        indexing.finish(home)
        assert set(models(home)) == {str(other)}


def test_what_is_read_meanwhile_is_in_it_and_what_is_forgotten_is_not(folder: Path, other: Path) -> None:
    with opened(folder) as home:

        def meanwhile() -> None:
            put(home, "b", [activity("XX-5", "Cholera", text="Wards for cholera are set up.")])

        reindexing.reindex(home, str(other), At("embedding with", meanwhile))
        assert found(home, "cholera wards") == ["XX-5"]
        with home.database.read() as session:
            orphans = session.scalar(
                select(func.count()).where(m.EmbeddingRow.text_hash.not_in(select(m.PassageRow.text_hash)))
            )
        assert orphans == 0


def test_one_at_a_time(folder: Path, other: Path) -> None:
    with opened(folder) as home:
        refused: list[Exception] = []

        def again() -> None:
            try:
                reindexing.reindex(home, str(other))
            except reindexing.Busy as error:
                refused.append(error)

        def elsewhere() -> None:
            thread = threading.Thread(target=again)
            thread.start()
            thread.join()

        reindexing.reindex(home, str(other), At("embedding", elsewhere))
        assert len(refused) == 1


def test_a_model_that_is_not_there_is_said_so_and_changes_nothing(folder: Path, tmp_path: Path) -> None:
    with opened(folder) as home:
        with pytest.raises(ModelError, match="cannot be loaded"):
            reindexing.reindex(home, str(tmp_path / "nowhere"))
        assert set(models(home)) == {PACKAGED_NAME}
        assert found(home, "water wells") == ["XX-1"]


def test_another_model_in_the_same_folder_is_noticed_and_mended(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = shortened(tmp_path / "model")
    with opened(folder) as home:
        reindexing.reindex(home, str(place))
    shortened(place, 64)
    caplog.set_level(logging.ERROR)
    with opened(folder, str(place)) as home:
        with pytest.raises(ModelError, match=r"64 numbers.*index has such of 96.*commonground reindex"):
            home.embedder.embed(["water"])
        assert reindexing.reindex(home).dimension == 64
        assert found(home, "water wells") == ["XX-1"]


def test_a_text_that_the_new_model_does_not_read_to_its_end_is_read_in_parts() -> None:
    class Short(Embedder):
        def fits(self, text: str) -> bool:
            return len(text) <= 40

    short = Short(backend="sentence-transformers")
    long = "Water for villages in the dry season. Children are fed at school."
    vector = reindexing.whole(short, [long, "Water"])
    assert np.allclose(np.linalg.norm(vector, axis=1), 1)
    assert np.allclose(vector[1], short.embed(["Water"])[0], atol=1e-5)
    end = short.embed(["Children are fed at school."])[0]
    assert vector[0] @ end > short.embed(["Water for villages in the dry season."])[0] @ end


def test_an_index_without_texts_takes_the_model_at_once(tmp_path: Path, other: Path) -> None:
    with opened(tmp_path / "home") as home:
        assert reindexing.reindex(home, str(other)).texts == 0
        with home.database.read() as session:
            assert embedded.read(session) == embedded.EmbeddedWith(str(other), str(other), DIMENSION)
