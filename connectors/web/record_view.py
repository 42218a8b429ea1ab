"""A record as its source states it, laid out for reading: what, who, where, when, money, results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final
from urllib.parse import quote

from babel import Locale
from babel.dates import format_timedelta
from babel.numbers import format_currency

from connectors.web.views import FieldView, RecordView, SectionView, ValueView
from connectors.web.words import day, known, number, words
from knowledge.quality import shown_notes
from knowledge.records import (
    UNDER_WAY,
    Contact,
    Figure,
    Money,
    OrganisationMention,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Source,
    ThemeMention,
)
from knowledge.statements import Statement, differences

OPEN_STATUSES: Final = frozenset(
    {"1", "2", "3", "pipeline", "planned", "implementation", "finalisation", "ongoing", "on-going", "active"}
)
"""IATI ActivityStatus codes, and the words of 3W tables in lower case, that promise work to come or going on."""

VOCABULARIES: Final = {
    "1": "OECD DAC",
    "2": "OECD DAC",
    "7": "SDG",
    "8": "SDG target",
    "sdg": "SDG",
    "10": "IASC cluster",
}
"""Short names of the sector vocabularies most used. Others are shown by their code."""

ThemeName = Callable[[ThemeMention], str]


class _Page:
    """Words, dates and provenance of one record in one language."""

    def __init__(self, record: Record, language: str) -> None:
        self.language = known(language)
        self.words = words(language)
        self._record = record

    def where(self, *elements: str) -> str:
        """Elements inside the record, by their IATI names; a table row is one element, so its fields need no more."""
        return " · ".join(dict.fromkeys(elements)) if self._record.kind is RecordKind.ACTIVITY else ""

    def dates(self, start: date | None, end: date | None) -> str:
        return " – ".join(day(value, self.language) for value in (start, end) if value)

    def amount(self, money: Money) -> str:
        try:
            return str(
                format_currency(
                    money.amount,
                    money.currency or "XXX",
                    locale=self.language,
                    format="#,##0.##\u00a0¤¤",
                    currency_digits=False,
                )
            )
        except (ValueError, LookupError):
            return f"{money.amount:,.2f} {money.currency}"

    def country(self, code: str) -> str:
        return str(Locale.parse(self.language).territories.get(code, code))


def record_view(
    record: Record,
    source: Source,
    today: date,
    language: str,
    theme_name: ThemeName | None = None,
    stated: Sequence[Statement] = (),
) -> RecordView:
    """`theme_name` gives the name of a sector code that its source wrote without one ("" where it knows none).

    `stated` is what all sources say under the identifier, the shown statement first.
    """
    page = _Page(record, language)
    timing, tone = _timing(record, today, page)
    sections = (
        SectionView(page.words["section_what"], tuple(_what(record, page, theme_name))),
        SectionView(page.words["section_who"], tuple(_who(record, page))),
        SectionView(page.words["section_where"], tuple(_where(record, page))),
        SectionView(page.words["section_when"], tuple(_when(record, page))),
        SectionView(page.words["section_money"], tuple(_money(record, page))),
        SectionView(page.words["section_results"], tuple(_results(record, page))),
        SectionView(page.words["section_figures"], tuple(_figures(record.figures, page))),
        SectionView(page.words["section_contacts"], tuple(_contacts(record.contacts, page))),
        SectionView(page.words["section_sources"], tuple(_other_sources(stated, page))),
        SectionView(page.words["section_more"], tuple(_more(record, page))),
    )
    notes = [note.text for note in shown_notes(record, today)]
    if record.secondary_reporter:
        notes.insert(0, page.words["secondary"])
    return RecordView(
        id=record.id,
        kind=record.kind.value,
        title=record.title,
        language=record.language,
        publisher=source.publisher or _reporter(record),
        source_title=source.title,
        file=source.name,
        element=record.locator.element,
        line=record.locator.line,
        audience=source.access.level.value,
        licence=source.licence,
        reported_on=record.reported_on,
        as_of=source.as_of,
        status=page.words.get(f"status_{record.status}", record.status),
        timing=timing,
        timing_tone="warning" if tone else "info",
        notes=tuple(notes),
        sections=sections,
    )


def _reporter(record: Record) -> str:
    return next((_name(item) for item in record.organisations if item.role is Role.REPORTING), "")


def _timing(record: Record, today: date, page: _Page) -> tuple[str, bool]:
    """How the reported dates stand to `today`, and whether that contradicts the reported status."""
    period, said = record.period, page.words
    if record.kind not in UNDER_WAY:
        return "", False

    def ago(moment: date) -> str:
        return format_timedelta(
            moment - today, granularity="day", threshold=2, add_direction=True, locale=page.language
        )

    if period.start is None and period.end is None:
        return said["no_dates"], True
    if period.start and period.start > today:
        return f"{said['starts']} {ago(period.start)}", False
    if period.end is None:
        return said["no_end"], True
    if period.end >= today:
        return "", False
    if period.actual_end is None and record.status.strip().lower() in OPEN_STATUSES:
        return f"{said['end_passed']} {ago(period.end)}", True
    return f"{said['ended']} {ago(period.end)}", False


def _what(record: Record, page: _Page, theme_name: ThemeName | None) -> Iterable[FieldView]:
    for purpose in dict.fromkeys(text.purpose for text in record.texts):
        found = [text for text in record.texts if text.purpose == purpose]
        values = tuple(ValueView(text.text, detail=text.heading, lang=text.language) for text in found)
        label = page.words.get(f"text_{purpose}", purpose)
        yield FieldView(label, values, page.where("description"))
    if record.themes:
        themes = tuple(_theme(item, theme_name) for item in record.themes)
        scopes = ("transaction/sector" if item.scope == "transaction" else "sector" for item in record.themes)
        yield FieldView(page.words["themes"], tuple(dict.fromkeys(themes)), page.where(*scopes))


def _theme(item: ThemeMention, theme_name: ThemeName | None) -> ValueView:
    name = item.name or (theme_name(item) if theme_name else "") or item.code
    vocabulary = VOCABULARIES.get(item.vocabulary, f"{item.vocabulary}:")
    code = f"{vocabulary} {item.code}" if item.code and item.code != name else ""
    return ValueView(name, _joined(code, _percent(item.percentage)))


def _name(item: OrganisationMention) -> str:
    return item.name or item.acronym or item.ref


def _who(record: Record, page: _Page) -> Iterable[FieldView]:
    for role in Role:
        found = [item for item in record.organisations if item.role is role and _name(item)]
        values = (
            ValueView(_name(item), _joined(*(part for part in (item.acronym, item.ref) if part != _name(item))))
            for item in found
        )
        if found:
            element = "reporting-org" if role is Role.REPORTING else "participating-org"
            yield FieldView(page.words[f"role_{role.value}"], tuple(dict.fromkeys(values)), page.where(element))


def _where(record: Record, page: _Page) -> Iterable[FieldView]:
    if record.places:
        values = tuple(dict.fromkeys(_place(item, page) for item in record.places))
        names = {"transaction": "transaction/recipient-country", "location": "location"}
        scopes = (names.get(item.scope, "recipient-country") for item in record.places)
        yield FieldView(page.words["places"], values, page.where(*scopes))


def _place(item: PlaceMention, page: _Page) -> ValueView:
    country = page.country(item.country) if item.country else item.region
    names = [item.site, *reversed(item.names), country]
    position = (
        f"{item.latitude:.4f}, {item.longitude:.4f}" if item.latitude is not None and item.longitude is not None else ""
    )
    text = ", ".join(name for name in names if name)
    return ValueView(text or item.pcode or position, _joined(item.pcode, position, _percent(item.percentage)))


def _when(record: Record, page: _Page) -> Iterable[FieldView]:
    for name in ("planned_start", "actual_start", "planned_end", "actual_end"):
        value: date | None = getattr(record.period, name)
        if value:
            yield FieldView(page.words[name], (ValueView(day(value, page.language)),), page.where("activity-date"))


def _money(record: Record, page: _Page) -> Iterable[FieldView]:
    for kind in dict.fromkeys(item.kind for item in record.money):
        found = [item for item in record.money if item.kind == kind]
        values = tuple(
            ValueView(
                page.amount(item),
                _joined(page.dates(item.start, item.end), " → ".join(filter(None, (item.provider, item.receiver)))),
            )
            for item in found
        )
        label = (
            page.words.get(kind) or page.words.get(f"money_{kind}") or page.words["money_other"].replace("{n}", kind)
        )
        yield FieldView(
            label, values, page.where(kind if kind in ("budget", "planned-disbursement") else "transaction")
        )


def _results(record: Record, page: _Page) -> Iterable[FieldView]:
    for result in dict.fromkeys(item.result for item in record.indicators):
        values = []
        for item in (item for item in record.indicators if item.result == result):
            numbers = ((page.words[name], getattr(item, name)) for name in ("baseline", "target", "actual"))
            told = [f"{label} {value}" for label, value in numbers if value]
            detail = _joined(*told, item.unit, page.dates(item.start, item.end), item.comment)
            values.append(ValueView(item.title or result, detail))
        yield FieldView(result, tuple(values), page.where("result/indicator"))


def _figures(figures: Sequence[Figure], page: _Page) -> Iterable[FieldView]:
    for name in dict.fromkeys(figure.name for figure in figures):
        values = tuple(
            ValueView(_amount(figure.value, page), _joined(figure.group, figure.unit))
            for figure in figures
            if figure.name == name
        )
        yield FieldView(page.words.get(f"figure_{name}", name), values)


def _amount(value: float, page: _Page) -> str:
    return number(int(value), page.language) if value == int(value) else f"{value:g}"


def _contacts(contacts: Sequence[Contact], page: _Page) -> Iterable[FieldView]:
    for name in ("website", "mailbox"):
        found = [(getattr(contact, name), contact.organisation) for contact in contacts if getattr(contact, name)]
        values = (ValueView(text, who, text if name == "website" else "") for text, who in found)
        if found:
            yield FieldView(page.words[name], tuple(dict.fromkeys(values)), page.where("contact-info"))


def _other_sources(stated: Sequence[Statement], page: _Page) -> Iterable[FieldView]:
    """Which other files state the record, and each field on which they differ from the one that is shown."""
    others = tuple(
        ValueView(
            statement.source.title or statement.source.name,
            _joined(
                statement.source.name,
                statement.record.locator.element,
                page.dates(statement.record.reported_on or statement.source.as_of, None),
                page.words["withdrawn"].replace("{n}", day(statement.withdrawn_on, page.language))
                if statement.withdrawn_on
                else "",
            ),
        )
        for statement in stated[1:]
    )
    if others:
        yield FieldView(page.words["also_stated"], others)
    for difference in differences(stated):
        values = tuple(ValueView(value, ", ".join(files)) for value, files in difference.values)
        yield FieldView(page.words["differ"].replace("{n}", page.words[f"field_{difference.field}"]), values)


def _more(record: Record, page: _Page) -> Iterable[FieldView]:
    for kind in dict.fromkeys(link.kind for link in record.links):
        targets = tuple(
            ValueView(link.target, href=f"/records/{quote(link.target)}") for link in record.links if link.kind == kind
        )
        label = page.words.get(f"link_{kind}", kind)
        yield FieldView(label, targets, page.where("related-activity"))
    if record.documents:
        documents = tuple(
            ValueView(item.title or item.url, item.category, item.url, item.language) for item in record.documents
        )
        yield FieldView(page.words["documents"], documents, page.where("document-link"))
    for name in dict.fromkeys(name for name, _ in record.extra):
        found = tuple(ValueView(value) for key, value in record.extra if key == name and value)
        if found:
            yield FieldView(name, found, "")


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:g}\u00a0%"


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
