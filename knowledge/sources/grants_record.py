"""One 360Giving grant, as an object of its JSON, made a `Record`.

The funder funds and the recipient implements. A grant to an individual keeps what it is for and how much it is, and
nothing of the individual.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from knowledge.countries import iso2
from knowledge.records import (
    Contact,
    Document,
    Link,
    Locator,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.sources.country_forms import UK_NATIONS, country_written
from knowledge.sources.guard import fold
from knowledge.sources.values import Element, line, lines, objects, prose, web

PREFIX = "360G-"
_BRITISH_CODE = re.compile(r"[EWSN]\d{8}")
"""Codes of the British statistical geographies; LSOA, ward, district ..."""
_REGISTER = re.compile(r"([A-Z]{2})-[A-Z]+-")
_MOST_MONTHS = 600
_INDIVIDUAL = "an individual"


def record_of(grant: dict[str, Any], element: Element, *, day_first: bool = True) -> Record | None:
    """The record of a grant; None, with a problem, for one without an identifier."""
    identifier = line(grant.get("id"))
    if not identifier:
        element.left_out("no identifier", "Give the grant its 360G identifier")
        return None
    if not identifier.startswith(PREFIX):
        element.note(
            "identifier-prefix", f"the identifier does not begin with {PREFIX}: put the publisher's prefix first"
        )
        identifier = f"360giving:{identifier}"
    funders = _parties(Role.FUNDING, grant.get("fundingOrganization"))
    recipients = _parties(Role.IMPLEMENTING, grant.get("recipientOrganization"))
    people = objects(grant.get("recipientIndividual"))
    if people:
        element.note(
            "recipient-individual", "the recipient is an individual and was left out: keep names of persons unpublished"
        )
    elif not recipients:
        element.note("no-recipient", "no recipient organisation: name who receives the grant")
    if not funders:
        element.note("no-funder", "no funding organisation: name who gives the grant")
    hide = _hiding([line(person.get("name")) for person in people])
    awarded_on = element.day(grant.get("awardDate"), "awardDate", day_first=day_first)
    title, description = hide(line(grant.get("title"))), hide(prose(grant.get("description")))
    if not title:
        element.note("missing-title", "no title: give the grant a title that says what for")
    places, codes = _places(grant, element, individual=bool(people))
    period, scheduled = _period(grant, awarded_on, element, day_first)
    return Record(
        id=identifier,
        kind=RecordKind.GRANT,
        title=title or description[:200] or identifier,
        locator=Locator(element.label, element.line),
        texts=(Text("general", description),) if description else (),
        organisations=funders + recipients,
        places=places,
        themes=_themes(grant),
        period=period,
        reported_on=element.day(grant.get("dateModified"), "dateModified", day_first=day_first),
        money=_money(grant, awarded_on, funders, recipients, element),
        links=_links(grant),
        documents=_documents(grant),
        contacts=_contacts(grant),
        notes=tuple(element.notes),
        extra=_extra(grant, scheduled, codes),
    )


def _hiding(names: list[str]) -> Any:
    """A function that puts "an individual" wherever one of the names stands in a text."""
    known = sorted((name for name in names if len(name) > 2), key=len, reverse=True)
    if not known:
        return lambda text: text
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in known), re.IGNORECASE)
    return lambda text: pattern.sub(_INDIVIDUAL, text)


# --- who ------------------------------------------------------------------------------------------------------------


def _parties(role: Role, value: object) -> tuple[OrganisationMention, ...]:
    found = []
    for one in objects(value):
        name, ref = line(one.get("name")), line(one.get("id"))
        if not ref and (number := line(one.get("charityNumber"))):
            ref = f"GB-CHC-{number}"
        elif not ref and (number := line(one.get("companyNumber"))):
            ref = f"GB-COH-{number}"
        if name or ref:
            found.append(OrganisationMention(role, name, ref=ref, kind=line(one.get("organisationType"))))
    return tuple(dict.fromkeys(found))


def _contacts(grant: dict[str, Any]) -> tuple[Contact, ...]:
    parties = [*objects(grant.get("fundingOrganization")), *objects(grant.get("recipientOrganization"))]
    found = [Contact(line(one.get("name")), url) for one in parties if (url := web(one.get("url")))]
    return tuple(dict.fromkeys(found))


# --- where ----------------------------------------------------------------------------------------------------------


def _places(
    grant: dict[str, Any], element: Element, *, individual: bool
) -> tuple[tuple[PlaceMention, ...], list[tuple[str, str]]]:
    """(places, codes of statistical geographies): where the beneficiaries are, else the recipient's address, which is
    said in a note."""
    codes: list[tuple[str, str]] = []
    found = [_place(one, element, codes) for one in objects(grant.get("beneficiaryLocation"))]
    found = [place for place in found if place != PlaceMention()]
    if not found and not individual:
        for one in objects(grant.get("recipientOrganization")):
            found += [_place(place, element, codes) for place in objects(one.get("location"))] or [_address(one)]
        found = [place for place in found if place != PlaceMention()]
        if found:
            element.note(
                "place-of-recipient",
                "no beneficiary location, so the recipient's address stands for it: say where the grant is used",
            )
    return tuple(dict.fromkeys(found)), list(dict.fromkeys(codes))


def _place(location: dict[str, Any], element: Element, codes: list[tuple[str, str]]) -> PlaceMention:
    name, geo_code = line(location.get("name")), line(location.get("geoCode"))
    country = country_written(line(location.get("countryCode"))) or country_written(name)
    if not country and _BRITISH_CODE.fullmatch(geo_code):
        country = "GB"
    pcode = geo_code.upper() if fold(line(location.get("geoCodeType"))) in ("pcode", "p code") else ""
    if geo_code and not pcode:
        codes.append(("geocode", " ".join(filter(None, (line(location.get("geoCodeType")), geo_code)))))
    latitude, longitude = element.position(location.get("latitude"), location.get("longitude"), "beneficiaryLocation")
    return PlaceMention(country, _within(name), pcode, latitude=latitude, longitude=longitude)


def _within(name: str) -> tuple[str, ...]:
    """A name of a place within a country; none where it is the country's own."""
    return (name,) if name and (not country_written(name) or name in UK_NATIONS) else ()


