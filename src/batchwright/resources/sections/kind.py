"""What a section is: its fields, and who may see it."""

from __future__ import annotations

from batchwright.model.conditions import ME, Condition, Exists, May, Visible, any_of, equals
from batchwright.model.fields import Relation, moment, rank, ref, refs, text
from batchwright.model.kinds import Deed, Kind

# How people group their own tasks is shown to nobody else, as a task's assignee_section isn't.
_OWN = Exists("user_task_list", "gid", equals("owner", ME), column="user_task_list")


def _as_of_project(deed: str) -> Condition:
    return any_of(May("project", "project", deed), _OWN)


SECTION = Kind(
    "section",
    "sections",
    (
        text("name", compact=True, required=True, about="The heading."),
        moment("created_at", read_only=True, about="When it was made."),
        ref(
            "project",
            "project",
            read_only=True,
            conditional=True,
            belongs=True,
            about="The project it is part of.",
        ),
        refs("projects", "project", Relation("section", "gid", "project"), about="The same as a list."),
        ref("user_task_list", "user_task_list", hidden=True, belongs=True),
        rank(),
    ),
    steady=True,
    visible=any_of(
        Visible("project", "project"),
        _OWN,
    ),
    deeds=(
        Deed("edit", _as_of_project("edit")),
        Deed("delete", _as_of_project("edit")),
        Deed("fill", _as_of_project("fill"), "You do not have permission to change the tasks of this section."),
    ),
    indexes=(("project", "rank"),),
    about="A group of tasks.",
)
