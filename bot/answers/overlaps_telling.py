"""What two records are to each other, told: the verdict with how sure it is, what they share, what parts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answers import phrases
from bot.answers.overlaps import labelled, named_places, sentence
from bot.words import Words
from knowledge.finding import Hit
from knowledge.overlap.explaining import Clause, Fact
from knowledge.overlap.labels import Label
from knowledge.overlap.profiles import Party, Profile
from knowledge.records import Role
from knowledge.vocabulary import sector_name
from knowledge.whowhatwhere import doing

_NAME = 48
_DOERS = 2
_DIFFERENT_ENDS = 31
"""Days from which two ends are worth telling apart."""
_SURE = ((0.9, "almost"), (0.75, "very"), (0.55, "likely"), (0.0, "open"))
_OPEN_BELOW = 0.55
_NEAR_BEST = 0.2
"""The next label is named from this probability on."""
_MOST_SURE = 99
_ABOUT_EACH_OTHER = frozenset({Fact.STRANGERS, Fact.OTHER_FUNDERS})
_SAID_SHORT = (Fact.LINKED, Fact.SAME_NUMBER, Fact.PART_OF_NUMBER, Fact.SAME_AMOUNT)
_MERGED = frozenset({Fact.SAME_SERVICES, Fact.SAME_SECTORS, Fact.SAME_AREAS, Fact.AT_ONE_TIME})


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences of two records: `shared` speaks for one work, `parting` against it, `between` of who knows whom."""

    shared: list[str]
    parting: list[str]
    between: list[str]


def names(one: Hit, other: Hit) -> tuple[str, str]:
    """How the two are called in a sentence: by whose they are, by their titles where that is the same."""
    mine, theirs = whose(one), whose(other)
    if mine and theirs and mine != theirs:
        return phrases.cut(mine, _NAME), phrases.cut(theirs, _NAME)
    if one.title and other.title and one.title != other.title:
        return f"“{phrases.cut(one.title, _NAME)}”", f"“{phrases.cut(other.title, _NAME)}”"
    return one.id, other.id


def whose(hit: Hit) -> str:
    """Who reports the record; where that is a list of others' projects, who does the work."""
    takes_part = any(hit.publisher in (part.name, part.written) for part in hit.organisations)
    doers = doing(hit)
    return hit.publisher if takes_part or not doers else doers[0].written


def by(words: Words, hit: Hit) -> str:
    """Who does the work, and who reports it where that is somebody else: " (Oxfam, reported by UNICEF)"."""
    doers = list(dict.fromkeys(part.written for part in doing(hit)))
    named = {name for part in doing(hit) for name in (part.name, part.written)}
    if not doers or hit.publisher in named:
        return f" ({hit.publisher})" if hit.publisher else ""
    done = phrases.shortened(words, [phrases.cut(name, _NAME) for name in doers], _DOERS)
    return f" ({words('done_by', doers=done, publisher=hit.publisher)})" if hit.publisher else f" ({done})"


def percent(probability: float) -> int:
    """In whole per cent; nothing that is estimated is said to be certain."""
    return max(1, min(_MOST_SURE, round(100 * probability)))


def sure(words: Words, probability: float) -> str:
    """How sure, in words and as a number: "very likely (82%)"."""
    step = next(name for least, name in _SURE if probability >= least)
    return words(f"sure_{step}", percent=percent(probability))


def verdict(words: Words, label: Label, probabilities: Mapping[Label, float], *, over: bool = False) -> list[str]:
    """What the two are, how sure that is, and what else they may be. `over`: one of them has passed by its dates."""
    likely = probabilities[label]
    chance, other = max(((p, one) for one, p in probabilities.items() if one is not label), default=(0.0, label))
    beside = words("pair_else", label=words(f"label_of_{other}"), percent=percent(chance))
    if likely < _OPEN_BELOW and chance >= _NEAR_BEST:
        first = words("pair_open", label=words(f"label_of_{label}"), percent=percent(likely))
        return [first, beside, words("pair_ask")]
    said = [said_as(words, label, over=over), words("pair_sure", sure=sure(words, likely))]
    return [*said, beside] if chance >= _NEAR_BEST else said


def said_as(words: Words, label: Label, *, over: bool) -> str:
    """What two records are, with what to do about it: what is over cannot be brought together any more."""
    return words("pair_overlap_over") if over and label is Label.OVERLAP else words(f"pair_{label}")


