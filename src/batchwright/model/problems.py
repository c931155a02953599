"""An answer that is no success: a status and Asana's words for it (contract/asana-behaviour.md, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model.calls import Reply

HELP = (
    "For more information on API status codes and how to handle them, "
    "read the docs on errors: https://developers.asana.com/docs/errors"
)
RATE_LIMITED = "You've made too many requests and hit a rate limit. Please retry after the given amount of time."
STALE_SYNC = (
    "Sync token invalid or too old. If you are attempting to keep resources in sync, you must fetch the full "
    "dataset for this query now and use the new sync token for the next sync."
)


class Problem(Exception):
    """Raised for a client's fault or a limit; becomes the reply `{"errors": [...]}` of its call alone.

    extra: keys beside `errors` (the sync token of a 412); headers: sent with the reply (Retry-After).
    """

    def __init__(
        self,
        status: int,
        *messages: str,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        phrase: str = "",
    ) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.messages = messages
        self.extra = extra or {}
        self.headers = headers or {}
        self.phrase = phrase

    def reply(self) -> Reply:
        """What the caller is answered."""
        return Reply(self.status, self._body(), self.headers)

    def _body(self) -> dict[str, Any]:
        if self.phrase:
            return {"errors": [{"message": each, "phrase": self.phrase} for each in self.messages]}
        return {"errors": [{"message": each, "help": HELP} for each in self.messages], **self.extra}


def bad_request(message: str) -> Problem:
    """400."""
    return Problem(400, message)


def unauthorized() -> Problem:
    """401: no token, or none that is known."""
    return Problem(401, "Not Authorized")


def forbidden(message: str) -> Problem:
    """403."""
    return Problem(403, message)


def no_access(kind: str) -> Problem:
    """403 for a row that exists and that the caller may not see."""
    return forbidden(f"You do not have access to this {kind.replace('_', ' ')}.")


def not_allowed(kind: str, deed: str, words: str = "") -> Problem:
    """403 for a row that the caller may see, but to which they may not do this."""
    return forbidden(words or f"You do not have permission to {deed} this {kind.replace('_', ' ')}.")


def no_route() -> Problem:
    """404 for a path or method that no operation has; there is no 405."""
    return Problem(404, "No matching route for request")


def not_built() -> Problem:
    """501 for an operation of Asana's contract that this server hasn't got yet."""
    return Problem(501, "This server has not built this operation of the Asana API yet")


def not_found(kind: str, ident: str) -> Problem:
    """404 for a path that names no row."""
    return Problem(404, f"{kind}: Not a recognized ID: {ident}")


def missing(field: str) -> Problem:
    """400 for a required value that is absent."""
    return bad_request(f"{field}: Missing input")


def only_one(one: str, other: str) -> Problem:
    """400 for two fields of which a body may give one."""
    return bad_request(f"You may only provide one of {one} or {other}!")


def unwritable(field: str) -> Problem:
    """400 for a value that can't be set by this request."""
    return bad_request(f"{field}: Cannot write this property")
