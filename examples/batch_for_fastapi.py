"""A batch for a FastAPI app: actions go to the app's own routes, in the same process.

    python examples/batch_for_fastapi.py

Needs FastAPI (pip install fastapi) beside Batchwright.
"""

import uvicorn
from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

from batchwright.batch import BatchEndpoint, Problem

app = FastAPI()
books: dict[int, dict] = {1: {"id": 1, "title": "Middlemarch"}}


class Book(BaseModel):
    title: str


@app.get("/books/{number}")
async def read(number: int) -> dict:
    if number not in books:
        raise HTTPException(404, "No such book")
    return books[number]


@app.post("/books", status_code=201)
async def add(book: Book) -> dict:
    number = len(books) + 1
    books[number] = {"id": number, **book.model_dump()}
    return books[number]


async def before(scope: dict, actions: list[dict]) -> None:
    """Runs once for each batch, before any of its actions: the place for limits."""
    if sum(action["method"] != "get" for action in actions) > 5:
        raise Problem(429, "At most five books at a time", headers={"Retry-After": "60"})


app.add_route("/batch", BatchEndpoint(app, allow=["GET /books/{number}", "POST /books"], before=before))

if __name__ == "__main__":
    uvicorn.run(app, port=8000)