def is_over(hit: Hit, today: date) -> bool:
    """Whether the dates say that it has passed, whatever is reported of it."""
    return hit.end is not None and hit.end < today


def told(
    words: Words,
    clauses: Sequence[Clause],
    called: tuple[str, str],
    ends: tuple[date | None, date | None],
    places: Mapping[str, str],
    today: date,
) -> Told:
    """The clauses as few sentences. `called` is how the two are called, `ends` when they end."""
    first, second = called
    by_fact = {clause.fact: clause for clause in clauses}
    shared = [*_work(words, by_fact, places), *_time(words, by_fact, called, ends, today)]
    parting: list[str] = []
    between: list[str] = []
    for clause in clauses:
        if clause.fact in _MERGED:
            continue
        said = sentence(words, clause, first, second, places)
        if clause.fact.against:
            parting.append(said)
        else:
            (between if clause.fact in _ABOUT_EACH_OTHER else shared).append(said)
    return Told(shared, parting, between)


def _work(words: Words, by_fact: Mapping[Fact, Clause], places: Mapping[str, str]) -> list[str]:
    """What both do and where, as one sentence where both are known."""
    services, sectors, areas = (by_fact.get(f) for f in (Fact.SAME_SERVICES, Fact.SAME_SECTORS, Fact.SAME_AREAS))
    where = named_places(words, areas.both, places) if areas else ""
    if services:
        what = labelled(words, services.both)
        return [words("tell_work_in", services=what, places=where) if where else words("tell_work", services=what)]
    said = [words("tell_sectors", sectors=_sectors(words, sectors))] if sectors else []
    return [*said, words("tell_area", places=where)] if where else said


def _sectors(words: Words, clause: Clause) -> str:
    return words.listed(sector_name(code, words.language) for code in clause.both)


def _time(
    words: Words,
    by_fact: Mapping[Fact, Clause],
    called: tuple[str, str],
    ends: tuple[date | None, date | None],
    today: date,
) -> list[str]:
    clause = by_fact.get(Fact.AT_ONE_TIME)
    if clause is None:
        return []
    start, end = clause.days["start"], clause.days["end"]
    stage = "past" if end < today else "ahead" if start > today else "now"
    said = [words(f"tell_time_{stage}", start=words.date(start), end=words.date(end))]
    if ends[0] and ends[1] and abs((ends[0] - ends[1]).days) > _DIFFERENT_ENDS:
        mine, theirs = (words.date(day) for day in ends)
        said.append(words("tell_ends", one=called[0], end=mine, other=called[1], other_end=theirs))
    return said


def flow(words: Words, one: Profile, other: Profile) -> str:
    """Of a chain, who pays and who does the work, where the records say so; else ""."""
    for above, below in ((one, other), (other, one)):
        pays = _takes_part(above.reporter, below, Role.FUNDING)
        if pays or _takes_part(below.reporter, above, Role.IMPLEMENTING):
            return words("pair_flow", payer=above.reporter.name, doer=below.reporter.name)
    return ""


def _takes_part(party: Party, record: Profile, role: Role) -> bool:
    certain = {key for key, sure_of in party.keys.items() if sure_of >= 1.0}
    return any(p.role is role and any(p.keys.get(key, 0.0) >= 1.0 for key in certain) for p in record.parts)


def in_short(words: Words, clauses: Sequence[Clause], places: Mapping[str, str]) -> str:
    """What two records share and what parts them, in a cell of a table."""
    by_fact = {clause.fact: clause for clause in clauses}
    said: list[str] = []
    if clause := by_fact.get(Fact.SAME_SERVICES):
        said.append(labelled(words, clause.both))
    elif clause := by_fact.get(Fact.SAME_SECTORS):
        said.append(_sectors(words, clause))
    if clause := by_fact.get(Fact.SAME_GROUPS):
        said.append(labelled(words, clause.both))
    if clause := by_fact.get(Fact.SAME_AREAS) or by_fact.get(Fact.SAME_COUNTRIES):
        said.append(named_places(words, clause.both, places))
    if clause := by_fact.get(Fact.AT_ONE_TIME):
        start, end = words.month(clause.days["start"]), words.month(clause.days["end"])
        said.append(words("short_time", start=start, end=end))
    said += [words(f"short_{fact}") for fact in _SAID_SHORT if fact in by_fact]
    parting = [words(f"short_{clause.fact}") for clause in clauses if clause.fact.against]
    if parting:
        said.append(words("short_but", list=words.listed(parting)))
    return "; ".join(said)
