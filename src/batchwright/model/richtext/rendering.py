"""Tree to text, twice: the canonical html that is stored and sent, and the plain text beside it.

Both ask the same resolver, so the two halves of a pair (notes, html_notes) never tell different stories.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from batchwright.model.richtext import rules
from batchwright.model.richtext.nodes import Element, Embed, Link, Mention, Node, Resolve, RichTextError

_INDENT = "    "
_BREAK = None
_PRIVATE = ("data-asana-accessible", "false")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_VALUE = _TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def escaped(text: str) -> str:
    """Text as html, without what XML cannot hold; a bare carriage return would be read back as a newline."""
    return rules.FORBIDDEN.sub("", text).translate(_TEXT)


def html(node: Node, resolve: Resolve) -> str:
    """The canonical html; RichTextError for an object that the asker may not see and that has no address."""
    match node:
        case str():
            return escaped(node)
        case Link():
            return _link_html(node, resolve)
        case Embed():
            return _embed_html(node, resolve)
        case Element():
            return _tag(node.tag, node.attributes, _inner(node.children, resolve))


def text(node: Node, resolve: Resolve) -> str:
    """The plain text: blocks on lines of their own, list items indented, links and embeds as addresses."""
    return "".join(_lines(_pieces(node, resolve, 0)))


def _inner(children: Iterable[Node], resolve: Resolve) -> str:
    return "".join(html(child, resolve) for child in children)


def _tag(tag: str, attributes: Iterable[tuple[str, str]], inner: str = "") -> str:
    start = "".join((tag, *(f' {name}="{_quotable(value)}"' for name, value in attributes)))
    return f"<{start}/>" if tag in ("hr", "img") else f"<{start}>{inner}</{tag}>"


def _quotable(value: str) -> str:
    return rules.FORBIDDEN.sub("", value).translate(_VALUE)


def _link_html(link: Link, resolve: Resolve) -> str:
    mention = _linked(link, resolve)
    href = _address(link, mention)
    if mention is not None:
        inner = escaped(_title(mention)) if link.named else _inner(link.children, resolve)
        return _tag("a", (*_link_attributes(href, mention, link.named), *link.within), inner)
    if link.gid is not None:
        return _tag("a", (("href", href), _PRIVATE), "Private Link")
    marks = (_PRIVATE,) if link.private else ()
    return _tag("a", (("href", href), *marks), _inner(link.children, resolve))


def _link_attributes(href: str, mention: Mention, named: bool) -> tuple[tuple[str, str], ...]:
    return (
        ("href", href),
        ("data-asana-accessible", "true"),
        ("data-asana-dynamic", "true" if named else "false"),
        ("data-asana-type", mention.type),
        ("data-asana-gid", str(mention.gid)),
    )


def _title(mention: Mention) -> str:
    """A person is shown as `@Tim`, every other object by its name: Asana's page on rich text."""
    return f"@{mention.name}" if mention.type == "user" else mention.name


def _linked(link: Link, resolve: Resolve) -> Mention | None:
    return None if link.gid is None else resolve(link.gid)


def _address(link: Link, mention: Mention | None) -> str:
    """The object's address, or the one that was written when the asker may not see the object."""
    href = link.href if mention is None else mention.url
    if href is None:
        raise RichTextError(f"no access to {link.gid}, and no href to show instead")
    return href


def _embed_html(embed: Embed, resolve: Resolve) -> str:
    mention = _embedded(embed, resolve)
    kind = (("type", embed.kind),) if embed.kind else ()
    known = (*kind, ("data-asana-gid", str(embed.gid)), ("data-asana-type", rules.EMBEDDED[embed.kind]))
    if mention is None:
        return _tag(embed.tag, (*known, ("data-asana-deleted", "true")))
    if embed.tag == "img":
        return _tag("img", (*known, ("src", mention.url), ("alt", mention.name)))
    fallback = _tag("a", [("href", mention.url)], escaped(mention.url))
    return _tag("object", (*known, ("data", mention.url)), fallback)


def _embedded(embed: Embed, resolve: Resolve) -> Mention | None:
    """The object shown; None for one that is gone or hidden, but was shown before."""
    mention = resolve(embed.gid)
    if mention is None and not embed.known:
        raise RichTextError(f"no access to {embed.gid}")
    if mention is not None and mention.type != rules.EMBEDDED[embed.kind]:
        raise RichTextError(f"<{embed.tag}> cannot show {embed.gid}, which is a {mention.type}")
    return mention


def _pieces(node: Node, resolve: Resolve, depth: int) -> Iterator[str | None]:
    """The plain text in parts; a break stands where a line must begin."""
    match node:
        case str():
            yield node
        case Link():
            yield _address(node, _linked(node, resolve))
        case Embed():
            mention = _embedded(node, resolve)
            yield from (_BREAK, mention.url if mention else "", _BREAK)
        case Element(tag) if tag in rules.BLOCKS:
            yield from (_BREAK, _INDENT * depth if tag == "li" else "")
            yield from _inner_pieces(node, resolve, depth)
            yield _BREAK
        case Element():
            yield from _inner_pieces(node, resolve, depth)


def _inner_pieces(element: Element, resolve: Resolve, depth: int) -> Iterator[str | None]:
    for position, child in enumerate(element.children):
        if element.tag == "tr" and position:
            yield "\t"
        yield from _pieces(child, resolve, depth + (element.tag in rules.LISTS))


def _lines(pieces: Iterable[str | None]) -> Iterator[str]:
    """A break is a newline only between texts, and only where no newline stands already, as in real rows."""
    last, broken = "\n", False
    for piece in pieces:
        if piece:
            if broken and not last.endswith("\n"):
                yield "\n"
            yield piece
            last = piece
        broken = piece is _BREAK or (broken and not piece)
