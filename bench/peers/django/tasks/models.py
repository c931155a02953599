"""The tables, which are there already."""

from django.db import models


def to(kind: str, column: str, **rest: object) -> models.ForeignKey:
    return models.ForeignKey(kind, models.DO_NOTHING, db_column=column, related_name="+", **rest)


def maybe(kind: str, column: str) -> models.ForeignKey:
    return to(kind, column, null=True)


class Named(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    name = models.TextField()

    class Meta:
        abstract = True


class Workspace(Named):
    class Meta:
        managed = False
        db_table = "workspace"


class User(Named):
    class Meta:
        managed = False
        db_table = "user"


class Token(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    user = to("User", "user")
    digest = models.TextField()

    class Meta:
        managed = False
        db_table = "token"


class WorkspaceMembership(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    user = to("User", "user")
    workspace = to("Workspace", "workspace")
    is_guest = models.BooleanField()

    class Meta:
        managed = False
        db_table = "workspace_membership"


class UserTaskList(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    owner = to("User", "owner")
    workspace = to("Workspace", "workspace")

    class Meta:
        managed = False
        db_table = "user_task_list"


class Project(Named):
    owner = maybe("User", "owner")
    privacy_setting = models.TextField()
    workspace = to("Workspace", "workspace")

    class Meta:
        managed = False
        db_table = "project"


class ProjectMember(models.Model):
    pk = models.CompositePrimaryKey("project_id", "user_id")
    project = to("Project", "owner")
    user = to("User", "target")

    class Meta:
        managed = False
        db_table = "project_members"


class Section(Named):
    project = maybe("Project", "project")
    user_task_list = maybe("UserTaskList", "user_task_list")
    rank = models.TextField()

    class Meta:
        managed = False
        db_table = "section"


class Tag(Named):
    workspace = to("Workspace", "workspace")

    class Meta:
        managed = False
        db_table = "tag"


class Task(Named):
    resource_subtype = models.TextField(default="default_task")
    created_by = maybe("User", "created_by")
    assignee = maybe("User", "assignee")
    assignee_section = maybe("Section", "assignee_section")
    assignee_status = models.TextField(default="upcoming")
    assigned_by = maybe("User", "assigned_by")
    completed = models.BooleanField(default=False)
    completed_at = models.BigIntegerField(null=True)
    completed_by = maybe("User", "completed_by")
    created_at = models.BigIntegerField()
    modified_at = models.BigIntegerField()
    due_on = models.TextField(null=True)
    due_at = models.BigIntegerField(null=True)
    start_on = models.TextField(null=True)
    start_at = models.BigIntegerField(null=True)
    notes = models.TextField(default="")
    html_notes = models.TextField(default="")
    parent = maybe("Task", "parent")
    workspace = to("Workspace", "workspace")
    assignee_rank = models.TextField(default="")

    class Meta:
        managed = False
        db_table = "task"


def part(column: str, name: str) -> models.ForeignKey:
    return models.ForeignKey(Task, models.DO_NOTHING, db_column=column, related_name=name)


class Membership(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    task = part("task", "memberships")
    project = to("Project", "project")
    section = to("Section", "section")
    rank = models.TextField()

    class Meta:
        managed = False
        db_table = "membership"


class Like(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    task = part("task", "likes")
    user = to("User", "user")

    class Meta:
        managed = False
        db_table = "task_like"


class Follower(models.Model):
    pk = models.CompositePrimaryKey("task_id", "user_id")
    task = part("owner", "followers")
    user = to("User", "target")
    position = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "task_followers"


class Tagging(models.Model):
    pk = models.CompositePrimaryKey("task_id", "tag_id")
    task = part("owner", "taggings")
    tag = to("Tag", "target")
    position = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "task_tags"


class Story(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    created_at = models.BigIntegerField()
    created_by = maybe("User", "created_by")
    resource_subtype = models.TextField()
    type = models.TextField(default="system")
    text = models.TextField()
    html_text = models.TextField()
    assignee = maybe("User", "assignee")
    project = maybe("Project", "project")
    tag = maybe("Tag", "tag")
    target = part("target", "stories")

    class Meta:
        managed = False
        db_table = "story"


class Event(models.Model):
    gid = models.BigIntegerField(primary_key=True)
    scope = models.BigIntegerField()
    user = maybe("User", "user")
    created_at = models.BigIntegerField()
    type = models.TextField()
    action = models.TextField()
    resource = models.TextField()
    parent = models.TextField(null=True)
    change = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "event"
