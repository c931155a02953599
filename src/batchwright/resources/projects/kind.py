"""What a project is: its fields, and who may see it."""

from __future__ import annotations

from dataclasses import replace

from batchwright.model.colors import COLORS
from batchwright.model.conditions import ME, Exists, all_of, any_of, equals
from batchwright.model.fields import Field, choice, computed, date, flag, html, json, moment, ref, refs, text
from batchwright.model.kinds import Kind
from batchwright.resources.projects.levels import DEEDS, LEVELS
from batchwright.steps.people import employed

ICONS = (
    *("list", "board", "timeline", "calendar", "rocket", "people", "graph", "star"),
    *("bug", "light_bulb", "globe", "gear", "notebook", "computer", "check", "target"),
    *("html", "megaphone", "chat_bubbles", "briefcase", "page_layout", "mountain_flag", "puzzle", "presentation"),
    *("line_and_symbols", "speed_dial", "ribbon", "shoe", "shopping_basket", "map", "ticket", "coins"),
)
PUBLIC = "public_to_workspace"
TEAM_ONLY = "private_to_team"
PRIVATE = "private"


PROJECT = Kind(
    "project",
    "projects",
    (
        text("name", compact=True, about="The name."),
        flag("archived", about="Whether it is put away; everything in it stays as it is."),
        choice("color", *COLORS, "none", nullable=True, about="The colour it is shown in."),
        choice("icon", *ICONS, nullable=True, default="list", about="The icon it is shown with."),
        moment("created_at", read_only=True, about="When it was made."),
        computed("current_status", lambda: None, about="The latest status, in the old form."),
        computed("current_status_update", lambda: None, about="The latest status."),
        computed("custom_field_settings", list, about="The custom fields that its tasks have."),
        choice("default_view", "list", "board", "calendar", "timeline", about="How it opens."),
        computed("due_date", lambda day: day, needs=("due_on",), about="The older name of due_on."),
        date("due_on", about="The day it is due."),
        html("html_notes", "notes", "task", opt_in=True, about="Its description as rich text."),
        refs("members", "user", read_only=True, about="Who shares it."),
        moment("modified_at", read_only=True, about="When it was last changed, its tasks not counted."),
        text("notes", about="Its description as plain text."),
        computed(
            "public",
            lambda setting: setting == PUBLIC,
            needs=("privacy_setting",),
            about="Whether everybody of the workspace sees it; follows privacy_setting and sets it.",
        ),
        choice("privacy_setting", PUBLIC, TEAM_ONLY, PRIVATE, deed="share", about="Who sees it beside its members."),
        date("start_on", about="The day work begins, which is before due_on."),
        *LEVELS,
        computed("custom_fields", list, about="The values of its own custom fields."),
        flag("completed", read_only=True, about="Whether it is complete."),
        moment("completed_at", read_only=True, about="When it was completed."),
        ref("completed_by", "user", read_only=True, loose=True, about="Who completed it."),
        refs("followers", "user", create_only=True, about="The members who are told of new tasks."),
        ref("owner", "user", deed="administer", about="Who is responsible for it."),
        ref("team", "team", deed="share", asks="fill", about="The team it is shared with."),
        computed(
            "permalink_url",
            lambda base, workspace, gid: f"{base}/1/{workspace}/project/{gid}",
            needs=("base", "workspace", "gid"),
            about="Where people look at it.",
        ),
        computed("project_brief", lambda: None, opt_in=True, about="Its brief."),
        computed("created_from_template", lambda: None, opt_in=True, about="The template it was made from."),
        ref("workspace", "workspace", create_only=True, required=True, about="The workspace it belongs to for good."),
    ),
    steady=True,
    visible=any_of(
        equals("owner", ME),
        Exists("project_members", "owner", equals("target", ME)),
        all_of(equals("privacy_setting", PUBLIC), employed("workspace")),
        all_of(
            equals("privacy_setting", TEAM_ONLY), Exists("team_membership", "team", equals("user", ME), column="team")
        ),
    ),
    deeds=DEEDS,
    searched=("name",),
    indexes=(("workspace", "gid"), ("workspace", "modified_at"), ("workspace", "created_at")),
    about="A list of tasks in sections, shared with people.",
)


def _written(each: Field) -> Field:
    """A field as a body may give it, where the record's own is computed or required."""
    if each.name == "due_date":
        return date("due_date", about=each.about)
    if each.name == "public":
        return flag("public", deed="share", about=each.about)
    if each.name == "custom_fields":
        return json("custom_fields", about=each.about)
    return replace(each, required=False)


BODY = tuple(_written(each) for each in PROJECT.fields if not each.hidden)
