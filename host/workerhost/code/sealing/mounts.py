"""A tree of files of a process's own: what is not in it has no name there, not even for a connection to a socket.

Landlock does not keep a process from connecting to UNIX sockets that have a path, as those of databases and of Docker.
This does. The numbers are those of <linux/mount.h> and <sys/mount.h>.
"""

import contextlib
import errno
import os
import stat
import struct
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from workerhost.code.sealing.kernel import mount, pivot_root, syscall, unmount, unshare

_NEW_MOUNTS = 0x00020000
"""`CLONE_NEWNS` from <linux/sched.h>."""

_NO_SET_USER, _NO_DEVICES, _BIND, _RECURSIVELY, _PRIVATE = 0x2, 0x4, 0x1000, 0x4000, 0x40000
_DETACH = 2

_SET_ATTRIBUTES, _HERE, _ALL_BELOW = 442, -100, 0x8000
"""`mount_setattr`, which has one number on all architectures, `AT_FDCWD` and `AT_RECURSIVE`."""

_READ_ONLY, _ATTRIBUTE_NO_SET_USER = 0x1, 0x2

_PROC = Path("/proc")

_ROOT_OPTIONS = b"mode=755,size=1m,nr_inodes=8k"
"""Of the root, which holds nothing but folders, links and empty files on which others are mounted."""

_MOST_FILES = 16_384
"""And folders, in the one that can be written to."""

_MOST_LINKS = 40
"""That the kernel follows in one path."""


def leave_mounts(readable: Iterable[Path], folder: Path, room: int, *, can_write_proc: bool = False) -> None:
    """Have this process and its children see these files and folders alone, and all but `folder` read-only.

    What is written to `folder` is in memory, is seen by nobody else, and is gone with the last process that has it.

    Belongs to a process with one thread, which is root or has left its namespace of users for one of its own. No other
    process sees a mount of it, and all of them go with the last process that has them. Where something is refused, the
    process sees what it has seen before. The current folder is `folder` then, in both cases.

    Args:
        readable: what stays, devices and sockets among it; `/proc` always does. What is not there is left out.
        folder: an empty one, which can be written to.
        room: bytes of all files in it together.
        can_write_proc: whether `/proc` can be written to as well, until `close_proc`.

    Raises:
        OSError: the kernel, or what contains this process, does not allow it.
    """
    old = _Tree()
    for path in (_PROC, *readable):
        old.add(path)
    writable = old.real(folder)
    if Path("/") in old.kept:
        raise OSError(errno.EINVAL, "nothing would be left out")
    unshare(_NEW_MOUNTS)
    mount(None, b"/", None, _RECURSIVELY | _PRIVATE)
    # It lies on the old root: absolute paths still begin below it, and only this leads into it.
    mount(b"tmpfs", b"/", b"tmpfs", _NO_SET_USER | _NO_DEVICES, _ROOT_OPTIONS)
    mask = os.umask(0o022)  # whoever this process becomes may go through the folders above what is kept
    try:
        os.chdir("/..")
        _fill(old, writable, room, (_PROC,) if can_write_proc else ())
        pivot_root(b".", b".")
        unmount(b".", _DETACH)  # the old root, which lies on the new one now
    except OSError:
        os.chdir("/..")
        unmount(b".", _DETACH)
        raise
    finally:
        os.umask(mask)
        os.chdir(folder)


def close_proc() -> None:
    """Have this process, which has left its namespace of users for one of its own, write to `/proc` no more.

    Raises:
        OSError: the kernel, or what contains this process, does not allow it.
    """
    unshare(_NEW_MOUNTS)
    _make_read_only(bytes(_PROC))


class _Tree:
    """Paths that are to be kept, with the links that lead to them."""

    def __init__(self) -> None:
        self.kept: set[Path] = set()
        """Without links in them."""
        self.links: dict[Path, str] = {}

    def add(self, path: Path) -> None:
        """Keep what is at a path, where something is."""
        with contextlib.suppress(OSError):
            self.kept.add(self.real(path))

    def real(self, path: Path) -> Path:
        """Return a path without links, and keep the links.

        Raises:
            OSError: nothing is there, or it cannot be reached.
        """
        found, links, left, followed = Path("/"), dict[Path, str](), deque(path.absolute().parts), 0
        while left:
            step = found.parent if (part := left.popleft()) == ".." else found / part
            if not stat.S_ISLNK(step.lstat().st_mode):
                found = step
                continue
            links[step] = str(step.readlink())
            left.extendleft(reversed(Path(links[step]).parts))  # where it is absolute, "/" leads back to the root
            followed += 1
            if followed > _MOST_LINKS:
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        self.links |= links
        return found

    def topmost(self) -> Iterable[Path]:
        """Return what is kept and not below something else that is."""
        return (path for path in self.kept if self.kept.isdisjoint(path.parents))


def _fill(old: _Tree, folder: Path, room: int, writable: Iterable[Path]) -> None:
    """Mount what is kept below the current folder."""
    kept = set(old.topmost())
    later = {path for path in kept if path in writable or folder in path.parents}
    for path in kept - later:
        _place(path)
        _bind(path)
    for path, target in old.links.items():
        if not {folder, *old.kept}.intersection(path.parents):
            _here(path.parent).mkdir(parents=True, exist_ok=True)
            _here(path).symlink_to(target)
    for path in (folder, *writable):
        _place(path)
    with contextlib.suppress(OSError):  # before Linux 5.12; Landlock refuses to write as well
        _make_read_only(b".")
    options = f"mode=700,size={room},nr_inodes={_MOST_FILES}".encode()
    mount(b"tmpfs", os.fsencode(_here(folder)), b"tmpfs", _NO_SET_USER | _NO_DEVICES, options)
    for path in later:
        _place(path)
        _bind(path)


def _make_read_only(path: bytes) -> None:
    attributes = struct.pack("=4Q", _READ_ONLY | _ATTRIBUTE_NO_SET_USER, 0, 0, 0)
    syscall(_SET_ATTRIBUTES, _HERE, path, _ALL_BELOW, attributes, len(attributes))


def _place(path: Path) -> None:
    """Make something on which what is at a path can be mounted, at the same path below the current folder."""
    here = _here(path)
    if not _exists_here(path):
        here.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            here.mkdir()
        else:
            here.touch()


def _bind(path: Path) -> None:
    """Mount what is at a path at the same path below the current folder, with all that is mounted below it."""
    mount(os.fsencode(path), os.fsencode(_here(path)), None, _BIND | _RECURSIVELY)


def _here(path: Path) -> Path:
    return path.relative_to("/")


def _exists_here(path: Path) -> bool:
    return _here(path).exists()
