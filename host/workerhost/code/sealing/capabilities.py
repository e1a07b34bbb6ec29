"""What a process may do of what root may: capabilities(7)."""

import struct
from enum import IntEnum

from workerhost.code.sealing.kernel import get_capabilities, set_capabilities

_OWN = struct.pack("=Ii", 0x20080522, 0)
"""What is asked about, from <linux/capability.h>: the third version of the interface, and this process."""

_SIZE = 2 * 3 * 4
"""Bytes: the lower words of the effective, the permitted and the inherited ones, and then the upper words."""


class Capability(IntEnum):
    """Those that are asked for by name, with the numbers of <linux/capability.h>."""

    CHOWN = 0
    DAC_OVERRIDE = 1
    FOWNER = 3
    KILL = 5
    SETGID = 6
    SETUID = 7


def has_capabilities(*asked: Capability) -> bool:
    """Tell whether this process has all of these, in the namespace of users that it is in."""
    words = struct.unpack("=6I", get_capabilities(_OWN, _SIZE))
    effective = words[0] | words[3] << 32
    return all(effective >> each & 1 for each in asked)


def give_up_capabilities() -> None:
    """Keep none of them. Whoever gains no new privileges gets none back either, by no program that it starts.

    Also those go that a process has in a namespace of users of its own: they lead to parts of the kernel, as that of
    its firewall, which other programs of an ordinary user do not reach.

    Raises:
        OSError: the kernel does not allow it.
    """
    set_capabilities(_OWN, bytes(_SIZE))
