"""The parts of an activity that say who, what and when: one handler per element of the IATI standard.

Elements are written for 2.0x; where 1.0x differs only by words in place of codes, the same handler reads both.
"""

from __future__ import annotations

from functools import lru_cache

from knowledge.records import OrganisationMention, Role, Text, ThemeMention
from knowledge.sources.guard import one_line
from knowledge.sources.iati_codes import (
    CHANNEL_CODE,
    DATE_FIELDS,
    DATE_WORDS,
    DESCRIPTION_WORDS,
    DESCRIPTIONS,
    ORGANISATION_TYPES,
    ROLE_WORDS,
    ROLES,
    SDG_TAGS,
    SECTOR_VOCABULARIES,
    SECTOR_VOCABULARY_WORDS,
    STATUS_WORDS,
    STATUSES,
)
from knowledge.sources.iati_draft import Draft, Element, Handler, code_of, short
from knowledge.sources.making import maker

_text = maker(Text)

# --- what it is -----------------------------------------------------------------------------------------------------


def title(draft: Draft, element: Element) -> None:
    if draft.title:
        return
    draft.title = draft.words(element)
    if len(element) > 1:
        for language, text in draft.narratives(element):
            line = one_line(text)
            if line != draft.title:
                draft.texts.append(_text("title", line, language))


def _description(draft: Draft, element: Element) -> None:
    purpose = DESCRIPTIONS.get(element.get("type") or "1")
    if purpose is None:
        code = code_of(element, "type") or "1"
        purpose = DESCRIPTIONS.get(DESCRIPTION_WORDS.get(code.lower(), code))
        if purpose is None or (not draft.old and code not in DESCRIPTIONS):
            draft.note("unknown-code", f"description type {code!r} is not one of 1 to 4: choose one")
    for language, text in draft.narratives(element):
        draft.texts.append(_text(purpose or "other", text, language))


def _status(draft: Draft, element: Element) -> None:
    status = STATUSES.get(element.get("code") or "")
    if status is None:
        code = code_of(element) or (short(element.text) if draft.old else "")
        status = STATUSES.get(STATUS_WORDS.get(code.lower(), code))
        if status is None:
            if code:
                draft.problem(element, f"activity-status {code!r} is not a code of ActivityStatus", "Use one of 1 to 6")
            return
        if not draft.old and code not in STATUSES:
            draft.note("code-of-version-1", f"activity-status {code!r} is written in words: use the code")
    draft.status = status


def _date(draft: Draft, element: Element) -> None:
    field = DATE_FIELDS.get(element.get("type") or "")
    if field is None:
        code = code_of(element, "type")
        known = DATE_WORDS.get(code.lower(), code)
        field = DATE_FIELDS.get(known)
        if field is None:
            draft.problem(
                element, f"activity-date type {code!r} is not a code of ActivityDateType", "Use one of 1 to 4"
            )
            return
        if not draft.old and code != known:
            draft.note(
                "code-of-version-1", f"activity-date type {code!r} is a code of IATI 1.0x: in 2.0x it is {known}"
            )
    if (found := draft.date_of(element)) is not None:
        draft.dates.setdefault(field, found)


# --- who ------------------------------------------------------------------------------------------------------------

_Notes = tuple[tuple[str, str], ...]


@lru_cache(maxsize=16_384)
def _mention(role: str, name: str, ref: str, kind: str, activity: str) -> tuple[OrganisationMention | None, _Notes]:
    """An organisation of an OrganisationRole code, "" for the reporter, and what is to be noted of it."""
    ref, kind = one_line(ref), kind.strip()
    notes = []
    if kind and kind not in ORGANISATION_TYPES:
        notes.append(("unknown-code", f"organisation type {kind!r} is not a code of OrganisationType: use one that is"))
    if CHANNEL_CODE.fullmatch(ref):
        notes.append(
            (
                "channel-code-as-organisation",
                f"organisation ref {ref} is a channel code of the OECD list, not an organisation identifier: "
                "publish the identifier of org-id.guide and move the number to crs-channel-code",
            )
        )
    if not name and not ref:
        return None, tuple(notes)
    return OrganisationMention(ROLES.get(role, Role.REPORTING), name, "", ref, kind, one_line(activity)), tuple(notes)


def organisation(draft: Draft, element: Element, role: str, ref: str = "", name: str = "") -> None:
    """Add who stands in an element; `ref` and `name` go before what it says."""
    get = element.get
    mention, notes = _mention(
        role,
        name or draft.words(element),
        ref or get("ref") or "",
        get("type") or "",
        get("activity-id") or "",
    )
    for code, text in notes:
        draft.note(code, text)
    if mention is not None:
        draft.organisations.append(mention)
    else:
        draft.problem(element, "the organisation has neither a name nor a ref", "Give it a narrative or a ref")


def reporting_org(draft: Draft, element: Element) -> None:
    organisation(draft, element, "")
    note_secondary(draft, element)


def note_secondary(draft: Draft, element: Element) -> None:
    said = element.get("secondary-reporter") or element.get("secondary-publisher")
    if said and said.strip().lower() in ("1", "true"):
        draft.secondary = True
        draft.note(
            "secondary-reporter",
            "reported by an organisation that only passes it on: prefer the record of the organisation that runs it",
        )


