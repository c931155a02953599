"""Runs the code of docs/adding-a-resource.md: the resource in a server, the tests against it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import ModuleType

import pytest
from tests.contract import replies
from tests.world import World, open_world

from batchwright import app
from batchwright.app import opening
from batchwright.model.kinds import Kinds
from batchwright.resources import KINDS, OPERATIONS

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "adding-a-resource.md").read_text("utf-8")
FILES = {path: f"# {path}\n{code}" for path, code in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, flags=re.S)}
RESOURCE, TESTS = FILES.values()


def module(path: str) -> ModuleType:
    made = ModuleType(Path(path).stem)
    exec(compile(FILES[path], path, "exec", dont_inherit=True), made.__dict__)
    return made


SCENARIOS = {
    name: test
    for name, test in vars(module("tests/api/test_bookmarks.py")).items()
    if name.startswith("test_") and callable(test)
}


@pytest.fixture
def _bookmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    resource = module("src/batchwright/resources/bookmarks.py")
    for each in (app, opening):
        monkeypatch.setattr(each, "KINDS", Kinds((*KINDS.of, *resource.KINDS)))
    monkeypatch.setattr(app, "OPERATIONS", (*OPERATIONS, *resource.OPERATIONS))
    monkeypatch.setattr(replies, "OURS", replies.OURS | {"bookmarks"})


@pytest.mark.usefixtures("_bookmarks")
@pytest.mark.parametrize("name", SCENARIOS)
async def test_the_page_works(name: str, tmp_path: Path) -> None:
    test: Callable[[World], Awaitable[None]] = SCENARIOS[name]
    async with open_world(tmp_path) as world:
        await test(world)


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) >= 5


@pytest.mark.parametrize("path", FILES)
def test_the_page_is_clean(path: str) -> None:
    command = [sys.executable, "-m", "ruff"]
    for verb in (["check"], ["format", "--check"]):
        subprocess.run(
            [*command, *verb, "--stdin-filename", path, "-"],
            input=FILES[path].partition("\n")[2],
            cwd=ROOT,
            text=True,
            check=True,
            capture_output=True,
        )
