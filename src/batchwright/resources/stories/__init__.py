"""Stories: what people said about a task, and what happened to it."""

from __future__ import annotations

from typing import Any

from batchwright.model import richtext
from batchwright.model.calls import Call
from batchwright.model.changes import Change
from batchwright.model.conditions import Reading, equals
from batchwright.model.problems import missing, only_one, unwritable
from batchwright.model.views import View
from batchwright.resources.stories.kind import DISCREET, HTML_TEXT, IS_PINNED, STICKER, STORY, STORY_LIKE, TEXT
from batchwright.shapes import creating, deleting, getting, listing, updating
from batchwright.steps.likes import like
from batchwright.steps.writing import link_all

COMMENT = (TEXT, HTML_TEXT, IS_PINNED, STICKER)
TEXTS = frozenset(("text", "html_text"))
SAID = TEXTS | {"sticker_name"}  # what makes up a comment, and is its author's to change


async def _comment(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """Who comments follows the task from then on, and so does who is mentioned and belongs to its workspace."""
    _once(call)
    if not values.get("text") and not values.get("sticker_name"):
        raise missing("text")
    values.pop("task")  # the path's, which is not the task that the story tells of
    task, me = call.at["task"], call.caller.user
    values |= {"target": task, "resource_subtype": "comment_added", "type": "comment"}
    mentioned = richtext.stored(values["html_text"]).mentions if "html_text" in values else ()
    home = await view.value("task", task, "workspace")
    places = await view.fetch(Reading("workspace_membership", "user", ("workspace",)), mentioned)
    people = (user for user, rows in places.items() if (home,) in rows)
    return link_all(view.kinds["task"], "followers", task, dict.fromkeys((me, *people)))


async def _edit(call: Call, view: View, gid: int, values: dict[str, Any]) -> tuple[Change, ...]:
    """What a comment says is changed, or whether it is pinned or liked."""
    _once(call)
    row = await view.row("story", gid, "type", "text")
    for name in call.data if row["type"] != "comment" else ():
        if name in SAID or name == "is_pinned":
            raise unwritable(name)
    if TEXTS & call.data.keys() and not values["text"]:
        raise missing("text")
    if values.get("text", row["text"]) != row["text"]:
        values["is_edited"] = True
    return await like(call, view, "story", gid)


def _once(call: Call) -> None:
    if call.data.keys() >= TEXTS:
        raise only_one("text", "html_text")


KINDS = (STORY, STORY_LIKE)
OPERATIONS = (
    getting(STORY, "getStory", tag="Stories", scope="stories:read", about="One story."),
    updating(
        STORY,
        "updateStory",
        body=(*COMMENT, STORY.by_name["liked"]),
        prepare=_edit,
        tag="Stories",
        scope="stories:write",
        about="Changes what a comment of the caller's own says, pins a comment, or likes a story.",
    ),
    deleting(
        STORY,
        "deleteStory",
        tag="Stories",
        scope="stories:delete",
        about="Deletes a story that the caller has created.",
    ),
    listing(
        STORY,
        "getStoriesForTask",
        "/tasks/{task_gid}/stories",
        where=lambda call: (equals("target", call.at["task"]), DISCREET),
        visible=False,
        tag="Stories",
        scope="stories:read",
        about="The comments on a task and the records of its changes, oldest first.",
    ),
    creating(
        STORY,
        "createStoryForTask",
        "/tasks/{task_gid}/stories",
        body=COMMENT,
        prepare=_comment,
        deed="comment",
        tag="Stories",
        scope="stories:write",
        about="Comments on a task, in plain or rich text.",
    ),
)
