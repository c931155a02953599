"""What schemathesis is told not to try: it loads this file by its path (fuzz/documented.py)."""

from __future__ import annotations

from typing import Any

import schemathesis


@schemathesis.hook
def filter_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """A body of blanks is none, here as with a form, whatever its type."""
    body = getattr(case.body, "data", case.body)
    return not (isinstance(body, bytes) and not body.strip())
