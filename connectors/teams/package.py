"""`python -m connectors.teams.package`: the app package for these settings, a zip that Teams takes as it is.

Its icons are drawn here: two circles, and what they have in common.
"""

from __future__ import annotations

import json
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bot.words import LANGUAGES, Words
from connectors.channels.rendering import shortened
from connectors.channels.starting import teams_state
from connectors.teams.extension import CHECK, SEARCH
from knowledge.settings import PREFIX, Settings, SettingsError

SCHEMA = "1.19"
NAME = "teams-app.zip"
_SCHEMAS = f"https://developer.microsoft.com/en-us/json-schemas/teams/v{SCHEMA}"
_ACCENT = "#12514B"
_MOST = {"name.short": 30, "name.full": 100, "short": 80, "full": 4000, "title": 32, "description": 128}
_WHEN = (2026, 1, 1, 0, 0, 0)

Json = dict[str, Any]
Colour = tuple[int, int, int, int]


class NoPackage(Exception):
    """The settings do not make an app yet. The message is for the operator."""


def package(settings: Settings) -> bytes:
    """The zip: manifest, words in all our languages, two icons. Raises NoPackage."""
    on, missing = teams_state(settings)
    if not on:
        raise NoPackage(f"set {missing or 'teams_app_id, teams_app_secret, teams_tenants'}; docs/teams.md says how")
    if not settings.public_url.startswith("https://"):
        raise NoPackage(f"set {PREFIX}PUBLIC_URL to the https address at which Teams reaches this installation")
    files = {
        "manifest.json": _written(manifest(settings)),
        "color.png": icon(192, _in_colour),
        "outline.png": icon(32, _in_outline),
    }
    for language in LANGUAGES[1:]:
        files[f"{language}.json"] = _written(_localised(language))
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, _WHEN), content)
    return made.getvalue()


def manifest(settings: Settings) -> Json:
    base = settings.public_url
    bot = settings.teams_app_id
    said = _said(LANGUAGES[0])
    query = {
        "id": SEARCH,
        "type": "query",
        "title": said["composeExtensions[0].commands[0].title"],
        "description": said["composeExtensions[0].commands[0].description"],
        "initialRun": True,
        "context": ["compose", "commandBox"],
        "parameters": [
            {
                "name": "query",
                "inputType": "text",
                "title": said["composeExtensions[0].commands[0].parameters[0].title"],
                "description": said["composeExtensions[0].commands[0].parameters[0].description"],
            }
        ],
    }
    check = {
        "id": CHECK,
        "type": "action",
        "title": said["composeExtensions[0].commands[1].title"],
        "description": said["composeExtensions[0].commands[1].description"],
        "context": ["message"],
        "fetchTask": True,
    }
    command = {
        "title": said["bots[0].commandLists[0].commands[0].title"],
        "description": said["bots[0].commandLists[0].commands[0].description"],
    }
    scopes = ["personal", "team", "groupChat"]
    return {
        "$schema": f"{_SCHEMAS}/MicrosoftTeams.schema.json",
        "manifestVersion": SCHEMA,
        "version": version("commonground"),
        "id": bot,
        "developer": {
            "name": shortened(settings.organisation, 32) or "Common Ground",
            "websiteUrl": base,
            "privacyUrl": base,
            "termsOfUseUrl": base,
        },
        "name": {"short": said["name.short"], "full": said["name.full"]},
        "description": {"short": said["description.short"], "full": said["description.full"]},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": _ACCENT,
        "bots": [
            {
                "botId": bot,
                "scopes": scopes,
                "supportsFiles": True,
                "isNotificationOnly": False,
                "commandLists": [{"scopes": scopes, "commands": [command]}],
            }
        ],
        "composeExtensions": [{"botId": bot, "commands": [query, check]}],
        "permissions": ["identity", "messageTeamMembers"],
        "validDomains": [str(urlsplit(base).hostname)],
        "localizationInfo": {
            "defaultLanguageTag": LANGUAGES[0],
            "additionalLanguages": [{"languageTag": one, "file": f"{one}.json"} for one in LANGUAGES[1:]],
        },
    }


def _said(language: str) -> dict[str, str]:
    """The app's words by their places in the manifest."""
    words = Words(language)
    command, check = "composeExtensions[0].commands[0]", "composeExtensions[0].commands[1]"
    said = {
        "name.short": "Common Ground",
        "name.full": f"Common Ground: {words('teams_app_short')}",
        "description.short": words("teams_app_short"),
        "description.full": words("channel_home_lead"),
        "bots[0].commandLists[0].commands[0].title": words("channel_ask_help"),
        "bots[0].commandLists[0].commands[0].description": words("teams_app_help"),
        f"{command}.title": words("teams_search_title"),
        f"{command}.description": words("teams_search_help"),
        f"{command}.parameters[0].title": words("teams_search_title"),
        f"{command}.parameters[0].description": words("teams_search_help"),
        f"{check}.title": words("teams_check_title"),
        f"{check}.description": words("teams_check_help"),
    }
    most = {where: _MOST.get(where, _MOST.get(where.rpartition(".")[2], 100)) for where in said}
    return {where: shortened(text, most[where]) for where, text in said.items()}


def _localised(language: str) -> Json:
    return {"$schema": f"{_SCHEMAS}/MicrosoftTeams.Localization.schema.json"} | _said(language)


def _written(content: Json) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=2).encode()


# --- icons


def icon(size: int, colour: Callable[[float, float, float], Colour]) -> bytes:
    """A square PNG of `size` pixels. `colour` gives red, green, blue, alpha at a point between 0 and 1, and is told how
    wide a pixel is there."""
    rows = (
        b"\0" + b"".join(bytes(colour((x + 0.5) / size, (y + 0.5) / size, 1 / size)) for x in range(size))
        for y in range(size)
    )
    head = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _circles(x: float, y: float) -> tuple[float, float]:
    """Distances from the edges of the two circles, negative inside."""
    left = ((x - 0.39) ** 2 + (y - 0.5) ** 2) ** 0.5 - 0.25
    right = ((x - 0.61) ** 2 + (y - 0.5) ** 2) ** 0.5 - 0.25
    return left, right


def _cover(distance: float, pixel: float) -> float:
    """How much of a pixel lies inside."""
    return min(max(0.5 - distance / pixel, 0.0), 1.0)


def _in_colour(x: float, y: float, pixel: float) -> Colour:
    left, right = (_cover(one, pixel) for one in _circles(x, y))
    shared = left * right
    share = 0.55 * (left + right - 2 * shared) + shared
    ground, light = (0x12, 0x51, 0x4B), (0xFF, 0xFF, 0xFF)
    red, green, blue = (round(g + (w - g) * share) for g, w in zip(ground, light, strict=True))
    return red, green, blue, 255


def _in_outline(x: float, y: float, pixel: float) -> Colour:
    """White on nothing, as Teams asks for: two rings, and what they share filled."""
    distances = _circles(x, y)
    rings = max(_cover(abs(one) - 0.03, pixel) for one in distances)
    shared = _cover(max(distances), pixel)
    return 255, 255, 255, round(255 * max(rings, shared))


def main() -> int:
    try:
        settings = Settings.load()
        content = package(settings)
    except (NoPackage, SettingsError) as error:
        print(f"No package: {error}", file=sys.stderr)
        return 1
    settings.home.mkdir(parents=True, exist_ok=True)
    path: Path = settings.home / NAME
    path.write_bytes(content)
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
