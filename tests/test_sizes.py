"""Counts lines, so that growth is a decision and not an accident (style.md, habits 2 and 3)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "batchwright"
MODULES = sorted(SOURCE.rglob("*.py"))

FUNCTION = 50  # lines at most
MODULE = 299
RESOURCE = 199
SHAPES = 599  # all of them together


def name_of(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def lines_of(module: Path) -> int:
    return len(module.read_text("utf-8").splitlines())


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_functions_are_short(module: Path) -> None:
    tree = ast.parse(module.read_text("utf-8"))
    sizes = {
        f"{each.name}, line {each.lineno}": (each.end_lineno or 0) - each.lineno + 1 for each in functions_of(tree)
    }
    assert {name: size for name, size in sizes.items() if size > FUNCTION} == {}


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_are_short(module: Path) -> None:
    most = RESOURCE if "resources" in module.relative_to(SOURCE).parts else MODULE
    assert lines_of(module) <= most


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_modules_start_by_saying_why_they_exist(module: Path) -> None:
    docstring = ast.get_docstring(ast.parse(module.read_text("utf-8")))
    assert docstring, "no docstring"
    assert len(docstring.splitlines()) <= 5


def test_the_shapes_stay_few() -> None:
    assert sum(lines_of(module) for module in (SOURCE / "shapes").rglob("*.py")) <= SHAPES
