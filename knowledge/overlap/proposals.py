"""A proposal as a record that is stored nowhere: what its text names is read, and shown so that one can correct it."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.access import Audience, visible
from knowledge.language import detect, of_text
from knowledge.linking.entities import AMBIGUOUS_BELOW, LinkedEntity
from knowledge.records import (
    Locator,
    Money,
    OrganisationMention,
    Period,
    PlaceMention,
    Record,
    RecordKind,
    Role,
    Text,
    ThemeMention,
)
from knowledge.store import models as m
from knowledge.store.rows import split_names
from knowledge.vocabulary import OWN_THEMES, table_yaml, theme_label

if TYPE_CHECKING:
    from knowledge.index import Index

ID = "proposal"
"""The identifier of every proposal: there is only one in a question."""
MOST_CHARACTERS = 200_000
MOST_BYTES = 10 * 1024 * 1024
"""Of a file."""
SUFFIXES = (".pdf", ".docx", ".txt", ".md", ".html", ".htm")
READ_CHARACTERS = 20_000
"""What a proposal is about stands at its beginning."""
_AT_ONCE = 1_500
_TITLE = 200
_PLACES, _THEMES, _ORGANISATIONS = 12, 6, 8
_RARE = 5
"""A country or theme that is named so many times more rarely than another is only mentioned."""
_BESIDE = 40
_SENTENCE = re.compile(r"[.!?؟;]\s|\n")
_NUMBER = r"\d{1,3}(?:[ ,.'\u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?"


class UnreadableProposal(ValueError):
    """Nothing to compare. The message says why and how to mend it; `code` says why for other languages: "empty",
    "long", "large", "type", "locked" (a password is needed), "file" (it cannot be read) or "wrong"."""

    def __init__(self, message: str, code: str = "wrong") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person says instead of what would be read; None leaves what is read. Ids of places and themes; the
    organisation, by name, that proposes it."""

    title: str = ""
    places: tuple[str, ...] | None = None
    themes: tuple[str, ...] | None = None
    start: date | None = None
    end: date | None = None
    organisation: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """`record` is what is compared; the rest is what was read of its text, by id and name."""

    record: Record
    places: tuple[tuple[str, str], ...]
    themes: tuple[tuple[str, str], ...]
    organisations: tuple[tuple[str, Role], ...]

    def as_json(self) -> dict[str, Any]:
        """What was read, for a person to correct. The text itself is not given back."""
        period = self.record.period
        return {
            "title": self.record.title,
            "language": self.record.language,
            "places": [{"id": ident, "name": name} for ident, name in self.places],
            "themes": [{"id": ident, "name": name} for ident, name in self.themes],
            "start": period.start.isoformat() if period.start else None,
            "end": period.end.isoformat() if period.end else None,
            "organisations": [{"name": name, "role": role.value} for name, role in self.organisations],
            "amounts": [{"amount": money.amount, "currency": money.currency} for money in self.record.money],
        }


def from_text(index: Index, audience: Audience, text: str, corrections: Corrections = Corrections()) -> Proposal:
    """Reads a proposal from running text. Raises UnreadableProposal. Nothing is stored or logged."""
    text = text.strip()
    if not any(character.isalpha() for character in text):
        raise UnreadableProposal(
            "The proposal holds no text. Paste what is to be done, where, when and for whom", "empty"
        )
    if len(text) > MOST_CHARACTERS:
        raise UnreadableProposal(
            f"The proposal has more than {MOST_CHARACTERS:,} characters. Give its summary: where, when, what, for whom",
            "long",
        )
    first, _, rest = text.partition("\n")
    title = corrections.title or _title(first)
    body = rest.strip() or text
    language = of_text(text) or detect(text[:_AT_ONCE])
    read = _read(index, audience, text[:READ_CHARACTERS])
    period = _period(read, corrections)
    with index.home.database.read() as session:
        place_ids = _places(read) if corrections.places is None else list(corrections.places)
        places, names = _mentions(session, audience, place_ids)
    shares = _themes(read) if corrections.themes is None else dict.fromkeys(corrections.themes, 1)
    whole = sum(shares.values())
    organisations = _organisations(read, corrections)
    record = Record(
        id=ID,
        kind=RecordKind.PROJECT,
        title=title,
        locator=Locator("a proposal"),
        language=language,
        texts=(Text("general", body, language),),
        organisations=_taking_part(organisations),
        places=places,
        themes=tuple(
            ThemeMention(OWN_THEMES, ident, theme_label(ident), round(100 * share / whole, 2))
            for ident, share in shares.items()
        ),
        period=period,
        money=tuple(Money("requested", amount, currency) for amount, currency in _amounts(text[:READ_CHARACTERS])),
    )
    return Proposal(
        record,
        tuple((ident, names.get(ident, ident)) for ident in place_ids),
        tuple((ident, theme_label(ident, language)) for ident in shares),
        tuple(organisations),
    )


