"""A batch for a Starlette app, in which one action uses what another has made.

    python examples/batch_with_references.py

Needs nothing beside Batchwright.
"""

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from batchwright.batch import BatchEndpoint

lists: list[dict] = []


async def add_list(request: Request) -> JSONResponse:
    lists.append({"id": len(lists) + 1, "name": (await request.json())["name"], "items": []})
    return JSONResponse(lists[-1], 201)


async def add_item(request: Request) -> JSONResponse:
    lists[request.path_params["number"] - 1]["items"].append((await request.json())["text"])
    return JSONResponse({"added": True}, 201)


async def read_list(request: Request) -> JSONResponse:
    return JSONResponse(lists[request.path_params["number"] - 1])


app = Starlette(
    routes=[
        Route("/lists", add_list, methods=["POST"]),
        Route("/lists/{number:int}", read_list),
        Route("/lists/{number:int}/items", add_item, methods=["POST"]),
    ]
)
allow = ["POST /lists", "GET /lists/{number}", "POST /lists/{number}/items"]
app.router.routes.append(Route("/batch", BatchEndpoint(app, allow=allow)))

if __name__ == "__main__":
    uvicorn.run(app, port=8000)
