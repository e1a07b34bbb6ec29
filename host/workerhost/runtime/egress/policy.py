"""What one project may reach over the network."""

import re
from dataclasses import dataclass

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

    def own_hosts(self, port: int) -> list[str]:
        """Return the names of the service's own hosts that answer at a port."""
        return sorted(host for host, own_port in self.own_services if own_port == port)


def _plain_entry(entry: str) -> str:
    below = entry.removeprefix("*.")
    return plain_name(entry) if below == entry else f"*.{plain_name(below)}"


def _covers(entry: str, host: str) -> bool:
    return host == entry or (entry.startswith("*.") and host.endswith(entry[1:]))
