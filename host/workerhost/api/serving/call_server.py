"""All connections of one process: how many there may be, how long they may take, and how they end."""

import asyncio
from wsgiref.types import WSGIApplication

from workerhost.api.serving import refusals
from workerhost.api.serving.call_threads import CallThreads
from workerhost.api.serving.client_connection import ClientConnection, State
from workerhost.api.serving.limits import ConnectionLimits

LONG_CALL_SECONDS = 1.0
"""From when on a call that said nothing counts as one that waits."""


class CallServer:
    """The connections of one process. Belongs to the event loop.

    Args:
        application: answers requests, in threads.
        threads: where it does that.
        limits: of the connections.
        is_one_of_many: whether other processes serve the same application.
    """

    def __init__(
        self, application: WSGIApplication, threads: CallThreads, limits: ConnectionLimits, *, is_one_of_many: bool
    ) -> None:
        self.application = application
        self.threads = threads
        self.limits = limits
        self.is_one_of_many = is_one_of_many
        self.is_stopping = False
        self._connections: set[ClientConnection] = set()
        self._held = 0

    @property
    def has_connections(self) -> bool:
        """Whether any connection is open."""
        return bool(self._connections)

    def connect(self) -> ClientConnection:
        """Return the protocol of a new connection."""
        return ClientConnection(self)

    def admit(self, connection: ClientConnection) -> None:
        """Count a new connection. Where there are too many, the one ends that has waited longest for its client."""
        waiting = [each for each in self._connections if each.state is not State.ANSWERING]
        self._connections.add(connection)
        if len(self._connections) > self.limits.connections:
            oldest = min(waiting, key=lambda each: each.since, default=None)
            if oldest is None:
                connection.refuse(refusals.busy())
            else:
                oldest.end_with(refusals.busy())

    def dismiss(self, connection: ClientConnection) -> None:
        """Forget a connection that has ended."""
        self._connections.discard(connection)

    def note_held(self, added: int) -> None:
        """Count bytes of bodies. Where there are too many, the largest body that still arrives is refused."""
        self._held += added
        if added > 0 and self._held > self.limits.buffered_bytes:
            reading = [each for each in self._connections if each.state is State.READING and each.held]
            if reading:
                max(reading, key=lambda each: each.held).end_with(refusals.busy())

    def look(self) -> None:
        """End what has lasted too long. To be called now and then."""
        self.threads.put_long_ones_aside(LONG_CALL_SECONDS)
        now = asyncio.get_running_loop().time()
        for connection in [each for each in self._connections if each.deadline < now]:
            connection.end_with(refusals.too_slow())

    def stop(self) -> None:
        """Let each connection end with the answer to the request that it has, or that comes at once."""
        self.is_stopping = True
        for connection in self._connections:
            connection.hurry()

    def abort(self) -> None:
        """End all connections."""
        for connection in list(self._connections):
            connection.abort()
