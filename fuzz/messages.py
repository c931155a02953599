"""HTTP requests as bytes: written rightly, or with heads and framing that no client sends."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

Header = tuple[bytes, bytes]
API = b"/api/1.0"


@dataclass(frozen=True)
class Message:
    """One request. body: None if there is none. chunk: the size of its chunks, 0 for a body whose length is told."""

    method: bytes
    target: bytes
    headers: tuple[Header, ...]
    body: bytes | None = None
    chunk: int = 0

    def written(self) -> bytes:
        """Its bytes."""
        headers = list(self.headers)
        content = self.body or b""
        if self.body is not None and self.chunk:
            headers.append((b"Transfer-Encoding", b"chunked"))
            content = b"".join(map(_chunk, _parts(content, self.chunk))) + b"0\r\n\r\n"
        elif self.body is not None:
            headers.append((b"Content-Length", b"%d" % len(content)))
        lines = [b"%s %s HTTP/1.1" % (self.method, self.target), *(b"%s: %s" % each for each in headers)]
        return b"\r\n".join([*lines, b"", b""]) + content


@dataclass(frozen=True)
class Sent:
    """What goes over a connection at once.

    sort: for the table. answers: the methods of the requests that must be answered; what isn't sure to be
    a request needs no answer, but an end. message: what it was made of, if it may be made smaller.
    """

    sort: str
    data: bytes
    answers: tuple[bytes, ...]
    sure: bool = True
    target: bytes = b""
    message: Message | None = None


def sound(sort: str, message: Message) -> Sent:
    """A request that is HTTP, whatever else it is."""
    return Sent(sort, message.written(), (message.method,), True, message.target, message)


def damaged(chance: Random, message: Message) -> Sent:
    """Bytes changed, left out, or twice, anywhere."""
    made = bytearray(message.written())
    for _ in range(chance.choice((1, 1, 2, 5, 30))):
        begin = chance.randrange(len(made) + 1)
        end = min(len(made), begin + chance.choice((0, 1, 1, 2, 8)))
        part = bytes(made[begin:end])
        made[begin:end] = chance.choice((b"", part + part, chance.randbytes(max(1, end - begin)), b"\r\n", b"\0", b" "))
    return Sent("bytes", bytes(made), (message.method,), False)


def cut(chance: Random, message: Message) -> Sent:
    """Only the beginning of a request."""
    made = message.written()
    return Sent("truncated", made[: chance.randrange(len(made))], (message.method,), False)


ODD_HEADERS: tuple[Header, ...] = (
    (b"Content-Type", b"application/x-www-form-urlencoded"),
    (b"Content-Type", b"multipart/form-data; boundary=b"),
    (b"Content-Type", b"multipart/form-data"),
    (b"Content-Type", b"application/json; charset=utf-16"),
    (b"Content-Type", b"application/json; charset=\xff"),
    (b"Content-Type", b"text/plain; " + b"a=b;" * 5_000),
    (b"Content-Type", b';;="\\'),
    (b"Content-Encoding", b"gzip"),
    (b"Content-Encoding", b"\xe9"),
    (b"Accept", b"text/html;q=\xff"),
    (b"Accept-Encoding", b"gzip, br;q=0"),
    (b"Authorization", b"Bearer " + b"a" * 30_000),
    (b"Authorization", b"Basic \xff\xfe"),
    (b"Authorization", b"Bearer"),
    (b"Authorization", b"bearer \t x"),
    (b"Host", b'"><script>alert(1)</script>'),
    (b"Host", b"[::1"),
    (b"Host", b""),
    (b"Host", b"a:99999999"),
    (b"X-Forwarded-For", b"\xff, ::, " + b"1.2.3.4, " * 500),
    (b"X-Forwarded-Proto", b"gopher"),
    (b"X-HTTP-Method-Override", b"DELETE"),
    (b"Expect", b"100-continue"),
    (b"Upgrade", b"h2c"),
    (b"Connection", b"close, upgrade"),
    (b"Origin", b"null"),
    (b"Range", b"bytes=0-99999999999999999999"),
    (b"If-None-Match", b"*"),
    (b"Cookie", b"a=b; " * 3_000),
    (b"Asana-Enable", b"new_user_task_lists, \xff"),
    (b"X" * 20_000, b"y"),
    (b"X-Long", b"z" * 40_000),
    (b"X-Empty", b""),
)
METHODS = (b"GET", b"HEAD", b"POST", b"PUT", b"DELETE", b"PATCH", b"OPTIONS", b"TRACE", b"PROPFIND", b"PURGE", b"LINK")
TARGETS = (
    *(b"/users/me?" + b"a=b&" * 3_000, b"/users/" + b"%2e%2e%2f" * 3_000, b"/users/me?opt_fields=" + b"a." * 9_000),
    *(b"/tasks/" + b"9" * 20_000, b"//users//me", b"/users/%00", b"/users/%ff%fe", b"/users/me;a=b", b"/users/me#x"),
    *(b"/users/me?limit=1&limit=2", b"/users/me?%zz", b"/users/me?a", b"/users/me?=&==&&", b"/users/me?opt_pretty"),
    *(b"/users/me?opt_fields=(" + b"a|" * 3_000 + b"b)", b"/./users/../users/me", b"/users/me/", b"/users/me%2f", b""),
    *(
        b"/users/me?opt_fields=" + b"%F0%9F%A6%84," * 500,
        b"/%75sers/me",
        b"/users/me%0d%0aX:y",
        b"/batch?opt_pretty=true",
    ),
)


def odd_head(chance: Random, message: Message) -> Sent:
    """Another method, an odd target, odd headers, before or after the usual ones."""
    if chance.randrange(3) == 0:
        message = replace(message, method=chance.choice(METHODS))
    if chance.randrange(3) == 0:
        message = replace(message, target=API + chance.choice(TARGETS))
    odd = tuple(chance.choices(ODD_HEADERS, k=chance.choice((0, 1, 1, 2, 4))))
    message = replace(message, headers=odd + message.headers if chance.randrange(2) else message.headers + odd)
    upgrades = any(name == b"Upgrade" for name, _ in message.headers)
    return Sent("heads", message.written(), (message.method,), not upgrades, message.target, message)


def misframed(chance: Random, message: Message) -> Sent:
    """A body whose length is told wrongly, or twice, or in chunks that are none."""
    body = message.body or b'{"data":{}}'
    content, headers = _body_and_length(chance, body)
    lines = [b"%s %s HTTP/1.1" % (message.method, message.target)]
    lines += [b"%s: %s" % each for each in (*message.headers, *headers)]
    return Sent("framing", b"\r\n".join([*lines, b"", b""]) + content, (message.method,), False, message.target)


def _body_and_length(chance: Random, body: bytes) -> tuple[bytes, tuple[Header, ...]]:
    chunks = b"".join(map(_chunk, _parts(body, 7)))
    length = b"%d" % len(body)
    return chance.choice(
        (
            (body, ((b"Content-Length", b"%d" % (len(body) + 5)),)),
            (body, ((b"Content-Length", b"%d" % max(0, len(body) - 5)),)),
            (body, ((b"Content-Length", length), (b"Content-Length", b"1"))),
            (body, ((b"Content-Length", b"99999999999999999999"),)),
            (body, ((b"Content-Length", b"-1"),)),
            (body, ((b"Content-Length", length + b", " + length),)),
            (body, ((b"Content-Length", b"0x10"),)),
            (body, ()),
            (chunks, ((b"Transfer-Encoding", b"chunked"),)),
            (chunks + b"0\r\nX: y\r\n\r\n", ((b"Transfer-Encoding", b"chunked"), (b"Content-Length", length))),
            (chunks + b"0\r\n\r\n", ((b"Transfer-Encoding", b"gzip, chunked"),)),
            (chunks + b"0\r\n\r\n", ((b"Transfer-Encoding", b"xchunked"),)),
            (b"ffffffffffffffffff\r\n" + body, ((b"Transfer-Encoding", b"chunked"),)),
            (b"-1\r\n" + body, ((b"Transfer-Encoding", b"chunked"),)),
            (b"5;" + b"e" * 40_000 + b"\r\nabcde\r\n0\r\n\r\n", ((b"Transfer-Encoding", b"chunked"),)),
            (body, ((b"Transfer-Encoding", b"chunked"),)),
        )
    )


def _parts(content: bytes, size: int) -> list[bytes]:
    return [content[begin : begin + size] for begin in range(0, len(content), size)]


def _chunk(part: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(part), part)
