"""Users: known to colleagues, changed by themselves."""

from __future__ import annotations

from urllib.parse import quote

from tests.api.making import a_project
from tests.world import Answer, World

from batchwright.model import ranks
from batchwright.resources.projects.kind import PROJECT
from batchwright.resources.tags import TAG
from batchwright.resources.team_memberships import TEAM_MEMBERSHIP
from batchwright.resources.teams import TEAM
from batchwright.resources.users.favorites import FAVORITE
from batchwright.resources.users.kind import USER
from batchwright.resources.workspace_memberships import WORKSPACE_MEMBERSHIP


def names(answer: Answer) -> list[str]:
    """The names in a list, in its order."""
    return [each["name"] for each in answer.data]


async def person(world: World, name: str) -> str:
    """A new member of the organization."""
    gid = await world.make(USER, name=name, email=f"{name}@acme.example".lower())
    await world.make(WORKSPACE_MEMBERSHIP, user=gid, workspace=world.workspace)
    return gid


async def test_the_full_record(world: World) -> None:
    """By gid, by e-mail address in any case, and as me."""
    expected = {
        "gid": world.bob.gid,
        "resource_type": "user",
        "name": "Bob Baker",
        "email": "bob@acme.example",
        "photo": None,
        "workspaces": [{"gid": world.workspace, "resource_type": "workspace", "name": "Acme"}],
        "custom_fields": [],
    }
    assert (await world.bob.get("/users/me")).data == expected
    assert (await world.ann.get(f"/users/{world.bob.gid}")).data == expected
    assert (await world.ann.get("/users/Bob@ACME.example")).data == expected


async def test_only_common_workspaces_are_shown(world: World) -> None:
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    mine = (await world.bob.get("/users/me")).data["workspaces"]
    theirs = (await world.ann.get(f"/users/{world.bob.gid}")).data["workspaces"]
    assert [each["gid"] for each in mine] == [world.workspace, world.elsewhere]
    assert [each["gid"] for each in theirs] == [world.workspace]


async def test_strangers_are_not_shown(world: World) -> None:
    refused = await world.eve.get(f"/users/{world.bob.gid}")
    assert (refused.status, refused.message) == (403, "You do not have access to this user.")
    for address in ("bob@acme.example", "no@body.example", "nul\0@body.example"):
        unknown = await world.eve.get(f"/users/{quote(address)}")
        assert (unknown.status, unknown.message) == (404, f"user: Not a recognized ID: {address}")
        refused = await world.eve.post("/tasks", {"workspace": world.elsewhere, "followers": [address]})
        assert (refused.status, refused.message) == (400, f"followers: [0]: Not a recognized ID: {address}")


async def test_a_photo_is_an_object(world: World) -> None:
    photo = '{"image_21x21":"https://p.example/21.png","image_60x60":"https://p.example/60.png"}'
    gid = await world.make(USER, name="Pia", email="pia@acme.example", photo=photo)
    await world.make(WORKSPACE_MEMBERSHIP, user=gid, workspace=world.workspace)
    assert (await world.ann.get(f"/users/{gid}")).data["photo"] == {
        "image_21x21": "https://p.example/21.png",
        "image_60x60": "https://p.example/60.png",
    }
    chosen = await world.ann.get(f"/users/{gid}", opt_fields="photo.image_60x60,photo.nothing")
    assert chosen.data == {"gid": gid, "photo": {"image_60x60": "https://p.example/60.png"}}
    assert (await world.ann.get("/users/me", opt_fields="photo.image_60x60")).data["photo"] is None


async def test_within_a_workspace(world: World) -> None:
    await world.make(WORKSPACE_MEMBERSHIP, user=world.bob.gid, workspace=world.elsewhere)
    inside = f"/workspaces/{world.elsewhere}/users"
    assert (await world.eve.get(f"{inside}/{world.bob.gid}")).data["name"] == "Bob Baker"
    gone = await world.bob.get(f"{inside}/{world.ann.gid}")
    assert (gone.status, gone.message) == (404, f"user: Not a recognized ID: {world.ann.gid}")
    assert (await world.ann.get(f"{inside}/{world.bob.gid}")).status == 403
    assert (await world.bob.get(f"/users/{world.ann.gid}", workspace=world.elsewhere)).status == 404
    assert (await world.bob.get(f"/users/{world.ann.gid}", workspace=world.workspace)).status == 200


