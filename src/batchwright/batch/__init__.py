"""The batch by itself: the same POST /batch for any ASGI app, or before any server. See docs/batch-endpoint.md."""

from batchwright.batch.endpoint import BatchEndpoint as BatchEndpoint
from batchwright.model.problems import Problem as Problem
