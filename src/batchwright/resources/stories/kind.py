"""What a story is: a comment somebody wrote, or the record of a change; which fields it has depends on its subtype."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from batchwright.model.conditions import ME, Compare, Condition, Exists, May, Not, Visible, all_of, any_of, equals
from batchwright.model.fields import (
    Field,
    choice,
    computed,
    flag,
    html,
    json,
    moment,
    ref,
    text,
)
from batchwright.model.kinds import Deed, Kind
from batchwright.steps.likes import like_fields, like_kind

STICKERS = (
    "green_checkmark",
    "people_dancing",
    "dancing_unicorn",
    "heart",
    "party_popper",
    "people_waving_flags",
    "splashing_narwhal",
    "trophy",
    "yeti_riding_unicorn",
    "celebrating_people",
    "determined_climbers",
    "phoenix_spreading_love",
)


def _editable(type: str, author: int | None, me: int) -> bool:
    return type == "comment" and author == me


def _previews(type: str) -> list[Any] | None:
    return [] if type == "comment" else None


def _absent() -> None:
    return None


def _told(make: Callable[..., Field], name: str, *target: str, **marks: Any) -> Field:
    """A field that only the stories of some subtypes have."""
    return make(name, *target, nullable=True, read_only=True, conditional=True, **marks)


def _names(name: str, target: str, about: str) -> Field:
    """One that names what the change was about, which was there when the change was written, and may be gone since."""
    return _told(ref, name, target, loose=True, about=about)


def _later(name: str) -> Field:
    return computed(name, _absent, conditional=True, about="Told by stories of custom fields, of which there are none.")


TEXT = text("text", compact=True, about="What the story says, as plain text.")
HTML_TEXT = html("html_text", "text", "comment", opt_in=True, about="What the story says, as rich text.")
IS_PINNED = flag("is_pinned", deed="pin", about="Whether the comment is pinned to the task.")
STICKER = choice("sticker_name", *STICKERS, nullable=True, about="The sticker of the comment.")

CHANGED = (
    _told(text, "old_name", about="The name before it was changed."),
    _told(text, "new_name", about="The name it was changed to."),
    _told(json, "old_dates", about="The dates before they were changed."),
    _told(json, "new_dates", about="The dates they were changed to."),
    _told(text, "old_resource_subtype", about="The subtype before it was changed."),
    _told(text, "new_resource_subtype", about="The subtype it was changed to."),
    _names("story", "story", about="The story that was liked."),
    _names("assignee", "user", about="Who was made the assignee, or is it no more."),
    _names("follower", "user", about="Who was made a follower."),
    _names("old_section", "section", about="The section the task was moved from."),
    _names("new_section", "section", about="The section the task was moved to."),
    _names("task", "task", about="The other task of the change."),
    _names("project", "project", about="The project of the change."),
    _names("tag", "tag", about="The tag of the change."),
    _told(text, "old_text_value", about="The text before it was changed."),
    _told(text, "new_text_value", about="The text it was changed to."),
    _told(text, "old_approval_status", about="The approval's status before it was changed."),
    _told(text, "new_approval_status", about="The approval's status it was changed to."),
    _names("duplicate_of", "task", about="The task that this one repeats."),
    # Not loose: nothing else of a copy fails when its original goes before the copy is written.
    _told(ref, "duplicated_from", "task", about="The task that this one is a copy of."),
    _names("dependency", "task", about="The task that this one waits for."),
)
LATER = tuple(
    _later(name)
    for name in (
        "custom_field",
        "old_number_value",
        "new_number_value",
        "old_enum_value",
        "new_enum_value",
        "old_date_value",
        "new_date_value",
        "old_people_value",
        "new_people_value",
        "old_multi_enum_values",
        "new_multi_enum_values",
    )
)

# The fields whose objects a story's words name, and the subtypes of the stories that do.
SPOKEN_OF = {
    "project": ("added_to_project", "removed_from_project", "section_changed"),
    "task": ("added_to_task", "removed_from_task", "dependent_added", "dependent_removed"),
    "dependency": ("dependency_added", "dependency_removed"),
    "duplicated_from": ("duplicated",),
}


def _discreet(name: str, target: str) -> Condition:
    """Who may not see what a story names may not see the story; once that is gone, only who made the story did."""
    silent = all_of(*(Compare("resource_subtype", "!=", each) for each in SPOKEN_OF[name]))
    gone = Not(Exists(target, "gid", column=name))
    return any_of(Visible(target, name), all_of(gone, any_of(silent, equals("created_by", ME))))


DISCREET = all_of(*(_discreet(each.name, each.target) for each in CHANGED if each.name in SPOKEN_OF))

STORY = Kind(
    "story",
    "stories",
    (
        moment("created_at", read_only=True, compact=True, about="When it was told."),
        ref("created_by", "user", read_only=True, compact=True, about="Who did it; null when the server did."),
        text("resource_subtype", read_only=True, compact=True, about="What happened, as comment_added or assigned."),
        TEXT,
        choice("type", "comment", "system", read_only=True, compact=True, about="Whether somebody wrote it."),
        HTML_TEXT,
        IS_PINNED,
        STICKER,
        computed(
            "is_editable",
            _editable,
            needs=("type", "created_by", "me"),
            about="Whether the caller may change what it says.",
        ),
        flag("is_edited", read_only=True, about="Whether its text was changed afterwards."),
        *like_fields("story"),
        computed("reaction_summary", list, about="The reactions to it."),
        computed("previews", _previews, needs=("type",), conditional=True, about="Previews of what it links to."),
        *CHANGED,
        *LATER,
        computed("source", lambda: "api", about="Where in the product it came from."),
        ref("target", "task", required=True, read_only=True, about="The task it is about."),
    ),
    visible=all_of(Visible("task", "target"), DISCREET),
    deeds=(
        # What the server says is nobody's to edit, and is refused for being that.
        Deed(
            "edit",
            any_of(equals("created_by", ME), equals("type", "system")),
            "You may only edit comments that you have written.",
        ),
        Deed("delete", equals("created_by", ME), "You may only delete stories that you have created."),
        Deed("pin", May("task", "target", "edit")),
        Deed("like", all_of()),
    ),
    indexes=(("target", "gid"),),
    about="Something that was said about a task, or that happened to it.",
)
STORY_LIKE = like_kind("story")
