"""Opens the database that the settings name, with what follows from changes."""

from __future__ import annotations

from batchwright.accounts import Refused
from batchwright.engine.belonging import belonging, belongings
from batchwright.engine.deriving import composed, foreseeing, touching
from batchwright.engine.events import Announcer
from batchwright.engine.streams import placed
from batchwright.resources import KINDS
from batchwright.resources.stories.system import spoken_of, telling
from batchwright.settings import Settings
from batchwright.store import databases
from batchwright.store.effects import compared
from batchwright.store.interface import Store


def open_store(settings: Settings) -> Store:
    """The database that the settings name; a file is created and upgraded on the way."""
    try:
        # In this order: a story touches its task and is an event, a modification time is neither.
        derive = composed(KINDS, belonging, telling, touching, Announcer())
        foresee = foreseeing(KINDS, compared, belongings, spoken_of, placed)
        return databases.open_store(settings.db, KINDS, derive, foresee)
    except databases.Unusable as problem:
        raise Refused(str(problem)) from None
