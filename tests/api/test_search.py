"""Task search: against a model that knows no SQL, and the things a model doesn't say."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.api.search_model import DAYS, EDGES, PEOPLE, TEXTS, Company, build
from tests.world import Answer, Client, World

from batchwright.model import moments
from batchwright.model.changes import Changes, Link
from batchwright.resources import KINDS, OPERATIONS

TASK = KINDS["task"]
SORTS = ("due_date", "created_at", "completed_at", "likes", "modified_at", "relevance")
USERS = (
    *(
        f"{name}.{operator}"
        for name in ("assignee", "followers", "created_by", "assigned_by")
        for operator in ("any", "not")
    ),
    "liked_by.not",
    "commented_on_by.not",
)
SEARCH = next(each for each in OPERATIONS if each.id == "searchTasksForWorkspace")
NAMES = sorted({each.name for each in SEARCH.params} - {"sort_by", "sort_ascending"})
FLAGS = ("is_blocking", "is_blocked", "has_attachment", "completed", "is_subtask")


@pytest.fixture
async def company(world: World) -> Company:
    return await build(world)


def values(company: Company) -> dict[str, list[str]]:
    """What each filter may be given."""
    people = [*company.people.values(), "me", "bob@acme.example", "null"]
    sections = [section for project in company.projects.values() for section in project.sections]
    lists = dict.fromkeys(USERS, people)
    for operator in ("any", "not", "all"):
        lists[f"projects.{operator}"] = [*company.projects, "null"]
        lists[f"sections.{operator}"] = [*sections, *company.own_sections, "null"]
        lists[f"tags.{operator}"] = [*company.tags, "null"]
    lists["teams.any"] = [*company.teams, "null"]
    found = {
        name: [*each, *(f"{one},{two}" for one in each for two in each if one < two)] for name, each in lists.items()
    }
    for name in ("due", "start", "created", "completed", "modified"):
        found |= {f"{name}_on": [*DAYS, "null"], f"{name}_on.before": [*DAYS], f"{name}_on.after": [*DAYS]}
    for name in ("due", "created", "completed", "modified"):
        found |= {f"{name}_at.before": [*EDGES], f"{name}_at.after": [*EDGES]}
    found |= {name: ["true", "false"] for name in FLAGS}
    subtypes = ["default_task", "milestone", "approval", "custom"]
    return found | {"text": [*TEXTS], "resource_subtype": subtypes, "portfolios.any": ["1"]}


async def search(who: Client, world: World, asked: dict[str, str]) -> Answer:
    return await who.send("GET", f"/workspaces/{world.workspace}/tasks/search", query=asked)


def gids(answer: Answer) -> list[str]:
    return [row["gid"] for row in answer.data]


def expect(company: Company, who: str, asked: dict[str, str], answer: Answer) -> None:
    gid = company.people[who]
    if company.allowed(gid, asked):
        assert gids(answer) == company.find(gid, asked)
    else:
        # Nobody is told whose address it is that they guessed.
        assert answer.status == 403 or (answer.status == 400 and any("@" in value for value in asked.values()))


async def test_each_filter_by_itself(world: World, company: Company) -> None:
    """Every value of every filter, as everybody; and each filter must be able to tell tasks apart."""
    everything = len(company.find(company.people["ann"], {"limit": "100"}))
    for name, each in values(company).items():
        sizes = set()
        for value in each[:12]:
            asked = {name: value, "limit": "100"}
            expect(company, "ann", asked, await search(world.ann, world, asked))
            sizes.add(len(company.find(company.people["ann"], asked)))
        assert name in ("has_attachment", "portfolios.any") or any(0 < size < everything for size in sizes), name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    who=st.sampled_from(PEOPLE),
    filters=st.dictionaries(st.sampled_from(NAMES), st.integers(0, 999), max_size=4),
    rest=st.fixed_dictionaries(
        {},
        optional={
            "sort_by": st.sampled_from(SORTS),
            "sort_ascending": st.sampled_from(("true", "false")),
            "limit": st.integers(1, 100).map(str),
        },
    ),
)
async def test_filters_together_find_what_the_model_finds(
    world: World, company: Company, who: str, filters: dict[str, int], rest: dict[str, str]
) -> None:
    choices = values(company)
    asked = {name: choices[name][place % len(choices[name])] for name, place in filters.items()} | rest
    expect(company, who, asked, await search(getattr(world, who), world, asked))


@pytest.mark.parametrize("ascending", ["true", "false"])
@pytest.mark.parametrize("sort_by", SORTS)
async def test_sorting(world: World, company: Company, sort_by: str, ascending: str) -> None:
    for asked in ({"limit": "100"}, {"text": "bug", "limit": "100"}):
        asked |= {"sort_by": sort_by, "sort_ascending": ascending}
        expect(company, "ann", asked, await search(world.ann, world, asked))


async def test_the_model_knows_every_filter(company: Company) -> None:
    assert sorted(values(company)) == NAMES


async def test_a_task_is_found_as_soon_as_it_is_written(world: World) -> None:
    task = (await world.ann.post("/tasks", {"name": "Brand new", "workspace": world.workspace, "assignee": "me"})).data
    assert gids(await search(world.ann, world, {"text": "brand"})) == [task["gid"]]
    await world.ann.put(f"/tasks/{task['gid']}", {"name": "Renamed"})
    assert gids(await search(world.ann, world, {"text": "brand"})) == []


async def test_rows_are_compact_and_opt_fields_choose(world: World) -> None:
    gid = await world.make(TASK, name="Plan", workspace=world.workspace, assignee=world.ann.gid)
    answer = await search(world.ann, world, {})
    row = {"gid": gid, "resource_type": "task", "name": "Plan", "resource_subtype": "default_task"}
    assert answer.body == {"data": [row]}
    answer = await search(world.ann, world, {"opt_fields": "assignee.name", "limit": "5"})
    assert answer.body == {
        "data": [{"gid": gid, "assignee": {"gid": world.ann.gid, "name": "Ann Archer"}}],
        "next_page": None,
    }


async def test_twenty_unless_asked_for_more_and_never_a_second_page(world: World) -> None:
    for number in range(25):
        await world.make(TASK, name=f"Task {number}", workspace=world.workspace, assignee=world.ann.gid)
    assert len((await search(world.ann, world, {})).data) == 20
    answer = await search(world.ann, world, {"limit": "100", "offset": "anything"})
    assert (len(answer.data), answer.body["next_page"]) == (25, None)
    for limit in ("0", "101", "x", "-1", "9" * 5000):
        answer = await search(world.ann, world, {"limit": limit})
        assert (answer.status, answer.message) == (400, "limit: Must be between 1 and 100")


async def test_paging_by_the_time_of_creation(world: World) -> None:
    """The way the contract proposes to see more than one page."""
    made = [
        await world.make(TASK, name="x", workspace=world.workspace, assignee=world.ann.gid, created_at=number * 1000)
        for number in range(7)
    ]
    asked = {"sort_by": "created_at", "sort_ascending": "true", "limit": "3", "opt_fields": "created_at"}
    seen: list[str] = []
    while rows := (await search(world.ann, world, asked)).data:
        seen += [row["gid"] for row in rows]
        asked["created_at.after"] = rows[-1]["created_at"]
    assert seen == made


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("created_on.after", "soon", "created_on.after: Date must be in ISO-8601 (yyyy-mm-dd) format, not: soon"),
        ("due_on", "2026-02-30", "due_on: Date must be in ISO-8601 (yyyy-mm-dd) format, not: 2026-02-30"),
        ("due_on.before", "null", "due_on.before: Date must be in ISO-8601 (yyyy-mm-dd) format, not: null"),
        ("modified_at.before", "soon", "modified_at.before: Date-time must be in ISO-8601 format, not: soon"),
        ("completed", "maybe", "completed: Value is not a boolean: maybe"),
        ("resource_subtype", "x", "resource_subtype: Value is not one of default_task, milestone, approval, custom: x"),
        ("assignee.any", "me,you", "assignee.any: [1]: Not a recognized ID: you"),
        ("assignee.any", "me,12", "assignee.any: [1]: Unknown object: 12"),
        ("tags.all", "12", "tags.all: [0]: Unknown object: 12"),
        ("tags.all", ",", "tags.all: [0]: Missing input"),
        ("tags.all", ",".join(["null"] * 21), None),
        ("custom_fields.12.is_set", "true", "custom_fields.12.is_set: Unknown object: 12"),
        ("custom_fields.Size.value", "1", "custom_fields.Size.value: Not a recognized ID: Size"),
        (
            "custom_types.7.custom_type_status_option.gid",
            "8",
            "custom_types.7.custom_type_status_option.gid: Unknown object: 7",
        ),
        ("text", "x" * 1001, "text: Value is too long: at most 1000 characters are allowed"),
    ],
)
async def test_what_can_not_be_asked(world: World, name: str, value: str, message: str | None) -> None:
    answer = await search(world.ann, world, {name: value})
    assert (answer.status, answer.message if message else None) == (400 if message else 200, message)


async def test_each_of_too_many(world: World) -> None:
    tags = [await world.make(KINDS["tag"], name="t", workspace=world.workspace) for _ in range(21)]
    answer = await search(world.ann, world, {"tags.all": ",".join(tags)})
    assert (answer.status, answer.message) == (400, "tags.all: At most 20 entries are allowed")
    assert (await search(world.ann, world, {"tags.any": ",".join(tags)})).data == []


async def test_unknown_parameters_and_empty_ones_ask_nothing(world: World) -> None:
    gid = await world.make(TASK, name="x", workspace=world.workspace, assignee=world.ann.gid)
    asked = {"nonsense.any": "1", "text": "", "due_on": "", "assignee.any": "", "custom_fields": "1"}
    assert gids(await search(world.ann, world, asked)) == [gid]


async def test_a_text_of_very_many_words(world: World) -> None:
    words = [f"w{number}" for number in range(200)]
    gid = await world.make(TASK, name=" ".join(words), workspace=world.workspace, assignee=world.ann.gid)
    asked = {"text": " ".join(words), "sort_by": "relevance"}
    assert gids(await search(world.ann, world, asked)) == [gid]
    assert gids(await search(world.ann, world, {"text": f"other {' '.join(words)}"})) == []


async def test_only_members_search_and_only_what_they_see(world: World) -> None:
    await world.make(TASK, name="Hers", workspace=world.workspace, assignee=world.ann.gid)
    far = await world.make(TASK, name="Far", workspace=world.elsewhere, assignee=world.eve.gid)
    answer = await search(world.eve, world, {})
    assert (answer.status, answer.message) == (403, "You do not have access to this workspace.")
    assert (await search(world.nobody, world, {})).status == 401
    assert (await search(world.gus, world, {"text": "hers"})).data == []
    answer = await search(world.ann, world, {"assignee.any": world.eve.gid})
    assert (answer.status, answer.message) == (403, "You do not have access to this user.")
    assert gids(await world.eve.get(f"/workspaces/{world.elsewhere}/tasks/search")) == [far]


async def test_a_filter_tells_nothing_of_what_is_not_seen(world: World) -> None:
    """gus follows a task of a private project that waits for a task he can't see."""
    project = await world.make(
        KINDS["project"], name="p", workspace=world.workspace, owner=world.ann.gid, privacy_setting="private"
    )
    section = await world.make(KINDS["section"], name="s", project=project)
    seen, hidden = [await world.make(TASK, name=name, workspace=world.workspace) for name in ("seen", "hidden")]
    for task in (seen, hidden):
        await world.make(KINDS["membership"], task=task, project=project, section=section)
    links = Link("task_followers", int(seen), int(world.gus.gid)), Link("task_dependencies", int(seen), int(hidden))
    await world.store.commit(Changes(links, int(world.ann.gid), moments.now()))
    for asked, hers, his in (
        ({"is_blocked": "true"}, [seen], []),
        ({"is_blocking": "true"}, [hidden], []),
        ({"projects.any": "null"}, [], [seen]),
        ({"sections.not": "null"}, [hidden, seen], []),
    ):
        assert gids(await search(world.ann, world, asked)) == hers, asked
        assert gids(await search(world.gus, world, asked)) == his, asked
    assert (await search(world.gus, world, {"projects.not": project})).status == 403


async def test_as_an_action_of_a_batch(world: World) -> None:
    gid = await world.make(TASK, name="One", workspace=world.workspace, assignee=world.bob.gid)
    path = f"/workspaces/{world.workspace}/tasks/search"
    answer = await world.bob.batch(
        {"method": "get", "relative_path": path, "data": {"assignee.any": ["me"], "completed": False}},
        {"method": "get", "relative_path": path, "data": {"due_on": "x"}},
        {"method": "get", "relative_path": path, "data": {"text": "one"}, "options": {"limit": 1, "fields": ["name"]}},
    )
    first, second, third = answer.data
    assert [row["gid"] for row in first["body"]["data"]] == [gid]
    assert second["status_code"] == 400
    assert third["body"] == {"data": [{"gid": gid, "name": "One"}], "next_page": None}


async def test_a_token_needs_the_scope(world: World) -> None:
    assert (SEARCH.scope, SEARCH.weight) == ("tasks:read", "search")
