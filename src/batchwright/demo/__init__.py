"""A small company to try the server with; loaded through the API's own operations, so that its history is real."""

from batchwright.demo.loading import load as load