def from_file(
    index: Index, audience: Audience, name: str, content: bytes, corrections: Corrections = Corrections()
) -> Proposal:
    """Reads a proposal from a PDF, DOCX, HTML or text file called `name`. Raises UnreadableProposal."""
    title, text = text_of_file(name, content)
    if title and not corrections.title:
        corrections = replace(corrections, title=_title(title))
    return from_text(index, audience, text[:MOST_CHARACTERS], corrections)


def text_of_file(name: str, content: bytes) -> tuple[str, str]:
    """Title ("" for none) and text of a PDF, DOCX, HTML or text file called `name`. Raises UnreadableProposal.

    The readers take paths: the content is written to a folder that only this user may enter and that is gone after.
    """
    from knowledge.sources import guard

    if len(content) > MOST_BYTES:
        raise UnreadableProposal(
            f"The file has more than {MOST_BYTES // 1024 // 1024} MB. Give its summary as text", "large"
        )
    suffix = Path(name).suffix.casefold()
    if suffix not in SUFFIXES:
        raise UnreadableProposal(
            f"Files of the kind {suffix or 'without ending'} are not read. Give PDF, DOCX or text", "type"
        )
    with tempfile.TemporaryDirectory(prefix="proposal-") as folder:
        path = Path(folder) / f"proposal{suffix}"
        path.write_bytes(content)
        try:
            return _text_of(path)
        except guard.Refused as error:
            problem = error.problems[0]
            code = "locked" if "password" in problem.mend else "file"
            raise UnreadableProposal(f"{Path(name).name}: {problem.reason}. {problem.mend}", code) from None


def _text_of(path: Path) -> tuple[str, str]:
    from knowledge.sources import documents
    from knowledge.sources.html_files import read_html
    from knowledge.sources.pdf_files import read_pdf
    from knowledge.sources.text_files import blocks_of, read_text
    from knowledge.sources.word_files import read_word

    kind = documents.kind_of_file(path)
    if kind == "text":
        written = read_text(path)
        blocks = tuple(blocks_of(path, written.lines))
        return (written.fields or {}).get("title", ""), "\n".join(block.text for block in blocks)
    content = {"pdf": read_pdf, "word": read_word, "html": read_html}[kind](path)
    return "", "\n".join(block.text for block in content.blocks)


def _title(line: str) -> str:
    """The first line; of one that is a whole text, its first sentence."""
    line = " ".join(line.split()).lstrip("#*- ").strip()
    if len(line) <= _TITLE:
        return line
    sentence = _SENTENCE.split(line, maxsplit=1)[0]
    return sentence if len(sentence) <= _TITLE else sentence[:_TITLE].rsplit(" ", 1)[0] + " …"


@dataclass(frozen=True, slots=True)
class _Named:
    """An entity with what stands before and after it in its sentence."""

    entity: LinkedEntity
    before: str
    after: str


def _read(index: Index, audience: Audience, text: str) -> list[_Named]:
    """What the text names, some paragraphs at a time: the linker reads questions, which are short."""
    found: list[_Named] = []
    for part in _parts(text):
        for entity in index.link(part, audience).entities:
            if entity.probability >= AMBIGUOUS_BELOW:
                before = _SENTENCE.split(part[max(0, entity.start - _BESIDE) : entity.start])[-1]
                after = _SENTENCE.split(part[entity.end : entity.end + _BESIDE])[0]
                found.append(_Named(entity, before.casefold(), after.casefold()))
    return found


