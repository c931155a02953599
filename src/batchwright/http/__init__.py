"""Bytes to calls and replies to bytes; the only importer of the web framework."""
