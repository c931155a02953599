"""The regular operations as functions: getting, listing, creating, updating, deleting, linking, searching."""

from batchwright.shapes.creating import creating as creating
from batchwright.shapes.deleting import deleting as deleting
from batchwright.shapes.getting import getting as getting
from batchwright.shapes.linking import linking as linking
from batchwright.shapes.listing import first as first
from batchwright.shapes.listing import listing as listing
from batchwright.shapes.listing import page as page
from batchwright.shapes.searching import searching as searching
from batchwright.shapes.updating import updating as updating
