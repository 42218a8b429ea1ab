"""The parts of an activity that say who, what, where and when: one handler per element of the IATI 2.0x standard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from knowledge.records import OrganisationMention, PlaceMention, Role, Text, ThemeMention
from knowledge.sources.country_words import country_named
from knowledge.sources.guard import one_line
from knowledge.sources.iati_codes import (
    CHANNEL_CODE,
    DATE_FIELDS,
    DESCRIPTIONS,
    ORGANISATION_TYPES,
    ROLE_WORDS,
    ROLES,
    SDG_TAGS,
    SECTOR_VOCABULARIES,
    STATUSES,
)
from knowledge.sources.iati_draft import Draft, Element

Handler = Callable[[Draft, Element], None]


def code_of(element: Element, attribute: str = "code") -> str:
    return element.get(attribute, "").strip()


# --- what it is -----------------------------------------------------------------------------------------------------


def _title(draft: Draft, element: Element) -> None:
    if draft.title:
        return
    draft.title = draft.words(element)
    for language, text in draft.narratives(element):
        line = one_line(text)
        if line != draft.title:
            draft.texts.append(Text("title", line, language))


def _description(draft: Draft, element: Element) -> None:
    code = code_of(element, "type") or "1"
    if code not in DESCRIPTIONS:
        draft.note("unknown-code", f"description type {code!r} is not one of 1 to 4: choose one")
    for language, text in draft.narratives(element):
        draft.texts.append(Text(DESCRIPTIONS.get(code, "other"), text, language))


def _status(draft: Draft, element: Element) -> None:
    code = code_of(element)
    if code in STATUSES:
        draft.status = STATUSES[code]
    elif code:
        draft.problem(element, f"activity-status {code!r} is not a code of ActivityStatus", "Use one of 1 to 6")


def _date(draft: Draft, element: Element) -> None:
    code = code_of(element, "type")
    field = DATE_FIELDS.get(code)
    if field is None:
        draft.problem(element, f"activity-date type {code!r} is not a code of ActivityDateType", "Use one of 1 to 4")
    elif (found := draft.date_of(element)) is not None:
        draft.dates.setdefault(field, found)


# --- who ------------------------------------------------------------------------------------------------------------


def _organisation(draft: Draft, element: Element, role: Role) -> None:
    ref = one_line(element.get("ref") or "")
    kind = code_of(element, "type")
    if kind and kind not in ORGANISATION_TYPES:
        draft.note("unknown-code", f"organisation type {kind!r} is not a code of OrganisationType: use one that is")
    if CHANNEL_CODE.fullmatch(ref):
        draft.note(
            "channel-code-as-organisation",
            f"organisation ref {ref} is a channel code of the OECD list, not an organisation identifier: "
            "publish the identifier of org-id.guide and move the number to crs-channel-code",
        )
    mention = OrganisationMention(role, draft.words(element), "", ref, kind, one_line(element.get("activity-id") or ""))
    if mention.name or mention.ref:
        draft.organisations.append(mention)
    else:
        draft.problem(element, "the organisation has neither a name nor a ref", "Give it a narrative or a ref")


def _reporting_org(draft: Draft, element: Element) -> None:
    _organisation(draft, element, Role.REPORTING)
    if (element.get("secondary-reporter") or "").strip().lower() in ("1", "true"):
        draft.secondary = True
        draft.note(
            "secondary-reporter",
            "reported by an organisation that only passes it on: prefer the record of the organisation that runs it",
        )


def _participating_org(draft: Draft, element: Element) -> None:
    code = code_of(element, "role")
    role = ROLES.get(code)
    if role is None:
        role = ROLE_WORDS.get(code.casefold())
        if role is None:
            draft.problem(element, f"role {code!r} is not a code of OrganisationRole", "Use one of 1 to 4")
            return
        draft.note("role-in-words", f"role {code!r} is written in words: use the code of OrganisationRole")
    _organisation(draft, element, role)


def _other_identifier(draft: Draft, element: Element) -> None:
    if ref := one_line(element.get("ref") or element.text or ""):
        draft.extra.append(("other-identifier", f"{code_of(element, 'type')} {ref}".strip()))


# --- where ----------------------------------------------------------------------------------------------------------


def country(draft: Draft, element: Element, scope: str = "activity") -> None:
    code = code_of(element).upper()
    if len(code) == 2 and code.isalpha() and code.isascii():
        draft.places[PlaceMention(country=code, percentage=draft.percentage_of(element), scope=scope)] = None
    else:
        draft.problem(element, f"recipient-country code {code!r} is not two letters", "Use the ISO 3166-1 alpha-2 code")


def region(draft: Draft, element: Element, scope: str = "activity") -> None:
    code, name = code_of(element), draft.words(element)
    percentage = draft.percentage_of(element)
    if code and (code_of(element, "vocabulary") or "1") == "1":
        draft.places[PlaceMention(region=code, percentage=percentage, scope=scope)] = None
    elif name or code:  # a publisher's own regions: their codes mean nothing elsewhere, their names may
        draft.places[PlaceMention(site=name or code, percentage=percentage, scope=scope)] = None


def _location(draft: Draft, element: Element) -> None:
    name = detail = country_code = ""
    latitude = longitude = None
    administrative: list[str] = []
    for child in element[:]:
        tag = child.tag
        if tag == "name":
            name = draft.words(child)
        elif tag == "description":
            detail = draft.words(child)
        elif tag == "point":
            latitude, longitude = _point(draft, child)
        elif tag == "administrative":
            vocabulary, code, level = code_of(child, "vocabulary"), code_of(child), code_of(child, "level")
            if vocabulary == "A4" and len(code) == 2:
                country_code = code.upper()
            elif code:
                administrative.append(f"{vocabulary}:{code} level {level}".removesuffix(" level "))
        elif tag == "location-reach" and code_of(child):
            draft.extra.append(("location-reach", f"{code_of(child)} {name}".strip()))
    if not country_code and name:
        country_code, name = _out_of_name(name)
    if name or detail or latitude is not None or country_code:
        place = PlaceMention(
            country=country_code, names=(name,) if name else (), site="" if name else detail[:200],
            latitude=latitude, longitude=longitude, scope="location",
        )  # fmt: skip
        draft.places[place] = None
        draft.extra.extend(("location-administrative", f"{code} {name}".strip()) for code in administrative)
        if detail and detail != name:
            draft.extra.append(("location-description", detail))


def _out_of_name(name: str) -> tuple[str, str]:
    """(country, rest of the name) where a location's name is a country, or ends with one after a comma."""
    before, _, last = name.rpartition(",")
    found = country_named(last)
    return (found, before.strip()) if found else ("", name)


