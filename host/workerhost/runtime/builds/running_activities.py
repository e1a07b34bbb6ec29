"""Which activities run in a host, where another process can read it after the host's sudden death."""

import contextlib
import logging
import mmap
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workerhost.errors import StoreUnavailableError
from workerhost.store import Store
from workerhost.words import HostId

log = logging.getLogger(__name__)

SLOTS, SLOT_BYTES = 256, 512
"""Places, and bytes of each: the first names the host, the others an activity each. Activities beyond are not noted."""


@dataclass(frozen=True, order=True)
class RunningActivity:
    """An activity that runs, or that ran when its host died."""

    project_id: str
    name: str
    workflow_id: str

    def __str__(self) -> str:
        return f"{self.name} of project {self.project_id} (workflow id {self.workflow_id})"


class RunningActivities:
    """A page of memory that a process shares with the one that forked it. Safe to use from any thread.

    Made before the fork. What is in it outlives a process that is killed.
    """

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, SLOTS * SLOT_BYTES)
        self._lock = threading.Lock()
        self._free = list(range(1, SLOTS))
        self._is_closed = False

    def note_host(self, host_id: str) -> None:
        """Write down whose activities these are."""
        self._write(0, host_id.encode())

    @property
    def host_id(self) -> str:
        """The host whose activities these are; empty before it was noted."""
        return self._read(0)

    @contextlib.contextmanager
    def running(self, activity: RunningActivity) -> Iterator[None]:
        """Write down that the activity runs, for as long as the block does."""
        with self._lock:
            slot = self._free.pop() if self._free else None
        if slot is None:
            yield
            return
        text = "\0".join((activity.project_id, activity.name, activity.workflow_id)).encode("utf-8", "replace")
        self._write(slot, text[: SLOT_BYTES - 2])
        try:
            yield
        finally:
            self._write(slot, b"")
            with self._lock:
                if not self._is_closed:
                    self._free.append(slot)

    def all(self) -> list[RunningActivity]:
        """Return the activities that run, or that ran when the process died."""
        texts = (self._read(slot) for slot in range(1, SLOTS))
        return sorted(RunningActivity(*[*text.split("\0"), "", ""][:3]) for text in texts if text)

    def close(self) -> None:
        """Forget what is written, and write no more: the process ends as it should."""
        with self._lock:
            self._free.clear()
            self._is_closed = True
        for slot in range(1, SLOTS):
            self._write(slot, b"")

    def _read(self, slot: int) -> str:
        start = slot * SLOT_BYTES
        size = int.from_bytes(self._memory[start : start + 2], "big")
        return self._memory[start + 2 : start + 2 + size].decode("utf-8", "replace")

    def _write(self, slot: int, text: bytes) -> None:
        start = slot * SLOT_BYTES
        self._memory[start : start + 2 + len(text)] = len(text).to_bytes(2, "big") + text


def note_death(store: Store, host_id: HostId, activities: Sequence[RunningActivity]) -> None:
    """Write down that a host has died, and what ran there in that moment. Safe in any thread; blocks, never raises.

    Args:
        store: where projects and workers are.
        host_id: of the host.
        activities: those that ran there.
    """
    projects = {each.project_id for each in activities}
    try:
        for project_id in projects:
            names = [each.name for each in activities if each.project_id == project_id]
            store.workers.note_death(project_id, host_id, names, is_alone=len(projects) == 1)
    except StoreUnavailableError as error:
        log.warning("what ran when host %s died is not written: %s", host_id, error)
