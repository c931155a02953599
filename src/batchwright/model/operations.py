"""An operation: one entry of the catalogue. Routes, validation, scopes and the OpenAPI document follow from it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.fields import Field
from batchwright.model.scopes import EVERYTHING

if TYPE_CHECKING:
    from batchwright.model.views import View


class Show(msgspec.Struct, frozen=True):
    """After the commit, answer with these rows of a kind: one record, or a list of them.

    next: the opaque offset of the page that follows, "" when there is none.
    guarded: whether the caller may see the rows isn't known yet.
    """

    kind: str
    gids: tuple[int, ...]
    many: bool = False
    next: str = ""
    guarded: bool = False


class Outcome(msgspec.Struct, frozen=True):
    """What an operation decided: what to write, and what to answer: `show`, else the literal `data`.

    beside: keys of the reply's body beside `data`. stream: what to answer in the place of a body, as it comes.
    """

    changes: tuple[Change, ...] = ()
    show: Show | None = None
    data: Any = {}
    beside: Mapping[str, Any] = {}
    stream: AsyncGenerator[Any] | None = None


Run = Callable[[Call, "View"], Awaitable[Outcome]]
Method = Literal["GET", "POST", "PUT", "DELETE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation.

    kind: the kind its reply shows. many: it answers with a list. paged: it takes limit and offset.
    limited: it takes a limit and has one page.
    params: query parameters; body: fields of the request's `data`; raw: `run` takes the data as it came.
    shows: fields of a literal `data`; beside: fields of the reply beside its data; both for the document alone.
    status: of a success. keyed: False for one that sees to its call's idempotency key itself.
    guarded: it shows the row of its path and reads nothing else, so showing it tells whether the caller may see it.
    deed: what it does to the last row of its path, which that row's kind may allow to some only.
    freely: the field of its body that names people; who names nobody but themselves needs no permission.
    scope: what a token must allow ("": the contract names none, see `needs`).
    alias: a route beside the contract, left out of the document.
    beyond: Asana has nothing like it, and neither has a strict server.
    streams: it answers with a stream, too, for who accepts one; for the document alone.
    built: False for an operation of the contract that answers 501 so far.
    """

    id: str
    method: Method
    path: str
    run: Run
    kind: str = ""
    tag: str = ""
    about: str = ""
    many: bool = False
    paged: bool = False
    limited: bool = False
    params: tuple[Field, ...] = ()
    body: tuple[Field, ...] = ()
    shows: tuple[Field, ...] = ()
    beside: tuple[Field, ...] = ()
    status: int = 200
    scope: str = ""
    guarded: bool = False
    deed: str = ""
    freely: str = ""
    raw: bool = False
    batchable: bool = True
    keyed: bool = True
    alias: bool = False
    beyond: bool = False
    streams: bool = False
    built: bool = True
    weight: Literal["", "search", "job", "batch"] = ""

    @property
    def needs(self) -> str:
        """The scope without which it is refused; "" for what isn't built, and for a batch: its actions need theirs."""
        return (self.scope or EVERYTHING) if self.built and self.weight != "batch" else ""
