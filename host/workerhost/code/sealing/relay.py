"""Bytes between two sockets, both ways, as fast as the slower side takes them."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any

CHUNK = 64 * 1024
"""Bytes that are held for each direction, which is all the memory that a connection takes here."""


class IdleClock:
    """Ends what is done within it, with `TimeoutError`, once nothing has moved for a while. Belongs to an event loop.

    Args:
        seconds: without a byte; None for no limit.
    """

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(seconds)

    async def __aenter__(self) -> "IdleClock":
        """Begin to count."""
        await self._timeout.__aenter__()
        return self

    async def __aexit__(self, *raised: Any) -> None:
        """End counting."""
        await self._timeout.__aexit__(*raised)

    def moved(self) -> None:
        """Begin to count anew."""
        if self._seconds is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time() + self._seconds)

    def shorten(self, seconds: float) -> None:
        """Be less patient from now on."""
        if self._seconds is not None:
            self._seconds = min(self._seconds, seconds)
            self.moved()


async def receive(source: socket.socket, clock: IdleClock) -> bytes:
    """Return what a socket has, nothing where its other side sends no more, and let others have their turn.

    Raises:
        OSError: the connection is broken.
    """
    data = await asyncio.get_running_loop().sock_recv(source, CHUNK)
    clock.moved()
    await asyncio.sleep(0)  # where there is always more to read, the loop would get to nothing else
    return data


async def send(sink: socket.socket, data: bytes, clock: IdleClock) -> None:
    """Send all of the data; returns once the socket has taken it.

    Raises:
        OSError: the connection is broken.
    """
    await asyncio.get_running_loop().sock_sendall(sink, data)
    clock.moved()


async def relay(one: socket.socket, other: socket.socket, clock: IdleClock, half_closed_seconds: float) -> None:
    """Copy what either side sends to the other, until both have ended. Closes neither.

    Args:
        one: a socket that does not block.
        other: likewise.
        clock: what ends this when nothing moves.
        half_closed_seconds: what the clock waits once one side sends no more.

    Raises:
        OSError: one of the two is broken.
        TimeoutError: the clock's time is over.
    """
    await together(_copy(one, other, clock, half_closed_seconds), _copy(other, one, clock, half_closed_seconds))


async def together(*works: Coroutine[Any, Any, None]) -> None:
    """Do several things at once; where one raises, the others are cancelled, and its error is raised here."""
    try:
        async with asyncio.TaskGroup() as group:
            for work in works:
                group.create_task(work)
    except ExceptionGroup as several:
        raise several.exceptions[0] from None


async def _copy(source: socket.socket, sink: socket.socket, clock: IdleClock, half_closed_seconds: float) -> None:
    while data := await receive(source, clock):
        await send(sink, data, clock)
    sink.shutdown(socket.SHUT_WR)
    clock.shorten(half_closed_seconds)