def _parts(text: str) -> Iterable[str]:
    """Pieces of the text of at most so many characters, cut between lines, else between sentences, else words."""
    while len(text) > _AT_ONCE:
        ends = (text.rfind(mark, 0, _AT_ONCE) + len(mark) for mark in ("\n", ". ", " ") if mark in text[:_AT_ONCE])
        cut = next(ends, _AT_ONCE)
        yield text[:cut]
        text = text[cut:]
    yield text


def _places(read: Sequence[_Named]) -> list[str]:
    """The places named, the most often first; those of a country that is hardly named beside another are left out, and
    countries of which places below them are named."""
    counts: Counter[str] = Counter()
    countries: Counter[str] = Counter()
    country_of: dict[str, str] = {}
    level: dict[str, int] = {}
    for named in read:
        if named.entity.type != "place":
            continue
        for place in named.entity.value.get("members") or [named.entity.value]:
            ident = str(place["id"])
            counts[ident] += 1
            country_of[ident] = str(place.get("country") or ident)
            level[ident] = int(place.get("level", 0))
            countries[country_of[ident]] += 1
    most = max(countries.values(), default=0)
    kept = [ident for ident, _ in counts.most_common() if _RARE * countries[country_of[ident]] >= most]
    narrower = {country_of[ident] for ident in kept if level[ident] > 0}
    return [ident for ident in kept if level[ident] > 0 or country_of[ident] not in narrower][:_PLACES]


def _themes(read: Sequence[_Named]) -> dict[str, int]:
    """Theme -> how often it is named."""
    counts = Counter(str(named.entity.value["id"]) for named in read if named.entity.type == "theme")
    most = max(counts.values(), default=0)
    return {ident: number for ident, number in counts.most_common(_THEMES) if _RARE * number >= most}


def _period(read: Sequence[_Named], corrections: Corrections) -> Period:
    """The first span with both ends, else the first days that are named; what is corrected takes its place."""
    spans = [
        (_day(named.entity.value.get("start")), _day(named.entity.value.get("end")))
        for named in read
        if named.entity.type == "period"
    ]
    start, end = next(
        ((start, end) for start, end in spans if start and end),
        (next((start for start, _ in spans if start), None), next((end for _, end in spans if end), None)),
    )
    start, end = corrections.start or start, corrections.end or end
    if start and end and end < start:
        if corrections.start and corrections.end:
            raise UnreadableProposal("It ends before it starts. Correct one of the dates")
        # Only one of the two was said by a person: the other was read wrongly.
        start, end = (start, None) if corrections.start else (None, end)
    return Period(planned_start=start, planned_end=end)


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None


def _organisations(read: Sequence[_Named], corrections: Corrections) -> list[tuple[str, Role]]:
    """Names with their parts, where words beside them tell; who is only mentioned takes no part."""
    found: dict[str, Role] = {}
    if corrections.organisation:
        found[corrections.organisation] = Role.REPORTING
    funding, doing, acting = _cues("funding", "before"), _cues("doing", "before"), _cues("doing", "after")
    for named in read:
        if named.entity.type != "organisation":
            continue
        name = str(named.entity.value["name"])
        if funding.search(named.before):
            found.setdefault(name, Role.FUNDING)
        elif doing.search(named.before) or acting.match(named.after.lstrip(" ,")):
            found.setdefault(name, Role.IMPLEMENTING)
    return list(found.items())[:_ORGANISATIONS]


def _taking_part(named: Sequence[tuple[str, Role]]) -> tuple[OrganisationMention, ...]:
    """Who does the work speaks for a proposal. Where nobody is said to, nobody does: a donor must not be taken for who
    proposes it, since what one owner does never overlaps."""
    speaks = next((name for name, role in named if role is Role.REPORTING), "")
    speaks = speaks or next((name for name, role in named if role is Role.IMPLEMENTING), "")
    others = (OrganisationMention(role, name) for name, role in named if role is not Role.REPORTING)
    return OrganisationMention(Role.REPORTING, speaks), *others


