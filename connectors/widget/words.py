"""What the component itself says, as a module for its script: one place for each word, on the page and elsewhere."""

from __future__ import annotations

import json
from functools import cache

from bot.words import LANGUAGES, Words
from connectors.web.words import REPLY_KEYS, RIGHT_TO_LEFT, months
from connectors.web.words import words as page_words

_OF_THE_PAGE = (
    "app", "ask_title", "ask_lead", "try", "box", "send", "retry", "new", "answered", "nothing_asked", "copy_answer",
    "copied", "copy_failed",
)  # fmt: skip


def spoken(language: str) -> dict[str, str]:
    """The phrases of one language by the name the script has for them. "{n}" and "{name}" are filled in there."""
    words, page = Words(language), page_words(language)
    return {key: page[key] for key in _OF_THE_PAGE} | {
        "open": words("widget_open"),
        "close": words("widget_close"),
        "about": words("widget_about", name="{name}"),
        "queued": words("widget_queued"),
        "looking": words("channel_looking"),
        "slow": words("widget_slow"),
        "offline": words("widget_offline"),
        "lost": words("widget_lost"),
        "refused": words("widget_refused", name="{name}"),
        "not_sent": words("widget_not_sent"),
        "too_long": words("channel_too_long", most="{n}"),
        "attach": words("widget_attach"),
        "drop": words("widget_drop"),
        "file_kind": words("file_kind", name="{name}"),
        "file_large": words("file_large", name="{name}", most="{n}"),
        "file_gone": words("widget_file_gone"),
        "csv": words("widget_csv"),
        "json": words("widget_json"),
        "good": words("channel_good"),
        "bad": words("channel_bad"),
        "remark_title": words("channel_feedback_title"),
        "remark_kind": words("channel_feedback_kind"),
        "remark_wrong": words("channel_feedback_wrong"),
        "remark_outdated": words("channel_feedback_outdated"),
        "remark_missing": words("channel_feedback_missing"),
        "remark_other": words("channel_feedback_other"),
        "remark_why": words("channel_feedback_why"),
        "remark_send": words("channel_feedback_send"),
        "remark_cancel": words("channel_feedback_cancel"),
        "remark_failed": words("widget_remark_failed"),
    }


@cache
def script_modules() -> dict[str, str]:
    """`words.js` has what a reply needs, which may come in another language than the page around it has;
    `said.LANGUAGE.js` what the component says around it."""
    reply = {language: {key: page_words(language)[key] for key in REPLY_KEYS} for language in LANGUAGES}
    shown = {language: said | {"months": months(language)} for language, said in reply.items()}
    words = f"export const WORDS = {_json(shown)};\nexport const RIGHT_TO_LEFT = {_json(sorted(RIGHT_TO_LEFT))};\n"
    said = {f"said.{language}.js": f"export default {_json(spoken(language))};\n" for language in LANGUAGES}
    return {"words.js": words} | said


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
