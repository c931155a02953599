"""Reading and creating a task."""

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.http import HttpRequest, HttpResponse, JsonResponse

from tasks.models import (
    Event,
    Follower,
    Like,
    Membership,
    Project,
    ProjectMember,
    Section,
    Story,
    Tag,
    Tagging,
    Task,
    Token,
    User,
    WorkspaceMembership,
)

KINDS = ("project", "section")
ADDED = "added this task to"
IDS = itertools.count(time.time_ns())
Made = dict[int, Any]


class Refused(Exception):
    """What was asked for can't be done."""


def identified(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    @wraps(view)
    def wrapped(request: HttpRequest, **rest: Any) -> HttpResponse:
        token = request.META.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
        digest = hashlib.sha256(token.encode()).hexdigest()
        me = Token.objects.filter(digest=digest).values_list("user_id", flat=True).first()
        if me is None:
            return JsonResponse({"errors": []}, status=401)
        return view(request, me, **rest)

    return wrapped


def visible_projects(me: int) -> Any:
    member = ProjectMember.objects.filter(project=OuterRef("gid"), user=me)
    employee = WorkspaceMembership.objects.filter(workspace=OuterRef("workspace"), user=me, is_guest=False)
    public = Q(privacy_setting="public_to_workspace") & Exists(employee)
    return Project.objects.filter(Q(owner=me) | Exists(member) | public)


def full_tasks(me: int) -> Any:
    placed = Membership.objects.filter(task=OuterRef("gid")).filter(
        Exists(visible_projects(me).filter(gid=OuterRef("project")))
    )
    follows = Follower.objects.filter(task=OuterRef("gid"), user=me)
    seen = Membership.objects.filter(Exists(visible_projects(me).filter(gid=OuterRef("project"))))
    return (
        Task.objects.filter(Q(assignee=me) | Exists(follows) | Exists(placed))
        .select_related("assignee", "assignee_section", "completed_by", "parent", "workspace")
        .prefetch_related(
            Prefetch("memberships", seen.select_related("project", "section").order_by("gid")),
            Prefetch("likes", Like.objects.select_related("user").order_by("gid")),
            Prefetch("followers", Follower.objects.select_related("user").order_by("position")),
            Prefetch("taggings", Tagging.objects.select_related("tag").order_by("position")),
        )
    )


def moment(ms: int | None) -> str | None:
    if ms is None:
        return None
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03}Z"


def compact(kind: str, row: Any) -> dict[str, Any] | None:
    return row and {"gid": str(row.gid), "resource_type": kind, "name": row.name}


def parent_of(task: Task) -> dict[str, Any] | None:
    return task.parent and {**compact("task", task.parent), "resource_subtype": task.parent.resource_subtype}


def record(task: Task, me: int, base: str) -> dict[str, Any]:
    likes = [{"user": compact("user", like.user)} for like in task.likes.all()]
    liked = any(like.user_id == me for like in task.likes.all())
    memberships = [
        {"project": compact("project", each.project), "section": compact("section", each.section)}
        for each in task.memberships.all()
    ]
    section = {"assignee_section": compact("section", task.assignee_section)} if task.assignee_id == me else {}
    return {
        "gid": str(task.gid),
        "resource_type": "task",
        "name": task.name,
        "resource_subtype": task.resource_subtype,
        "actual_time_minutes": None,
        "assignee": compact("user", task.assignee),
        **section,
        "assignee_status": task.assignee_status,
        "completed": task.completed,
        "completed_at": moment(task.completed_at),
        "completed_by": compact("user", task.completed_by),
        "created_at": moment(task.created_at),
        "modified_at": moment(task.modified_at),
        "custom_fields": [],
        "custom_type": None,
        "custom_type_status_option": None,
        "due_on": task.due_on,
        "due_at": moment(task.due_at),
        "start_on": task.start_on,
        "start_at": moment(task.start_at),
        "notes": task.notes,
        "liked": liked,
        "likes": likes,
        "num_likes": len(likes),
        "hearted": liked,
        "hearts": likes,
        "num_hearts": len(likes),
        "followers": [compact("user", each.user) for each in task.followers.all()],
        "parent": parent_of(task),
        "memberships": memberships,
        "projects": [each["project"] for each in memberships],
        "tags": [compact("tag", each.tag) for each in task.taggings.all()],
        "workspace": compact("workspace", task.workspace),
        "permalink_url": f"{base}/1/{task.workspace_id}/task/{task.gid}",
    }


def shown(request: HttpRequest, gid: int, me: int, status: int) -> HttpResponse:
    task = full_tasks(me).filter(gid=gid).first()
    if task is None:
        return JsonResponse({"errors": []}, status=404)
    return JsonResponse({"data": record(task, me, f"http://{request.META['HTTP_HOST']}")}, status=status)


