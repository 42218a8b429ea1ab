"""A message as a person sees it: without what does not show, and with letters that only look otherwise as they read."""

from __future__ import annotations

import re
import unicodedata

_TERMINAL = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b\[[0-?]*[ -/]*[@-~]?|\x1b[@-_]?")
_DRESSED = frozenset({"<font>", "<wide>", "<narrow>", "<circle>", "<square>"})
_LOOKS = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u04bb\u0455\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
    "\u0420\u0421\u0422\u0423\u0425\u0406\u0408\u03bf\u03b1\u039f\u0391\u0395\u0399\u039a\u039c\u039d\u03a1\u03a4",
    "aeopcyxijhsABEKMHOPCTYXIJoaOAEIKMNPT",
)
_WORD = re.compile(r"\w+")
_OTHER_LETTERS = re.compile(r"[\u0370-\u04ff]")
_LATIN = re.compile(r"[A-Za-z]")


def visible(text: str) -> str:
    """The text without control, formatting and tag characters and terminal sequences; line ends and tabs stay.

    Letters dressed as others ("𝐰𝐡𝐨", "ｗｈｏ") become plain, and so do Cyrillic and Greek ones inside Latin words.
    """
    if text.isascii() and text.isprintable():
        return text
    bare = _TERMINAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    kept = "".join(_plain(character) for character in bare)
    if _OTHER_LETTERS.search(kept):
        kept = _WORD.sub(_of_one_script, kept)
    return unicodedata.normalize("NFC", kept)


def _plain(character: str) -> str:
    if character in "\n\t" or (character.isascii() and character.isprintable()):
        return character
    category = unicodedata.category(character)
    if category == "Zl" or category == "Zp" or character in "\x0b\x0c\x85":
        return "\n"
    if category in ("Cc", "Cf", "Co", "Cn"):
        return ""
    if unicodedata.decomposition(character).split(" ")[0] in _DRESSED:
        return unicodedata.normalize("NFKC", character)
    return character


def _of_one_script(word: re.Match[str]) -> str:
    found = word.group()
    return found.translate(_LOOKS) if _LATIN.search(found) and _OTHER_LETTERS.search(found) else found
