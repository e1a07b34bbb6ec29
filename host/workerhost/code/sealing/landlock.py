"""Landlock: the kernel's way for an ordinary process to give up files, TCP and signals, for itself and its children.

The rights and their numbers are those of <linux/landlock.h>; https://docs.kernel.org/userspace-api/landlock.html says
with which version of the interface each came.
"""

import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from workerhost.code.sealing.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_OF_INTERFACE, _PATH_BENEATH, _PORT = 1, 1, 2

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = (1 << number for number in range(4))
_REMOVE_FOLDER, _REMOVE_FILE, _MAKE_FOLDER, _MAKE_FILE, _MAKE_LINK = (1 << number for number in (4, 5, 7, 8, 12))
_MOVE_FILE, _TRUNCATE, _DEVICE_CONTROL = (1 << number for number in (13, 14, 15))
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _DEVICE_CONTROL
"""What can be allowed for something that is no folder."""

_READ = _EXECUTE | _READ_FILE | _READ_FOLDER
_WRITE = _READ | _WRITE_FILE | _REMOVE_FOLDER | _REMOVE_FILE | _MAKE_FOLDER | _MAKE_FILE | _MAKE_LINK | _TRUNCATE

FIRST_WITH_TCP = 4
"""The version of the interface from which on TCP is given up."""

_BIND, _CONNECT = 0b01, 0b10
_TCP = _BIND | _CONNECT
_SIGNALS_AND_ABSTRACT_SOCKETS = 0b11


def landlock_version() -> int:
    """Return the version of the kernel's interface, or 0 where there is none."""
    try:
        return syscall(_CREATE_RULESET, None, 0, _VERSION_OF_INTERFACE)
    except OSError:
        return 0


def restrict(readable: Iterable[Path], writable: Iterable[Path], connect_port: int | None = None) -> int:
    """Let this process and its children reach these files and folders alone; return the interface's version.

    From version 4 on no TCP either, but to one port, whatever the address. From version 6 on no signals to processes
    outside and no abstract sockets. A process cannot look into one outside that has not given up as much: not at its
    memory, nor at its environment.

    Args:
        readable: what may be read and executed; what is not there is left out.
        writable: what may be changed as well.
        connect_port: the port to which TCP connections may be made; None for none.

    Raises:
        OSError: the kernel has no Landlock, or this process may still gain privileges.
    """
    version = landlock_version()
    handled = _handled(version)
    ruleset = _new_ruleset(version, handled)
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE)):
            for path in paths:
                _allow(ruleset, path, rights & handled)
        if connect_port is not None and version >= FIRST_WITH_TCP:
            syscall(_ADD_RULE, ruleset, _PORT, struct.pack("=QQ", _CONNECT, connect_port), 0)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _handled(version: int) -> int:
    """Return the rights on files that this version of the interface knows."""
    later = (_MOVE_FILE, 2), (_TRUNCATE, 3), (_DEVICE_CONTROL, 5)
    return (1 << 13) - 1 | sum(right for right, since in later if version >= since)


def _new_ruleset(version: int, handled: int) -> int:
    fields = [handled]
    if version >= FIRST_WITH_TCP:
        fields.append(_TCP)
    if version >= 6:
        fields.append(_SIGNALS_AND_ABSTRACT_SOCKETS)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    return syscall(_CREATE_RULESET, attributes, len(attributes), 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = rights if stat.S_ISDIR(os.fstat(parent).st_mode) else rights & _OF_FILES
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, parent), 0)
    finally:
        os.close(parent)
