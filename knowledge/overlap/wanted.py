"""What is asked of the graph: a record, a proposal, or a place and theme, and what narrows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.overlap.labels import Label
from knowledge.records import Record
from knowledge.whowhatwhere import NOTHING, Without

MEET = (Label.OVERLAP, Label.COMPLEMENTARY)
"""What brings initiatives together, in the order in which meetings stand."""
SAME = (Label.DUPLICATE, Label.CHAIN, Label.FAMILY)
"""What makes records parts of one work or programme."""


class Unknown(LookupError):
    """A record that is not compared: there is none of that identifier which the asker may see, or it is no initiative.
    The message says which."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked. `record` (an identifier) or `proposal` (not stored), or else places, themes and organisations by
    id; with a record or proposal these narrow what it meets.

    `start`/`end`: initiatives whose period meets that span. `kinds`: kinds of the organisations that do the work.
    `starting_within`: only initiatives that start in so many months from today. `at_least`: districts in which so many
    different organisations do the work. `only_open`: leave out what ended. `labels`: what initiatives are to be to each
    other; with those of `SAME` alone, records that are one work are not folded but found.
    `links`: without, declared links of the record are hidden.
    """

    record: str = ""
    proposal: Record | None = None
    places: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    kinds: tuple[str, ...] = ()
    starting_within: int = 0
    at_least: int = 0
    only_open: bool = False
    labels: tuple[Label, ...] = MEET
    without: Without = NOTHING
    links: bool = True

    @property
    def about_one(self) -> bool:
        """Whether it is a record or proposal that is asked about."""
        return bool(self.record) or self.proposal is not None

    @property
    def same_only(self) -> bool:
        """Whether only what is the same work or programme is asked for: duplicates, chains, families."""
        return set(self.labels) <= set(SAME)

    @property
    def beyond(self) -> bool:
        """Whether what is asked for is to meet whatever there is, and not only each other: of one organisation, whose
        work does not overlap with itself, and of records of one work, of which the other may lack the place."""
        return not self.about_one and not self.at_least and (self.same_only or len(self.organisations) == 1)

    @property
    def narrows(self) -> bool:
        """Whether anything but the record or proposal is asked for."""
        asked = (self.places, self.themes, self.organisations, self.kinds, self.start, self.end, self.starting_within)
        return any(asked) or self.only_open or self.without != NOTHING
