"""What the commands share: options made from the settings, and how a command asks the app for something."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Annotated, Any, TypeVar

from cyclopts import Parameter

from batchwright import settings
from batchwright.settings import Limits as LimitsName
from batchwright.settings import LogFormat, Settings

T = TypeVar("T")


class Mistake(Exception):
    """What the user asked for can't be done; the text is one line that says why."""


def _option(name: str) -> Parameter:
    default = str(settings.default(name)).lower()
    return Parameter(help=f"{settings.meaning(name)} (default: {default})", show_default=False)


Host = Annotated[str | None, _option("host")]
Port = Annotated[int | None, _option("port")]
Workers = Annotated[int | None, _option("workers")]
Db = Annotated[str | None, _option("db")]
Demo = Annotated[bool | None, _option("demo")]
Limits = Annotated[LimitsName | None, _option("limits")]
Redis = Annotated[str | None, _option("redis")]
Strict = Annotated[bool | None, _option("strict")]
MaxBatchActions = Annotated[int | None, _option("max_batch_actions")]
Format = Annotated[LogFormat | None, _option("log_format")]


def settings_with(**flags: object) -> Settings:
    """The settings, with these flags over the other sources. Raises BadSetting."""
    return settings.load(flags).settings


def ask(question: Coroutine[Any, Any, T]) -> T:
    """Wait for one of the app's functions. Raises Mistake with the app's words where it refuses."""
    # Imported late here and in every command: help and typing mistakes shouldn't wait for the whole server.
    from batchwright import app

    try:
        return asyncio.run(question)
    except app.Refused as refused:
        raise Mistake(str(refused)) from None
