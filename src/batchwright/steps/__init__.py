"""Parts of operations that resources share, where a shape makes a whole one: they read, decide, return changes."""
