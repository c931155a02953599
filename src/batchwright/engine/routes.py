"""Finds the operation of a method and path in a trie of path segments; conflicting routes are refused at start-up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from batchwright.model.operations import Operation
from batchwright.model.problems import no_route

EXCLUDED_PREFIXES = ("organization_exports", "scim")  # whole trees that Asana keeps out of batches


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

    def match(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """The operation and the texts of its path's parameters, percent-decoded. Raises Problem 404."""
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
