"""What `serve` prints when it is ready: where the API is, and lines to paste that call it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence

CALLS = {
    "data": {
        "actions": [
            {"method": "get", "relative_path": "/users/me", "options": {"fields": ["name", "email"]}},
            {"method": "get", "relative_path": "/workspaces"},
        ]
    }
}


def say(url: str, flags: Sequence[str], demo: Mapping[str, str] | None, *, throwaway: bool) -> None:
    """Print it. That nobody listens any more is no reason not to serve."""
    try:
        print(text(url, flags, demo, throwaway=throwaway), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python would try it once more at the end


def text(url: str, flags: Sequence[str], demo: Mapping[str, str] | None, *, throwaway: bool) -> str:
    """What to print.

    url: the server's, without a trailing slash. flags: what other commands need to find the same database.
    demo: a token, an email and its password, or None. throwaway: whether the data is gone when the server stops.
    """
    api = f"{url}/api/1.0"
    lines = [f"Batchwright serves the API at {api} (documentation: {url}/docs). Ctrl-C stops it."]
    token = demo["token"] if demo else None
    if demo is None:
        lines += ["", *_first_steps(shlex.join(flags))]
    else:
        lines += [f"Demo access token: {token}"]
        lines += [f"Web pages: {url}/-/login, as {demo['email']} with the password {demo['password']}"]
        lines += ["The demo's data is thrown away when the server stops."] if throwaway else []
    return "\n".join([*lines, "", *_curl(api, token or "$TOKEN"), "", *_sdk(api, token), ""])


def _first_steps(flags: str) -> list[str]:
    database = f" {flags}" if flags else ""
    return [
        "A first user and a token for them:",
        f"batchwright user add ada@example.com --name 'Ada Lovelace' --workspace Engines --admin{database}",
        f"export TOKEN=$(batchwright token create ada@example.com{database})",
    ]


def _curl(api: str, token: str) -> list[str]:
    return [
        "A batch, two actions in one request:",
        f"curl '{api}/batch?opt_pretty=true' -H \"Authorization: Bearer {token}\" "
        f"-H 'Content-Type: application/json' -d '{json.dumps(CALLS, separators=(',', ':'))}'",
    ]


def _sdk(api: str, token: str | None) -> list[str]:
    access = repr(token) if token else 'os.environ["TOKEN"]'
    return [
        "The same from Python, with the official SDK (pip install asana):",
        "import asana" if token else "import os, asana",
        "configuration = asana.Configuration()",
        f"configuration.host = {api!r}",
        f"configuration.access_token = {access}",
        f"batch = {json.dumps(CALLS)}",
        "batches = asana.BatchAPIApi(asana.ApiClient(configuration))",
        "print(*batches.create_batch_request(batch, {}), sep='\\n')",
    ]
