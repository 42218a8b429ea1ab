"""A record as the overlap engine sees it: what it says about who, where, what, when and how much, made comparable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from knowledge.countries import country_names
from knowledge.overlap import words
from knowledge.overlap.parties import Keys, keys
from knowledge.overlap.resolver import Resolver
from knowledge.records import OrganisationMention, PlaceMention, Record, RecordKind, Role, ThemeMention
from knowledge.vocabulary import DAC_3_DIGIT, DAC_5_DIGIT, themes_of_sector

INITIATIVES = (RecordKind.ACTIVITY, RecordKind.PROJECT, RecordKind.GRANT)
"""Kinds of records that are compared."""

_PURPOSES = ("general", "objectives", "target_groups", "title")
_MOST_TEXT, _MOST_TEXTS = 2_000, 4_000
"""Characters of a narrative, and of all, that are read: purpose stands at the beginning."""
_MOST_SENTENCES = 24
_TOTALS = {"budget", "total-budget", "awarded", "contract", "requested", "commitment", "pledge", "2", "1", "11"}
_SMALLEST_AMOUNT = 1_000
_OTHER_ID = "other-identifier"
_IDS = (_OTHER_ID, "linked-data-uri")
_BETWEEN_PIECES = re.compile(r"[-/:_.\s]+")


@dataclass(frozen=True, slots=True)
class Declared:
    """A link that the record states: `kind` is "parent", "child", "sibling", "cofunded", "money" or "participant"."""

    kind: str
    target: str


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation in a record: its id, or "name:" and its folded name, the keys under which it is met, and its name
    as written."""

    organisation: str
    role: Role
    keys: Keys
    name: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """`places` maps paths of places, country first, to shares that sum to 1; `sectors` and `themes` likewise, each
    vocabulary by itself and then their mean. `start` and `end` are ordinals of days, 0 where none is stated.

    `parts` are all that take part but the reporter; `amounts` whole numbers with the currency they stand in; `codes`
    numbers of grants and contracts that the text quotes; `own` the identifier and its telling pieces; `numbers` those
    that its publisher gives it besides.
    """

    id: str
    kind: RecordKind
    title: str
    reporter: Party
    owner: str
    parts: tuple[Party, ...]
    places: Mapping[str, float]
    told_places: frozenset[str]
    sectors: Mapping[str, float]
    themes: Mapping[str, float]
    told: words.Told
    start: int
    end: int
    amounts: frozenset[tuple[str, int]]
    total: float
    codes: frozenset[str]
    own: frozenset[str]
    numbers: frozenset[str]
    links: tuple[Declared, ...]
    terms: Mapping[str, int]
    title_terms: frozenset[str]
    sentences: frozenset[int]
    secondary: bool
    language: str
    points: tuple[tuple[float, float], ...]


def profile(record: Record, resolver: Resolver) -> Profile:
    """What the engine compares of `record`. Nothing is stored."""
    reporter, owner = _reporter(record, resolver)
    places, points = _places(record.places, resolver)
    sectors, themes = _themes(record.themes)
    text = "\n".join(_narratives(record))[:_MOST_TEXTS]
    folded = words.words_of(f"{record.title}\n{text}")
    titled = words.terms(words.words_of(record.title))
    told_places = resolver.told(f"{record.title}. {text}", {path.split("|")[0] for path in places})
    if not places:
        places = {f"{code}|": 1.0 for code in sorted(_countries(record.title))}
    return Profile(
        id=record.id,
        kind=record.kind,
        title=record.title,
        reporter=reporter,
        owner=owner,
        parts=tuple(_parts(record, resolver)),
        places=places,
        told_places=frozenset(told_places),
        sectors=sectors,
        themes=themes,
        told=words.told(words.stems(folded)),
        start=_ordinal(record.period.start),
        end=_ordinal(record.period.end),
        amounts=frozenset(_amounts(record)),
        total=_total(record),
        codes=frozenset(_codes(record, text)),
        own=frozenset(_own(record.id)),
        numbers=frozenset(words.own_numbers(value for name, value in record.extra if name == _OTHER_ID)),
        links=tuple(_links(record)),
        terms=words.terms(folded),
        title_terms=frozenset(titled),
        sentences=frozenset(key for s in words.sentences(text)[:_MOST_SENTENCES] if (key := words.sentence_key(s))),
        secondary=record.secondary_reporter,
        language=record.language,
        points=points,
    )


