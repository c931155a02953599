"""Something of each kind to begin with, so that requests name what is there."""

from __future__ import annotations

import random

from tests.api.making import a_project, a_tag, a_task
from tests.world import World

from batchwright.resources import KINDS
from fuzz.drawing import Drawing


async def begun(world: World, chance: random.Random) -> Drawing:
    """A source of requests about a world, which is given some objects."""
    project = await a_project(world.ann, world)
    task = await a_task(world.ann, world, projects=[project], followers=[world.bob.gid, world.gus.gid])
    drawing = Drawing(chance)
    drawing.known = {kind: [] for kind in KINDS}
    drawing.known |= {
        "user": [world.bob.gid, "me", world.eve.gid],
        "workspace": [world.workspace],
        "task": [task["gid"]],
    }
    drawing.known |= {"project": [project], "tag": [await a_tag(world)]}
    team = (await world.ann.post("/teams", {"name": "Crew", "organization": world.workspace})).data["gid"]
    drawing.known |= {"team": [team]}
    for path in (f"/projects/{project}/sections", "/users/me/workspace_memberships", f"/tasks/{task['gid']}/stories"):
        drawing.learn((await world.ann.get(path)).data)
    drawing.learn((await world.ann.get("/users/me/user_task_list", workspace=world.workspace)).data)
    drawing.learn((await world.ann.get("/team_memberships", team=team)).data)
    return drawing
