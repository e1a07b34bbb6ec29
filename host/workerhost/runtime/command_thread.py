"""A thread that owns things: whoever wants something of them gives it a command and waits."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import copy_context
from typing import Any, TypeVar

from workerhost.errors import HostStoppingError

T = TypeVar("T")


class CommandThread:
    """Runs commands one after the other. `call` belongs to any other thread, the rest to who made this.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._commands: queue.SimpleQueue[tuple[Callable[[], None], Future[Any]] | None] = queue.SimpleQueue()
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
        """Run `command` in the thread and return what it returns, or raise what it raises, of any type.

        Raises:
            HostStoppingError: the thread has ended.
        """
        future: Future[T] = Future()
        context = copy_context()  # in which the log finds for which request something is done

        def run() -> None:
            try:
                future.set_result(context.run(command))
            except BaseException as error:  # whatever it is, the caller waits for it, and the thread goes on
                future.set_exception(error)

        with self._ending:
            if self._has_ended:
                raise _ended()
            self._commands.put((run, future))
        return future.result()

    def stop(self) -> None:
        """End the thread after the commands that it has; calling this again does nothing."""
        with self._ending:
            self._has_ended = True
            self._commands.put(None)
        self._thread.join()

    def _run(self) -> None:
        future: Future[Any] | None = None
        try:
            while (command := self._commands.get()) is not None:
                run, future = command
                run()
        finally:
            self._refuse_the_rest(future)

    def _refuse_the_rest(self, last: Future[Any] | None) -> None:
        """Answer whoever still waits, however the thread came to its end."""
        with self._ending:
            self._has_ended = True
        if last is not None and not last.done():
            last.set_exception(_ended())
        while not self._commands.empty():
            if (command := self._commands.get()) is not None:
                command[1].set_exception(_ended())


def _ended() -> HostStoppingError:
    return HostStoppingError()
