"""The text of opt_fields as a tree of names (contract/asana-behaviour.md, section 5).

Terms are separated by commas, names in a term by dots; `(a|b)` stands for either name; a leading `this` is the
object itself. White space around names is ignored.
"""

from __future__ import annotations

from functools import lru_cache

from batchwright.model.problems import bad_request

Tree = dict[str, "Tree"]

LONGEST = 16_384  # characters
DEEPEST = 10  # names in a term
MOST = 2_000  # names in a tree


@lru_cache(maxsize=2048)
def parse(text: str) -> Tree:
    """The tree; a name without children is selected whole. Raises Problem 400 for a text past the bounds."""
    if len(text) > LONGEST:
        raise bad_request(f"opt_fields: At most {LONGEST} characters can be given")
    tree: Tree = {}
    size = 0
    for term in _split(text, ","):
        names = [_group(name) for name in _split(term, ".")]
        if names and names[0] == ["this"] and len(names) > 1:
            names = names[1:]
        if len(names) > DEEPEST:
            raise bad_request(f"opt_fields: At most {DEEPEST} levels can be named")
        size += _add(tree, names)
        if size > MOST:
            raise bad_request(f"opt_fields: At most {MOST} fields can be named")
    return tree


def write(tree: Tree) -> str:
    """A text that parses to the tree."""
    return ",".join(_terms(tree))


def _terms(tree: Tree) -> list[str]:
    return [
        term
        for name, below in tree.items()
        for term in ([f"{name}.{each}" for each in _terms(below)] if below else [name])
    ]


def _add(tree: Tree, names: list[list[str]]) -> int:
    nodes = [tree]
    size = 0
    for group in names:
        size += len(nodes) * len(group)
        if size > MOST:
            break  # before anything so large is made
        nodes = [node.setdefault(name, {}) for node in nodes for name in group]
    return size


def _group(name: str) -> list[str]:
    if name.startswith("(") and name.endswith(")"):
        return [part.strip() for part in name[1:-1].split("|") if part.strip()]
    return [name] if name else []


def _split(text: str, separator: str) -> list[str]:
    """The parts between separators that stand outside parentheses, trimmed, empty ones left out."""
    parts: list[str] = []
    start = depth = 0
    for position, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if letter == separator and depth <= 0:
            parts.append(text[start:position].strip())
            start = position + 1
    parts.append(text[start:].strip())
    return [part for part in parts if part]
