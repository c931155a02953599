"""Tags."""

from __future__ import annotations

from typing import Any

from tests.world import Client, World


async def tag(client: Client, world: World, name: str, **values: Any) -> dict[str, Any]:
    """A tag in the organization."""
    answer = await client.post("/tags", {"name": name, "workspace": world.workspace, **values})
    assert answer.status == 201, answer.body
    data: dict[str, Any] = answer.data
    return data


async def tagged(world: World, *tags: dict[str, Any]) -> str:
    """A task of ann's that carries the tags."""
    task = (await world.ann.post("/tasks", {"name": "T", "workspace": world.workspace})).data["gid"]
    for each in tags:
        answer = await world.ann.post(f"/tasks/{task}/addTag", {"tag": each["gid"]})
        assert answer.status == 200, answer.body
    return str(task)


async def test_a_new_tag(world: World) -> None:
    """The full record; in the two ways to make one."""
    followers = {"followers": ["me", "bob@acme.example"]}
    answer = await world.ann.post("/tags", {"name": "Urgent", "workspace": world.workspace, "notes": "n", **followers})
    made = answer.data
    assert answer.headers["location"] == f"/api/1.0/tags/{made['gid']}"
    expected = {
        "resource_type": "tag",
        "name": "Urgent",
        "color": None,
        "notes": "n",
        "workspace": {"gid": world.workspace, "resource_type": "workspace", "name": "Acme"},
        "permalink_url": f"http://server.test/0/resource/{made['gid']}/list",
    }
    assert {name: made[name] for name in expected} == expected
    assert set(made) - set(expected) == {"gid", "created_at", "followers"}
    assert [each["gid"] for each in made["followers"]] == [world.ann.gid, world.bob.gid]
    assert (await world.bob.get(f"/tags/{made['gid']}")).data == made
    twin = await world.bob.post(f"/workspaces/{world.workspace}/tags", {"name": "Urgent", "color": "dark-red"})
    assert (twin.status, twin.data["color"]) == (201, "dark-red")
    assert twin.data["gid"] != made["gid"]


async def test_bad_bodies(world: World) -> None:
    """Each says why and makes nothing."""
    for data, status, message in (
        ({"name": "x"}, 400, "workspace: Missing input"),
        ({"name": "x", "workspace": world.elsewhere}, 403, "You do not have access to this workspace."),
        ({"name": 1, "workspace": world.workspace}, 400, "name: Value is not a string: 1"),
        ({"workspace": world.workspace, "followers": [world.eve.gid]}, 403, "You do not have access to this user."),
    ):
        answer = await world.ann.post("/tags", data)
        assert (answer.status, answer.message) == (status, message)
    assert (await world.ann.post("/tags", {"workspace": world.workspace, "color": "none"})).status == 400
    assert (await world.ann.get("/tags")).data == []


async def test_a_tag_is_changed(world: World) -> None:
    """Name, colour and notes; where it is and who follows it stay."""
    made = await tag(world.ann, world, "A", color="light-pink")
    path = f"/tags/{made['gid']}"
    changed = (await world.bob.put(path, {"name": "B", "color": None})).data
    assert (changed["name"], changed["color"]) == ("B", None)
    for field in ("workspace", "followers"):
        refused = await world.bob.put(path, {field: [world.workspace]})
        assert (refused.status, refused.message) == (400, f"{field}: Cannot write this property")


async def test_deleting_a_tag_takes_it_off_its_tasks(world: World) -> None:
    """The tasks stay."""
    made = await tag(world.ann, world, "A")
    task = await tagged(world, made)
    assert (await world.eve.delete(f"/tags/{made['gid']}")).status == 403
    assert (await world.ann.delete(f"/tags/{made['gid']}")).data == {}
    gone = await world.ann.get(f"/tags/{made['gid']}")
    assert (gone.status, gone.message) == (404, f"tag: Not a recognized ID: {made['gid']}")
    assert (await world.ann.get(f"/tasks/{task}")).data["tags"] == []


async def test_lists(world: World) -> None:
    """By workspace, or all that one sees; a page needs a workspace (facts, 3.3)."""
    a, b = await tag(world.ann, world, "A"), await tag(world.ann, world, "B")
    hers = (await world.eve.post("/tags", {"name": "C", "workspace": world.elsewhere})).data
    assert [each["gid"] for each in (await world.ann.get("/tags")).data] == [a["gid"], b["gid"]]
    assert [each["gid"] for each in (await world.eve.get("/tags")).data] == [hers["gid"]]
    refused = await world.ann.get("/tags", limit=1)
    assert (refused.status, refused.message) == (400, "Need to specify a workspace to paginate!")
    page = await world.ann.get("/tags", workspace=world.workspace, limit=1)
    assert page.data == [{"gid": a["gid"], "resource_type": "tag", "name": "A"}]
    offset = page.body["next_page"]["offset"]
    page = await world.ann.get("/tags", workspace=world.workspace, limit=1, offset=offset)
    assert [each["gid"] for each in page.data] == [b["gid"]]
    of_workspace = await world.gus.get(f"/workspaces/{world.workspace}/tags", opt_fields="name,color")
    assert of_workspace.data[0] == {"gid": a["gid"], "name": "A", "color": None}
    assert (await world.eve.get(f"/workspaces/{world.workspace}/tags")).status == 403


async def test_the_tags_of_a_task(world: World) -> None:
    """In the order they were put on, a page at a time; only for who sees the task."""
    a, b, c = [await tag(world.ann, world, name) for name in "ABC"]
    task = await tagged(world, c, a, b)
    path = f"/tasks/{task}/tags"
    assert [each["name"] for each in (await world.ann.get(path)).data] == ["C", "A", "B"]
    page = await world.ann.get(path, limit=2)
    page = await world.ann.get(path, limit=2, offset=page.body["next_page"]["offset"])
    assert [each["name"] for each in page.data] == ["B"]
    assert (await world.bob.get(path)).status == 403


async def test_tags_in_a_batch(world: World) -> None:
    """Ten at once."""
    actions = [
        {"relative_path": f"/workspaces/{world.workspace}/tags", "method": "post", "data": {"name": str(number)}}
        for number in range(10)
    ]
    results = (await world.ann.batch(*actions)).data
    assert [each["body"]["data"]["name"] for each in results] == [str(number) for number in range(10)]
    assert {each["headers"]["location"] for each in results} == {
        f"/api/1.0/tags/{each['body']['data']['gid']}" for each in results
    }
