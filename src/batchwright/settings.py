"""Every setting of the server: its default, its one-line meaning and its bounds, declared once as data.

The command line's help, `batchwright config` and the checks below all follow from the declaration.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_type_hints

FILE = "batchwright.toml"
PREFIX = "BATCHWRIGHT_"
DEFAULT = "default"
MEBIBYTE = 1024 * 1024

Limits = Literal["free", "paid", "off"]
WithoutRedis = Literal["alone", "refuse"]
LogFormat = Literal["text", "json"]
SCHEMES = {  # settings that are URLs or empty
    "public_url": ("http", "https"),
    "redis": ("redis", "rediss", "unix"),
    "traces": ("http", "https"),
}
# Scheme, host in lower case, port where it isn't the scheme's own: anything else is never an origin of a page.
ORIGIN = re.compile(r"(?:http://(?!.*:80$)|https://(?!.*:443$))(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[1-9]\d{0,4})?")
T = TypeVar("T")


class BadSetting(ValueError):
    """A value that no setting can have. The text is one line: the setting, the value, where it is from."""


def _setting(default: T, meaning: str, *, least: int | None = None, most: int | None = None) -> T:
    value: T = field(default=default, metadata={"meaning": meaning, "least": least, "most": most})
    return value


def _limit(of: str) -> int:
    return _setting(0, f"{of} that a token may have; 0: as `limits` has it", least=0, most=10**9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the server runs with."""

    host: str = _setting("127.0.0.1", "the address to listen on")
    port: int = _setting(8787, "the port to listen on; 0 picks a free one", least=0, most=65535)
    workers: int = _setting(1, "how many processes serve", least=1, most=64)
    db: str = _setting("batchwright.db", "the database: a path or a URL")
    demo: bool = _setting(False, "fill the database with a small company; without a db, a throw-away one")
    limits: Limits = _setting("paid", "the rate limits to apply, as Asana's plans have them, or none")
    limit_per_minute: int = _limit("requests a minute")
    limit_searches: int = _limit("searches a minute")
    limit_reads: int = _limit("reads in flight")
    limit_writes: int = _limit("writes in flight")
    limit_jobs: int = _limit("duplications in flight")
    limit_cost: int = _limit("objects shown in a minute")
    redis: str = _setting("", "the URL of the Redis through which processes share their limits; empty: none")
    limits_without_redis: WithoutRedis = _setting(
        "alone", "while Redis can't be reached: each process limits by itself, or requests are refused"
    )
    log_format: LogFormat = _setting("text", "how log lines are written")
    traces: str = _setting("", "the URL of a collector for spans of OpenTelemetry, by OTLP over HTTP; empty: none")
    max_body_bytes: int = _setting(10 * MEBIBYTE, "the largest request body", least=1)
    max_json_depth: int = _setting(64, "how deep the JSON of a request may nest", least=1, most=512)
    body_timeout_seconds: int = _setting(15, "how long a request's body may take to arrive", least=1)
    strict: bool = _setting(False, "refuse what goes beyond Asana, so that what works here works there")
    max_batch_actions: int = _setting(10, "how many actions one batch may hold", least=1)
    cors_origins: str = _setting("", "the sites whose pages may call the API from a browser, or `*`; empty: none")
    public_url: str = _setting("", "the URL that clients use, e.g. behind a proxy; empty: the request's Host")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and, by name, where each value came from.

    An origin is "flag", the name of a variable, "batchwright.toml" or "default".
    """

    settings: Settings
    origins: Mapping[str, str]


_FIELDS: Mapping[str, Field[Any]] = {each.name: each for each in fields(Settings)}
_TYPES: Mapping[str, Any] = get_type_hints(Settings)


def names() -> tuple[str, ...]:
    """The settings' names, in the order in which they are declared."""
    return tuple(_FIELDS)


def meaning(name: str) -> str:
    """The setting's one-line meaning, without its default."""
    return str(_FIELDS[name].metadata["meaning"])


def default(name: str) -> object:
    """The setting's default."""
    return _FIELDS[name].default


def load(
    flags: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Loaded:
    """Put the settings together: flag > BATCHWRIGHT_* variable > batchwright.toml > default.

    flags: values by name, None where a flag was not given. folder: where to look for the file (default: the
    current one). An empty variable counts as not set. Raises BadSetting.
    """
    sources = (
        {name: (value, "flag") for name, value in (flags or {}).items() if value is not None},
        {name: (environ[key], key) for name in _FIELDS if environ.get(key := PREFIX + name.upper())},
        {name: (value, FILE) for name, value in _read(folder or Path()).items()},
    )
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, declared in _FIELDS.items():
        given = next((source[name] for source in sources if name in source), None)
        origins[name] = given[1] if given else DEFAULT
        values[name] = _checked(name, *given) if given else declared.default
    return Loaded(Settings(**values), origins)


def _read(folder: Path) -> Mapping[str, object]:
    try:
        text = (folder / FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"{FILE} cannot be read: {error}") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{FILE} is not valid TOML: {error}") from None
    if unknown := [name for name in values if name not in _FIELDS]:
        raise BadSetting(f"{FILE}: there is no setting {unknown[0]!r} (there are {', '.join(_FIELDS)})")
    return values


def _checked(name: str, value: object, origin: str) -> object:
    wanted = _TYPES[name]
    if wanted is bool:
        return _flag(name, value, origin)
    if wanted is int:
        return _number(name, value, origin)
    if choices := get_args(wanted):
        if value not in choices:
            raise _bad(name, value, origin, f"one of {', '.join(choices)}")
        return value
    return _text(name, value, origin)


def _flag(name: str, value: object, origin: str) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "on": True,
        "0": False,
        "false": False,
        "no": False,
        "off": False,
    }
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise _bad(name, value, origin, "true or false")


def _number(name: str, value: object, origin: str) -> int:
    least, most = (_FIELDS[name].metadata[bound] for bound in ("least", "most"))
    wanted = f"a whole number from {least}" + ("" if most is None else f" to {most}")
    # Not int() on any text: it takes " 7 ", "1_000" and digits of every script.
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad(name, value, origin, wanted)
    if value < least or (most is not None and value > most):
        raise _bad(name, value, origin, wanted)
    return value


def _text(name: str, value: object, origin: str) -> str:
    if not isinstance(value, str) or "\0" in value or "\n" in value:
        raise _bad(name, value, origin, "a line of text")
    if name in SCHEMES:
        value = value.rstrip("/")
        schemes = [f"{scheme}://" for scheme in SCHEMES[name]]
        if value and not value.startswith(tuple(schemes)):
            raise _bad(name, value, origin, f"a URL that begins with {' or '.join(schemes)}")
    elif name == "cors_origins":
        value = _origins(name, value, origin)
    elif not value.strip():
        raise _bad(name, value, origin, "some text, not nothing")
    return value


def _origins(name: str, value: str, origin: str) -> str:
    found = value.replace(",", " ").split()
    if found != ["*"] and not all(map(ORIGIN.fullmatch, found)):
        raise _bad(name, value, origin, "`*`, or sites as browsers spell them, like https://app.example.org")
    return " ".join(found)


def _bad(name: str, value: object, origin: str, wanted: str) -> BadSetting:
    return BadSetting(f"{name} must be {wanted}, not {value!r} (from {origin})")
