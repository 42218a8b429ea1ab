"""Writes projects, flows of money, grants, contracts and lending, each in the format of its own register.

Every record is about a work of the plan that anybody may see, so that money, projects and activities can be paired;
what pairs with what is listed in planted.yml.
"""

from __future__ import annotations

from knowledge.corpus.activities import Corpus
from knowledge.corpus.funding.appeals import write_plans, write_projects
from knowledge.corpus.funding.contracts import write_contracts
from knowledge.corpus.funding.flows import write_flows
from knowledge.corpus.funding.grants import write_grants
from knowledge.corpus.funding.lending import write_lending
from knowledge.corpus.funding.shared import Written

__all__ = ["Written", "write_funding"]


def write_funding(corpus: Corpus, office: str) -> Written:
    """All files. Call it when the audiences of the activities are set."""
    written = Written(office)
    projects = write_projects(corpus, written)
    write_plans(written)
    write_flows(corpus, projects, written)
    write_grants(corpus, written)
    write_contracts(corpus, written)
    write_lending(corpus, written)
    return written
