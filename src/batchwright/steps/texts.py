"""Names that must say something; pairs of plain and rich text, of which one follows when the other is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from batchwright.model import richtext
from batchwright.model.calls import Call
from batchwright.model.kinds import Kind
from batchwright.model.problems import bad_request, missing
from batchwright.model.views import View
from batchwright.projection.mentions import mentions


def check_name(values: Mapping[str, Any]) -> None:
    """Raises Problem 400 for a name that is given and blank."""
    if not values.get("name", "unchanged").strip():
        raise missing("name")


async def pair(view: View, call: Call, kind: Kind, values: dict[str, Any]) -> None:
    """Completes in place what is given of the kind's `html` fields and their plain texts; the rich one wins.

    Raises Problem 400 for rich text that isn't allowed, and for a mention of what the caller may not see.
    """
    for each in kind.rich:
        if each.name in values:
            values[each.name], values[each.plain] = await _checked(view, call, each.name, each.rich, values[each.name])
        elif each.plain in values:
            values[each.name] = richtext.from_text(values[each.plain])


async def _checked(view: View, call: Call, name: str, flavour: str, html: str) -> tuple[str, str]:
    try:
        document = richtext.check(html, flavour)
        resolve = await mentions(view, document.references, call.base, writing=True)
        return document.html(resolve), document.text(resolve)
    except richtext.RichTextError as problem:
        raise bad_request(f"{name}: {problem}") from None
