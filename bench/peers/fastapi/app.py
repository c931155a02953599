"""Tasks as one would write them today with FastAPI and SQLAlchemy; DATABASE names the SQLite file."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any

import httpx
import orjson
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from sqlalchemy import ForeignKey, and_, event, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload

ENGINE = create_async_engine(
    f"sqlite+aiosqlite:///{os.environ['DATABASE']}", connect_args={"timeout": 30}, pool_size=10, max_overflow=0
)
SESSIONS = async_sessionmaker(ENGINE, expire_on_commit=False)
KINDS = ("project", "section")
IDS = itertools.count(time.time_ns())
WRITING = asyncio.Lock()  # SQLite has one writer, and those who wait for it inside SQLite sleep too long


@event.listens_for(ENGINE.sync_engine, "connect")
def pragmas(connection: Any, record: Any) -> None:
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


class Base(DeclarativeBase):
    pass


class Workspace(Base):
    __tablename__ = "workspace"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "user"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Token(Base):
    __tablename__ = "token"
    gid: Mapped[int] = mapped_column(primary_key=True)
    user_gid: Mapped[int] = mapped_column("user", ForeignKey("user.gid"))
    digest: Mapped[str]


class WorkspaceMembership(Base):
    __tablename__ = "workspace_membership"
    gid: Mapped[int] = mapped_column(primary_key=True)
    user_gid: Mapped[int] = mapped_column("user", ForeignKey("user.gid"))
    workspace_gid: Mapped[int] = mapped_column("workspace", ForeignKey("workspace.gid"))
    is_guest: Mapped[bool]


class UserTaskList(Base):
    __tablename__ = "user_task_list"
    gid: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[int]
    workspace_gid: Mapped[int] = mapped_column("workspace", ForeignKey("workspace.gid"))


class ProjectMember(Base):
    __tablename__ = "project_members"
    owner: Mapped[int] = mapped_column(ForeignKey("project.gid"), primary_key=True)
    target: Mapped[int] = mapped_column(ForeignKey("user.gid"), primary_key=True)


class Project(Base):
    __tablename__ = "project"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner: Mapped[int | None]
    privacy_setting: Mapped[str]
    workspace_gid: Mapped[int] = mapped_column("workspace", ForeignKey("workspace.gid"))


class Section(Base):
    __tablename__ = "section"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    project_gid: Mapped[int | None] = mapped_column("project", ForeignKey("project.gid"))
    user_task_list: Mapped[int | None] = mapped_column(ForeignKey("user_task_list.gid"))
    rank: Mapped[str]


class Tag(Base):
    __tablename__ = "tag"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    workspace_gid: Mapped[int] = mapped_column("workspace", ForeignKey("workspace.gid"))


class Membership(Base):
    __tablename__ = "membership"
    gid: Mapped[int] = mapped_column(primary_key=True)
    task_gid: Mapped[int] = mapped_column("task", ForeignKey("task.gid"))
    project_gid: Mapped[int] = mapped_column("project", ForeignKey("project.gid"))
    section_gid: Mapped[int] = mapped_column("section", ForeignKey("section.gid"))
    rank: Mapped[str]
    project: Mapped[Project] = relationship()
    section: Mapped[Section] = relationship()


class TaskLike(Base):
    __tablename__ = "task_like"
    gid: Mapped[int] = mapped_column(primary_key=True)
    task_gid: Mapped[int] = mapped_column("task", ForeignKey("task.gid"))
    user_gid: Mapped[int] = mapped_column("user", ForeignKey("user.gid"))
    user: Mapped[User] = relationship()


class Follower(Base):
    __tablename__ = "task_followers"
    owner: Mapped[int] = mapped_column(ForeignKey("task.gid"), primary_key=True)
    target: Mapped[int] = mapped_column(ForeignKey("user.gid"), primary_key=True)
    position: Mapped[int]
    user: Mapped[User] = relationship()


class Tagging(Base):
    __tablename__ = "task_tags"
    owner: Mapped[int] = mapped_column(ForeignKey("task.gid"), primary_key=True)
    target: Mapped[int] = mapped_column(ForeignKey("tag.gid"), primary_key=True)
    position: Mapped[int]
    tag: Mapped[Tag] = relationship()


class Story(Base):
    __tablename__ = "story"
    gid: Mapped[int] = mapped_column(primary_key=True)
    created_at: Mapped[int]
    created_by: Mapped[int | None]
    resource_subtype: Mapped[str]
    type: Mapped[str]
    text: Mapped[str]
    html_text: Mapped[str]
    assignee: Mapped[int | None]
    project: Mapped[int | None]
    tag: Mapped[int | None]
    target: Mapped[int] = mapped_column(ForeignKey("task.gid"))


class Event(Base):
    __tablename__ = "event"
    gid: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[int]
    user: Mapped[int | None]
    created_at: Mapped[int]
    type: Mapped[str]
    action: Mapped[str]
    resource: Mapped[str]
    parent: Mapped[str | None]
    change: Mapped[str | None]


class Task(Base):
    __tablename__ = "task"
    gid: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    resource_subtype: Mapped[str] = mapped_column(default="default_task")
    created_by: Mapped[int | None]
    assignee_gid: Mapped[int | None] = mapped_column("assignee", ForeignKey("user.gid"))
    assignee_section_gid: Mapped[int | None] = mapped_column("assignee_section", ForeignKey("section.gid"))
    assignee_status: Mapped[str] = mapped_column(default="upcoming")
    assigned_by: Mapped[int | None]
    completed: Mapped[bool] = mapped_column(default=False)
    completed_at: Mapped[int | None]
    completed_by_gid: Mapped[int | None] = mapped_column("completed_by", ForeignKey("user.gid"))
    created_at: Mapped[int]
    modified_at: Mapped[int]
    due_on: Mapped[str | None]
    due_at: Mapped[int | None]
    start_on: Mapped[str | None]
    start_at: Mapped[int | None]
    notes: Mapped[str] = mapped_column(default="")
    html_notes: Mapped[str] = mapped_column(default="")
    parent_gid: Mapped[int | None] = mapped_column("parent", ForeignKey("task.gid"))
    workspace_gid: Mapped[int] = mapped_column("workspace", ForeignKey("workspace.gid"))
    assignee_rank: Mapped[str] = mapped_column(default="")
    assignee: Mapped[User | None] = relationship(foreign_keys=assignee_gid)
    assignee_section: Mapped[Section | None] = relationship()
    completed_by: Mapped[User | None] = relationship(foreign_keys=completed_by_gid)
    parent: Mapped[Task | None] = relationship(remote_side=gid)
    workspace: Mapped[Workspace] = relationship()
    memberships: Mapped[list[Membership]] = relationship(order_by=Membership.gid)
    likes: Mapped[list[TaskLike]] = relationship(order_by=TaskLike.gid)
    followers: Mapped[list[Follower]] = relationship(order_by=Follower.position)
    taggings: Mapped[list[Tagging]] = relationship(order_by=Tagging.position)


def visible_project(me: int) -> Any:
    member = select(ProjectMember.owner).where(ProjectMember.owner == Project.gid, ProjectMember.target == me).exists()
    employee = select(WorkspaceMembership.gid).where(
        WorkspaceMembership.workspace_gid == Project.workspace_gid,
        WorkspaceMembership.user_gid == me,
        WorkspaceMembership.is_guest.is_(False),
    )
    public = and_(Project.privacy_setting == "public_to_workspace", employee.exists())
    return or_(Project.owner == me, member, public)


def visible_task(me: int) -> Any:
    follows = select(Follower.owner).where(Follower.owner == Task.gid, Follower.target == me).exists()
    placed = select(Membership.gid).join(Project).where(Membership.task_gid == Task.gid, visible_project(me)).exists()
    return or_(Task.assignee_gid == me, follows, placed)


def full_task(me: int) -> Any:
    seen = select(Project.gid).where(Project.gid == Membership.project_gid, visible_project(me)).exists()
    memberships = selectinload(Task.memberships.and_(seen))
    return (
        joinedload(Task.assignee),
        joinedload(Task.assignee_section),
        joinedload(Task.completed_by),
        joinedload(Task.parent),
        joinedload(Task.workspace),
        memberships.joinedload(Membership.project),
        memberships.joinedload(Membership.section),
        selectinload(Task.likes).joinedload(TaskLike.user),
        selectinload(Task.followers).joinedload(Follower.user),
        selectinload(Task.taggings).joinedload(Tagging.tag),
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
    likes = [{"user": compact("user", like.user)} for like in task.likes]
    liked = any(like.user_gid == me for like in task.likes)
    memberships = [
        {"project": compact("project", each.project), "section": compact("section", each.section)}
        for each in task.memberships
    ]
    section = {"assignee_section": compact("section", task.assignee_section)} if task.assignee_gid == me else {}
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
        "followers": [compact("user", each.user) for each in task.followers],
        "parent": parent_of(task),
        "memberships": memberships,
        "projects": [each["project"] for each in memberships],
        "tags": [compact("tag", each.tag) for each in task.taggings],
        "workspace": compact("workspace", task.workspace),
        "permalink_url": f"{base}/1/{task.workspace_gid}/task/{task.gid}",
    }


async def session() -> AsyncIterator[AsyncSession]:
    async with SESSIONS() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def caller(request: Request, db: Session) -> int:
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    found = await db.scalar(select(Token.user_gid).where(Token.digest == hashlib.sha256(token.encode()).hexdigest()))
    if found is None:
        raise HTTPException(401)
    return found


Caller = Annotated[int, Depends(caller)]


async def shown(db: AsyncSession, gid: int, me: int, base: str) -> dict[str, Any]:
    task = await db.scalar(select(Task).where(Task.gid == gid, visible_task(me)).options(*full_task(me)))
    if task is None:
        raise HTTPException(404)
    return {"data": record(task, me, base)}


def answer(data: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(data), status, media_type="application/json")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        app.state.client = client
        yield
    await ENGINE.dispose()


app = FastAPI(lifespan=lifespan)


@app.get("/api/1.0/tasks/{gid}")
async def get_task(gid: int, request: Request, me: Caller, db: Session) -> Response:
    return answer(await shown(db, gid, me, str(request.base_url).rstrip("/")))


@app.post("/api/1.0/tasks")
async def create_task(request: Request, me: Caller, db: Session) -> Response:
    data = orjson.loads(await request.body())["data"]
    gid = await create(db, data, me)
    return answer(await shown(db, gid, me, str(request.base_url).rstrip("/")), 201)


async def create(db: AsyncSession, data: dict[str, Any], me: int) -> int:
    places = [(int(each["project"]), int(each["section"])) for each in data["memberships"]]
    projects = await named(db, Project, [project for project, _ in places], visible_project(me))
    sections = await named(db, Section, [section for _, section in places])
    tags = await named(db, Tag, map(int, data["tags"]))
    assignee = int(data["assignee"])
    followers = list(dict.fromkeys((me, assignee, *map(int, data["followers"]))))
    users = await named(db, User, followers)
    workspace = projects[places[0][0]].workspace_gid
    joined = select(WorkspaceMembership.user_gid).where(
        WorkspaceMembership.workspace_gid == workspace, WorkspaceMembership.user_gid.in_(followers)
    )
    if set(await db.scalars(joined)) != set(followers):
        raise HTTPException(400)
    if any(sections[section].project_gid != project for project, section in places):
        raise HTTPException(400)
    if any(each.workspace_gid != workspace for each in (*projects.values(), *tags.values())):
        raise HTTPException(400)
    first = select(Section.gid).join(UserTaskList, UserTaskList.gid == Section.user_task_list)
    first = first.where(UserTaskList.owner == assignee, UserTaskList.workspace_gid == workspace)
    own_section = await db.scalar(first.order_by(Section.rank).limit(1))
    gid, now = next(IDS), time.time_ns() // 1_000_000
    async with WRITING:
        db.add(
            Task(
                gid=gid,
                name=data["name"],
                notes=data["notes"],
                html_notes=f"<body>{data['notes']}</body>",
                due_on=data["due_on"],
                assignee_gid=assignee,
                assignee_section_gid=own_section,
                assignee_status="inbox",
                assigned_by=me,
                assignee_rank=f"c{gid}",
                created_by=me,
                created_at=now,
                modified_at=now,
                workspace_gid=workspace,
            )
        )
        await db.flush()
        for project, section in places:
            db.add(Membership(gid=next(IDS), task_gid=gid, project_gid=project, section_gid=section, rank=f"m{gid}"))
        db.add_all(Follower(owner=gid, target=each, position=next(IDS)) for each in followers)
        db.add_all(Tagging(owner=gid, target=each, position=next(IDS)) for each in tags)
        if data.get("liked"):
            db.add(TaskLike(gid=next(IDS), task_gid=gid, user_gid=me))
        stories = told(gid, now, me, users, projects, tags, assignee)
        await db.execute(insert(Story), stories)
        await db.execute(insert(Event), events(gid, now, me, places, stories))
        await db.commit()
    return gid


async def named(db: AsyncSession, kind: Any, gids: Any, *rules: Any) -> dict[int, Any]:
    wanted = list(gids)
    rows = await db.scalars(select(kind).where(kind.gid.in_(wanted), *rules))
    found = {row.gid: row for row in rows}
    if found.keys() != set(wanted):
        raise HTTPException(400)
    return {gid: found[gid] for gid in wanted}


def told(
    gid: int, now: int, me: int, users: dict[int, Any], projects: dict[int, Any], tags: dict[int, Any], assignee: int
) -> list[dict[str, Any]]:
    who = users[me].name

    def story(subtype: str, text: str, **about: int) -> dict[str, Any]:
        return {
            "gid": next(IDS),
            "created_at": now,
            "created_by": me,
            "resource_subtype": subtype,
            "type": "system",
            "text": text,
            "html_text": f"<body>{text}</body>",
            "assignee": about.get("assignee"),
            "project": about.get("project"),
            "tag": about.get("tag"),
            "target": gid,
        }

    return [
        *(story("added_to_project", f"{who} added this task to {row.name}", project=p) for p, row in projects.items()),
        story("assigned", f"{who} assigned to {users[assignee].name}", assignee=assignee),
        *(story("added_to_tag", f"{who} added this task to {row.name}", tag=tag) for tag, row in tags.items()),
    ]


def events(
    gid: int, now: int, me: int, places: list[tuple[int, int]], stories: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    def stub(kind: str, which: int) -> dict[str, str]:
        return {"gid": str(which), "resource_type": kind}

    task, text = stub("task", gid), lambda value: value and orjson.dumps(value).decode()
    liked = {"field": "likes", "action": "added", "added_value": stub("user", me)}
    made = [
        *(
            ("task", "added", task, stub(kind, each), None)
            for pair in places
            for kind, each in zip(KINDS, pair, strict=True)
        ),
        ("task", "changed", task, None, liked),
        *(("story", "added", stub("story", each["gid"]), task, None) for each in stories),
    ]
    return [
        {
            "gid": next(IDS),
            "scope": scope,
            "user": me,
            "created_at": now,
            "type": kind,
            "action": action,
            "resource": text(resource),
            "parent": text(parent),
            "change": text(change),
        }
        for kind, action, resource, parent, change in made
        for scope, _ in places
    ]


@app.post("/api/1.0/batch")
async def batch(request: Request) -> Response:
    base = str(request.base_url).rstrip("/")
    headers = {"authorization": request.headers["authorization"]}

    async def act(action: dict[str, Any]) -> dict[str, Any]:
        body = {"json": {"data": action["data"]}} if "data" in action else {}
        url = f"{base}/api/1.0{action['relative_path']}"
        reply = await request.app.state.client.request(action["method"].upper(), url, headers=headers, **body)
        return {"body": reply.json(), "headers": {}, "status_code": reply.status_code}

    actions = orjson.loads(await request.body())["data"]["actions"]
    return answer({"data": await asyncio.gather(*map(act, actions))})
