"""Questions made from an index for `benchmarks/answers.py`: those it can answer, and those that it cannot."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.words import LANGUAGES
from knowledge.extracts.fields import load, texts_of
from knowledge.extracts.sentences import sentences
from knowledge.records import RecordKind
from knowledge.store import models as m
from knowledge.text import tokens
from knowledge.vocabulary import country_words, ordinary_words, themes

ASKED = {
    "who": {
        "en": "Who works on {theme} in {place}?",
        "fr": "Qui travaille sur {theme} à {place} ?",
        "es": "¿Quién trabaja en {theme} en {place}?",
        "ar": "من يعمل في مجال {theme} في {place}؟",
        "pt": "Quem trabalha em {theme} em {place}?",
    },
    "doing": {
        "en": "What is {organisation} doing in {place}?",
        "fr": "Que fait {organisation} à {place} ?",
        "es": "¿Qué hace {organisation} en {place}?",
        "ar": "ماذا تفعل {organisation} في {place}؟",
        "pt": "O que faz {organisation} em {place}?",
    },
    "mandate": {
        "en": "Who has the mandate for {theme}?",
        "fr": "Qui a le mandat pour {theme} ?",
        "es": "¿Quién tiene el mandato de {theme}?",
        "ar": "من لديه الولاية على {theme}؟",
        "pt": "Quem tem o mandato de {theme}?",
    },
    "mandate_of": {
        "en": "What is the mandate of {organisation}?",
        "fr": "Quel est le mandat de {organisation} ?",
        "es": "¿Cuál es el mandato de {organisation}?",
        "ar": "ما هي ولاية {organisation}؟",
        "pt": "Qual é o mandato de {organisation}?",
    },
    "results": {
        "en": "What results were reported on {theme} in {place}?",
        "fr": "Quels résultats sur {theme} à {place} ?",
        "es": "¿Qué resultados hay de {theme} en {place}?",
        "ar": "ما نتائج {theme} في {place}؟",
        "pt": "Que resultados há de {theme} em {place}?",
    },
    "contact": {
        "en": "How can I contact {organisation}?",
        "fr": "Comment contacter {organisation} ?",
        "es": "¿Cómo puedo contactar con {organisation}?",
        "ar": "كيف أتواصل مع {organisation}؟",
        "pt": "Como posso contactar {organisation}?",
    },
    "describe": {
        "en": "Describe {record}", "fr": "Décris {record}", "es": "Describe {record}", "ar": "صف {record}",
        "pt": "Descreve {record}",
    },
    "open": {
        "en": "What do the records say about {words}?",
        "fr": "Que disent les fiches sur {words} ?",
        "es": "¿Qué dicen los registros sobre {words}?",
        "ar": "ماذا تقول السجلات عن {words}؟",
        "pt": "O que dizem os registos sobre {words}?",
    },
}  # fmt: skip
"""Kind of question -> language -> how it is asked."""

NOT_HELD = {
    "en": ("What is the shoe size of the director of {organisation}?", "Which lawyer drew up {organisation}'s lease?",
           "What colour is the letterhead of {organisation}?", "Which football club does {organisation} sponsor?"),
    "fr": ("Quelle est la marque des imprimantes de {organisation} ?", "Quel âge a le chauffeur de {organisation} ?"),
    "es": ("¿De qué color es el membrete de {organisation}?", "¿Qué marca de impresoras usa {organisation}?"),
    "ar": ("ما لون شعار {organisation}؟", "ما ماركة طابعات {organisation}؟"),
    "pt": ("De que cor é o papel timbrado de {organisation}?", "Que marca de impressoras usa {organisation}?"),
}  # fmt: skip
"""Attributes that no record of this field holds."""
TOPICS = (
    "submarine telescopes", "opera costume design", "falconry licences", "Formula One tyres", "chess grandmasters",
    "volcano surfing", "perfume blending", "cryptocurrency mining rigs", "ice hockey rinks", "lighthouse painting",
    "moustache competitions", "vinyl record pressing", "synchronised skating", "haute couture runways",
    "championship bagpipes", "unicycle polo",
)  # fmt: skip
SYLLABLES = ("zor", "blax", "quin", "vek", "mur", "tash", "olf", "wend", "ixt", "prou", "gla", "dorv")
BODIES = ("Foundation", "Relief", "Institute", "Alliance", "Fondation", "Fundación", "Trust")


@dataclass(frozen=True)
class Asked:
    """One question and the kind of answer it gets."""

    kind: str
    language: str
    text: str


@dataclass(frozen=True)
class Cell:
    """What stands together in one record."""

    theme: str
    place: str
    organisation: str
    record: str
    pk: int


def cells(session: Session, rng: random.Random, number: int) -> list[Cell]:
    """Records of work with a theme, a place and an organisation that does it, drawn at random."""
    rows = session.execute(
        select(
            m.RecordThemeRow.theme,
            m.PlaceRow.name,
            m.PlaceRow.country,
            m.PlaceRow.level,
            m.OrganisationRow.name.label("organisation"),
            m.RecordRow.id,
            m.RecordRow.pk,
        )
        .select_from(m.RecordRow)
        .join(m.RecordThemeRow, m.RecordThemeRow.record_pk == m.RecordRow.pk)
        .join(m.RecordPlaceRow, m.RecordPlaceRow.record_pk == m.RecordRow.pk)
        .join(m.PlaceMentionRow, m.PlaceMentionRow.id == m.RecordPlaceRow.mention_id)
        .join(m.PlaceRow, m.PlaceRow.id == m.PlaceMentionRow.place_id)
        .join(m.RecordOrganisationRow, m.RecordOrganisationRow.record_pk == m.RecordRow.pk)
        .join(m.OrganisationMentionRow, m.OrganisationMentionRow.id == m.RecordOrganisationRow.mention_id)
        .join(m.OrganisationRow, m.OrganisationRow.id == m.OrganisationMentionRow.organisation_id)
        .where(m.RecordRow.level == "public", m.RecordRow.retired_at.is_(None), m.RecordThemeRow.theme != "",
               m.PlaceRow.level >= 0)
        .order_by(func.abs(m.RecordRow.pk * 2654435761 % 1000003 + m.RecordThemeRow.ordinal))
        .limit(40 * number)
    ).all()  # fmt: skip
    found = [Cell(r.theme, r.name, r.organisation, r.id, r.pk) for r in rows]
    rng.shuffle(found)
    return found


def made(session: Session, rng: random.Random, number: int) -> list[Asked]:
    """Answerable questions of every kind in every language, in turn."""
    drawn = cells(session, rng, number)
    speaking = list(
        session.scalars(
            select(m.OrganisationRow.name)
            .join(m.OrganisationMentionRow, m.OrganisationMentionRow.organisation_id == m.OrganisationRow.id)
            .join(m.RecordOrganisationRow, m.RecordOrganisationRow.mention_id == m.OrganisationMentionRow.id)
            .join(m.RecordRow, m.RecordRow.pk == m.RecordOrganisationRow.record_pk)
            .where(m.RecordRow.kind == RecordKind.MANDATE.value, m.RecordRow.level == "public")
            .order_by(m.RecordRow.pk)
            .distinct()
        )
    )
    found: list[Asked] = []
    for i in range(number):
        cell = drawn[i % len(drawn)]
        kind = list(ASKED)[i % len(ASKED)]
        language = LANGUAGES[(i // len(ASKED)) % len(LANGUAGES)]
        values = {
            "theme": themes()[cell.theme].labels[language].lower(),
            "place": cell.place,
            "organisation": rng.choice(speaking)
            if kind in ("mandate_of", "contact") and speaking
            else cell.organisation,
            "record": cell.record,
            "words": words_of(session, cell.pk, rng) if kind == "open" else "",
        }
        found.append(Asked(kind, language, ASKED[kind][language].format(**values)))
    return found


def words_of(session: Session, pk: int, rng: random.Random) -> str:
    """Three rare words of one sentence of a record, in their order; of its title where it has no other text."""
    body = load(session, [pk])[pk]
    told = [s.text for field in texts_of(body) if field.name != "title" for s in sentences(field.text)]
    told = [text for text in told if len(text.split()) >= 8] or [body.title]
    words = [t.text for t in tokens(rng.choice(told)) if len(t.form) > 4 and t.form not in ordinary_words()]
    kept = sorted(rng.sample(range(len(words)), min(3, len(words))))
    return " ".join(words[i] for i in kept) or body.title


def impossible(session: Session, rng: random.Random, number: int) -> list[Asked]:
    """Questions that no record answers: a quarter each of invented organisations, places without records, topics that
    no record has, and attributes that records do not hold."""
    drawn = cells(session, rng, number)
    covered = set(
        session.scalars(
            select(m.PlaceRow.country)
            .join(m.PlaceMentionRow, m.PlaceMentionRow.place_id == m.PlaceRow.id)
            .join(m.RecordPlaceRow, m.RecordPlaceRow.mention_id == m.PlaceMentionRow.id)
            .distinct()
        )
    )
    empty = [found.names[0] for code, found in sorted(country_words().items()) if code not in covered]
    rng.shuffle(empty)
    of_organisations = ("doing", "mandate_of", "contact")
    found: list[Asked] = []
    for i in range(number):
        cell, language = drawn[i % len(drawn)], LANGUAGES[i % len(LANGUAGES)]
        match i % 4:
            case 0:
                name = "".join(rng.sample(SYLLABLES, 2)).capitalize() + f" {rng.choice(BODIES)}"
                kind = of_organisations[(i // 4) % 3]
                found.append(Asked(kind, language, ASKED[kind][language].format(organisation=name, place=cell.place)))
            case 1:
                kind = ("who", "results")[(i // 4) % 2]
                place = empty[(i // 4) % len(empty)]
                label = themes()[cell.theme].labels["en"].lower()
                found.append(Asked(kind, "en", ASKED[kind]["en"].format(theme=label, place=place)))
            case 2:
                kind = ("open", "mandate", "results")[(i // 4) % 3]
                topic = TOPICS[(i // 4) % len(TOPICS)]
                found.append(Asked(kind, "en", ASKED[kind]["en"].format(theme=topic, place=cell.place, words=topic)))
            case _:
                text = rng.choice(NOT_HELD[language]).format(organisation=cell.organisation)
                found.append(Asked("open", language, text))
    return found


def mixed(session: Session, rng: random.Random, number: int) -> list[Asked]:
    """Words that records say, but no record together: one rare word from each of three records of different places."""
    drawn = cells(session, rng, number)
    found: list[Asked] = []
    for i in range(number):
        words = [word for cell in rng.sample(drawn, 3) for word in words_of(session, cell.pk, rng).split()[:1]]
        language = LANGUAGES[i % len(LANGUAGES)]
        found.append(Asked("open", language, ASKED["open"][language].format(words=" ".join(words))))
    return found
