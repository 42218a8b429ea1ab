"""What answers that quote share: whose reading they are of, what was searched, and what can be asked next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy.orm import Session

from bot.answers import phrases
from bot.words import Words
from knowledge.access import Audience
from knowledge.answers import Ledger, summary, text
from knowledge.finding import Hit, Participation
from knowledge.reply import (
    Answer,
    Button,
    Evidence,
    Notice,
    OrganisationSummary,
    Part,
    Query,
    Quote,
    Reply,
    Span,
)
from knowledge.whowhatwhere import CoveredBy, coverage

_BUTTONS = 4


@dataclass(slots=True)
class Frame:
    """One answer in the making, for one audience and in one language."""

    session: Session
    query: Query
    audience: Audience
    words: Words
    today: date
    ledger: Ledger = field(default_factory=Ledger)
    parts: list[Part] = field(default_factory=list)
    buttons: dict[str, None] = field(default_factory=dict)
    _covered: CoveredBy | None = None

    @property
    def day(self) -> str:
        return self.words.date(self.today)

    @property
    def topic(self) -> str:
        """The themes and words asked for, as they stand inside a sentence."""
        named = phrases.themes(self.words, self.query)
        return self.words.listed([named, self.query.words]) if self.query.words else named

    @property
    def doing(self) -> str:
        return phrases.doing(self.words, self.query)

    @property
    def places(self) -> str:
        return phrases.places(self.words, self.query.places)

    @property
    def organisations(self) -> str:
        return self.words.listed(organisation.name for organisation in self.query.organisations)

    def none_fits(self) -> str:
        """That no record answers everything that was asked for together, each of it named."""
        period = self.query.period
        asked = [self.organisations, self.topic, self.places, period.words if period.start or period.end else ""]
        return self.words("fits_none", date=self.day, list="; ".join(filter(None, asked)))

    @property
    def covered(self) -> CoveredBy:
        if self._covered is None:
            places = tuple(place.id for place in self.query.places)
            self._covered = coverage(self.session, places, self.audience)
        return self._covered

    def say(self, *sentences: str, cites: Sequence[int] = ()) -> None:
        self.parts.append(text(*sentences, cites=cites))

    def note(self, *sentences: str, warning: bool = False, cites: Sequence[int] = ()) -> None:
        said = " ".join(filter(None, sentences))
        self.parts.append(Notice(tone="warning" if warning else "info", spans=[Span(text=said, cites=list(cites))]))

    def quote(self, hit: Hit, evidence: Evidence) -> None:
        """A sentence of a record, exactly as it stands there."""
        cites = [self.ledger.sentence(hit, evidence)]
        self.parts.append(Quote(text=evidence.quote, lang=evidence.lang, cites=cites))

    def quoted(self, hit: Hit, evidence: Evidence) -> Span:
        return Span(
            text=evidence.quote,
            lang=evidence.lang if evidence.lang != self.words.language else "",
            cites=[self.ledger.sentence(hit, evidence)],
        )

    def offer(self, *questions: str) -> None:
        self.buttons.update(dict.fromkeys(filter(None, questions)))

    def paged(self, answer: Answer, remaining: int) -> Answer:
        """The answer with the number of its rows that were not shown, and the button that shows the next."""
        if remaining > 0:
            answer.reply.remaining = remaining
            more = Button(title=self.words("button_more"), send=self.words("send_more"))
            answer.reply.buttons.insert(0, more)
        return answer

    def done(
        self, hits: Iterable[Hit] = (), organisations: Sequence[OrganisationSummary] = (), *, found: bool = True
    ) -> Answer:
        """The answer, with what was searched said at its end."""
        said = phrases.coverage(self.words, self.covered, self.today)
        covered = self.covered.anything
        said.state = "reported" if found else "none_reported" if covered else "not_covered"
        if covered:
            self.parts.append(text(said.text))
        records = {hit.id: summary(hit) for hit in hits}
        return Answer(
            reply=Reply(
                language=self.words.language,
                parts=self.parts,
                citations=self.ledger.citations,
                buttons=[Button(title=question, send=question) for question in list(self.buttons)[:_BUTTONS]],
            ),
            query=self.query,
            records=list(records.values()),
            organisations=list(organisations),
            coverage=said,
        )


def of_organisation(part: Participation, hits: Iterable[Hit]) -> OrganisationSummary:
    """An organisation that stands in an answer for what it says or where it is reached, on these records."""
    return OrganisationSummary(
        id=part.organisation,
        name=part.name,
        kind=part.kind,
        roles=[part.role.value],
        themes=[],
        places=[],
        records=list(dict.fromkeys(hit.id for hit in hits)),
        reported_as=[part.written],
    )


def name_of(words: Words, part: Participation) -> list[Span]:
    """An organisation's name, with its acronym and kind beside it."""
    short = part.acronym
    shown = f"{part.name} ({short})" if short and short.casefold() not in part.name.casefold() else part.name
    return [Span(text=shown, strong=True), Span(text=f" — {phrases.kind(words, part.kind)}")]


def plain_span(said: str, cites: Sequence[int] = ()) -> Span:
    return Span(text=said, cites=list(cites))
