"""The tree that rich text becomes: what the reader builds and both renderers walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass


class RichTextError(ValueError):
    """Rich text that Asana would refuse with a 400; the message is one line and does not name the field."""


@dataclass(frozen=True, slots=True)
class Mention:
    """What a gid in rich text stands for; url is absolute, for it becomes an href and is checked like one."""

    gid: int
    type: str
    name: str
    url: str


Resolve = Callable[[int], Mention | None]
"""Asks what a gid stands for; None when there is no such thing or the asker has no access to it."""


@dataclass(frozen=True, slots=True)
class Element:
    """A tag without a meaning of its own; only `td` keeps attributes."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """An `<a>`: to an address (gid is None) or to an object.

    named: shows the object's name, so it has no children; private: leads to an object that the reader may not
    see; within: the `data-asana-project` and `data-asana-tag` in which a task is looked at.
    """

    href: str | None
    gid: int | None
    named: bool
    private: bool
    within: tuple[tuple[str, str], ...]
    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Embed:
    """An `<img>` or `<object>`; kind is the `type` of an object and "" for an image.

    known: it carried an address, hence was shown once: it may be written back when its object is gone.
    """

    tag: str
    kind: str
    gid: int
    known: bool


Node = str | Element | Link | Embed


def gids(node: Node, *types: type[Link] | type[Embed]) -> Iterator[int]:
    """The gids that nodes of these types name, in the order of the text."""
    if isinstance(node, types) and node.gid is not None:
        yield node.gid
    for child in node.children if isinstance(node, Element | Link) else ():
        yield from gids(child, *types)
