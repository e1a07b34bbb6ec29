"""A thread that owns things: whoever wants something of them gives it a command and waits."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from workerhost.errors import HostStoppingError

T = TypeVar("T")


class CommandThread:
    """Runs commands one after the other. `call` belongs to any other thread, the rest to who made this.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._commands: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._ending = threading.Lock()
        self._has_ended = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """Whether it has started and not ended."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def call(self, command: Callable[[], T]) -> T:
        """Run `command` in the thread and return what it returns, or raise what it raises.

        Raises:
            HostStoppingError: the thread has ended.
        """
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(command())
            except Exception as error:
                future.set_exception(error)

        with self._ending:
            if self._has_ended:
                raise HostStoppingError("this host is shutting down; ask again in a moment")
            self._commands.put(run)
        return future.result()

    def stop(self) -> None:
        """End the thread after the commands that it has; calling this again does nothing."""
        with self._ending:
            self._has_ended = True
            self._commands.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (command := self._commands.get()) is not None:
            command()
