"""Projects: lists of tasks in sections, shared with people."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import Condition, Join, OneOf, Query, equals
from batchwright.model.fields import flag, ref
from batchwright.model.operations import Operation
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.projects.counting import COUNT
from batchwright.resources.projects.duplicating import DUPLICATE
from batchwright.resources.projects.kind import BODY, PROJECT
from batchwright.resources.projects.levels import LISTS
from batchwright.resources.projects.rules import changing, joining, starting
from batchwright.resources.projects.searching import SEARCH
from batchwright.shapes import creating, deleting, getting, linking, listing, updating
from batchwright.shapes.listing import Where
from batchwright.steps.people import check_places, own_workspaces

TAG, READ, WRITE = "Projects", "projects:read", "projects:write"
ARCHIVED = flag("archived", about="Only archived projects, or only the others.")


def _kept(call: Call) -> tuple[Condition, ...]:
    return (equals("archived", call.params["archived"]),) if "archived" in call.params else ()


async def _all(call: Call, view: View) -> Query:
    named = {name: gid for name in ("workspace", "team") if (gid := call.params.get(name)) is not None}
    if not named and call.options.paged:
        raise bad_request("Need to specify a workspace or team to paginate!")
    asked = tuple(equals(name, gid) for name, gid in named.items())
    where = asked or (OneOf("workspace", await own_workspaces(view)),)
    return Query("project", (*where, *_kept(call)))


def _in(name: str) -> Where:
    return lambda call: (equals(name, call.at[name]), *_kept(call))


async def _join(call: Call, view: View) -> tuple[Change, ...]:
    """Only who belongs to the project's workspace can join it, on the level that it has for new members."""
    ((field, users),) = call.data.items()
    row = await view.row("project", call.at["project"], "workspace", "default_access_level")
    await check_places(view, row["workspace"], users, field)
    return await joining(view, call.at["project"], row["default_access_level"], users)


def _create(id: str, path: str, about: str, deed: str = "") -> Operation:
    return creating(PROJECT, id, path, body=BODY, prepare=starting, about=about, tag=TAG, scope=WRITE, deed=deed)


KINDS = (PROJECT,)
OPERATIONS = (
    listing(
        PROJECT,
        "getProjects",
        "/projects",
        query=_all,
        params=(
            ref("workspace", "workspace", about="The workspace the projects belong to."),
            ref("team", "team", about="The team they are shared with."),
            ARCHIVED,
        ),
        about="The projects that the caller sees, of a workspace or a team if one is named.",
        tag=TAG,
        scope=READ,
    ),
    listing(
        PROJECT,
        "getProjectsForWorkspace",
        "/workspaces/{workspace_gid}/projects",
        where=_in("workspace"),
        params=(ARCHIVED,),
        about="The projects of a workspace.",
        tag=TAG,
        scope=READ,
    ),
    listing(
        PROJECT,
        "getProjectsForTeam",
        "/teams/{team_gid}/projects",
        where=_in("team"),
        params=(ARCHIVED,),
        about="The projects that are shared with a team.",
        tag=TAG,
        scope=READ,
    ),
    listing(
        PROJECT,
        "getProjectsForTask",
        "/tasks/{task_gid}/projects",
        where="membership.task",
        joins=(Join("membership", "project", "gid"),),
        about="The projects that a task is in.",
        tag=TAG,
        scope=READ,
    ),
    SEARCH,
    getting(PROJECT, "getProject", about="One project.", tag=TAG, scope=READ),
    COUNT,
    _create("createProject", "/projects", "Makes a project in a workspace or for a team."),
    _create("createProjectForWorkspace", "/workspaces/{workspace_gid}/projects", "Makes a project in a workspace."),
    _create("createProjectForTeam", "/teams/{team_gid}/projects", "Makes a project for a team.", "fill"),
    updating(
        PROJECT,
        "updateProject",
        body=BODY,
        prepare=changing,
        about="Changes what is given of a project; a new owner becomes a member.",
        tag=TAG,
        scope=WRITE,
    ),
    deleting(
        PROJECT,
        "deleteProject",
        tag=TAG,
        scope="projects:delete",
        about="Deletes a project and its sections; its tasks stay.",
    ),
    DUPLICATE,
    *linking(
        PROJECT,
        "members",
        "addMembersForProject",
        "removeMembersForProject",
        takes=("followers", *LISTS.values()),
        check=_join,
        deed="share",
        freely="members",
        about="Changes who shares a project; who leaves it no longer follows it.",
        tag=TAG,
    ),
    *linking(
        PROJECT,
        "followers",
        "addFollowersForProject",
        "removeFollowersForProject",
        implies="members",
        check=_join,
        deed="share",
        freely="followers",
        about="Changes who is told of new tasks in a project; followers are members too.",
        tag=TAG,
    ),
)
