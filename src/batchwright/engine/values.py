"""Single values of a request: checked and turned into what the store keeps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from batchwright.model import moments
from batchwright.model.fields import Field, Type
from batchwright.model.problems import Problem, bad_request


def scalar(field: Field, raw: Any, path: str) -> Any:
    """The value of a field that holds no rows; raises Problem 400 that begins with the field's path."""
    return _PARSERS[field.type](field, raw, path)


def _text(field: Field, raw: Any, path: str) -> str:
    if not isinstance(raw, str):
        raise bad_request(f"{path}: Value is not a string: {shown(raw)}")
    if field.longest and len(raw) > field.longest:
        raise bad_request(f"{path}: Value is too long: at most {field.longest} characters are allowed")
    if "\0" in raw or not _encodable(raw):
        raise bad_request(f"{path}: Value contains characters that are not allowed")
    return raw


def _encodable(text: str) -> bool:
    # A lone surrogate can be written in JSON but not in UTF-8.
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _flag(_: Field, raw: Any, path: str) -> bool:
    if isinstance(raw, str) and raw.lower() in ("true", "false"):
        return raw.lower() == "true"
    if not isinstance(raw, bool):
        raise bad_request(f"{path}: Value is not a boolean: {shown(raw)}")
    return raw


def _moment(_: Field, raw: Any, path: str) -> int:
    if raw == "now":
        return moments.now()
    ms = moments.parse(raw) if isinstance(raw, str) else None
    if ms is None:
        raise bad_request(f"{path}: Date-time must be in ISO-8601 format, not: {shown(raw)}")
    return ms


def _date(_: Field, raw: Any, path: str) -> str:
    day = moments.parse_date(raw) if isinstance(raw, str) else None
    if day is None:
        raise bad_request(f"{path}: Date must be in ISO-8601 (yyyy-mm-dd) format, not: {shown(raw)}")
    return day


def _number(_: Field, raw: Any, path: str) -> float:
    value = _number_of(raw)
    if value is None or not math.isfinite(value):
        raise bad_request(f"{path}: Value is not a number: {shown(raw)}")
    return value


def _whole(_: Field, raw: Any, path: str) -> int:
    value = _number_of(raw)
    if not isinstance(value, int) or abs(value) >= 2**63:
        raise bad_request(f"{path}: Value is not a whole number: {shown(raw)}")
    return value


def _number_of(raw: Any) -> int | float | None:
    if isinstance(raw, str) and len(raw) <= 40:
        try:
            raw = msgspec.json.decode(raw)
        except msgspec.DecodeError:
            return None
    return raw if isinstance(raw, int | float) and not isinstance(raw, bool) else None


def _choice(field: Field, raw: Any, path: str) -> str:
    if raw not in field.choices:
        raise bad_request(f"{path}: Value is not one of {', '.join(field.choices)}: {shown(raw)}")
    return str(raw)


def _json(_: Field, raw: Any, path: str) -> str:
    if not isinstance(raw, dict):
        raise not_an_object(path, raw)
    return msgspec.json.encode(raw).decode()


def not_an_object(path: str, raw: Any) -> Problem:
    """400 for a value that should be a JSON object."""
    return bad_request(f"{path}: Value is not a JSON object: {shown(raw)}")


def shown(raw: Any) -> str:
    """A client's value in a message: its beginning, where it is long."""
    text = raw if isinstance(raw, str) else msgspec.json.encode(raw).decode()
    text = text if len(text) <= 100 else text[:100] + "..."
    return text.encode("utf-8", "replace").decode()


_PARSERS: Mapping[Type, Callable[[Field, Any, str], Any]] = {
    Type.TEXT: _text,
    Type.FLAG: _flag,
    Type.MINE: _flag,
    Type.MOMENT: _moment,
    Type.DATE: _date,
    Type.NUMBER: _number,
    Type.WHOLE: _whole,
    Type.CHOICE: _choice,
    Type.JSON: _json,
}
