"""Comments on tasks, and stories as objects: writing, changing, liking, pinning, deleting, seeing."""

from __future__ import annotations

from typing import Any

import pytest
from tests.api.making import a_project, a_task
from tests.world import Client, World


async def a_comment(client: Client, task: str, **data: Any) -> dict[str, Any]:
    """The full record of a new comment."""
    answer = await client.post(f"/tasks/{task}/stories", data or {"text": "Hello"})
    assert answer.status == 201, answer.body
    record: dict[str, Any] = answer.data
    return record


async def a_shared_task(world: World) -> str:
    """A task of ann's that bob sees and gus and eve don't."""
    project = await a_project(world.ann, world, privacy_setting="public_to_workspace")
    return str((await a_task(world.ann, world, projects=[project]))["gid"])


async def test_a_comment_has_all_that_the_contract_says(world: World) -> None:
    task = await a_shared_task(world)
    answer = await world.bob.post(f"/tasks/{task}/stories", {"text": "Hello <b>", "sticker_name": "heart"})
    story = answer.data
    assert answer.headers["location"] == f"/api/1.0/stories/{story['gid']}"
    assert (story["type"], story["resource_subtype"], story["text"]) == ("comment", "comment_added", "Hello <b>")
    assert story["created_by"] == {"gid": world.bob.gid, "resource_type": "user", "name": "Bob Baker"}
    assert story["target"]["gid"] == task
    assert (story["is_editable"], story["is_edited"], story["is_pinned"]) == (True, False, False)
    assert (story["source"], story["previews"], story["sticker_name"]) == ("api", [], "heart")
    assert not story.keys() & {"html_text", "old_name", "assignee", "project", "new_dates"}
    read = await world.ann.get(f"/stories/{story['gid']}")
    assert read.data == story | {"is_editable": False}
    named = await world.ann.get(f"/stories/{story['gid']}", opt_fields="html_text,is_edited")
    assert named.data == {"gid": story["gid"], "html_text": "<body>Hello &lt;b&gt;</body>", "is_edited": False}


async def test_rich_text_becomes_plain_text_and_who_is_mentioned_follows(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    html = f'<body><strong>Look</strong>, <a data-asana-gid="{world.bob.gid}"/></body>'
    story = await a_comment(world.ann, task, html_text=html)
    assert story["text"] == f"Look, http://server.test/0/{world.bob.gid}/list"
    followers = (await world.ann.get(f"/tasks/{task}", opt_fields="followers.name")).data["followers"]
    assert {each["name"] for each in followers} == {"Ann Archer", "Bob Baker"}
    assert (await world.bob.get(f"/stories/{story['gid']}")).data["text"] == story["text"]


async def test_who_comments_follows(world: World) -> None:
    task = await a_shared_task(world)
    await a_comment(world.bob, task)
    followers = (await world.ann.get(f"/tasks/{task}", opt_fields="followers")).data["followers"]
    assert world.bob.gid in {each["gid"] for each in followers}
    assert [each["resource_subtype"] for each in await feed(world.ann, task)][-1] == "comment_added"


async def feed(client: Client, task: str, **query: Any) -> list[dict[str, Any]]:
    """The stories of a task."""
    rows: list[dict[str, Any]] = (await client.get(f"/tasks/{task}/stories", **query)).data
    return rows


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "text: Missing input"),
        ({"text": ""}, "text: Missing input"),
        ({"html_text": "<body></body>"}, "text: Missing input"),
        ({"text": "a", "html_text": "<body>a</body>"}, "You may only provide one of text or html_text!"),
        ({"text": 7}, "text: Value is not a string: 7"),
        ({"html_text": "<body><script/></body>"}, "html_text: <script> is not supported"),
        ({"html_text": "<body><h1>Big</h1></body>"}, "html_text: <h1> is not supported"),
        ({"text": "a", "is_pinned": "perhaps"}, "is_pinned: Value is not a boolean: perhaps"),
    ],
)
async def test_bad_comments_change_nothing(world: World, data: dict[str, Any], message: str) -> None:
    task = (await a_task(world.ann, world))["gid"]
    before = await feed(world.ann, task)
    answer = await world.ann.post(f"/tasks/{task}/stories", data)
    assert (answer.status, answer.message) == (400, message)
    assert await feed(world.ann, task) == before


