"""Placing rows beside each other: the order is that of a list in memory, whatever is put where."""

from __future__ import annotations

import random
from pathlib import Path

from tests.toys import BOX, THING, open_toys, put, seen_by

from batchwright.model import gids, ranks
from batchwright.model.conditions import Order, Query, equals
from batchwright.steps.placing import beside


async def test_rows_stand_where_they_were_put(tmp_path: Path) -> None:
    """Against a model: rows put first, last, before and after others."""
    store = open_toys(tmp_path)
    view, draw = seen_by(store), random.Random(7)
    box, other = await put(store, BOX), await put(store, BOX)
    model: list[int] = []
    for number in range(60):
        where = draw.randrange(4) if model else 0
        anchor = draw.choice(model) if model else 0
        if where < 2:
            rank = (ranks.last if where == 0 else ranks.first)(gids.make())
            place = len(model) if where == 0 else 0
        else:
            rank = await beside(view, "thing", "box", anchor, before=where == 2)
            place = model.index(anchor) + (where == 3)
        model.insert(place, await put(store, THING, name=str(number), box=box, rank=rank))
        await put(store, THING, name=str(number), box=other, rank=rank)
    query = Query("thing", (equals("box", box),), order=(Order("rank"), Order("gid")), visible=False)
    assert [row[0] for row in await view.select(query)] == model
    await store.close()
