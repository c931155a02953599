"""One transaction: change sets written in turn, each in a savepoint of its own, on whichever database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from batchwright.model import gids
from batchwright.model.changes import Change, Changes, Conflict, Insert, Link, Notice, Remove, Set, Still, Trim, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows
from batchwright.store.interface import Derive
from batchwright.store.statements import Statements

Write = tuple[str, Mapping[str, Any], str]  # a statement, its parameters, what it is about if it must find a row


class Cursor(Protocol):
    """What a driver answers to a statement."""

    @property
    def rowcount(self) -> int:
        """How many rows were written."""

    def fetchall(self) -> list[Any]:
        """The rows read."""


class Connection(Protocol):
    """What both drivers' connections have; statements are committed at once unless BEGIN was said."""

    def execute(self, text: Any, parameters: Any = ..., /) -> Cursor:
        """Runs a statement with named parameters."""


@dataclass(frozen=True)
class Driver:
    """Where databases differ in writing.

    begin: opens a transaction that is the only writing one. refused: the error of a broken constraint.
    busy: whether a connection is in a transaction. pipeline: within it statements are sent without waiting for answers.
    """

    begin: tuple[str, ...]
    refused: type[Exception]
    busy: Callable[[Any], bool]
    pipeline: Callable[[Any], AbstractContextManager[Any]] = nullcontext


class Transaction:
    """Implements store.interface.Before while it writes."""

    def __init__(self, connection: Connection, statements: Statements, driver: Driver) -> None:
        self._connection = connection
        self._statements = statements
        self._driver = driver

    def __enter__(self) -> Self:
        for text in self._driver.begin:
            self._connection.execute(text)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._driver.busy(self._connection):
                self._connection.execute("ROLLBACK")

    def apply(self, changes: Changes, derive: Derive) -> Exception | None:
        """Writes one change set and what follows from it; leaves nothing of it when it raises."""
        self._connection.execute("SAVEPOINT one")
        try:
            self._insist(changes)
            self._write((*changes.of, *derive(changes, self)))
        except self._driver.refused as problem:
            return self._undo(Conflict(str(problem)))
        except Exception as problem:
            return self._undo(problem)
        self._connection.execute("RELEASE SAVEPOINT one")
        return None

    def read(self, reading: Reading, *keys: Key) -> Rows:
        """Rows as they stand in this transaction."""
        parameters = {"keys": self._statements.bound(keys), "me": 0}
        found: Rows = {key: [] for key in keys}
        for row in self._connection.execute(self._statements.reading(reading), parameters).fetchall():
            found[row[0]].append(row[1:])
        return found

    def last(self, kind: str) -> int:
        """The greatest gid of the kind's rows; this transaction is the only writer."""
        return int(self._connection.execute(self._statements.last(kind), {}).fetchall()[0][0])

    def _undo(self, problem: Exception) -> Exception:
        # Where the disk or the connection failed this fails too, and with it the whole group.
        self._connection.execute("ROLLBACK TO SAVEPOINT one")
        self._connection.execute("RELEASE SAVEPOINT one")
        return problem

    def _insist(self, changes: Changes) -> None:
        # Before the first write: an operation's own changes don't break what it relied on.
        for each in changes.of:
            if isinstance(each, Still) and tuple(self.read(each.reading, each.key)[each.key]) != each.rows:
                raise Conflict(f"{each.reading.table} of {each.reading.by} {each.key} is no longer what was read")

    def _write(self, changes: Iterable[Change]) -> None:
        writes = [write for change in changes if (write := self._statement(change)) is not None]
        with self._driver.pipeline(self._connection):
            written = [(self._connection.execute(text, parameters), must) for text, parameters, must in writes]
        for cursor, must in written:
            if must and not cursor.rowcount:
                raise Conflict(f"{must} is no longer what was read")

    def _statement(self, change: Change) -> Write | None:
        match change:
            case Insert(kind=kind, gid=gid, values=values):
                return self._statements.insert(kind, ("gid", *values)), {"gid": gid, **values}, ""
            case Set():
                return self._set(change)
            case Remove(kind=kind, gid=gid):
                return self._statements.delete(kind), {"w_gid": gid}, ""
            case Link(table=table, owner=owner, target=target):
                text = self._statements.insert(table, ("owner", "target", "position"), once=True)
                return text, {"owner": owner, "target": target, "position": gids.make()}, ""
            case Unlink(table=table, owner=owner, target=target):
                text = self._statements.delete(table, ("owner", "target"))
                return text, {"w_owner": owner, "w_target": target}, ""
            case Trim(kind=kind, below=below, most=most):
                return self._statements.trim(kind), {"below": below, "most": most}, ""
            case Still() | Notice():
                return None  # the one was looked at before anything was written, the other is for what derives events

    def _set(self, change: Set) -> Write:
        text = self._statements.update(change.kind, tuple(change.values), tuple(change.expect))
        parameters: dict[str, Any] = {"key": change.gid}
        parameters |= {f"v_{name}": value for name, value in change.values.items()}
        parameters |= {f"e_{name}": value for name, value in change.expect.items()}
        return text, parameters, f"{change.kind} {change.gid}"
