"""Holds the pages against the code: what they name exists, what they promise is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "src" / "batchwright"
DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
HEADINGS = ["Context", "Decision", "Consequences", "Enforced by"]
# Pages speak of files that don't exist: those that a reader makes or has.
READERS_OWN = {
    "src/batchwright/resources/bookmarks.py",
    "tests/api/test_bookmarks.py",
    "batchwright.toml",
    "batchwright.db",
}


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def text_of(page: Path) -> str:
    return page.read_text("utf-8")


def exists(path: str) -> bool:
    return any((base / path).exists() for base in (ROOT, SOURCE, DOCS))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_the_files_that_a_page_names_exist(page: Path) -> None:
    prose = re.sub(r"```.*?```", "", text_of(page), flags=re.S)
    named = set(re.findall(r"`([\w./-]+(?:\.(?:py|md|toml|txt|svg)|/))`", prose))
    named |= set(
        re.findall(r"(?m)^ .*?\b((?:engine|http|model|store|shapes|resources|projection)/\w*(?:\.py)?)", prose)
    )
    assert [path for path in named - READERS_OWN if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text_of(page))
    local = [target for target in targets if not target.startswith("https://")]
    assert [target for target in local if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", DECISIONS, ids=name_of)
def test_a_decision_says_why_and_what_enforces_it(page: Path) -> None:
    text = text_of(page)
    number, title = re.findall(r"^# (\d+)\. (.+)$", text, flags=re.M)[0]
    assert page.name.startswith(f"{int(number):04d}-")
    assert re.findall(r"^## (.+)$", text, flags=re.M) == HEADINGS
    assert f"| {number} | [{title}]({page.name}) |" in text_of(DOCS / "decisions" / "README.md")
    assert len(text.splitlines()) <= 60


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_the_glossary_has_each_word_once_and_where_it_is_defined() -> None:
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \| `([^`]+)` \|$", text_of(DOCS / "glossary.md"), flags=re.M)
    words = [word.strip() for row in rows for word in row[0].split(",")]
    assert len(words) == len(set(words)) >= 50
    assert {"action", "call", "caller", "reply", "operation", "kind", "shape", "changes", "view", "plan"} <= set(words)


def users_of(pattern: str) -> set[str]:
    modules = (module for module in SOURCE.rglob("*.py") if re.search(pattern, module.read_text("utf-8"), flags=re.M))
    return {module.relative_to(SOURCE).as_posix() for module in modules}


def test_only_the_store_knows_the_database() -> None:
    found = users_of(r"^(?:import|from) (?:sqlalchemy|sqlite3|alembic|asyncpg|psycopg)\b")
    assert {module for module in found if not module.startswith("store/")} == set()


def test_few_write_and_all_through_the_store() -> None:
    theirs = ("oauth/", "engine/bulk/")  # of grants and codes; of what came of a job's actions
    found = {module for module in users_of(r"\bstore\.commit\(") if not module.startswith(theirs)}
    assert found == {"engine/receipts.py", "engine/auth.py", "accounts.py", "console/sessions.py"}
