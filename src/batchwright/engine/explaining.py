"""Why a call was refused by its limits: for everybody as Asana has it, and in detail for those who ask."""

from __future__ import annotations

from typing import Any

from batchwright.engine.limits import Limited
from batchwright.model.problems import RATE_LIMITED, Problem


def too_many(refused: Limited, *, explained: bool) -> Problem:
    """The problem, 429. explained: with the limiter, the first action that was too much, and when each would pass."""
    extra = {"limits": _explanation(refused)} if explained else {}
    return Problem(429, RATE_LIMITED, extra=extra, headers={"Retry-After": str(refused.retry_after)})


def _explanation(refused: Limited) -> dict[str, Any]:
    actions = [{"passes_after": wait.seconds, "limiter": wait.limiter or None} for wait in refused.waits]
    return {"limiter": refused.limiter, "action": refused.action, "actions": actions}
