"""What a capability gets: one message as understood, and what its conversation remembers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from bot.actions import said
from bot.actions.understanding import Message
from bot.answers import talk
from bot.words import Words
from knowledge.access import Audience
from knowledge.index import Index
from knowledge.reply import Answer, Query
from knowledge.text import tokens

CITED = 50
_WORDS_BESIDE_NAMES = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One row that was shown, so that "the second one" means what stands there.

    `type`: "record", "organisation", "place", "theme", "watch" or "meeting" (of two records, whose ids are the lines of
    `id`). `record`: the record that speaks best for the row.
    """

    type: str
    id: str
    name: str = ""
    record: str = ""

    def as_json(self) -> dict[str, str]:
        return {"type": self.type, "id": self.id, "name": self.name, "record": self.record}


@dataclass(slots=True)
class Context:
    """What a conversation remembers.

    `query`: the last question that lists or counts. `asked`: the last question of any kind, to which a follow-up
    belongs. `clarification`: a clarifying question that is open. `listed`: one item for each row that was shown.
    `cited`: the records that the last answer rests on, at most CITED of them.
    `earlier`: the rows from which the organisation was picked whose rows are `listed`. `described`: the record that the
    last answer was about. `proposal`: the text that was compared last, which follow-ups go on from.
    """

    query: Query | None = None
    asked: Query | None = None
    clarification: dict[str, Any] | None = None
    listed: list[Item] = field(default_factory=list)
    earlier: list[Item] = field(default_factory=list)
    described: str = ""
    cited: list[str] = field(default_factory=list)
    proposal: str = ""

    def forget(self) -> None:
        self.query = self.asked = self.clarification = None
        self.listed, self.earlier, self.cited, self.described, self.proposal = [], [], [], "", ""


@dataclass(slots=True)
class Request:
    """One message, understood.

    `query`: what is asked, the conversation before merged in; `kept`: names of what was kept from there. `words`: topic
    words no vocabulary knows. `sure`: how sure the intent is, 0 to 1. `filling`: a form is open. `continued`: it
    is a follow-up, carried out as the question before it with changes. `person`: opaque key
    of who speaks. `tells`: what an alert finds is told where this was said. `attached`: the text of a file that
    came with it. `capabilities`: all, by the name of their action.
    """

    index: Index
    audience: Audience
    words_of: Words
    intent: str
    message: Message
    words: str = ""
    text: str = ""
    sure: float = 1.0
    filling: bool = False
    continued: bool = False
    person: str = ""
    tells: bool = False
    attached: str = ""
    context: Context = field(default_factory=Context)
    query: Query = field(default_factory=Query)
    kept: list[str] = field(default_factory=list)
    capabilities: Mapping[str, Capability] = field(default_factory=dict)

    def capability(self, intent: str) -> Capability:
        """What carries out a public intent; where nothing is built for it, what says so."""
        name = "fallback" if intent == "nlu_fallback" else intent
        return self.capabilities.get(f"action_{name}") or self.capabilities["action_capability"]


Capability = Callable[[Session, Request], Answer]


def pointed_at(request: Request) -> list[Item]:
    """The rows of the last list that the message points at; "the third one" of one row is of the list before it."""
    for listed in (request.context.listed, request.context.earlier):
        numbers = said.rows(request.text, len(listed), request.message.ordinals, request.message.spans)
        if numbers:
            return [listed[number - 1] for number in numbers]
    return []


def beside_names(request: Request) -> str:
    """The text without the names in it, so that "public health" opens nothing to the public."""
    text = list(request.text)
    for start, end in request.message.spans:
        text[start:end] = " " * (end - start)
    return "".join(text)


def only_names(request: Request) -> bool:
    """Whether the message is hardly more than names: "Turkana (Kenya)", "with Oxfam"."""
    return len(tokens(beside_names(request))) <= _WORDS_BESIDE_NAMES


def only_rows(request: Request) -> bool:
    """Whether the message points at rows of a list and says nothing else: "the last two", "number 3"."""
    message = request.message
    if message.names_something or message.records or not pointed_at(request):
        return False
    text = list(request.text)
    for start, end in message.pointing:
        text[start:end] = " " * (end - start)
    known = said.words_in("row_words", "small", "last_rows", "first_rows", "both_rows", "all_rows", "goes_on")
    return all(token.form.isdecimal() or known & set(token.forms) for token in tokens("".join(text)))


def with_examples(session: Session, request: Request, query: Query, *sentences: str) -> Answer:
    """Says `sentences` and offers questions that have answers."""
    asked = talk.examples(session, request.audience, request.words_of)
    return talk.ask_back(request.words_of, query, " ".join(sentences), [(question, question) for question in asked])


def items(answer: Answer, shown: Sequence[str | Item]) -> list[Item]:
    """The rows of an answer, typed. `shown`: items, or one record id for each row, as the answer lists them."""
    titles = {record.id: record.title for record in answer.records}
    organisations = [] if answer.query.organisations else answer.organisations[answer.query.offset :]
    found: list[Item] = []
    for number, row in enumerate(shown):
        if isinstance(row, Item):
            found.append(row)
        elif number < len(organisations) and row in organisations[number].records:
            found.append(Item("organisation", organisations[number].id, organisations[number].name, row))
        else:
            found.append(Item("record", row, titles.get(row, ""), row))
    return found
