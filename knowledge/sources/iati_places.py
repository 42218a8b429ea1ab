"""Where an activity takes place: recipient countries and regions, and locations of 2.0x and 1.0x."""

from __future__ import annotations

from functools import lru_cache

from knowledge.records import PlaceMention
from knowledge.sources.country_words import country_named
from knowledge.sources.guard import one_line
from knowledge.sources.iati_draft import Draft, Element, Handler, code_of
from knowledge.sources.making import maker

_place = maker(PlaceMention)


@lru_cache(maxsize=4_096)
def _country(written: str) -> str:
    code = written.strip().upper()
    return code if len(code) == 2 and code.isalpha() and code.isascii() else ""


def country(draft: Draft, element: Element, scope: str = "activity") -> None:
    written = element.get("code") or ""
    code = _country(written)
    if not code and not written.strip():
        code = country_named(draft.words(element))
    if not code:
        draft.problem(
            element, f"recipient-country code {written.strip().upper()!r} is not two letters",
            "Use the ISO 3166-1 alpha-2 code",
        )  # fmt: skip
        return
    percentage = draft.percentage_of(element)
    key = (code, percentage, scope)
    if key not in draft.places:
        draft.places[key] = _place(country=code, percentage=percentage, scope=scope)


def region(draft: Draft, element: Element, scope: str = "activity") -> None:
    code, name = code_of(element), draft.words(element)
    percentage = draft.percentage_of(element)
    if code and (code_of(element, "vocabulary") or "1") == "1":
        place = _place(region=code, percentage=percentage, scope=scope)
    elif name or code:  # a publisher's own regions: their codes mean nothing elsewhere, their names may
        place = _place(site=name or code, percentage=percentage, scope=scope)
    else:
        return
    draft.places.setdefault((place.region, place.site, percentage, scope), place)


def _location(draft: Draft, element: Element) -> None:
    name = detail = country_code = reach = ""
    latitude = longitude = None
    above: tuple[str, ...] = ()
    administrative: list[str] = []
    for child in element[:]:
        tag = child.tag
        if tag == "name":
            name = draft.better(name, child) if name else draft.words(child)
        elif tag == "description":
            detail = draft.better(detail, child) if detail else draft.words(child)
        elif tag == "point":
            latitude, longitude = _point(draft, child)
        elif tag == "administrative":
            vocabulary, code, level = code_of(child, "vocabulary"), code_of(child), code_of(child, "level")
            if vocabulary == "A4" and len(code) == 2:
                country_code = code.upper()
            elif code:
                administrative.append(f"{vocabulary}:{code} level {level}".removesuffix(" level ").removeprefix(":"))
            elif draft.old:
                country_code, above = _administrative(child, country_code)
        elif tag == "coordinates" and draft.old:
            latitude, longitude = _coordinates(draft, child)
        elif tag == "location-reach":
            reach = code_of(child)
    if not country_code and name:
        country_code, name = _out_of_name(name)
    names = (*(part for part in above if part != name), *((name,) if name else ()))
    if reach:
        draft.extra.append(("location-reach", f"{reach} {name}".strip()))
    if names or detail or latitude is not None or country_code:
        place = _place(
            country=country_code, names=names, site="" if names else detail[:200],
            latitude=latitude, longitude=longitude, scope="location",
        )  # fmt: skip
        draft.places.setdefault((country_code, names, place.site, latitude, longitude), place)
        draft.extra.extend(("location-administrative", f"{code} {name}".strip()) for code in administrative)
        if detail and detail != name:
            draft.extra.append(("location-description", detail))


def _administrative(element: Element, so_far: str) -> tuple[str, tuple[str, ...]]:
    """(country, names from the first level downwards) of an `administrative` of 1.0x, where the names stand as text:
    "Afghanistan, Herat, Injil", or the other way round, "Kandahar Province, Afghanistan"."""
    names = [part for part in (one_line(part) for part in (element.text or "").split(",")) if part]
    code = _country(element.get("country") or "") or so_far
    if len(names) > 1 and (last := country_named(names[-1])):
        code = code or last
        names = names[-2::-1]
    elif names and (first := country_named(names[0])):
        code = code or first
        names = names[1:]
    return code, tuple(names)


def _out_of_name(name: str) -> tuple[str, str]:
    """(country, rest of the name) where a location's name is a country, or ends with one after a comma."""
    before, _, last = name.rpartition(",")
    found = _country_named(last)
    return (found, before.strip()) if found else ("", name)


_country_named = lru_cache(maxsize=4_096)(country_named)


def within_the_country(draft: Draft) -> tuple[PlaceMention, ...]:
    """The places of a draft; locations that name no country lie in the recipient country, if there is but one."""
    places = tuple(draft.places.values())
    if not any(place.scope == "location" and not place.country for place in places):
        return places
    for scope in ("activity", "transaction"):
        recipients = {place.country for place in places if place.country and place.scope == scope}
        if recipients:
            break
    if len(recipients) != 1:
        return places
    (only,) = recipients
    return tuple(
        _place(only, place.names, place.pcode, place.site, place.latitude, place.longitude, scope="location")
        if place.scope == "location" and not place.country
        else place
        for place in places
    )


def _point(draft: Draft, element: Element) -> tuple[float | None, float | None]:
    for child in element[:]:
        if child.tag == "pos" and (text := child.text) and text.strip():
            parts = text.replace(",", " ").split()
            if len(parts) == 2:
                return _position(draft, child, parts[0], parts[1], text)
            _no_position(draft, child, text)
    return None, None


def _coordinates(draft: Draft, element: Element) -> tuple[float | None, float | None]:
    latitude, longitude = element.get("latitude") or "", element.get("longitude") or ""
    if not latitude.strip() and not longitude.strip():
        return None, None
    return _position(draft, element, latitude, longitude, f"{latitude} {longitude}")


def _position(draft: Draft, element: Element, north: str, east: str, written: str) -> tuple[float | None, float | None]:
    latitude = draft.number_of(element, north, "latitude")
    longitude = draft.number_of(element, east, "longitude")
    if latitude is None or longitude is None:
        return None, None
    if abs(latitude) <= 90 and abs(longitude) <= 180:
        return latitude, longitude
    _no_position(draft, element, written)
    return None, None


def _no_position(draft: Draft, element: Element, text: str) -> None:
    draft.problem(element, f"position {text.strip()[:40]!r} is not a latitude and a longitude", 'Write "9.03 38.74"')


PLACES: dict[object, Handler] = {"recipient-country": country, "recipient-region": region, "location": _location}
