"""What a process may do of what root may: capabilities(7)."""

import struct
from enum import IntEnum
from pathlib import Path

from workerhost.code.sealing.kernel import set_capabilities

_VERSION_3 = 0x20080522  # from <linux/capability.h>; two words of 32 bits for each of the three sets


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
    for line in Path("/proc/self/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "CapEff":
            effective = int(value, 16)
            return all(effective >> each & 1 for each in asked)
    return False


def give_up_capabilities() -> None:
    """Keep none of them. Whoever gains no new privileges gets none back either, by no program that it starts.

    Also those go that a process has in a namespace of users of its own: they lead to parts of the kernel, as that of
    its firewall, which other programs of an ordinary user do not reach.

    Raises:
        OSError: the kernel does not allow it.
    """
    set_capabilities(struct.pack("=Ii", _VERSION_3, 0), bytes(6 * 4))
