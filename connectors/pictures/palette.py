"""The colours of pictures, for light and dark pages. Told apart without colour vision, and never the only sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Palette:
    """`tones` are for kinds by name; `steps` run from few to many, each with the ink that is read on it."""

    surface: str
    ink: str
    muted: str
    line: str
    now: str
    tones: Mapping[str, str]
    steps: tuple[tuple[str, str], ...]

    def tone(self, name: str) -> str:
        return self.tones.get(name, self.muted)


# The hues are those of Okabe and Ito, shifted in lightness so that each has a contrast of 3 to 1 on its surface.
LIGHT: Final = Palette(
    surface="#ffffff",
    ink="#17212a",
    muted="#54616c",
    line="#e3e7e8",
    now="#a32118",
    tones={
        "asked": "#17212a",
        "with": "#0b6072",
        "overlap": "#c04f00",
        "complementary": "#0072b2",
        "duplicate": "#8a6d00",
        "chain": "#007a5a",
        "family": "#a6538a",
        "unrelated": "#6b7780",
    },
    steps=(
        ("#e4f0f2", "#17212a"),
        ("#b4d9df", "#17212a"),
        ("#6fb4c0", "#17212a"),
        ("#0b6072", "#ffffff"),
        ("#073d49", "#ffffff"),
    ),
)
DARK: Final = Palette(
    surface="#171d21",
    ink="#e6ebee",
    muted="#a0adb5",
    line="#2b353b",
    now="#ff9c92",
    tones={
        "asked": "#e6ebee",
        "with": "#74c7d6",
        "overlap": "#f08a3c",
        "complementary": "#62b3e6",
        "duplicate": "#e0c04a",
        "chain": "#3cc49b",
        "family": "#d894bf",
        "unrelated": "#93a0a8",
    },
    steps=(
        ("#16323a", "#e6ebee"),
        ("#1c4b57", "#e6ebee"),
        ("#24707f", "#ffffff"),
        ("#74c7d6", "#0c1a1e"),
        ("#c5ecf2", "#0c1a1e"),
    ),
)
