"""Executing a project's code, in the host or in a process of its own: what both have in common."""
