"""The parts of an activity that carry money, relations, results and documents."""

from __future__ import annotations

from knowledge.records import Document, Indicator, Link, Money
from knowledge.sources.guard import one_line
from knowledge.sources.iati_codes import MEASURES, RELATIONS, RESULTS, TRANSACTIONS
from knowledge.sources.iati_draft import Draft, Element
from knowledge.sources.iati_parts import Handler, code_of, country, region, sector


def _by_tag(element: Element) -> dict[object, Element]:
    return {child.tag: child for child in element[:]}


def _party(draft: Draft, element: Element | None) -> str:
    if element is None:
        return ""
    return draft.words(element) or one_line(element.get("ref") or "")


def _money(draft: Draft, element: Element, kind: str, parts: dict[object, Element], when: tuple[str, str]) -> None:
    value = parts.get("value")
    if value is None:
        draft.problem(element, "no value", "Give the amount in a value element")
        return
    amount = draft.number_of(value, value.text, "value")
    if amount is None:
        if not (value.text or "").strip():
            draft.problem(value, "the value is empty", "Give the amount, digits and a decimal point only")
        return
    provider, receiver = parts.get("provider-org"), parts.get("receiver-org")
    first, last = parts.get(when[0]), parts.get(when[1])
    start = draft.date_of(first)
    end = start if last is first else draft.date_of(last)
    draft.money.append(
        Money(
            kind,
            amount,
            (value.get("currency") or draft.currency).strip().upper(),
            start,
            end,
            _party(draft, provider),
            _party(draft, receiver),
            "" if provider is None else one_line(provider.get("provider-activity-id") or ""),
            "" if receiver is None else one_line(receiver.get("receiver-activity-id") or ""),
        )
    )


def _transaction(draft: Draft, element: Element) -> None:
    parts: dict[object, Element] = {}
    for child in element[:]:
        tag = child.tag
        if tag == "sector":
            sector(draft, child, "transaction")
        elif tag == "recipient-country":
            country(draft, child, "transaction")
        elif tag == "recipient-region":
            region(draft, child, "transaction")
        else:
            parts[tag] = child
    kind = parts.get("transaction-type")
    code = "" if kind is None else code_of(kind)
    if code not in TRANSACTIONS:
        draft.problem(element, f"transaction-type {code!r} is not a code of TransactionType", "Use one of 1 to 13")
        return
    _money(draft, element, code, parts, ("transaction-date", "transaction-date"))


def _budget(draft: Draft, element: Element) -> None:
    _money(draft, element, "budget", _by_tag(element), ("period-start", "period-end"))


def _planned_disbursement(draft: Draft, element: Element) -> None:
    _money(draft, element, "planned-disbursement", _by_tag(element), ("period-start", "period-end"))


def _related_activity(draft: Draft, element: Element) -> None:
    code, target = code_of(element, "type"), one_line(element.get("ref") or "")
    if not target:
        draft.problem(element, "related-activity without a ref", "Give the identifier of the other activity")
        return
    if code not in RELATIONS:
        draft.note(
            "unknown-code", f"related-activity type {code!r} is not a code of RelatedActivityType: use one of 1 to 5"
        )
    draft.links.append(Link(RELATIONS.get(code, "other"), target))


def _document_link(draft: Draft, element: Element) -> None:
    url = one_line(element.get("url") or "")
    title = category = language = ""
    for child in element[:]:
        if child.tag == "title":
            title = draft.words(child)
        elif child.tag == "category":
            category = category or code_of(child)
        elif child.tag == "language":
            language = language or code_of(child).lower()
    if url.lower().startswith(("http://", "https://")):
        draft.documents.append(Document(title, url, category, language))
    elif url:
        draft.problem(element, f"document-link {url[:60]!r} is not a web address", "Use an http or https address")


# --- results --------------------------------------------------------------------------------------------------------


def _result(draft: Draft, element: Element) -> None:
    kind = RESULTS.get(code_of(element, "type"), "other")
    title = ""
    indicators: list[Element] = []
    for child in element[:]:
        if child.tag == "title":
            title = draft.words(child)
        elif child.tag == "indicator":
            indicators.append(child)
    if not indicators and title:
        draft.indicators.append(Indicator(title, "", kind))
    for indicator in indicators:
        _indicator(draft, indicator, title, kind)


def _indicator(draft: Draft, element: Element, result: str, kind: str) -> None:
    title = baseline = ""
    periods: list[Element] = []
    comments: list[str] = []
    for child in element[:]:
        if child.tag == "title":
            title = draft.words(child)
        elif child.tag == "baseline":
            baseline = _value(child)
            comments += _comments(draft, child)
        elif child.tag == "period":
            periods.append(child)
    unit = MEASURES.get(code_of(element, "measure"), code_of(element, "measure"))
    if not periods:
        draft.indicators.append(Indicator(result, title, kind, unit, baseline, comment="\n".join(comments)))
    for period in periods:
        targets: list[str] = []
        actuals: list[str] = []
        said = list(comments)
        start = end = None
        for child in period[:]:
            if child.tag == "target":
                targets.append(_value(child))
                said += _comments(draft, child)
            elif child.tag == "actual":
                actuals.append(_value(child))
                said += _comments(draft, child)
            elif child.tag == "period-start":
                start = draft.date_of(child)
            elif child.tag == "period-end":
                end = draft.date_of(child)
        target, actual = (_joined(values) for values in (targets, actuals))
        draft.indicators.append(
            Indicator(result, title, kind, unit, baseline, target, actual, start, end, "\n".join(dict.fromkeys(said)))
        )


def _value(element: Element) -> str:
    """The value as written, with the groups it is broken down by: "12 (sex: female)"."""
    value = one_line(element.get("value") or "")
    groups = [
        f"{code_of(child, 'name')}: {code_of(child, 'value')}" for child in element[:] if child.tag == "dimension"
    ]
    return f"{value} ({', '.join(groups)})" if value and groups else value


def _joined(values: list[str]) -> str:
    return "; ".join(dict.fromkeys(value for value in values if value))


def _comments(draft: Draft, element: Element) -> list[str]:
    return [text for child in element[:] if child.tag == "comment" and (text := draft.words(child))]


DETAILS: dict[object, Handler] = {
    "transaction": _transaction,
    "budget": _budget,
    "planned-disbursement": _planned_disbursement,
    "related-activity": _related_activity,
    "document-link": _document_link,
    "result": _result,
}
