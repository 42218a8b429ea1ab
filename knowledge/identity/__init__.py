"""Which mentions are the same organisation. Pure functions over all mentions at once, so the order of files is nothing.

Two mentions are taken as one organisation only on evidence: the same normalised name, a curated list, a translation, a
shared identifier together with the same significant words or acronym, an acronym that one organisation alone bears, or
a person's decision. Nearness of spelling alone never joins: the African and the Asian Development Bank stay apart. What
is strong and does not suffice is kept as "possibly the same", with its evidence.
"""

from knowledge.identity.matching import Candidate, Known, Matcher
from knowledge.identity.names import fold, is_category_name, is_generic, split_acronym
from knowledge.identity.resolution import resolution, resolve
from knowledge.identity.shapes import (
    Decision,
    Evidence,
    Likeness,
    Mention,
    Name,
    Organisation,
    Pair,
    Reason,
    Resolution,
    Verdict,
)

__all__ = [
    "Candidate",
    "Decision",
    "Evidence",
    "Known",
    "Likeness",
    "Matcher",
    "Mention",
    "Name",
    "Organisation",
    "Pair",
    "Reason",
    "Resolution",
    "Verdict",
    "fold",
    "is_category_name",
    "is_generic",
    "resolution",
    "resolve",
    "split_acronym",
]
