"""Every action of the dialogue that answers a message, and the capability behind it."""

from __future__ import annotations

from bot.actions.asking import not_built, who_does_what
from bot.actions.context import Capability
from bot.actions.describing import describe, provenance
from bot.actions.extracting import find_contact, find_mandate, find_results
from bot.actions.following import choose, fallback, refine, show_more
from bot.actions.overlapping_found import find_overlaps
from bot.actions.overlapping_pairs import compare_records
from bot.actions.talking import cancel, greet, help_, out_of_scope, restart, thanks, yes_or_no
from bot.actions.watching import list_watches, what_changed

CAPABILITIES: dict[str, Capability] = {
    "action_who_does_what": who_does_what,
    "action_find_overlaps": find_overlaps,
    "action_compare_records": compare_records,
    "action_describe_record": describe,
    "action_provenance": provenance,
    "action_help": help_,
    "action_greet": greet,
    "action_thanks": thanks,
    "action_out_of_scope": out_of_scope,
    "action_show_more": show_more,
    "action_refine": refine,
    "action_choose": choose,
    "action_restart_conversation": restart,
    "action_fallback": fallback,
    "action_yes_or_no": yes_or_no,
    "action_cancel": cancel,
    "action_find_contact": find_contact,
    "action_find_mandate": find_mandate,
    "action_find_results": find_results,
    "action_list_watches": list_watches,
    "action_what_changed": what_changed,
    "action_capability": not_built,
}