def _address(organisation: dict[str, Any]) -> PlaceMention:
    written = line(organisation.get("addressCountry"))
    region, town = line(organisation.get("addressRegion")), line(organisation.get("addressLocality"))
    # where the address names no country, the register of the identifier does: GB-CHC-..., UG-NGB-...
    register = _REGISTER.match(line(organisation.get("id")))
    country = country_written(written) or ("" if written or not register else iso2(register[1]))
    names = tuple(dict.fromkeys(name for name in (*(_within(written) if country else ()), region) if name))
    return PlaceMention(country, names, site=town) if country or names or town else PlaceMention()


# --- what for -------------------------------------------------------------------------------------------------------


def _themes(grant: dict[str, Any]) -> tuple[ThemeMention, ...]:
    """Classifications and programmes, in the publisher's own words: vocabulary 99."""
    found = [
        ThemeMention("99", line(one.get("code")), line(one.get("title")))
        for one in objects(grant.get("classifications"))
    ]
    found += [ThemeMention("99", name=line(one.get("title"))) for one in objects(grant.get("grantProgramme"))]
    return tuple(dict.fromkeys(theme for theme in found if theme.name or theme.code))


def _links(grant: dict[str, Any]) -> tuple[Link, ...]:
    related = grant.get("relatedActivity")
    found = lines(related) + [line(one.get("id")) for one in objects(related)]
    return tuple(Link("other", target) for target in dict.fromkeys(found) if target)


def _documents(grant: dict[str, Any]) -> tuple[Document, ...]:
    return tuple(
        Document(line(one.get("title")) or url, url, line(one.get("documentType")))
        for one in objects(grant.get("relatedDocument"))
        if (url := web(one.get("webLink")) or web(one.get("url")))
    )


