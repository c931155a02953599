from __future__ import annotations

from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batchwright.model.richtext import Document, Mention, RichTextError, check, from_text, stored

SITE = "https://asana.test/0"
OBJECTS = {
    123: Mention(123, "task", "Task Name", f"{SITE}/0/123/f"),
    53421: Mention(53421, "user", "Tim", f"{SITE}/56789/list"),
    5678: Mention(5678, "project", "Work <Requests> & more", f"{SITE}/5678/list?a=1&b=2"),
    77: Mention(77, "attachment", 'a "quoted" title.png', f"{SITE}/get_asset?asset_id=77"),
}
TASK_LINK = (
    f'<a href="{SITE}/0/123/f" data-asana-accessible="true" data-asana-dynamic="{{}}" '
    'data-asana-type="task" data-asana-gid="123"{}>{}</a>'
)
MEDIA = "application/vnd.asana.external_media"
GOALS = "application/vnd.asana.project_goals"


def nobody(_gid: int) -> None:
    return None


def body(inner: str, flavour: str = "task") -> Document:
    return check(f"<body>{inner}</body>", flavour)


def canonical(inner: str, flavour: str = "task") -> str:
    html = body(inner, flavour).html(OBJECTS.get)
    assert stored(html).html(OBJECTS.get) == html
    return html.removeprefix("<body>").removesuffix("</body>")


def text(inner: str) -> str:
    return body(inner).text(OBJECTS.get)


SAME = [
    ("plain", ""),
    ("plain", "two\nlines &amp; a\ttab &lt;b&gt; \"quotes\" 'as they are' é 🎉"),
    ("plain", "<strong>a<em>b<u>c<s>d<code>e</code></s></u></em></strong>"),
    ("plain", '<a href="https://example.com/?a=1&amp;b=2#c">some <em>text</em></a>'),
    ("plain", '<a href="mailto:tim@example.com">Tim</a>'),
    ("plain", '<a href="HTTP://example.com">loud</a>'),
    ("plain", "<ul><li>a<ol><li>b</li></ol></li></ul>"),
    ("comment", "<pre>x = 1\n  y</pre><blockquote>said<ul><li>a</li></ul><pre>b</pre></blockquote>"),
    ("task", "<h1>Big <em>news</em></h1><h2>Small</h2><hr/><pre>code</pre>"),
    ("task", '<table><tr><td width="120" data-cell-widths="120,80">a</td><td><em>b</em></td></tr></table>'),
]


@pytest.mark.parametrize(("flavour", "inner"), SAME)
def test_canonical_html_stays_as_it_is(flavour: str, inner: str) -> None:
    assert canonical(inner, flavour) == inner


REWRITTEN = [
    ("<hr></hr>", "<hr/>"),
    ("<em/>", "<em></em>"),
    ("&#65;&apos;&quot;", "A'\""),
    ("a&#13;b\r\nc", "a&#13;b\nc"),
    ("<ul>\n  <li>a</li>\n</ul>", "<ul><li>a</li></ul>"),
    ("<table> <tr>\t<td>a</td></tr></table>", "<table><tr><td>a</td></tr></table>"),
    (
        '<table><tr><td style="padding:1px" colspan="2">a</td></tr></table>',
        '<table><tr><td colspan="2">a</td></tr></table>',
    ),
    ('<a href="https://a.test" data-asana-accessible="true">a</a>', '<a href="https://a.test">a</a>'),
    ('<a data-asana-gid="123"/>', TASK_LINK.format("true", "", "Task Name")),
    (
        '<a data-asana-gid="123" data-asana-type="user" href="https://a.test">ignored</a>',
        TASK_LINK.format("true", "", "Task Name"),
    ),
    (
        '<a data-asana-gid="123" data-asana-dynamic="false">my <em>text</em></a>',
        TASK_LINK.format("false", "", "my <em>text</em>"),
    ),
    ('<a data-asana-gid="123" data-asana-dynamic="false"/>', TASK_LINK.format("true", "", "Task Name")),
    (
        '<a data-asana-project="5678" data-asana-gid="123"/>',
        TASK_LINK.format("true", ' data-asana-project="5678"', "Task Name"),
    ),
    (
        '<a data-asana-gid="53421"/>',
        f'<a href="{SITE}/56789/list" data-asana-accessible="true" data-asana-dynamic="true" '
        'data-asana-type="user" data-asana-gid="53421">@Tim</a>',
    ),
    (
        '<a data-asana-gid="5678"/>',
        f'<a href="{SITE}/5678/list?a=1&amp;b=2" data-asana-accessible="true" data-asana-dynamic="true" '
        'data-asana-type="project" data-asana-gid="5678">Work &lt;Requests&gt; &amp; more</a>',
    ),
    (
        '<img data-asana-gid="77" alt="ignored" style="x" src="https://old.test/1"/>',
        f'<img data-asana-gid="77" data-asana-type="attachment" src="{SITE}/get_asset?asset_id=77" '
        'alt="a &quot;quoted&quot; title.png"/>',
    ),
    (
        f'<object type="{MEDIA}" data-asana-gid="77">ignored <a href="https://a.test">link</a></object>',
        f'<object type="{MEDIA}" data-asana-gid="77" data-asana-type="attachment" '
        f'data="{SITE}/get_asset?asset_id=77"><a href="{SITE}/get_asset?asset_id=77">'
        f"{SITE}/get_asset?asset_id=77</a></object>",
    ),
]


