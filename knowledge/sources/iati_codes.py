"""The IATI 2.03 codes that the reader itself must understand. Names of sectors, countries and kinds are elsewhere."""

from __future__ import annotations

import re

from knowledge.records import Role

ROLES = {"1": Role.FUNDING, "2": Role.ACCOUNTABLE, "3": Role.EXTENDING, "4": Role.IMPLEMENTING}
ROLE_WORDS = {role.value: role for role in ROLES.values()}
STATUSES = {
    "1": "pipeline",
    "2": "implementation",
    "3": "finalisation",
    "4": "closed",
    "5": "cancelled",
    "6": "suspended",
}
DATE_FIELDS = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
DESCRIPTIONS = {"1": "general", "2": "objectives", "3": "target_groups", "4": "other"}
RELATIONS = {"1": "parent", "2": "child", "3": "sibling", "4": "cofunded", "5": "third-party"}
RESULTS = {"1": "output", "2": "outcome", "3": "impact", "9": "other"}
MEASURES = {"1": "unit", "2": "percentage", "3": "nominal", "4": "ordinal", "5": "qualitative"}
TRANSACTIONS = frozenset(str(number) for number in range(1, 14))
ORGANISATION_TYPES = frozenset(
    ["10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90"]
)
SECTOR_VOCABULARIES = frozenset(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "98", "99"])
SDG_TAGS = frozenset(("2", "3"))
"""TagVocabulary codes for Sustainable Development Goals and targets."""

CHANNEL_CODE = re.compile(r"[1-9]\d{4}")
"""A code of the OECD channel list (CRSChannelCode), which is no organisation identifier when it stands alone."""
