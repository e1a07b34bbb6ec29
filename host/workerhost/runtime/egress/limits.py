"""What a project may take of the proxy, and for how long."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EgressLimits:
    """Limits of a proxy; times are in seconds."""

    head_bytes: int = 32 * 1024
    """Of the head of a request or of an answer: four times what common web servers take of a request."""
    head_seconds: float = 10
    """For the head of a request to arrive; programs send it at once."""
    connections: int = 100
    """Of a project at once: as many as one client of httpx opens."""
    connections_to_refuse: int = 16
    """Of a project at once, beyond those, that are told why; others wait until one of them has ended."""
    share_of_files: float = 0.25
    """Of the descriptors that this process may open, for the connections of all projects; each takes two."""
    accepts_a_second: int = 500
    """New connections of a project, so that one which opens them without end leaves time for others."""
    lookups: int = 4
    """Names of a project that are resolved at once; each holds a thread, also after the time of its request."""
    lookup_threads: int = 64
    """Of all projects; a thread waits for a name server for seconds, and costs little while it does."""
    lookup_seconds: float = 10
    """For a name: twice what a name server has by default (`resolv.conf(5)`: 5 s)."""
    connect_seconds: float = 5
    """For each address that is tried: on the way there, three packets may be lost."""
    addresses: int = 3
    """Of a name that are tried, one after the other, before the target counts as away."""
    idle_seconds: float = 600
    """Without a byte in either direction: the longest that clients of common services wait for an answer by default."""
    half_closed_seconds: float = 60
    """Likewise, once one side has said that it sends no more: most have then left altogether."""
    linger_seconds: float = 2
    """For a client that is still sending to read why it was refused."""
    log_lines: int = 10
    """Different refusals of one project; each is written once, and how often it was is said later."""
