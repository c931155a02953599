"""Tags: labels that tasks of a workspace carry; names may repeat, as in Asana."""

from __future__ import annotations

from typing import Any

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.colors import COLORS
from batchwright.model.conditions import Join, OneOf, Order, Query, Visible, equals
from batchwright.model.fields import choice, computed, moment, ref, refs, text
from batchwright.model.kinds import Deed, Kind
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.shapes import creating, deleting, getting, listing, updating
from batchwright.steps.people import check_places, employed, own_workspaces

TAG = Kind(
    "tag",
    "tags",
    (
        text("name", compact=True, about="The label."),
        choice("color", *COLORS, nullable=True, about="The colour it is shown in."),
        text("notes", about="What it is for."),
        moment("created_at", read_only=True, about="When it was made."),
        refs("followers", "user", create_only=True, about="Who follows it."),
        ref("workspace", "workspace", create_only=True, required=True, about="The workspace it belongs to for good."),
        computed(
            "permalink_url",
            lambda base, gid: f"{base}/0/resource/{gid}/list",
            needs=("base", "gid"),
            about="Where people look at it.",
        ),
    ),
    steady=True,
    visible=Visible("workspace", "workspace"),
    deeds=(Deed("edit", employed("workspace")), Deed("delete", employed("workspace"))),
    indexes=(("workspace", "gid"),),
    about="A label that tasks of a workspace carry.",
)

READ, WRITE = "tags:read", "tags:write"


async def _all(call: Call, view: View) -> Query:
    if call.params.get("workspace") is not None:
        return Query("tag", (equals("workspace", call.params["workspace"]),))
    if call.options.paged:
        raise bad_request("Need to specify a workspace to paginate!")
    return Query("tag", (OneOf("workspace", await own_workspaces(view)),))


async def _followed(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """Followers belong to the workspace."""
    await check_places(view, values["workspace"], values.get("followers", ()), "followers")
    return ()


KINDS = (TAG,)
OPERATIONS = (
    listing(
        TAG,
        "getTags",
        "/tags",
        query=_all,
        params=(ref("workspace", "workspace", about="The workspace the tags belong to."),),
        tag="Tags",
        scope=READ,
        about="The tags that the caller sees, of a workspace if one is named.",
    ),
    listing(
        TAG,
        "getTagsForWorkspace",
        "/workspaces/{workspace_gid}/tags",
        where="workspace",
        visible=False,
        tag="Tags",
        scope=READ,
        about="The tags of a workspace.",
    ),
    listing(
        TAG,
        "getTagsForTask",
        "/tasks/{task_gid}/tags",
        where="task_tags.owner",
        joins=(Join("task_tags", "target", "gid"),),
        order=(Order("task_tags.position"), Order("gid")),
        tag="Tags",
        scope=READ,
        about="The tags that a task carries, in the order they were put on.",
    ),
    creating(TAG, "createTag", prepare=_followed, tag="Tags", scope=WRITE, about="Makes a tag in a workspace."),
    creating(
        TAG,
        "createTagForWorkspace",
        "/workspaces/{workspace_gid}/tags",
        body=tuple(each for each in TAG.fields if each.name != "workspace"),
        prepare=_followed,
        tag="Tags",
        scope=WRITE,
        about="Makes a tag in a workspace.",
    ),
    getting(TAG, "getTag", tag="Tags", scope=READ, about="One tag."),
    updating(TAG, "updateTag", tag="Tags", scope=WRITE, about="Changes what is given of a tag."),
    deleting(TAG, "deleteTag", tag="Tags", about="Deletes a tag; the tasks that carried it stay."),
)
