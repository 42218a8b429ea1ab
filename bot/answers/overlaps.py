"""Clauses of `knowledge.overlap.explaining` as sentences. Each names the field of both records that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.words import Words
from knowledge.countries import country_names
from knowledge.overlap.explaining import Clause, Fact
from knowledge.overlap.words import word_label
from knowledge.vocabulary import sector_name


def sentence(words: Words, clause: Clause, one: str, other: str, places: Mapping[str, str]) -> str:
    """The clause in words. `one` and `other` are how the two records are called; `places` names places by id."""
    match clause.fact:
        case Fact.LINKED:
            return words("meet_linked")
        case Fact.NAMED:
            key = "meet_named_both" if len(set(clause.both)) > 1 else "meet_named"
            return words(key, organisations=words.listed(clause.both))
        case Fact.SAME_PUBLISHER:
            return words("meet_same_publisher", organisations=words.listed(clause.both))
        case Fact.SAME_NUMBER:
            return words("meet_same_number", numbers=words.listed(clause.both))
        case Fact.PART_OF_NUMBER:
            whole, part = clause.both
            return words("meet_part_of_number", number=whole, longer=part)
        case Fact.SAME_AMOUNT:
            return words("meet_same_amount", amount=words.listed(clause.both))
        case Fact.SAME_SERVICES:
            return words("meet_same_services", services=labelled(words, clause.both))
        case Fact.SAME_GROUPS:
            return words("meet_same_groups", groups=labelled(words, clause.both))
        case Fact.SAME_SECTORS:
            sectors = words.listed(sector_name(code, words.language) for code in clause.both)
            return words("meet_same_sectors", sectors=sectors)
        case Fact.SAME_AREAS:
            return words("meet_same_areas", places=named_places(words, clause.both, places))
        case Fact.SAME_COUNTRIES:
            return words("meet_same_countries", places=named_places(words, clause.both, places))
        case Fact.AT_ONE_TIME:
            return words("meet_at_one_time", start=words.date(clause.days["start"]), end=words.date(clause.days["end"]))
        case Fact.SAME_PARTNERS:
            return words("meet_same_partners", organisations=words.listed(clause.both))
        case Fact.OTHER_SERVICES:
            mine, theirs = labelled(words, clause.one), labelled(words, clause.other)
            return words("meet_other_services", one=one, other=other, mine=mine, theirs=theirs)
        case Fact.OTHER_AREAS | Fact.OTHER_COUNTRIES:
            mine, theirs = named_places(words, clause.one, places), named_places(words, clause.other, places)
            return words("meet_other_areas", one=one, other=other, mine=mine, theirs=theirs)
        case Fact.ONE_AFTER_OTHER:
            return words(
                "meet_one_after_other", end=words.date(clause.days["end"]), start=words.date(clause.days["start"])
            )
        case Fact.UNDATED:
            return words("meet_undated")
        case Fact.OTHER_FUNDERS:
            mine, theirs = words.listed(clause.one), words.listed(clause.other)
            return words("meet_other_funders", one=one, other=other, mine=mine, theirs=theirs)
        case Fact.STRANGERS:
            return words("meet_strangers")


def labelled(words: Words, ids: Iterable[str]) -> str:
    """Names of groups and services."""
    return words.listed(word_label(ident, words.language) for ident in ids)


def named_places(words: Words, ids: Iterable[str], names: Mapping[str, str]) -> str:
    """Countries in the language of the reply, other places as they are written; not those whose parts are named too."""
    known, listed = country_names(), list(ids)
    # Codes of places begin with the code of what they lie in.
    finest = [one for one in listed if not any(other != one and other.startswith(one) for other in listed)]
    return words.listed(
        words.country(ident, known[ident][0]) if ident in known else names.get(ident, ident) for ident in finest
    )
