"""The process that has imported everything and forks a child for each check, as the host holds it."""

import os
import socket
import subprocess
import sys
import threading

_SECRETS = ("DATABASE_URL", "PG", "TEMPORAL_")
"""How the names of variables begin that lead to the service's own database and Temporal."""


class WarmProcess:
    """Owns one child process that runs `workerhost.code.check_process`. Safe to use from any thread."""

    def __init__(self) -> None:
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

    def send(self, message: bytes, answers: socket.socket) -> "subprocess.Popen[bytes] | None":
        """Send a request, and return the process that it went to.

        Args:
            message: the request.
            answers: where the child that is forked for the request writes to.
        """
        with self._lock:
            try:
                socket.send_fds(self._ensure(), [message], [answers.fileno()])
            except OSError:  # it died since the last request, and nothing will answer
                self._end()
            return self._process

    def give_up(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Have the next request start another process than this one, which may be killed and not yet gone."""
        with self._lock:
            if self._process is process:
                self._end()

    def _ensure(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._requests is not None:
            return self._requests
        self._end()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                # Not with the current folder on its path, where checked code could read what belongs to the service.
                [sys.executable, "-P", "-m", "workerhost.code.check_process"],
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


def _environment() -> dict[str, str]:
    """Return this process's environment without our own secrets: what code raises in a check reaches the API."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
