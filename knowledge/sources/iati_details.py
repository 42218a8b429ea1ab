"""The parts of an activity that carry money, relations, results and documents."""

from __future__ import annotations

from functools import lru_cache

from knowledge.records import Document, Indicator, Link, Money
from knowledge.sources.guard import MAX_NUMBER, one_line
from knowledge.sources.iati_codes import (
    MEASURES,
    RELATION_WORDS,
    RELATIONS,
    RESULT_WORDS,
    RESULTS,
    TRANSACTION_WORDS,
    TRANSACTIONS,
)
from knowledge.sources.iati_draft import Draft, Element, Handler, code_of, short
from knowledge.sources.iati_parts import sector
from knowledge.sources.iati_places import country, region
from knowledge.sources.making import maker

_money, _link, _period_of = maker(Money), maker(Link), maker(Indicator)

# --- money ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=1_024)
def _currency(text: str) -> str:
    return one_line(text).upper()


def money(
    draft: Draft,
    element: Element,
    kind: str,
    value: Element | None,
    start: Element | None,
    end: Element | None,
    provider: Element | None = None,
    receiver: Element | None = None,
    to: str = "",
) -> None:
    """Add an amount. `to` is a receiver that is no organisation."""
    if value is None:
        draft.problem(element, "no value", "Give the amount in a value element")
        return
    text = value.text
    try:
        amount = float(text or "")
    except ValueError:
        amount = MAX_NUMBER * 2
    if not -MAX_NUMBER <= amount <= MAX_NUMBER or "_" in (text or ""):
        if draft.number_of(value, text, "value") is None and not (text or "").strip():
            draft.problem(value, "the value is empty", "Give the amount, digits and a decimal point only")
        return
    written = value.get("currency")
    since = draft.date_of(start)
    payer = payer_activity = to_activity = ""
    if provider is not None:
        payer = draft.words(provider) or short(provider.get("ref"))
        payer_activity = short(provider.get("provider-activity-id"))
    if receiver is not None:
        to = draft.words(receiver) or short(receiver.get("ref"))
        to_activity = short(receiver.get("receiver-activity-id"))
    draft.money.append(
        _money(
            kind,
            amount,
            _currency(written) if written else draft.currency,
            since,
            since if end is start else draft.date_of(end),
            payer,
            to,
            payer_activity,
            to_activity,
        )
    )


def _transaction(draft: Draft, element: Element) -> None:
    kind = value = when = provider = receiver = None
    for child in element[:]:
        tag = child.tag
        if tag == "value":
            value = child
        elif tag == "transaction-type":
            kind = child
        elif tag == "transaction-date":
            when = child
        elif tag == "provider-org":
            provider = child
        elif tag == "receiver-org":
            receiver = child
        elif tag == "sector":
            sector(draft, child, "transaction")
        elif tag == "recipient-country":
            country(draft, child, "transaction")
        elif tag == "recipient-region":
            region(draft, child, "transaction")
    code = "" if kind is None else kind.get("code") or ""
    if code not in TRANSACTIONS:
        written = code.strip() or ("" if kind is None else short(kind.text))
        code = written if written in TRANSACTIONS else TRANSACTION_WORDS.get(written.lower(), "")
        if not code:
            draft.problem(
                element, f"transaction-type {written!r} is not a code of TransactionType", "Use one of 1 to 13"
            )
            return
        if not draft.old and code != written:
            draft.note(
                "code-of-version-1", f"transaction-type {written!r} is a code of IATI 1.0x: in 2.0x it is {code}"
            )
    money(draft, element, code, value, when, when, provider, receiver)


def in_period(draft: Draft, element: Element, kind: str) -> None:
    """An amount with a period: a budget, a planned disbursement ..."""
    value = start = end = provider = receiver = None
    for child in element[:]:
        tag = child.tag
        if tag == "period-start":
            start = child
        elif tag == "period-end":
            end = child
        elif tag == "value":
            value = child
        elif tag == "provider-org":
            provider = child
        elif tag == "receiver-org":
            receiver = child
    money(draft, element, kind, value, start, end, provider, receiver)


def _budget(draft: Draft, element: Element) -> None:
    in_period(draft, element, "budget")


