"""What is sent next: each sort of hostility in its share, all of it following from one seed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlencode

from fuzz import messages, texts
from fuzz.drawing import Drawing
from fuzz.extending import extended
from fuzz.messages import API, Message, Sent, sound
from fuzz.pages import Visitor

JSON = (b"Content-Type", b"application/json")
EXCLUDED = (
    "/batch",
    "/organization_exports",
    "/attachments",
    "/scim/Users",
    "/tasks/1/attachments",
    "batch",
    "/batch/",
)
ODD_ACTIONS: tuple[Any, ...] = (
    None,
    7,
    "x",
    {},
    [],
    [[]],
    [None],
    {"0": {}},
    [{}] * 11,
    [{"method": "get"}],
    [{"relative_path": "/"}],
)
LARGEST_ACTION = 20_000  # characters of its JSON


@dataclass
class Source:
    """Requests without end. tokens: of people who may and may not; the last ones are nobody's."""

    chance: Random
    drawing: Drawing
    visitor: Visitor
    tokens: tuple[str, ...]
    _coming: list[Callable[[Source], Sent]] = field(default_factory=list)

    def next(self) -> Sent:
        """The next one; of a hundred in a row each sort has its share."""
        if not self._coming:
            self._coming = self.chance.sample(SORTS, sum(SHARES.values()), counts=SHARES.values())
        return self._coming.pop()(self)

    def api(self) -> Sent:
        """An operation, asked for as a client would, with whatever values."""
        return sound("api", self._message(self._single()))

    def batch(self) -> Sent:
        """Actions at random, one to ten, sometimes more; and now and then something that is no batch."""
        return sound("batch", self._message(self._batch()))

    def text(self) -> Sent:
        """A body that is nearly JSON."""
        asked = self._batch() if self.chance.randrange(3) == 0 else self._single(writes=True)
        message = self._message(asked, texts.written(self.chance, asked[3]))
        return sound("json text", message)

    def chunked(self) -> Sent:
        """The same in chunks of one size."""
        message = self._message(self._single(writes=True))
        size = self.chance.choice((1, 7, 1_000, 60_000)) if len(message.body or b"") < 3_000 else 5_000
        return sound("chunked", Message(message.method, message.target, message.headers, message.body, size))

    def heads(self) -> Sent:
        return messages.odd_head(self.chance, self._any())

    def damaged(self) -> Sent:
        return messages.damaged(self.chance, self._any())

    def cut(self) -> Sent:
        return messages.cut(self.chance, self._any())

    def framing(self) -> Sent:
        return messages.misframed(self.chance, self._message(self._single(writes=True)))

    def pipelined(self) -> Sent:
        """Several requests at once on one connection."""
        several = [self._any() for _ in range(self.chance.randrange(2, 9))]
        data = b"".join(each.written() for each in several)
        return Sent("pipelined", data, tuple(each.method for each in several), True, API)

    def pages(self) -> Sent:
        return self.visitor.page()

    def oauth(self) -> Sent:
        return self.visitor.oauth()

    def documents(self) -> Sent:
        return self.visitor.document()

    def _any(self) -> Message:
        return self._message(self._batch() if self.chance.randrange(4) == 0 else self._single())

    def _single(self, *, writes: bool = False) -> tuple[str, str, dict[str, str], Any]:
        asked = self.drawing.request()
        while writes and asked[0] not in ("POST", "PUT"):
            asked = self.drawing.request()
        return asked

    def _batch(self) -> tuple[str, str, dict[str, str], Any]:
        many = self.chance.choice((1, 2, 5, 10, 10, 10, 11))
        odd = self.chance.randrange(4) == 0
        actions = [self._odd_action() if odd and self._rarely() else self._action() for _ in range(many)]
        data: Any = {"actions": actions}
        if not odd and self.chance.randrange(3) == 0:
            data = extended(self.chance, data)
        if self.chance.randrange(20) == 0:
            data = {**data, "actions": self.chance.choice(ODD_ACTIONS)}
        if self.chance.randrange(40) == 0:
            data = self.drawing.anything(3)
        query = {"opt_fields": self.chance.choice(("body", "status_code,headers", "x"))} if self._rarely() else {}
        return (
            "POST",
            "/batch",
            query,
            {"data": data} | ({"options": self.drawing.anything(2)} if self._rarely() else {}),
        )

    def _odd_action(self) -> Any:
        if self.chance.randrange(2):
            return self.drawing.anything(3)
        method, path = self.chance.choice(("get", "post", "PoSt", "patch", "head", "x")), self.chance.choice(EXCLUDED)
        return {"method": method, "relative_path": path, "data": {"actions": [self.drawing.action()]}}

    def _action(self) -> Any:
        action = self.drawing.action()
        if self._rarely():
            action["options"] = {"fields": self.drawing.anything(2), "limit": self.drawing.anything(0)}
        return action if len(str(action)) < LARGEST_ACTION else {"method": "get", "relative_path": "/users/me"}

    def _rarely(self) -> bool:
        return self.chance.randrange(20) == 0

    def _message(self, asked: tuple[str, str, dict[str, str], Any], body: bytes | None = None) -> Message:
        method, path, query, content = asked
        target = API + path.encode() + (b"?" + urlencode(query).encode() if query else b"")
        if body is None and content is not None:
            body = json.dumps(content, ensure_ascii=self.chance.randrange(2) == 0).encode("utf-8", "surrogatepass")
        token = self.chance.choice(self.tokens)
        who = ((b"Authorization", b"Bearer " + token.encode()),) if token else ()
        kind = (JSON,) if body is not None else ()
        return Message(method.encode(), target, ((b"Host", b"fuzz.test"), *who, *kind), body)


SHARES: dict[Callable[[Source], Sent], int] = {
    Source.api: 34,
    Source.batch: 14,
    Source.text: 20,
    Source.heads: 7,
    Source.damaged: 6,
    Source.cut: 2,
    Source.framing: 3,
    Source.chunked: 2,
    Source.pipelined: 1,
    Source.pages: 5,
    Source.oauth: 4,
    Source.documents: 2,
}
SORTS = tuple(SHARES)
