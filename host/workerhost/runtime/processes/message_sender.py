"""Sending to a project process, which may be slow to read, or not read at all."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable

SEND_SECONDS = 10.0
"""How long a process may take to read a message, before it is ended."""


class MessageSender:
    """Sends messages, each as a whole. Safe to use from any thread.

    Args:
        connection: to the process; what is sent there times out after a second.
        on_silence: called where it does not read what it is sent.
    """

    def __init__(self, connection: socket.socket, on_silence: Callable[[], None]) -> None:
        self._connection = connection
        self._on_silence = on_silence
        self._sending = threading.Lock()

    def send(self, data: bytes) -> None:
        """Send a message; blocks while the process does not read. One that has ended is told nothing."""
        if not self._sending.acquire(timeout=SEND_SECONDS):
            self._on_silence()
            return
        self._finish(memoryview(data))

    def send_at_once(self, data: bytes) -> bool:
        """Send a message without waiting; tell whether that was possible. Where it was not, nothing is sent."""
        if not self._sending.acquire(blocking=False):
            return False
        try:
            sent = self._connection.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            self._sending.release()
            return False
        except OSError:  # the thread that reads finds out as well
            sent = len(data)
        if sent == len(data):
            self._sending.release()
        else:  # the rest waits until the process has read some of it
            threading.Thread(target=self._finish, args=[memoryview(data)[sent:]], daemon=True).start()
        return True

    def _finish(self, left: memoryview) -> None:
        """Send the rest of a message, with the lock held, and release it."""
        deadline = time.monotonic() + SEND_SECONDS
        try:
            while left:
                with contextlib.suppress(BlockingIOError):  # a second has passed
                    left = left[self._connection.send(left) :]
                if left and time.monotonic() > deadline:
                    self._on_silence()
                    return
        except OSError:
            pass  # the thread that reads finds out as well
        finally:
            self._sending.release()
