"""Budgets and transactions, consistent with the chain they stand in."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import TYPE_CHECKING

from knowledge.corpus.model import REFERENCE_DATE, Activity, Flow

if TYPE_CHECKING:
    from knowledge.corpus.activities import Corpus

CURRENCY = {
    "VMIC": "DKK",
    "AADA": "GBP",
    "ACVA": "EUR",
    "ACMC": "EUR",
    "HPS": "EUR",
    "MFI": "EUR",
    "PCI": "EUR",
    "TMAT": "GBP",
    "VRC": "DKK",
    "CMV": "COP",
    "CASAF": "COP",
    "LUCER": "COP",
    "COJOK": "XOF",
    "TPWI": "KES",
    "GADAF": "KES",
    "NSG": "EUR",
}
RATE = {"USD": 1.0, "EUR": 0.9, "GBP": 0.8, "DKK": 6.8, "COP": 4000.0, "XOF": 600.0, "KES": 129.0}
"""Round invented rates to one US dollar, so that both ends of a chain agree."""


def local(amount: int, currency: str) -> int:
    """`amount` US dollars in `currency`, to the nearest hundred."""
    return round(amount * RATE[currency] / 100) * 100


def years(activity: Activity) -> list[tuple[date, date, int]]:
    """The budget by calendar year: start, end, whole units of the activity's currency; they add up to the amount."""
    total = local(activity.amount, activity.currency)
    spans = [
        (max(activity.start, date(year, 1, 1)), min(activity.end, date(year, 12, 31)))
        for year in range(activity.start.year, activity.end.year + 1)
    ]
    days = sum((end - start).days + 1 for start, end in spans)
    parts = [(start, end, int(total * ((end - start).days + 1) / days / 100) * 100) for start, end in spans]
    start, end, last = parts[-1]
    parts[-1] = (start, end, last + total - sum(part[2] for part in parts))
    return parts


def fill_flows(activity: Activity) -> None:
    """Incoming commitment and funds, and expenditure up to the reference date."""
    total = local(activity.amount, activity.currency)
    rng = Random(f"money/{activity.key}")
    payer = next((one for one in activity.participants if one.role == "1"), None)
    if activity.start > REFERENCE_DATE:
        return
    if payer is not None:
        activity.flows.append(Flow("11", activity.start, total, provider=payer))
        activity.flows.append(
            Flow("1", activity.start + timedelta(days=rng.randrange(5, 60)), round(total * 0.6), provider=payer)
        )
    until = min(activity.end, REFERENCE_DATE - timedelta(days=60))
    length = (activity.end - activity.start).days
    for part in (0.3, 0.6, 0.9):
        on = activity.start + timedelta(days=round(length * part))
        if on <= until:
            activity.flows.append(Flow("4", on, round(total * 0.3 * rng.uniform(0.7, 1.1) / 100) * 100))


def grant_flows(corpus: Corpus, upstream: Activity, work: Activity, *, declared: bool) -> None:
    """A funder's commitment and disbursements to the implementer; the receiving record's identifier if declared."""
    key = work.publisher.key
    identifier = work.identifier if declared else ""
    upstream.participants.append(corpus.participant(upstream, upstream.publisher.key, "1"))
    receiver = corpus.participant(upstream, key, "4", identifier, nameless_ref=not declared)
    upstream.participants.append(receiver)
    total = local(upstream.amount, upstream.currency)
    if upstream.start > REFERENCE_DATE:
        return
    upstream.flows.append(Flow("2", upstream.start, total, receiver=receiver))
    for number, part in enumerate((0.5, 0.3)):
        on = upstream.start + timedelta(days=30 + 330 * number)
        if on <= REFERENCE_DATE:
            upstream.flows.append(Flow("3", on, round(total * part), receiver=receiver))
