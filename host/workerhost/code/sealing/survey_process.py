"""The process that tries what the machine gives to seal code with, and says what it does not give and why.

`workerhost.code.sealing.survey` starts it, and reads a line of JSON from its standard output: sentences by the names of
what is missing. It does what the warm process does, in the same order, and tries each means in a forked child.
"""

import contextlib
import errno
import json
import os
import socket
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from workerhost.code.sealing.kernel import PR_SET_NO_NEW_PRIVS, prctl, unshare
from workerhost.code.sealing.landlock import FIRST_WITH_TCP, landlock_version, restrict
from workerhost.code.sealing.mounts import leave_mounts
from workerhost.code.sealing.namespaces import ProcessIds, leave_network
from workerhost.code.sealing.reach import what_python_reads
from workerhost.code.sealing.seccomp import filter_calls
from workerhost.code.sealing.users import FIRST_USER, become, may_change_users, own_user
from workerhost.words import IsolationKind

_ROOM = 1024**2
"""Bytes of the folder that what tries mounts can write to."""

_WAYS_OUT: Mapping[IsolationKind, str] = {
    IsolationKind.PROCESS: "raise the limits on processes of this user or container",
    IsolationKind.USER: "install Python and the projects' temporary folders where every user can read them",
    IsolationKind.NAMESPACES: "allow user namespaces: user.max_user_namespaces, kernel.unprivileged_userns_clone and "
    "kernel.apparmor_restrict_unprivileged_userns of the machine, and a seccomp profile of the container with unshare, "
    "mount and pivot_root, and one of AppArmor with mount",
    IsolationKind.LANDLOCK: "use Linux 5.13 or later with landlock among the modules of its boot parameter lsm, and a "
    "seccomp profile of the container that allows it",
    IsolationKind.SECCOMP: "use a kernel with CONFIG_SECCOMP_FILTER, on x86_64 or aarch64",
    IsolationKind.NETWORK: "allow user namespaces, or use Linux 6.7 or later with Landlock and seccomp",
}
"""What the operator can do, by what is missing."""

_NO_ROOT = (
    "the service is not run by root, so that all processes have one user; run it as root, with the capabilities CHOWN, "
    "DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID, which containers have by default"
)
_NO_USERS = (
    f"the users from {FIRST_USER} on are not there in the user namespace of this container; map them into it, or run "
    "the service in that of the machine"
)


def missing(folder: Path) -> dict[IsolationKind, str]:
    """Try everything, and return a sentence for each that is not given. Goes on in another process, and stays in it.

    Args:
        folder: of the caller's, which may be given to another user.
    """
    may_change, readable = may_change_users(), what_python_reads()
    process_ids, no_process_ids = _enter()
    fork = process_ids.fork if process_ids else os.fork
    no_namespaces = no_process_ids or _failure(fork, lambda: _try_namespaces(readable, folder))
    failed = {
        IsolationKind.PROCESS: _failure(fork, lambda: None),
        IsolationKind.USER: _failure(fork, lambda: _try_user(readable, folder)),
        IsolationKind.NAMESPACES: no_namespaces,
        IsolationKind.LANDLOCK: _failure(fork, _try_landlock),
        IsolationKind.SECCOMP: _failure(fork, _try_seccomp),
    }
    if _failure(fork, _try_network):
        stops_tcp = landlock_version() >= FIRST_WITH_TCP and not failed[IsolationKind.LANDLOCK]
        if not stops_tcp or failed[IsolationKind.SECCOMP]:
            failed[IsolationKind.NETWORK] = OSError(errno.EPERM, "no means of the kernel keeps a process from it")
    return {kind: _sentence(kind, error, may_change=may_change) for kind, error in failed.items() if error}


def _enter() -> tuple[ProcessIds | None, OSError | None]:
    try:
        return ProcessIds.enter(), None
    except OSError as error:
        return None, error


def _failure(fork: Callable[[], int], attempt: Callable[[], None]) -> OSError | None:
    """Do it in a forked child, and return the error that came of it."""
    heard, said = os.pipe()
    try:
        child = fork()
    except OSError as error:
        os.close(said)
        os.close(heard)
        return error
    if child == 0:
        _report(attempt, said)
    os.close(said)
    with os.fdopen(heard) as stream:
        answer = stream.read()
    _, status = os.waitpid(child, 0)
    if answer:
        number, reason = json.loads(answer)
        return OSError(number, reason)
    return OSError(errno.EIO, f"what tried it ended with the status {status}") if status else None


def _report(attempt: Callable[[], None], said: int) -> None:
    try:
        attempt()
        os._exit(0)
    except OSError as error:
        os.write(said, json.dumps([error.errno or errno.EACCES, error.strerror or str(error)]).encode())
    finally:
        os._exit(1)


def _try_namespaces(readable: Iterable[Path], folder: Path) -> None:
    leave_network()
    leave_mounts(readable, folder, _ROOM)


def _try_user(readable: Iterable[Path], folder: Path) -> None:
    with contextlib.suppress(OSError):  # as it is sealed: what lies above what it reads may be closed then
        leave_mounts(readable, folder, _ROOM)
    become(own_user(0), readable, folder)


def _try_landlock() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    restrict([], [])
    try:
        next(Path("/").iterdir(), None)
    except PermissionError:
        return
    raise OSError(errno.EIO, "files stay open to a process that gives them up")


def _try_seccomp() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    filter_calls()
    try:
        unshare(0)  # which does nothing, and is refused by the filter alone
    except PermissionError:
        return
    raise OSError(errno.EIO, "the kernel does what its filter refuses")


def _try_network() -> None:
    leave_network()
    with socket.socket() as connection:
        result = connection.connect_ex(("127.0.0.1", 9))
    if result != errno.ENETUNREACH:
        raise OSError(errno.EIO, "the loopback address is reached from another network")


def _sentence(kind: IsolationKind, error: OSError, *, may_change: bool) -> str:
    if kind is IsolationKind.USER and not may_change:
        return _NO_ROOT
    if kind is IsolationKind.USER and error.errno != errno.EACCES:
        return f"{error.strerror}: {_NO_USERS}"
    return f"{error.strerror}; {_WAYS_OUT[kind]}"


def main() -> None:
    """Run as a process: take the folder from the arguments, and answer on standard output."""
    answer = json.dumps(missing(Path(sys.argv[-1])))
    os.write(sys.stdout.fileno(), answer.encode())
