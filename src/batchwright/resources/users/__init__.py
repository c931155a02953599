"""Users: people with an account."""

from __future__ import annotations

from batchwright.resources.users.favorites import FAVORITE, FAVORITES
from batchwright.resources.users.inviting import INVITING
from batchwright.resources.users.kind import USER
from batchwright.resources.users.lists import LISTS
from batchwright.resources.users.records import RECORDS

KINDS = (USER, FAVORITE)
OPERATIONS = (*LISTS, *RECORDS, *INVITING, *FAVORITES)
