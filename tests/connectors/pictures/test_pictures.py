"""Pictures from plain rows: the same bytes for the same rows, and no text of a row that is more than text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from lxml import etree

from connectors.pictures import matrix as matrices
from connectors.pictures import timeline as timelines
from connectors.pictures.drawing import NARROW, WIDE, Chart, Frame
from connectors.pictures.matrix import MatrixWords
from connectors.pictures.renderer import NotDrawn, Renderer
from connectors.pictures.texts import clean, cut, lines, width
from connectors.pictures.timeline import MOST, Bar, TimelineWords

TODAY = date(2026, 11, 23)
WORDS = TimelineWords("Side by side", "today", "planned", "done", "open", "late", "no dates", "Not shown: {n}")
SVG = "{http://www.w3.org/2000/svg}"
WELLS = Bar("Wells", "Dawn Relief", "asked", date(2026, 1, 1), date(2027, 12, 31), date(2026, 2, 1))


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    renderer = Renderer()
    yield renderer
    renderer.close()


@pytest.fixture
def timeline(renderer: Renderer) -> Callable[..., bytes]:
    def drawn(bars: Sequence[Bar], words: TimelineWords, today: date, frame: Frame) -> bytes:
        return renderer.render(timelines.timeline(bars, words, today, frame), frame.kind)

    return drawn


@pytest.fixture
def matrix(renderer: Renderer) -> Callable[..., bytes]:
    def drawn(
        rows: Sequence[str],
        columns: Sequence[str],
        counts: Mapping[tuple[int, int], int],
        words: MatrixWords,
        frame: Frame,
    ) -> bytes:
        return renderer.render(matrices.matrix(rows, columns, counts, words, frame), frame.kind)

    return drawn


def texts(picture: bytes) -> list[str]:
    """All text of an SVG without the marks that keep directions apart."""
    found = ("".join(node.itertext()) for node in etree.fromstring(picture).iter(f"{SVG}text"))
    return ["".join(c for c in text if c not in "\u2066\u2067\u2068\u2069") for text in found]


def test_text_of_a_source_is_made_one_line_that_steers_nothing() -> None:
    assert clean("a\u202eb\u0000c\r\n d\u2066\ufffe\t e\u200b") == "abc d e"
    assert clean("می\u200cخواهم") == "می\u200cخواهم", "a joiner is how the word is written"


@pytest.mark.parametrize("room", [30, 60, 120, 400])
def test_long_titles_are_cut_between_words_where_they_have_room(room: int) -> None:
    title = "Emergency water supply for displaced families " + "W" * 80
    for most in (1, 2, 3):
        found = lines(title, 12, room, most)
        assert 1 <= len(found) <= most
        assert all(width(line, 12) <= room for line in found)
        assert found[-1].endswith("…")
    assert cut("Water", 12, 400) == "Water"
    assert cut("Water supply for families", 12, width("Water supply for f", 12)) == "Water supply for…"


def test_a_timeline_says_what_each_bar_says_and_is_the_same_each_time(timeline: Callable[..., bytes]) -> None:
    bars = [
        WELLS,
        Bar("Latrines", "Oxbow", "overlap", date(2025, 1, 1), date(2025, 6, 30), date(2025, 1, 1), stale=True),
        Bar("Undated", "Nile Hands", "chain"),
        Bar("Open", "Alder", "family", date(2026, 3, 1)),
        Bar("Far", "Birch", "duplicate", date(1990, 1, 1), date(2050, 1, 1)),
    ]
    frame = Frame()
    drawn = timeline(bars, WORDS, TODAY, frame)
    assert drawn == timeline(bars, WORDS, TODAY, frame)
    said = texts(drawn)
    assert {"Side by side", "Wells", "Latrines", "today", "2026", "Nile Hands · no dates"} <= set(said)
    assert {"planned", "done", "open", "late"} <= set(said), "each sign that is used is explained"
    assert "1990" not in said, "a far end is cut off"
    assert "2050" not in said, "a far end is cut off"
    only = set(texts(timeline([WELLS], WORDS, TODAY, frame)))
    assert {"open", "late"}.isdisjoint(only), "what is not used is not"


def test_a_picture_says_what_it_leaves_out(timeline: Callable[..., bytes]) -> None:
    bars = [replace(WELLS, title=f"Wells {n}") for n in range(MOST + 5)]
    said = texts(timeline(bars, WORDS, TODAY, Frame(width=NARROW)))
    assert "Not shown: 5" in said
    assert f"Wells {MOST}" not in said


@pytest.mark.parametrize("rtl", [False, True])
def test_hostile_rows_stay_text(rtl: bool, timeline: Callable[..., bytes], matrix: Callable[..., bytes]) -> None:
    attack = "</text><script>alert(1)</script><image href='http://192.0.2.1/x'/>\u202e\u2066\u0000\ufffe"
    bars = [replace(WELLS, title=attack + "W" * 3000, detail=attack, tone=attack), replace(WELLS, title="")]
    words = replace(WORDS, title=attack, today=attack, planned=attack, more=attack)
    for picture in (
        timeline(bars, words, TODAY, Frame(rtl=rtl)),
        matrix([attack, ""], [attack], {(0, 0): 3}, MatrixWords(attack, attack, attack), Frame(rtl=rtl)),
    ):
        root = etree.fromstring(picture)
        kinds = {etree.QName(node).localname for node in root.iter()}
        assert kinds <= {"svg", "g", "rect", "path", "line", "text", "title", "tspan"}
        names = {name for node in root.iter() for name in node.attrib}
        assert not {name for name in names if name.startswith("on") or "href" in name or name == "style"}
        assert any("<script>" in text for text in texts(picture))
        assert "\u202e" not in picture.decode()


def test_a_picture_in_arabic_is_mirrored(timeline: Callable[..., bytes]) -> None:
    def today_at(frame: Frame) -> float:
        drawn = timeline([WELLS], WORDS, TODAY, frame)
        line = next(node for node in etree.fromstring(drawn).iter(f"{SVG}line") if node.get("stroke") == "#a32118")
        return float(str(line.get("transform")).removeprefix("translate(").split(",")[0])

    frame = Frame()
    assert today_at(frame) + today_at(replace(frame, rtl=True)) == pytest.approx(WIDE, abs=2)


def test_cells_hold_their_numbers_and_none_is_no_nought(matrix: Callable[..., bytes]) -> None:
    rows, columns = ["Turkana", "Kitui"], ["Water", "Health", "Education", "Food", "Shelter", "Cash", "Roads"]
    counts = {(0, 0): 4, (1, 1): 1, (1, 6): 9}
    said = texts(matrix(rows, columns, counts, MatrixWords("Where", "Place", "Not shown: {n}"), Frame()))
    assert {"Where", "Place", "Turkana", "Kitui", "Water", "Cash", "4", "1", "Not shown: 1"} <= set(said)
    assert {"0", "9", "Roads"}.isdisjoint(said)


def test_png_is_drawn_at_twice_its_size(matrix: Callable[..., bytes]) -> None:
    drawn = matrix(
        ["Kitui"], ["ماء"], {(0, 0): 2}, MatrixWords("أين", "المكان", "{n}"), Frame(NARROW, rtl=True, kind="png")
    )
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
    assert int.from_bytes(drawn[16:20], "big") == 2 * (NARROW + 16)


def test_what_ends_the_renderer_ends_no_more_than_the_renderer(renderer: Renderer) -> None:
    def words(text: str) -> Chart:
        return {"data": {"values": [{}]}, "mark": {"type": "text", "text": text}}

    assert b"Wells" in renderer.render(words("Wells"), "svg")
    with pytest.raises(NotDrawn) as raised:
        renderer.render(words("a\x00b"), "svg")
    assert "a\x00b" not in str(raised.value)
    with pytest.raises(NotDrawn):
        renderer.render({"mark": "nothing"}, "svg")
    assert b"Wells" in renderer.render(words("Wells"), "svg")