@pytest.mark.parametrize(("inner", "expected"), REWRITTEN)
def test_other_html_becomes_canonical(inner: str, expected: str) -> None:
    assert canonical(inner) == expected


REFUSED = [
    ("", "no element found"),
    ("just text", "syntax error"),
    ("<body>a", "no element found"),
    ("<body>a</body>b", "junk after document element"),
    ("<body/><body/>", "junk after document element"),
    ("<body><em>a</body></em>", "mismatched tag"),
    ("<body><em>a</EM></body>", "mismatched tag"),
    ("<body>a & b</body>", "not well-formed"),
    ("<body>a < b</body>", "not well-formed"),
    ("<body>&nbsp;</body>", "undefined entity"),
    ("<body>&#0;</body>", "invalid character number"),
    ("<body>\x00</body>", "not well-formed"),
    ("<body>\x1b</body>", "not well-formed"),
    ("<body>\ud800</body>", "surrogate"),
    ("<body><a href=https://a.test>a</a></body>", "not well-formed"),
    ('<body><a href="https://a.test" href="https://b.test">a</a></body>', "duplicate attribute"),
    ("<p>a</p>", "outermost element must be <body>, not <p>"),
    ("<BODY>a</BODY>", "not <BODY>"),
    ("<!DOCTYPE body><body/>", "not supported"),
    ("<?xml version='1.0'?><body/>", "not supported"),
    ("<body><!-- a --></body>", "not supported"),
    ("<body><![CDATA[a]]></body>", "not supported"),
    ("<body><?php 1 ?></body>", "not supported"),
    ("<body><script>alert(1)</script></body>", "<script> is not supported"),
    ("<body>a<br/>b</body>", "<br> is not supported"),
    ("<body><h3>a</h3></body>", "<h3> is not supported"),
    ("<body><STRONG>a</STRONG></body>", "<STRONG> is not supported"),
    (f"<body><{'x' * 50_000}/></body>", f"^<{'x' * 40}...> is not supported$"),
    ("<body><body>a</body></body>", "<body> is not supported inside <body>"),
    ("<body><li>a</li></body>", "<li> is not supported inside <body>"),
    ("<body><ul><em>a</em></ul></body>", "<em> is not supported inside <ul>"),
    ("<body><ul>a</ul></body>", "text is not supported directly inside <ul>"),
    ("<body><td>a</td></body>", "<td> is not supported inside <body>"),
    ("<body><h1><ul/></h1></body>", "<ul> is not supported inside <h1>"),
    ("<body><h1>a\nb</h1></body>", "a heading must be one line"),
    ("<body><h2>a<em>\nb</em></h2></body>", "a heading must be one line"),
    ("<body><pre><em>a</em></pre></body>", "<em> is not supported inside <pre>"),
    ("<body><hr>a</hr></body>", "text is not supported directly inside <hr>"),
    ('<body><a href="https://a.test"><a href="https://b.test">b</a></a></body>', "inside <a>"),
    (
        '<body><a data-asana-gid="123"><em><a data-asana-gid="123"/></em></a></body>',
        "<a> is not supported inside",
    ),
    ('<body><em class="x">a</em></body>', "<em> does not support the attribute class"),
    ('<body onload="x()">a</body>', "<body> does not support the attribute onload"),
    ('<body xmlns="http://www.w3.org/1999/xhtml">a</body>', "the attribute xmlns"),
    ('<body><a href="https://a.test" target="_blank">a</a></body>', "the attribute target"),
    ("<body><a>a</a></body>", "needs a data-asana-gid or an href"),
    ('<body><a href="">a</a></body>', "an address must start with"),
    ('<body><a href="/0/1">a</a></body>', "an address must start with"),
    ('<body><a href="javascript:alert(1)">a</a></body>', "an address must start with"),
    ('<body><a href=" javascript:alert(1)">a</a></body>', "an address must start with"),
    ('<body><a href="&#106;avascript:alert(1)">a</a></body>', "an address must start with"),
    ('<body><a href="java&#10;script:alert(1)">a</a></body>', "an address must start with"),
    ('<body><a href="data:text/html,x" data-asana-gid="123">a</a></body>', "an address must start with"),
    ('<body><a href="https://a.test&#10;x">a</a></body>', "an address must start with"),
    ('<body><a data-asana-gid="me"/></body>', "data-asana-gid must be a gid, not 'me'"),
    ('<body><a data-asana-gid="0"/></body>', "must be a gid"),
    ('<body><a data-asana-gid="9223372036854775808"/></body>', "must be a gid"),
    ('<body><a data-asana-gid="123" data-asana-tag="x"/></body>', "data-asana-tag must be a gid"),
    ('<body><img src="https://a.test/1.png"/></body>', "<img> needs a data-asana-gid"),
    ('<body><img data-asana-gid="77" onerror="x()"/></body>', "the attribute onerror"),
    ('<body><img data-asana-gid="77" src="data:image/png,x"/></body>', "an address must start with"),
    ('<body><object data-asana-gid="77"/></body>', "<object> does not support the type ''"),
    ('<body><object type="text/html" data-asana-gid="77"/></body>', "does not support the type 'text/html'"),
    ('<body><table><tr><td width="calc(1)">a</td></tr></table></body>', "measure"),
]


