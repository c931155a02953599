"""Tags: labels that tasks of a workspace carry."""

from __future__ import annotations

from batchwright.model.conditions import Visible
from batchwright.model.fields import moment, ref, refs, text
from batchwright.model.kinds import Kind
from batchwright.shapes import getting

TAG = Kind(
    "tag",
    "tags",
    (
        text("name", compact=True),
        text("notes"),
        moment("created_at", read_only=True),
        refs("followers", "user", create_only=True),
        ref("workspace", "workspace", create_only=True, required=True),
    ),
    visible=Visible("workspace", "workspace"),
)

KINDS = (TAG,)
OPERATIONS = (getting(TAG, "getTag", tag="Tags", scope="tags:read"),)
