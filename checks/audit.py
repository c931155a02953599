"""Asks the package index what is known against the locked packages, by pip-audit: 1 for a known vulnerability.

Whoever has no network is told so in one line, and nothing fails: what can't be looked up isn't called good either.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent.parent / "requirements-dev.lock"  # holds what the server needs, too
COMMAND = (str(Path(sys.executable).with_name("pip-audit")), "--disable-pip", "--progress-spinner", "off")
OPTIONS = ("--timeout", "5", "--format", "json", "--requirement", str(LOCK))
MOST_SECONDS = 60


def main(command: Sequence[str] = (*COMMAND, *OPTIONS)) -> int:
    """Asks, and tells what came of it."""
    code, lines = verdict(_asked(command))
    sys.stdout.write("\n".join(lines) + "\n")
    return code


def _asked(command: Sequence[str]) -> str:
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=MOST_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout


def verdict(told: str) -> tuple[int, list[str]]:
    """The exit code and the lines of what pip-audit told as JSON; "" when it couldn't."""
    try:
        packages: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except ValueError:
        return 0, ["pip-audit: not done, the package index can't be reached"]
    bad = [_line(package, each) for package in packages for each in package.get("vulns", ())]
    if bad:
        return 1, bad
    unknown = sum("skip_reason" in package for package in packages)
    if unknown == len(packages):
        return 0, [f"pip-audit: not done, the package index knows nothing of our {unknown} packages' releases"]
    rest = f", {unknown} could not be looked up" if unknown else ""
    return 0, [f"pip-audit: nothing known against {len(packages) - unknown} packages{rest}"]


def _line(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no release yet"
    return f"pip-audit: {package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}"


if __name__ == "__main__":
    sys.exit(main())
