"""How good the data is: notes on records that tell the publisher how to mend them, and a report one could send."""

from __future__ import annotations

from knowledge.quality.catalogue import in_order, is_hint
from knowledge.quality.notes import lasting_notes, noted, notes_of, passing_notes, shown_notes

__all__ = ["in_order", "is_hint", "lasting_notes", "noted", "notes_of", "passing_notes", "shown_notes"]
