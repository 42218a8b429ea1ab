"""What was embedded once is not embedded again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from knowledge import indexing
from knowledge.embeddings import Embedder, Vectors
from tests.homes import activity, opened, put, source, write

ACTIVITIES = """<iati-activities version="2.03">{}</iati-activities>"""
ACTIVITY = """<iati-activity><iati-identifier>XX-1-{number}</iati-identifier>
<reporting-org ref="XX-1" type="22"><narrative>Well Diggers</narrative></reporting-org>
<title><narrative>{title}</narrative></title>
<description><narrative>{text}</narrative></description></iati-activity>"""


class Counting(Embedder):
    """Counts the texts it is asked to embed."""

    def __init__(self, inner: Embedder) -> None:
        super().__init__()
        self._inner = inner
        self.asked: list[str] = []

    def fits(self, text: str) -> bool:
        return self._inner.fits(text)

    def embed(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        self.asked += texts
        return self._inner.embed(texts, progress)


def file_with(path: Path, *entries: tuple[int, str, str]) -> Path:
    body = "".join(ACTIVITY.format(number=number, title=title, text=text) for number, title, text in entries)
    path.write_text(ACTIVITIES.format(body), encoding="utf-8")
    return path


def test_a_changed_file_costs_the_embedding_of_its_new_texts_alone(tmp_path: Path) -> None:
    wells, pumps = (1, "Wells", "Digs wells in the hills."), (2, "Pumps", "Repairs hand pumps.")
    file = file_with(tmp_path / "a.xml", wells, pumps)
    with opened(tmp_path / "home") as home:
        home.embedder = embedder = Counting(home.embedder)
        assert indexing.ingest(home, [file]).embedded == len(embedder.asked) == 2
        embedder.asked.clear()
        assert indexing.ingest(home, [file]).embedded == 0
        file_with(file, wells, (2, "Pumps", "Repairs pumps and trains committees."), (3, "Wells", wells[2]))
        report = indexing.ingest(home, [file])
        assert (report.embedded, embedder.asked) == (1, ["Pumps. Repairs pumps and trains committees."])
        assert len(home.vectors) == 2


def test_the_same_records_in_a_file_of_another_name_cost_no_embedding(tmp_path: Path) -> None:
    with opened(tmp_path) as home:
        home.embedder = embedder = Counting(home.embedder)
        put(home, "a", [activity("XX-1", "Wells in the hills"), activity("XX-2", "School meals")])
        embedder.asked.clear()
        write(home, source("b"), [activity("YY-1", "Wells in the hills"), activity("XX-2", "School meals")])
        assert indexing.finish(home).embedded == 0
        assert embedder.asked == []
