"""opt_fields: parse -> plan -> load -> shape. Nothing is fetched that isn't shown."""

from batchwright.projection.load import project as project
from batchwright.projection.parse import parse as parse
from batchwright.projection.plan import plan as plan
