"""Duplicates made on purpose: a record as somebody else might report it again. For training and measuring only.

No two real records of the labelled pairs are plain duplicates but one, so what a duplicate looks like is learned from
records that are reported again under another publisher: with a shorter or translated title, fields left out, dates
shifted, themes in another vocabulary or texts in another language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from knowledge.countries import country_names
from knowledge.overlap import words
from knowledge.records import (
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    Role,
    Text,
    ThemeMention,
)
from knowledge.text import stem
from knowledge.vocabulary import DAC_3_DIGIT, DAC_5_DIGIT, sector_name, theme_label, themes_of_sector

PUBLISHERS = ("Aid Ledger Observatory", "Open Flows Institute", "Registre des Projets", "Portal de Ayuda Abierta")
"""Invented: they take part in nothing."""
_LANGUAGES = ("fr", "es", "pt")


def rereported(record: Record, number: int) -> Record:
    """The record as another publisher reports it again. `number` decides how; the same number gives the same."""
    random = Random(number)
    language = random.choice(_LANGUAGES) if random.random() < 0.4 else ""
    publisher = random.choice(PUBLISHERS)
    texts = tuple(_texts(record, random, language))
    return replace(
        record,
        id=f"XZ-AGAIN-{number}",
        title=_title(record, random, language),
        language=language or record.language,
        texts=texts,
        organisations=tuple(_organisations(record, random, publisher)),
        places=tuple(_places(record, random)),
        themes=tuple(_themes(record, random)),
        period=_period(record.period, random),
        money=record.money if random.random() < 0.85 else (),
        links=(),
        indicators=(),
        documents=(),
        secondary_reporter=random.random() < 0.5,
        extra=tuple(item for item in record.extra if item[0] != "other-identifier"),
    )


def _title(record: Record, random: Random, language: str) -> str:
    if language:
        return _told_in(record, language) or record.title
    if random.random() < 0.5:
        kept = record.title.split()
        return " ".join(kept[: max(3, int(len(kept) * random.uniform(0.5, 0.9)))])
    return record.title


def _told_in(record: Record, language: str) -> str:
    """What the record is about, in the words of the tables of another language."""
    text = " ".join([record.title, *(text.text for text in record.texts)])[:1_500]
    told = words.told([stem(word) for word in words.words_of(text)])
    named = [words.word_label(ident, language) for ident in sorted(told.services)[:4]]
    whom = [words.word_label(ident, language) for ident in sorted(told.groups)[:3]]
    about = [theme_label(ident, language) for ident in sorted(told.themes)[:3]]
    where = [country_names()[p.country][0] for p in record.places[:1] if p.country in country_names()]
    return ", ".join([*named, *about, *whom, *where])


def _texts(record: Record, random: Random, language: str) -> Iterable[Text]:
    if language:
        names = [sector_name(theme.code, language) for theme in record.themes if theme.vocabulary == DAC_5_DIGIT]
        told = ". ".join([_told_in(record, language), *filter(None, names)])
        return [Text("general", told, language)] if told else []
    kept = [text for text in record.texts if text.purpose != "title"]
    chance = random.random()
    if chance < 0.25:
        return []
    if chance < 0.6:
        return [replace(text, text=text.text[: max(120, len(text.text) // 2)]) for text in kept[:1]]
    return kept


def _organisations(record: Record, random: Random, publisher: str) -> Iterable[OrganisationMention]:
    yield OrganisationMention(Role.REPORTING, publisher, ref=f"XZ-REG-{publisher[:4].upper()}")
    others = [o for o in record.organisations if o.role is not Role.REPORTING]
    reporter = next((o for o in record.organisations if o.role is Role.REPORTING), None)
    dropped = random.randrange(len(others)) if len(others) > 2 and random.random() < 0.4 else -1
    for at, other in enumerate(others):
        if at != dropped:
            yield replace(other, activity_id="")
    if reporter is not None and (not others or random.random() < 0.5):
        yield replace(reporter, role=Role.ACCOUNTABLE)


def _places(record: Record, random: Random) -> Iterable[PlaceMention]:
    coarse = random.random() < 0.4
    return [place for place in record.places if not coarse or place.scope == "activity"] or record.places


def _themes(record: Record, random: Random) -> Iterable[ThemeMention]:
    chance = random.random()
    stated = [theme for theme in record.themes if theme.vocabulary == DAC_5_DIGIT]
    if chance < 0.3 and stated:
        return dict.fromkeys(
            ThemeMention(DAC_3_DIGIT, theme.code[:3], "", theme.percentage, theme.scope) for theme in stated
        )
    if chance < 0.5 and stated:
        return dict.fromkeys(
            ThemeMention("cluster", "", theme_label(ident, "en"))
            for theme in stated
            for ident in themes_of_sector(theme.vocabulary, theme.code, theme.name)
        )
    return record.themes


def _period(period: Period, random: Random) -> Period:
    days = timedelta(days=random.randint(-20, 20))
    later = timedelta(days=random.randint(0, 40))

    def shifted(day: date | None, by: timedelta) -> date | None:
        return day + by if day else None

    return Period(
        shifted(period.planned_start, days),
        None if random.random() < 0.3 else shifted(period.actual_start, days),
        shifted(period.planned_end, days + later),
        None if random.random() < 0.3 else shifted(period.actual_end, days + later),
    )
