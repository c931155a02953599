"""Rows and what was loaded beside them, as the JSON objects that a client sees.

A plan is compiled to one function, written out as Python, so that shaping a row decides nothing anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import msgspec

from batchwright.model import moments
from batchwright.model.fields import Type
from batchwright.model.views import Rows
from batchwright.projection.parse import Tree
from batchwright.projection.plan import Part, Plan

Record = dict[str, Any] | msgspec.Raw
Records = dict[int, Record]
Children = Mapping[str, Mapping[int, Record]]
Shape = Callable[[Collection[int], Rows, Mapping[str, Rows], Children, str, int], Records]
READ: Mapping[Type, Callable[[Any], Any]] = {
    Type.FLAG: bool,
    Type.MOMENT: moments.show,
    Type.JSON: msgspec.json.decode,
}


def shaped(
    plan: Plan, gids: Collection[int], rows: Rows, related: Mapping[str, Rows], children: Children, base: str, me: int
) -> Records:
    """The records of the rows that were found and whose required references lead somewhere.

    Levels are read one after the other: a row whose required reference leads nowhere went in between.
    related: rows of the plan's relations by part and gid, read where there are rows. children: records by part and gid.
    """
    return _compiled(plan)(gids, rows, related, children, base, me) if gids else {}


@lru_cache(maxsize=2048)
def _compiled(plan: Plan) -> Shape:
    source = _Source()
    text = "\n".join(source.lines(plan))
    exec(compile(text, f"<records of {plan.kind.name}>", "exec"), source.names)
    shape: Shape = source.names["shape"]
    return shape


@dataclass(slots=True)
class _Source:
    """The function's text under way. names: what it knows from outside. Of a plan only places and names get into it."""

    names: dict[str, Any] = field(default_factory=dict)
    head: list[str] = field(default_factory=list)

    def lines(self, plan: Plan) -> Iterator[str]:
        """All of it."""
        entries = ["'gid': str(gid)"] if plan.gid else []
        entries += [f"'resource_type': {plan.kind.name!r}"] if plan.resource_type else []
        entries += [f"{part.name!r}: {self._value(part)}" for part in plan.parts]
        required = [f"row[{part.column}] in {self._children(part)}" for part in plan.parts if part.required]
        yield "def shape(gids, rows, related, children, base, me):"
        yield from (f"    {line}" for line in dict.fromkeys(self.head))
        yield "    records = {}"
        yield "    for gid in gids:"
        yield "        if not (found := rows.get(gid)):"
        yield "            continue"
        yield "        row = found[0]"
        if required:
            yield f"        if not ({' and '.join(required)}):"
            yield "            continue"
        yield f"        records[gid] = record = {{{', '.join(entries)}}}"
        for part in plan.parts:
            if part.field.conditional and not part.named:
                yield f"        if record[{part.name!r}] is None:"
                yield f"            del record[{part.name!r}]"
        yield "    return records"

    def _value(self, part: Part) -> str:
        if part.counts:
            value = self._counted(part)
        elif part.reading is not None or part.among:
            value = self._found(part)
        elif part.field.type is Type.COMPUTED:
            needs = (need if isinstance(need, str) else f"row[{need}]" for need in part.needs)
            value = f"{self._given(part.field.value)}({', '.join(needs)})"
        elif part.field.type is Type.REF:
            value = f"{self._children(part)}.get(row[{part.column}])"
        else:
            value = self._stored(part)
        if part.only and part.plan is None:
            value = f"{self._given(_narrowed)}({value}, {self._given(part.only)})"
        return value

    def _stored(self, part: Part) -> str:
        read, value = READ.get(part.field.type), f"row[{part.column}]"
        return value if read is None else f"(None if {value} is None else {self._given(read)}({value}))"

    def _found(self, part: Part) -> str:
        rows = f"{self._head('related', part.among or part.name)}[gid]"
        if part.field.type is Type.COUNT:
            return f"(counted[0][0] if (counted := {rows}) else 0)"
        if part.field.type is Type.MINE:
            return f"bool({rows})"
        children = self._children(part)
        other = f"other[{part.column if part.among else 0}]"
        return f"[{children}[{other}] for other in {rows} if {other} in {children}]"

    def _counted(self, part: Part) -> str:
        rows = f"{self._head('related', part.counts)}[gid]"
        if part.field.type is Type.COUNT:
            return f"len({rows})"
        return f"any(other[{part.column}] == me for other in {rows})"

    def _children(self, part: Part) -> str:
        return self._head("children", part.name)

    def _head(self, mapping: str, name: str) -> str:
        """What is looked up once for all rows."""
        self.head.append(f"{mapping}_{name} = {mapping}[{name!r}]")
        return f"{mapping}_{name}"

    def _given(self, value: Any) -> str:
        name = f"given{len(self.names)}"
        self.names[name] = value
        return name


def _narrowed(value: Any, only: Tree) -> Any:
    """Of a document (a photo, an external id) the named keys; it has no gid of its own to show besides."""
    if isinstance(value, list):
        return [_narrowed(each, only) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _narrowed(value[name], below) if below else value[name] for name, below in only.items() if name in value
    }