@identified
def get_task(request: HttpRequest, me: int, gid: int) -> HttpResponse:
    return shown(request, gid, me, 200)


@identified
def create_task(request: HttpRequest, me: int) -> HttpResponse:
    try:
        gid = create(json.loads(request.body)["data"], me)
    except Refused:
        return JsonResponse({"errors": []}, status=400)
    return shown(request, gid, me, 201)


@transaction.atomic
def create(data: dict[str, Any], me: int) -> int:
    places = [(int(each["project"]), int(each["section"])) for each in data["memberships"]]
    projects = named(visible_projects(me), (project for project, _ in places))
    sections = named(Section.objects, (section for _, section in places))
    tags = named(Tag.objects, map(int, data["tags"]))
    assignee = int(data["assignee"])
    followers = list(dict.fromkeys((me, assignee, *map(int, data["followers"]))))
    users = named(User.objects, followers)
    workspace = projects[places[0][0]].workspace_id
    joined = WorkspaceMembership.objects.filter(workspace=workspace, user__in=followers)
    if set(joined.values_list("user_id", flat=True)) != set(followers):
        raise Refused
    if any(sections[section].project_id != project for project, section in places):
        raise Refused
    if any(each.workspace_id != workspace for each in (*projects.values(), *tags.values())):
        raise Refused
    first = Section.objects.filter(user_task_list__owner=assignee, user_task_list__workspace=workspace)
    gid, now = next(IDS), time.time_ns() // 1_000_000
    Task.objects.create(
        gid=gid,
        name=data["name"],
        notes=data["notes"],
        html_notes=f"<body>{data['notes']}</body>",
        due_on=data["due_on"],
        assignee_id=assignee,
        assignee_section_id=first.order_by("rank").values_list("gid", flat=True).first(),
        assignee_status="inbox",
        assigned_by_id=me,
        assignee_rank=f"c{gid}",
        created_by_id=me,
        created_at=now,
        modified_at=now,
        workspace_id=workspace,
    )
    Membership.objects.bulk_create(
        Membership(gid=next(IDS), task_id=gid, project_id=project, section_id=section, rank=f"m{gid}")
        for project, section in places
    )
    Follower.objects.bulk_create(Follower(task_id=gid, user_id=each, position=next(IDS)) for each in followers)
    Tagging.objects.bulk_create(Tagging(task_id=gid, tag_id=each, position=next(IDS)) for each in tags)
    if data.get("liked"):
        Like.objects.create(gid=next(IDS), task_id=gid, user_id=me)
    stories = told(gid, now, me, users, projects, tags, assignee)
    Story.objects.bulk_create(stories)
    Event.objects.bulk_create(events(gid, now, me, places, stories))
    return gid


def named(rows: Any, gids: Iterable[int]) -> Made:
    wanted = list(gids)
    found = {row.gid: row for row in rows.filter(gid__in=wanted)}
    if found.keys() != set(wanted):
        raise Refused
    return {gid: found[gid] for gid in wanted}


def told(gid: int, now: int, me: int, users: Made, projects: Made, tags: Made, assignee: int) -> list[Story]:
    who = users[me].name

    def story(subtype: str, text: str, **about: int) -> Story:
        return Story(
            gid=next(IDS),
            created_at=now,
            created_by_id=me,
            resource_subtype=subtype,
            text=text,
            html_text=f"<body>{text}</body>",
            target_id=gid,
            **about,
        )

    return [
        *(story("added_to_project", f"{who} {ADDED} {row.name}", project_id=each) for each, row in projects.items()),
        story("assigned", f"{who} assigned to {users[assignee].name}", assignee_id=assignee),
        *(story("added_to_tag", f"{who} {ADDED} {row.name}", tag_id=each) for each, row in tags.items()),
    ]


def events(gid: int, now: int, me: int, places: list[tuple[int, int]], stories: list[Story]) -> list[Event]:
    def stub(kind: str, which: int) -> dict[str, str]:
        return {"gid": str(which), "resource_type": kind}

    task, text = stub("task", gid), lambda value: value and json.dumps(value)
    liked = {"field": "likes", "action": "added", "added_value": stub("user", me)}
    made = [
        *(
            ("task", "added", task, stub(kind, each), None)
            for pair in places
            for kind, each in zip(KINDS, pair, strict=True)
        ),
        ("task", "changed", task, None, liked),
        *(("story", "added", stub("story", each.gid), task, None) for each in stories),
    ]
    return [
        Event(
            gid=next(IDS),
            scope=scope,
            user_id=me,
            created_at=now,
            type=kind,
            action=action,
            resource=text(resource),
            parent=text(parent),
            change=text(change),
        )
        for kind, action, resource, parent, change in made
        for scope, _ in places
    ]
