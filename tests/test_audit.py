from __future__ import annotations

import json
from typing import Any

import pytest
from checks import audit

GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2.1"]}]}
UNKNOWN = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "said"),
    [
        ([GOOD, GOOD], 0, "nothing known against 2 packages"),
        ([GOOD, UNKNOWN], 0, "nothing known against 1 packages, 1 could not be looked up"),
        ([UNKNOWN, UNKNOWN], 0, "not done"),
        ([GOOD, BAD, UNKNOWN], 1, "b 2: PYSEC-1, fixed in 2.1"),
    ],
)
def test_what_is_known_decides(packages: list[Any], code: int, said: str) -> None:
    found, lines = audit.verdict(json.dumps({"dependencies": packages}))
    assert found == code
    assert len(lines) == 1
    assert said in lines[0]


@pytest.mark.parametrize("command", [["false"], ["echo", "no JSON"], ["/nowhere/pip-audit"]])
def test_without_the_index_nothing_fails(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(command) == 0
    assert capsys.readouterr().out == "pip-audit: not done, the package index can't be reached\n"
