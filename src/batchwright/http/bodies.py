"""Request bodies: read within bounds of size and time, decoded to `data` and `options`, whatever their content type."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect, Request

from batchwright.model.problems import Problem, bad_request
from batchwright.settings import Settings

TOP_LEVEL = ("data", "options")


async def read(request: Request, settings: Settings) -> bytes:
    """The whole body. Raises Problem 413 when it is too long, 408 when it doesn't arrive in time."""
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > settings.max_body_bytes:
        raise _too_large(settings)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(settings.body_timeout_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > settings.max_body_bytes:
                    raise _too_large(settings)
                chunks.append(chunk)
    except TimeoutError:
        raise Problem(408, "The request did not arrive in time", headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise Problem(400, "The request was cut off") from None
    return b"".join(chunks)


def decode(raw: bytes, content_type: str, settings: Settings) -> tuple[Any, Mapping[str, Any]]:
    """The body's `data` and `options`; (None, {}) for an empty one. Raises Problem 400."""
    if not raw.strip():
        return None, {}
    if content_type.startswith("application/x-www-form-urlencoded"):
        return _form(raw)
    body = _json(raw, settings.max_json_depth)
    if not isinstance(body, dict):
        raise bad_request("Could not parse request data, invalid JSON")
    unknown = next((name for name in body if name not in TOP_LEVEL), None)
    if unknown is not None:
        raise _unwrapped(unknown)
    options = body.get("options") or {}
    if not isinstance(options, dict):
        raise bad_request("options: Value is not a JSON object")
    return body.get("data"), options


def _json(raw: bytes, deepest: int) -> Any:
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise bad_request("Could not parse request data, invalid JSON") from None
    if _deeper(body, deepest):
        raise bad_request(f"Could not parse request data, JSON nested deeper than {deepest} levels")
    return body


def _deeper(value: Any, deepest: int) -> bool:
    level = [value]
    for _ in range(deepest + 1):
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _form(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        pairs = parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=1000)
    except (UnicodeDecodeError, ValueError):
        raise bad_request("Could not parse request data, invalid form") from None
    data = {name: value for name, value in pairs if not name.startswith("opt_")}
    return data, {name[4:]: value for name, value in pairs if name.startswith("opt_")}


def _unwrapped(name: str) -> Problem:
    return bad_request(
        f"Unrecognized request field `{name[:100]}`. The only allowed keys at the top level are: data, options. "
        "Is it possible you did not wrap object properties in a `data` object?"
    )


def _too_large(settings: Settings) -> Problem:
    return Problem(413, f"The request is larger than {settings.max_body_bytes} bytes", headers={"connection": "close"})
