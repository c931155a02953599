"""Finds the operation of a method and path in a trie of path segments; conflicting routes are refused at start-up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote

from batchwright.model.operations import Operation
from batchwright.model.problems import no_route

EXCLUDED_PREFIXES = ("organization_exports", "scim")  # whole trees that Asana keeps out of batches
LONGEST_KEPT = 200  # characters of a path whose operation is remembered


@dataclass(slots=True)
class _Node:
    fixed: dict[str, _Node] = field(default_factory=dict)
    open: _Node | None = None
    name: str = ""
    operations: dict[str, tuple[Operation, tuple[str, ...]]] = field(default_factory=dict)


class Routes:
    """The operations by method and path. A fixed segment wins over a parameter in its place."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._root = _Node()
        self.operations = tuple(operations)
        for operation in self.operations:
            self._add(operation)
        self._found = lru_cache(maxsize=4096)(self._find)

    def match(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        """The operation and the texts of its path's parameters, percent-decoded. Raises Problem 404."""
        # An action is looked up when it is weighed, made and performed; long paths would fill the memory.
        return (self._found if len(path) <= LONGEST_KEPT else self._find)(method, path)

    def _find(self, method: str, path: str) -> tuple[Operation, Mapping[str, str]]:
        node: _Node | None = self._root
        values: list[str] = []
        for segment in path.strip("/").split("/"):
            assert node is not None
            following = node.fixed.get(segment)
            if following is None:
                following = node.open
                values.append(unquote(segment))
            if following is None or not segment:
                raise no_route()
            node = following
        assert node is not None
        found = node.operations.get("GET" if method == "HEAD" else method)
        if found is None:
            raise no_route()
        operation, names = found
        return operation, dict(zip(names, values, strict=True))

    def _add(self, operation: Operation) -> None:
        node, names = self._root, []
        for segment in operation.path.strip("/").split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.open = node.open or _Node()
                node = node.open
            else:
                node = node.fixed.setdefault(segment, _Node())
        if operation.method in node.operations:
            other = node.operations[operation.method][0]
            raise ValueError(f"{operation.id} and {other.id} share the route {operation.method} {operation.path}")
        node.operations[operation.method] = (operation, tuple(names))
