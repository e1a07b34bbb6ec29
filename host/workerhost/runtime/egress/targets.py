"""From the host that a client names to a connection: resolved once, checked, and connected to what was checked."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from ipaddress import IPv4Address

from workerhost.runtime.egress.addresses import (
    Address,
    is_allowed,
    is_of_this_machine,
    parse_address,
    reached_through,
    without_mapping,
)
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.refusals import RefusedError

Resolver = Callable[[str], Awaitable[Iterable[Address]]]
"""Returns the addresses of a name, the best first; what it raises is taken for a name that is not known."""

Connector = Callable[[Address, int], Awaitable[socket.socket]]
"""Returns a connected socket that does not block, or raises `OSError`."""


async def resolve(name: str) -> list[Address]:
    """Return the addresses of a name, as this machine resolves it."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_STREAM)
    addresses = (parse_address(str(socket_address[0])) for *_, socket_address in found)
    return [each for each in addresses if each is not None]


async def connect(address: Address, port: int) -> socket.socket:
    """Return a socket that is connected to an address.

    Raises:
        OSError: nothing there takes the connection.
    """
    connection = socket.socket(socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6)
    try:
        connection.settimeout(0)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what arrives in pieces goes on as it comes
        await asyncio.get_running_loop().sock_connect(connection, (str(address), port))
    except BaseException:
        connection.close()
        raise
    return connection


class Lookups:
    """The names of one project that are resolved at the moment. Belongs to the proxy's loop.

    Args:
        resolver: resolves one name.
        limits: how many names at once, and for how long.
    """

    def __init__(self, resolver: Resolver, limits: EgressLimits) -> None:
        self._resolver = resolver
        self._limits = limits
        self._places = asyncio.Semaphore(limits.lookups)
        self._running: set[asyncio.Future[list[Address]]] = set()

    async def addresses_of(self, host: str) -> list[Address]:
        """Return the addresses of a host; one that is an address itself is not looked up.

        Raises:
            RefusedError: it has none, or the name server does not say so in time.
        """
        address = parse_address(host)
        if address is not None:
            return [address]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.lookup_seconds):
                await self._places.acquire()
                task = self._begin(host)
                await asyncio.wait({task})  # which leaves it running when the time is over
                return task.result()
        raise RefusedError(502, f"{host} was not resolved within {self._limits.lookup_seconds:g} s")

    def _begin(self, host: str) -> "asyncio.Future[list[Address]]":
        """Resolve in a task that outlives its request, as the thread does that it holds: so its place is taken."""
        task = asyncio.ensure_future(self._resolve(host))
        self._running.add(task)
        task.add_done_callback(self._end)
        return task

    def _end(self, task: "asyncio.Future[list[Address]]") -> None:
        self._running.discard(task)
        self._places.release()
        if not task.cancelled():
            task.exception()  # or asyncio would say that nobody has looked at it

    async def _resolve(self, host: str) -> list[Address]:
        try:
            found = [without_mapping(each) for each in await self._resolver(host)]
        except Exception as error:
            raise RefusedError(502, f"{host} cannot be resolved", str(error)) from error
        if not found:
            raise RefusedError(502, f"{host} has no address")
        return list(dict.fromkeys(found))


class Targets:
    """What one project process may connect to. Belongs to the proxy's loop.

    Args:
        policy: what is allowed.
        lookups: of the project.
        connector: connects to one address.
        limits: how many addresses are tried, and for how long.
    """

    def __init__(self, policy: NetworkPolicy, lookups: Lookups, connector: Connector, limits: EgressLimits) -> None:
        self._policy = policy
        self._lookups = lookups
        self._connector = connector
        self._limits = limits

    async def connect(self, host: str, port: int) -> socket.socket:
        """Return a connection to a host, at one of the addresses that were checked.

        Args:
            host: as `plain_name` returns it.
            port: of the host.

        Raises:
            RefusedError: it must not be reached, or cannot.
        """
        what = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        reason = self._policy.refusal_of(host, port)
        if reason is not None:
            raise RefusedError(403, f"{what} is refused: {reason}")
        place, port = self._policy.place_of(host, port)
        addresses = await self._lookups.addresses_of(place)
        await self._check(what, addresses, port)
        return await self._connect(what, addresses[: self._limits.addresses], port)

    async def _check(self, what: str, addresses: Sequence[Address], port: int) -> None:
        own = [each for host in self._policy.own_hosts(port) for each in await self._lookups.addresses_of(host)]
        is_here = any(is_of_this_machine(each) for each in own)
        for address in addresses:
            reached = reached_through(address)
            if not set(own).isdisjoint(reached) or (is_here and any(is_of_this_machine(each) for each in reached)):
                raise RefusedError(403, f"{what} is refused: it belongs to the service itself", f"at {address}")
            if not is_allowed(address, self._policy.open_networks):
                raise RefusedError(403, f"{what} is refused: its address is not a public one", f"at {address}")

    async def _connect(self, what: str, addresses: Sequence[Address], port: int) -> socket.socket:
        said = ""
        for address in addresses:
            try:
                async with asyncio.timeout(self._limits.connect_seconds):
                    return await self._connector(address, port)
            except TimeoutError:
                said = f"within {self._limits.connect_seconds:g} s"
            except OSError as error:
                said = f"({error.strerror or type(error).__name__})"
        raise RefusedError(502, f"{what} does not answer {said}")
