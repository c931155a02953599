"""Asana's rich text (`html_notes`, `html_text`, ...): checked when written, expanded and flattened when read.

Clients send a strict little XML and other people's browsers show it, so nothing is kept that was not
understood: what is stored is written anew from the tree. Facts: contract/asana-behaviour.md, section 12.
"""

from __future__ import annotations

from dataclasses import dataclass

from batchwright.model.richtext import reading, rendering, rules
from batchwright.model.richtext.nodes import Element, Embed, Link, Mention, Resolve, RichTextError, gids

__all__ = ["Document", "Mention", "Resolve", "RichTextError", "check", "from_text", "stored"]


@dataclass(frozen=True, slots=True)
class Document:
    """Rich text that has passed the check."""

    body: Element

    @property
    def mentions(self) -> tuple[int, ...]:
        """The gids of the objects it links to, each once, in order."""
        return tuple(dict.fromkeys(gids(self.body, Link)))

    @property
    def references(self) -> tuple[int, ...]:
        """All gids that `resolve` will be asked for: the mentions and what is embedded. Load these first."""
        return tuple(dict.fromkeys(gids(self.body, Link, Embed)))

    def html(self, resolve: Resolve) -> str:
        """The canonical html, for the store (asked for the writer) and for a reply (asked for the reader).

        RichTextError for what is neither accessible nor has an address; in canonical html everything has one.
        """
        return rendering.html(self.body, resolve)

    def text(self, resolve: Resolve) -> str:
        """The plain text that goes with it; RichTextError as for `html`."""
        return rendering.text(self.body, resolve)


def check(html: str, flavour: str) -> Document:
    """A client's rich text for "task" (task and project notes), "comment" (stories) or "plain" (all others).

    RichTextError for what Asana answers with a 400: XML that is not well-formed, tags, nesting, attributes or
    addresses that are not supported, and texts that are too long or too deep.
    """
    if len(html) > rules.MAX_LENGTH:
        raise RichTextError(f"longer than {rules.MAX_LENGTH:,} characters")
    return Document(reading.parse(html, rules.FLAVOURS[flavour]))


def stored(html: str) -> Document:
    """Rich text that was checked before: expanding it may have made it longer than a client's may be."""
    return Document(reading.parse(html, rules.EVERYTHING))


def from_text(text: str) -> str:
    """The canonical html of plain text; characters that XML cannot hold are left out."""
    return f"<body>{rendering.escaped(text)}</body>"
