"""What others make of our OpenAPI document: schemathesis asks for each operation as it is described there.

Left out are checks that the API can't pass, each for a reason (docs/security.md).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

COMMAND = Path(sys.executable).with_name("schemathesis")
LENIENT = ("opt_fields", "opt_pretty")  # whatever they say is taken, and what isn't known in it ignored
HOOKS = Path(__file__).with_name("hooks.py")
CONFIG = """
hooks = {hooks}

[parameters]
{parameters}

[checks]
positive_data_acceptance.enabled = false
unsupported_method.enabled = false

[[operations]]
include-path = "/batch"
checks.negative_data_rejection.enabled = false

[[operations]]
include-path = "/batch_jobs"
checks.negative_data_rejection.enabled = false
"""


@dataclass(frozen=True)
class Found:
    """cases: how many requests it made; told: its own words, where it found something."""

    cases: int
    told: str = ""


def documented(url: str, token: str, known: Mapping[str, str], folder: Path, *options: str) -> Found:
    """Run it. known: a gid for each kind, so that paths lead somewhere. options: more of its own."""
    config, document = folder / "schemathesis.toml", folder / "openapi.json"
    lines = [f"{kind}_gid = {json.dumps(gid)}" for kind, gid in known.items()]
    config.write_text(CONFIG.format(parameters="\n".join(lines), hooks=json.dumps(str(HOOKS))), "utf-8")
    document.write_text(json.dumps(_without(httpx2.get(f"{url}/api/1.0/openapi.json").json())), "utf-8")
    command = [str(COMMAND), "--config-file", str(config), "run", str(document), "--url", f"{url}/api/1.0"]
    command += ["--header", f"Authorization: Bearer {token}", "--no-color", "--continue-on-failure"]
    command += ["--suppress-health-check", "all", "--request-timeout", "60"]  # a slow machine is no fault
    ran = subprocess.run(
        [*command, *options], capture_output=True, text=True, check=False, cwd=folder, stdin=subprocess.DEVNULL
    )
    cases = re.search(r"(\d+) generated", ran.stdout)
    failed = ran.returncode != 0 or cases is None
    return Found(int(cases[1]) if cases else 0, (ran.stdout + ran.stderr)[-20_000:] if failed else "")


def _without(document: dict[str, Any]) -> dict[str, Any]:
    """The document without the parameters that take anything."""
    named = document["components"]["parameters"]
    lenient = {f"#/components/parameters/{name}" for name, each in named.items() if each["name"] in LENIENT}
    for operation in (each for item in document["paths"].values() for each in item.values()):
        kept = [each for each in operation["parameters"] if each.get("$ref") not in lenient]
        operation["parameters"] = [each for each in kept if each.get("name") not in LENIENT]
    return document
