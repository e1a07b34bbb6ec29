"""Small things that tests need: waiting for a condition, ids and ports of their own."""

import socket
import time
import uuid
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

LOOK_SECONDS = 0.02
"""How often a condition is looked at."""


def eventually(condition: Callable[[], T], timeout: float = 30) -> T:
    """Wait until a condition is true, and return what it returned.

    Args:
        condition: is called again and again, in this thread; an exception of it ends the wait.
        timeout: seconds to wait.

    Raises:
        AssertionError: the condition did not become true in time.
    """
    deadline = time.monotonic() + timeout
    while not (answer := condition()):
        if time.monotonic() >= deadline:
            raise AssertionError(f"{condition} did not become true within {timeout:g} s")
        time.sleep(LOOK_SECONDS)
    return answer


def unique_id(prefix: str) -> str:
    """Return an id that begins with `prefix` and was never used before."""
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on, and that nobody else is given for a minute.

    Two test processes that ask at the same moment get two ports: a connection that is closed here first leaves the
    port to the kernel for a while. A server can listen on it at once if it sets SO_REUSEADDR, as servers do.
    """
    with socket.create_server(("127.0.0.1", 0), reuse_port=False) as listener:
        address: tuple[str, int] = listener.getsockname()
        with socket.create_connection(address) as caller:
            listener.accept()[0].close()
            caller.recv(1)  # until the kernel has seen the end
    return address[1]
