"""What one project may reach over the network."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import idna

from workerhost.runtime.egress.addresses import Network, parse_address

LONGEST_NAME = 253
"""Characters of a name, as RFC 1035 has it."""

_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.(?!-)[a-z0-9_-]{1,63})*")
"""Names as they are found in practice, which is with underscores."""


def plain_name(text: str) -> str:
    """Return a host's name or address in the one form in which two are compared.

    Raises:
        ValueError: it is neither; the message is a sentence.
    """
    address = parse_address(text)
    if address is not None:
        return str(address)
    name = text.removesuffix(".").lower()
    try:
        name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(f"{text!r:.300} is not the name of a host")
    return name


@dataclass(frozen=True)
class NetworkPolicy:
    """What one project may reach. Names are kept in the form of `plain_name`.

    Raises:
        ValueError: something is not the name of a host.
    """

    hosts: tuple[str, ...] | None
    """The names that it may reach, `*.example.com` for all below that one; None for any public host."""
    open_networks: tuple[Network, ...] = ()
    """What may be reached although it is not public: an operator says so."""
    own_services: frozenset[tuple[str, int]] = frozenset()
    """Names and ports of the service's own Temporal and database: never reached, under whatever name."""
    host_addresses: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Where hosts are, in place of what the name server says: `{"pay.example:443": "10.0.0.8:8443"}`, or without ports
    for all of them; as `read_host_addresses` returns it."""

    def __post_init__(self) -> None:
        if self.hosts is not None:
            object.__setattr__(self, "hosts", tuple(_plain_entry(each) for each in self.hosts))
        services = frozenset((plain_name(host), port) for host, port in self.own_services)
        object.__setattr__(self, "own_services", services)

    def refusal_of(self, host: str, port: int) -> str | None:
        """Return why a host must not be reached, judged by its name alone, or None.

        Args:
            host: as `plain_name` returns it.
            port: of the host.
        """
        if (host, port) in self.own_services:
            return "it belongs to the service itself"
        if self.hosts is None or any(_covers(entry, host) for entry in self.hosts):
            return None
        return "it is not among the hosts that this project may reach"

    def place_of(self, host: str, port: int) -> tuple[str, int]:
        """Return the host or address, and the port, at which a host is.

        Args:
            host: as `plain_name` returns it.
            port: of the host.
        """
        place = self.host_addresses.get(f"{host}:{port}") or self.host_addresses.get(host)
        address, other = _apart(place) if place else (host, None)
        return address, other or port

    def own_hosts(self, port: int) -> list[str]:
        """Return the names of the service's own hosts that answer at a port."""
        return sorted(host for host, own_port in self.own_services if own_port == port)


def read_host_addresses(entries: Iterable[str]) -> dict[str, str]:
    """Return where hosts are, from entries such as `name=address` and `name:port=address:port`.

    Raises:
        ValueError: an entry is none; the message is a sentence.
    """
    found: dict[str, str] = {}
    for entry in entries:
        name, _, place = entry.partition("=")
        host, port = _apart(name)
        if parse_address(_apart(place)[0]) is None:
            raise ValueError(f"{place!r:.300} is not an address, or one with a port")
        found[f"{plain_name(host)}:{port}" if port else plain_name(host)] = place
    return found


def _apart(text: str) -> tuple[str, int | None]:
    """Return a host or an address, and the port after it."""
    host, colon, port = text.rpartition(":")
    if colon and port.isdigit() and (host.endswith("]") or ":" not in host):
        return host.strip("[]"), int(port)
    return text.strip("[]"), None


def _plain_entry(entry: str) -> str:
    below = entry.removeprefix("*.")
    return plain_name(entry) if below == entry else f"*.{plain_name(below)}"


def _covers(entry: str, host: str) -> bool:
    return host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))
