"""A user of its own for each process that runs project code, where the host may choose: where it runs as root.

Other users' files are closed to it, signals do not reach their processes, and the kernel bounds how many processes it
has, which it does not for root. Where the host is an ordinary user, the kernel gives no others; a namespace of users of
its own has the processes counted apart then.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NewType

from workerhost.code.sealing.capabilities import Capability, has_capabilities
from workerhost.code.sealing.kernel import PR_SET_DUMPABLE, prctl

OwnUser = NewType("OwnUser", int)
"""The id of a user, and of its group, that nobody else on the machine has."""

FIRST_USER = 2_000_000_000
"""Beyond what systems give to people, services and containers, and below 2**31, which some programs cannot count to:
https://systemd.io/UIDS-GIDS"""

USERS = 65_536
"""How many there are; as many as processes on most machines, so that two that run at once have different ones."""

_NEEDED = tuple(Capability)
"""To become the user, to give it its folder, to end its processes, and to remove what it has left."""


def own_user(number: int) -> OwnUser:
    """Return the user of that number; after `USERS` of them they come again."""
    return OwnUser(FIRST_USER + number % USERS)


def may_change_users() -> bool:
    """Tell whether this process may give users of their own to others: it runs as root, and nothing has cut its rights.

    Whether the ids are there, which they need not be in a container, shows when it is tried.
    """
    return has_capabilities(*_NEEDED)


def become(user: OwnUser, readable: Iterable[Path], folder: Path) -> None:
    """Go on as this user, in no other group than its own, and without any right of root.

    Belongs to a process with one thread. It stays as it was where the user could not read what it needs.

    Args:
        user: the one to become.
        readable: what it must be able to read, as far as it is there.
        folder: its own, which is given to it.

    Raises:
        PermissionError: this process is not root, or the user could not reach something; the sentence names it.
        OSError: there is no such user in the namespace of users that this process is in.
    """
    if not may_change_users():
        raise PermissionError("only root may become another user")
    needed = {path: os.R_OK | os.X_OK if path.is_dir() else os.R_OK for path in readable if path.exists()}
    needed[folder.parent] = os.X_OK
    before, groups, group = os.geteuid(), os.getgroups(), os.getegid()
    os.setgroups([])
    try:
        os.setegid(user)
        os.seteuid(user)  # can be taken back
        closed = next((path for path, how in needed.items() if not os.access(path, how, effective_ids=True)), None)
        os.seteuid(before)
        if closed is not None:
            raise PermissionError(f"another user cannot reach {closed}")
        os.chown(folder, user, user)
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    except OSError:
        os.seteuid(before)
        os.setegid(group)
        os.setgroups(groups)
        raise
    finally:
        # The kernel gives what is in /proc of a process that has changed its user to root, and whoever makes a
        # namespace of users needs to write there.
        prctl(PR_SET_DUMPABLE, 1)
