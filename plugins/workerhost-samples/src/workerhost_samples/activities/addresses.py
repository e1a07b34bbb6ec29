"""Which addresses a request may reach, and a transport that reaches no other."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpx
from temporalio.exceptions import ApplicationError

from workerhost_samples.settings import Network

Address = IPv4Address | IPv6Address

_LAST_PORT = 65535
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_TUNNELS = (IPv6Network("2002::/16"), IPv6Network("2001::/32"))
_NAT64 = IPv6Network("64:ff9b::/96")


def refusal(message: str) -> ApplicationError:
    """Return the error for a request that would be refused again: it is not retried."""
    return ApplicationError(message, type="RequestRefused", non_retryable=True)


def failure(message: str) -> ApplicationError:
    """Return the error for a request that may succeed next time: it is retried."""
    return ApplicationError(message, type="RequestFailed")


def is_public(address: Address) -> bool:
    """Tell whether `address` is a unicast address of the internet, not of some private or special network."""
    if isinstance(address, IPv6Address):
        if address not in _GLOBAL_UNICAST or any(address in tunnel for tunnel in _TUNNELS):
            return False
    elif address.is_reserved:
        return False
    return address.is_global and not address.is_multicast


def effective(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for (mapped, or behind NAT64), else `address`."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class CheckedTransport(httpx.AsyncHTTPTransport):
    """Connects to public addresses and to those in `allowed`, and to exactly the address that it checked.

    Every request of a client passes here, each one after a redirect too. A name is resolved once, and the
    connection made to the address itself, so a name server cannot answer the check and the connection
    differently. Connections are not kept: one to an address could serve another name without a check of
    its certificate.
    """

    def __init__(self, allowed: Sequence[Network], tls: ssl.SSLContext) -> None:
        super().__init__(verify=tls, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
        self._allowed = allowed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send `request` to the first address of its host that takes the connection."""
        if request.url.scheme not in ("http", "https"):
            raise refusal(f"The scheme of the URL is {request.url.scheme!r}: only http and https are allowed.")
        if (request.url.port or 0) > _LAST_PORT:
            raise refusal(f"The URL has the port {request.url.port}: there is none above {_LAST_PORT}.")
        *others, last = await self._checked_addresses(request.url)
        for address in others:
            try:
                return await super().handle_async_request(_pinned(request, address))
            except httpx.ConnectError:
                continue
        return await super().handle_async_request(_pinned(request, last))

    async def _checked_addresses(self, url: httpx.URL) -> list[Address]:
        addresses = await _resolve(url)
        for address in addresses:
            if not self._may_reach(address):
                raise refusal(f"{url.host} is at {address}, which is not a public address and is not allowed.")
        return addresses

    def _may_reach(self, address: Address) -> bool:
        target = effective(address)
        return is_public(target) or any(target in network for network in self._allowed)


@cache
def tls_context() -> ssl.SSLContext:
    """Return the one context for TLS, with certifi's authorities; the first call reads them from a file."""
    return httpx.create_ssl_context(trust_env=False)


def _pinned(request: httpx.Request, address: Address) -> httpx.Request:
    """Return `request` with its address for a host; header and certificate check keep the host's name."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.raw_host.decode("ascii")},
    )


async def _resolve(url: httpx.URL) -> list[Address]:
    """Return all addresses of the URL's host, in the order of the resolver's preference."""
    host = url.raw_host.decode("ascii")
    if not host:
        raise refusal("The URL names no host.")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise failure(f"{url.host} cannot be resolved: {error.strerror}.") from None
    except UnicodeError:
        raise refusal(f"{url.host} is not the name of a host.") from None
    return list(dict.fromkeys(ip_address(sockaddr[0]) for *_, sockaddr in found))
