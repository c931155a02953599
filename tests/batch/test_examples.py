"""The examples of docs/batch-endpoint.md, served as a reader would serve them."""

from __future__ import annotations

import importlib.util
import inspect
import json
import re
import sys
from pathlib import Path
from types import ModuleType

import httpx2
import pytest
from tests.batch.test_gateway import serving

from batchwright.batch import BatchEndpoint

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "batch-endpoint.md").read_text("utf-8")
SHOWN = re.findall(
    r"^### [^\n]*`examples/(\w+)\.py`\n\n```json\n(.*?)```\n\n```json\n(.*?)```", PAGE, flags=re.M | re.S
)


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An example, as a module that its own framework can find by its name."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("name", "asked", "answered"), SHOWN, ids=[name for name, _, _ in SHOWN])
async def test_an_example_answers_as_the_page_says(
    name: str, asked: str, answered: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(load("batch_for_fastapi", monkeypatch).app) as behind:
        monkeypatch.setenv("UPSTREAM", behind)
        async with serving(load(name, monkeypatch).app) as url, httpx2.AsyncClient() as client:
            response = await client.post(f"{url}/batch", json=json.loads(asked))
    assert (response.status_code, response.json()) == (200, {"data": json.loads(answered)})


def test_the_page_shows_every_example_and_names_every_argument() -> None:
    examples = {path.stem for path in (ROOT / "examples").glob("batch_*.py")} - {"batch_tour"}
    assert {name for name, _, _ in SHOWN} == examples
    table = PAGE.split("## Settings")[1].split("\n\n")[1]
    named = set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines())))
    assert named == set(inspect.signature(BatchEndpoint).parameters) - {"target"}


async def test_the_examples_limit_refuses_a_batch_before_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    example = load("batch_for_fastapi", monkeypatch)
    add = {"method": "post", "relative_path": "/books", "data": {"title": "Emma"}}
    async with serving(example.app) as url, httpx2.AsyncClient() as client:
        response = await client.post(f"{url}/batch", json={"data": {"actions": [add] * 6}})
    assert (response.status_code, response.headers["retry-after"], len(example.books)) == (429, "60", 1)