async def test_people_change_their_own_name_only(world: World) -> None:
    assert (await world.bob.put("/users/me", {"name": "Robert", "nonsense": 1})).data["name"] == "Robert"
    path = f"/workspaces/{world.workspace}/users"
    assert (await world.bob.put(f"{path}/{world.bob.gid}", {"name": "Rob"})).data["name"] == "Rob"
    refused = await world.ann.put(f"/users/{world.bob.gid}", {"name": "Bobby"})
    assert (refused.status, refused.message) == (403, "user: Forbidden")
    assert (await world.ann.put(f"{path}/{world.bob.gid}", {"name": "Bobby"})).status == 403
    assert (await world.bob.put(f"/workspaces/{world.elsewhere}/users/me", {"name": "X"})).status == 403
    assert (await world.ann.get(f"/users/{world.bob.gid}")).data["name"] == "Rob"


async def test_what_a_name_may_not_be(world: World) -> None:
    for name, message in (
        ("", "name: Missing input"),
        (None, "name: Value is not a string: null"),
        (7, "name: Value is not a string: 7"),
    ):
        answer = await world.bob.put("/users/me", {"name": name})
        assert (answer.status, answer.message) == (400, message)
    refused = await world.bob.put("/users/me", {"name": "Rob", "email": "rob@acme.example"})
    assert (refused.status, refused.message) == (400, "email: Cannot write this property")
    assert (await world.bob.get("/users/me")).data["name"] == "Bob Baker"


async def test_all_people_the_caller_knows(world: World) -> None:
    """GET /users, by gid."""
    assert names(await world.bob.get("/users")) == ["Ann Archer", "Bob Baker", "Gus Green"]
    assert names(await world.eve.get("/users")) == ["Eve Egan"]
    refused = await world.bob.get("/users", limit=10)
    assert (refused.status, refused.message) == (400, "Need to specify a workspace or team to paginate!")
    assert (await world.bob.get("/users", offset="x")).message == refused.message


async def test_people_of_a_workspace_or_team_in_pages(world: World) -> None:
    team = await world.make(TEAM, name="Crew", organization=world.workspace, visibility="public")
    for each in (world.gus, world.ann):
        await world.make(TEAM_MEMBERSHIP, team=team, user=each.gid)
    for query, expected in (
        ({"workspace": world.workspace}, ["Ann Archer", "Bob Baker", "Gus Green"]),
        ({"team": team}, ["Ann Archer", "Gus Green"]),
        ({"team": team, "workspace": world.workspace}, ["Ann Archer", "Gus Green"]),
    ):
        assert names(await world.bob.get("/users", **query)) == expected
        found: list[str] = []
        page = await world.bob.get("/users", limit=1, **query)
        while page.body["next_page"]:
            found += names(page)
            page = await world.bob.get("/users", limit=1, offset=page.body["next_page"]["offset"], **query)
        assert found + names(page) == expected
    assert (await world.eve.get("/users", workspace=world.workspace)).status == 403
    assert (await world.eve.get("/users", team=team)).message == "You do not have access to this team."
    assert (await world.bob.get("/users", workspace="x")).message == "workspace: Not a recognized ID: x"


async def test_alphabetical_lists(world: World) -> None:
    """Whatever the case; a limit that SDKs send everywhere is ignored but for the key that ends their loops."""
    for name in ("aaron", "Zoe", "bea"):
        await person(world, name)
    everybody = ["aaron", "Ann Archer", "bea", "Bob Baker", "Gus Green", "Zoe"]
    path = f"/workspaces/{world.workspace}/users"
    assert names(await world.ann.get(path)) == everybody
    assert "next_page" not in (await world.ann.get(path)).body
    limited = await world.bob.get(path, limit=1, opt_fields="name,email")
    assert names(limited) == everybody
    assert limited.body["next_page"] is None
    assert set(limited.data[0]) == {"gid", "name", "email"}
    assert (await world.eve.get(path)).status == 403


async def test_a_guest_knows_those_they_share_a_team_or_a_project_with(world: World) -> None:
    """In every list, by gid, by address, and in what belongs to a person."""
    team = await world.make(TEAM, name="Crew", organization=world.workspace)
    project = await a_project(world.bob, world, privacy_setting="private")
    mate, gus, home = await person(world, "mate"), world.gus, world.workspace
    own = (await world.bob.get("/users/me/user_task_list", workspace=home)).data["gid"]
    lists = (f"/workspaces/{home}/users", f"/users?workspace={home}", "/users")
    people = f"/workspaces/{home}/workspace_memberships?opt_fields=user.name"

    async def known() -> list[str]:
        found = {tuple(sorted(names(await gus.get(path)))) for path in lists}
        found.add(tuple(sorted(each["user"]["name"] for each in (await gus.get(people)).data)))
        found.add(tuple(sorted(names(await gus.get(f"/workspaces/{home}/typeahead", resource_type="user")))))
        assert len(found) == 1
        return list(found.pop())

    assert await known() == ["Gus Green"]
    assert (await gus.get(f"/users/{world.bob.gid}")).message == "You do not have access to this user."
    assert (await gus.get("/users/bob@acme.example")).status == 404
    assert (await gus.get(f"/user_task_lists/{own}")).status == 403
    for user in (gus.gid, mate):
        await world.make(TEAM_MEMBERSHIP, team=team, user=user)
    assert await known() == ["Gus Green", "mate"]
    await world.bob.post(f"/projects/{project}/addMembers", {"members": [gus.gid]})
    assert await known() == ["Bob Baker", "Gus Green", "mate"]
    assert (await gus.get("/users/bob@acme.example")).data["name"] == "Bob Baker"
    assert (await gus.get(f"/user_task_lists/{own}")).status == 200
    assert "Ann Archer" in names(await world.bob.get(lists[0]))


