"""Why executions do not go on."""
