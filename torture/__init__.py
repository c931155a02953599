"""What becomes of the data when things break: `python -m torture` breaks them, docs/reliability.md tells of it."""
