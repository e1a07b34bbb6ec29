"""Locks by key, of which only those exist that somebody holds or waits for."""

import contextlib
import threading
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class KeyedLocks(Generic[K]):
    """One lock for each key, such as the id of a project. Safe to use from any thread.

    A lock goes away with its last user, so keys that callers make up cost no memory.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[K, threading.Lock] = {}
        self._users: dict[K, int] = {}
        """How many hold the lock of a key or wait for it."""

    def __len__(self) -> int:
        """Return how many locks exist now."""
        return len(self._locks)

    @contextlib.contextmanager
    def hold(self, key: K) -> Iterator[None]:
        """Hold the lock of `key` for the length of the block; blocks while another thread holds it."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
            self._users[key] = self._users.get(key, 0) + 1
        try:
            with lock:
                yield
        finally:
            with self._guard:
                self._users[key] -= 1
                if not self._users[key]:
                    del self._users[key], self._locks[key]
