"""What IATI 1.01 to 1.05 writes in another shape than 2.0x: an element again for each language, the activity's website.

Words in place of codes, text in place of narratives and the older locations are read by the handlers of 2.0x.
"""

from __future__ import annotations

from knowledge.records import Document, Text
from knowledge.sources.guard import one_line
from knowledge.sources.iati_codes import WEB_PAGE
from knowledge.sources.iati_details import document
from knowledge.sources.iati_draft import XML_LANG, Draft, Element, Handler
from knowledge.sources.iati_parts import title


def named_again(draft: Draft, element: Element) -> None:
    """A title, or an organisation's name, that may stand once for each language."""
    if len(element):  # a narrative, against its version
        title(draft, element)
        return
    line = draft.words(element)
    language = (element.get(XML_LANG) or draft.language).lower()
    if not line or line == draft.title:
        return
    if not draft.title:
        draft.title, draft.title_language = line, language
    elif draft.title_language != draft.language and language == draft.language:
        draft.texts.append(Text("title", draft.title, draft.title_language))
        draft.title, draft.title_language = line, language
    else:
        draft.texts.append(Text("title", line, language))


def _activity_website(draft: Draft, element: Element) -> None:
    document(draft, element, Document("", one_line(element.text or ""), WEB_PAGE))


VERSION_1: dict[object, Handler] = {"title": named_again, "activity-website": _activity_website}
