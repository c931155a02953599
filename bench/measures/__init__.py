"""What is measured, a question a file."""