def _reporter(record: Record, resolver: Resolver) -> tuple[Party, str]:
    """Who reports it, and the owner: the stem of the reporter's identifier, which its departments share. Where nobody
    is said to report, whoever pays speaks for the record."""
    mention = next((o for o in record.organisations if o.role is Role.REPORTING), None)
    if mention is None:
        mention = next((o for o in record.organisations if o.role is Role.FUNDING), None)
    if mention is None:
        return Party("", Role.REPORTING, {}), ""
    reporter, found = _met(mention, resolver)
    owner = re.split(r"[_/]", mention.ref.strip().casefold())[0] or reporter
    return Party(reporter, Role.REPORTING, found, mention.name or mention.acronym), owner


def _met(mention: OrganisationMention, resolver: Resolver) -> tuple[str, Keys]:
    """The organisation of a mention and its keys. The same few are mentioned again and again."""
    written = mention.ref, mention.name, mention.acronym, mention.kind
    known = resolver.met.get(written)
    if known is None:
        known = resolver.met[written] = resolver.organisation(mention), keys(mention, resolver)
    return known


def _parts(record: Record, resolver: Resolver) -> Iterable[Party]:
    mentions = [mention for mention in record.organisations if mention.role is not Role.REPORTING]
    paid = dict.fromkeys(
        (role, name)
        for money in record.money
        for role, name in ((Role.FUNDING, money.provider), (Role.IMPLEMENTING, money.receiver))
        if name
    )
    mentions += [OrganisationMention(role, name=name) for role, name in paid]
    for mention in dict.fromkeys(mentions):
        organisation, found = _met(mention, resolver)
        if found:
            yield Party(organisation, mention.role, found, mention.name or mention.acronym)


def _places(
    mentions: Sequence[PlaceMention], resolver: Resolver
) -> tuple[dict[str, float], tuple[tuple[float, float], ...]]:
    countries: dict[str, float] = {}
    paths = [resolver.place(mention) for mention in mentions]
    for scope in ("activity", "transaction"):
        stated: dict[str, float] = defaultdict(float)
        for mention, path in zip(mentions, paths, strict=True):
            if mention.scope == scope and path:
                stated[path.split("|")[0] + "|"] += mention.percentage if mention.percentage is not None else 0.0
        if stated:
            whole = sum(stated.values())
            unstated = [path for path, share in stated.items() if share <= 0]
            rest = max(0.0, 100.0 - whole) if unstated else 0.0
            shares = {path: share or rest / len(unstated) for path, share in stated.items()}
            whole = sum(shares.values())
            countries = {path: share / whole if whole else 1 / len(shares) for path, share in shares.items()}
            break
    below: dict[str, set[str]] = defaultdict(set)
    for mention, path in zip(mentions, paths, strict=True):
        if path:
            country = path.split("|")[0] + "|"
            if path != country:
                below[country].add(path)
            elif country not in countries and mention.scope == "location":
                below.setdefault(country, set())
    if not countries and below:
        countries = {country: 1 / len(below) for country in below}
    found: dict[str, float] = {}
    for country, share in countries.items():
        within = below.get(country) or {country}
        for path in within:
            found[path] = found.get(path, 0.0) + share / len(within)
    points = {
        (round(m.latitude, 4), round(m.longitude, 4))
        for m in mentions
        if m.latitude is not None and m.longitude is not None and (m.latitude or m.longitude)
    }
    return found, tuple(sorted(points)[:50])


