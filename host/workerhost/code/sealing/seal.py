"""Sealing this process, before project code runs in it."""

import contextlib
import os
import resource
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workerhost.code.sealing.kernel import PR_SET_NO_NEW_PRIVS, prctl
from workerhost.code.sealing.landlock import restrict
from workerhost.code.sealing.namespaces import leave_network
from workerhost.code.sealing.reach import DEVICES


@dataclass(frozen=True)
class Limits:
    """What a process may take, in bytes; those of the kernel, for it and for each process that it starts."""

    memory: int
    """Of address space."""
    file_size: int
    """Of each file that it writes."""
    open_files: int


def seal(limits: Limits, readable: Iterable[Path], folder: Path) -> None:
    """Give up what project code must not reach. What the kernel does not allow stays as it was.

    Args:
        limits: what the process may take from now on.
        readable: files and folders that it may read.
        folder: its temporary files; the one place that it may write to.
    """
    os.environ["TMPDIR"] = str(folder)
    tempfile.tempdir = None
    os.chdir(folder)
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        _, allowed = resource.getrlimit(what)
        limit = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(what, (limit, limit))
    with contextlib.suppress(OSError):
        leave_network()
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    with contextlib.suppress(OSError):
        restrict(readable, (folder, *DEVICES))
