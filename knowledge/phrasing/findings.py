"""What the model is given of an answer: sentences composed by code, with the names in them hidden behind numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge.reply import Answer, Paragraph, Span, Table

_SENTENCE = re.compile(r"(?<=[.!?؟])\s+(?=\S)")
_HIDDEN = re.compile(r"\{(\d+)\}")
_ROWS = 8
_CUT = 20
"""Letters of a title after which a part of it that ends in "…" is taken for it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the answer, or one row of its table. `text` has its names hidden; `heads`: of the paragraph that
    the model may word anew."""

    text: str
    cites: tuple[int, ...]
    heads: bool = True


@dataclass(slots=True)
class Names:
    """Texts of records and of the person who asks, each behind its number. The model never sees them."""

    known: list[str] = field(default_factory=list)
    hidden: list[Span] = field(default_factory=list)

    def number(self, text: str, lang: str = "") -> str:
        for place, span in enumerate(self.hidden):
            if span.text == text:
                return f"{{{place}}}"
        self.hidden.append(Span(text=text, lang=lang))
        return f"{{{len(self.hidden) - 1}}}"

    def hide(self, text: str) -> str:
        """`text` with each name that the answer knows behind its number, the longest first."""
        text = text.replace("{", "(").replace("}", ")")
        for name in self.known:
            if name in text:
                number = self.number(name)
                text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _, number=number: number, text)  # type: ignore[misc]
            elif "…" in text and len(name) > _CUT:
                text = self._without_cut(text, name)
        return text

    def _without_cut(self, text: str, name: str) -> str:
        start = text.find(name[:_CUT])
        end = text.find("…", start)
        if start < 0 or end < 0 or not name.startswith(text[start:end].rstrip()):
            return text
        return f"{text[:start]}{self.number(text[start : end + 1])}{text[end + 1 :]}"

    def spans(self, text: str, cites: Iterable[int]) -> list[Span]:
        """The text with its names put back, each as it stands in the record, marked where its language differs."""
        found: list[Span] = []
        for piece in re.split(r"(\{\d+\})", text):
            hidden = _HIDDEN.fullmatch(piece)
            known = hidden is not None and int(hidden[1]) < len(self.hidden)
            span = self.hidden[int(hidden[1])] if hidden and known else Span(text=piece)
            if found and not span.lang and not found[-1].lang:
                found[-1].text += span.text
            elif span.text:
                found.append(span.model_copy())
        if found:
            found[-1].cites = list(cites)
        return found

    def restored(self, text: str) -> str:
        return "".join(span.text for span in self.spans(text, ()))


@dataclass(slots=True)
class Findings:
    """`place`: where in the reply the paragraph stands that the findings with `heads` are of."""

    place: int
    given: list[Finding]
    names: Names


def read(answer: Answer) -> Findings | None:
    """The findings of an answer, or None where it has none: nothing cited, or a warning that nothing may soften."""
    parts = answer.reply.parts
    if any(part.type == "notice" and part.tone != "info" for part in parts):
        return None
    place = next((i for i, part in enumerate(parts) if isinstance(part, Paragraph) and _tells(part)), None)
    if place is None:
        return None
    paragraph = parts[place]
    assert isinstance(paragraph, Paragraph)
    names = Names(known=_known(answer))
    given = list(_sentences(paragraph, names))
    for part in parts:
        if isinstance(part, Table):
            given += _rows(part, names)
    return Findings(place, given, names)


def _tells(paragraph: Paragraph) -> bool:
    """Whether it says something cited by itself: what ends in a colon only leads in what follows."""
    cited = [span.text for span in paragraph.spans if span.cites]
    return bool(cited) and not cited[-1].rstrip().endswith(":")


def _sentences(paragraph: Paragraph, names: Names) -> Iterator[Finding]:
    """Sentences that share a line end share its citations: what is cited stands behind the last of them."""
    for span in paragraph.spans:
        text = names.number(span.text, span.lang) if span.lang else names.hide(span.text)
        for sentence in _SENTENCE.split(text):
            if sentence.strip():
                yield Finding(sentence.strip(), tuple(span.cites))


def _rows(table: Table, names: Names) -> Iterator[Finding]:
    for row in table.rows[:_ROWS]:
        cells, cites = [], []
        for column, cell in zip(table.columns, row, strict=True):
            said = "".join(
                span.text if not any(map(str.isalpha, span.text)) else names.number(span.text.strip(), span.lang)
                for span in cell
                if span.text.strip()
            )
            cells.append(f"{column.title}: {said}")
            cites += [number for span in cell for number in span.cites]
        if cites:
            yield Finding("; ".join(cells), tuple(dict.fromkeys(cites)), heads=False)


def _known(answer: Answer) -> list[str]:
    """Every text in the answer that comes from records or from the person who asks, longest first."""
    query, found = answer.query, {answer.query.words, answer.query.period.words}
    for reading in (query, query.excluding):
        found.update(place.name for place in reading.places)
        found.update(theme.name for theme in reading.themes)
        found.update(organisation.name for organisation in reading.organisations)
    for organisation in answer.organisations:
        found.update((organisation.name, *organisation.reported_as, *organisation.themes, *organisation.places))
    for record in answer.records:
        found.update((record.title, record.publisher, record.id))
    for citation in answer.reply.citations:
        found.update((citation.title, citation.publisher, citation.file, citation.record))
    return sorted((name for name in found if any(map(str.isalpha, name))), key=lambda name: (-len(name), name))
