"""Opaque tokens that hold values and are signed, so that what comes back is what was given out."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

import msgspec

_SIGNATURE = 16  # bytes


def seal(secret: bytes, purpose: str, *values: Any) -> str:
    """A token of JSON values, good for this purpose only."""
    payload = msgspec.json.encode(values)
    return _written(_signature(secret, purpose, payload) + payload)


def unseal(secret: bytes, purpose: str, token: str) -> tuple[Any, ...] | None:
    """The values of a token; None for any text that `seal` didn't make for this purpose."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (binascii.Error, ValueError):
        return None
    signature, payload = raw[:_SIGNATURE], raw[_SIGNATURE:]
    # A token has one spelling: decoding forgives what encoding never writes.
    if _written(raw) != token or not hmac.compare_digest(signature, _signature(secret, purpose, payload)):
        return None
    return tuple(msgspec.json.decode(payload))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signature(secret: bytes, purpose: str, payload: bytes) -> bytes:
    return hmac.digest(secret, hashlib.sha256(purpose.encode()).digest() + payload, "sha256")[:_SIGNATURE]
