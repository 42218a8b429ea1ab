"""The IATI codes that the reader itself must understand, of 2.03 and of 1.0x. Names of sectors, countries and kinds are
elsewhere. Words and letters are those that 1.0x has in place of codes; keys are in lower case."""

from __future__ import annotations

import re

from knowledge.records import Role

ROLES = {"1": Role.FUNDING, "2": Role.ACCOUNTABLE, "3": Role.EXTENDING, "4": Role.IMPLEMENTING}
ROLE_WORDS = {role.value: code for code, role in ROLES.items()}
STATUSES = {
    "1": "pipeline",
    "2": "implementation",
    "3": "finalisation",
    "4": "closed",
    "5": "cancelled",
    "6": "suspended",
}
STATUS_WORDS = {
    **{word: code for code, word in STATUSES.items()},
    "pipeline/identification": "1",
    "completion": "3",
    "post-completion": "4",
}
DATE_FIELDS = {"1": "planned_start", "2": "actual_start", "3": "planned_end", "4": "actual_end"}
DATE_WORDS = {
    "start-planned": "1",
    "planned-start": "1",
    "start-actual": "2",
    "actual-start": "2",
    "end-planned": "3",
    "planned-end": "3",
    "end-actual": "4",
    "actual-end": "4",
}
DESCRIPTIONS = {"1": "general", "2": "objectives", "3": "target_groups", "4": "other"}
DESCRIPTION_WORDS = {"general": "1", "objectives": "2", "target groups": "3", "target_groups": "3", "other": "4"}
RELATIONS = {"1": "parent", "2": "child", "3": "sibling", "4": "cofunded", "5": "third-party"}
RELATION_WORDS = {
    "parent": "1",
    "child": "2",
    "sibling": "3",
    "multifunded": "4",
    "co-funded": "4",
    "third party": "5",
    "third-party": "5",
}
RESULTS = {"1": "output", "2": "outcome", "3": "impact", "9": "other"}
RESULT_WORDS = {word: code for code, word in RESULTS.items()}
MEASURES = {"1": "unit", "2": "percentage", "3": "nominal", "4": "ordinal", "5": "qualitative"}
TRANSACTIONS = frozenset(str(number) for number in range(1, 14))
TRANSACTION_WORDS = {
    "if": "1",
    "incoming funds": "1",
    "c": "2",
    "commitment": "2",
    "d": "3",
    "disbursement": "3",
    "e": "4",
    "expenditure": "4",
    "ir": "5",
    "interest repayment": "5",
    "lr": "6",
    "loan repayment": "6",
    "r": "7",
    "reimbursement": "7",
    "qp": "8",
    "purchase of equity": "8",
    "qs": "9",
    "sale of equity": "9",
    "cg": "10",
    "credit guarantee": "10",
    "ic": "11",
    "incoming commitment": "11",
}
ORGANISATION_TYPES = frozenset(
    ["10", "11", "15", "21", "22", "23", "24", "30", "40", "60", "70", "71", "72", "73", "80", "90"]
)
SECTOR_VOCABULARIES = frozenset(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "98", "99"])
SECTOR_VOCABULARY_WORDS = {
    "dac": "1",
    "dac-3": "2",
    "cofog": "3",
    "nace": "4",
    "ntee": "5",
    "adt": "6",
    "ro2": "98",
    "ro": "99",
}
SDG_TAGS = frozenset(("2", "3"))
"""TagVocabulary codes for Sustainable Development Goals and targets."""
WEB_PAGE = "A12"
"""DocumentCategory of an activity's own page: what the `activity-website` of 1.0x became."""

CHANNEL_CODE = re.compile(r"[1-9]\d{4}")
"""A code of the OECD channel list (CRSChannelCode), which is no organisation identifier when it stands alone."""
