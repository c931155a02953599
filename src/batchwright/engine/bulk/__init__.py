"""Batches of many actions, worked off behind the scenes (docs/batch.md): taken in, run, told of."""

from batchwright.engine.bulk.operations import operations as operations
from batchwright.engine.bulk.working import Bulk as Bulk
