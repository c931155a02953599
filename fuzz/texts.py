"""JSON as no client writes it: values of other types, keys twice, numbers without end, text that is no text."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

NUMBERS = (
    *("1e400", "-1e400", "1e-400", "-0", "0.1e1", "1E+2", "1" + "0" * 400, "9" * 5_000, "0." + "0" * 5_000 + "1"),
    *(
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "1e19",
        "4e-324",
        "1.7976931348623159e308",
    ),
    *("00", "+1", ".5", "1.", "0x10", "1_0", "NaN", "Infinity", "-Infinity", "-", "1e", "\u0661"),
)
STRINGS = (
    *(r'"\ud800"', r'"\udfff\ud800"', r'"\ud83d\ude80"', r'"\u0000"', r'"\x41"', r'"\u12"', '"a\nb"', '"\t"', '"\x00"'),
    *('"', "'a'", '"\\"', '"\\', '"\ufeff"', '"\u202e\u2066"', '"a\u0300\u0301"', r'"\/"', '"%s%n{}${7*7}"'),
    *('"' + "\u0301" * 3_000 + '"', '"' + "x" * 100_000 + '"', '"' + r"\u0041" * 9_000 + '"', r'"\uD834\uDD1E\uDD1E"'),
)
VALUES = (
    "null",
    "true",
    "false",
    "[]",
    "{}",
    '""',
    "0",
    "[[]]",
    "[null]",
    '{"":null}',
    "True",
    "undefined",
    "nul",
    ",",
)
KEYS = (
    '""',
    '"data"',
    '"gid"',
    '"__proto__"',
    '"constructor"',
    r'"\u0000"',
    r'"\ud800"',
    "1",
    "null",
    "a",
    '"a":"b","a"',
)
DEPTHS = (10, 62, 63, 64, 65, 66, 500, 20_000)
BYTES = (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x9f", b"\x80", b"\x00", b"\xef\xbb\xbf")


@dataclass(frozen=True)
class Writer:
    """Writes values, most of them rightly. often: one in so many parts of a value is odd."""

    chance: Random
    often: int = 8

    def value(self, value: Any) -> str:
        """JSON of a value, or something like it."""
        if self.chance.randrange(self.often) == 0:
            return self._odd()
        if isinstance(value, dict):
            return f"{{{','.join(self._pairs(value))}}}"
        if isinstance(value, list):
            return f"[{','.join(self.value(each) for each in value)}]"
        return json.dumps(value)

    def _pairs(self, value: dict[str, Any]) -> list[str]:
        pairs = [f"{json.dumps(name)}:{self.value(each)}" for name, each in value.items()]
        if pairs and self.chance.randrange(self.often) == 0:
            name = json.dumps(self.chance.choice(list(value)))
            pairs.insert(self.chance.randrange(len(pairs) + 1), f"{name}:{self._odd()}")
        if self.chance.randrange(self.often) == 0:
            pairs.append(f"{self.chance.choice(KEYS)}:{self._odd()}")
        return pairs

    def _odd(self) -> str:
        pick = self.chance.randrange(10)
        if pick == 0:
            depth, (opening, closing) = self.chance.choice(DEPTHS), self.chance.choice(["[]", ('{"a":', "}")])
            return opening * depth + self.chance.choice(["1", ""]) + closing * depth
        return self.chance.choice((NUMBERS, STRINGS, VALUES)[pick % 3])


def written(chance: Random, value: Any) -> bytes:
    """A body that says nearly this."""
    text = Writer(chance, chance.choice((4, 12, 40))).value(value)
    return chance.choice(WHOLE)(text, chance)[:2_000_000]


def _cut(text: str, chance: Random) -> bytes:
    return _utf8(text, chance)[: chance.randrange(len(text) + 1)]


def _utf8(text: str, _: Random) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _broken(text: str, chance: Random) -> bytes:
    made = bytearray(_utf8(text, chance))
    for _ in range(chance.randrange(1, 4)):
        place = chance.randrange(len(made) + 1)
        made[place : place + chance.randrange(3)] = chance.choice(BYTES)
    return bytes(made)


def _shuffled(text: str, chance: Random) -> bytes:
    """A part of it twice, or in another place."""
    made = _utf8(text, chance)
    begin, end = sorted(chance.choices(range(len(made) + 1), k=2))
    place = chance.randrange(len(made) + 1)
    return made[:place] + made[begin:end] + made[place:]


Whole = Callable[[str, Random], bytes]
WHOLE: tuple[Whole, ...] = (
    *(_utf8,) * 8,
    *(_cut, _broken, _broken, _shuffled),
    lambda text, _: codecs.BOM_UTF8 + _utf8(text, _),
    lambda text, _: codecs.BOM_UTF8 * 2 + _utf8(text, _),
    lambda text, _: text.encode("utf-16", "surrogatepass"),
    lambda text, _: text.encode("utf-32-be", "surrogatepass"),
    lambda text, _: text.encode("latin-1", "replace"),
    lambda text, _: _utf8(text + text, _),
    lambda text, _: _utf8(text + "//", _),
    lambda text, _: _utf8("/**/" + text.replace(",", ",\n\t "), _),
    lambda text, chance: b" " * chance.choice((1, 60_000)) + _utf8(text, chance) + b"\r\n\0"[: chance.randrange(4)],
    lambda text, _: _utf8(text.replace("}", ",}"), _),
    lambda text, chance: chance.choice((b"", b" ", b"\0", b"\xef\xbb\xbf", b"null", b"[", b"{", b'"', b"data=1")),
)
