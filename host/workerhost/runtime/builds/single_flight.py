"""Doing a thing once for all who want it at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Generic, TypeVar

K = TypeVar("K")
T = TypeVar("T")


class SingleFlight(Generic[K, T]):
    """Work by key: who asks while it is done waits for the same result. Safe to use from any thread.

    Args:
        executor: where the work is done.
    """

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._lock = threading.Lock()
        self._futures: dict[K, Future[T]] = {}

    def start(self, key: K, work: Callable[[], T]) -> "Future[T]":
        """Start the work unless it is under way, and return its future."""
        with self._lock:
            future = self._futures.get(key)
            if future is None or future.done():
                future = self._futures[key] = self._executor.submit(work)
                future.add_done_callback(lambda done: self._forget(key, done))
            return future

    def _forget(self, key: K, done: "Future[T]") -> None:
        # In a thread of the executor, or in that of `start`, which holds the lock: a dictionary needs none for this.
        if self._futures.get(key) is done:
            self._futures.pop(key, None)
