"""Two lines about the limits: a batch of ten is refused as a whole, and passes when it is sent again in time.

    python examples/limits_tour.py http://127.0.0.1:8787 TOKEN

or with the two in BATCHWRIGHT_URL and BATCHWRIGHT_TOKEN. Needs `pip install asana`, a server with the limits of Asana's
free plan (`batchwright serve --demo --limits free`), and a token that wasn't used for a minute. It takes a minute.
"""

import json
import os
import sys
import time

import asana

SPENT = 149  # requests of the 150 that the free plan has a minute
ME = {"method": "get", "relative_path": "/users/me", "options": {"fields": ["name"]}}


def connect(url: str, token: str) -> asana.ApiClient:
    configuration = asana.Configuration()
    configuration.host = url.rstrip("/").removesuffix("/api/1.0") + "/api/1.0"
    configuration.access_token = token
    return asana.ApiClient(configuration, "Batchwright-Explain", "limits")


def batch(client: asana.ApiClient, count: int) -> str:
    """Sends a batch of so many actions, returns their statuses."""
    results = asana.BatchAPIApi(client).create_batch_request({"data": {"actions": [ME] * count}}, {})
    return " ".join(str(result["status_code"]) for result in results)


def tour(client: asana.ApiClient, sleep=time.sleep) -> None:
    for begun in range(0, SPENT, 10):
        batch(client, min(10, SPENT - begun))
    try:
        batch(client, 10)
    except asana.rest.ApiException as refused:
        wait = int(refused.headers["Retry-After"])
        action = json.loads(refused.body)["limits"]["action"]
        which = f"[{action}] is request {SPENT + action + 1} of a minute"
        print(f"ten actions, {which}: {refused.status}, Retry-After {wait}")
    else:
        sys.exit("Nothing was refused: does the server run with `--limits free`?")
    sleep(wait)
    print(f"the same ten, {wait} seconds later: {batch(client, 10)}")


if __name__ == "__main__":
    names = ("BATCHWRIGHT_URL", "BATCHWRIGHT_TOKEN")
    given = sys.argv[1:] or [os.environ[name] for name in names if name in os.environ]
    if len(given) != len(names):
        sys.exit(__doc__)
    tour(connect(*given))
