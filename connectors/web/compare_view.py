"""Two records beside each other: what they are to each other, what both say, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from bot.answers.overlaps_compare import place_names
from connectors.web.initiative_lines import Lines, pair_view, said_by
from connectors.web.overlap_views import CompareView, SaidView
from connectors.web.record_view import record_view
from connectors.web.views import FieldView
from connectors.web.words import words
from knowledge import lookups
from knowledge.finding import Hit
from knowledge.index import Index
from knowledge.keeping import Who
from knowledge.overlap import judging
from knowledge.overlap.comparing import Compared as Measured
from knowledge.overlap.comparing import compare
from knowledge.overlap.judging import Judgement
from knowledge.overlap.labels import LABELS, Label
from knowledge.overlap.ranking import Unknown
from knowledge.records import Record, Source, ThemeMention
from knowledge.vocabulary import sector_name

_SECTIONS = ("section_what", "section_who", "section_where", "section_when", "section_money")
_MOST_VALUES = 8
_LONGEST_TEXT = 700

_Field = tuple[str, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two records that `who` may see, as they are stored, and what is known of the pair. `said`: what people say, what
    counts first."""

    a: str
    b: str
    hits: Mapping[str, Hit]
    records: tuple[Record, Record]
    sources: tuple[Source, Source]
    measured: Measured
    names: Mapping[str, str]
    said: tuple[Judgement, ...]

    @property
    def label(self) -> Label:
        counts = self.said[0].label if self.said else None
        return counts or self.measured.label

    @classmethod
    def read(cls, index: Index, who: Who, a: str, b: str) -> Compared:
        """Raises Unknown, naming the identifier, and NotReady."""
        with index.home.database.read() as session:
            one, record, source = _found(session, who, a)
            other, second, second_source = _found(session, who, b)
        corpus = index.overlaps.corpus(who.audience)
        for hit in (one, other):
            if hit.id not in corpus.index or one.id == other.id:
                raise Unknown(hit.id)
        measured = compare(corpus, [(one.id, other.id)])[0]
        with index.home.database.read() as session:
            names = place_names(session, measured.clauses)
            counts = judging.judged(session, who.audience, [(one.id, other.id)]).get(frozenset((one.id, other.id)))
        return cls(
            a=one.id,
            b=other.id,
            hits={one.id: one, other.id: other},
            records=(record, second),
            sources=(source, second_source),
            measured=measured,
            names=names,
            said=(counts, *counts.others) if counts is not None else (),
        )


def _found(session: Session, who: Who, ident: str) -> tuple[Hit, Record, Source]:
    found = lookups.find_record(session, ident, who.audience)
    if found is None:
        raise Unknown(ident)
    return found


def compare_view(found: Compared, today: date, language: str) -> CompareView:
    """The pair in the words of one language."""
    said, lines = words(language), Lines(language, today, found.hits)
    measured = found.measured
    counts = found.said[0] if found.said else None
    pair = pair_view(
        lines, found.a, found.b, found.label, measured.probabilities, measured.clauses, found.names, counts
    )
    chances = sorted(measured.probabilities.items(), key=lambda entry: (-entry[1], LABELS.index(entry[0])))
    return CompareView(
        a=found.a,
        b=found.b,
        one=lines.line(found.a),
        other=lines.line(found.b),
        pair=pair,
        meaning=said[f"meaning_{found.label.value}"],
        rows=tuple(_rows(found, today, language)),
        chances=tuple((said[f"label_{label.value}"], f"{chance:.3f}") for label, chance in chances),
        numbers=tuple((name, f"{value:.3f}") for name, value in measured.evidence.items()),
        rules=tuple((rule, lines.words(f"rule_{rule}")) for rule in measured.rules),
        said=tuple(SaidView(one.id, said_by(lines, one), one.reason, one.mine) for one in found.said),
        disputed=counts is not None and counts.disputed,
    )


def _rows(found: Compared, today: date, language: str) -> list[_Field]:
    """The fields of both records, those of the record view, by their labels in its order."""

    def theme_name(mention: ThemeMention) -> str:
        return sector_name(mention.code, language)

    views = [
        record_view(record, source, today, language, theme_name)
        for record, source in zip(found.records, found.sources, strict=True)
    ]
    said = words(language)
    wanted = {said[key] for key in _SECTIONS}
    sides: list[dict[str, FieldView]] = [
        {field.label: field for section in view.sections if section.title in wanted for field in section.fields}
        for view in views
    ]
    rows: list[_Field] = [(said["publisher"], (views[0].publisher,), (views[1].publisher,))]
    states = [tuple(filter(None, (view.status, view.timing))) for view in views]
    rows.append((said["status"], states[0], states[1]))
    order = dict.fromkeys(label for side in sides for label in side)
    rows += [(label, _values(sides[0].get(label)), _values(sides[1].get(label))) for label in order]
    return [row for row in rows if row[1] or row[2]]


def _values(field: FieldView | None) -> tuple[str, ...]:
    if field is None:
        return ()
    shown: Sequence[str] = [
        value.text if len(value.text) <= _LONGEST_TEXT else value.text[:_LONGEST_TEXT].rsplit(" ", 1)[0] + "…"
        for value in field.values[:_MOST_VALUES]
    ]
    more = len(field.values) - len(shown)
    return (*shown, f"+{more}") if more > 0 else tuple(shown)
