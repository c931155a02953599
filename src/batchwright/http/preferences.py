"""What a request's headers ask for beyond Asana.

What isn't known is refused by name, but in `Prefer`: its rule is to ignore what isn't known (RFC 7240).
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from batchwright.engine.headers import EXPLAIN, EXPLAINED, KEY, LATER, PREFER
from batchwright.engine.keys import key
from batchwright.model.problems import bad_request

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
LONGEST_TOLD = 50  # characters of a value that a refusal repeats


def prefers_later(headers: Headers) -> bool:
    """Whether a request asks to be answered before it is done. Several of the header are as one."""
    preferences = QUOTED.sub('""', ",".join(headers.getlist(PREFER))).split(",")
    named = (each.partition(";")[0].partition("=") for each in preferences)
    return any(name.strip().lower() == LATER and value.strip() in ("", '""') for name, _, value in named)


def explained(headers: Headers) -> set[str]:
    """What a reply shall say more about. Raises Problem 400 for what nobody can."""
    asked = {each.strip().lower() for value in headers.getlist(EXPLAIN) for each in value.split(",")} - {""}
    unknown = sorted(asked.difference(EXPLAINED))
    if unknown:
        raise bad_request(f"{EXPLAIN}: Value is not one of {', '.join(EXPLAINED)}: {unknown[0][:LONGEST_TOLD]}")
    return asked


def key_of(headers: Headers) -> str:
    """The idempotency key, "" for none. Raises Problem 400, also for two: nobody could tell which one counts."""
    given = set(headers.getlist(KEY))
    if len(given) > 1:
        raise bad_request(f"{KEY}: Two different values were sent")
    return key(given.pop(), KEY) if given else ""
