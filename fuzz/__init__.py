"""Hostile input: requests that nobody means well with, sent to a real server in great numbers (docs/security.md)."""
