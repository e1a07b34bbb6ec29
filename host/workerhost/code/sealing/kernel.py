"""The few system calls of Linux that Python has no function for."""

import ctypes
import errno
import os

_LIBC = ctypes.CDLL(None, use_errno=True)

# From <linux/prctl.h>.
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 36, 38

_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41, "riscv64": 41, "loongarch64": 41, "ppc64le": 203, "s390x": 217}
"""The number of the call, which libraries have no function for, by the name of the machine that the kernel gives."""


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make a system call and return its result.

    Args:
        number: of the call, which for most of those made here is the same on all architectures.
        arguments: integers, and bytes for memory that is read.

    Raises:
        OSError: the kernel refuses it, or does not have it.
    """
    # Whatever has no type would be passed as 32 bits.
    passed = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _result(_LIBC.syscall(ctypes.c_long(number), *passed))


def prctl(option: int, value: int, more: int = 0) -> None:
    """Change an attribute of this process.

    Args:
        option: which one.
        value: to what.
        more: what some options take as well, as the address of memory.

    Raises:
        OSError: the kernel refuses it.
    """
    _result(_LIBC.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(more), ctypes.c_ulong(0), ctypes.c_ulong(0)))


def unshare(flags: int) -> None:
    """Leave namespaces for ones of this process's own.

    Args:
        flags: `CLONE_NEW…` from <linux/sched.h>.

    Raises:
        OSError: the kernel, or what contains this process, does not allow it.
    """
    _result(_LIBC.unshare(ctypes.c_int(flags)))


def set_namespace(descriptor: int) -> None:
    """Enter a namespace; one of process ids is entered by the children that are forked from now on.

    Args:
        descriptor: of a file in `/proc/<pid>/ns`.

    Raises:
        OSError: it is not allowed.
    """
    _result(_LIBC.setns(ctypes.c_int(descriptor), ctypes.c_int(0)))


def mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int, options: bytes | None = None) -> None:
    """Mount something, or change how something is mounted.

    Args:
        source: what is mounted; None where it does not matter.
        target: where.
        kind: the name of the file system; None where it does not matter.
        flags: `MS_…` from <sys/mount.h>.
        options: of the file system.

    Raises:
        OSError: it is not allowed, or something is not there.
    """
    _result(_LIBC.mount(source, target, kind, ctypes.c_ulong(flags), options))


def unmount(target: bytes, flags: int) -> None:
    """Take away what was mounted last at a place.

    Args:
        target: where.
        flags: `MNT_…` from <sys/mount.h>.

    Raises:
        OSError: it is not allowed, or nothing is mounted there.
    """
    _result(_LIBC.umount2(target, ctypes.c_int(flags)))


def pivot_root(new: bytes, old: bytes) -> None:
    """Make what is mounted at one place the root, and mount the root of before at another.

    Args:
        new: the place of the new root.
        old: where the old one goes, at or below the new one.

    Raises:
        OSError: it is not allowed, or the number of the call is not known for this machine.
    """
    number = _PIVOT_ROOT.get(os.uname().machine)
    if number is None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    syscall(number, new, old)


def get_capabilities(header: bytes, size: int) -> bytes:
    """Return what this process may do of what root may: the sets as `set_capabilities` takes them.

    Args:
        header: the version of the interface and whose they are, as <linux/capability.h> has it.
        size: of the sets, in bytes.

    Raises:
        OSError: the kernel does not know that version.
    """
    sets = ctypes.create_string_buffer(size)
    _result(_LIBC.capget(header, sets))
    return sets.raw


def set_capabilities(header: bytes, sets: bytes) -> None:
    """Set what this process may do of what root may.

    Args:
        header: the version of the interface and whose they are, as <linux/capability.h> has it.
        sets: those that are effective, permitted and inherited.

    Raises:
        OSError: it is not allowed.
    """
    _result(_LIBC.capset(header, sets))


def _result(value: int) -> int:
    if value < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return value
