"""Bodies of every sort, decoded: what is taken, and what is refused in which words."""

from __future__ import annotations

import gzip
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batchwright.http import forms
from batchwright.http.bodies import INVALID, decode
from batchwright.model.problems import Problem
from batchwright.settings import Settings

SETTINGS = Settings(max_json_depth=5)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"


def decoded(raw: bytes, kind: str = JSON, **headers: str) -> tuple[Any, Mapping[str, Any]]:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return decode(raw, {"content-type": kind, **given}, SETTINGS)


def refusal(raw: bytes, kind: str = JSON, **headers: str) -> tuple[int, str]:
    with pytest.raises(Problem) as caught:
        decoded(raw, kind, **headers)
    return caught.value.status, caught.value.messages[0]


def part(name: str, value: bytes, rest: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{rest}\r\n\r\n'.encode() + value + b"\r\n"


@pytest.mark.parametrize("kind", [JSON, FORM, MULTIPART, ""])
@pytest.mark.parametrize("raw", [b"", b" \r\n"])
def test_an_empty_body_says_nothing(raw: bytes, kind: str) -> None:
    assert decoded(raw, kind) == (None, {})


@pytest.mark.parametrize(
    "kind", [JSON, "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"', "", "text/plain"]
)
def test_json_is_data_and_options(kind: str) -> None:
    assert decoded(b'{"data":{"name":"\xc3\xa9"},"options":{"pretty":true}}', kind) == ({"name": "é"}, {"pretty": True})


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"{}", None),
        (b'{"options":null}', None),
        (b'{"data":null}', None),
        (b'{"data":[1]}', [1]),
        (b'{"data":{"a":1,"a":2}}', {"a": 2}),
        (b'{"data":1,"data":{}}', {}),
        (b'{"data":{"n":123456789012345678901234567890}}', {"n": 123456789012345678901234567890}),
        (b'\xef\xbb\xbf{"data":{}}', {}),
        (b'{"data":{"pair":"\\ud83d\\ude00"}}', {"pair": "\U0001f600"}),
        (b'{"data":{"a":[{"b":[]}]}}', {"a": [{"b": []}]}),
    ],
    ids=repr,
)
def test_what_is_json_is_taken(raw: bytes, data: Any) -> None:
    assert decoded(raw) == (data, {})


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b"[]",
        b"7",
        b"null",
        b'{"data":{}} {}',
        b'{"data":NaN}',
        b'{"data":-Infinity}',
        b'{"data":1e999}',
        b'{"data":"\xff"}',
        b'{"data":"\xed\xa0\x80"}',
        b'{"data":"\\ud800"}',
        b'{"data":"\\udc00x"}',
        b'{"data":"\x00"}',
        b'{"data":' + b"9" * 5000 + b"}",
        '{"data":{}}'.encode("utf-16"),
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_what_is_not_json_is_refused(raw: bytes) -> None:
    assert refusal(raw) == (400, INVALID)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"data":[[[[[]]]]]}',
        b'{"data":{"a":{"a":{"a":{"a":{}}}}}}',
        b'{"data":[1,[],[[],[[{}, [1]], 2]]]}',
        b'{"data":' + b"[" * 500 + b"]" * 500 + b"}",
        b"[" * 10 * 1024 * 1024,
        b'{"a":' * 100_000,
        b'{"data":' + b"[" * 500,
    ],
    ids=lambda raw: repr(raw[:40]),
)
def test_what_nests_too_deep_is_refused_whatever_else_is_wrong(raw: bytes) -> None:
    assert refusal(raw) == (400, "Could not parse request data, JSON nested deeper than 5 levels")


@pytest.mark.parametrize(
    "raw",
    [
        b"{}," * 3_000_000,
        (b"[" * 3 + b"]" * 3 + b",") * 1_000_000,
        b'"1",' * 2_000_000,
        b"1," * 5_000_000,
        b'{"a":1},' * 1_000_000,
    ],
    ids=lambda raw: repr(raw[:10]),
)
def test_a_great_many_values_are_refused_before_anything_is_made_of_them(raw: bytes) -> None:
    tracemalloc.start()
    try:
        assert refusal(b'{"data":[' + raw) == (400, "Could not parse request data, JSON of more than 100000 values")
        assert tracemalloc.get_traced_memory()[1] < 4 * len(raw)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["[,{" * 300_000, '\\"' * 300_000, "\\\\" * 100_000], ids=lambda text: repr(text[:6]))
def test_what_a_text_holds_is_no_value(text: str) -> None:
    raw = f'{{"data":{{"a":"{text}","b":[[]]}}}}'.encode()
    data, _ = decoded(raw)
    assert data["b"] == [[]]


def test_fields_beside_data_are_refused_in_asanas_words() -> None:
    assert refusal(b'{"data":{},"name":"x","notes":""}') == (
        400,
        "Unrecognized request field `name`. The only allowed keys at the top level are: data, options. "
        "Is it possible you did not wrap object properties in a `data` object?",
    )


