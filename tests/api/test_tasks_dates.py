"""When tasks begin and are due, and whether they are done."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.making import a_task
from tests.world import World

DATES = ("due_on", "due_at", "start_on", "start_at")
NOON, EVENING = "2027-03-04T12:00:00.000Z", "2027-03-04T18:00:00.000Z"


def dates(task: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(task[name] for name in DATES)


async def test_a_due_time_has_a_due_day(world: World) -> None:
    """Facts, section 12."""
    task = await a_task(world.ann, world, due_at="2027-03-04T13:00:00+01:00")
    assert dates(task) == ("2027-03-04", NOON, None, None)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ({"due_at": NOON}, {"due_on": "2027-03-05"}, ("2027-03-05", None, None, None)),
        ({"due_on": "2027-03-05"}, {"due_at": NOON}, ("2027-03-04", NOON, None, None)),
        ({"due_on": "2027-03-05"}, {"due_at": NOON, "due_on": None}, ("2027-03-04", NOON, None, None)),
        ({"due_at": NOON}, {"due_on": None}, (None, None, None, None)),
        ({"due_at": NOON}, {"due_at": None}, (None, None, None, None)),
        ({"due_on": "2027-03-05"}, {"due_at": None}, ("2027-03-05", None, None, None)),
        (
            {"due_on": "2027-03-05"},
            {"start_on": "2027-03-01", "due_on": "2027-03-06"},
            ("2027-03-06", None, "2027-03-01", None),
        ),
        ({}, {"start_at": NOON, "due_at": EVENING}, ("2027-03-04", EVENING, "2027-03-04", NOON)),
        ({}, {"start_on": "2027-03-01", "due_at": NOON}, ("2027-03-04", NOON, "2027-03-01", None)),
        ({"start_on": "2027-03-01", "due_on": "2027-03-05"}, {"due_on": None}, (None, None, None, None)),
        (
            {"start_on": "2027-03-01", "due_on": "2027-03-05"},
            {"start_on": None, "due_on": "2027-03-05"},
            ("2027-03-05", None, None, None),
        ),
        (
            {"start_at": NOON, "due_at": EVENING},
            {"due_on": "2027-03-07"},
            ("2027-03-07", None, "2027-03-04", None),
        ),
    ],
)
async def test_dates_go_together(
    world: World, before: dict[str, str], change: dict[str, Any], after: tuple[Any, ...]
) -> None:
    task = await a_task(world.ann, world, **before)
    answer = await world.ann.put(f"/tasks/{task['gid']}", change)
    assert answer.status == 200, answer.body
    assert dates(answer.data) == after


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"due_on": "2027-03-04", "due_at": NOON}, "You may only provide one of due_on or due_at!"),
        (
            {"due_at": NOON, "start_on": "2027-03-01", "start_at": NOON},
            "You may only provide one of start_on or start_at!",
        ),
        (
            {"start_on": "2027-03-01"},
            "start_on: You must also provide due_on or due_at when setting or unsetting start_on",
        ),
        ({"start_on": None}, "start_on: You must also provide due_on or due_at when setting or unsetting start_on"),
        (
            {"start_at": NOON, "due_on": "2027-03-09"},
            "start_at: You must also provide due_at when setting or unsetting start_at",
        ),
        ({"start_on": "2027-03-05", "due_on": "2027-03-04"}, "start_on: The start date must be before the due date"),
        ({"start_at": EVENING, "due_at": NOON}, "start_at: The start date must be before the due date"),
        ({"start_on": "2027-03-05", "due_on": None}, "start_on: A task with a start date needs a due date"),
        ({"due_on": "2027-02-20"}, "due_on: The start date must be before the due date"),
        ({"due_on": "tomorrow"}, "due_on: Date must be in ISO-8601 (yyyy-mm-dd) format, not: tomorrow"),
        ({"due_on": "2027-02-30"}, "due_on: Date must be in ISO-8601 (yyyy-mm-dd) format, not: 2027-02-30"),
        ({"due_at": "soon"}, "due_at: Date-time must be in ISO-8601 format, not: soon"),
        ({"resource_subtype": "milestone"}, "resource_subtype: A milestone cannot have a start date"),
    ],
)
async def test_dates_that_do_not_go_together_change_nothing(world: World, change: dict[str, Any], message: str) -> None:
    task = await a_task(world.ann, world, start_on="2027-03-01", due_on="2027-03-03")
    answer = await world.ann.put(f"/tasks/{task['gid']}", change)
    assert (answer.status, answer.message) == (400, message)
    assert (await world.ann.get(f"/tasks/{task['gid']}")).data == task


async def test_a_milestone_has_no_start(world: World) -> None:
    """TaskCompact, resource_subtype."""
    values = {"resource_subtype": "milestone", "start_on": "2027-03-01", "due_on": "2027-03-03"}
    answer = await world.ann.post("/tasks", {"workspace": world.workspace, **values})
    assert (answer.status, answer.message) == (400, "start_on: A milestone cannot have a start date")
    task = await a_task(world.ann, world, resource_subtype="milestone", due_on="2027-03-03")
    assert task["resource_subtype"] == "milestone"


async def test_completing_and_taking_it_back(world: World) -> None:
    task = await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{task['gid']}"
    done = (await world.bob.put(path, {"completed": True})).data
    assert done["completed_by"]["gid"] == world.bob.gid
    assert done["completed_at"] >= task["created_at"]
    again = (await world.ann.put(path, {"completed": True})).data
    assert (again["completed_at"], again["completed_by"]) == (done["completed_at"], done["completed_by"])
    back = (await world.ann.put(path, {"completed": False})).data
    assert (back["completed"], back["completed_at"], back["completed_by"]) == (False, None, None)


async def test_a_task_can_be_created_completed(world: World) -> None:
    task = await a_task(world.ann, world, completed=True)
    assert (task["completed_by"]["gid"], task["completed_at"]) == (world.ann.gid, task["created_at"])


async def test_whoever_completes_first_has_completed_it(world: World) -> None:
    task = await a_task(world.ann, world, assignee=world.bob.gid)
    path = f"/tasks/{task['gid']}"
    one, two = await asyncio.gather(world.ann.put(path, {"completed": True}), world.bob.put(path, {"completed": True}))
    assert one.data["completed_by"] == two.data["completed_by"]


@pytest.mark.parametrize(
    ("change", "completed", "status"),
    [
        ({"approval_status": "approved"}, True, "approved"),
        ({"approval_status": "rejected"}, True, "rejected"),
        ({"approval_status": "changes_requested"}, True, "changes_requested"),
        ({"completed": True}, True, "approved"),
        ({"completed": True, "approval_status": "rejected"}, True, "rejected"),
        ({"completed": False}, False, "pending"),
    ],
)
async def test_approvals_and_completion_go_together(
    world: World, change: dict[str, Any], completed: bool, status: str
) -> None:
    """TaskBase, approval_status."""
    task = await a_task(world.ann, world, resource_subtype="approval")
    path = f"/tasks/{task['gid']}"
    assert (task["completed"], task["approval_status"]) == (False, "pending")
    decided = (await world.ann.put(path, change)).data
    assert (decided["completed"], decided["approval_status"]) == (completed, status)
    assert (decided["completed_at"] is not None) is completed
    back = (await world.ann.put(path, {"approval_status": "pending"})).data
    assert (back["completed"], back["completed_at"]) == (False, None)


async def test_an_approval_decided_otherwise_stays_completed(world: World) -> None:
    task = await a_task(world.ann, world, resource_subtype="approval", approval_status="rejected")
    answer = await world.ann.put(f"/tasks/{task['gid']}", {"approval_status": "approved"})
    assert answer.data["completed_at"] == task["completed_at"]


async def test_only_approvals_have_an_approval_status(world: World) -> None:
    task = await a_task(world.ann, world)
    path = f"/tasks/{task['gid']}"
    answer = await world.ann.put(path, {"approval_status": "approved"})
    assert (answer.status, answer.message) == (400, "approval_status: Only a task of the subtype approval has one")
    turned = (await world.ann.put(path, {"resource_subtype": "approval"})).data
    assert turned["approval_status"] == "pending"
    answer = await world.ann.put(path, {"approval_status": "approved", "completed": False})
    assert (answer.status, answer.message) == (400, "approval_status: Contradicts completed")
    back = (await world.ann.put(path, {"resource_subtype": "default_task"})).data
    assert "approval_status" not in back
