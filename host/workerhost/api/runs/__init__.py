"""Routes for executions: starts, lists, steps, messages, resets, pauses, batches."""
