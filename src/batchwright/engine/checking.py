"""Bodies and queries checked against the declared fields; what comes out is clean and typed, rows named by gid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from batchwright.engine.values import not_an_object, scalar, shown
from batchwright.model import gids
from batchwright.model.calls import Call, Options
from batchwright.model.fields import Field, Type
from batchwright.model.operations import Operation
from batchwright.model.problems import bad_request, missing, unwritable
from batchwright.model.views import View
from batchwright.shapes.listing import LONGEST_PAGE
from batchwright.steps.lockstep import lockstep
from batchwright.steps.references import Place, identifier, insist, resolve

ROWS = frozenset((Type.REF, Type.REFS, Type.RECORD))
MOST_ROWS = 1_000  # rows one list of a body may name


async def checked(view: View, operation: Operation, call: Call) -> Call:
    """The call with its path resolved to rows to which the caller may do what it asks, its query and its body checked.

    Raises Problem 400, 403, 404. An operation that isn't built is answered the same whatever it is asked.
    """
    if not operation.built:
        return call
    deeds = _deeds(operation, call.data)
    at = _unseen(operation, call.path) or await _path(view, call.path, () if operation.freely else deeds)
    options = _paging(call.options) if operation.paged or operation.limited else call.options
    given = await _params(view, operation.params, call.query) if operation.params else {}
    data = call.data
    if not operation.raw:
        data = await _body(view, operation.body, data, partial=operation.method == "PUT") if operation.body else {}
    if operation.freely and _names_others(data[operation.freely], call.caller.user):
        kind, gid = next(reversed(at.items()))
        for deed in deeds:
            await insist(view, kind, gid, deed)
    return msgspec.structs.replace(call, at=at, options=options, params=given, data=data)


def _deeds(operation: Operation, data: Any) -> tuple[str, ...]:
    """What the caller must be allowed to do to the last row of the path; an update is as much as it gives."""
    if operation.method != "PUT":
        return (operation.deed,) if operation.deed else ()
    given = data if isinstance(data, Mapping) else {}
    return tuple({each.deed or operation.deed: None for each in operation.body if each.name in given})


def _names_others(people: Any, me: int) -> bool:
    return any(each != me for each in (people if isinstance(people, list) else (people,)))


def _unseen(operation: Operation, path: Mapping[str, str]) -> dict[str, int] | None:
    """The path's row by its gid, where whether the caller may see it is found out by showing it (`replies`)."""
    if not operation.guarded:
        return None
    (ident,) = path.values()
    gid = gids.parse(ident)
    return None if gid is None else {operation.kind: gid}


async def _path(view: View, path: Mapping[str, str], deeds: tuple[str, ...]) -> dict[str, int]:
    kinds = [(name.removesuffix("_gid"), ident) for name, ident in path.items() if name.endswith("_gid")]
    if len(kinds) == 1:  # as most paths have it: no task is needed to wait for one
        (kind, ident), *_ = kinds
        return {kind: await resolve(view, kind, ident, kind, "path", *deeds)}
    wanted = [()] * (len(kinds) - 1) + [deeds] if kinds else []
    asked = zip(kinds, wanted, strict=True)
    found = await lockstep(resolve(view, kind, ident, kind, "path", *each) for (kind, ident), each in asked)
    return {kind: gid for (kind, _), gid in zip(kinds, found, strict=True)}


def _paging(options: Options) -> Options:
    if options.limit is None:
        return options
    text = str(options.limit)
    limit = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= limit <= LONGEST_PAGE:
        raise bad_request(f"limit: Must be between 1 and {LONGEST_PAGE}")
    return msgspec.structs.replace(options, limit=limit)


async def _body(view: View, fields: Iterable[Field], data: Any, *, partial: bool) -> dict[str, Any]:
    """The known fields of a body's `data`; unknown ones are ignored. partial: an update, where nothing is required.

    Raises Problem 400, 403: each names the field by its path, as `memberships: [0]: project`.
    """
    if data is None:
        data = {}
    if not isinstance(data, Mapping):
        raise not_an_object("data", data)
    return await _record(view, fields, data, "", "body", partial=partial)


async def _params(view: View, fields: Iterable[Field], query: Mapping[str, str]) -> dict[str, Any]:
    """The known parameters of a query; an empty one counts as absent unless it is a text."""
    given = {name: raw for name, raw in query.items() if raw != ""}
    return await _record(view, fields, given, "", "query", partial=False)


async def _record(
    view: View, fields: Iterable[Field], data: Mapping[str, Any], prefix: str, place: Place, *, partial: bool
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    rows: list[tuple[Field, Any]] = []
    for field in fields:
        path = prefix + field.name
        if field.name not in data:
            if field.required and not partial:
                raise bad_request(f"{path}: Missing required field") if prefix else missing(path)
            continue
        raw = data[field.name]
        if field.read_only or (field.create_only and partial):
            raise unwritable(path)
        if raw is None and field.nullable:
            values[field.name] = None
        elif raw is None and field.type is Type.TEXT and not field.required:
            values[field.name] = field.default  # null clears (contract, updateTask), and a cleared text is empty
        elif field.type in ROWS:
            rows.append((field, raw))
        else:
            values[field.name] = None if field.or_null and raw == "null" else scalar(field, raw, path)
    found = await lockstep(_rows(view, field, raw, prefix + field.name, place) for field, raw in rows)
    values.update(zip((field.name for field, _ in rows), found, strict=True))
    return values


async def _rows(view: View, field: Field, raw: Any, path: str, place: Place) -> Any:
    if not field.many:
        return await _one(view, field, raw, path, place)
    many = [each.strip() for each in raw.split(",")] if isinstance(raw, str) else raw
    if not isinstance(many, list):
        raise bad_request(f"{path}: Value is not an array: {shown(raw)}")
    if len(many) > MOST_ROWS:
        raise bad_request(f"{path}: At most {MOST_ROWS} entries are allowed")
    found = await _all(view, field, many)
    if found is None:
        found = await lockstep(_one(view, field, each, f"{path}: [{n}]", place) for n, each in enumerate(many))
    return found if field.type is Type.RECORD else list(dict.fromkeys(found))


async def _all(view: View, field: Field, many: list[Any]) -> list[Any] | None:
    """The rows of a list of plain gids, None where it is more than that or one is refused: each has its own answer."""
    if field.type is Type.RECORD or field.as_sent:
        return None
    found = [gids.parse(each) if isinstance(each, str) else None for each in many]
    if None in found:
        return None
    may = await view.may(field.target, field.asks, (gid for gid in found if gid is not None))
    return found if may.issuperset(found) else None


async def _one(view: View, field: Field, raw: Any, path: str, place: Place) -> Any:
    if field.as_sent:
        return identifier(raw, path)
    if field.or_null and raw == "null":
        return None
    if field.type is not Type.RECORD:
        return await resolve(view, field.target, raw, path, place, *((field.asks,) if field.asks else ()))
    if not isinstance(raw, Mapping):
        raise not_an_object(path, raw)
    return await _record(view, field.fields, raw, f"{path}: ", place, partial=False)
