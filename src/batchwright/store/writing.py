"""One transaction of the embedded store: change sets written in turn, each in a savepoint of its own."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Any, Self

from batchwright.model import gids
from batchwright.model.changes import Change, Changes, Conflict, Insert, Link, Notice, Remove, Set, Still, Trim, Unlink
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows
from batchwright.store.interface import Derive
from batchwright.store.statements import Statements


class Transaction:
    """Implements store.interface.Before while it writes."""

    def __init__(self, connection: sqlite3.Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements

    def __enter__(self) -> Self:
        self._connection.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def apply(self, changes: Changes, derive: Derive) -> Exception | None:
        """Writes one change set and what follows from it; leaves nothing of it when it raises."""
        self._connection.execute("SAVEPOINT one")
        try:
            self._insist(changes)
            derived = derive(changes, self)
            for change in (*changes.of, *derived):
                self._write(change)
        except sqlite3.IntegrityError as problem:
            return self._undo(Conflict(str(problem)))
        except sqlite3.Error:
            raise  # the disk or the file: nothing of this group can be trusted
        except Exception as problem:
            return self._undo(problem)
        self._connection.execute("RELEASE one")
        return None

    def read(self, reading: Reading, *keys: Key) -> Rows:
        """Rows as they stand in this transaction."""
        parameters = {"keys": self._statements.bound(keys), "me": 0}
        found: Rows = {key: [] for key in keys}
        for key, *rest in self._connection.execute(self._statements.reading(reading), parameters):
            found[key].append(tuple(rest))
        return found

    def last(self, kind: str) -> int:
        """The greatest gid of the kind's rows; this transaction is the only writer."""
        return int(self._connection.execute(self._statements.last(kind)).fetchone()[0])

    def _undo(self, problem: Exception) -> Exception:
        self._connection.execute("ROLLBACK TO one")
        self._connection.execute("RELEASE one")
        return problem

    def _insist(self, changes: Changes) -> None:
        # Before the first write: an operation's own changes don't break what it relied on.
        for each in changes.of:
            if isinstance(each, Still) and tuple(self.read(each.reading, each.key)[each.key]) != each.rows:
                raise Conflict(f"{each.reading.table} of {each.reading.by} {each.key} is no longer what was read")

    def _write(self, change: Change) -> None:
        match change:
            case Insert(kind=kind, gid=gid, values=values):
                text = self._statements.insert(kind, ("gid", *values))
                self._connection.execute(text, {"gid": gid, **values})
            case Set():
                self._set(change)
            case Remove(kind=kind, gid=gid):
                self._connection.execute(self._statements.delete(kind), {"w_gid": gid})
            case Link(table=table, owner=owner, target=target):
                text = self._statements.insert(table, ("owner", "target", "position"), once=True)
                self._connection.execute(text, {"owner": owner, "target": target, "position": gids.make()})
            case Unlink(table=table, owner=owner, target=target):
                text = self._statements.delete(table, ("owner", "target"))
                self._connection.execute(text, {"w_owner": owner, "w_target": target})
            case Trim(kind=kind, below=below, most=most):
                self._connection.execute(self._statements.trim(kind), {"below": below, "most": most})
            case Still() | Notice():
                pass  # the one was looked at before anything was written, the other is for what derives events

    def _set(self, change: Set) -> None:
        text = self._statements.update(change.kind, tuple(change.values), tuple(change.expect))
        parameters: dict[str, Any] = {"key": change.gid}
        parameters |= {f"v_{name}": value for name, value in change.values.items()}
        parameters |= {f"e_{name}": value for name, value in change.expect.items()}
        if not self._connection.execute(text, parameters).rowcount:
            raise Conflict(f"{change.kind} {change.gid} is no longer what was read")