async def test_a_sticker_alone_is_a_comment(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    assert (await a_comment(world.ann, task, sticker_name="trophy"))["text"] == ""
    answer = await world.ann.post(f"/tasks/{task}/stories", {"sticker_name": "frog"})
    assert answer.status == 400
    assert answer.message.startswith("sticker_name: Value is not one of green_checkmark, ")


async def test_an_author_edits_a_comment_and_nobody_else_does(world: World) -> None:
    task = await a_shared_task(world)
    gid = (await a_comment(world.bob, task))["gid"]
    same = await world.bob.put(f"/stories/{gid}", {"text": "Hello"})
    assert same.data["is_edited"] is False
    edited = await world.bob.put(f"/stories/{gid}", {"html_text": "<body><em>Bye</em></body>"})
    assert (edited.data["text"], edited.data["is_edited"]) == ("Bye", True)
    refused = await world.ann.put(f"/stories/{gid}", {"text": "Mine"})
    assert (refused.status, refused.message) == (403, "You may only edit comments that you have written.")
    both = await world.bob.put(f"/stories/{gid}", {"text": "a", "html_text": "<body>b</body>"})
    assert (both.status, both.message) == (400, "You may only provide one of text or html_text!")
    empty = await world.bob.put(f"/stories/{gid}", {"text": ""})
    assert (empty.status, empty.message) == (400, "text: Missing input")
    assert (await world.ann.get(f"/stories/{gid}")).data["text"] == "Bye"


async def test_only_comments_are_edited_and_pinned(world: World) -> None:
    task = await a_shared_task(world)
    told = (await feed(world.ann, task))[0]["gid"]
    for name, value in (("text", "No"), ("html_text", "<body>No</body>"), ("is_pinned", True)):
        answer = await world.ann.put(f"/stories/{told}", {name: value})
        assert (answer.status, answer.message) == (400, f"{name}: Cannot write this property")
    gid = (await a_comment(world.bob, task))["gid"]
    assert (await world.ann.put(f"/stories/{gid}", {"is_pinned": True})).data["is_pinned"] is True


async def test_a_story_is_liked_once_and_no_more(world: World) -> None:
    task = await a_shared_task(world)
    gid = (await a_comment(world.bob, task))["gid"]
    for _ in range(2):
        liked = (await world.ann.put(f"/stories/{gid}", {"liked": True})).data
        assert (liked["liked"], liked["num_likes"], liked["hearted"], liked["num_hearts"]) == (True, 1, True, 1)
    assert [each["user"]["gid"] for each in liked["likes"]] == [world.ann.gid]
    assert (await world.bob.get(f"/stories/{gid}")).data["liked"] is False
    told = (await feed(world.ann, task, opt_fields="resource_subtype,text,story.text,created_by"))[-1]
    assert (told["resource_subtype"], told["text"]) == ("comment_liked", "Ann Archer liked your comment")
    assert (told["story"], told["created_by"]["gid"]) == ({"gid": gid, "text": "Hello"}, world.ann.gid)
    unliked = (await world.ann.put(f"/stories/{gid}", {"liked": False})).data
    assert (unliked["liked"], unliked["likes"], unliked["num_likes"]) == (False, [], 0)


async def test_one_deletes_only_stories_of_ones_own(world: World) -> None:
    task = await a_shared_task(world)
    gid = (await a_comment(world.bob, task))["gid"]
    refused = await world.ann.delete(f"/stories/{gid}")
    assert (refused.status, refused.message) == (403, "You may only delete stories that you have created.")
    assert (await world.bob.delete(f"/stories/{gid}")).data == {}
    gone = await world.bob.get(f"/stories/{gid}")
    assert (gone.status, gone.message) == (404, f"story: Not a recognized ID: {gid}")
    own = (await feed(world.ann, task))[0]["gid"]
    assert (await world.ann.delete(f"/stories/{own}")).status == 200


async def test_stories_are_listed_oldest_first_a_page_at_a_time(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    for number in range(5):
        await a_comment(world.ann, task, text=str(number))
    page = await world.ann.get(f"/tasks/{task}/stories", limit=3)
    rest = await world.ann.get(f"/tasks/{task}/stories", limit=3, offset=page.body["next_page"]["offset"])
    assert [each["text"] for each in page.data + rest.data] == ["0", "1", "2", "3", "4"]
    assert rest.body["next_page"] is None
    compact = {"gid", "resource_type", "created_at", "created_by", "resource_subtype", "text", "type"}
    assert page.data[0].keys() == compact


async def test_who_does_not_see_the_task_sees_no_story_of_it(world: World) -> None:
    task = await a_shared_task(world)
    gid = (await a_comment(world.bob, task))["gid"]
    for stranger in (world.gus, world.eve):
        for answer in (
            await stranger.get(f"/stories/{gid}"),
            await stranger.put(f"/stories/{gid}", {"liked": True}),
            await stranger.delete(f"/stories/{gid}"),
        ):
            assert (answer.status, answer.message) == (403, "You do not have access to this story.")
        listed = await stranger.get(f"/tasks/{task}/stories")
        assert (listed.status, listed.message) == (403, "You do not have access to this task.")
        assert (await stranger.post(f"/tasks/{task}/stories", {"text": "Hi"})).status == 403
    assert (await world.nobody.get(f"/stories/{gid}")).status == 401


async def test_a_story_that_names_something_private_is_private(world: World) -> None:
    task = (await a_task(world.ann, world, followers=[world.bob.gid]))["gid"]
    secret = await a_project(world.ann, world, name="Secret", privacy_setting="private")
    await world.ann.post(f"/tasks/{task}/addProject", {"project": secret})
    told = (await feed(world.ann, task))[-1]
    assert told["text"] == "Ann Archer added this task to Secret"
    assert not [each for each in await feed(world.bob, task) if "Secret" in each["text"]]
    assert (await world.bob.get(f"/stories/{told['gid']}")).status == 403


async def test_comments_of_a_batch(world: World) -> None:
    task = (await a_task(world.ann, world))["gid"]
    path = f"/tasks/{task}/stories"
    actions = [{"method": "post", "relative_path": path, "data": {"text": str(number)}} for number in range(9)]
    bad = {"method": "post", "relative_path": path, "data": {}}
    answer = await world.ann.batch(*actions, bad)
    assert [each["status_code"] for each in answer.data] == [201] * 9 + [400]
    assert sorted(each["text"] for each in await feed(world.ann, task)) == sorted(map(str, range(9)))


async def test_who_could_not_see_a_project_is_not_told_of_it_when_it_is_gone(world: World) -> None:
    """Nobody can tell any more who might have seen what was deleted; who made a story has."""
    private = {"workspace": world.workspace, "privacy_setting": "private"}
    project = (await world.ann.post("/projects", {"name": "Layoffs", **private})).data["gid"]
    other = (await world.ann.post("/tasks", {"name": "Tell them", "projects": [project]})).data["gid"]
    task = (await world.ann.post("/tasks", {"name": "T", "workspace": world.workspace, "followers": ["me"]})).data
    await world.ann.post(f"/tasks/{task['gid']}/addFollowers", {"followers": [world.bob.gid]})
    for path, data in (
        ("addProject", {"project": project}),
        ("addDependencies", {"dependencies": [other]}),
        ("setParent", {"parent": other}),
        ("setParent", {"parent": None}),
    ):
        assert (await world.ann.post(f"/tasks/{task['gid']}/{path}", data)).status == 200
    for path in (f"/tasks/{other}", f"/projects/{project}"):
        texts = [each["text"] for each in (await world.bob.get(f"/tasks/{task['gid']}/stories")).data]
        assert texts == ["Ann Archer added Bob Baker as a collaborator"]
        assert (await world.ann.delete(path)).status == 200
    told = (await world.bob.get(f"/tasks/{task['gid']}/stories")).data
    assert [each["text"] for each in told] == ["Ann Archer added Bob Baker as a collaborator"]
    assert len((await world.ann.get(f"/tasks/{task['gid']}/stories")).data) == 5


async def test_who_is_mentioned_follows_the_task_only_within_its_workspace(world: World) -> None:
    """Else a colleague from another workspace would see what is none of theirs."""
    await world.eve.post(f"/workspaces/{world.elsewhere}/addUser", {"user": "bob@acme.example"})
    task = (await world.bob.post("/tasks", {"name": "T", "workspace": world.workspace})).data["gid"]
    links = "".join(f'<a data-asana-gid="{each.gid}"/>' for each in (world.eve, world.gus))
    assert (await world.bob.post(f"/tasks/{task}/stories", {"html_text": f"<body>{links}</body>"})).status == 201
    assert (await world.gus.get(f"/tasks/{task}")).status == 200
    assert (await world.eve.get(f"/tasks/{task}")).status == 403