def _themes(mentions: Sequence[ThemeMention]) -> tuple[dict[str, float], dict[str, float]]:
    """(DAC codes, themes), each with shares. Vocabularies are parallel views of one record: each sums to 1, and their
    mean is taken."""
    views: dict[tuple[str, str], list[ThemeMention]] = defaultdict(list)
    for mention in mentions:
        views[mention.vocabulary, mention.scope].append(mention)
    activity = {vocabulary for vocabulary, scope in views if scope == "activity"}
    sectors: dict[str, float] = {}
    by_view: list[dict[str, float]] = []
    for (vocabulary, scope), members in views.items():
        if scope != "activity" and vocabulary in activity:
            continue
        whole = sum(member.percentage or 0.0 for member in members)
        themes: dict[str, float] = defaultdict(float)
        codes: dict[str, float] = defaultdict(float)
        for member in members:
            share = (member.percentage or 0.0) / whole if whole > 0 else 1 / len(members)
            if vocabulary in ("", DAC_5_DIGIT, DAC_3_DIGIT) and member.code:
                codes[member.code.strip()[:5]] += share
            ids = themes_of_sector(vocabulary, member.code, member.name)
            for ident in ids:
                themes[ident] += share / len(ids)
        if vocabulary in ("", DAC_5_DIGIT) or not sectors:
            sectors = codes or sectors
        if themes:
            by_view.append(themes)
    mean: dict[str, float] = defaultdict(float)
    for themes in by_view:
        whole = sum(themes.values())
        for ident, share in themes.items():
            mean[ident] += share / whole / len(by_view)
    return dict(sectors), dict(mean)


def _narratives(record: Record) -> Iterable[str]:
    for text in record.texts:
        if text.purpose in _PURPOSES:
            yield text.text[:_MOST_TEXT]


def _countries(title: str) -> set[str]:
    folded = _spaced(title)
    return {code for code, names in _names_of_countries() if any(name in folded for name in names)}


@lru_cache(maxsize=1)
def _names_of_countries() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((code, tuple(map(_spaced, names))) for code, names in country_names().items())


def _spaced(text: str) -> str:
    return f" {' '.join(words.words_of(text))} "


def _ordinal(day: date | None) -> int:
    return day.toordinal() if day else 0


def _amounts(record: Record) -> Iterable[tuple[str, int]]:
    for money in record.money:
        if money.kind in _TOTALS and money.amount >= _SMALLEST_AMOUNT:
            yield money.currency, round(money.amount)


def _total(record: Record) -> float:
    """The largest total of one kind of money, in the currency that most of it stands in; 0 where none is stated."""
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for money in record.money:
        if money.kind in _TOTALS:
            sums[money.kind, money.currency] += money.amount
    return max(sums.values(), default=0.0)


def _codes(record: Record, text: str) -> Iterable[str]:
    yield from words.codes(f"{record.title}\n{text}")
    for name, value in record.extra:
        if name in _IDS:
            yield from words.codes(value)


def _own(ident: str) -> Iterable[str]:
    """The identifier, what is left of it without its publisher's prefix, and the long pieces of that."""
    yield words.plain_code(ident)
    pieces = _BETWEEN_PIECES.split(ident)[1:]
    for at, piece in enumerate(map(str.casefold, pieces)):
        tail = words.plain_code("".join(pieces[at:]))
        for telling in (tail, piece):
            if len(telling) >= 5 and not telling.isalpha() and any(map(str.isdigit, telling)):
                yield telling


def _links(record: Record) -> Iterable[Declared]:
    found = [Declared(link.kind, link.target.strip().casefold()) for link in record.links]
    found += [Declared("participant", o.activity_id.strip().casefold()) for o in record.organisations if o.activity_id]
    named = dict.fromkeys(
        target for money in record.money for target in (money.provider_activity, money.receiver_activity) if target
    )
    found += [Declared("money", target.strip().casefold()) for target in named]
    own = record.id.casefold()
    return dict.fromkeys(link for link in found if link.target and link.target != own)
