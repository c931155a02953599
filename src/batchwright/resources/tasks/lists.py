"""Lists of tasks: in a project, a section, a tag, somebody's own task list; and GET /tasks, which is one of them."""

from __future__ import annotations

from batchwright.model.calls import Call
from batchwright.model.conditions import Compare, Condition, Join, Order, Query, any_of, equals
from batchwright.model.fields import Field, moment, ref
from batchwright.model.operations import Operation
from batchwright.model.problems import bad_request
from batchwright.model.views import View
from batchwright.resources.tasks.kind import TASK
from batchwright.shapes import listing
from batchwright.shapes.listing import Asked

NOTHING = "You should specify one of workspace, project, tag, section, user_task_list"
NOT_ONE = "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
LISTS = ("project", "tag", "section", "user_task_list")
BY_OWNER = (Order("section.rank"), Order("assignee_rank"), Order("gid"))
OWN_SECTION = (Join("section", "gid", "assignee_section", optional=True),)

COMPLETED_SINCE = moment(
    "completed_since",
    nullable=False,
    about="Leaves out what was completed before this moment; `now` leaves out all that is completed.",
)


def in_project(gid: int, where: tuple[Condition, ...]) -> Query:
    """The tasks of a project, section by section."""
    joins = (Join("membership", "task", "gid"), Join("section", "gid", "membership.section"))
    order = (Order("section.rank"), Order("section.gid"), Order("membership.rank"), Order("gid"))
    return Query("task", (equals("membership.project", gid), *where), joins, order, visible=False)


async def in_section(view: View, gid: int, where: tuple[Condition, ...]) -> Query:
    """The tasks of a section of a project, or of somebody's own task list."""
    if await view.value("section", gid, "project") is None:
        return Query("task", (equals("assignee_section", gid), *where), order=(Order("assignee_rank"), Order("gid")))
    joins = (Join("membership", "task", "gid"),)
    order = (Order("membership.rank"), Order("gid"))
    return Query("task", (equals("membership.section", gid), *where), joins, order, visible=False)


def tagged(gid: int, where: tuple[Condition, ...]) -> Query:
    """The tasks that carry a tag, in the order in which they got it."""
    order = (Order("task_tags.position"), Order("gid"))
    return Query("task", (equals("task_tags.target", gid), *where), (Join("task_tags", "owner", "gid"),), order)


def assigned(user: int | None, workspace: int, where: tuple[Condition, ...]) -> Query:
    """What somebody (None: nobody) has to do in a workspace, as far as the caller sees it, in the assignee's order."""
    conditions = (equals("assignee", user), equals("workspace", workspace), *where)
    return Query("task", conditions, OWN_SECTION, BY_OWNER)


async def _chosen(view: View, kind: str, gid: int, where: tuple[Condition, ...]) -> Query:
    match kind:
        case "project":
            return in_project(gid, where)
        case "section":
            return await in_section(view, gid, where)
        case "tag":
            return tagged(gid, where)
    row = await view.row("user_task_list", gid, "owner", "workspace")
    return assigned(row["owner"], row["workspace"], where)


def _since(call: Call) -> tuple[Condition, ...]:
    where: list[Condition] = []
    since = call.params.get("completed_since")
    if since is not None:
        open_ones = equals("completed", False)
        # Nothing has been completed since now, not even in this very millisecond.
        where.append(open_ones if since >= call.now else any_of(open_ones, Compare("completed_at", ">=", since)))
    if "modified_since" in call.params:
        where.append(Compare("modified_at", ">", call.params["modified_since"]))
    return tuple(where)


async def _tasks(call: Call, view: View) -> Query:
    """GET /tasks."""
    given = [name for name in LISTS if name in call.params]
    owned = [name for name in ("assignee", "workspace") if name in call.params]
    if not given and not owned:
        raise bad_request(NOTHING)
    if len(given) + bool(owned) != 1 or len(owned) == 1:
        raise bad_request(NOT_ONE)
    if given:
        return await _chosen(view, given[0], call.params[given[0]], _since(call))
    return assigned(call.params["assignee"], call.params["workspace"], _since(call))


def _of(kind: str, id: str, about: str) -> Operation:
    async def query(call: Call, view: View) -> Query:
        return await _chosen(view, kind, call.at[kind], _since(call))

    params = (COMPLETED_SINCE,) if kind != "tag" else ()
    return _listing(id, f"/{kind}s/{{{kind}_gid}}/tasks", query, params, about)


def _listing(id: str, path: str, query: Asked, params: tuple[Field, ...], about: str) -> Operation:
    return listing(TASK, id, path, query=query, params=params, tag="Tasks", scope="tasks:read", about=about)


_FILTERS = (
    ref("assignee", "user", or_null=True, nullable=False, about="Whose tasks; `null` for tasks nobody has."),
    ref("project", "project", nullable=False, about="The project whose tasks are listed."),
    ref("section", "section", nullable=False, about="The section whose tasks are listed."),
    ref("tag", "tag", nullable=False, about="The tag whose tasks are listed."),
    ref("user_task_list", "user_task_list", nullable=False, about="The task list whose tasks are listed."),
    ref("workspace", "workspace", nullable=False, about="Where the assignee's tasks are looked for."),
    COMPLETED_SINCE,
    moment("modified_since", nullable=False, about="Leaves out what wasn't modified after this moment."),
)

LISTING = (
    _listing("getTasks", "/tasks", _tasks, _FILTERS, "The tasks of one project, tag, section, task list or assignee."),
    _of("project", "getTasksForProject", "The tasks of a project, section by section, in their order."),
    _of("section", "getTasksForSection", "The tasks of a section, in their order."),
    _of("tag", "getTasksForTag", "The tasks that carry a tag, as far as the caller sees them."),
    _of(
        "user_task_list",
        "getTasksForUserTaskList",
        "The tasks assigned to the list's owner, as far as the caller sees them, section by section.",
    ),
)