@pytest.mark.parametrize(("html", "message"), REFUSED)
def test_what_asana_would_refuse(html: str, message: str) -> None:
    with pytest.raises(RichTextError, match=message) as caught:
        check(html, "task")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("flavour", "tag"),
    [("comment", tag) for tag in ("h1", "h2", "hr", "img", "object", "table")]
    + [("plain", tag) for tag in ("pre", "blockquote", "h1", "hr", "img", "table")],
)
def test_a_flavour_has_its_own_tags(flavour: str, tag: str) -> None:
    with pytest.raises(RichTextError, match=f"<{tag}> is not supported"):
        body(f"<{tag}/>", flavour)


def test_size_is_bounded_for_clients_only() -> None:
    room = 65_535 - len("<body></body>")
    html = f"<body>{'a' * room}</body>"
    assert check(html, "plain").html(nobody) == html
    longer = from_text("&" * room)
    with pytest.raises(RichTextError, match=r"longer than 65,535 characters"):
        check(longer, "plain")
    assert stored(longer).text(nobody) == "&" * room


def test_depth_is_bounded() -> None:
    assert canonical("<em>" * 31 + "</em>" * 31)
    with pytest.raises(RichTextError, match="deeper than 32"):
        body("<em>" * 32 + "</em>" * 32)
    with pytest.raises(RichTextError, match="deeper than 32"):
        body("<em>" * 10_000)


BOMBS = [
    '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><body>&b;</body>',
    f'<!DOCTYPE b [<!ENTITY a "{"a" * 30_000}">]><body>{"&a;" * 10_000}</body>',
    '<!DOCTYPE b SYSTEM "file:///secret"><body/>',
    '<!DOCTYPE b [<!ENTITY a SYSTEM "file:///secret">]><body>&a;</body>',
    '<body><![CDATA[<!DOCTYPE b [<!ENTITY a "b">]>]]></body>',
]


@pytest.mark.parametrize("bomb", BOMBS)
def test_entity_bombs_never_reach_the_parser(bomb: str) -> None:
    with pytest.raises(RichTextError, match="declarations"):
        check(bomb, "task")


def test_mentions_are_the_linked_gids_each_once() -> None:
    document = body(
        '<a data-asana-gid="5678"/><ul><li><em><a data-asana-gid="123"/></em></li></ul>'
        '<a data-asana-gid="5678"/><img data-asana-gid="77"/><a href="https://a.test">a</a>'
        f'<object type="{GOALS}" data-asana-gid="9"><a data-asana-gid="53421"/></object>'
    )
    assert document.mentions == (5678, 123)
    assert document.references == (5678, 123, 77, 9)


def test_no_access_and_no_address_is_refused() -> None:
    for inner in (
        '<a data-asana-gid="1"/>',
        '<img data-asana-gid="1"/>',
        f'<object type="{MEDIA}" data-asana-gid="1"/>',
    ):
        for ask in (body(inner).html, body(inner).text):
            with pytest.raises(RichTextError, match="no access to 1"):
                ask(OBJECTS.get)


