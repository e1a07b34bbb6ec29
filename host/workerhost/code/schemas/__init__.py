"""What a project's code takes and returns, as JSON Schema."""
