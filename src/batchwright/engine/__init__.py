"""From a call to its reply: routes, limits, validation, the pipeline, the batch."""
