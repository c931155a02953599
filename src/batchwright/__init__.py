"""Batchwright: an Asana that anyone can run, with a working Batch API at its heart."""

__version__ = "0.1.0"
