"""What may be said of any operation beside its shape."""

from __future__ import annotations

from typing import TypedDict

from batchwright.model.fields import Field


class OperationMarks(TypedDict, total=False):
    """Keyword arguments that every shape hands on to its Operation."""

    tag: str
    about: str
    scope: str
    deed: str
    freely: str
    params: tuple[Field, ...]
    alias: bool
    beyond: bool
