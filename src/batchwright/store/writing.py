"""One transaction: a group of change sets written together, on whichever database.

What many change sets read and write goes in few statements. Where something of it fails, all of it is undone and each
change set is written by itself, in a savepoint of its own, so that it fails alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Protocol, Self

from batchwright.model.changes import Changes, Conflict, Insert, Still
from batchwright.model.conditions import Reading
from batchwright.model.views import Key, Rows
from batchwright.store.gathering import Gathered, Touched, Verb, Writes
from batchwright.store.interface import Derive, Foresee
from batchwright.store.statements import Statements


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
    along: COMMIT may be sent with the last writes, as it does nothing when one of them failed.
    """

    begin: tuple[str, ...]
    refused: type[Exception]
    busy: Callable[[Any], bool]
    pipeline: Callable[[Any], AbstractContextManager[Any]] = nullcontext
    along: bool = False


@dataclass(frozen=True)
class Rules:
    """What follows from changes, and what is read for it. counted: the kinds whose last gid was asked for before."""

    derive: Derive
    foresee: Foresee
    counted: dict[str, None] = field(default_factory=dict)


def commit(
    connection: Connection, statements: Statements, driver: Driver, rules: Rules, many: Sequence[Changes]
) -> list[Exception | None]:
    """Writes change sets in their order and commits once; what each failed with. Raises what fails all of them."""
    with Transaction(connection, statements, driver, rules) as together:
        problem = together.write(many)
    if problem is None:
        return [None] * len(many)
    if len(many) == 1:
        return [problem]
    with Transaction(connection, statements, driver, rules) as apart:
        return [apart.apply(each) for each in many]


