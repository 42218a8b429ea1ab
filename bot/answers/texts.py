"""Records found by what their text says, where codes and vocabularies do not answer the question."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

from sqlalchemy.orm import Session

from knowledge.access import Audience
from knowledge.finding import Facets, count
from knowledge.home import Home
from knowledge.reply import Query
from knowledge.search import NEAR, mentioning, search
from knowledge.vocabulary import theme

_NEAREST = 50


class Manner(StrEnum):
    """How the text of records decided an answer."""

    NOT = "not"
    """Codes alone did."""
    WORDS = "words"
    """The records say the words of the question."""
    NEAR = "near"
    """No record says them; these are nearest in meaning."""
    THEME = "theme"
    """No record is coded for the theme; these name it."""
    LEFT_OUT = "left_out"
    """Words that name nothing known stood beside a theme; they narrowed nothing."""


@dataclass(frozen=True, slots=True)
class Texts:
    """`pks`: the only records that count, where `manner` says that text decided.

    `besides`: how many records name the theme in their text without being coded for it.
    """

    manner: Manner = Manner.NOT
    pks: tuple[int, ...] | None = None
    besides: int = 0


def found(home: Home, session: Session, query: Query, audience: Audience) -> Texts:
    """What the text of records has to say to `query`."""
    places = tuple(place.id for place in query.places)
    organisations = tuple(organisation.id for organisation in query.organisations)
    if query.themes:
        return _coded(session, query, Facets(places=places, organisations=organisations), audience)
    if not query.words:
        return Texts()
    facets = Facets(places=places, organisations=organisations)
    said = mentioning(session, [query.words], facets, audience)
    # A name that no record says is a name not known: its neighbours in meaning are about something else.
    if said or query.words != query.words.casefold():
        return Texts(Manner.WORDS, said)
    nearest = search(home, session, query.words, facets, audience, limit=_NEAREST)
    return Texts(Manner.NEAR, tuple(item.hit.pk for item in nearest if item.near >= NEAR))


def _coded(session: Session, query: Query, facets: Facets, audience: Audience) -> Texts:
    manner = Manner.LEFT_OUT if query.words else Manner.NOT
    asked = [theme(reading.id) for reading in query.themes]
    wider = tuple(parent for item in asked for parent in item.parents)
    if not wider:
        return Texts(manner)
    words = [*(item.labels.values() for item in asked), *chain(*(item.words.values() for item in asked))]
    around = Facets(facets.places, wider, facets.organisations)
    named = mentioning(session, sorted(set(chain(*words))), around, audience)
    if not named:
        return Texts(manner)
    coded = Facets(facets.places, tuple(item.id for item in asked), facets.organisations)
    if not count(session, coded, audience):
        return Texts(Manner.THEME, named)
    both = count(session, Facets(coded.places, coded.themes, coded.organisations, pks=named), audience)
    return Texts(manner, besides=len(named) - both)
