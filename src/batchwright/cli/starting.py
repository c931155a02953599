"""batchwright serve: settings and a socket in, a running server and a few lines on how to call it out."""

from __future__ import annotations

import dataclasses
import functools
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batchwright import settings as configuration
from batchwright.cli import greeting
from batchwright.cli.options import (
    Db,
    Demo,
    Format,
    Host,
    Limits,
    MaxBatchActions,
    Mistake,
    Port,
    Redis,
    Strict,
    Workers,
)
from batchwright.settings import DEFAULT, Settings


def serve(
    *,
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    db: Db = None,
    demo: Demo = None,
    limits: Limits = None,
    redis: Redis = None,
    strict: Strict = None,
    max_batch_actions: MaxBatchActions = None,
    log_format: Format = None,
) -> None:
    """Serve the API until SIGTERM or Ctrl-C.

    What is in flight then is finished first.
    """
    flags = {
        "host": host,
        "port": port,
        "workers": workers,
        "db": db,
        "demo": demo,
        "limits": limits,
        "redis": redis,
        "strict": strict,
        "max_batch_actions": max_batch_actions,
        "log_format": log_format,
    }
    loaded = configuration.load(flags)
    check(loaded.settings)
    throwaway = loaded.settings.demo and loaded.origins["db"] == DEFAULT
    with listening(loaded.settings) as listener, database(loaded.settings, throwaway=throwaway) as settings:
        from batchwright.cli import serving, supervising

        where = [] if db is None else ["--db", db]
        say = functools.partial(greeting.say, url(settings, listener), where, throwaway=throwaway)
        run = serving.run if settings.workers == 1 else supervising.run
        run(settings, listener, say)


def check(settings: Settings) -> None:
    """Whether the settings go together. Raises Mistake."""
    if settings.workers > 1 and settings.limits != "off" and not settings.redis:
        raise Mistake(
            f"{settings.workers} workers need Redis to share the limits: add --redis URL, --limits off or --workers 1"
        )


@contextmanager
def listening(settings: Settings) -> Iterator[socket.socket]:
    """A socket bound to the host and port, that does not accept yet. Raises Mistake.

    Bound here and not by the server, so that the real port is known when 0 was asked for.
    """
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, address = found[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    except (OSError, UnicodeError) as error:
        raise _deaf(settings, error) from None
    with listener:
        try:
            listener.bind(address)
        except OSError as error:
            raise _deaf(settings, error) from None
        yield listener


def _deaf(settings: Settings, error: OSError | UnicodeError) -> Mistake:
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return Mistake(f"can't listen on {settings.host} port {settings.port}: {reason}")


@contextmanager
def database(settings: Settings, *, throwaway: bool) -> Iterator[Settings]:
    """The settings, with a temporary database in them that is gone afterwards if it is to be thrown away."""
    if not throwaway:
        yield settings
        return
    with tempfile.TemporaryDirectory(prefix="batchwright-", ignore_cleanup_errors=True) as folder:
        yield dataclasses.replace(settings, db=str(Path(folder) / "demo.db"))


def url(settings: Settings, listener: socket.socket) -> str:
    """The server's URL as a client on this machine would write it, without a trailing slash."""
    if settings.public_url:
        return settings.public_url
    host, port = listener.getsockname()[:2]
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
    return f"http://{everywhere.get(host) or (f'[{host}]' if ':' in host else host)}:{port}"