def _extra(grant: dict[str, Any], scheduled: str, codes: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    pairs = [("grant-programme", line(one.get("title"))) for one in objects(grant.get("grantProgramme"))]
    pairs += [("department", line(one.get("department"))) for one in objects(grant.get("fundingOrganization"))]
    pairs += [("open-call", _yes_or_no(grant.get("fromOpenCall")))]
    pairs += [
        ("duration-months", scheduled),
        ("url", web(grant.get("url"))),
        ("data-source", web(grant.get("dataSource"))),
    ]
    pairs += [("funding-type", line(one.get("title"))) for one in objects(grant.get("fundingType"))]
    pairs += [("regrant-type", line(grant.get("regrantType"))), ("location-scope", line(grant.get("locationScope")))]
    return tuple(dict.fromkeys(pair for pair in (*pairs, *codes) if pair[1]))


def _yes_or_no(value: object) -> str:
    written = "yes" if value is True else "no" if value is False else fold(line(value))
    return {"y": "yes", "n": "no", "true": "yes", "false": "no"}.get(written, written)


# --- when and how much ----------------------------------------------------------------------------------------------


def _period(
    grant: dict[str, Any], awarded_on: date | None, element: Element, day_first: bool
) -> tuple[Period, str]:  # fmt: skip
    """(period, months as written): the planned end from the duration where none is given."""

    def day(value: dict[str, Any], list_name: str, key: str) -> date | None:
        return element.day(value.get(key), f"{list_name} {key}", day_first=day_first)

    planned = next(iter(objects(grant.get("plannedDates"))), {})
    actual = next(iter(objects(grant.get("actualDates"))), {})
    start, end = day(planned, "plannedDates", "startDate"), day(planned, "plannedDates", "endDate")
    months = _months(planned.get("duration"), element)
    if start is None and awarded_on is not None:
        start = awarded_on
        element.note("no-planned-start", "no planned start, so the award date stands for it: add the planned dates")
    if end is None and start is not None and months:
        end = _after(start, months)
    if end is None and not actual.get("endDate"):
        element.note("no-end-date", "neither a planned end nor a duration: add one, so that people see whether it runs")
    if start is not None and end is not None and end < start:
        element.note("end-before-start", f"ends on {end}, before it starts on {start}: check both dates")
    period = Period(start, day(actual, "actualDates", "startDate"), end, day(actual, "actualDates", "endDate"))
    return period, f"{months:g}" if months else ""


def _months(value: object, element: Element) -> float | None:
    """The number of "12", 12 or "12 months"; words without a number say nothing."""
    found = re.match(r"\d{1,6}(\.\d+)?", line(value))
    if not found:
        return None
    months = float(found[0])
    if months > _MOST_MONTHS:
        element.problem("duration", f"{line(value)[:40]!r} is more than 50 years", "Write a number of months")
        return None
    return months


def _after(start: date, months: float) -> date | None:
    """The last day of `months` from `start`."""
    whole, part = divmod(months, 1)
    years, month = divmod(start.month - 1 + int(whole), 12)
    year = start.year + years
    if year >= date.max.year:
        return None
    day = min(start.day, monthrange(year, month + 1)[1])
    return date(year, month + 1, day) + timedelta(days=round(part * 30) - 1)


def _money(
    grant: dict[str, Any],
    awarded_on: date | None,
    funders: tuple[OrganisationMention, ...],
    recipients: tuple[OrganisationMention, ...],
    element: Element,
) -> tuple[Money, ...]:
    currency = line(grant.get("currency")).upper()
    provider, receiver = ("; ".join(one.name for one in parties) for parties in (funders, recipients))
    found = []
    for kind, key in (("applied", "amountAppliedFor"), ("awarded", "amountAwarded"), ("disbursed", "amountDisbursed")):
        amount = element.number(grant.get(key), key)
        if amount is None:
            continue
        if amount < 0:
            element.note("negative-amount", f"{key} is below zero: give what was {kind}")
        found.append(Money(kind, amount, currency, awarded_on if kind == "awarded" else None, None, provider, receiver))
    if found and not currency:
        element.note("no-currency", "an amount without its currency: give its three letters")
    if not any(money.kind == "awarded" for money in found):
        element.note("no-amount", "no amount awarded: give it")
    return tuple(found)
