"""A tour of the batch with nothing but Asana's own SDK: make, read, move, comment, complete and delete ten tasks.

    python examples/batch_tour.py http://127.0.0.1:8787 TOKEN

or with the two in BATCHWRIGHT_URL and BATCHWRIGHT_TOKEN. Needs `pip install asana` and a running server.
"""

import os
import sys

import asana

TASKS = 10


def connect(url: str, token: str) -> asana.ApiClient:
    configuration = asana.Configuration()
    configuration.host = url.rstrip("/").removesuffix("/api/1.0") + "/api/1.0"
    configuration.access_token = token
    return asana.ApiClient(configuration)


def run(client: asana.ApiClient, title: str, actions: list[dict]) -> list[dict]:
    """Sends one batch, prints what became of each action, returns the bodies' data."""
    results = list(asana.BatchAPIApi(client).create_batch_request({"data": {"actions": actions}}, {}))
    print(f"{title}: {' '.join(str(result['status_code']) for result in results)}")
    for result in results:
        for error in result["body"].get("errors", ()):
            sys.exit(f"{title}: {error['message']}")
    return [result["body"]["data"] for result in results]


def show(tasks: list[dict]) -> None:
    for task in tasks:
        print(f"  {task['name']}, completed: {task['completed']}, in: {task['memberships'][0]['section']['name']}")


def tour(client: asana.ApiClient) -> None:
    me = asana.UsersApi(client).get_user("me", {})
    workspace = me["workspaces"][0]["gid"]
    project = asana.ProjectsApi(client).create_project({"data": {"name": "Batch tour", "workspace": workspace}}, {})
    print(f"project {project['gid']} made by {me['name']}")

    tasks = run(
        client,
        "make ten tasks",
        [
            {
                "method": "post",
                "relative_path": "/tasks",
                "data": {"name": f"Task {number}", "projects": [project["gid"]]},
            }
            for number in range(1, TASKS + 1)
        ],
    )
    paths = [f"/tasks/{task['gid']}" for task in tasks]

    fields = {"fields": ["name", "completed", "memberships.section.name"]}
    read = [{"method": "get", "relative_path": path, "options": fields} for path in paths]
    show(run(client, "read them with three fields", read))

    section = asana.SectionsApi(client).create_section_for_project(
        project["gid"], {"body": {"data": {"name": "In review"}}}
    )
    moving = f"/sections/{section['gid']}/addTask"
    run(
        client,
        "move them to a section",
        [{"method": "post", "relative_path": moving, "data": {"task": task["gid"]}} for task in tasks],
    )
    run(
        client,
        "comment on them",
        [{"method": "post", "relative_path": f"{path}/stories", "data": {"text": "Looks good."}} for path in paths],
    )
    run(
        client,
        "complete them",
        [{"method": "put", "relative_path": path, "data": {"completed": True}} for path in paths],
    )
    show(run(client, "read them again", read))
    run(client, "delete them", [{"method": "delete", "relative_path": path} for path in paths])
    asana.ProjectsApi(client).delete_project(project["gid"])
    print("project deleted")


if __name__ == "__main__":
    names = ("BATCHWRIGHT_URL", "BATCHWRIGHT_TOKEN")
    given = sys.argv[1:] or [os.environ[name] for name in names if name in os.environ]
    if len(given) != len(names):
        sys.exit(__doc__)
    tour(connect(*given))
