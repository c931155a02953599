"""The floor: our HTTP server with our settings, answering each request with bytes that were made beforehand.

`python -m bench.floor PORT FILE` answers with the file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import uvicorn

from batchwright.cli.connections import Connection

HEADERS = [
    (b"content-type", b"application/json; charset=UTF-8"),
    (b"x-asana-api-version", b"1.1"),
    (b"cache-control", b"no-store"),
    (b"x-request-id", b"0123456789abcdef"),
    (b"x-content-type-options", b"nosniff"),
]


def app(body: bytes) -> Any:
    """The application."""
    headers = [*HEADERS, (b"content-length", str(len(body)).encode())]

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return answer


def main() -> None:
    """Serves."""
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    config = uvicorn.Config(
        app(file.read_bytes()),
        host="127.0.0.1",
        port=port,
        http=Connection,
        loop="uvloop",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=75,
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
