"""One connection of a client: one request, which is tunnelled, forwarded or refused."""

import logging
import socket

import h11

from workerhost.code.sealing.relay import IdleClock, relay, send
from workerhost.runtime.egress.client_side import ClientLeftError, ClientSide
from workerhost.runtime.egress.forwarding import Forwarding
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.refusals import RefusalLog, RefusedError
from workerhost.runtime.egress.requests import read_request
from workerhost.runtime.egress.targets import Targets

log = logging.getLogger(__name__)


class Exchange:
    """Serves one connection, which others close. Belongs to the proxy's loop.

    A connection serves one request: so nothing that follows a body can be taken for a request by one side alone.

    Args:
        connection: does not block.
        targets: what the client may connect to.
        refusals: takes those of the project.
        limits: on sizes and times.
    """

    def __init__(self, connection: socket.socket, targets: Targets, refusals: RefusalLog, limits: EgressLimits) -> None:
        self._connection = connection
        self._client = ClientSide(connection, limits)
        self._targets = targets
        self._refusals = refusals
        self._limits = limits

    async def run(self, refusal: RefusedError | None = None) -> None:
        """Serve the client, however it and its target behave.

        Args:
            refusal: what it is answered, whatever it asks for.
        """
        try:
            try:
                await self._serve(refusal)
            except RefusedError as refused:
                self._refusals.write(refused)
                await self._client.refuse(refused)
        except (OSError, ClientLeftError, h11.ProtocolError):
            pass  # one side is gone or talks nonsense in the middle; the other one sees the connection end
        except Exception:
            log.exception("a connection of a project process ended by a mistake of the proxy")

    async def _serve(self, refusal: RefusedError | None) -> None:
        head = await self._client.head()
        if refusal is not None:
            raise refusal
        asked = read_request(head)
        with await self._targets.connect(asked.host, asked.port) as target:
            try:
                async with IdleClock(self._limits.idle_seconds) as clock:
                    if asked.path is None:
                        await self._tunnel(target, clock)
                    else:
                        await Forwarding(self._client, target, clock, self._limits.head_bytes).run(head, asked)
            except TimeoutError:
                silence = f"for {self._limits.idle_seconds:g} s"
                raise RefusedError(502, f"{asked.host}:{asked.port} neither answered nor read {silence}") from None

    async def _tunnel(self, target: socket.socket, clock: IdleClock) -> None:
        begun = await self._client.switch(clock)
        await send(target, begun, clock)
        await relay(self._connection, target, clock, self._limits.half_closed_seconds)
