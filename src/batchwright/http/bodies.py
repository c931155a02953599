"""Request bodies decoded to `data` and `options`, whatever their type (contract/asana-behaviour.md, section 1)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from itertools import accumulate
from typing import Any

import msgspec
from python_multipart.multipart import parse_options_header

from batchwright.http.forms import multipart, pairs
from batchwright.model.problems import Problem, bad_request
from batchwright.settings import Settings

TOP_LEVEL = ("data", "options")
CHARSETS = (b"utf-8", b"utf8", b"us-ascii")
STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)  # possessive: no second thoughts where one doesn't end
NOT_STRUCTURE = bytes(set(range(256)) - set(b"{}[],"))
MOST_VALUES, MOST_QUOTES = 100_000, 1_000_000  # of one body, however they are nested
MOST_LINES, VALUES_OF_A_LINE = 10_000, 50  # on average
MANY = b"," * (2 * MOST_VALUES)  # of an object or list there are an opening and a closing, of most values a comma
STEPS = {ord("{"): 1, ord("["): 1, ord("}"): -1, ord("]"): -1, ord(","): 0}
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
    if kind == b"application/x-ndjson":
        return {"actions": _lines(raw, settings.max_json_depth)}, {}
    return _wrapped(_json(raw.removeprefix(codecs.BOM_UTF8), settings.max_json_depth))


def _lines(raw: bytes, deepest: int) -> list[Any]:
    """The JSON values of the lines: the actions of a batch that is sent without an envelope."""
    lines = [line for line in raw.removeprefix(codecs.BOM_UTF8).split(b"\n") if line.strip()]
    if len(lines) > MOST_LINES or raw.count(b",") > MOST_LINES * VALUES_OF_A_LINE:
        raise bad_request(f"Could not parse request data, more than {MOST_LINES} lines or too many values in them")
    return [_json(line, deepest) for line in lines]


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
    # Looked at before anything is made of it: ten megabytes of brackets take many seconds to decode, on the loop.
    if raw.count(b"{") + raw.count(b"[") > deepest or raw.count(b",") > MOST_VALUES:
        _check_structure(raw, deepest)
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request(INVALID) from None


def _check_structure(raw: bytes, deepest: int) -> None:
    structure = STRINGS.sub(b"", raw).translate(None, NOT_STRUCTURE) if raw.count(b'"') <= MOST_QUOTES else MANY
    begun = structure[: len(MANY)]
    if max(accumulate(map(STEPS.__getitem__, begun)), default=0) > deepest:
        raise bad_request(f"Could not parse request data, JSON nested deeper than {deepest} levels")
    if begun == MANY or len(structure) > len(begun):
        raise bad_request(f"Could not parse request data, JSON of more than {MOST_VALUES} values")
