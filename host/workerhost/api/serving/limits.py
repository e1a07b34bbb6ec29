"""How much of the service one connection, and all of them together, may take."""

from dataclasses import dataclass

MAX_BODY_BYTES = 4 * 1024 * 1024
"""Largest request body; a larger one is answered with 413."""

MAX_TARGET_BYTES = 4094
"""Longest path with its query; a longer one is answered with 414."""

MAX_HEAD_BYTES = 64 * 1024
"""Most bytes of a request line and its headers together."""

MAX_HEADERS, MAX_HEADER_BYTES = 100, 8190
"""Most headers, and most bytes of one of them; a request that has more is answered with 431."""


@dataclass(frozen=True)
class ConnectionLimits:
    """Limits of the connections of one process. Times are in seconds."""

    connections: int = 500
    """Open connections; past that the one goes that has waited longest for its client."""
    buffered_bytes: int = 16 * MAX_BODY_BYTES
    """Bodies that arrive, or whose request is not answered yet, all together; past that the largest one that still
    arrives is refused."""
    head_seconds: float = 10
    """How long a request line and headers may take to arrive, from their first byte or the connection's beginning."""
    body_seconds: float = 30
    """How long a body may take to arrive after its headers."""
    idle_seconds: float = 75
    """How long a connection is kept for a further request."""
    write_seconds: float = 30
    """How long a client may take to read an answer."""
    linger_seconds: float = 5
    """How long a client may go on sending what is not read, after an answer that ends its connection."""
