"""The app package for Teams held against Microsoft's own schemas.

    python -m benchmarks.teams_package [--home HOME]

The schemas come with npm's @microsoft/app-manifest, installed into a temporary folder. Without --home the package is
made for invented settings, with it for those of that home. Prints what each file breaks; ends with 1 where one breaks
something, with 2 where there is no npm or registry. What it cannot show: what the store's reviewers ask beyond that.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from benchmarks.npm import Missing, installed
from connectors.teams.package import SCHEMA, package
from knowledge.settings import Settings

PACKAGE, VERSION = "@microsoft/app-manifest", "1.1.2"
_INVENTED: dict[str, Any] = {
    "public_url": "https://ground.example.org",
    "teams_app_id": "00000000-0000-4000-8000-000000000001",
    "teams_app_secret": "a-client-secret-of-nobody",
    "teams_tenants": "00000000-0000-4000-8000-000000000002",
}


def broken(content: bytes, schemas: Path) -> Iterator[tuple[str, list[str]]]:
    """Each file of the package that has a schema, with what it breaks."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            if not name.endswith(".json"):
                continue
            kind = "" if name == "manifest.json" else ".Localization"
            schema = json.loads((schemas / f"MicrosoftTeams{kind}.schema.json").read_text(encoding="utf-8"))
            check = validator_for(schema, Draft202012Validator)
            errors = check(schema, format_checker=check.FORMAT_CHECKER).iter_errors(json.loads(archive.read(name)))
            yield name, [f"{one.json_path}: {one.message[:200]}" for one in errors]


def main() -> None:
    arguments = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    arguments.add_argument("--home", type=Path)
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=given.home) if given.home else Settings(home=Path(folder) / "home", **_INVENTED)
        try:
            installed(Path(folder), PACKAGE, VERSION)
        except Missing as missing:
            print(missing, file=sys.stderr)
            sys.exit(2)
        schemas = Path(folder) / "node_modules" / PACKAGE / "build" / "json-schemas" / "teams" / f"v{SCHEMA}"
        wrong = False
        for name, errors in broken(package(settings), schemas):
            print(f"{name}: {'holds to' if not errors else 'breaks'} schema {SCHEMA}")
            for error in errors:
                print(f"  {error}")
            wrong = wrong or bool(errors)
    sys.exit(wrong)


if __name__ == "__main__":
    main()
