"""Asana's own Python SDK, unmodified, against the real server (contract/asana-behaviour.md, section 17)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import asana
import pytest
import urllib3
from asana.rest import ApiException
from tests.server.running import Running


@pytest.fixture
def client(server: Running) -> Iterator[asana.ApiClient]:
    """The SDK, pointed at the server."""
    client = server.client()
    yield client
    client.rest_client.pool_manager.clear()


@pytest.fixture
def project(server: Running, client: asana.ApiClient) -> Any:
    """A project of the test's own."""
    data = {"name": "SDK", "workspace": server.workspace}
    return asana.ProjectsApi(client).create_project({"data": data}, {})


def made(client: asana.ApiClient, project: Any, *names: str) -> list[Any]:
    """Tasks in the project."""
    tasks = asana.TasksApi(client)
    return [tasks.create_task({"data": {"name": name, "projects": [project["gid"]]}}, {}) for name in names]


def names(rows: Any) -> list[str]:
    return [row["name"] for row in rows]


def test_one_line_redirects_a_whole_program(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    configuration = asana.Configuration()
    configuration.host = f"{server.url}/api/1.0"
    configuration.access_token = server.token
    monkeypatch.setattr(asana.Configuration, "_default", configuration)
    client = asana.ApiClient()
    assert asana.UsersApi(client).get_user("me", {"opt_fields": "email, name"}) == {
        "gid": server.user,
        "email": "ann@acme.example",
        "name": "Ann",
    }
    client.rest_client.pool_manager.clear()


def test_tasks_are_made_read_changed_and_deleted(server: Running, client: asana.ApiClient) -> None:
    tasks = asana.TasksApi(client)
    body = {"data": {"name": "a\u00a0b é漢", "workspace": server.workspace, "assignee": "me"}}
    task = tasks.create_task(body, {})
    assert (task["name"].replace("\u00a0", " "), task["completed"]) == ("a b é漢", False)
    assert task["assignee"]["gid"] == server.user
    assert tasks.update_task({"data": {"completed": True}}, task["gid"], {"opt_fields": "completed"}) == {
        "gid": task["gid"],
        "completed": True,
    }
    assert tasks.get_task(task["gid"], {})["completed"] is True
    assert tasks.delete_task(task["gid"]) == {}
    with pytest.raises(ApiException) as refused:
        tasks.get_task(task["gid"], {})
    assert refused.value.status == 404


def test_projects_and_their_sections(server: Running, client: asana.ApiClient, project: Any) -> None:
    projects, sections = asana.ProjectsApi(client), asana.SectionsApi(client)
    assert projects.update_project({"data": {"name": "Renamed"}}, project["gid"], {})["name"] == "Renamed"
    opts = {"body": {"data": {"name": "Doing"}}}
    section = sections.create_section_for_project(project["gid"], opts)
    assert "Doing" in names(sections.get_sections_for_project(project["gid"], {}))
    [task] = made(client, project, "moved")
    assert sections.add_task_for_section(section["gid"], {"body": {"data": {"task": task["gid"]}}}) == {}
    assert names(asana.TasksApi(client).get_tasks_for_section(section["gid"], {})) == ["moved"]
    assert project["gid"] in [each["gid"] for each in projects.get_projects({"workspace": server.workspace})]
    assert projects.delete_project(project["gid"]) == {}


def test_tags(server: Running, client: asana.ApiClient, project: Any) -> None:
    tags, tasks = asana.TagsApi(client), asana.TasksApi(client)
    tag = tags.create_tag_for_workspace({"data": {"name": "urgent"}}, server.workspace, {})
    [task] = made(client, project, "tagged")
    assert tasks.add_tag_for_task({"data": {"tag": tag["gid"]}}, task["gid"]) == {}
    assert names(tags.get_tags_for_task(task["gid"], {})) == ["urgent"]
    assert names(tasks.get_tasks_for_tag(tag["gid"], {})) == ["tagged"]
    assert tasks.remove_tag_for_task({"data": {"tag": tag["gid"]}}, task["gid"]) == {}
    assert names(tags.get_tags_for_task(task["gid"], {})) == []
    assert tags.delete_tag(tag["gid"]) == {}


def test_comments(client: asana.ApiClient, project: Any) -> None:
    stories = asana.StoriesApi(client)
    [task] = made(client, project, "discussed")
    story = stories.create_story_for_task({"data": {"text": "Hello"}}, task["gid"], {})
    assert (story["type"], story["text"], story["resource_subtype"]) == ("comment", "Hello", "comment_added")
    assert stories.update_story({"data": {"text": "Bye"}}, story["gid"], {})["text"] == "Bye"
    texts = [each["text"] for each in stories.get_stories_for_task(task["gid"], {}) if each["type"] == "comment"]
    assert texts == ["Bye"]
    assert stories.delete_story(story["gid"]) == {}


def test_pages_are_followed_to_their_end(client: asana.ApiClient, project: Any) -> None:
    expected = [f"task {number}" for number in range(7)]
    made(client, project, *expected)
    tasks = asana.TasksApi(client)
    for limit in (1, 3, 7, 100):
        found = names(tasks.get_tasks_for_project(project["gid"], {"limit": limit, "opt_fields": "name, notes"}))
        assert sorted(found) == expected
    some = tasks.get_tasks_for_project(project["gid"], {"limit": 2}, item_limit=5)
    assert len(list(some)) == 5
    page = tasks.get_tasks_for_project(project["gid"], {"limit": 2}, full_payload=True)
    assert len(page["data"]) == 2
    assert page["next_page"].keys() == {"offset", "path", "uri"}


def test_the_uri_of_the_next_page_can_be_fetched(server: Running, client: asana.ApiClient, project: Any) -> None:
    made(client, project, "one", "two")
    page = asana.TasksApi(client).get_tasks_for_project(project["gid"], {"limit": 1}, full_payload=True)
    uri = page["next_page"]["uri"]
    assert uri.startswith(f"{server.url}/api/1.0/")
    second = server.send("GET", uri.removeprefix(f"{server.url}/api/1.0")).json()
    assert sorted(names(page["data"] + second["data"])) == ["one", "two"]
    assert second["next_page"] is None


def test_a_batch(server: Running, client: asana.ApiClient, project: Any) -> None:
    made(client, project, "one")
    actions = [
        {"method": "get", "relative_path": "/users/me", "options": {"fields": ["name"]}},
        {"method": "get", "relative_path": f"/projects/{project['gid']}/tasks", "options": {"limit": 1}},
        {"method": "post", "relative_path": "/tasks", "data": {"name": "two", "projects": [project["gid"]]}},
        {"method": "get", "relative_path": "/not_found"},
    ]
    results = list(asana.BatchAPIApi(client).create_batch_request({"data": {"actions": actions}}, {}))
    assert [each.keys() for each in results] == [{"body", "headers", "status_code"}] * 4
    assert [each["status_code"] for each in results] == [200, 200, 201, 404]
    assert results[0]["body"] == {"data": {"gid": server.user, "name": "Ann"}}
    assert results[1]["body"]["next_page"] is None
    assert results[2]["headers"] == {"location": f"/api/1.0/tasks/{results[2]['body']['data']['gid']}"}
    assert results[3]["body"]["errors"][0]["message"] == "No matching route for request"


@pytest.mark.parametrize(
    ("token", "gid", "status", "message"),
    [
        ("nonsense", "1", 401, "Not Authorized"),
        ("", "7", 404, "task: Not a recognized ID: 7"),
    ],
)
def test_a_refusal_is_an_exception_with_status_and_words(
    server: Running, token: str, gid: str, status: int, message: str
) -> None:
    client = server.client(**({"access_token": token} if token else {}))
    with pytest.raises(ApiException) as refused:
        asana.TasksApi(client).get_task(gid, {})
    assert refused.value.status == status
    assert refused.value.headers["content-type"] == "application/json; charset=UTF-8"
    [error] = json.loads(refused.value.body)["errors"]
    assert error["message"] == message
    assert error["help"].endswith("https://developers.asana.com/docs/errors")
    client.rest_client.pool_manager.clear()


def test_a_missing_field_is_named(client: asana.ApiClient) -> None:
    with pytest.raises(ApiException) as refused:
        asana.TasksApi(client).create_task({"data": {"name": "nowhere"}}, {})
    assert refused.value.status == 400
    assert "You should specify one of workspace, parent, projects" in str(refused.value)


def test_events_begin_with_a_412_that_the_sdk_understands(client: asana.ApiClient, project: Any) -> None:
    events = asana.EventsApi(client)
    with pytest.raises(ApiException) as stale:
        events.get_events(project["gid"], {}, full_payload=True)
    assert stale.value.status == 412
    sync = json.loads(stale.value.body)["sync"]
    [task] = made(client, project, "news")
    answer = events.get_events(project["gid"], {"sync": sync}, full_payload=True)
    assert answer["has_more"] is False
    assert task["gid"] in [event["resource"]["gid"] for event in answer["data"]]
    assert list(events.get_events(project["gid"], {})) == []


def test_every_list_takes_the_limit_that_the_sdk_adds(server: Running, client: asana.ApiClient, project: Any) -> None:
    [task] = made(client, project, "listed")
    home, opts = server.workspace, {"workspace": server.workspace}
    lists = [
        asana.WorkspacesApi(client).get_workspaces({}),
        asana.UsersApi(client).get_users(opts),
        asana.UsersApi(client).get_users_for_workspace(home, {}),
        asana.TeamsApi(client).get_teams_for_workspace(home, {}),
        asana.TeamsApi(client).get_teams_for_user("me", home, {}),
        asana.WorkspaceMembershipsApi(client).get_workspace_memberships_for_workspace(home, {}),
        asana.ProjectsApi(client).get_projects(opts),
        asana.ProjectsApi(client).get_projects_for_workspace(home, {"archived": False}),
        asana.ProjectsApi(client).get_projects_for_task(task["gid"], {}),
        asana.SectionsApi(client).get_sections_for_project(project["gid"], {}),
        asana.TasksApi(client).get_tasks({"project": project["gid"]}),
        asana.TasksApi(client).get_tasks({"assignee": "me", **opts}),
        asana.TasksApi(client).get_subtasks_for_task(task["gid"], {}),
        asana.TasksApi(client).search_tasks_for_workspace(home, {"completed": False, "text": "listed"}),
        asana.TagsApi(client).get_tags(opts),
        asana.StoriesApi(client).get_stories_for_task(task["gid"], {}),
        asana.TypeaheadApi(client).typeahead_for_workspace(home, "task", {"query": "listed"}),
        asana.EventsApi(client).get_events(project["gid"], {}),
    ]
    assert [type(list(each)) for each in lists] == [list] * len(lists)


def test_booleans_may_be_pythons(server: Running, client: asana.ApiClient, project: Any) -> None:
    [done, _] = made(client, project, "unique done", "unique open")
    tasks = asana.TasksApi(client)
    tasks.update_task({"data": {"completed": True}}, done["gid"], {})
    for completed, expected in ((True, ["unique done"]), (False, ["unique open"])):
        opts = {"completed": completed, "projects.any": project["gid"], "opt_fields": "name, completed"}
        assert names(tasks.search_tasks_for_workspace(server.workspace, opts)) == expected


def test_too_many_requests_are_refused_and_may_be_retried(tight: Running) -> None:
    retries = urllib3.Retry(total=0, raise_on_status=False)
    client = tight.client(retry_strategy=retries, access_token=tight.fresh_token())
    action = {"method": "get", "relative_path": "/users/me"}
    batches, body = asana.BatchAPIApi(client), {"data": {"actions": [action] * 10}}
    for _ in range(15):
        list(batches.create_batch_request(body, {}))
    with pytest.raises(ApiException) as refused:
        batches.create_batch_request(body, {}, full_payload=True)
    assert refused.value.status == 429
    assert int(refused.value.headers["retry-after"]) > 0
    [error] = json.loads(refused.value.body)["errors"]
    assert error["message"].startswith("You've made too many requests and hit a rate limit.")
    with pytest.raises(ApiException) as again:
        asana.UsersApi(client).get_user("me", {})
    assert (again.value.status, "retry-after" in again.value.headers) == (429, True)
    client.rest_client.pool_manager.clear()
