"""Writes activities as IATI 2.03."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from knowledge.corpus.inputs import places
from knowledge.corpus.model import NOTICE, REFERENCE_DATE, Activity, Flow, Outcome, Participant
from knowledge.corpus.money import years

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
GENERATED = "2026-11-20T06:00:00Z"


def _add(parent: etree._Element, tag: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A child element; underscores in attribute names become hyphens, empty attributes are left out."""
    child = etree.SubElement(
        parent, tag, {name.replace("_", "-"): value for name, value in attributes.items() if value}
    )
    child.text = text
    return child


def _narrative(parent: etree._Element, text: str, language: str = "", default: str = "") -> None:
    narrative = _add(parent, "narrative", text)
    if language and language != default:
        narrative.set(LANG, language)


def _participant(parent: etree._Element, tag: str, one: Participant, **attributes: str) -> None:
    element = _add(parent, tag, ref=one.ref, type=one.organisation.type, **attributes)
    _narrative(element, one.name)


def _locations(element: etree._Element, activity: Activity) -> None:
    for code, _ in activity.places:
        place = places()[code]
        if place.level == 0:
            continue
        location = _add(element, "location", ref=code)
        _add(location, "location-reach", code="1")
        if not activity.locations_bare:
            _add(location, "location-id", vocabulary="A2", code=code)
        _narrative(_add(location, "name"), place.written)
        if not activity.locations_bare:
            if place.level == 2:
                _add(location, "administrative", vocabulary="A2", level="1", code=place.parent)
            _add(location, "administrative", vocabulary="A2", level=str(place.level), code=code)
        if place.town:
            point = _add(location, "point", srsName="http://www.opengis.net/def/crs/EPSG/0/4326")
            _add(point, "pos", f"{place.latitude} {place.longitude}")
        _add(location, "exactness", code="2")
        _add(location, "location-class", code="1")


def _sectors(parent: etree._Element, activity: Activity) -> None:
    for vocabulary, code, share in activity.sectors:
        percentage = "" if share is None or (vocabulary == "7") else str(share)
        _add(parent, "sector", vocabulary=vocabulary, code=code, percentage=percentage)


def _dates(element: etree._Element, activity: Activity) -> None:
    started = activity.start <= REFERENCE_DATE
    shift = timedelta(days=(len(activity.key) * 7 + activity.start.month) % 20)
    _add(element, "activity-date", type="1", iso_date=activity.start.isoformat())
    if started:
        _add(element, "activity-date", type="2", iso_date=min(activity.start + shift, REFERENCE_DATE).isoformat())
    if not activity.endless:
        _add(element, "activity-date", type="3", iso_date=activity.end.isoformat())
        if activity.status in "34" and activity.end < REFERENCE_DATE:
            _add(element, "activity-date", type="4", iso_date=activity.end.isoformat())


def _transaction(element: etree._Element, activity: Activity, number: int, flow: Flow) -> None:
    transaction = _add(element, "transaction", ref=f"{activity.identifier}-T{number}")
    _add(transaction, "transaction-type", code=flow.kind)
    _add(transaction, "transaction-date", iso_date=flow.on.isoformat())
    _add(transaction, "value", str(flow.amount), currency=activity.currency, value_date=flow.on.isoformat())
    if flow.provider:
        _participant(transaction, "provider-org", flow.provider, provider_activity_id=flow.provider.activity_id)
    if flow.receiver:
        _participant(transaction, "receiver-org", flow.receiver, receiver_activity_id=flow.receiver.activity_id)
    if activity.on_transactions:
        _add(transaction, "sector", vocabulary="1", code=activity.sectors[0][1])
        _add(transaction, "recipient-country", code=next(iter(activity.countries)))


