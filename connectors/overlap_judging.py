"""What people say that two records are to each other, for the API and for commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.orm import Session

from bot.answers.overlaps import sentence
from bot.words import LANGUAGES, Words
from connectors.client import CommandError, NotYet
from connectors.keeping import Asked, Names, idents, not_busy, writing
from knowledge import keeping
from knowledge.index import Index
from knowledge.keeping import NotKept, Who, Wrong
from knowledge.overlap import judged_files, judgements, judging
from knowledge.overlap.answering import place_names
from knowledge.overlap.judged_files import Line
from knowledge.overlap.judging import Opinion, What
from knowledge.overlap.labels import LABELS, Label, LabelledPair
from knowledge.overlap.queue import Queued, WantedPairs, queue
from knowledge.overlap.standing import PATIENCE, NotReady
from knowledge.records import Level
from knowledge.vocabulary import themes

PATH = "/api/v1/overlaps/"
_LONGEST = 20_000
"""Characters that are read at all; how many are kept is said by what keeps them."""
_SHORTLY = 2.0
"""Seconds that a command waits before it shows how far the comparing is, and asks again."""

Ident = Annotated[str, Field(min_length=1, max_length=1_000)]


class Comparing(NotKept):
    """The records are still being compared; nothing was kept."""

    def __init__(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        super().__init__(
            "comparing", f"Initiatives are still being compared ({done:,} of {total:,}). Try again in a minute"
        )


class JudgementRequest(Asked):
    """`says`: one of the six labels, or "confirm" or "reject" of `shown` (undeclared: the label that who asks is shown
    now), or "skip". `sure`: 1 for a toss-up, 2, or 3. Without `audience` only the own organisation knows of it."""

    a: Ident
    b: Ident
    says: str = Field(pattern=f"^({'|'.join([*Label, What.CONFIRM, What.REJECT, What.SKIP])})$")
    shown: Label | None = None
    reason: str = Field(default="", max_length=_LONGEST)
    sure: int = Field(default=3, ge=1, le=3)
    audience: Level = Level.OWN
    named: Names = Field(default_factory=list)


class LineRequest(BaseModel):
    """One line of a file of labelled pairs; `line` is its number."""

    model_config = ConfigDict(extra="forbid")
    line: int = Field(ge=0)
    a: Ident
    b: Ident
    label: Label
    confidence: int = Field(default=3, ge=1, le=3)
    why: str = Field(default="", max_length=_LONGEST)


class ImportRequest(Asked):
    """Labelled pairs that somebody brings along."""

    lines: Annotated[list[LineRequest], Field(max_length=judged_files.MOST_LINES)]
    audience: Level = Level.OWN
    named: Names = Field(default_factory=list)


class QueueRequest(BaseModel):
    """Places, themes and publishers by name or id."""

    model_config = ConfigDict(extra="forbid")
    places: Names = []
    themes: Names = []
    publishers: Names = []
    offset: int = Field(default=0, ge=0, le=1_000_000)
    limit: int = Field(default=20, ge=1, le=100)
    language: str = Field(default="en", max_length=10)


def waiting(index: Index, who: Who, asked: QueueRequest, wait: float | None = PATIENCE) -> dict[str, Any]:
    """The pairs on which a word is wanted, with why each meets."""
    with index.home.database.read() as session:
        wanted = _wanted(index, session, who, asked)
    with _compared():
        found = queue(index, who, wanted, offset=asked.offset, limit=asked.limit, wait=wait)
    return {
        "pairs": _told(index, found.pairs, Words(asked.language if asked.language in LANGUAGES else "en")),
        "total": found.total,
        "disputed": found.disputed,
        "offset": found.offset,
        "as_of": index.today().isoformat(),
    }


def _told(index: Index, pairs: Sequence[Queued], words: Words) -> list[dict[str, Any]]:
    """The pairs with a sentence for each clause."""
    clauses = [clause for pair in pairs for clause in pair.clauses]
    ids = {ident for clause in clauses for ident in (*clause.both, *clause.one, *clause.other)}
    with index.home.database.read() as session:
        places = place_names(session, ids)
    rows = []
    for pair in pairs:
        row = pair.as_json()
        one, other = pair.publishers if len(set(pair.publishers) - {""}) == 2 else (pair.a, pair.b)
        for side, against in (("for", False), ("against", True)):
            said = [clause for clause in pair.clauses if clause.fact.against is against]
            for clause, told in zip(said, row[side], strict=True):
                told["text"] = sentence(words, clause, one, other, places)
        rows.append(row)
    return rows


def judge(index: Index, who: Who, asked: JudgementRequest, wait: float | None = PATIENCE) -> dict[str, Any]:
    label = Label(asked.says) if asked.says in LABELS else None
    what = None if label is not None else What(asked.says)
    opinion = Opinion(
        asked.a, asked.b, label, what, asked.shown, asked.reason, asked.sure, asked.audience, tuple(asked.named)
    )
    with _compared(), not_busy():
        made = judging.judge(index, who, opinion, key=asked.key, wait=wait)
    with index.home.database.read() as session:
        kept = judgements.of_id(session, who.audience, made.id) or made
    return kept.as_json()


def entries(index: Index, who: Who, record: str, offset: int, limit: int) -> dict[str, Any]:
    """The history of what was said, of one record or of all, the newest first."""
    with index.home.database.read() as session:
        found = judgements.history(session, who.audience, record)
    return {"judgements": [entry.as_json() for entry in found[offset : offset + limit]], "total": len(found)}


def undo(index: Index, who: Who, judgement_id: str) -> dict[str, Any]:
    with writing(index) as session:
        return {"taken_back": judging.undo(session, who, judgement_id).as_json()}


def labelled(index: Index, who: Who) -> list[LabelledPair]:
    with index.home.database.read() as session:
        return judged_files.labelled(session, who.audience)


def exported(index: Index, who: Who) -> dict[str, Any]:
    """What counts, as labelled pairs."""
    return {
        "pairs": [
            {name: getattr(pair, name) for name in judged_files.COLUMNS} | {"label": pair.label.value}
            for pair in labelled(index, who)
        ]
    }


def imported(index: Index, who: Who, asked: ImportRequest) -> dict[str, Any]:
    """Keeps labelled pairs as judgements, and names the lines that cannot be kept."""
    lines = [Line(one.line, LabelledPair(one.a, one.b, one.label, one.confidence, why=one.why)) for one in asked.lines]
    with _compared(), not_busy():
        taken = judged_files.take_in(index, who, lines, asked.audience, tuple(asked.named))
    return {"kept": taken.kept, "unchanged": taken.unchanged, "problems": taken.problems}


def _wanted(index: Index, session: Session, who: Who, asked: QueueRequest) -> WantedPairs:
    found = WantedPairs(
        places=keeping.known_places(session, idents(index, session, who, "place", asked.places), who.audience),
        themes=keeping.known_ids(idents(index, session, who, "theme", asked.themes), themes(), "unknown_theme"),
        publishers=idents(index, session, who, "organisation", asked.publishers),
    )
    for organisation in found.publishers:
        keeping.known_organisation(session, organisation, who.audience)
    return found


@contextmanager
def _compared() -> Iterator[None]:
    try:
        yield
    except NotReady as error:
        raise Comparing(error.done, error.all) from None


# --- without a server -----------------------------------------------------------------------------------------------


def carry_out(index: Index, who: Who, method: str, path: str, values: dict[str, Any]) -> dict[str, Any] | None:
    """What a request to `path` does, in this process; None for a path that is not of this. Raises CommandError."""
    if not path.startswith(PATH):
        return None
    kind, _, rest = path.removeprefix(PATH).partition("/")
    operations: dict[tuple[str, str, str], Callable[[], dict[str, Any]]] = {
        ("GET", "queue", ""): lambda: waiting(
            index,
            who,
            QueueRequest(
                places=values["place"],
                themes=values["theme"],
                publishers=values["publisher"],
                offset=values["offset"],
                limit=values["limit"],
            ),
            _SHORTLY,
        ),
        ("POST", "judgements", ""): lambda: judge(index, who, JudgementRequest(**values), _SHORTLY),
        ("GET", "judgements", ""): lambda: entries(index, who, values["record"], values["offset"], values["limit"]),
        ("GET", "judgements", "export"): lambda: exported(index, who),
        ("POST", "judgements", "import"): lambda: imported(index, who, ImportRequest(**values)),
    }
    operation = operations.get((method, kind, rest))
    if method == "DELETE" and kind == "judgements" and rest:
        operation = lambda: undo(index, who, unquote(rest))  # noqa: E731
    if operation is None:
        return None
    try:
        return operation()
    except Comparing as error:
        raise NotYet(error.done, error.total) from None
    except NotKept as error:
        raise CommandError(str(error), 2 if isinstance(error, Wrong) else 1) from None
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise CommandError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}", 2) from None
