"""A batch before a server that has none, by HTTP: here before the app of batch_for_fastapi.py.

    UPSTREAM=http://127.0.0.1:8000 python examples/batch_gateway.py

Needs httpx2 (pip install httpx2) beside Batchwright.
"""

import os

import uvicorn

from batchwright.batch import BatchEndpoint

app = BatchEndpoint(
    os.environ.get("UPSTREAM", "http://127.0.0.1:8000"),
    allow=["GET /books/{number}", "POST /books"],
    forward=["x-request-id"],
    timeout_seconds=5,
)

if __name__ == "__main__":
    uvicorn.run(app, port=8001)  # whatever the path: nothing else is served here