def test_an_embed_must_be_of_its_type() -> None:
    for inner in ('<img data-asana-gid="123"/>', f'<object type="{GOALS}" data-asana-gid="123"/>'):
        with pytest.raises(RichTextError, match="cannot show 123, which is a task"):
            body(inner).html(OBJECTS.get)
    assert 'data-asana-type="project"' in canonical(f'<object type="{GOALS}" data-asana-gid="5678"/>')


def test_a_reader_without_access_sees_a_private_link_and_may_write_it_back() -> None:
    for dynamic in ("true", "false"):
        html = canonical(f'<a data-asana-gid="123" data-asana-dynamic="{dynamic}">secret</a>')
        seen = check(f"<body>{html}</body>", "comment").html(nobody)
        assert seen == (f'<body><a href="{SITE}/0/123/f" data-asana-accessible="false">Private Link</a></body>')
        assert check(seen, "comment").html(nobody) == seen
        assert check(seen, "comment").text(nobody) == f"{SITE}/0/123/f"


def test_a_deleted_image_stays_marked() -> None:
    for inner in ('<img data-asana-gid="77"/>', f'<object type="{MEDIA}" data-asana-gid="77"/>'):
        gone = stored(f"<body>{canonical(inner)}</body>").html(nobody)
        assert 'data-asana-gid="77" data-asana-type="attachment" data-asana-deleted="true"' in gone
        assert SITE not in gone
        assert stored(gone).html(nobody) == gone
        assert stored(gone).text(nobody) == ""


def test_names_that_xml_cannot_hold_do_no_harm() -> None:
    odd = {
        1: Mention(1, "task", "a\x00\x1b\ud800\r]]>", SITE),
        2: Mention(2, "attachment", '"\n\t\ufffe', SITE),
    }
    html = body('<a data-asana-gid="1"/><img data-asana-gid="2"/>').html(odd.get)
    assert stored(html).html(odd.get) == html
    assert ElementTree.fromstring(html).find("a").text == "a\r]]>"  # type: ignore[union-attr]


# A real pair of html_notes and notes (contract/asana-behaviour.md, source AB), its words shortened.
ROW_HTML = (
    "<strong>Tell us about it</strong>\nAs part of project\u00a0"
    '<a href="https://github.com/airbytehq/airbyte/issues/2959">#2959</a>, this\n'
    "<strong>Could you point to them?</strong>\n<ul>"
    '<li><a href="https://docs.airbyte.io/a">https://docs.airbyte.io/a</a></li>'
    '<li><a href="https://docs.airbyte.io/b">https://docs.airbyte.io/b</a></li></ul>'
    '<strong>Additional context:</strong>\n<a href="https://docs.google.com/c">Google Doc</a>'
)
ROW_TEXT = (
    "Tell us about it\nAs part of project\u00a0https://github.com/airbytehq/airbyte/issues/2959, this\n"
    "Could you point to them?\n    https://docs.airbyte.io/a\n    https://docs.airbyte.io/b\n"
    "Additional context:\nhttps://docs.google.com/c"
)
TEXTS = [
    (ROW_HTML, ROW_TEXT),
    ("", ""),
    ("a<strong>b</strong><em>c</em>", "abc"),
    ("a<h1>b</h1>c", "a\nb\nc"),
    ("a\n<h1>b</h1><h2>c</h2>\nd", "a\nb\nc\n\nd"),
    ("a<hr/>b", "a\nb"),
    ("<blockquote>a</blockquote><pre>b\n c</pre>", "a\nb\n c"),
    ("a<ul><li>b</li><li>c</li></ul>d", "a\n    b\n    c\nd"),
    ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "    a\n        b\n    c"),
    ("<table><tr><td>a</td><td>b</td></tr><tr><td/><td>c</td></tr></table>", "a\tb\n\tc"),
    ('see <a data-asana-gid="53421"/>!', f"see {SITE}/56789/list!"),
    ('<a data-asana-gid="123" data-asana-dynamic="false">my text</a>', f"{SITE}/0/123/f"),
    ('a<img data-asana-gid="77"/>b', f"a\n{SITE}/get_asset?asset_id=77\nb"),
]


@pytest.mark.parametrize(("inner", "expected"), TEXTS)
def test_plain_text(inner: str, expected: str) -> None:
    assert text(inner) == expected
    assert text(canonical(inner)) == expected