class Transaction:
    """Implements store.interface.Before while it writes."""

    def __init__(self, connection: Connection, statements: Statements, driver: Driver, rules: Rules) -> None:
        self._connection = connection
        self._statements = statements
        self._driver = driver
        self._rules = rules
        self._ended = self._steady = False
        self._last: dict[str, int] = {}
        self._forget()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None and not self._ended:
                self._connection.execute("COMMIT")
        finally:
            if self._driver.busy(self._connection):
                self._connection.execute("ROLLBACK")

    def write(self, many: Sequence[Changes]) -> Exception | None:
        """Writes all change sets and what follows from them; when it answers a problem, nothing was written."""
        try:
            self._begin(many)
            for each in many:
                self._take(each)
            self._ended = self._send(last=True)
        except Exception as problem:
            # Where the disk or the connection failed this fails too, or else the next attempt, and so the whole group.
            self._ended = True
            if self._driver.busy(self._connection):
                self._connection.execute("ROLLBACK")
            return self._told(problem)
        return None

    def apply(self, changes: Changes) -> Exception | None:
        """Writes one change set and what follows from it; leaves nothing of it when it answers a problem."""
        if not self._driver.busy(self._connection):
            self._begin(())
        self._connection.execute("SAVEPOINT one")
        try:
            self._take(changes)
            self._send()
        except Exception as problem:
            self._forget()
            self._last.clear()
            self._connection.execute("ROLLBACK TO SAVEPOINT one")
            self._connection.execute("RELEASE SAVEPOINT one")
            return self._told(problem)
        self._connection.execute("RELEASE SAVEPOINT one")
        if self._steady:
            self._connection.execute("RELEASE SAVEPOINT steady")
            self._connection.execute("SAVEPOINT steady")
        return None

    def begin(self) -> Self:
        """Opens the transaction for what isn't known ahead: `rows` and `apply` as often as one likes, then `keep`."""
        try:
            self._begin(())
            self._connection.execute("SAVEPOINT steady")
        except Exception:
            self.drop()
            raise
        self._steady = True
        return self

    def rows(self, text: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """What a statement reads. One that fails leaves the transaction as it was."""
        try:
            return self._connection.execute(text, parameters).fetchall()
        except Exception:
            self._connection.execute("ROLLBACK TO SAVEPOINT steady")
            raise

    def keep(self) -> None:
        """Commits."""
        self._connection.execute("COMMIT")

    def drop(self) -> None:
        """Undoes all that wasn't committed."""
        if self._driver.busy(self._connection):
            self._connection.execute("ROLLBACK")

    def read(self, reading: Reading, *keys: Key) -> Rows:
        """Rows as they stand after the change sets before."""
        if self._touched.by(reading, keys):
            self._send()
        known = self._known[reading]
        unknown = tuple(dict.fromkeys(key for key in keys if key not in known))
        if unknown:
            self._keep(known, unknown, self._ask(reading, unknown))
        return {key: known[key] for key in keys}

    def last(self, kind: str) -> int:
        """The greatest gid of the kind's rows; this transaction is the only writer."""
        if kind not in self._last:
            if self._touched.table(kind):
                self._send()
            self._rules.counted[kind] = None
            self._last[kind] = _number(self._connection.execute(self._statements.last(kind)))
        return self._last[kind]

    def _begin(self, many: Sequence[Changes]) -> None:
        """Opens the transaction, and reads ahead what the change sets are likely to need."""
        with self._driver.pipeline(self._connection):
            for text in self._driver.begin:
                self._connection.execute(text)
            last = [(kind, self._connection.execute(self._statements.last(kind))) for kind in self._rules.counted]
            asked = [
                (self._known[reading], wanted, self._ask(reading, wanted))
                for reading, keys in self._rules.foresee(many)
                if (wanted := tuple(keys))
            ]
        self._last = {kind: _number(cursor) for kind, cursor in last}
        for each in asked:
            self._keep(*each)

    def _ask(self, reading: Reading, keys: tuple[Key, ...]) -> Cursor:
        parameters = {"keys": self._statements.bound(keys), "me": 0}
        return self._connection.execute(self._statements.reading(reading), parameters)

    def _keep(self, known: Rows, keys: Iterable[Key], cursor: Cursor) -> None:
        known.update((key, []) for key in keys)
        for row in cursor.fetchall():
            known[row[0]].append(row[1:])

    def _take(self, changes: Changes) -> None:
        """Gathers one change set and what follows from it."""
        self._insist(changes)
        for change in (*changes.of, *self._rules.derive(changes, self)):
            self._gathered.add(change)
            self._touched.add(change)
            if isinstance(change, Insert) and change.kind in self._last:
                self._last[change.kind] = max(self._last[change.kind], change.gid)

    def _insist(self, changes: Changes) -> None:
        # Before the first write: an operation's own changes don't break what it relied on.
        for each in changes.of:
            if isinstance(each, Still) and tuple(self.read(each.reading, each.key)[each.key]) != each.rows:
                raise Conflict(f"{each.reading.table} of {each.reading.by} {each.key} is no longer what was read")

    def _send(self, *, last: bool = False) -> bool:
        """Sends what is gathered, after which what was read may no longer be so; whether it is committed, too."""
        gathered = self._gathered.writes
        self._forget()
        with self._driver.pipeline(self._connection):
            sent = [(writes, self._sent(writes)) for writes in gathered]
            # What must find its row is looked at before the commit.
            if along := last and self._driver.along and all(each.form.verb is not Verb.SET for each in gathered):
                self._connection.execute("COMMIT")
        for writes, cursors in sent:
            for cursor, row in zip(cursors, writes.rows, strict=False) if writes.form.verb is Verb.SET else ():
                if not cursor.rowcount:
                    raise Conflict(f"{writes.form.table} {row[len(writes.form.columns)]} is no longer what was read")
        return along

    def _sent(self, writes: Writes) -> list[Cursor]:
        return [self._connection.execute(text, parameters) for text, parameters in self._statements.texts(writes)]

    def _forget(self) -> None:
        self._gathered, self._touched = Gathered(self._statements.form), Touched()
        self._known: dict[Reading, Rows] = defaultdict(dict)

    def _told(self, problem: Exception) -> Exception:
        return Conflict(str(problem)) if isinstance(problem, self._driver.refused) else problem


def _number(cursor: Cursor) -> int:
    return int(cursor.fetchall()[0][0])
