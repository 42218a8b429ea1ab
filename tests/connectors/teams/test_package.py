"""The app package: what Teams' schema asks for, in every language, with icons that are pictures of the right size."""

from __future__ import annotations

import json
import re
import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from bot.words import LANGUAGES
from connectors.teams import extension
from connectors.teams.package import NoPackage, package
from knowledge.settings import Settings

ID = "11111111-2222-4333-8444-555555555555"
Json = dict[str, Any]


def settings(home: Path, **more: Any) -> Settings:
    given: Json = {
        "home": home,
        "teams_app_id": ID,
        "teams_app_secret": "a-secret-of-tests",
        "teams_tenants": ID,
        "public_url": "https://ground.example",
    }
    return Settings(**(given | more))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    made = package(settings(tmp_path_factory.mktemp("home")))
    assert b"a-secret-of-tests" not in made
    with ZipFile(BytesIO(made)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def manifest(files: dict[str, bytes]) -> Json:
    found: Json = json.loads(files["manifest.json"])
    return found


def test_the_manifest_holds_what_the_schema_asks_for(manifest: Json) -> None:
    needed = {
        "$schema", "manifestVersion", "version", "id", "developer", "name", "description", "icons", "accentColor"
    }  # fmt: skip
    assert needed <= set(manifest)
    assert manifest["manifestVersion"] == "1.19"
    assert f"/v{manifest['manifestVersion']}/" in manifest["$schema"]
    assert manifest["id"] == ID
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    assert len(manifest["name"]["short"]) <= 30
    assert len(manifest["name"]["full"]) <= 100
    assert len(manifest["description"]["short"]) <= 80
    assert 0 < len(manifest["description"]["full"]) <= 4000
    assert len(manifest["developer"]["name"]) <= 32
    assert all(url.startswith("https://") for name, url in manifest["developer"].items() if name != "name")
    assert re.fullmatch(r"#[0-9A-F]{6}", manifest["accentColor"])
    assert manifest["validDomains"] == ["ground.example"]
    assert set(manifest["permissions"]) <= {"identity", "messageTeamMembers"}


def test_the_bot_is_where_people_are(manifest: Json) -> None:
    (bot,) = manifest["bots"]
    assert bot["botId"] == ID
    assert bot["supportsFiles"] is True
    assert sorted(bot["scopes"]) == ["groupChat", "personal", "team"]
    for commands in bot["commandLists"]:
        for command in commands["commands"]:
            assert 0 < len(command["title"]) <= 32
            assert 0 < len(command["description"]) <= 128


def test_the_commands_are_those_that_are_answered(manifest: Json) -> None:
    (made,) = manifest["composeExtensions"]
    query, check = made["commands"]
    assert (query["id"], query["type"], query["parameters"][0]["name"]) == (extension.SEARCH, "query", "query")
    assert (check["id"], check["type"], check["fetchTask"]) == (extension.CHECK, "action", True)
    assert check["context"] == ["message"]
    for command in (query, check):
        assert 0 < len(command["title"]) <= 32
        assert 0 < len(command["description"]) <= 128
    for parameter in query["parameters"]:
        assert 0 < len(parameter["title"]) <= 32
        assert 0 < len(parameter["description"]) <= 128


def test_every_language_names_all_that_is_said(manifest: Json, files: dict[str, bytes]) -> None:
    others = manifest["localizationInfo"]["additionalLanguages"]
    assert [one["languageTag"] for one in others] == list(LANGUAGES[1:])
    names: set[str] = set()
    for one in others:
        said = json.loads(files[one["file"]])
        names = names or set(said)
        assert set(said) == names
        assert all(said.values())
        assert len(said["name.short"]) <= 30
        assert len(said["name.full"]) <= 100
        assert len(said["description.short"]) <= 80
        for where in names - {"$schema"}:
            value: Any = manifest
            for part in re.findall(r"[^.\[\]]+", where):
                value = value[int(part)] if part.isdecimal() else value[part]
            assert isinstance(value, str)
            assert re.match(r"(name|description|bots|composeExtensions)\b", where)
            if where.endswith(".title"):
                assert len(said[where]) <= 32
            elif where.endswith("].description"):
                assert len(said[where]) <= 128


@pytest.mark.parametrize(("name", "size"), [("color.png", 192), ("outline.png", 32)])
def test_icons_are_pictures_of_the_size_that_teams_asks_for(files: dict[str, bytes], name: str, size: int) -> None:
    content = files[name]
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", content[16:24]) == (size, size)
    start = content.index(b"IDAT") - 4
    (length,) = struct.unpack(">I", content[start : start + 4])
    pixels = zlib.decompress(content[start + 8 : start + 8 + length])
    assert len(pixels) == size * (size * 4 + 1)
    alphas = {pixels[row * (size * 4 + 1) + 1 + x * 4 + 3] for row in range(size) for x in range(size)}
    colours = {pixels[row * (size * 4 + 1) + 1 + x * 4 :][:3] for row in range(size) for x in range(size)}
    if name == "outline.png":
        assert colours == {b"\xff\xff\xff"}, "white alone"
        assert {0, 255} <= alphas
    else:
        assert alphas == {255}
        assert len(colours) > 2


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"teams_app_id": ""}, "teams_app_id"),
        ({"public_url": ""}, "PUBLIC_URL"),
        ({"public_url": "http://ground.example"}, "PUBLIC_URL"),
    ],
)
def test_what_is_missing_is_said(tmp_path: Path, changed: Json, named: str) -> None:
    with pytest.raises(NoPackage, match=named):
        package(settings(tmp_path, **changed))


def test_the_same_settings_make_the_same_package(tmp_path: Path) -> None:
    assert package(settings(tmp_path)) == package(settings(tmp_path))
