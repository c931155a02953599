"""POST /tasks/{gid}/duplicate: the copy and its job are written in one commit, so the job has succeeded at once."""

from __future__ import annotations

from batchwright.model import gids, ranks
from batchwright.model.calls import Call
from batchwright.model.changes import Change, Notice
from batchwright.model.fields import text
from batchwright.model.operations import Operation, Outcome, Show
from batchwright.model.problems import not_found
from batchwright.model.views import View
from batchwright.resources.tasks.kind import TASK
from batchwright.resources.tasks.subtasks import fits
from batchwright.steps.copying import copy_tasks, included, task_trees
from batchwright.steps.writing import insert, link_all

INCLUDE = (
    "assignee",
    "attachments",
    "dates",
    "dependencies",
    "followers",
    "notes",
    "parent",
    "projects",
    "subtasks",
    "tags",
)


async def _duplicate(call: Call, view: View) -> Outcome:
    old = call.at["task"]
    include = included(call, INCLUDE)
    trees = await task_trees(view, (old,), subtasks="subtasks" in include)
    if old not in trees:  # gone since it was looked up
        raise not_found("task", str(old))
    parent = trees[old]["parent"] if "parent" in include else None
    if parent is not None and parent not in await view.may("task", "edit", (parent,)):
        parent = None
    holds: tuple[Change, ...] = await fits(view, parent, 0) if parent else ()
    rank = ranks.last(gids.make())
    root = {
        "name": call.data.get("name", trees[old]["name"]),
        "subtask_rank": rank,
        "assignee_rank": rank,
        "parent": parent,
    }
    copies, made = await copy_tasks(view, call, trees, include, overrides={old: root})
    job = insert(view.kinds["job"], call, resource_subtype="duplicate_task", new_task=made[old])
    # Whoever copies a task follows the copy, so that it is seen by somebody.
    follow = link_all(TASK, "followers", made[old], (call.caller.user,))
    told = Notice("task", made[old], "duplicated", {"duplicated_from": old})
    return Outcome((*holds, *copies, *follow, told, job), Show("job", (job.gid,)))


DUPLICATING = (
    Operation(
        id="duplicateTask",
        method="POST",
        path="/tasks/{task_gid}/duplicate",
        run=_duplicate,
        kind="job",
        body=(
            text("name", about="The name of the copy, by default that of the task."),
            text("include", about=f"What to copy besides, separated by commas: {', '.join(INCLUDE)}."),
        ),
        status=201,
        tag="Tasks",
        scope="tasks:write",
        weight="job",
        about="Copies a task; answers with a job that names the copy and is done already.",
    ),
)
