"""Coalesced reads and committed changes over a database."""
