"""Sealing this process, before project code runs in it."""

import contextlib
import os
import resource
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from workerhost.code.sealing.capabilities import give_up_capabilities
from workerhost.code.sealing.kernel import PR_SET_NO_NEW_PRIVS, prctl
from workerhost.code.sealing.landlock import FIRST_WITH_TCP, restrict
from workerhost.code.sealing.mounts import close_proc, leave_mounts
from workerhost.code.sealing.namespaces import bring_up_loopback, counts_processes_apart, leave_network
from workerhost.code.sealing.reach import DEVICES
from workerhost.code.sealing.seccomp import filter_calls
from workerhost.code.sealing.users import OwnUser, become
from workerhost.code.sealing.way_out import WayOut
from workerhost.processes import die_with_parent


@dataclass(frozen=True)
class Limits:
    """What a process may take; those of the kernel, for it and, but for `processes`, for each that it starts."""

    memory: int
    """Bytes of address space."""
    file_size: int
    """Bytes of each file that it writes."""
    files: int
    """Bytes of all files in its folder together, where it has mounts of its own."""
    open_files: int
    processes: int
    """It and all that it starts, with each thread as one. Holds where the processes of others do not count: with a user
    of its own, or in a namespace of users of its own where the user is not root."""


@dataclass(frozen=True)
class Sealed:
    """What the kernel, and what contains this process, have allowed it to give up."""

    user: bool
    """Whether it runs as a user of its own."""
    namespaces: bool
    """Whether it has a network and IPC of its own."""
    mounts: bool
    """Whether it sees no files and no sockets but those that it may reach."""
    landlock: int
    """The version of the interface; 0 where there is none."""
    seccomp: bool
    """Whether it has a filter of system calls."""

    @property
    def network(self) -> bool:
        """Whether no other way leads to the network than the one that was given."""
        return self.namespaces or (self.landlock >= FIRST_WITH_TCP and self.seccomp)


def seal(
    limits: Limits, readable: Iterable[Path], folder: Path, user: OwnUser | None = None, way_out: Path | None = None
) -> Sealed:
    """Give up what project code must not reach, and return what was given up; the rest stays as it was.

    Belongs to a process with one thread. A new namespace of users comes after the change of the user, since it has the
    one that it was made by alone; mounts come after it, since it gives the right to mount to whoever is not root; the
    limit of processes comes after both, or it would count those of others; and the filter of system calls comes last,
    since it refuses what was needed before.

    Args:
        limits: what the process may take from now on.
        readable: files and folders that it may read.
        folder: its temporary files; the one place that it may write to.
        user: whom it runs as from now on, where it is root; None for the present one.
        way_out: of the socket of a proxy, through which alone it reaches the network; None for no network.

    Raises:
        OSError: there is no way to the proxy.
    """
    readable = tuple(readable)
    _stay_in(folder)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_FSIZE, limits.file_size)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    seen = (*readable, *DEVICES, *((way_out,) if way_out else ()))
    has_user, has_mounts = (
        _take_user(user, readable, seen, folder, limits.files) if user is not None else (False, False)
    )
    has_namespaces = _succeeds(leave_network)
    if has_namespaces and has_mounts:
        _succeeds(close_proc)
    elif has_namespaces:
        has_mounts = _succeeds(lambda: leave_mounts(seen, folder, limits.files))
    if has_user or (has_namespaces and counts_processes_apart()):
        _limit(resource.RLIMIT_NPROC, limits.processes)
    if way_out and has_namespaces:
        bring_up_loopback()
    way = WayOut(way_out) if way_out else None
    _succeeds(give_up_capabilities)
    die_with_parent()  # which a change of the user makes the kernel forget
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    landlock = 0
    with contextlib.suppress(OSError):
        landlock = restrict(readable, (folder, *DEVICES), way.port if way else None)
    has_filter = _succeeds(filter_calls)
    if way:
        way.open()
    return Sealed(has_user, has_namespaces, has_mounts, landlock, has_filter)


def _take_user(
    user: OwnUser, readable: Iterable[Path], seen: Iterable[Path], folder: Path, room: int
) -> tuple[bool, bool]:
    """Have this process, which is root, see what it may and become a user; tell whether it became it, and sees no more.

    Root may mount before, and the user then needs no right to folders that lie above what it reads, as root's own.

    Args:
        user: the one to become.
        readable: what it must be able to read, as far as it is there.
        seen: what stays in its tree of files.
        folder: its own.
        room: bytes of all files in it together.
    """
    # A namespace of users of its own begins with writing to /proc.
    has_mounts = _succeeds(lambda: leave_mounts(seen, folder, room, can_write_proc=True))
    return _succeeds(lambda: become(user, readable, folder)), has_mounts


def _stay_in(folder: Path) -> None:
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    os.chdir(folder)


def _limit(what: int, most: int) -> None:
    _, allowed = resource.getrlimit(what)
    limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(what, (limit, limit))


def _succeeds(step: Callable[[], object]) -> bool:
    """Take a step that the kernel may refuse; tell whether it did not."""
    try:
        step()
    except OSError:
        return False
    return True
