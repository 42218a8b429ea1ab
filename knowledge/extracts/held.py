"""What a record holds, as words and figures: what a sentence that cites it may say."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date

from knowledge.extracts import results
from knowledge.extracts.fields import as_text
from knowledge.finding import Hit
from knowledge.quality import shown_notes
from knowledge.records import Record, Role
from knowledge.text import tokens
from knowledge.vocabulary import country_names, theme

FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f'\u066b\u066c]\d+)*")
_EASTERN = str.maketrans("\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669", "0123456789")


def figures_in(text: str) -> set[str]:
    """The figures of a text, in whatever digits, without the marks that group them."""
    return {plain_figure(figure) for figure in FIGURE.findall(text.translate(_EASTERN))}


def work_of(title: str) -> str:
    """What a title says is done: that of a presence row says who does it and where as well."""
    return title.partition(": ")[2].rpartition(" in ")[0] or title


def of_record(hit: Hit, body: Record, today: date) -> frozenset[str]:
    values = list(_values(body))
    names = [hit.publisher, hit.source, hit.source_title, hit.title, *hit.sector_names]
    for part in hit.organisations:
        names += [part.name, part.written, part.acronym]
    for place in hit.places:
        names += [place.name, place.site]
        names += country_names(place.path.split("|")[0].split("/")[0])
    names += [label for found in hit.themes for label in theme(found).labels.values()]
    # Notes that pass with time stand in no field.
    names += [note.text for note in shown_notes(body, today)]
    words = words_of(" ".join([*values, *names]))
    days = [hit.start, hit.end, hit.reported_on, hit.as_of]
    days += [
        date.fromisoformat(value) for value in values if re.fullmatch(r"\d{4}-\d\d-\d\d", value) and _is_day(value)
    ]
    stands = hit.standing(today)
    derived = {str(stands.months), str(stands.months // 12)}
    for indicator in body.indicators:
        percent = results.compare(indicator)[1]
        derived |= {str(percent)} if percent is not None else set()
    # "+7 more" in the row of a field: what is left after those that are shown.
    by_role = [{part.written for part in hit.organisations if part.role is role} for role in Role]
    shown = [(len(names), 5) for names in by_role]
    shown += [(len({(place.name, place.site) for place in hit.places}), 8), (len(hit.sector_names or hit.themes), 6)]
    derived |= {str(number - most) for number, most in shown if number > most}
    counts = (body.indicators, body.money, body.documents, body.links)
    derived |= {str(len(items)) for items in counts}
    figures = {figure for value in values for figure in figures_in(value)}
    return frozenset(words | figures_of(days) | derived | figures)


def _values(value: object) -> Iterator[str]:
    """Every value of a record as text."""
    if isinstance(value, tuple | list):
        for item in value:
            yield from _values(item)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from _values(getattr(value, name))
    elif value is not None and value != "" and not isinstance(value, bool):
        yield as_text(value)


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def plain_figure(figure: str) -> str:
    """A figure without the marks that group its digits, and without a decimal part of nothing."""
    plain = re.sub(r"[\u00a0\u202f'\u066c]", "", figure).lstrip("0") or "0"
    plain = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", plain)
    return plain.replace(",", ".").replace("\u066b", ".").removesuffix(".0").removesuffix(".00")


def figures_of(days: Iterable[date | None]) -> set[str]:
    """The figures in which dates may be said."""
    return {str(part) for day in days if day for part in (day.day, day.month, day.year)}


def words_of(text: str) -> frozenset[str]:
    """The folded words of a text, and its figures."""
    words = {form for token in tokens(text) for form in token.forms}
    return frozenset(words | figures_in(text))