def within_the_country(draft: Draft) -> list[PlaceMention]:
    """The places of a draft; locations that name no country lie in the recipient country, if there is but one."""
    for scope in ("activity", "transaction"):
        recipients = {place.country for place in draft.places if place.country and place.scope == scope}
        if recipients:
            break
    if len(recipients) != 1:
        return list(draft.places)
    (only,) = recipients
    return [
        replace(place, country=only) if place.scope == "location" and not place.country else place
        for place in draft.places
    ]


def _point(draft: Draft, element: Element) -> tuple[float | None, float | None]:
    for child in element[:]:
        if child.tag == "pos" and (text := child.text) and text.strip():
            parts = text.replace(",", " ").split()
            if len(parts) == 2:
                latitude = draft.number_of(child, parts[0], "latitude")
                longitude = draft.number_of(child, parts[1], "longitude")
                if latitude is None or longitude is None:
                    return None, None
                if abs(latitude) <= 90 and abs(longitude) <= 180:
                    return latitude, longitude
            draft.problem(
                child, f"position {text.strip()[:40]!r} is not a latitude and a longitude", 'Write "9.03 38.74"'
            )
    return None, None


# --- on what --------------------------------------------------------------------------------------------------------


def sector(draft: Draft, element: Element, scope: str = "activity") -> None:
    vocabulary = code_of(element, "vocabulary") or "1"
    code, name = code_of(element), draft.words(element)
    if vocabulary not in SECTOR_VOCABULARIES:
        draft.note(
            "unknown-code", f"sector vocabulary {vocabulary!r} is not a code of SectorVocabulary: use one that is"
        )
    if not code and not name:
        draft.problem(element, "the sector has neither a code nor a name", "Give it a code of its vocabulary")
        return
    draft.themes[ThemeMention(vocabulary, code, name, draft.percentage_of(element), scope)] = None


def _tag(draft: Draft, element: Element) -> None:
    vocabulary, code, name = code_of(element, "vocabulary"), code_of(element), draft.words(element)
    if code or name:
        draft.themes[ThemeMention("sdg" if vocabulary in SDG_TAGS else f"tag-{vocabulary}", code, name)] = None


def _policy_marker(draft: Draft, element: Element) -> None:
    significance = code_of(element, "significance")
    if significance != "0":  # 0: looked at and not targeted
        vocabulary = code_of(element, "vocabulary") or "1"
        draft.extra.append(("policy-marker", f"{vocabulary}:{code_of(element)}:{significance}".rstrip(":")))


def _humanitarian_scope(draft: Draft, element: Element) -> None:
    parts = (code_of(element, "type"), code_of(element, "vocabulary"), code_of(element), draft.words(element))
    draft.extra.append(("humanitarian-scope", " ".join(part for part in parts if part)))


def _coded(name: str) -> Handler:
    def handler(draft: Draft, element: Element) -> None:
        if code := code_of(element):
            draft.extra.append((name, code))

    return handler


def _identifier(draft: Draft, element: Element) -> None:
    draft.identifier = draft.identifier or one_line(element.text or "")


HANDLERS: dict[object, Handler] = {
    "iati-identifier": _identifier,
    "title": _title,
    "description": _description,
    "activity-status": _status,
    "activity-date": _date,
    "reporting-org": _reporting_org,
    "participating-org": _participating_org,
    "other-identifier": _other_identifier,
    "recipient-country": country,
    "recipient-region": region,
    "location": _location,
    "sector": sector,
    "tag": _tag,
    "policy-marker": _policy_marker,
    "humanitarian-scope": _humanitarian_scope,
    "default-aid-type": _coded("default-aid-type"),
    "activity-scope": _coded("activity-scope"),
    "collaboration-type": _coded("collaboration-type"),
}
"""Element -> what reads it. What is not named here is not read; `contact-info` never is."""
