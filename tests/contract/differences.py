"""Every difference between our document and the contract, as lines that say where and what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from tests.contract.ours import built
from tests.contract.reference import Described, Reference, Schema, contract

from batchwright.projection import plan
from batchwright.projection.plan import Plan
from batchwright.resources import KINDS

T = TypeVar("T")
SCOPE = re.compile(r"Required scope:? ?</b>:? ?((?:<code>[\w.:]+</code>(?:, | and )?)+)")


def pairs(document: Described) -> Iterator[tuple[Reference, Reference]]:
    """Our operations, each with the contract's."""
    for id, own in sorted(document.operations.items()):
        if id in contract().operations:
            yield own, contract().operations[id]


def operations(document: Described) -> Iterator[str]:
    """`operation: missing`, or what differs of its route, tag and status."""
    known = document.operations.keys() | {each["operationId"] for each in document.raw["x-not-yet"]}
    for id in contract().operations.keys() - known:
        yield f"{id}: missing"
    for id in known - contract().operations.keys():
        yield f"{id}: not in the contract"
    for own, theirs in pairs(document):
        for name in ("method", "path", "tag"):
            if getattr(own, name) != getattr(theirs, name):
                yield f"{own.id}: {name} {getattr(own, name)} instead of {getattr(theirs, name)}"
        if own.statuses != theirs.statuses:
            yield f"{own.id}: status {sorted(own.statuses)} instead of {sorted(theirs.statuses)}"


def not_yet(document: Described) -> Iterator[str]:
    """What is wrong with the list of what isn't built."""
    for each in document.raw["x-not-yet"]:
        id = each["operationId"]
        theirs = contract().operations.get(id)
        if id in built():
            yield f"{id}: is built"
        elif theirs is None:
            yield f"{id}: not in the contract"
        elif (each["method"], each["path"], each["tag"]) != (theirs.method, theirs.path, theirs.tag):
            yield f"{id}: {theirs.tag} | {id} {theirs.method} {theirs.path}"


def parameters(document: Described) -> Iterator[str]:
    """`operation.parameter: missing`, `: surplus`, `: required` (by them and not by us) or `: optional`."""
    for own, theirs in pairs(document):
        yield from _compared(
            own.id,
            {name: bool(each.get("required")) for name, each in own.params.items()},
            {name: bool(each.get("required")) for name, each in theirs.params.items()},
        )


def headers(document: Described) -> Iterator[str]:
    """`operation.header: missing` or `: surplus`, of a request's headers; `header: surplus`, of those of replies."""
    for own, theirs in pairs(document):
        yield from _compared(own.id, dict.fromkeys(own.asked, False), dict.fromkeys(theirs.asked, False))
    told, its = (_all(each.told for each in several) for several in _both(document))
    yield from (f"{name}: surplus" for name in sorted(told - its))


def refusals(document: Described) -> Iterator[str]:
    """`status: surplus`, where no operation of the contract is refused with it."""
    mine, its = (_all(each.refusals for each in several) for several in _both(document))
    yield from (f"{status}: surplus" for status in sorted(mine - its))


def _both(document: Described) -> Iterator[Iterable[Reference]]:
    yield from (document.operations.values(), contract().operations.values())


def _all(sets: Iterable[frozenset[T]]) -> frozenset[T]:
    return frozenset[T]().union(*sets)


def requests(document: Described) -> Iterator[str]:
    """The same of the fields of a body's data; what the contract marks as read-only is no field of a request."""
    for own, theirs in pairs(document):
        yield from _compared(own.id, _fields(document, own), _fields(contract(), theirs))


def _fields(document: Described, reference: Reference) -> dict[str, bool]:
    if reference.body is None:
        return {}
    body = document.properties(reference.body)
    required = document.flat(body["data"]).get("required", ()) if "data" in body else ()
    fields = document.request_fields(reference)
    return {name: name in required for name, each in fields.items() if not document.flat(each).get("readOnly")}