@pytest.mark.parametrize("options", [b"[]", b"7", b'""', b"false", b'"pretty"'])
def test_options_are_an_object(options: bytes) -> None:
    assert refusal(b'{"data":{},"options":' + options + b"}") == (400, "options: Value is not a JSON object")


def test_a_forms_fields_are_data_but_for_its_options() -> None:
    raw = b"name=a+b%26c&empty=&%C3%A9=%E6%BC%A2&name=last&opt_fields=name%2Cnotes&opt_pretty"
    data = {"name": "last", "empty": "", "é": "漢"}
    assert decoded(raw, f"{FORM}; charset=utf-8") == (data, {"fields": "name,notes", "pretty": ""})


def test_a_multipart_forms_fields_are_data_and_its_files_are_left_out() -> None:
    file = part("file", b"\x00\xff" * 9, '; filename="x.bin"\r\nContent-Type: image/png')
    raw = part("name", b"one") + file + part("notes", b"a\r\nb \xe6\xbc\xa2") + part("opt_pretty", b"true")
    raw += part("name", b"last") + part("empty", b"") + b"--b--\r\n"
    data = {"name": "last", "notes": "a\r\nb 漢", "empty": ""}
    assert decoded(raw, MULTIPART) == (data, {"pretty": "true"})


@pytest.mark.parametrize("raw", [b"a=%ff", b"a=\xff", b"%ed%a0%80=1"])
def test_a_form_is_utf_8(raw: bytes) -> None:
    assert refusal(raw, FORM) == (400, "Could not parse request data, invalid UTF-8")


def test_a_multipart_form_is_utf_8() -> None:
    assert refusal(part("a", b"\xff") + b"--b--", MULTIPART) == (400, "Could not parse request data, invalid UTF-8")


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (part("a", b"1"), MULTIPART),
        (part("a", b"1")[:20], MULTIPART),
        (b"junk", MULTIPART),
        (part("a", b"1") + b"--b--", "multipart/form-data"),
        (part("a", b"1") + b"--b--", "multipart/form-data; boundary=" + "x" * 300),
        (b"--b\r\nX: y\r\n\r\n1\r\n--b--", MULTIPART),
        (part("a", b"!", "\r\nContent-Transfer-Encoding: base64") + b"--b--", MULTIPART),
    ],
    ids=lambda each: repr(each)[-30:],
)
def test_a_broken_multipart_form_is_refused(raw: bytes, kind: str) -> None:
    assert refusal(raw, kind) == (400, "Could not parse request data, invalid multipart form")


def test_a_form_has_a_bounded_number_of_fields() -> None:
    message = (400, f"Could not parse request data, more than {forms.MOST_FIELDS} fields")
    most = forms.MOST_FIELDS
    assert len(decoded(b"&".join(b"%d=" % each for each in range(most)), FORM)[0]) == most
    assert refusal(b"&".join([b"a="] * (most + 1)), FORM) == message
    assert refusal(part("a", b"") * (most + 1) + b"--b--", MULTIPART) == message


@pytest.mark.parametrize("kind", [JSON, FORM, MULTIPART])
def test_another_charset_is_refused(kind: str) -> None:
    status, message = refusal(b'{"data":{}}', f"{kind}; charset=latin-1")
    assert (status, message) == (415, "Could not parse request data, the charset is not supported: latin-1")


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_a_compressed_body_is_refused(kind: str) -> None:
    status, message = refusal(gzip.compress(b'{"data":{}}'), kind, content_encoding="gzip")
    assert (status, message) == (415, "Could not parse request data, the content encoding is not supported: gzip")


def test_no_compression_may_be_named() -> None:
    assert decoded(b'{"data":{}}', content_encoding="identity") == ({}, {})


LATIN = st.text(st.characters(max_codepoint=255), max_size=40)
FRAGMENTS = st.sampled_from(
    [b'{"data":', b"}", b"[", b'"', b"\\ud800", b"\xff", b"--b", b"\r\n", b"\r\n\r\n", b"%f", b"=", b"&", b"--"]
    + [part("a", b"1"), part("f", b"1", '; filename="f"'), part("q", b"=3D", "\r\nContent-Transfer-Encoding: base64")]
)


@settings(deadline=None)
@given(
    raw=st.lists(FRAGMENTS | st.binary(max_size=20), max_size=12).map(b"".join),
    kind=st.sampled_from([JSON, FORM, MULTIPART]) | LATIN | LATIN.map(lambda each: f"multipart/form-data; {each}"),
)
def test_whatever_is_sent_is_taken_or_refused(raw: bytes, kind: str) -> None:
    status = 200
    try:
        decoded(raw, kind)
    except Problem as problem:
        status = problem.status
    assert status in (200, 400, 415)
