"""Requests for any operation of the catalogue, made from its declaration: what it is asked, and of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any

from batchwright.model.fields import Field, Type
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation
from batchwright.resources import KINDS

SAYING = ("gid", "name", "text", "email", "notes", "html_notes", "html_text", "description")
MOST_CHARACTERS, MOST_NAMES = 12_000, 1_500  # of an opt_fields text
MOST_CHOICES = 12  # of a field that are tried
PLAIN: Mapping[Type, tuple[Any, ...]] = {
    Type.FLAG: (True,),
    Type.MINE: (True,),
    Type.MOMENT: ("2020-01-01T00:00:00Z",),
    Type.DATE: ("2020-01-01",),
    Type.NUMBER: (1,),
    Type.WHOLE: (1,),
    Type.JSON: ({"1": "x"},),
}


@dataclass(frozen=True)
class Asked:
    """A request. refused: it names what the person may not see. gids: all that it names."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] | None = None
    refused: bool = False

    def action(self, fields: str) -> dict[str, Any]:
        """The same as an action of a batch."""
        given = self.query if self.data is None else self.data
        action = {"method": self.method.lower(), "relative_path": self.path, "data": dict(given)}
        return action | {"options": {"fields": fields}}


@dataclass(frozen=True)
class Known:
    """Gids by kind: of rows that the person may not see, and of rows that they may; a word to look for."""

    hidden: Mapping[str, str]
    shown: Mapping[str, str]
    word: str


def asked(operation: Operation, known: Known) -> Iterator[Asked]:
    """Requests for the operation that name hidden rows and shown ones in every place where a row can be named."""
    for path, path_refused in _paths(operation, known):
        fields = operation.params if operation.method == "GET" else operation.body
        needed = {each.name: _value(each, known)[0] for each in fields if each.required}
        for values, refused in _values(fields, needed, known):
            query, data = (values, None) if operation.method in ("GET", "DELETE") else ({}, values)
            yield Asked(operation.method, path, query, data, path_refused or refused)


def _paths(operation: Operation, known: Known) -> Iterator[tuple[str, bool]]:
    """The path with shown rows, and with each of its rows hidden."""
    parts = operation.path.split("/")
    kinds = [part[1:-1].removesuffix("_gid") for part in parts if part.startswith("{")]
    for kind in kinds:
        assert kind in {*known.hidden, *known.shown}, f"the secrets of tests/api lack a {kind}"
    choices = [[(gid, gid == known.hidden.get(kind)) for gid in _gids(kind, known)] for kind in kinds]
    for chosen in product(*choices):
        if sum(refused for _, refused in chosen) <= 1:
            gids = iter(chosen)
            path = "/".join(next(gids)[0] if part.startswith("{") else part for part in parts)
            yield path, any(refused for _, refused in chosen)


def _gids(kind: str, known: Known) -> list[str]:
    return [each for each in (known.shown.get(kind), known.hidden.get(kind)) if each]


def _values(
    fields: tuple[Field, ...], needed: Mapping[str, Any], known: Known
) -> Iterator[tuple[dict[str, Any], bool]]:
    """What is needed alone, and with each field besides: with all that can be said in it, rows shown and hidden."""
    yield dict(needed), False
    for each in fields:
        if each.read_only:
            continue
        for value in _value(each, known):
            yield {**needed, each.name: value}, False
        for value in _hidden(each, known):
            yield {**needed, each.name: value}, True


def _value(each: Field, known: Known) -> tuple[Any, ...]:
    if each.type is Type.RECORD:
        inner = {one.name: _value(one, known)[0] for one in each.fields}
        return ([inner],) if each.many else (inner,)
    if each.target:
        gid = known.shown.get(each.target) or "1"
        return (([gid] if each.many else gid), *(("null",) if each.or_null or each.as_sent else ()))
    if each.type is Type.CHOICE:
        return each.choices[:MOST_CHOICES]
    if each.type is Type.TEXT and each.rich:
        return (f'<body><a data-asana-gid="{known.shown.get("task", "1")}"/></body>',)
    if each.type is Type.TEXT:
        return (known.word, *(known.shown[kind] for kind in ("task", "project") if kind in known.shown))
    return PLAIN[each.type]


def _hidden(each: Field, known: Known) -> Iterator[Any]:
    """What can be said in a field that names a hidden row."""
    if each.type is Type.RECORD:
        whole = {one.name: _value(one, known)[0] for one in each.fields}
        for one in each.fields:
            for value in _hidden(one, known):
                yield [whole | {one.name: value}] if each.many else whole | {one.name: value}
    elif each.target and each.target in known.hidden:
        yield [known.hidden[each.target]] if each.many else known.hidden[each.target]
    elif each.type is Type.TEXT and each.rich:
        for kind in ("user", "task", "project", "team"):
            if kind in known.hidden:
                yield f'<body><a data-asana-gid="{known.hidden[kind]}"/></body>'


@cache
def vocabulary(kind: str) -> tuple[str, ...]:
    """Texts of opt_fields that together name every field of a kind, of what it refers to, and of what that does."""
    kinds = [KINDS[kind]] if kind else list(KINDS.of)
    terms = [term for each in kinds for term in _terms(each)]
    packed: list[list[str]] = [[]]
    for term in dict.fromkeys(terms):
        full = [*packed[-1], term]
        if len(",".join(full)) > MOST_CHARACTERS or sum(map(_size, full)) > MOST_NAMES:
            packed.append([])
        packed[-1].append(term)
    return tuple(",".join(each) for each in packed)


def _size(term: str) -> int:
    return term.count("|") + term.count(".") + 1


def _terms(kind: Kind) -> Iterator[str]:
    for each in kind.fields:
        yield each.name
        if each.type is Type.JSON:
            every = dict.fromkeys(name.name for one in KINDS.of for name in one.fields)
            yield f"{each.name}.({'|'.join(every)})"
            for name in ("new_value", "added_value", "removed_value"):
                yield f"{each.name}.{name}.({'|'.join(every)})"
        if each.target:
            target = KINDS[each.target]
            yield f"{each.name}.({'|'.join(one.name for one in target.fields)})"
            for one in target.fields:
                if one.target:
                    said = [name for name in SAYING if name == "gid" or KINDS[one.target].has(name)]
                    yield f"{each.name}.{one.name}.({'|'.join(said)})"