def _planned_disbursement(draft: Draft, element: Element) -> None:
    in_period(draft, element, "planned-disbursement")


# --- relations and documents ----------------------------------------------------------------------------------------


def _related_activity(draft: Draft, element: Element) -> None:
    code, target = element.get("type") or "", one_line(element.get("ref") or "")
    if not target:
        draft.problem(element, "related-activity without a ref", "Give the identifier of the other activity")
        return
    relation = RELATIONS.get(code)
    if relation is None:
        code = code.strip()
        known = RELATION_WORDS.get(code.lower(), code)
        relation = RELATIONS.get(known, "other")
        if relation == "other" or (not draft.old and known != code):
            draft.note(
                "unknown-code",
                f"related-activity type {code!r} is not a code of RelatedActivityType: use one of 1 to 5",
            )
    draft.links.append(_link(relation, target))


def document_link(draft: Draft, element: Element) -> None:
    url = one_line(element.get("url") or "")
    title = category = language = ""
    for child in element[:]:
        tag = child.tag
        if tag == "title":
            title = draft.better(title, child) if title else draft.words(child)
        elif tag == "category":
            category = category or code_of(child)
        elif tag == "language":
            language = language or (code_of(child) or short(child.text)).lower()
    document(draft, element, Document(title, url, category, language))


def document(draft: Draft, element: Element, found: Document) -> None:
    """Add a document, or a problem where its address is none of the web."""
    if found.url.lower().startswith(("http://", "https://")):
        draft.documents.append(found)
    elif found.url:
        draft.problem(element, f"{element.tag} {found.url[:60]!r} is not a web address", "Use an http or https address")


# --- results --------------------------------------------------------------------------------------------------------


def _result(draft: Draft, element: Element) -> None:
    code = code_of(element, "type")
    kind = RESULTS.get(code) or RESULTS.get(RESULT_WORDS.get(code.lower(), ""), "other")
    title = ""
    indicators: list[Element] = []
    for child in element[:]:
        tag = child.tag
        if tag == "title":
            title = draft.better(title, child) if title else draft.words(child)
        elif tag == "indicator":
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
        tag = child.tag
        if tag == "title":
            title = draft.better(title, child) if title else draft.words(child)
        elif tag == "baseline":
            baseline = _value(child)
            comments += _comments(draft, child)
        elif tag == "period":
            periods.append(child)
    measure = code_of(element, "measure")
    unit = MEASURES.get(measure, measure)
    if not periods:
        draft.indicators.append(Indicator(result, title, kind, unit, baseline, comment="\n".join(comments)))
    for period in periods:
        targets: list[str] = []
        actuals: list[str] = []
        said = list(comments)
        start = end = None
        for child in period[:]:
            tag = child.tag
            if tag == "target":
                targets.append(_value(child))
                said += _comments(draft, child)
            elif tag == "actual":
                actuals.append(_value(child))
                said += _comments(draft, child)
            elif tag == "period-start":
                start = draft.date_of(child)
            elif tag == "period-end":
                end = draft.date_of(child)
        comment = "\n".join(dict.fromkeys(said)) if said else ""
        draft.indicators.append(
            _period_of(result, title, kind, unit, baseline, _joined(targets), _joined(actuals), start, end, comment)
        )


def _value(element: Element) -> str:
    """The value as written, with the groups it is broken down by: "12 (sex: female)"."""
    value = short(element.get("value"))
    if not value or not len(element):
        return value
    groups = [
        ": ".join(filter(None, (short(child.get("name")), short(child.get("value")))))
        for child in element[:]
        if child.tag == "dimension"
    ]
    return f"{value} ({', '.join(groups)})" if groups else value


def _joined(values: list[str]) -> str:
    return values[0] if len(values) == 1 else "; ".join(dict.fromkeys(value for value in values if value))


def _comments(draft: Draft, element: Element) -> list[str]:
    if not len(element):
        return []
    return [text for child in element[:] if child.tag == "comment" and (text := draft.words(child))]


DETAILS: dict[object, Handler] = {
    "transaction": _transaction,
    "budget": _budget,
    "planned-disbursement": _planned_disbursement,
    "related-activity": _related_activity,
    "document-link": document_link,
    "result": _result,
}
