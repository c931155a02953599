"""Sort keys for rows that people put in order: text, compared byte by byte.

A new last or first key is made from the gid of the moment and needs no look at its neighbours, so two callers
appending at once never disturb each other; only putting a row between two others reads their keys.
"""

from __future__ import annotations

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE = len(_DIGITS)
_WIDTH = 11  # 62**11 > 2**63
_MOST = 2**63 - 1
_MIDDLE = _DIGITS[_BASE // 2]  # closes every key: none ends in the lowest digit, so there is always room before it


def _digits(number: int) -> str:
    out = []
    for _ in range(_WIDTH):
        number, rest = divmod(number, _BASE)
        out.append(_DIGITS[rest])
    return "".join(reversed(out))


def last(gid: int) -> str:
    """A key after every key made so far; `gid` is a fresh gid."""
    return "m" + _digits(gid) + _MIDDLE


def first(gid: int) -> str:
    """A key before every key made so far; `gid` is a fresh gid."""
    return "c" + _digits(_MOST - gid) + _MIDDLE


def between(low: str, high: str) -> str:
    """A key greater than `low` and less than `high` ("" for either end).

    Two rows put in one place at one moment share a key; a key "between" them comes right after both.
    """
    if high and high <= low:
        return low + _MIDDLE
    out: list[str] = []
    bounded = bool(high)
    position = 0
    while True:
        floor = _DIGITS.index(low[position]) if position < len(low) else 0
        ceiling = _BASE if not bounded else _DIGITS.index(high[position]) if position < len(high) else 0
        middle = (floor + ceiling) // 2
        if middle > floor:
            return "".join(out) + _DIGITS[middle]
        out.append(_DIGITS[floor])
        bounded = bounded and floor == ceiling
        position += 1
