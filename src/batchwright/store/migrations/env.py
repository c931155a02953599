"""What alembic runs to get at the database: a connection that is in a transaction already."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