def _participating_org(draft: Draft, element: Element) -> None:
    code = element.get("role") or ""
    if code not in ROLES:
        written = code.strip()
        code = written if written in ROLES else ROLE_WORDS.get(written.casefold(), "")
        if not code:
            draft.problem(element, f"role {written!r} is not a code of OrganisationRole", "Use one of 1 to 4")
            return
        if not draft.old and code != written:
            draft.note("role-in-words", f"role {written!r} is written in words: use the code of OrganisationRole")
    organisation(draft, element, code)


def _other_identifier(draft: Draft, element: Element) -> None:
    if ref := one_line(element.get("ref") or element.text or ""):
        draft.extra.append(("other-identifier", f"{code_of(element, 'type')} {ref}".strip()))


# --- on what --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=16_384)
def _theme(vocabulary: str, code: str, name: str, percentage: float | None, scope: str) -> ThemeMention:
    return ThemeMention(vocabulary, code, name, percentage, scope)


def sector(draft: Draft, element: Element, scope: str = "activity") -> None:
    get = element.get
    vocabulary, code, name = get("vocabulary") or "1", get("code") or "", draft.words(element)
    if vocabulary not in SECTOR_VOCABULARIES:
        vocabulary = _vocabulary(draft, vocabulary.strip() or "1")
    code = code.strip()
    if not code and not name:
        draft.problem(element, "the sector has neither a code nor a name", "Give it a code of its vocabulary")
        return
    percentage = draft.percentage_of(element)
    if draft.old and percentage is None and code and _named_already(draft, vocabulary, code, scope):
        return
    key = (vocabulary, code, name, percentage, scope)
    if key not in draft.themes:
        draft.themes[key] = _theme(*key)


def _vocabulary(draft: Draft, written: str) -> str:
    known = SECTOR_VOCABULARY_WORDS.get(written.lower(), written)
    if draft.old and not known.isdigit():
        return written  # of lists that 2.0x has no code for
    if known not in SECTOR_VOCABULARIES or (not draft.old and known != written):
        draft.note("unknown-code", f"sector vocabulary {written!r} is not a code of SectorVocabulary: use one that is")
    return known


def _named_already(draft: Draft, vocabulary: str, code: str, scope: str) -> bool:
    """Whether the sector stands there for another language."""
    return any(
        theme.code == code and theme.vocabulary == vocabulary and theme.scope == scope
        for theme in draft.themes.values()
    )


def _tag(draft: Draft, element: Element) -> None:
    vocabulary, code, name = code_of(element, "vocabulary"), code_of(element), draft.words(element)
    if code or name:
        key = ("sdg" if vocabulary in SDG_TAGS else f"tag-{vocabulary}", code, name, None, "activity")
        if key not in draft.themes:
            draft.themes[key] = _theme(*key)


@lru_cache(maxsize=4_096)
def _marker(vocabulary: str, code: str, significance: str) -> tuple[str, str]:
    vocabulary = vocabulary.strip()
    vocabulary = SECTOR_VOCABULARY_WORDS.get(vocabulary.lower(), vocabulary) or "1"
    code = code.strip().lstrip("0") if vocabulary == "1" else code.strip()
    return ("policy-marker", one_line(f"{vocabulary}:{code}:{significance.strip()}".rstrip(":")))


def _policy_marker(draft: Draft, element: Element) -> None:
    get = element.get
    significance = get("significance") or ""
    if significance != "0":  # 0: looked at and not targeted
        draft.extra.append(_marker(get("vocabulary") or "", get("code") or "", significance))


def _humanitarian_scope(draft: Draft, element: Element) -> None:
    parts = (code_of(element, "type"), code_of(element, "vocabulary"), code_of(element), draft.words(element))
    draft.extra.append(("humanitarian-scope", " ".join(part for part in parts if part)))


def _aid_type(draft: Draft, element: Element) -> None:
    if code := element.get("code"):
        vocabulary = code_of(element, "vocabulary") or "1"
        draft.extra.append(("default-aid-type", code.strip() if vocabulary == "1" else f"{vocabulary}:{code.strip()}"))


def _coded(name: str) -> Handler:
    def handler(draft: Draft, element: Element) -> None:
        if code := code_of(element):
            draft.extra.append((name, code))

    return handler


def _crs_add(draft: Draft, element: Element) -> None:
    for child in element[:]:
        if child.tag == "channel-code" and (code := short(child.text) or code_of(child)):
            draft.extra.append(("crs-channel-code", code))


def identifier(draft: Draft, element: Element) -> None:
    draft.identifier = draft.identifier or one_line(element.text or "")


HANDLERS: dict[object, Handler] = {
    "iati-identifier": identifier,
    "title": title,
    "description": _description,
    "activity-status": _status,
    "activity-date": _date,
    "reporting-org": reporting_org,
    "participating-org": _participating_org,
    "other-identifier": _other_identifier,
    "sector": sector,
    "tag": _tag,
    "policy-marker": _policy_marker,
    "humanitarian-scope": _humanitarian_scope,
    "default-aid-type": _aid_type,
    "activity-scope": _coded("activity-scope"),
    "collaboration-type": _coded("collaboration-type"),
    "crs-add": _crs_add,
}
"""Element -> what reads it. What is not named in a table of handlers is not read."""
