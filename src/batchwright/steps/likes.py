"""Likes of a task or a story: the kind of their rows, what a record shows of them, a caller's own set or taken back."""

from __future__ import annotations

from dataclasses import replace

from batchwright.model.calls import Call
from batchwright.model.changes import Change, Remove
from batchwright.model.conditions import Reading
from batchwright.model.fields import Field, Relation, count, mine, ref, refs, same_as
from batchwright.model.kinds import Kind
from batchwright.model.views import View
from batchwright.steps.writing import insert


def like_kind(of: str) -> Kind:
    """The kind of the likes of a kind: who likes which row."""
    return Kind(
        f"{of}_like",
        "likes",
        (
            ref(of, of, required=True, hidden=True),
            ref("user", "user", required=True, about="Who likes it."),
        ),
        nested=True,
        unique=((of, "user"),),
    )


def like_fields(of: str) -> tuple[Field, ...]:
    """`liked`, `likes`, `num_likes`, and their older names."""
    rows = Relation(f"{of}_like", of, "gid", "gid")
    own = Relation(f"{of}_like", of, "user")
    liked = mine("liked", own, read_only=False, deed="like", about=f"Whether the caller likes the {of}.")
    likes = refs("likes", f"{of}_like", rows, about=f"Who likes the {of}.")
    number = count("num_likes", rows, about=f"How many people like the {of}.")
    older = replace(same_as(liked, "hearted"), read_only=True), same_as(likes, "hearts"), same_as(number, "num_hearts")
    return (liked, likes, number, *older)


async def like(call: Call, view: View, of: str, gid: int) -> tuple[Change, ...]:
    """What `liked` in the body asks for, as far as it isn't so."""
    if "liked" not in call.data:
        return ()
    kind = view.kinds[f"{of}_like"]
    found = await view.fetch(Reading(kind.name, of, ("gid", "user")), (gid,))
    own = [like for like, user in found[gid] if user == call.caller.user]
    if call.data["liked"]:
        return () if own else own_like(call, view, of, gid)
    return tuple(Remove(kind.name, like) for like in own)


def own_like(call: Call, view: View, of: str, gid: int) -> tuple[Change, ...]:
    """The same of a new row, which nobody likes yet."""
    if not call.data.get("liked"):
        return ()
    return (insert(view.kinds[f"{of}_like"], call, **{of: gid, "user": call.caller.user}),)
