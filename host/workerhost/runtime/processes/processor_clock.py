"""How long a process has run on a processor."""

import time

_CLOCK = 2
"""Of a process, in the id of the clock that `clock_getcpuclockid(3)` makes of its id."""


def processor_seconds(process_id: int) -> float:
    """Return how long a process has run on a processor; 0 where it has ended."""
    try:
        return time.clock_gettime(~process_id << 3 | _CLOCK)
    except OSError:
        return 0.0
