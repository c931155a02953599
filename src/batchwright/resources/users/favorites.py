"""What a person keeps at hand, in the person's own order. Nothing in the API sets it, as in Asana's."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.conditions import Join, Order, Query, equals
from batchwright.model.fields import choice, rank, ref, whole
from batchwright.model.kinds import Kind
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import forbidden
from batchwright.model.views import View
from batchwright.shapes import page

TYPES = ("project", "portfolio", "tag", "task", "user", "project_template")

FAVORITE = Kind(
    "favorite",
    "favorites",
    (
        ref("user", "user", required=True, hidden=True),
        ref("workspace", "workspace", required=True, hidden=True),
        whole("target", nullable=False, hidden=True),  # a row of any kind, so that no foreign key can name its table
        rank(),
    ),
    nested=True,
    unique=(("user", "target"),),
    indexes=(("user", "workspace", "rank"),),
)


async def _favorites(call: Call, view: View) -> Outcome:
    if call.at["user"] != call.caller.user:
        raise forbidden("Only a user's own favorites can be read.")
    kind = call.params["resource_type"]
    if kind not in view.kinds:
        return Outcome(show=Show("project", (), many=True))
    where = (
        equals("favorite.user", call.caller.user),
        equals("favorite.workspace", call.params["workspace"]),
    )
    order = (Order("favorite.rank"), Order("favorite.gid"))
    return await page(view, call, Query(kind, where, (Join("favorite", "target", "gid"),), order))


FAVORITES = (
    Operation(
        id="getFavoritesForUser",
        method="GET",
        path="/users/{user_gid}/favorites",
        run=_favorites,
        kind="project",
        many=True,
        paged=True,
        params=(
            choice("resource_type", *TYPES, required=True, about="The kind of the favorites to list."),
            ref("workspace", "workspace", required=True, about="The workspace that they belong to."),
        ),
        tag="Users",
        scope="users:read",
        about="The caller's own favorites of one kind in a workspace, in the caller's order.",
    ),
)
