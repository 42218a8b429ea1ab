"""Text to organisations, kinds of organisation, places, themes, periods and records."""

from knowledge.linking.entities import LinkedEntity, LinkResult, OrganisationEntry, PlaceEntry
from knowledge.linking.lexicon import Lexicon
from knowledge.linking.linker import Linker

__all__ = ["Lexicon", "LinkResult", "LinkedEntity", "Linker", "OrganisationEntry", "PlaceEntry"]
