"""Where packages come from: what pip is configured with on this machine, told to uv in uv's words."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

_LINE = re.compile(r"^(?P<section>:?[\w-]+:?)\.(?P<key>[\w-]+)=(?P<value>.+)$")
_ORDER = {"global": 0, "install": 1, ":env:": 2}


def pip_configuration(python: Path) -> dict[str, str]:
    """pip's own settings as it would use them for `install` (environment before `install` before `global`)."""
    shown = subprocess.run([python, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False).stdout
    return parse_configuration(shown)


def parse_configuration(shown: str) -> dict[str, str]:
    found: dict[str, tuple[int, str]] = {}
    for line in shown.splitlines():
        match = _LINE.match(line.strip())
        if not match or match["section"] not in _ORDER:
            continue
        rank = _ORDER[match["section"]]
        if rank >= found.get(match["key"], (-1, ""))[0]:
            found[match["key"]] = (rank, str(ast.literal_eval(match["value"])))
    return {key: value for key, (_, value) in found.items()}


def uv_environment(configuration: Mapping[str, str], base: Mapping[str, str] | None = None) -> dict[str, str]:
    """`base` (default: this process's environment) with pip's main index as uv's; what uv is told already stays."""
    env = dict(os.environ if base is None else base)
    translated = {
        "UV_DEFAULT_INDEX": configuration.get("index-url", ""),
        "UV_FIND_LINKS": ",".join(configuration.get("find-links", "").split()),
        "SSL_CERT_FILE": configuration.get("cert", ""),
        "UV_INSECURE_HOST": configuration.get("trusted-host", ""),
        "UV_HTTP_TIMEOUT": configuration.get("timeout", "") or configuration.get("default-timeout", "") or "120",
    }
    for name, value in translated.items():
        if value:
            env.setdefault(name, value)
    env.pop("VIRTUAL_ENV", None)
    env["UV_NO_CONFIG"] = "1"
    return env


def with_extra_indexes(env: Mapping[str, str], configuration: Mapping[str, str]) -> dict[str, str] | None:
    """`env` with pip's extra indexes too, for what the main index lacks; None where pip has no extra ones.

    uv takes a version from the first index that has it, even if the wheel there is for another Python. So the main
    index alone is tried before this. The hashes of the lock decide what is accepted, from wherever it comes.
    """
    extra = configuration.get("extra-index-url")
    return {**env, "UV_INDEX": extra, "UV_INDEX_STRATEGY": "unsafe-best-match"} if extra else None
