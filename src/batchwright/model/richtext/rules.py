"""What rich text may contain, as data: one place to compare with contract/asana-behaviour.md, section 12.

Nesting follows the table in real use that is named there; headings follow Asana's announcement of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_LENGTH = 65_535
MAX_DEPTH = 32

LISTS = frozenset({"ol", "ul"})
_INLINE = frozenset({"a", "code", "em", "s", "strong", "u"})
_PLAIN = _INLINE | LISTS | {"body", "li"}
_COMMENT = _PLAIN | {"blockquote", "pre"}
_TASK = _COMMENT | {"h1", "h2", "hr", "img", "object", "table", "td", "tr"}

FLAVOURS: Mapping[str, frozenset[str]] = {"task": _TASK, "comment": _COMMENT, "plain": _PLAIN}
"""The tags of task and project notes, of stories, and of every other rich text."""

EVERYTHING = _TASK

CHILDREN: Mapping[str, frozenset[str]] = {
    "body": _TASK - {"body", "li", "td", "tr"},
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "li": _INLINE | LISTS,
    "blockquote": _INLINE | LISTS | {"pre"},
    "table": frozenset({"tr"}),
    "tr": frozenset({"td"}),
    "object": _INLINE | LISTS,
    "a": _INLINE - {"a"},
    **dict.fromkeys(("h1", "h2", "td", "strong", "em", "u", "s"), _INLINE),
    **dict.fromkeys(("code", "pre", "hr", "img"), frozenset()),
}
"""The tags that may stand directly inside a tag."""

TEXTLESS = LISTS | {"hr", "img", "table", "tr"}
"""Tags that hold no text of their own: white space between their children is layout and goes."""

ONE_LINE = frozenset({"h1", "h2"})

BLOCKS = LISTS | {"blockquote", "h1", "h2", "hr", "li", "pre", "table", "tr"}
"""Tags that begin and end a line of the plain text."""

ATTRIBUTES: Mapping[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "a": "href data-asana-accessible data-asana-dynamic data-asana-type data-asana-gid"
        " data-asana-project data-asana-tag",
        "img": "src alt style data-asana-gid data-asana-type data-asana-deleted"
        " data-src-width data-src-height data-thumbnail-url data-thumbnail-width data-thumbnail-height",
        "object": "type data style data-asana-gid data-asana-type data-asana-deleted",
        "td": "colspan rowspan width data-cell-widths style",
    }.items()
}
"""The attributes a tag may carry. A `style` is Asana's own on reading: taken back, never kept."""

KEPT = ("colspan", "rowspan", "width", "data-cell-widths")
"""The attributes of `td` that are stored, in the order they are written."""

EMBEDDED: Mapping[str, str] = {
    "": "attachment",
    "application/vnd.asana.external_media": "attachment",
    "application/vnd.asana.project_milestones": "project",
    "application/vnd.asana.project_goals": "project",
}
"""The type of object that an embed shows, by the `type` of `<object>`; an `<img>` has none."""

HREF = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
GID = re.compile(r"[1-9][0-9]{0,18}")
MEASURE = re.compile(r"[0-9., %px]{1,100}")

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that no XML document can hold, not even as a reference."""
