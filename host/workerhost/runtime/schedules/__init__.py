"""Schedules, which start executions at times: Temporal's own, on the task queues of projects."""
