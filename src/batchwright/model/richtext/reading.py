"""Text to tree, by expat: rich text is XML, and a parser that others keep is stricter than one of ours."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from xml.parsers import expat

from batchwright.model.richtext import rules
from batchwright.model.richtext.nodes import Element, Embed, Link, Node, RichTextError


def parse(html: str, tags: frozenset[str]) -> Element:
    """The `<body>` of rich text that may hold these tags; RichTextError for what Asana would refuse."""
    # In well-formed XML these only begin markup: no document type reaches the parser, hence no entity bomb.
    if "<!" in html or "<?" in html:
        raise RichTextError("declarations, comments, CDATA and processing instructions are not supported")
    builder = _Builder(tags)
    parser = expat.ParserCreate()
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    _feed(parser, html)
    return builder.body()


def _feed(parser: expat.XMLParserType, html: str) -> None:
    try:
        parser.Parse(html, True)
    except expat.ExpatError as error:
        place = f"line {error.lineno}, column {error.offset + 1}"
        raise RichTextError(f"not well-formed XML: {expat.ErrorString(error.code)} ({place})") from None
    except UnicodeEncodeError:
        raise RichTextError("not well-formed XML: half a surrogate pair") from None


@dataclass(frozen=True, slots=True)
class _Open:
    """An element whose end has not come yet."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)


class _Builder:
    """Gathers what the parser reports; the state is the elements that are open."""

    def __init__(self, tags: frozenset[str]) -> None:
        self._tags = tags
        self._open = [_Open("")]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        _check_place(tag, [each.tag for each in self._open], self._tags)
        if len(self._open) > rules.MAX_DEPTH:
            raise RichTextError(f"elements are nested deeper than {rules.MAX_DEPTH}")
        _check_attributes(tag, attributes)
        self._open.append(_Open(tag, attributes))

    def end(self, _tag: str) -> None:
        done = self._open.pop()
        children = _children(done.tag, done.children)
        self._open[-1].children.append(_node(done.tag, done.attributes, children))

    def text(self, data: str) -> None:
        if "\n" in data and any(each.tag in rules.ONE_LINE for each in self._open):
            raise RichTextError("a heading must be one line")
        self._open[-1].children.append(data)

    def body(self) -> Element:
        body = self._open[0].children[0]
        assert isinstance(body, Element)
        return body


def _check_place(tag: str, around: list[str], tags: frozenset[str]) -> None:
    """around: the open elements, outermost first, after the "" that stands for the document."""
    if len(around) == 1:
        if tag != "body":
            raise RichTextError(f"the outermost element must be <body>, not <{_short(tag)}>")
    elif tag not in tags:
        raise RichTextError(f"<{_short(tag)}> is not supported")
    elif tag not in rules.CHILDREN[around[-1]]:
        raise RichTextError(f"<{tag}> is not supported inside <{around[-1]}>")
    elif tag == "a" and "a" in around:
        raise RichTextError("<a> is not supported inside <a>")


def _check_attributes(tag: str, attributes: Iterable[str]) -> None:
    for name in attributes:
        if name not in rules.ATTRIBUTES.get(tag, ()):
            raise RichTextError(f"<{tag}> does not support the attribute {_short(name)}")


def _short(name: str) -> str:
    """A client's word in a message: long enough to recognise, too short to flood a log."""
    return name if len(name) <= 40 else name[:40] + "..."


def _children(tag: str, children: list[Node]) -> tuple[Node, ...]:
    """The parser reports text in parts: they become one again, or none where it is only layout."""
    joined: list[Node] = []
    for is_text, group in groupby(children, lambda child: isinstance(child, str)):
        run = list(group)
        joined += ["".join(map(str, run))] if is_text else run
    if tag not in rules.TEXTLESS:
        return tuple(joined)
    if any(child.strip(" \t\r\n") for child in joined if isinstance(child, str)):
        raise RichTextError(f"text is not supported directly inside <{tag}>")
    return tuple(child for child in joined if not isinstance(child, str))


def _node(tag: str, attributes: dict[str, str], children: tuple[Node, ...]) -> Node:
    if tag == "a":
        return _link(attributes, children)
    if tag in ("img", "object"):
        return _embed(tag, attributes)
    kept = tuple((name, _measure(attributes[name])) for name in rules.KEPT if name in attributes)
    return Element(tag, kept, children)


def _link(attributes: dict[str, str], children: tuple[Node, ...]) -> Link:
    """A link to an object shows its name, unless the writer said `data-asana-dynamic="false"`."""
    gid, href = _gid(attributes), _href(attributes.get("href"))
    if gid is None and href is None:
        raise RichTextError("<a> needs a data-asana-gid or an href")
    vanity = attributes.get("data-asana-dynamic") == "false" and bool(children)
    named = gid is not None and not vanity
    private = gid is None and attributes.get("data-asana-accessible") == "false"
    return Link(href, gid, named, private, _within(attributes), () if named else children)


def _within(attributes: dict[str, str]) -> tuple[tuple[str, str], ...]:
    names = ("data-asana-project", "data-asana-tag")
    return tuple((name, str(gid)) for name in names if (gid := _gid(attributes, name)) is not None)


def _embed(tag: str, attributes: dict[str, str]) -> Embed:
    """Only the gid counts: the address, the title and what an object holds are the server's to say."""
    gid, kind = _gid(attributes), attributes.get("type", "")
    if gid is None:
        raise RichTextError(f"<{tag}> needs a data-asana-gid")
    if tag == "object" and kind not in rules.EMBEDDED.keys() - {""}:
        raise RichTextError(f"<object> does not support the type {_short(kind)!r}")
    source = _href(attributes.get("src", attributes.get("data")))
    return Embed(tag, kind, gid, source is not None or attributes.get("data-asana-deleted") == "true")


def _gid(attributes: dict[str, str], name: str = "data-asana-gid") -> int | None:
    text = attributes.get(name)
    if text is None:
        return None
    if not rules.GID.fullmatch(text) or int(text) >= 2**63:
        raise RichTextError(f"{name} must be a gid, not {_short(text)!r}")
    return int(text)


def _href(text: str | None) -> str | None:
    if text is not None and not rules.HREF.fullmatch(text):
        raise RichTextError(f"an address must start with http://, https:// or mailto:, not {_short(text)!r}")
    return text


def _measure(text: str) -> str:
    if not rules.MEASURE.fullmatch(text):
        raise RichTextError(f"<td> does not support the measure {_short(text)!r}")
    return text
