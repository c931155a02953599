"""A call to one operation, whoever sent it, and its reply."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from batchwright.model.operations import Operation

Stream = Literal["", "ndjson", "events"]
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class Caller(msgspec.Struct, frozen=True):
    """A user, the token they came with, and what it allows (None: everything the user may do)."""

    user: int
    token: str
    scopes: frozenset[str] | None = None
    app: str = ""


class Options(msgspec.Struct, frozen=True):
    """What a caller asks of a reply.

    fields: an opt_fields text (None: the default record). limit: as it was sent; a whole number once the pipeline
    has checked it, which it does for operations that take one.
    """

    fields: str | None = None
    limit: str | int | None = None
    offset: str | None = None
    pretty: bool = False

    @property
    def paged(self) -> bool:
        """Whether a page of a list is asked for, and not the whole."""
        return self.limit is not None or self.offset is not None

    def rows(self, usual: int) -> int:
        """How many rows are asked for, by default as many as usual."""
        return self.limit if isinstance(self.limit, int) else usual


Tell: TypeAlias = "Callable[[Timing, Reply | None], None]"


class Timing(msgspec.Struct):
    """When something was asked for, begun and ended, and when its changes were being committed (time.perf_counter).

    index: the place of an action in its batch. shown: whether the reply tells. tell: who else is told, once it ended;
    without a reply when it was stopped. operation: what was called, once that is known.
    """

    asked: float
    index: int | None = None
    shown: bool = True
    tell: Tell | None = None
    begun: float = 0.0
    ended: float = 0.0
    commits: list[tuple[float, float]] = []
    operation: Operation | None = None

    def of(self, index: int) -> Timing:
        """The same for an action of the batch: it was asked for when the batch was."""
        return Timing(self.asked, index, self.shown, self.tell)

    @property
    def spans(self) -> dict[str, float]:
        """How long it waited, ran, and was being committed, in seconds."""
        committed = sum(end - begin for begin, end in self.commits)
        return {
            "queued": self.begun - self.asked,
            "ran": self.ended - self.begun - committed,
            "committed": committed,
        }


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call. It can't be built without a caller, so identity never leaks between the actions of a batch.

    query: the raw query by name. data: the raw body's `data`. base: the server's own URL as the caller knows it,
    without a trailing slash. stream: how results are to be sent as they finish, where there are several. explained:
    whether a refusal by the limits says more. timing: where the reply shall tell what took how long. key: its
    idempotency key, "" for none; asked: the digest of what the key was sent with, "" where that is this call as it is.
    now: the moment it happens (ms; 0: when it is performed). The pipeline fills the rest before an operation runs:
    path: texts of the path's parameters, at: gids of the rows the path names, params and data: checked and parsed.
    """

    caller: Caller
    method: str
    relative_path: str
    query: Mapping[str, str] = NOTHING
    data: Any = None
    options: Options = Options()
    base: str = ""
    request_id: str = ""
    stream: Stream = ""
    explained: bool = False
    timing: Timing | None = None
    key: str = ""
    asked: str = ""
    path: Mapping[str, str] = NOTHING
    at: Mapping[str, int] = NOTHING
    params: Mapping[str, Any] = NOTHING
    now: int = 0


class Reply(msgspec.Struct, frozen=True):
    """Status, headers and body; the body is a JSON value, or JSON values to be sent as they come."""

    status: int
    body: Any
    headers: Mapping[str, str] = NOTHING
    stream: AsyncGenerator[Any] | None = None
