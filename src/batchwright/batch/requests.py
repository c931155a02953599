"""An action of a batch as the HTTP request that it means to an app that knows nothing of batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from batchwright.batch.paths import Allowance, allowed
from batchwright.engine.actions import QUERIED, checked
from batchwright.engine.queries import query_of
from batchwright.engine.running import Action
from batchwright.model.problems import bad_request

Raw = tuple[bytes, bytes]
MARK: Final = b"batchwright-action"  # a request with this header is an action: no batch begins with it
OPTIONS: Final = {"fields": "fields", "limit": "limit", "offset": "offset"}
OURS: Final = (  # headers that belong to a connection or a body, and those that are set here
    *("accept", "accept-encoding", "authorization", "batchwright-action", "connection", "content-encoding"),
    *("content-length", "content-type", "expect", "host", "keep-alive", "proxy-authorization", "proxy-connection"),
    *("te", "trailer", "transfer-encoding", "upgrade"),
)


class Request(msgspec.Struct, frozen=True):
    """path: below the app's base, percent-encoded. headers: all but Host."""

    method: str
    path: str
    query: bytes
    headers: tuple[Raw, ...]
    body: bytes


class Manner(msgspec.Struct, frozen=True):
    """How actions become requests.

    allowance: which may. options: the query parameter of each option. wrap: the key that bodies are put under, if any.
    forward: the names of the caller's headers that go along, lower-case.
    """

    allowance: Allowance
    options: Mapping[str, str]
    wrap: str
    forward: frozenset[bytes]

    def request(self, action: Action, asked: Action, given: Iterable[Raw]) -> Request:
        """The request. asked: the action before values were put into it; given: the headers of the batch.

        Raises Problem 400 for an action that can't be one, or may not.
        """
        method, path, data, options = checked(action)
        path = allowed(self.allowance, method, path, asked["relative_path"])
        try:
            query = _query(data or {}) if method in QUERIED else []
            query += self._options(options)
            text = urlencode(query).encode()
            body = b"" if data is None or method in QUERIED else self._body(data)
        except UnicodeError:
            raise bad_request("data: Value contains characters that are not allowed") from None
        return Request(method, path, text, (*self._headers(given), *_about(method, body)), body)

    def _options(self, options: Mapping[str, Any]) -> list[tuple[str, str]]:
        unknown = next((name for name in options if name not in self.options), None)
        if unknown is not None:
            raise bad_request(f"options: {unknown[:50]}: Value is not one of {', '.join(self.options)}")
        return list(query_of({self.options[name]: value for name, value in options.items()}).items())

    def _body(self, data: Mapping[str, Any]) -> bytes:
        return msgspec.json.encode({self.wrap: data} if self.wrap else data)

    def _headers(self, given: Iterable[Raw]) -> list[Raw]:
        return [(name, value) for name, value in given if name == b"authorization" or name in self.forward]


def manner(allowance: Allowance, options: Mapping[str, str], wrap: str, forward: Iterable[str]) -> Manner:
    """Raises ValueError for a header that can't be forwarded."""
    names = [name.lower() for name in forward]
    if wrong := set(OURS).intersection(names):
        raise ValueError(f"{min(wrong)} is not a header to be forwarded")
    return Manner(allowance, dict(options), wrap, frozenset(name.encode("latin-1") for name in names))


def _query(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Parameters in their order; one with a list of values is given once for each."""
    each = ((name, one) for name, value in data.items() for one in (value if isinstance(value, list) else [value]))
    return [pair for name, value in each for pair in query_of({name: value}).items()]


def _about(method: str, body: bytes) -> list[Raw]:
    headers = [(b"accept", b"application/json"), (b"accept-encoding", b"identity"), (MARK, b"1")]
    if body:
        headers.append((b"content-type", b"application/json"))
    if body or method not in QUERIED:
        headers.append((b"content-length", str(len(body)).encode()))
    return headers