def _result(element: etree._Element, activity: Activity, number: int, outcome: Outcome) -> None:
    result = _add(
        element,
        "result",
        type="2" if outcome.percentage else "1",
        aggregation_status="false" if outcome.percentage else "true",
    )
    _narrative(_add(result, "title"), outcome.title)
    indicator = _add(result, "indicator", measure="2" if outcome.percentage else "1", ascending="true")
    _narrative(_add(indicator, "title"), outcome.title)
    _add(indicator, "baseline", year=str(activity.start.year), value=str(outcome.baseline))
    period = _add(indicator, "period")
    end = min(activity.end, REFERENCE_DATE.replace(month=9, day=30))
    _add(period, "period-start", iso_date=activity.start.isoformat())
    _add(period, "period-end", iso_date=max(end, activity.start).isoformat())
    _add(period, "target", value=str(outcome.target))
    actual = _add(period, "actual", value=str(outcome.actual))
    if outcome.comment and number == 0:
        _narrative(_add(actual, "comment"), outcome.comment)


def _updated(activity: Activity) -> str:
    day = min(REFERENCE_DATE - timedelta(days=10), activity.end + timedelta(days=60))
    if activity.status == "2" and activity.end < REFERENCE_DATE:
        day = activity.end - timedelta(days=40)
    return (day - timedelta(days=len(activity.identifier) % 9)).isoformat() + "T09:00:00Z"


def activity_element(activity: Activity) -> etree._Element:
    """One iati-activity, its children in the order of the schema."""
    element = etree.Element("iati-activity", {LANG: activity.language})
    element.set("default-currency", activity.currency)
    element.set("last-updated-datetime", _updated(activity))
    element.set("hierarchy", "1" if activity.tier == "frame" else "2" if activity.related else "1")
    if activity.humanitarian:
        element.set("humanitarian", "1")
    _add(element, "iati-identifier", activity.identifier)
    publisher = activity.publisher
    secondary = "1" if activity.secondary else ""
    _narrative(
        _add(element, "reporting-org", ref=publisher.ref, type=publisher.type, secondary_reporter=secondary),
        publisher.name,
    )
    title = _add(element, "title")
    for language, text in activity.titles.items():
        _narrative(title, text, language, activity.language)
    for kind in dict.fromkeys(kind for kind, _, _ in activity.descriptions):
        description = _add(element, "description", type=kind)
        for _, language, text in (one for one in activity.descriptions if one[0] == kind):
            _narrative(description, text, language, activity.language)
    for one in activity.participants:
        _participant(element, "participating-org", one, role=one.role, activity_id=one.activity_id)
    for other in activity.other_identifiers:
        _add(element, "other-identifier", ref=other, type="A3")
    _add(element, "activity-status", code=activity.status)
    _dates(element, activity)
    _add(
        element,
        "activity-scope",
        code="3"
        if len(activity.countries) > 1
        else "4"
        if not activity.places
        else "5"
        if len(activity.places) > 1
        else "7",
    )
    if not activity.on_transactions:
        for code, share in activity.countries.items():
            _add(element, "recipient-country", code=code, percentage="" if share is None else str(share))
    _locations(element, activity)
    if not activity.on_transactions:
        _sectors(element, activity)
    if activity.gender:
        _add(element, "policy-marker", vocabulary="1", code="1", significance=activity.gender)
    _add(element, "default-aid-type", code="B03" if activity.tier == "upstream" else "C01")
    for start, end, amount in years(activity):
        budget = _add(element, "budget", type="1", status="2")
        _add(budget, "period-start", iso_date=start.isoformat())
        _add(budget, "period-end", iso_date=end.isoformat())
        _add(budget, "value", str(amount), currency=activity.currency, value_date=start.isoformat())
    for number, flow in enumerate(activity.flows, 1):
        _transaction(element, activity, number, flow)
    for document, category, language in activity.documents:
        slug = activity.identifier.lower().replace("/", "-")
        link = _add(
            element,
            "document-link",
            url=f"https://documents.example/{slug}-{category.lower()}.pdf",
            format="application/pdf",
        )
        _narrative(_add(link, "title"), document)
        _add(link, "category", code=category)
        _add(link, "language", code=language)
    for kind, target in activity.related:
        _add(element, "related-activity", type=kind, ref=target)
    for number, outcome in enumerate(activity.results):
        _result(element, activity, number, outcome)
    return element


def document(elements: list[etree._Element], title: str) -> bytes:
    """A whole file; the notice that it is invented stands on top."""
    root = etree.Element("iati-activities", {"version": "2.03", "generated-datetime": GENERATED})
    root.append(etree.Comment(f" {title}. {NOTICE} "))
    root.extend(elements)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8") + b"\n"
