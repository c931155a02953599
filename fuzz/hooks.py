"""What schemathesis is told not to try: it loads this file by its path (fuzz/documented.py)."""

from __future__ import annotations

from typing import Any

import schemathesis

LISTS = ("Batchwright-Explain",)  # headers


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """What is nothing is no fault: a body of blanks, as with a form; an empty member of a header's list (RFC 9110)."""
    body = getattr(case.body, "data", case.body)
    headers: dict[str, Any] = dict(case.headers)
    lists = [str(headers.get(name, "-")) for name in LISTS]
    empty = any(not member.strip() for each in lists for member in each.split(","))
    return not (empty or (isinstance(body, bytes) and not body.strip()))
