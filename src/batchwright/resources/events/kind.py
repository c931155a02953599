"""What an event is: a row of the log that `engine.events` writes, kept once for each task or project it concerns."""

from __future__ import annotations

from batchwright.model.fields import json, moment, ref, text, whole
from batchwright.model.kinds import Kind

EVENT = Kind(
    "event",
    "events",
    (
        whole("stream", hidden=True, nullable=False),
        ref("user", "user", about="Who did it; null when the server did."),
        moment("created_at", about="When it happened."),
        text("type", about="The resource's type (deprecated: its resource_type says the same)."),
        text("action", about="What was done to the resource: added, changed, removed or deleted."),
        json("resource", nullable=False, about="What it was done to."),
        json("parent", about="What the resource was added to or removed from."),
        json("change", conditional=True, about="Which field was changed, how, and to what."),
    ),
    nested=True,
    indexes=(("stream", "gid"),),
    about="Something that happened to an object.",
)
