"""What `make check` looks at besides linters and types."""
