"""Requests drawn at random from the catalogue's declarations, about objects that replies have named."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.api.asking import vocabulary

from batchwright.model.fields import Field, Type
from batchwright.model.operations import Operation
from batchwright.model.richtext import rules
from batchwright.resources import OPERATIONS

BUILT = [each for each in OPERATIONS if each.built]
CREATING = [each for each in BUILT if each.status == 201]
TEXTS = (
    *("", " ", "a", "null", "me", "true", "0", "-1", "1e9", "a,b", "%", "_", "\\", "'", '"', "\0", "\r\n", "\u2028"),
    *("é漢🦄", "\ud7ff\ufffd", "ΐ" * 50, "a" * 300, "x" * 70_000, "<body>", "<body>a</body>", "<body><b></body>"),
    *("external:", "external:x", "external:\0", "a\0@b"),
    *("nobody@nowhere.example", "ann@acme.example", "@", "now", "../..", "9" * 30, "٣"),
    *("2026-01-31", "2026-02-30", "0000-00-00", "9999-12-31", "2026-01-31T09:05:07.120Z", "9999-12-31T23:59:59-12:00"),
)
NUMBERS = (0, 1, -1, 2**31, 2**53 + 1, 2**63, -(2**63), 2**64 - 1, 10**30, 0.5, -0.0, 1e300, 1e-300)


@dataclass
class Drawing:
    """A source of requests. known: gids by kind, as replies named them. tame: for now nothing is wrong on purpose."""

    chance: random.Random
    known: dict[str, list[str]] = field(default_factory=dict)
    tame: bool = False

    def request(self) -> tuple[str, str, dict[str, str], Any]:
        """Method, path, query, body; one in three is tame, so that something comes of it."""
        self.tame = self.chance.randrange(3) == 0
        operation = self.chance.choice(CREATING if self.tame and self.chance.randrange(5) == 0 else BUILT)
        path = "/".join(self._segment(part) for part in operation.path.split("/"))
        query = self._options(operation)
        if operation.method == "GET" or self.rarely():
            query |= {name: self._text_of(value) for name, value in self._fields(operation.params).items()}
        body = {"data": self._fields(operation.body)} if operation.method != "GET" else None
        if body is not None and self.rarely(30):
            body = self.anything(3)
        return operation.method, path, query, body

    def action(self) -> dict[str, Any]:
        """The same as an action of a batch, now and then a broken one."""
        method, path, query, body = self.request()
        data = query if method == "GET" else (body or {}).get("data") if isinstance(body, dict) else body
        action = {"method": method.lower(), "relative_path": path, "data": data}
        if self.rarely(30):
            action[self.chance.choice(["options", "method", "relative_path", "data"])] = self.anything(2)
        return action

    def learn(self, value: Any) -> None:
        """Take note of the objects in a reply."""
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict) and {"gid", "resource_type"} <= each.keys():
                found = self.known.setdefault(each["resource_type"], [])
                found.append(each["gid"])
                del found[:-30]

    def forget(self, path: str) -> None:
        """Take note that what a path names is gone, or out of reach; the last of a kind is kept."""
        gone = set(path.split("/"))
        for gids in self.known.values():
            gids[:] = [gid for gid in gids if gid not in gone] or gids[:1]

    def rarely(self, often: int = 10) -> bool:
        """Once in so many times, and never while it is tame."""
        return not self.tame and self.chance.randrange(often) == 0

    def _segment(self, part: str) -> str:
        if not part.startswith("{"):
            return part
        return quote(self._ident(part[1:-1].removesuffix("_gid"))[:2_000], safe="") or "0"

    def _ident(self, kind: str) -> str:
        if self.rarely(12):
            return self.chance.choice(TEXTS)
        if self.rarely(12):
            kind = self.chance.choice(list(self.known))
        return self.chance.choice(self.known.get(kind) or ["12"])

    def _options(self, operation: Operation) -> dict[str, str]:
        options: dict[str, str] = {}
        if self.rarely(3):
            options["limit"] = self.chance.choice(["1", "2", "100", "100", "0", "101", "-1", "", "x", "9" * 50])
        if self.rarely():
            options["offset"] = self.chance.choice(TEXTS)[:1_000]
        if self.rarely(3):
            names = self.chance.choice(vocabulary(operation.kind)).split(",")
            options["opt_fields"] = ",".join(self.chance.choices(names, k=5))
        if self.rarely(20):
            options["opt_fields"] = self.chance.choice(["(", ")", "(a|b).(c|d)", "." * 40, "a." * 40, "this.gid", "é"])
        return options

    def _fields(self, fields: tuple[Field, ...]) -> dict[str, Any]:
        some = self.chance.randrange(1, 5)
        allowed = [each for each in fields if not (self.tame and each.read_only)]
        chosen = [each for each in allowed if each.required or self.chance.randrange(len(allowed)) < some]
        return {each.name: self._value(each) for each in chosen if not (each.required and self.rarely(20))}

    def _value(self, each: Field) -> Any:
        if self.rarely(8):
            return self.anything(2)
        if each.type is Type.RECORD:
            return (
                [self._fields(each.fields) for _ in range(self._length())] if each.many else self._fields(each.fields)
            )
        if each.target:
            return [self._ident(each.target) for _ in range(self._length())] if each.many else self._ident(each.target)
        if each.rich:
            return self._html()
        plain: Mapping[Type, tuple[Any, ...]] = {
            Type.CHOICE: each.choices,
            Type.FLAG: (True, False, "true", "False"),
            Type.MINE: (True, False),
            Type.DATE: ("2026-01-31", "2026-03-01", "0001-01-01", "9999-12-31"),
            Type.MOMENT: ("2026-01-31T09:05:07.120Z", "2026-01-31", "now", "9999-12-31T23:59:59Z", "0001-01-01"),
            Type.JSON: ({}, {"a": [{}]}),
        }
        return self.chance.choice(plain.get(each.type, TEXTS))

    def _html(self) -> str:
        tags = self.chance.choices([*rules.EVERYTHING, "b", "body"], k=self.chance.randrange(4))
        gid = self._ident(self.chance.choice(["task", "user", "project", "team", "tag"]))
        inner = self.chance.choice(
            ["text", "&amp;", "&x;", f'<a data-asana-gid="{gid}"/>', '<a href="http://x.example">x</a>']
        )
        begins, ends = "".join(f"<{each}>" for each in tags), "".join(f"</{each}>" for each in reversed(tags))
        return f"<body>{begins}{inner}{ends}</body>"

    def _length(self) -> int:
        return self.chance.choice([0, 1, 1, 2, 3, 25, 1_001] if self.rarely(5) else [1, 1, 2])

    def anything(self, deep: int) -> Any:
        """Any JSON, so deep."""
        pick = self.chance.randrange(8 if deep else 4)
        if pick < 2:
            return self.chance.choice([None, True, False, *NUMBERS])
        if pick < 4:
            return self.chance.choice(TEXTS)
        if pick < 6:
            return [self.anything(deep - 1) for _ in range(self.chance.randrange(4))]
        names = [*TEXTS[:10], "gid", "data", "name", "options", "actions"]
        return {name: self.anything(deep - 1) for name in self.chance.sample(names, self.chance.randrange(4))}

    def _text_of(self, value: Any) -> str:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False).strip("[]")
        return text[:1_500]
