"""What the gids in rich text stand for, as far as the asker may see it (contract/asana-behaviour.md, section 12)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

from batchwright.model import richtext
from batchwright.model.conditions import Reading
from batchwright.model.fields import Field
from batchwright.model.kinds import Kind
from batchwright.model.richtext import Mention, Resolve
from batchwright.model.views import View
from batchwright.projection.plan import Plan

MENTIONED = ("user", "task", "project", "tag", "team")
MARK = "data-asana-gid="


async def mentions(view: View, gids: Iterable[int], base: str, *, writing: bool = False) -> Resolve:
    """Resolves these gids for the caller. writing: a person must be known to the caller, not just be mentioned."""
    keys = tuple(gids)
    found = await asyncio.gather(*(_mentions(view, view.kinds[name], keys, base, writing) for name in MENTIONED))
    known = {gid: mention for each in found for gid, mention in each.items()}
    return known.get


async def _mentions(view: View, kind: Kind, gids: tuple[int, ...], base: str, writing: bool) -> dict[int, Mention]:
    link = kind.by_name.get("permalink_url")
    needs = tuple(name for name in link.needs if name not in ("base", "gid")) if link else ()
    reading = Reading(kind.name, columns=("name", *needs), visible=writing or not kind.open)
    found = await view.fetch(reading, gids)
    return {
        gid: Mention(gid, kind.name, rows[0][0], _url(link, base, gid, dict(zip(needs, rows[0][1:], strict=True))))
        for gid, rows in found.items()
        if rows
    }


def _url(link: Field | None, base: str, gid: int, row: dict[str, Any]) -> str:
    if link is None or link.value is None:
        return f"{base}/0/{gid}/list"
    given = {"base": base, "gid": gid, **row}
    return str(link.value(*(given[name] for name in link.needs)))


async def resolved(
    view: View, plan: Plan, rows: dict[int, list[tuple[Any, ...]]], base: str
) -> dict[int, list[tuple[Any, ...]]]:
    """The rows with each rich text among their columns written anew for the caller."""
    places = {part.column for part in plan.parts if part.field.rich}
    texts = {text for found in rows.values() for row in found for place in places if MARK in (text := row[place] or "")}
    if not texts:
        return rows
    documents = {text: richtext.stored(text) for text in texts}
    gids = {gid for document in documents.values() for gid in document.references}
    resolve = await mentions(view, gids, base)
    anew = {text: document.html(resolve) for text, document in documents.items()}

    def shown(row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(anew.get(value, value) if place in places else value for place, value in enumerate(row))

    return {gid: [shown(row) for row in found] for gid, found in rows.items()}
