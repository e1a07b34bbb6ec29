"""Starting executions: what is said of a start, and how Temporal is asked for it."""
