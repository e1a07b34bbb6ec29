"""A relay shares its loop with others."""

import asyncio
import socket

from workerhost.code.sealing.relay import IdleClock, receive

PACKETS = 20


def test_a_socket_that_always_has_more_leaves_others_their_turn() -> None:
    turns = 0

    async def take_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def read_all(source: socket.socket) -> None:
        other = asyncio.ensure_future(take_turns())
        async with IdleClock(None) as clock:
            for _ in range(PACKETS):
                assert await receive(source, clock) == b"x"
        other.cancel()

    source, sink = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with source, sink:
        source.settimeout(0)
        for _ in range(PACKETS):
            sink.send(b"x")
        asyncio.run(read_all(source))
    assert turns >= PACKETS
