"""A filter of system calls: what project code has no use for, and what flaws of kernels are mostly found in.

The program for the kernel is put together here, since libseccomp is not on every machine. It is a list of what is
refused, so that whatever libraries do otherwise goes on. Refused is what changes the machine, looks into other
processes, makes or enters namespaces, or brings in parts of the kernel that few programs use. The numbers of calls are
those of <asm/unistd_64.h> (x86_64) and <asm-generic/unistd.h> (aarch64); the other numbers are those of
<linux/seccomp.h>, <linux/filter.h>, <linux/audit.h> and <linux/sched.h>.
"""

import ctypes
import errno
import os
import socket
import struct
from collections.abc import Iterator

from workerhost.code.sealing.kernel import PR_SET_SECCOMP, prctl

_MODE_FILTER = 2

_ALLOW, _KILL_PROCESS, _ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_JUMP, _JUMP_IF_EQUAL, _JUMP_IF_NOT_LESS, _JUMP_IF_ANY_BIT = 0x05, 0x15, 0x35, 0x45
_OFFSET_OF_NUMBER, _OFFSET_OF_MACHINE, _OFFSET_OF_ARGUMENTS = 0, 4, 16

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""By the name that the kernel gives: the column of the numbers below, and how a filter is told the machine."""

_X32 = 0x40000000
"""Added to numbers of calls on x86_64 by programs with pointers of 32 bits."""

REFUSED: dict[str, tuple[int | None, int | None]] = {
    # The tree of files.
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "nfsservctl": (180, 42),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "setns": (308, 268),
    "unshare": (272, 97),
    # Parts of the kernel that few programs use.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "lookup_dcookie": (212, 18),
    "modify_ldt": (154, None),
    # The machine.
    "acct": (163, 89),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "reboot": (169, 142),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "finit_module": (313, 273),
    "create_module": (174, None),
    "query_module": (178, None),
    "get_kernel_syms": (177, None),
    "iopl": (172, None),
    "ioperm": (173, None),
    "_sysctl": (156, None),
    "uselib": (134, None),
}
"""Answered with EPERM: the number on x86_64 and on aarch64; None where the machine has no such call."""

NOT_THERE = {
    "clone3": (435, 435),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
"""Answered with ENOSYS, upon which libraries do it the older way. What clone3 is asked for, no filter can see."""

_CLONE, _PERSONALITY, _SOCKET, _SOCKET_PAIR = (56, 220), (135, 92), (41, 198), (53, 199)

_NEW_NAMESPACES = 0x7E020000
"""All of `CLONE_NEW…` that clone takes: mounts, control groups, names, IPC, users, process ids and network."""

_PERSONALITIES = 0, 0xFFFFFFFF
"""That of all programs, and the question for the present one; others weaken how memory is laid out."""

_NETLINK_ROUTE = 0
_KIND_OF_SOCKET = 0xF
"""The bits of a socket's type that are no flags."""


def filter_calls() -> None:
    """Have the kernel refuse the calls named here, to this process and its children, for ever.

    Belongs to a process with one thread, which has given up new privileges.

    A call that is not of this machine's own kind, as one with the numbers for 32 bits is, ends the process.

    Raises:
        OSError: the kernel has no filters, or there is no list of calls for this machine.
    """
    machine = os.uname().machine
    if machine not in _PROGRAMS or struct.calcsize("P") != 8:
        raise OSError(errno.EOPNOTSUPP, f"there is no list of system calls for {machine} with this Python")
    program = _PROGRAMS[machine]
    code = ctypes.create_string_buffer(program, len(program))
    head = ctypes.create_string_buffer(struct.pack("@HP", len(program) // 8, ctypes.addressof(code)))
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(head))


def _program(column: int, told_as: int) -> bytes:
    """Return the filter for one machine: eight bytes for each instruction."""
    blocks = [_load(_OFFSET_OF_MACHINE), _when(told_as, *_of_machine(column)), _answer(_KILL_PROCESS)]
    return b"".join(blocks)


def _of_machine(column: int) -> Iterator[bytes]:
    """Yield what is done with the calls of this machine; the last block answers whatever came past the others."""
    yield _load(_OFFSET_OF_NUMBER)
    if column == 0:
        yield _instruction(_JUMP_IF_NOT_LESS, 0, 1, _X32) + _refuse(errno.EPERM)
    for calls, error in ((REFUSED, errno.EPERM), (NOT_THERE, errno.ENOSYS)):
        for numbers in calls.values():
            number = numbers[column]
            if number is not None:
                yield _when(number, _refuse(error))
    new_namespaces = _instruction(_JUMP_IF_ANY_BIT, 0, 1, _NEW_NAMESPACES) + _refuse(errno.EPERM)
    yield _when(_CLONE[column], _load_argument(0), new_namespaces, _answer(_ALLOW))
    yield _when(_PERSONALITY[column], _load_argument(0), _one_of(_PERSONALITIES), _refuse(errno.EPERM))
    yield _when(_SOCKET[column], *_of_sockets())
    yield _when(_SOCKET_PAIR[column], _load_argument(0), _one_of([socket.AF_UNIX]), _refuse(errno.EAFNOSUPPORT))
    yield _answer(_ALLOW)


def _of_sockets() -> Iterator[bytes]:
    """Yield what is done with a call for a socket: local ones, TCP, and the one that tells addresses of the machine.

    Other protocols, UDP among them, are refused: where there is Landlock and no network of its own, it stops TCP alone.
    """
    tcp = _load_argument(2) + _one_of([0, socket.IPPROTO_TCP]) + _refuse(errno.EPERM)
    kind = _load_argument(1) + _instruction(_AND, 0, 0, _KIND_OF_SOCKET)
    internet = kind + _when(socket.SOCK_STREAM, tcp) + _refuse(errno.EPERM)
    yield _load_argument(0)
    yield _one_of([socket.AF_UNIX])
    yield _when(socket.AF_INET, internet)
    yield _when(socket.AF_INET6, internet)
    route = _load_argument(2) + _one_of([_NETLINK_ROUTE]) + _refuse(errno.EAFNOSUPPORT)
    yield _when(socket.AF_NETLINK, route)
    yield _refuse(errno.EAFNOSUPPORT)


def _when(value: int, *blocks: bytes) -> bytes:
    """Do the blocks, the last of which answers, where the value loaded last is this one."""
    then = b"".join(blocks)
    length = len(then) // 8
    if length <= 255:
        return _instruction(_JUMP_IF_EQUAL, 0, length, value) + then
    far = _instruction(_JUMP, 0, 0, length)
    return _instruction(_JUMP_IF_EQUAL, 1, 0, value) + far + then


def _one_of(values: "tuple[int, ...] | list[int]") -> bytes:
    """Allow the call where the value loaded last is one of these."""
    return b"".join(_when(value, _answer(_ALLOW)) for value in values)


def _load_argument(index: int) -> bytes:
    # The lower half, which is all that the kernel looks at in those that are asked for; both machines put it first.
    return _load(_OFFSET_OF_ARGUMENTS + 8 * index)


def _load(offset: int) -> bytes:
    return _instruction(_LOAD, 0, 0, offset)


def _refuse(error: int) -> bytes:
    return _answer(_ERROR | error)


def _answer(what: int) -> bytes:
    return _instruction(_RETURN, 0, 0, what)


def _instruction(code: int, if_true: int, if_false: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


_PROGRAMS = {machine: _program(column, told_as) for machine, (column, told_as) in _MACHINES.items()}
"""By the machine; made once, in the process that forks those which it is for."""
