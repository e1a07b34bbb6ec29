"""What is installed in this Python: read from files, once in a process."""

import importlib.metadata
from functools import cache


@cache
def version(distribution: str) -> str:
    """Return the version of an installed distribution. Safe to use from any thread."""
    return importlib.metadata.version(distribution)


@cache
def entry_points(group: str) -> tuple[importlib.metadata.EntryPoint, ...]:
    """Return the entry points of a group, sorted by their names. Safe to use from any thread."""
    return tuple(sorted(importlib.metadata.entry_points(group=group), key=lambda each: each.name))
