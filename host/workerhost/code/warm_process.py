"""The process that has imported everything and forks a child for each check, as the host holds it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path

from workerhost.trace_context import propagation_modules

KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")
"""Variables of this process that processes with code of projects have, too: none of them holds a secret."""


GONE_SECONDS = 0.5


class WarmProcess:
    """Owns one child process that runs `workerhost.code.check_process`. Safe to use from any thread.

    Args:
        modules: of plugins that the code of projects imports, which the process imports before it forks.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self._modules = (*modules, *propagation_modules())
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def start(self) -> None:
        """Start the process now, so that the first check need not wait for its imports."""
        with self._lock:
            self._ensure()

    def stop(self) -> None:
        """End the process; a later request starts a new one."""
        with self._lock:
            self._end()

    def send(self, message: bytes, *descriptors: int) -> "subprocess.Popen[bytes] | None":
        """Send a request, and return the process that it went to.

        Args:
            message: the request.
            descriptors: what the child that is forked for the request talks through, and lives as long as; and more
                that its kind of request says.
        """
        with self._lock:
            try:
                socket.send_fds(self._ensure(), [message], descriptors)
            except OSError:  # it died since the last request, and nothing will answer
                self._end()
            return self._process

    def give_up(self, process: "subprocess.Popen[bytes] | None", *, has_hung: bool = False) -> None:
        """Have the next request start another process than this one, if it is gone or has hung.

        One that lives is left alone: all processes of projects end with it.
        """
        with self._lock:
            if process is not None and self._process is process and (has_hung or _is_gone(process)):
                self._end()

    def _ensure(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._requests is not None:
            return self._requests
        self._end()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own command
                # Not with the current folder on its path, where checked code could read what belongs to the service.
                [sys.executable, "-P", "-m", "workerhost.code.check_process", *self._modules],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )
        return self._requests

    def _end(self) -> None:
        if self._requests is not None:
            self._requests.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._requests = self._process = None


def _is_gone(process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether a process has ended; one that was killed may take a moment."""
    try:
        process.wait(GONE_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def _environment() -> dict[str, str]:
    """Return the environment of all processes that run code of projects, which can read it, whatever they clear.

    Modules are found where this process finds them, since what plugins add to workers is imported there, too.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    here = ("", str(Path.cwd()))
    return {**kept, "PYTHONPATH": os.pathsep.join(each for each in sys.path if each not in here)}
