"""How log lines look: one event a line on standard error, as text for people or as JSON for machines."""

from __future__ import annotations

import json
import logging
import re
import sys
from typing import Literal, TextIO

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from batchwright.model import moments

Format = Literal["text", "json"]
PLAIN = re.compile(r"[!#-&(-<>-~]+").fullmatch  # most values: printable ASCII without spaces, quotes and equals signs


def configure(format: Format, stream: TextIO | None = None, *, worker: int | None = None) -> None:
    """Write what is logged from now on in this format.

    stream: default standard error. worker: which of several processes this is, to be said in each line.
    """

    written = _as_json if format == "json" else _as_text
    signature = {} if worker is None else {"worker": worker}

    def line(_: WrappedLogger, level: str, event: EventDict) -> bytes:
        event.update(signature)
        return written(moments.show(moments.now()), level, event.pop("event"), event)

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, line],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.BytesLoggerFactory((stream or sys.stderr).buffer),
        cache_logger_on_first_use=True,
    )
    logging.root.handlers = [_Forward()]
    logging.root.setLevel(logging.WARNING)


class _Forward(logging.Handler):
    """Hands what libraries log the standard way to the same lines."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger()
        log.log(record.levelno, record.getMessage(), library=record.name, exc_info=record.exc_info)


def _as_json(at: str, level: str, event: str, more: EventDict) -> bytes:
    line = {"timestamp": at, "level": level, "event": event, **more}
    try:
        return orjson.dumps(line, default=str)
    except TypeError:  # half a surrogate pair, or a number past 64 bits
        return json.dumps(line, default=str).encode()


def _as_text(at: str, level: str, event: str, more: EventDict) -> bytes:
    trace = more.pop("exception", None)
    words = [at, level, _printable(str(event)), *(f"{name}={_quoted(value)}" for name, value in more.items())]
    text = " ".join(words) + (f"\n{trace}" if trace else "")
    return text.encode("utf-8", "backslashreplace")


def _quoted(value: object) -> str:
    """A value that can't be taken for two, nor for a line of its own, whatever a client sent."""
    text = str(value)
    plain = type(value) is int or PLAIN(text) or (text.isprintable() and text and not set(text) & set(" \"='"))
    return text if plain else repr(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else repr(text)