def _compared(where: str, own: dict[str, bool], theirs: dict[str, bool]) -> Iterator[str]:
    for name in sorted(own.keys() | theirs.keys()):
        if name not in own:
            yield f"{where}.{name}: missing"
        elif name not in theirs:
            yield f"{where}.{name}: surplus"
        elif own[name] != theirs[name]:
            yield f"{where}.{name}: {'required' if theirs[name] else 'optional'}"


def replies(document: Described) -> Iterator[str]:
    """`operation: what its data is`, where that is of another sort, or `operation.key` beside the data."""
    for own, theirs in pairs(document):
        beside = document.properties(own.reply).keys() ^ contract().properties(theirs.reply).keys()
        yield from (f"{own.id}.{key}" for key in sorted(beside))
        (_, mine, many), (name, its, their_many) = document.reply_schema(own), contract().reply_schema(theirs)
        if many != their_many:
            yield f"{own.id}: {'many' if their_many else 'one'}"
        elif bool(document.properties(mine)) != bool(contract().properties(its)):
            yield f"{own.id}: {name}"


def shown(document: Described) -> dict[str, tuple[Schema, Schema]]:
    """By the name of the contract's schema: our schema and theirs, for each that a built operation replies with."""
    found = {}
    for own, theirs in pairs(document):
        (name, mine, _), (their_name, its, _) = document.reply_schema(own), contract().reply_schema(theirs)
        if contract().properties(its):
            found[f"{their_name}={name}" if their_name != name else name] = (mine, its)
    return found


def records(document: Described) -> Iterator[str]:
    """`Schema.field: missing`, `: surplus`, or how its type, format or choices differ."""
    for where, (mine, its) in sorted(shown(document).items()):
        own, theirs = document.properties(mine), contract().properties(its)
        for name in sorted(own.keys() | theirs.keys()):
            if name not in own:
                yield f"{where}.{name}: missing"
            elif name not in theirs:
                yield f"{where}.{name}: surplus"
            else:
                yield from _typed(document, f"{where}.{name}", own[name], theirs[name])


def _typed(document: Described, where: str, own: Schema, theirs: Schema) -> Iterator[str]:
    mine, its = _simple(document, own), _simple(contract(), theirs)
    for name, value in its.items():
        if name in mine and mine[name] != value:
            yield f"{where}: {name} {mine[name]} instead of {value}"


def _simple(document: Described, schema: Schema) -> dict[str, Any]:
    """Type, format and choices of a schema, null left aside."""
    found = document.flat(schema)
    if "anyOf" in found:
        found = document.flat(found["anyOf"][0])
    kind = found.get("type")
    names = [each for each in (kind if isinstance(kind, list) else [kind]) if each != "null"]
    simple = {"type": names[0], "format": found.get("format"), "enum": found.get("enum")}
    if simple["enum"]:
        simple["enum"] = sorted(each for each in simple["enum"] if each is not None)
    return {name: value for name, value in simple.items() if value is not None}


def scopes(document: Described) -> Iterator[str]:
    """`operation: scope`, where the contract names another one."""
    for own, theirs in pairs(document):
        named = SCOPE.search(theirs.description)
        scopes = re.findall(r"<code>([\w.:]+)</code>", named[1]) if named else []
        mine = built()[own.id].scope
        if (mine or None) not in (scopes or [None]):
            yield f"{own.id}: {' '.join(scopes)}"


def vocabulary(document: Described) -> Iterator[str]:
    """`kind.name`, for each name of an operation's opt_fields that leads to no field of ours."""
    found = set()
    for own, theirs in pairs(document):
        if "opt_fields" in theirs.params and (kind := built()[own.id].kind):
            names = theirs.params["opt_fields"]["schema"]["items"]["enum"]
            found |= {f"{kind}.{name}" for name in names if not _understood(plan(KINDS, kind, name, "full"), name)}
    yield from sorted(found)


def _understood(plan: Plan, name: str) -> bool:
    first, _, rest = name.partition(".")
    if name in ("gid", "resource_type"):
        return True
    part = next((each for each in plan.parts if each.name == first), None)
    if part is None or not rest:
        return part is not None
    return part.only is not None if part.plan is None else _understood(part.plan, rest)
