"""What all pictures have in common, and charts into bytes without a browser and without a network.

The only import of altair and of vl_convert.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from connectors.pictures.palette import DARK, LIGHT, Palette
from connectors.pictures.texts import has_arabic, line, lines

Chart = dict[str, Any]
"""What is to be drawn, as Vega-Lite."""
Kind = Literal["svg", "png"]

WIDE: Final = 880
NARROW: Final = 344
"""Widths in pixels: of a desk, and of a phone, where a wide picture would shrink below reading."""

_SANS: Final = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Arabic', Tahoma, sans-serif"
# What draws a PNG takes the first family that is there for a whole line, so one that has its letters comes first.
_LATIN: Final = "Liberation Sans, DejaVu Sans, Arial, sans-serif"
_ARABIC: Final = "DejaVu Sans, Noto Sans Arabic, Noto Naskh Arabic UI, Noto Naskh Arabic, Tahoma, sans-serif"
_TITLE_SIZE: Final = 15
_SCALE: Final = 2


@dataclass(frozen=True, slots=True)
class Frame:
    """How a picture is to be drawn: its width in pixels, the colours of its page, and which way its lines run."""

    width: int = WIDE
    dark: bool = False
    rtl: bool = False
    kind: Kind = "svg"

    @property
    def narrow(self) -> bool:
        return self.width <= NARROW

    @property
    def palette(self) -> Palette:
        return DARK if self.dark else LIGHT

    @property
    def begin(self) -> Literal["left", "right"]:
        """The side on which lines begin."""
        return "right" if self.rtl else "left"

    def font(self, text: str) -> str:
        if self.kind == "svg":
            return _SANS
        return _ARABIC if has_arabic(text) else _LATIN


def library() -> Any:
    """The charting library, loaded when the first picture is drawn."""
    import altair as alt

    return alt


def text_layers(
    rows: Sequence[Mapping[str, Any]],
    frame: Frame,
    places: Mapping[str, Any],
    *,
    size: float,
    dy: float = 0,
    align: str = "",
    weight: str = "normal",
    halo: bool = False,
) -> list[Any]:
    """One line of text for each row: `text` in the colour `ink`, at what `places` encodes; a layer for each font.

    With `halo`, what lies below the letters is kept off them.
    """
    alt = library()
    layers = []
    for font in sorted({frame.font(str(row["text"])) for row in rows if row["text"]}):
        mine = [
            {**row, "text": line(str(row["text"]), rtl=frame.rtl)}
            for row in rows
            if row["text"] and frame.font(str(row["text"])) == font
        ]
        style = {"align": align or frame.begin, "baseline": "middle", "font": font, "fontSize": size, "dy": dy}
        text = alt.Text("text:N")
        rows_of_font = alt.Chart(alt.Data(values=mine))
        if halo:
            around = {"stroke": frame.palette.surface, "strokeWidth": 5, "strokeJoin": "round", "opacity": 1}
            layers.append(
                rows_of_font.mark_text(**style, **around, fontWeight=weight, aria=False).encode(**places, text=text)
            )
        marks = rows_of_font.mark_text(**style, fontWeight=weight, aria=False)
        layers.append(marks.encode(**places, text=text, color=alt.Color("ink:N", scale=None)))
    return layers


def finished(chart: Any, frame: Frame, title: str) -> Chart:
    """The chart with its title, colours and margins."""
    alt = library()
    told = [line(part, rtl=frame.rtl) for part in lines(title, _TITLE_SIZE, frame.width, most=2) if part]
    titled = chart.properties(
        title=alt.TitleParams(
            told,
            anchor="end" if frame.rtl else "start",
            frame="bounds" if frame.rtl else "group",
            font=frame.font(title),
            fontSize=_TITLE_SIZE,
            fontWeight=600,
            color=frame.palette.ink,
            offset=10,
        ),
        background=frame.palette.surface,
        padding=8,
    )
    titled = titled.configure_view(stroke=None).configure_axis(domain=False, ticks=False).configure_concat(spacing=10)
    return dict(titled.to_dict())


def rendered(spec: Chart, kind: Kind) -> bytes:
    """The chart as UTF-8 SVG, or as PNG at twice its size. The same chart gives the same bytes.

    For a process that may be lost (`connectors.pictures.renderer`): what fails in the renderer takes its process along.
    """
    import vl_convert

    # Nothing of a chart lies elsewhere; should a text ever be read as an address, it is not followed.
    if kind == "svg":
        return bytes(vl_convert.vegalite_to_svg(spec, allowed_base_urls=[]).encode())
    return bytes(vl_convert.vegalite_to_png(spec, scale=_SCALE, allowed_base_urls=[]))
