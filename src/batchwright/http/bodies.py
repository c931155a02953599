"""Request bodies decoded to `data` and `options`, whatever their type (contract/asana-behaviour.md, section 1)."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Any

import msgspec
from python_multipart.multipart import parse_options_header

from batchwright.http.forms import multipart, pairs
from batchwright.model.problems import Problem, bad_request
from batchwright.settings import Settings

TOP_LEVEL = ("data", "options")
CHARSETS = (b"utf-8", b"utf8", b"us-ascii")
INVALID = "Could not parse request data, invalid JSON"

Decoded = tuple[Any, Mapping[str, Any]]


def decode(raw: bytes, headers: Mapping[str, str], settings: Settings) -> Decoded:
    """The body's `data` and `options`; (None, {}) for an empty one. Raises Problem 400, 415.

    A type that isn't a form's is taken for JSON, as clients forget to name it.
    """
    if not raw.strip():
        return None, {}
    encoding = headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise _unsupported("content encoding", encoding)
    kind, marks = parse_options_header(headers.get("content-type", ""))
    charset = next((value for name, value in marks.items() if name.lower() == b"charset"), b"utf-8")
    if charset.lower() not in CHARSETS:
        raise _unsupported("charset", charset.decode("latin-1"))
    if kind == b"application/x-www-form-urlencoded":
        return _flat(pairs(raw.strip(), "request data"))
    if kind == b"multipart/form-data":
        return _flat(multipart(raw, marks.get(b"boundary", b"")))
    return _wrapped(_json(raw.removeprefix(codecs.BOM_UTF8), settings.max_json_depth))


def _wrapped(body: Any) -> Decoded:
    if not isinstance(body, dict):
        raise bad_request(INVALID)
    unknown = next((name for name in body if name not in TOP_LEVEL), None)
    if unknown is not None:
        raise bad_request(
            f"Unrecognized request field `{unknown[:100]}`. The only allowed keys at the top level are: data, "
            "options. Is it possible you did not wrap object properties in a `data` object?"
        )
    options = body.get("options")
    if not isinstance(options, dict | None):
        raise bad_request("options: Value is not a JSON object")
    return body.get("data"), options or {}


def _unsupported(what: str, value: str) -> Problem:
    return Problem(415, f"Could not parse request data, the {what} is not supported: {value[:20]}")


def _flat(fields: Mapping[str, str]) -> Decoded:
    """A form's fields; those that begin with `opt_` are its options."""
    data = {name: value for name, value in fields.items() if not name.startswith("opt_")}
    return data, {name[4:]: value for name, value in fields.items() if name.startswith("opt_")}


def _json(raw: bytes, deepest: int) -> Any:
    too_deep = bad_request(f"Could not parse request data, JSON nested deeper than {deepest} levels")
    try:
        body = msgspec.json.decode(raw)
    except RecursionError:
        raise too_deep from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_request(INVALID) from None
    # Most bodies have too few brackets to be worth a walk.
    if raw.count(b"{") + raw.count(b"[") > deepest and _deeper(body, deepest):
        raise too_deep
    return body


def _deeper(value: Any, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
