"""Query parameters and options, from wherever they come: a URL, a body's `options`, an action of a batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model.calls import Options
from batchwright.model.problems import bad_request
from batchwright.projection import parse

OPTION_NAMES = frozenset(("opt_fields", "opt_pretty", "opt_expand", "opt_client_name", "limit", "offset"))

PLAIN = Options()


def query_of(data: Mapping[str, Any]) -> dict[str, str]:
    """The `data` of a GET action as a query; lists are joined by commas, nulls are left out. Raises Problem 400."""
    return {str(name): _written(str(name), value) for name, value in data.items() if value is not None}


def _written(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ",".join(_written(name, each) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise bad_request(f"{name}: Value is not a string")


def options_of(query: Mapping[str, str], options: Mapping[str, Any]) -> tuple[dict[str, str], Options]:
    """The query without its options, and the options of both. Raises Problem 400 for one of the wrong type."""
    if not (query or options):
        return {}, PLAIN
    rest = {name: value for name, value in query.items() if name not in OPTION_NAMES}
    fields = options.get("fields", query.get("opt_fields"))
    pretty = options.get("pretty", query.get("opt_pretty", False))
    return rest, Options(
        fields=_fields(fields),
        limit=_limit(options.get("limit", query.get("limit"))),
        offset=_offset(options.get("offset", query.get("offset"))),
        pretty=pretty is True or (isinstance(pretty, str) and pretty.lower() in ("", "true", "1")),
    )


def _fields(fields: Any) -> str | None:
    if isinstance(fields, list) and all(isinstance(each, str) for each in fields):
        fields = ",".join(fields)
    if fields is None:
        return None
    if not isinstance(fields, str):
        raise bad_request("fields: Value is not an array of strings")
    parse(fields)  # a text past the bounds is refused now, and not when the reply is made of what was done already
    return fields


def _limit(limit: Any) -> str | int | None:
    if limit is None or (isinstance(limit, str | int) and not isinstance(limit, bool)):
        return limit
    raise bad_request("limit: Value is not a whole number")


def _offset(offset: Any) -> str | None:
    if offset is None or (isinstance(offset, str | int) and not isinstance(offset, bool)):
        return None if offset is None else str(offset)
    raise bad_request("offset: Your pagination token is invalid.")
