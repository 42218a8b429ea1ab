"""Who people of a chat speak for, as the settings have it: "WHO=ORGANISATION; WHO=ORGANISATION"."""

from __future__ import annotations

from knowledge import access
from knowledge.access import PUBLIC, Audience


def organisations_of(setting: str) -> dict[str, str]:
    """ "a1=Nile Relief Society; a1/b2=operator" as a mapping."""
    lines = (line.partition("=") for line in setting.split(";") if line.strip())
    return {who.strip(): name.strip() for who, _, name in lines}


def of_many(name: str) -> Audience:
    """What the people of a whole tenant may see, who speak for `name`: never what the operator may."""
    match name.strip().casefold():
        case "public" | "visitor":
            return PUBLIC
        case "community":
            return Audience(community=True, label="community")
        case _:
            return access.member(name.strip())
