"""Which addresses are of the public internet, and which other addresses one stands for."""

import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_NOT_PUBLIC: tuple[Network, ...] = (
    # From the registries of special addresses of IANA; some versions of Python take these for public.
    *(IPv4Network(each) for each in ("192.0.0.0/24", "192.88.99.0/24")),
    *(IPv6Network(each) for each in ("2001::/23", "2002::/16", "3fff::/20")),
)


def parse_address(text: str) -> Address | None:
    """Return the address that is written so, or None; an IPv4 address that is written as an IPv6 one is IPv4."""
    try:
        return without_mapping(ip_address(text))
    except ValueError:
        return None


def without_mapping(address: Address) -> Address:
    """Return the IPv4 address to which the kernel connects for an IPv4-mapped one, else the address itself."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def reached_through(address: Address) -> tuple[Address, ...]:
    """Return the addresses at which packets to this one may end: IPv4 ones behind NAT64, 6to4 and Teredo, and itself.

    An address of NAT64 is only a way to write an IPv4 one, and is not returned.
    """
    if isinstance(address, IPv4Address):
        return (address,)
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    behind = [address.sixtofour] if address.sixtofour else []
    return (address, *behind, *(address.teredo or ()))


def is_allowed(address: Address, open_networks: Iterable[Network]) -> bool:
    """Tell whether an address, and all that is reached through it, is public or in one of the open networks."""
    networks = tuple(open_networks)
    return any(address in network for network in networks) or all(
        _is_public(each) or any(each in network for network in networks) for each in reached_through(address)
    )


def is_of_this_machine(address: Address) -> bool:
    """Tell whether this machine has the address. No packet is sent for it: only such an address can be bound."""
    family = socket.AF_INET if isinstance(address, IPv4Address) else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((str(address), 0))
    except OSError:
        return False
    return True


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return False
    if address.is_multicast or address.is_reserved or any(address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global
