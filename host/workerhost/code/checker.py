"""Checks builds in a warm child process, each with a time limit; project code never runs unchecked in the host."""

import contextlib
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict

from workerhost.code.build import Build
from workerhost.code.checks import CheckResult
from workerhost.errors import BuildRefusedError, WorkerhostError
from workerhost.model import BuildSummary, Problem

log = logging.getLogger(__name__)

WARM_UP_SECONDS = 60
"""How long a check waits for the warm process, which imports everything when it starts."""

TRIES = 3
"""How often a check is asked for where the warm process dies before it forks; other code may have killed it."""

CONCURRENT_CHECKS = 4
"""Checks at once, so that one project's endless loop does not keep the others waiting."""


class BuildChecker:
    """Owns the warm process. Safe to use from any thread; `check` blocks for at most its time limit.

    Args:
        timeout: seconds that one check may take.
        passthrough: packages that Temporal's sandbox takes from the process.
    """

    def __init__(self, timeout: float, passthrough: Iterable[str]) -> None:
        self._timeout = timeout
        self._passthrough = tuple(passthrough)
        self._slots = threading.BoundedSemaphore(CONCURRENT_CHECKS)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def start(self) -> None:
        """Start the warm process now, so that the first check need not wait for its imports."""
        with self._lock:
            self._ensure_process()

    def check(self, build: Build) -> BuildSummary:
        """Check a build and return what it defines.

        Raises:
            BuildRefusedError: it must not run; the problems say why.
        """
        with self._slots:
            result = self._ask(build)
        if result.problems:
            raise BuildRefusedError(tuple(result.problems))
        return BuildSummary(
            project_id=build.project_id,
            id=build.id,
            modules=dict(build.modules),
            workflow_types=tuple(result.workflow_types),
            activity_names=tuple(result.activity_names),
            versions=build.versions,
        )

    def stop(self) -> None:
        """End the warm process; a later check starts a new one."""
        with self._lock:
            self._end_process()

    def _ask(self, build: Build) -> CheckResult:
        body = json.dumps({"build": asdict(build), "passthrough": self._passthrough}).encode()
        for _ in range(TRIES):
            ours, theirs = socket.socketpair()
            with ours:
                with theirs:
                    process = self._send(str(len(body)).encode(), theirs)
                result = _exchange(ours, body, self._timeout)
            if result is not None:
                return result
            self._give_up(process)
        raise WorkerhostError("the process that checks code ended before it began, again and again")

    def _send(self, message: bytes, answers: socket.socket) -> "subprocess.Popen[bytes] | None":
        """Send a request to the warm process, and return the process that it went to."""
        with self._lock:
            try:
                socket.send_fds(self._ensure_process(), [message], [answers.fileno()])
            except OSError:  # it died since the last check, and nothing will answer
                self._end_process()
            return self._process

    def _give_up(self, process: "subprocess.Popen[bytes] | None") -> None:
        """Have the next try start another process: one that was killed takes a moment to be gone."""
        with self._lock:
            if self._process is process:
                self._end_process()

    def _ensure_process(self) -> socket.socket:
        if self._process is not None and self._process.poll() is None and self._requests is not None:
            return self._requests
        self._end_process()
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "workerhost.code.check_process"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=_environment(),
            )
        return self._requests

    def _end_process(self) -> None:
        if self._requests is not None:
            self._requests.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._requests = self._process = None


def _environment() -> dict[str, str]:
    """Return this process's environment without our own secrets: what code raises in a check reaches the API."""
    return {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("TEMPORAL_")
    }


def _exchange(connection: socket.socket, body: bytes, timeout: float) -> CheckResult | None:
    """Send one request to its child and wait for the result, or for the end of its time.

    The time runs from the child's first word on: before it, the warm process may still be importing. None where there
    never was a child, because the warm process died.
    """
    deadline = time.monotonic() + WARM_UP_SECONDS
    received, process_id = b"", None
    try:
        connection.settimeout(WARM_UP_SECONDS)
        connection.sendall(body)
        while True:
            connection.settimeout(max(0.001, deadline - time.monotonic()))
            chunk = connection.recv(65536)
            received += chunk
            if process_id is None and b"\n" in received:
                head, _, received = received.partition(b"\n")
                process_id, deadline = int(head), time.monotonic() + timeout
            if not chunk:
                break
    except TimeoutError:
        reason = f"importing the code did not end within {timeout:g} s; code at module level must not wait or loop"
        return CheckResult(problems=[Problem(reason)])
    except OSError:
        received = b""
    finally:
        if process_id is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process_id, signal.SIGKILL)
    if process_id is None:
        return None
    if not received:
        return CheckResult(problems=[Problem("the code ended the Python process that imported it")])
    return CheckResult.from_json(json.loads(received))