async def test_the_people_of_a_team(world: World) -> None:
    team = await world.make(TEAM, name="Crew", organization=world.workspace)
    for gid in (world.gus.gid, world.ann.gid, await person(world, "aaron")):
        await world.make(TEAM_MEMBERSHIP, team=team, user=gid)
    assert names(await world.gus.get(f"/teams/{team}/users")) == ["aaron", "Ann Archer", "Gus Green"]
    assert (await world.bob.get(f"/teams/{team}/users")).status == 403  # secret


async def favor(world: World, target: str) -> None:
    """Put at the end of bob's favorites."""
    gid = int(target)
    await world.make(FAVORITE, user=world.bob.gid, workspace=world.workspace, target=gid, rank=ranks.first(gid))


async def test_favorites_in_their_own_order(world: World) -> None:
    projects = [await world.make(PROJECT, name=name, workspace=world.workspace) for name in ("one", "two", "three")]
    tag = await world.make(TAG, name="red", workspace=world.workspace)
    for gid in (*projects, tag, world.gus.gid):
        await favor(world, gid)
    path = "/users/me/favorites"
    assert (await world.bob.get(path, workspace=world.workspace, resource_type="tag")).data == [
        {"gid": tag, "resource_type": "tag", "name": "red"}
    ]
    whole = await world.bob.get(path, workspace=world.workspace, resource_type="project")
    assert names(whole) == ["three", "two", "one"]
    assert names(await world.bob.get(path, workspace=world.workspace, resource_type="user")) == ["Gus Green"]
    first = await world.bob.get(path, workspace=world.workspace, resource_type="project", limit=2)
    offset = first.body["next_page"]["offset"]
    second = await world.bob.get(path, workspace=world.workspace, resource_type="project", limit=2, offset=offset)
    assert names(first) + names(second) == ["three", "two", "one"]


async def test_favorites_that_are_none(world: World) -> None:
    """Kinds without favorites, and favorites the caller can't see any more."""
    hidden = await world.make(PROJECT, name="hidden", workspace=world.workspace, privacy_setting="private")
    await favor(world, hidden)
    for kind in ("project", "task", "portfolio", "project_template"):
        answer = await world.bob.get("/users/me/favorites", workspace=world.workspace, resource_type=kind, limit=5)
        assert answer.body == {"data": [], "next_page": None}


async def test_favorites_are_ones_own(world: World) -> None:
    path = f"/users/{world.bob.gid}/favorites"
    assert (await world.ann.get(path, workspace=world.workspace, resource_type="tag")).status == 403
    assert (await world.bob.get(path, resource_type="tag")).message == "workspace: Missing input"
    assert (await world.bob.get(path, workspace=world.workspace)).message == "resource_type: Missing input"
    assert (await world.bob.get(path, workspace=world.elsewhere, resource_type="tag")).status == 403
    wrong = await world.bob.get(path, workspace=world.workspace, resource_type="goal")
    assert (wrong.status, wrong.message.split(":")[0]) == (400, "resource_type")


async def test_in_a_batch(world: World) -> None:
    answer = await world.bob.batch(
        {"relative_path": "/users/me", "method": "get", "options": {"fields": ["email", "workspaces.name"]}},
        {"relative_path": f"/users/{world.eve.gid}", "method": "get"},
        {"relative_path": "/users", "method": "get", "data": {"workspace": world.workspace}, "options": {"limit": 3}},
        {"relative_path": "/users", "method": "get", "options": {"limit": 3}},
        {"relative_path": "/users/me", "method": "put", "data": {"name": "Robert"}, "options": {"fields": ["name"]}},
    )
    assert [each["status_code"] for each in answer.data] == [200, 403, 200, 400, 200]
    assert answer.data[0]["body"]["data"] == {
        "gid": world.bob.gid,
        "email": "bob@acme.example",
        "workspaces": [{"gid": world.workspace, "name": "Acme"}],
    }
    assert answer.data[4]["body"]["data"] == {"gid": world.bob.gid, "name": "Robert"}