@lru_cache(maxsize=4)
def _cues(part: str, side: str) -> re.Pattern[str]:
    """Words of `part`; before a name they end in it, over an article or a sum, and after it they begin."""
    listed = [" ".join(words.split()) for words in table_yaml("proposal_words.yml")[part][side].split("|")]
    words = "|".join(re.escape(phrase.casefold()) for phrase in sorted(listed, key=len, reverse=True) if phrase)
    if side == "after":
        return re.compile(rf"(?:\([^)]*\)\s*)?,?\s*(?:{words})\b")
    return re.compile(rf"(?<!\w)(?:{words})(?:\s*[:=–-]\s*|\s+)(?:(?:the|le|la|les|l'|el|los|las|o|a|os|as|of)\s*)?$")


def _amounts(text: str) -> list[tuple[float, str]]:
    """Sums of money with their currency, the greatest alone where several stand: it is the whole, others are parts."""
    found = []
    for match in _money().finditer(text.casefold()):
        currency = _currency_of()[match["first"] or match["last"]]
        if (amount := _number(match["number"])) is not None:
            found.append((amount * _multiples().get(match["times"] or "", 1), currency))
    return [max(found)] if found else []


@lru_cache(maxsize=1)
def _money() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, _currency_of()), key=len, reverse=True))
    times = "|".join(sorted(map(re.escape, _multiples()), key=len, reverse=True))
    return re.compile(
        rf"(?:(?<!\w)(?P<first>{words})\s?)?(?P<number>{_NUMBER})\s?(?:(?P<times>{times})\b\s?(?:de |of |d')?)?"
        rf"(?(first)|(?P<last>{words})(?!\w))"
    )


@lru_cache(maxsize=1)
def _currency_of() -> dict[str, str]:
    return {word: code for code, words in table_yaml("proposal_words.yml")["currencies"].items() for word in words}


@lru_cache(maxsize=1)
def _multiples() -> dict[str, int]:
    return {
        word: int(number) for number, words in table_yaml("proposal_words.yml")["multiples"].items() for word in words
    }


def _number(written: str) -> float | None:
    """Three digits after the last mark are thousands, one or two are decimals."""
    plain = re.sub(r"[ '\u00a0\u202f]", "", written)
    head, mark, tail = max((plain.rpartition("."), plain.rpartition(",")), key=lambda split: len(split[0]))
    decimals = f".{tail}" if mark and len(tail) < 3 else ""
    plain = re.sub(r"[.,]", "", head if decimals else plain) + decimals
    try:
        return float(plain)
    except ValueError:
        return None


def _mentions(
    session: Session, audience: Audience, ids: Sequence[str]
) -> tuple[tuple[PlaceMention, ...], dict[str, str]]:
    """Mentions that mean these places and no other: as a record that may be seen writes them, else by their names from
    the top; and the names of the places."""
    found: list[PlaceMention] = []
    names: dict[str, str] = {}
    written = m.PlaceMentionRow
    for ident in ids:
        place = session.get(m.PlaceRow, ident)
        if place is None:
            raise UnreadableProposal(f"Place {ident!r} is not known to this index. Leave it out, or give another one")
        names[ident] = place.name
        known = session.execute(
            select(written.country, written.names, written.pcode, written.region)
            .join(m.RecordPlaceRow, m.RecordPlaceRow.mention_id == written.id)
            .join(m.RecordRow, m.RecordRow.pk == m.RecordPlaceRow.record_pk)
            .where(written.place_id == ident, visible(audience), m.RecordRow.retired_at.is_(None))
            .order_by(written.id)
            .limit(1)
        ).first()
        if known is not None:
            found.append(PlaceMention(known.country, split_names(known.names), known.pcode, region=known.region))
        elif place.level < 0:
            found.append(PlaceMention(region=ident.partition(":")[2]))
        else:
            steps = place.path.strip("|").split("|")[1:]
            above = {row.id: row.name for row in session.scalars(select(m.PlaceRow).where(m.PlaceRow.id.in_(steps)))}
            found.append(PlaceMention(place.country, tuple(above[step] for step in steps)))
    return tuple(found), names
