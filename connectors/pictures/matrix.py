"""Where initiatives meet: places against themes or organisations, with the number of each cell in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.pictures.drawing import Chart, Frame, finished, library, text_layers
from connectors.pictures.texts import lines

MOST_ROWS: Final = 10
_COLUMNS, _COLUMNS_NARROW = 6, 3
_SIZE: Final = 12
_LINE: Final = 15
_ROW: Final = 36
_HEAD_LINES: Final = 3


@dataclass(frozen=True, slots=True)
class MatrixWords:
    """What the picture itself says. `more` has the placeholder `{n}`; `corner` names what rows and columns are."""

    title: str
    corner: str
    more: str


def matrix(
    rows: Sequence[str],
    columns: Sequence[str],
    counts: Mapping[tuple[int, int], int],
    words: MatrixWords,
    frame: Frame,
) -> Chart:
    """`counts` has the number of (index of row, index of column); what is not in it or 0 stays empty.

    The first rows and columns that have room are drawn, and how many are not is said.
    """
    alt = library()
    across = _COLUMNS_NARROW if frame.narrow else _COLUMNS
    shown_columns = columns[:across]
    # A place of which only other themes are named would be a row of nothing.
    told = [r for r in range(len(rows)) if any(counts.get((r, c)) for c in range(len(shown_columns)))][:MOST_ROWS]
    shown_rows = [rows[r] for r in told]
    aside = 120 if frame.narrow else 250
    wide = (frame.width - aside) / max(1, min(across, len(shown_columns)))
    wide = min(wide, 150.0)
    heads = [lines(name, _SIZE - 1, wide - 8, most=_HEAD_LINES) for name in shown_columns]
    top = max([len(head) for head in heads] + [1]) * _LINE + 8
    bottom = top + len(shown_rows) * _ROW
    left_out = len(rows) - len(shown_rows) + len(columns) - len(shown_columns)
    height = bottom + (_ROW if left_out else 0)

    def across_to(pixels: float) -> float:
        return round(frame.width - pixels if frame.rtl else pixels, 2)

    palette = frame.palette
    # Few are few, also where they are the most.
    most = max([len(palette.steps), *counts.values()])
    cells, numbers = [], []
    for r in range(len(shown_rows)):
        for c in range(len(shown_columns)):
            count = counts.get((told[r], c), 0)
            step = -(-count * len(palette.steps) // most) - 1 if count else -1
            fill, ink = palette.steps[step] if count else (palette.surface, palette.muted)
            begin, end = across_to(aside + c * wide + 1), across_to(aside + (c + 1) * wide - 1)
            upper = top + r * _ROW
            cells.append(
                {
                    "x": min(begin, end),
                    "x2": max(begin, end),
                    "y": upper + 1,
                    "y2": upper + _ROW - 1,
                    "fill": fill,
                    "edge": fill if count else palette.line,
                }
            )
            if count:
                numbers.append({"x": (begin + end) / 2, "y": upper + _ROW / 2, "text": f"{count}", "ink": ink})
    texts = [
        {"x": across_to(aside + c * wide + 4), "y": top - 6 - (len(head) - n - 0.5) * _LINE, "text": line}
        for c, head in enumerate(heads)
        for n, line in enumerate(head)
    ]
    texts += [
        {"x": across_to(0), "y": top - 6 - _LINE / 2, "text": line}
        for line in lines(words.corner, _SIZE - 1, aside - 12, most=1)
    ]
    names = []
    for r, name in enumerate(shown_rows):
        name_lines = lines(name, _SIZE, aside - 12, most=2)
        names += [
            {
                "x": across_to(0),
                "y": top + r * _ROW + _ROW / 2 + (n - (len(name_lines) - 1) / 2) * _LINE,
                "text": line,
            }
            for n, line in enumerate(name_lines)
        ]
    if left_out:
        more = words.more.replace("{n}", str(left_out))
        texts += [
            {"x": across_to(0), "y": bottom + _ROW / 2, "text": line}
            for line in lines(more, _SIZE - 1, frame.width, most=1)
        ]
    x = alt.X(
        "x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width], range=[0, frame.width], nice=False, zero=False)
    )
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, height], range=[0, height], nice=False, zero=False))
    at = {"x": x, "y": y}
    squares = (
        alt.Chart(alt.Data(values=cells))
        .mark_rect(cornerRadius=3, aria=False)
        .encode(
            **at,
            x2="x2:Q",
            y2="y2:Q",
            fill=alt.Fill("fill:N", scale=None),
            stroke=alt.Stroke("edge:N", scale=None),
        )
    )
    layers = [
        squares,
        *text_layers(numbers, frame, at, size=_SIZE + 1, align="center", weight="bold"),
        *text_layers([{**row, "ink": palette.muted} for row in texts], frame, at, size=_SIZE - 1),
        *text_layers([{**row, "ink": palette.ink} for row in names], frame, at, size=_SIZE),
    ]
    chart = alt.layer(*layers).properties(width=frame.width, height=height)
    return finished(chart, frame, words.title)
