"""Where an action may lead: paths in one spelling only, and those of them that are allowed.

Everything after this module sees the path as it is spelled here, so what was allowed is what is asked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from urllib.parse import quote, unquote

from batchwright.engine.actions import METHODS
from batchwright.engine.references import blank
from batchwright.model.problems import Problem, bad_request

LONGEST = 8_192  # characters
PLAIN = "!$&'()*+,;=:@~"  # what a segment holds unencoded, beside letters, digits and -._
UNSAFE = re.compile(r"[\x00-\x1f\x7f-\x9f/\\]|%[0-9A-Fa-f]{2}")  # in a segment that was decoded

FUNCTION = "allow"
Allowance = Callable[[str, str], str]
"""Names what allows a method (in capitals) and a path; "" if nothing does."""


def canonical(path: str) -> str:
    """The path in its one spelling: `/`, segments, each percent-encoded only where it must be.

    Raises Problem 400 for what could mean another place to whoever reads it next: other hosts, empty segments, dots,
    slashes that are encoded, and what is encoded twice. The last segment may be empty.
    """
    if len(path) > LONGEST:
        raise bad_request(f"relative_path: Value is longer than {LONGEST} characters")
    *segments, last = path.removeprefix("/").split("/")
    try:
        return "/" + "/".join([*(_segment(each) for each in segments), _segment(last) if last else ""])
    except ValueError:
        raise bad_request(f"relative_path: Value is not a path of this server: {path[:100]!a}") from None


def _segment(raw: str) -> str:
    """Raises ValueError, as what isn't UTF-8 does."""
    text = unquote(raw, errors="strict")
    seen = unicodedata.normalize("NFKC", text)  # some servers take a full-width dot for a dot
    if not text or "#" in raw or "?" in raw or UNSAFE.search(seen):
        raise ValueError(raw)
    if seen.partition(";")[0].strip() in (".", ".."):  # and some cut off what follows a semicolon
        raise ValueError(raw)
    return quote(text, safe=PLAIN)


def allowance_of(allow: Iterable[str] | Callable[[str, str], bool]) -> Allowance:
    """The allowance of patterns as `GET /tasks/{id}`, or of a function. Raises ValueError for what is no pattern."""
    if callable(allow):
        return lambda method, path: FUNCTION if allow(method, path) else ""
    if isinstance(allow, str):
        raise ValueError("allow is a list of patterns, not a text")
    patterns = {each: _pattern(each) for each in allow}

    def allowance(method: str, path: str) -> str:
        asked = f"{'GET' if method == 'HEAD' else method} {path}"
        return next((name for name, pattern in patterns.items() if pattern.fullmatch(asked)), "")

    return allowance


def _pattern(text: str) -> re.Pattern[str]:
    method, _, path = text.partition(" ")
    if method not in {each.upper() for each in METHODS} - {"HEAD"} or not path.startswith("/"):
        raise ValueError(f"{text!r} is not a method (GET is HEAD too) and a path, as GET /tasks/{{id}}")
    try:
        spelled = re.sub(r"(?<=/)%7B\w+%7D(?=/|$)", "[^/]+", re.escape(canonical(path)))
    except Problem:
        raise ValueError(f"{text!r} is not a path that a request can have") from None
    if "%7B" in spelled or "%7D" in spelled:
        raise ValueError(f"{text!r}: a parameter is a whole segment, as {{id}}")
    return re.compile(f"{method} {spelled}")


def allowed(allowance: Allowance, method: str, path: str, asked: str) -> str:
    """The path in its one spelling. asked: the path before values were put into it, which may not make it another.

    A function is asked about the path as it has become, and nothing else. Raises Problem 400.
    """
    found = canonical(path)
    by = allowance(method, found)
    if not by:
        raise bad_request(f"relative_path: {method} {found[:200]} is not supported in batch requests")
    if by != FUNCTION and path != asked and allowance(method, canonical(blank(asked))) != by:
        raise bad_request(f"relative_path: {found[:200]} is not a path that was asked for")
    return found
