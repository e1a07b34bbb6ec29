"""Sealing this process, before project code runs in it."""

import contextlib
import os
import resource
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workerhost.code.sealing.capabilities import give_up_capabilities
from workerhost.code.sealing.kernel import PR_SET_NO_NEW_PRIVS, prctl
from workerhost.code.sealing.landlock import restrict
from workerhost.code.sealing.namespaces import counts_processes_apart, leave_network
from workerhost.code.sealing.reach import DEVICES
from workerhost.code.sealing.seccomp import filter_calls
from workerhost.code.sealing.users import OwnUser, become


@dataclass(frozen=True)
class Limits:
    """What a process may take; those of the kernel, for it and, but for `processes`, for each that it starts."""

    memory: int
    """Bytes of address space."""
    file_size: int
    """Bytes of each file that it writes."""
    open_files: int
    processes: int
    """It and all that it starts, with each thread as one. Holds where the processes of others do not count: with a user
    of its own, or in a namespace of users of its own where the user is not root."""


def seal(limits: Limits, readable: Iterable[Path], folder: Path, user: OwnUser | None = None) -> None:
    """Give up what project code must not reach. What the kernel does not allow stays as it was.

    Belongs to a process with one thread. A new namespace of users comes after the change of the user, since it has the
    one that it was made by alone; the limit of processes comes after both, or it would count those of others; and the
    filter of system calls comes last, since it refuses what was needed before.

    Args:
        limits: what the process may take from now on.
        readable: files and folders that it may read.
        folder: its temporary files; the one place that it may write to.
        user: whom it runs as from now on, where it is root; None for the present one.
    """
    readable = tuple(readable)
    _stay_in(folder)
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_FSIZE, limits.file_size)
    _limit(resource.RLIMIT_NOFILE, limits.open_files)
    _limit(resource.RLIMIT_CORE, 0)
    if _is_alone(readable, folder, user):
        _limit(resource.RLIMIT_NPROC, limits.processes)
    with contextlib.suppress(OSError):
        give_up_capabilities()
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):
        restrict(readable, (folder, *DEVICES))
    with contextlib.suppress(OSError):
        filter_calls()


def _stay_in(folder: Path) -> None:
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    os.chdir(folder)


def _limit(what: int, most: int) -> None:
    _, allowed = resource.getrlimit(what)
    limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
    resource.setrlimit(what, (limit, limit))


def _is_alone(readable: Iterable[Path], folder: Path, user: OwnUser | None) -> bool:
    """Leave the user and the namespaces; tell whether no process that was there before counts with this one now."""
    is_alone = False
    with contextlib.suppress(OSError):
        if user is not None:
            become(user, readable, folder)
            is_alone = True
    with contextlib.suppress(OSError):
        leave_network()
        is_alone = is_alone or counts_processes_apart()
    return is_alone
