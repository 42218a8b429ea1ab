"""Text of sources made fit for a picture: nothing that steers, no longer than its place, in its own direction.

Widths are estimated, since the fonts of whoever looks are not known: wide rather than narrow.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NARROW: Final = frozenset("iljftrI.,:;'|!()[]{}/\\·’‘`-")
_WIDE: Final = frozenset("mwMW@%—")
_SHARES: Final = {"narrow": 0.36, "wide": 0.95, "upper": 0.72, "digit": 0.64, "space": 0.34, "full": 1.05, "other": 0.6}
_FIRST_STRONG, _RIGHT_TO_LEFT, _LEFT_TO_RIGHT, _END = "\u2068", "\u2067", "\u2066", "\u2069"
_ARABIC: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_JOINERS: Final = "\u200c\u200d"
"""Format characters that are part of how a word is written, in Persian or Hindi."""


def clean(text: str) -> str:
    """The text in one line, without control, direction, private and unassigned characters."""
    kept = (
        " " if c.isspace() and c != "\u00a0" else c
        for c in unicodedata.normalize("NFC", text)
        if c.isspace() or c in _JOINERS or unicodedata.category(c)[0] != "C"
    )
    return re.sub(" +", " ", "".join(kept)).strip()


def line(text: str, *, rtl: bool) -> str:
    """The text, cleaned, in a direction of its own that is found from its letters, in a line that runs in the direction
    of the picture. Every text of a picture comes through here: the renderer ends its process at some characters."""
    kept = clean(text)
    return f"{_RIGHT_TO_LEFT if rtl else _LEFT_TO_RIGHT}{isolated(kept)}{_END}" if kept else ""


def isolated(text: str) -> str:
    """The text in a direction of its own."""
    return f"{_FIRST_STRONG}{text}{_END}" if text else ""


def has_arabic(text: str) -> bool:
    """Whether letters stand in it that the fonts for Latin letters lack (Arabic or Hebrew)."""
    return _ARABIC.search(text) is not None


def width(text: str, size: float) -> float:
    """About how many pixels the text takes at a font size in pixels."""
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    if character in _NARROW:
        kind = "narrow"
    elif character in _WIDE:
        kind = "wide"
    elif character in " \u00a0":
        kind = "space"
    elif unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0.0
    elif unicodedata.east_asian_width(character) in "WF":
        kind = "full"
    elif character.isdigit():
        kind = "digit"
    else:
        kind = "upper" if character.isupper() else "other"
    return _SHARES[kind]


def cut(text: str, size: float, room: float) -> str:
    """As much of the text as has room, ended with an ellipsis between words where that loses little."""
    return lines(text, size, room, most=1)[0]


def lines(text: str, size: float, room: float, most: int) -> list[str]:
    """The text in at most `most` lines of `room` pixels, broken between words; the last is cut where more was to come.

    At least one line, though it be empty.
    """
    words = clean(text).split(" ")
    found: list[str] = []
    while words and len(found) < most:
        taken = 0
        while taken < len(words) and width(" ".join(words[: taken + 1]), size) <= room:
            taken += 1
        if len(found) == most - 1 and taken < len(words):
            return [*found, _ended(" ".join(words), size, room)]
        if not taken:
            return [*found, _ended(words[0], size, room)]
        found.append(" ".join(words[:taken]))
        words = words[taken:]
    return found


def _ended(text: str, size: float, room: float) -> str:
    left = room - width("…", size)
    taken, used = 0, 0.0
    for character in text:
        used += size * _share(character)
        if used > left:
            break
        taken += 1
    part = text[:taken]
    at_word = part.rfind(" ")
    if at_word > 0.6 * taken and text[taken : taken + 1] != " ":
        part = part[:at_word]
    return part.rstrip(" ,;:.·–-") + "…"
