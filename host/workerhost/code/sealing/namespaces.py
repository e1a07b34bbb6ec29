"""Namespaces of a process's own, without root where the kernel allows it: users, network, IPC and process ids."""

import fcntl
import os
import re
import signal
import socket
import struct
from pathlib import Path

from workerhost.code.sealing.kernel import PR_SET_PDEATHSIG, prctl, set_namespace, unshare
from workerhost.code.sealing.users import FIRST_USER, USERS, may_change_users

_NEW_USER, _NEW_PROCESS_IDS, _NEW_NETWORK, _NEW_IPC = 0x10000000, 0x20000000, 0x40000000, 0x08000000
"""`CLONE_NEW…` from <linux/sched.h>."""

_GET_FLAGS, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 1
"""`SIOCGIFFLAGS`, `SIOCSIFFLAGS` and `IFF_UP`, which `netdevice(7)` describes."""


class ProcessIds:
    """Gives children process ids of their own. Belongs to a process with one thread, for which `enter` was called.

    Such a child is the first process of its kind: it sees no process that it has not started, and when it ends the
    kernel ends all that it has started.
    """

    def __init__(self) -> None:
        self._own = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)

    @classmethod
    def enter(cls) -> "ProcessIds":
        """Go on in a forked process that may give its children process ids; this one only waits for its end.

        Where this is root, the children can become users of their own as before.

        Raises:
            OSError: the kernel, or what contains this process, does not allow it.
        """
        # In a namespace of users of its own, an ordinary user may make the others.
        if may_change_users():
            _leave_with_users(_NEW_USER | _NEW_PROCESS_IDS)
        else:
            _leave(_NEW_USER | _NEW_PROCESS_IDS)
        parent = os.fork()
        if parent:
            os.waitpid(parent, 0)
            os._exit(0)
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # so that it ends with the one that waits for it
        return cls()

    def fork(self) -> int:
        """Fork a child with process ids of its own; return its id as seen from here, and 0 in the child."""
        unshare(_NEW_PROCESS_IDS)
        child = None
        try:
            child = os.fork()
        finally:
            if child != 0:  # also where there can be no more processes
                set_namespace(self._own)
        if child == 0:
            os.close(self._own)
        return child


def leave_network() -> None:
    """Have this process share no network and no IPC with others, nor the rights of the user that it runs as.

    There is no way to anywhere in the new network, not even to the loopback address before `bring_up_loopback`. The
    user's processes are counted apart in the new namespace of users, by Linux 5.14 and later.

    Raises:
        OSError: the kernel, or what contains this process, does not allow it.
    """
    _leave(_NEW_USER | _NEW_NETWORK | _NEW_IPC)


def counts_processes_apart() -> bool:
    """Tell whether a user's processes count in each namespace of users by themselves, as since Linux 5.14."""
    major, minor = re.findall(r"\d+", os.uname().release)[:2]
    return (int(major), int(minor)) >= (5, 14)


def bring_up_loopback() -> None:
    """Have the loopback address work in a network of this process's own, which `leave_network` has entered.

    Raises:
        OSError: this process has no right to.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh22x", b"lo", 0)
        _, flags = struct.unpack("16sh22x", fcntl.ioctl(any_socket, _GET_FLAGS, request))
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh22x", b"lo", flags | _IS_UP))


def _leave(namespaces: int) -> None:
    user, group = os.getuid(), os.getgid()
    unshare(namespaces)
    _map_present(user, group)


def _map_present(user: int, group: int) -> None:
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path(f"/proc/self/{name}").write_text(text)


def _leave_with_users(namespaces: int) -> None:
    """Leave, and keep the users of projects' processes beside the present one; needs the rights of root."""
    me, user, group = os.getpid(), os.getuid(), os.getgid()
    more = f"{FIRST_USER} {FIRST_USER} {USERS}"
    left, leave = os.pipe()
    writer = os.fork()  # only one that stays outside may give more than the present user
    if writer == 0:
        os.close(leave)
        try:
            if os.read(left, 1):
                for name, own in (("uid_map", user), ("gid_map", group)):
                    Path(f"/proc/{me}/{name}").write_text(f"{own} {own} 1\n{more}")
                os._exit(0)
        finally:
            os._exit(1)
    os.close(left)
    try:
        unshare(namespaces)
        os.write(leave, b"\n")
    finally:
        os.close(leave)
        _, status = os.waitpid(writer, 0)
    if status != 0:  # these users are not there, as in some containers
        _map_present(user, group)