def test_plain_notes_become_html_notes() -> None:
    assert from_text("") == "<body></body>"
    assert from_text("a < b\n& \"c\" > 'd'") == "<body>a &lt; b\n&amp; \"c\" &gt; 'd'</body>"
    assert from_text("a\x00b\x0bc\ud800d\ufffee\x7f") == "<body>abcde\x7f</body>"


ALLOWED = st.characters(
    exclude_categories=["Cs"],
    exclude_characters=[chr(code) for code in range(32) if chr(code) not in "\t\n\r"] + ["\ufffe", "\uffff"],
)


@given(st.text(ALLOWED))
def test_plain_text_survives_the_round_trip(notes: str) -> None:
    document = check(from_text(notes), "plain")
    assert document.text(nobody) == notes
    assert document.html(nobody) == from_text(notes)


@given(st.text(st.characters(exclude_categories=[])))
def test_every_plain_text_has_html(notes: str) -> None:
    html = from_text(notes)
    assert check(html, "plain").html(nobody) == html


def _wrap(*tags: str) -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from([(f"<{tag}>", f"</{tag}>") for tag in tags])


def _around(inner: st.SearchStrategy[str], tags: st.SearchStrategy[tuple[str, str]]) -> st.SearchStrategy[str]:
    parts = st.lists(inner, max_size=3).map("".join)
    return st.tuples(tags, parts).map(lambda drawn: drawn[0][0] + drawn[1] + drawn[0][1])


WORDS = st.text(ALLOWED, max_size=5).map(lambda word: escape(word, {"\r": "&#13;"}))
LINKS = st.sampled_from(
    ['<a data-asana-gid="123"/>', '<a data-asana-gid="53421" data-asana-dynamic="false">x</a>']
    + ['<a href="https://a.test/?b&amp;c">d</a>', '<a data-asana-gid="404" href="https://a.test">e</a>']
)
INLINE = st.recursive(WORDS | LINKS, lambda inner: _around(inner, _wrap("strong", "em", "u", "s")), max_leaves=8)
ITEMS = st.recursive(
    _around(INLINE, _wrap("li")),
    lambda items: _around(INLINE | _around(items, _wrap("ul", "ol")), _wrap("li")),
    max_leaves=6,
)
LIST = _around(ITEMS, _wrap("ul", "ol"))
CODE = _around(WORDS, _wrap("pre", "code"))
TABLE = _around(_around(_around(INLINE, _wrap("td")), _wrap("tr")), _wrap("table"))
EMBEDS = st.sampled_from(["<hr/>", '<img data-asana-gid="77"/>', '<img data-asana-gid="9" src="https://a.b"/>'])
BLOCKS = INLINE | LIST | CODE | TABLE | EMBEDS | _around(INLINE | LIST, _wrap("blockquote"))
BODIES = _around(BLOCKS, _wrap("body"))


@given(BODIES)
def test_canonical_html_is_a_fixed_point(html: str) -> None:
    document = check(html, "task")
    once = document.html(OBJECTS.get)
    again = check(once, "task")
    assert again.html(OBJECTS.get) == once
    assert again.text(OBJECTS.get) == document.text(OBJECTS.get)
    assert {node.tag for node in ElementTree.fromstring(once).iter()} <= {
        node.tag for node in ElementTree.fromstring(html).iter()
    }


@given(st.lists(st.sampled_from(["a", "\n", " ", "<em>", "</em>", "<strong>", "</strong>"]), max_size=12))
def test_inline_text_is_what_an_xml_reader_reads(parts: list[str]) -> None:
    html = f"<body>{''.join(parts)}</body>"
    try:
        words = "".join(ElementTree.fromstring(html).itertext())
    except ElementTree.ParseError:
        with pytest.raises(RichTextError):
            check(html, "plain")
    else:
        assert check(html, "plain").text(nobody) == words


PIECES = ["<", ">", "/", "&", ";", '"', "'", "=", "!", "?", "[", "]", "#x", "1", " ", "\n", "\x00", "\ud800"]
PIECES += [
    "<body>",
    "</body>",
    "<ul>",
    "</li>",
    "<a ",
    "href",
    "data-asana-gid",
    "javascript:",
    "https://a.b",
]


@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_nonsense_is_refused_in_one_way_only(nonsense: str) -> None:
    for html in (nonsense, f"<body>{nonsense}</body>", f"<body><a {nonsense}>b</a></body>"):
        try:
            once = check(html, "task").html(OBJECTS.get)
        except RichTextError:
            continue
        assert check(once, "task").html(OBJECTS.get) == once
